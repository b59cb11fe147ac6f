//! The rows of the output while they are computed: adds the series of each group and window.

use super::cover::Cover;
use super::group::{Groups, OutputGroup};
use super::places::Places;
use super::plan::{FieldGroup, Plans};
use super::reduce::Slot;
use super::row::AggregateRow;
use super::spec::{AggregateSpec, Reducer, Window};
use super::timeline::{Ticks, Timeline};
use super::window::Span;
use super::work::{Work, weight};
use crate::collections::{Grouped, sort};
use crate::model::error::{Error, ErrorCode};
use crate::model::kind::Kind;
use crate::number::decimal::Decimal;
use crate::number::exact::{Fractions, Sum, divides_evenly};

/// The most rows of one aggregation. More would be a mistake in the window, or an attack.
pub(super) const MAX_ROWS: usize = 1 << 20;

/// The rows of an aggregation.
#[derive(Default)]
pub(super) struct Totals {
    places: Places,
    rows: Vec<Total>,
}

struct Total {
    group: u32,
    label: i64,
    from: Ticks,
    to: Ticks,
    quantity: Fractions,
    /// For a mean over time: the integral of the levels, and the time at which at least one series is known.
    over_time: Option<(Sum, Cover)>,
    known: bool,
    cost: Option<Sum>,
    records: u64,
    resources: u64,
    /// The resource that was counted last. The series of one resource are consecutive.
    resource: Option<u32>,
    series: u64,
    covered: Ticks,
    gap: Ticks,
}

/// The result of one series in one window.
pub(super) struct Part<'p> {
    pub slot: &'p Slot,
    pub resource: u32,
    /// Numerator and denominator; `None` if the quantity is unknown.
    pub quantity: Option<(Sum, u128)>,
    /// The times by which the quantity (with denominator one) is divided, together with those of the group's other series.
    pub known: Option<&'p Cover>,
    pub cost: Option<&'p Sum>,
    /// Ticks of the window, inside the requested period, that the series does not cover. For the window `all` they are known only at the end.
    pub gap: Ticks,
}

impl Totals {
    pub fn add(&mut self, group: u32, part: Part) -> Result<(), Error> {
        let Self { places, rows } = self;
        let slot = part.slot;
        let i = places.row(group, slot.label);
        if i as usize == rows.len() {
            rows.push(Total {
                group,
                label: slot.label,
                from: slot.from,
                to: slot.to,
                quantity: Fractions::default(),
                over_time: None,
                known: false,
                cost: None,
                records: 0,
                resources: 0,
                resource: None,
                series: 0,
                covered: 0,
                gap: 0,
            });
        }
        if rows.len() > MAX_ROWS {
            return Err(too_many_rows());
        }
        let row = &mut rows[i as usize];
        row.from = row.from.min(slot.from);
        row.to = row.to.max(slot.to);
        if let Some((numerator, denominator)) = &part.quantity {
            match (part.known, &mut row.over_time) {
                (None, _) => row.quantity.add(numerator, *denominator),
                (Some(known), Some((sum, all))) => {
                    sum.add_sum(numerator);
                    all.join(known);
                }
                (Some(known), none) => *none = Some((numerator.clone(), known.clone())),
            }
            row.known = true;
        }
        if let Some(cost) = part.cost {
            row.cost.get_or_insert(Sum::ZERO).add_sum(cost);
        }
        row.records += slot.records;
        if row.resource != Some(part.resource) {
            row.resource = Some(part.resource);
            row.resources += 1;
        }
        row.series += 1;
        row.covered += slot.covered;
        row.gap += part.gap;
        Ok(())
    }

    /// Passes the rows to `give`, in the order of the output.
    ///
    /// # Errors
    /// `limit-exceeded` if the digits of their numbers exceed the work that is left.
    pub fn write_rows(
        &self,
        groups: &Groups,
        plans: &Plans,
        timeline: &Timeline,
        spec: &AggregateSpec,
        work: &mut Work,
        give: &mut dyn FnMut(AggregateRow),
    ) -> Result<(), Error> {
        let groups = groups.in_output_order(plans, spec);
        let majors: Vec<u32> = self.rows.iter().map(|row| groups[row.group as usize].major).collect();
        let mut order = Grouped::new(&majors, groups.len());
        let place = |row: u32| {
            let row = &self.rows[row as usize];
            (row.label != Span::TIMELESS.label, row.from, groups[row.group as usize].place, row.label)
        };
        for major in 0..order.groups() {
            let rows = order.of_mut(major);
            if !rows.is_sorted_by_key(|row| place(*row)) {
                sort(rows, &|a, b| place(a).cmp(&place(b)));
            }
        }
        let remainders = self.remainders(&groups, timeline, spec, work)?;
        let output_row = |i: u32| {
            let row = &self.rows[i as usize];
            let remainder = remainders.get(row.group as usize).filter(|remainder| remainder.row == i);
            let group = &groups[row.group as usize];
            let has_time = row.label != Span::TIMELESS.label;
            let gap = if row.label == Span::ALL.label && spec.window == Window::All {
                (row.to - row.from) * Ticks::from(row.series) - row.covered
            } else {
                row.gap
            };
            AggregateRow {
                group: group.head.clone(),
                start: has_time.then(|| timeline.instant(row.from)),
                end: has_time.then(|| timeline.instant(row.to)),
                quantity: row.known.then(|| match remainder {
                    Some(remainder) => remainder.quantity.to_decimal(),
                    None => quantity(row, group.of_field, timeline, spec),
                }),
                cost: row.cost.as_ref().map(Sum::to_decimal),
                records: row.records,
                resources: row.resources,
                covered_seconds: timeline.length(row.covered),
                gap_seconds: timeline.length(gap),
            }
        };
        for &row in order.all() {
            let row = output_row(row);
            work.charge([&row.quantity, &row.cost].into_iter().flatten().map(|n| weight(n.wide_bits())).sum())?;
            give(row);
        }
        Ok(())
    }

