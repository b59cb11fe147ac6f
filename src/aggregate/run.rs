//! One aggregation: reduces each series to its windows, and returns the rows.

use super::breakdown;
use super::bundle::{Bundle, Form, NO_NEXT, Reading};
use super::derive;
use super::group::Groups;
use super::lane::{self, Lanes};
use super::names;
use super::pass::{Pass, ReportedTwice, RowBatch};
use super::plan::{FieldPlan, Plans};
use super::reduce::Slots;
use super::row::AggregateRow;
use super::series::{Column, SeriesOrder, ShapePlan};
use super::spec::AggregateSpec;
use super::timeline::{Ticks, Timeline};
use super::totals::Totals;
use super::window::Windows;
use super::work::Work;
use super::zone::ZoneRules;
use crate::model::error::Error;
use crate::model::kind::Kind;
use crate::model::time::Instant;
use crate::table::{Columns, Measures};

/// Computes the rows of a table, in the order of the output.
pub(super) fn run(
    columns: &Columns,
    spec: &AggregateSpec,
    rules: &dyn ZoneRules,
    give: &mut dyn FnMut(AggregateRow),
) -> Result<(), Error> {
    spec.check(rules)?;
    names::check(columns, spec)?;
    let with_derived;
    let columns = if spec.derive.is_empty() {
        columns
    } else {
        with_derived = derive::add(columns, spec)?;
        &with_derived
    };
    let groups = Groups::new(columns, spec);
    let timeline = Timeline::new(columns, [spec.filter.start, spec.filter.end]);
    let bound = |time: Option<Instant>, otherwise| time.map_or(otherwise, |t| timeline.ticks(t));
    let mut pass = Pass {
        columns,
        spec,
        windows: Windows::new(spec, rules),
        plans: Plans::new(columns, &used_fields(columns, &groups), spec)?,
        groups,
        range: (bound(spec.filter.start, Ticks::MIN), bound(spec.filter.end, Ticks::MAX)),
        slots: Slots::default(),
        batch: RowBatch::default(),
        twice: ReportedTwice::default(),
        totals: Totals::default(),
        first: vec![None; columns.periods.len()],
        work: Work::new(columns.cells.len()),
        heavy: 0,
        timeline,
    };
    pass.run()?;
    pass.totals.write_rows(&pass.groups, &pass.plans, &pass.timeline, spec, &mut pass.work, give)
}

/// For each field: whether the filter selects any of its records by their resource key.
fn used_fields(columns: &Columns, groups: &Groups) -> Vec<bool> {
    let mut shapes = vec![false; columns.shapes.len()];
    for row in &columns.rows {
        shapes[row.shape as usize] |= groups.counts(row.resource_key);
    }
    let mut fields = vec![false; columns.fields.len()];
    for (shape, _) in columns.shapes.iter().zip(shapes).filter(|(_, used)| *used) {
        shape.iter().for_each(|&field| fields[field as usize] = true);
    }
    fields
}

