//! Compares a total that a row states with the sum of its parts (docs/design.md#checks).

use super::columns::Columns;
use crate::model::provider::{Format, StatedTotal};
use crate::model::record::Check;
use crate::number::decimal::Decimal;
use crate::number::exact::Sum;
use crate::number::wide::Wide;

/// The checks of all rows that have a total and all its parts ([`Format::stated_total`]).
pub fn stated_totals(columns: &Columns) -> Vec<Check> {
    Format::ALL
        .into_iter()
        .filter_map(|format| Some(checks_of(columns, format, format.stated_total()?)))
        .flatten()
        .collect()
}

fn checks_of(columns: &Columns, format: Format, stated: StatedTotal) -> Vec<Check> {
    let fields_of = |metric: &str| -> Vec<bool> {
        columns.fields.iter().map(|field| field.format == format && *field.metric == *metric).collect()
    };
    let totals = fields_of(stated.total);
    if !totals.contains(&true) {
        return Vec::new();
    }
    let parts = stated.parts.map(fields_of);
    let mut checks = Vec::new();
    for row in &columns.rows {
        // If a field occurs twice, the last one is in the total (docs/formats.md#onapp-fields).
        let last = |fields: &[bool]| columns.views_of(row).filter(|view| fields[view.field_code as usize]).last();
        let cost = |fields: &[bool]| last(fields)?.numbers().1;
        let (Some(total), [Some(one), Some(other)]) = (last(&totals), [cost(&parts[0]), cost(&parts[1])]) else {
            continue;
        };
        let Some(expected) = total.numbers().1 else {
            continue;
        };
        let mut sum = Sum::ZERO;
        sum.add(&one);
        sum.add(&other);
        let actual = sum.to_decimal();
        checks.push(Check {
            name: stated.total.into(),
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
