//! Compares a metric that a row states with the sum of others of that row (docs/design.md#checks).

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::columns::Columns;
use super::parts::Measures;
use super::view::RecordView;
use crate::model::provider::Format;
use crate::model::record::Check;
use crate::number::decimal::Decimal;
use crate::number::exact::Sum;
use crate::number::wide::Wide;

/// A metric of each row of a format, which must be the sum of others of that row.
#[derive(Clone, Debug)]
pub struct RowSum {
    pub format: Format,
    /// The name of the check.
    pub name: Box<str>,
    pub metric: Box<str>,
    /// Each metric once.
    pub of: Box<[Box<str>]>,
    /// Significant digits that must agree; `None`: all.
    pub digits: Option<usize>,
}

/// A check of the rows of one shape: the places of its metrics in the row.
struct ShapeCheck<'s> {
    sum: &'s RowSum,
    stated: usize,
    parts: Box<[usize]>,
}

/// The checks of all rows that have the stated metric and all metrics that it must be the sum of.
pub fn row_checks(columns: &Columns, sums: &[RowSum]) -> Vec<Check> {
    if sums.is_empty() {
        return Vec::new();
    }
    let by_shape = checks_by_shape(columns, sums);
    let (mut checks, mut views) = (Vec::new(), Vec::new());
    for row in &columns.rows {
        let of_shape = &by_shape[row.shape as usize];
        if !of_shape.is_empty() {
            views.clear();
            views.extend(columns.views_of(row));
            checks.extend(of_shape.iter().filter_map(|check| check.compare(&views)));
        }
    }
    checks
}

fn checks_by_shape<'s>(columns: &Columns, sums: &'s [RowSum]) -> Vec<Vec<ShapeCheck<'s>>> {
    // Where metrics are used: the check, and the place in `of`; the stated metric comes behind all of `of`.
    let mut uses: HashMap<(Format, &str), Vec<(usize, usize)>, RandomState> = HashMap::default();
    for (number, sum) in sums.iter().enumerate() {
        for (place, metric) in sum.of.iter().chain([&sum.metric]).enumerate() {
            uses.entry((sum.format, &**metric)).or_default().push((number, place));
        }
    }
    let of_shape = |fields: &[u32]| {
        let mut found: HashMap<(usize, usize), usize, RandomState> = HashMap::default();
        for (slot, &field) in fields.iter().enumerate() {
            let field = &columns.fields[field as usize];
            // Of a metric that a row has twice the last counts.
            let uses = uses.get(&(field.format, &*field.metric)).into_iter().flatten();
            found.extend(uses.map(|&used| (used, slot)));
        }
        let check = |(number, sum): (usize, &'s RowSum)| {
            let slot = |place| found.get(&(number, place)).copied();
            let stated = slot(sum.of.len())?;
            let parts = (0..sum.of.len()).map(slot).collect::<Option<_>>()?;
            Some(ShapeCheck { sum, stated, parts })
        };
        sums.iter().enumerate().filter_map(check).collect()
    };
    columns.shapes.iter().map(|shape| of_shape(shape)).collect()
}

impl ShapeCheck<'_> {
    /// `None`: a number is unknown. Costs are compared with costs, quantities with quantities.
    fn compare(&self, views: &[RecordView<'_>]) -> Option<Check> {
        let stated = &views[self.stated];
        let is_cost = stated.field().measures == Measures::Cost;
        let number = |view: &RecordView<'_>| if is_cost { view.numbers().1 } else { view.numbers().0 };
        let expected = number(stated)?;
        let mut sum = Sum::ZERO;
        for part in &self.parts {
            sum.add(&number(&views[*part])?);
        }
        let actual = sum.to_decimal();
        let ok = match self.sum.digits {
            Some(digits) => agree(&expected, &actual, digits),
            None => expected == actual,
        };
        let (name, pointer) = (self.sum.name.clone().into_string().into(), Some(stated.pointer()));
        Some(Check { name, ok, expected, actual, pointer })
    }
}

/// Whether two numbers differ by less than one unit of the larger one's last significant digit: where the provider
/// cuts its totals there, it may cut or round.
fn agree(a: &Decimal, b: &Decimal, digits: usize) -> bool {
    let ((a, a_scale), (b, b_scale)) = (a.to_parts(), b.to_parts());
    let scale = a_scale.max(b_scale);
    let a = &a * &Wide::power_of_ten(scale - a_scale);
    let b = &b * &Wide::power_of_ten(scale - b_scale);
    if a == b {
        return true;
    }
    let larger = a.abs().max(b.abs()).digits();
    let unit = Wide::power_of_ten(u32::try_from(larger.len().saturating_sub(digits)).unwrap_or(0));
    (&a - &b).abs() < unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_at_some_significant_digits() {
        let check =
            |a: &str, b: &str, digits| agree(&Decimal::parse(a, 76).unwrap(), &Decimal::parse(b, 76).unwrap(), digits);
        assert!(check("96500.0004196997", "96500.00041969971744038", 15));
        assert!(!check("96500.0004196997", "96500.00041969971744038", 16));
        assert!(check("0", "0", 15));
        assert!(!check("96500.0004196997", "96500.0004196999", 15));
        assert!(!check("0.1", "0.2", 15));
        assert!(check("9", "9.9", 1) && !check("9", "10", 2) && check("-1.25", "-1.2", 2));
    }
}
