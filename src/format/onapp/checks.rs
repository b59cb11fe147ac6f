//! OnApp's own arithmetic: `total_cost` is `vm_cost` plus `user_resources_cost` (docs/formats.md#onapp-fields).

use crate::model::provider::Format;
use crate::model::record::Check;
use crate::number::decimal::Decimal;
use crate::number::exact::Sum;
use crate::number::wide::Wide;
use crate::table::Columns;

/// One check a `user_stat` that has all three of `total_cost`, `vm_cost` and `user_resources_cost`.
pub(crate) fn cost_checks(columns: &Columns) -> Vec<Check> {
    let metric = |name: &str| -> Vec<bool> {
        let is = |f: &crate::table::Field| f.format == Format::OnappUserStatistics && *f.metric == *name;
        columns.fields.iter().map(is).collect()
    };
    let (total, vm, resources) = (metric("cost.total"), metric("cost.vm"), metric("cost.user_resources"));
    if !total.contains(&true) {
        return Vec::new();
    }
    let mut checks = Vec::new();
    for row in &columns.rows {
        // Of a field that stands twice, the last is the one in the total (docs/formats.md#onapp-fields).
        let last = |is: &[bool]| columns.views_of(row).filter(|v| is[v.field_code as usize]).last();
        let (Some(total), Some(vm), Some(resources)) = (last(&total), last(&vm), last(&resources)) else {
            continue;
        };
        let (Some(expected), Some(vm), Some(resources)) = (total.numbers().1, vm.numbers().1, resources.numbers().1)
        else {
            continue;
        };
        let mut sum = Sum::ZERO;
        sum.add(&vm);
        sum.add(&resources);
        let actual = sum.to_decimal();
        checks.push(Check {
            name: "cost.total",
            ok: equal_at_15_digits(&expected, &actual),
            expected,
            actual,
            pointer: Some(total.pointer()),
        });
    }
    checks
}

/// Whether two numbers differ by less than one unit of the larger one's 15th significant digit: the provider
/// cuts its totals there, and may cut or round.
fn equal_at_15_digits(a: &Decimal, b: &Decimal) -> bool {
    let ((a, a_scale), (b, b_scale)) = (a.to_parts(), b.to_parts());
    let scale = a_scale.max(b_scale);
    let a = &a * &Wide::power_of_ten(scale - a_scale);
    let b = &b * &Wide::power_of_ten(scale - b_scale);
    if a == b {
        return true;
    }
    let larger = a.abs().max(b.abs()).digits();
    let unit = Wide::power_of_ten(u32::try_from(larger.len().saturating_sub(15)).unwrap_or(0));
    (&a - &b).abs() < unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(a: &str, b: &str) -> bool {
        equal_at_15_digits(&Decimal::parse(a, 76).unwrap(), &Decimal::parse(b, 76).unwrap())
    }

    #[test]
    fn totals_are_compared_at_fifteen_significant_digits() {
        assert!(equal("96500.0004196997", "96500.00041969971744038"));
        assert!(equal("0", "0"));
        assert!(!equal("96500.0004196997", "96500.0004196999"));
        assert!(!equal("0.1", "0.2"));
    }
}