    /// For each group whose rows are sums in a unit that does not divide evenly: the value of its last row. Rows
    /// are rounded one by one, and would not add up to the row of the window `all` otherwise. Empty if there is no such group.
    fn remainders(
        &self,
        groups: &[OutputGroup],
        timeline: &Timeline,
        spec: &AggregateSpec,
        work: &mut Work,
    ) -> Result<Vec<Remainder>, Error> {
        let is_sum = |of: &FieldGroup| {
            matches!((of.kind, of.reducer), (_, Reducer::Sum) | (Kind::Gauge, Reducer::Integral))
                && !divides_evenly(of.divisor)
        };
        if spec.window == Window::All || !groups.iter().any(|group| is_sum(group.of_field)) {
            return Ok(Vec::new());
        }
        let mut remainders = vec![Remainder { row: u32::MAX, quantity: Sum::ZERO }; groups.len()];
        let rows = || {
            let counts = |row: &Total| {
                row.known && row.label != Span::TIMELESS.label && is_sum(groups[row.group as usize].of_field)
            };
            self.rows.iter().enumerate().filter(move |(_, row)| counts(row))
        };
        let place = |row: u32| self.rows.get(row as usize).map(|row| (row.from, row.label));
        for (i, row) in rows() {
            let of_group = &mut remainders[row.group as usize];
            of_group.quantity.add_sum(row.quantity.whole().unwrap_or(&Sum::ZERO));
            if place(i as u32) > place(of_group.row) {
                of_group.row = i as u32;
            }
        }
        for (of_group, group) in remainders.iter_mut().zip(groups).filter(|(of_group, _)| of_group.row != u32::MAX) {
            let mut all = Fractions::default();
            all.add(&of_group.quantity, 1);
            of_group.quantity = Sum::ZERO;
            of_group.quantity.add(&all.round(factor(group.of_field, timeline), spec.fraction_digits));
        }
        for (i, row) in rows() {
            let of_group = &mut remainders[row.group as usize];
            if of_group.row != i as u32 {
                let rounded = quantity(row, groups[row.group as usize].of_field, timeline, spec);
                work.charge(weight(rounded.wide_bits()))?;
                of_group.quantity.take(&rounded);
            }
        }
        Ok(remainders)
    }
}

/// The part of a group's rounded sum that its other rows leave.
#[derive(Clone)]
struct Remainder {
    /// The last row in time, which gets it.
    row: u32,
    quantity: Sum,
}

/// The factor from the numbers of a row to its unit.
fn factor(of: &FieldGroup, timeline: &Timeline) -> (u128, u128) {
    let ticks = timeline.per_second() as u128;
    match (of.kind, of.reducer) {
        (Kind::Gauge, Reducer::Integral) => (1, of.divisor * ticks),
        (Kind::Integral, Reducer::Mean) => (ticks, of.divisor),
        _ => (1, of.divisor),
    }
}

fn quantity(row: &Total, of: &FieldGroup, timeline: &Timeline, spec: &AggregateSpec) -> Decimal {
    let factor = factor(of, timeline);
    match &row.over_time {
        None => row.quantity.round(factor, spec.fraction_digits),
        Some((sum, known)) => {
            let mut all = row.quantity.clone();
            all.add(sum, known.length() as u128);
            all.round(factor, spec.fraction_digits)
        }
    }
}

#[cold]
pub(super) fn too_many(what: &str) -> Error {
    let message = format!("more than {what}: use longer windows, fewer keys, or a shorter period in `where`");
    Error::new(ErrorCode::LimitExceeded, message)
}

#[cold]
pub(super) fn too_many_rows() -> Error {
    too_many(&format!("{MAX_ROWS} rows"))
}