impl Pass<'_> {
    fn run(&mut self) -> Result<(), Error> {
        let shapes = ShapePlan::all(self.columns, &self.plans);
        let replaced = breakdown::replaced(self.columns, &self.timeline, &self.plans, &self.groups);
        self.check_formats(&replaced);
        self.twice.refuse()?;
        let order = SeriesOrder::new(self.columns, &self.timeline, &self.groups, &shapes, self.plans.providers);
        let has_unknown = self.columns.cells.has_unknown();
        let mut lanes = Lanes::default();
        let mut readings = Vec::new();
        for (rows, resource) in order.resource_keys() {
            let shape = &shapes[self.columns.rows[rows[0] as usize].shape as usize];
            let alike = !shape.repeats
                && self.are_alike(rows)
                && self.all_count(rows, &replaced)
                && (!has_unknown || self.all_known(rows));
            let is_apart = alike && self.are_apart(rows);
            if alike && !is_apart {
                self.check_rows(rows, shape);
            }
            let ordered = is_apart || (alike && self.starts_increase(rows));
            let wide_levels = ordered;
            let wide_flows = alike && (ordered || !(shape.flows_in_order || self.windows.is_source()));
            // After usage reported twice was found, the rest is only checked.
            let is_found = self.twice.is_found();
            if wide_levels && !is_found {
                self.reduce_wide(rows, &shape.levels, true, resource, &mut readings)?;
            }
            if wide_flows && !is_found {
                self.reduce_wide(rows, &shape.flows, false, resource, &mut readings)?;
            }
            if !wide_levels || !wide_flows || !shape.both.is_empty() {
                let is_done = |plan: &FieldPlan| match (plan.measures, plan.kind) {
                    (Measures::Both, _) => false,
                    (Measures::Quantity, Kind::Gauge) => wide_levels,
                    _ => wide_flows,
                };
                lanes.gather(self, rows, &shapes, &replaced, &is_done);
                lane::reduce_all(self, &mut lanes, resource)?;
            }
        }
        self.twice.refuse()
    }

    /// Whether all rows have the same fields and are in the same groups.
    fn are_alike(&self, rows: &[u32]) -> bool {
        let first = self.columns.rows[rows[0] as usize];
        rows.iter().all(|&row| {
            let row = &self.columns.rows[row as usize];
            row.shape == first.shape
                && (row.resource_key == first.resource_key
                    || self.groups.are_alike(row.resource_key, first.resource_key))
        })
    }

    /// Whether no record of these rows is replaced by another.
    fn all_count(&self, rows: &[u32], replaced: &[bool]) -> bool {
        replaced.is_empty()
            || rows.iter().all(|&row| {
                let row = &self.columns.rows[row as usize];
                let records = self.columns.shapes[row.shape as usize].len();
                !replaced[row.first_record as usize..][..records].contains(&true)
            })
    }

    /// Whether no number of these rows is unknown.
    fn all_known(&self, rows: &[u32]) -> bool {
        let Columns { fields, shapes, cells, .. } = self.columns;
        rows.iter().all(|&row| {
            let row = &self.columns.rows[row as usize];
            let count: usize =
                shapes[row.shape as usize].iter().map(|&field| fields[field as usize].measures.cells()).sum();
            (0..count).all(|i| !cells.small(row.first_cell as usize + i).is_null())
        })
    }

    /// Whether no two rows start at the same time.
    fn starts_increase(&self, rows: &[u32]) -> bool {
        let start = |row: u32| self.timeline.moments[self.columns.rows[row as usize].period as usize].start;
        rows.windows(2).all(|pair| start(pair[0]) < start(pair[1]))
    }

    /// Reduces all series that have a reading in each of the rows together.
    fn reduce_wide(
        &mut self,
        rows: &[u32],
        fields: &[Column],
        is_level: bool,
        resource: u32,
        readings: &mut Vec<Reading>,
    ) -> Result<(), Error> {
        if fields.is_empty() {
            return Ok(());
        }
        readings.clear();
        readings.extend(rows.iter().enumerate().map(|(i, &row)| {
            let of_row = &self.columns.rows[row as usize];
            Reading {
                row,
                period: of_row.period,
                cell: of_row.first_cell,
                field: fields[0].field,
                variant: 0,
                next: if i + 1 < rows.len() { i as u32 + 1 } else { NO_NEXT },
                measures: Measures::Quantity,
                is_level,
                is_flow: !is_level,
                is_replaced: false,
            }
        }));
        let resource_key = self.columns.rows[rows[0] as usize].resource_key;
        let Self { plans, groups, .. } = self;
        let groups: Vec<u32> =
            fields.iter().map(|column| groups.code(resource_key, plans.of(column.field), column.is_cost)).collect();
        self.reduce(&Bundle { readings, form: Form::Wide(fields), groups: &groups, resource })
    }
}
