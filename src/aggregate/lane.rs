//! Reduces series one by one, if they cannot be reduced together.

use std::cmp::Ordering;

use super::bundle::{Bundle, Form, NO_NEXT, Reading};
use super::pass::Pass;
use super::plan::{Accumulation, FieldPlan};
use super::reduce::{by_sum, by_value};
use super::series::ShapePlan;
use crate::collections::{Pairs, ordered};
use crate::model::error::Error;
use crate::model::kind::Kind;
use crate::model::provider::Format;
use crate::model::unit::Unit;
use crate::table::{Cell, Columns, Measures};

/// The readings of the series of one resource key. Its memory is reused for the next key.
#[derive(Default)]
pub(super) struct Lanes {
    /// For each series code: its index in `lanes`, plus one.
    of_series: Vec<u32>,
    lanes: Vec<Lane>,
    used: usize,
}

#[derive(Default)]
struct Lane {
    series: u32,
    step: Option<Accumulation>,
    readings: Vec<Reading>,
    /// The groups of the series: nearly always one.
    groups: Vec<u32>,
    variants: Pairs,
}

impl Lanes {
    /// Adds the readings of all series of these rows, without the fields that are already reduced.
    pub fn gather(
        &mut self,
        pass: &mut Pass,
        rows: &[u32],
        shapes: &[ShapePlan],
        replaced: &[bool],
        is_done: &dyn Fn(&FieldPlan) -> bool,
    ) {
        for &row in rows {
            let of_row = pass.columns.rows[row as usize];
            for column in shapes[of_row.shape as usize].columns() {
                let plan = pass.plans.of(column.field);
                if is_done(plan) {
                    continue;
                }
                let is_gauge = plan.kind == Kind::Gauge;
                let mut reading = Reading {
                    row,
                    period: of_row.period,
                    cell: of_row.first_cell + column.cell,
                    field: column.field,
                    variant: 0,
                    next: NO_NEXT,
                    measures: plan.measures,
                    is_level: false,
                    is_flow: false,
                    is_replaced: replaced.get((of_row.first_record + column.slot) as usize).copied().unwrap_or(false),
                };
                let (quantity, cost) = pass.lane_cells(&reading);
                let has_cost = !matches!(cost, Cell::Null);
                reading.is_level = is_gauge && !(matches!(quantity, Cell::Null) && has_cost);
                reading.is_flow = !is_gauge || has_cost;
                let group = pass.groups.code(of_row.resource_key, plan, plan.measures.has_cost());
                let lane = self.lane(plan);
                reading.variant = lane.variant(group);
                lane.readings.push(reading);
            }
        }
    }

    fn lane(&mut self, plan: &FieldPlan) -> &mut Lane {
        let series = plan.series as usize;
        if series >= self.of_series.len() {
            self.of_series.resize(series + 1, 0);
        }
        if self.of_series[series] == 0 {
            if self.used == self.lanes.len() {
                self.lanes.push(Lane::default());
            }
            let lane = &mut self.lanes[self.used];
            lane.series = plan.series;
            lane.step = Some(plan.step);
            lane.readings.clear();
            lane.groups.clear();
            lane.variants = Pairs::default();
            self.used += 1;
            self.of_series[series] = self.used as u32;
        }
        &mut self.lanes[self.of_series[series] as usize - 1]
    }
}

impl Lane {
    fn variant(&mut self, group: u32) -> u32 {
        let next = self.groups.len() as u32;
        if self.groups.last() == Some(&group) {
            return next - 1;
        }
        let variant = self.variants.of(group.into(), 0, next);
        if variant == next {
            self.groups.push(group);
        }
        variant
    }
}

/// Reduces every series that was gathered, and removes them.
pub(super) fn reduce_all(pass: &mut Pass, lanes: &mut Lanes, resource: u32) -> Result<(), Error> {
    for lane in &mut lanes.lanes[..lanes.used] {
        lanes.of_series[lane.series as usize] = 0;
        put_in_order(pass, &mut lane.readings);
        pass.check_lane(&lane.readings, lane.groups.len());
        if pass.twice.is_found() {
            continue;
        }
        let bundle = Bundle {
            readings: &lane.readings,
            form: Form::Lane(lane.step.unwrap_or(Accumulation::Count)),
            groups: &lane.groups,
            resource,
        };
        pass.reduce(&bundle)?;
    }
    lanes.used = 0;
    Ok(())
}

/// Sorts readings of one time in an order that does not depend on the order of reading, and notes for each the level
/// that ends it.
fn put_in_order(pass: &Pass, readings: &mut Vec<Reading>) {
    let start = |reading: &Reading| pass.timeline.moments[reading.period as usize].start;
    if readings.windows(2).any(|pair| start(&pair[0]) == start(&pair[1])) {
        let order =
            ordered(readings.len(), &|a, b| by_time_and_value(pass, &readings[a as usize], &readings[b as usize]));
        *readings = order.into_iter().map(|i| readings[i as usize]).collect();
    }
    let mut next = NO_NEXT;
    for (i, reading) in readings.iter_mut().enumerate().rev() {
        reading.next = next;
        if reading.is_level {
            next = i as u32;
        }
    }
}

/// The start; whether another record counts instead (a record that counts must come after it, to apply); the end;
/// quantity; cost; and then anything else that distinguishes two readings in a group.
fn by_time_and_value(pass: &Pass, a: &Reading, b: &Reading) -> Ordering {
    let moment = |r: &Reading| pass.timeline.moments[r.period as usize];
    (moment(a).start, !a.is_replaced, moment(a).rank)
        .cmp(&(moment(b).start, !b.is_replaced, moment(b).rank))
        .then_with(|| by_sum(pass.lane_quantity(a), pass.lane_quantity(b)))
        .then_with(|| by_value(pass.lane_cells(a).1, pass.lane_cells(b).1))
        .then_with(|| moment(a).offset.cmp(&moment(b).offset))
        .then_with(|| identity(pass.columns, a).cmp(&identity(pass.columns, b)))
}

/// The properties of a reading that its group may depend on, within its series.
fn identity<'t>(
    columns: &'t Columns,
    reading: &Reading,
) -> (Option<&'t str>, Option<&'t str>, Format, Option<Unit>, Measures) {
    let resource_key = &columns.resource_keys[columns.rows[reading.row as usize].resource_key as usize];
    let field = &columns.fields[reading.field as usize];
    (resource_key.resource_type.as_deref(), resource_key.currency.as_deref(), field.format, field.unit, field.measures)
}
