//! One pass over a table: adds each record of each series to its windows.

use super::breakdown;
use super::derive;
use super::group::Groups;
use super::lane::{self, Lanes};
use super::names;
use super::overlap::ToldTwice;
use super::plan::{FieldPlan, Plans, Step};
use super::reduce::{Slots, number};
use super::row::AggregateRow;
use super::run::Run;
use super::series::{Column, SeriesOrder, ShapePlan};
use super::spec::{AggregateSpec, Reducer};
use super::timeline::{Ticks, Timeline};
use super::totals::{MAX_ROWS, Part, Totals, too_many_rows};
use super::window::{Span, Windows};
use super::work::{Work, weight};
use super::zone::ZoneRules;
use crate::model::error::Error;
use crate::model::kind::Kind;
use crate::number::exact::Sum;
use crate::table::{Cell, Cells, Columns, Holds};

/// A record of the series in hand, or the records of one row where several series have the same times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub row: u32,
    pub period: u32,
    /// Where its numbers start.
    pub cell: u32,
    /// Code of its field. In the wide form each series has its own.
    pub field: u32,
    /// Which of the groups of its series it is in.
    pub variant: u32,
    /// The next reading that is a level, which ends this one; `NO_NEXT` where there is none.
    pub next: u32,
    pub holds: Holds,
    /// Its quantity is a level.
    pub is_level: bool,
    /// It has numbers of a period: a quantity that is no level, or a cost.
    pub is_flow: bool,
    /// Another record counts in its place; it ends the level before it all the same.
    pub is_replaced: bool,
}

pub(super) const NO_NEXT: u32 = u32::MAX;

/// Series that are reduced together.
pub(super) struct Bundle<'b> {
    pub readings: &'b [Reading],
    pub form: Form<'b>,
    /// By variant and series: code of the group.
    pub groups: &'b [u32],
    pub resource: u32,
}

/// How the numbers of a reading lie.
#[derive(Clone, Copy)]
pub(super) enum Form<'b> {
    /// One number a series, side by side in a row.
    Wide(&'b [Column]),
    /// One series; a quantity, a cost, or both.
    Lane(Step),
}

impl Bundle<'_> {
    pub fn width(&self) -> usize {
        match self.form {
            Form::Wide(columns) => columns.len(),
            Form::Lane(_) => 1,
        }
    }
}

/// An aggregation under way.
pub(super) struct Pass<'t> {
    pub columns: &'t Columns,
    pub spec: &'t AggregateSpec,
    pub timeline: Timeline,
    pub windows: Windows<'t>,
    pub plans: Plans<'t>,
    pub groups: Groups<'t>,
    /// The ticks that count, half-open.
    pub range: (Ticks, Ticks),
    pub slots: Slots,
    pub run: Run,
    pub twice: ToldTwice,
    totals: Totals,
    /// By period: the window it starts in.
    first: Vec<Option<Span>>,
    pub work: Work,
    /// What the big integers of the reading in hand cost in each window.
    heavy: u64,
}

/// Gives the rows of a table, in their order.
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
    let bound = |time: Option<crate::model::time::Instant>, otherwise| time.map_or(otherwise, |t| timeline.ticks(t));
    let mut pass = Pass {
        columns,
        spec,
        windows: Windows::new(spec, rules),
        plans: Plans::new(columns, &used_fields(columns, &groups), spec)?,
        groups,
        range: (bound(spec.filter.start, Ticks::MIN), bound(spec.filter.end, Ticks::MAX)),
        slots: Slots::default(),
        run: Run::default(),
        twice: ToldTwice::default(),
        totals: Totals::default(),
        first: vec![None; columns.periods.len()],
        work: Work::new(columns.cells.len()),
        heavy: 0,
        timeline,
    };
    pass.run()?;
    pass.totals.tell(&pass.groups, &pass.plans, &pass.timeline, spec, &mut pass.work, give)
}

/// By field: whether any record of it passes the filter of subjects.
fn used_fields(columns: &Columns, groups: &Groups) -> Vec<bool> {
    let mut shapes = vec![false; columns.shapes.len()];
    for row in &columns.rows {
        shapes[row.shape as usize] |= groups.counts(row.subject);
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
        let order = SeriesOrder::new(self.columns, &self.timeline, &self.groups, &shapes);
        let has_unknown = self.columns.cells.has_unknown();
        let mut lanes = Lanes::default();
        let mut readings = Vec::new();
        for (rows, resource) in order.subjects() {
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
            // Once usage that is reported twice was found, the rest is only checked.
            let is_found = self.twice.is_found();
            if wide_levels && !is_found {
                self.reduce_wide(rows, &shape.levels, true, resource, &mut readings)?;
            }
            if wide_flows && !is_found {
                self.reduce_wide(rows, &shape.flows, false, resource, &mut readings)?;
            }
            if !wide_levels || !wide_flows || !shape.both.is_empty() {
                let is_done = |plan: &FieldPlan| match (plan.holds, plan.kind) {
                    (Holds::Both, _) => false,
                    (Holds::Quantity, Kind::Gauge) => wide_levels,
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
                && (row.subject == first.subject || self.groups.are_alike(row.subject, first.subject))
        })
    }

    /// Whether no record of these rows has another in its place.
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
                shapes[row.shape as usize].iter().map(|&field| fields[field as usize].holds.cells()).sum();
            (0..count).all(|i| !cells.small(row.first_cell as usize + i).is_null())
        })
    }

    /// Whether no two rows start at the same time.
    fn starts_increase(&self, rows: &[u32]) -> bool {
        let start = |row: u32| self.timeline.moments[self.columns.rows[row as usize].period as usize].start;
        rows.windows(2).all(|pair| start(pair[0]) < start(pair[1]))
    }

    /// Reduces series that have a reading in each of the rows, side by side.
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
                holds: Holds::Quantity,
                is_level,
                is_flow: !is_level,
                is_replaced: false,
            }
        }));
        let subject = self.columns.rows[rows[0] as usize].subject;
        let Self { plans, groups, .. } = self;
        let groups: Vec<u32> =
            fields.iter().map(|column| groups.code(subject, plans.of(column.field), column.is_cost)).collect();
        self.reduce(&Bundle { readings, form: Form::Wide(fields), groups: &groups, resource })
    }

    /// Reduces the series of a bundle and adds them to the rows of their groups.
    pub fn reduce(&mut self, bundle: &Bundle) -> Result<(), Error> {
        self.slots.reset(bundle.width());
        let mut held_before = None;
        for (i, reading) in bundle.readings.iter().enumerate() {
            self.heavy = self.heaviness(bundle, reading);
            if reading.is_level {
                self.hold(bundle, i as u32, &mut held_before)?;
            }
            if reading.is_flow && !reading.is_replaced {
                self.flow(bundle, i as u32)?;
            }
        }
        if let Form::Wide(columns) = bundle.form {
            self.settle(columns);
        }
        self.add_up(bundle)
    }

    fn add_up(&mut self, bundle: &Bundle) -> Result<(), Error> {
        let slots = std::mem::take(&mut self.slots);
        for (slot, numbers) in slots.iter() {
            let groups = &bundle.groups[slot.variant as usize * numbers.len()..][..numbers.len()];
            let asked = slot.to.min(self.range.1) - slot.from.max(self.range.0);
            let gap = if self.windows.is_all() { 0 } else { (asked - slot.covered).max(0) };
            for (i, (number, &group)) in numbers.iter().zip(groups).enumerate() {
                let of_group = &self.plans.groups[self.groups.field(group) as usize];
                let is_cost = matches!(bundle.form, Form::Wide(columns) if columns[i].is_cost);
                let quantity = match (of_group.kind, of_group.reducer) {
                    (_, Reducer::Count) => Some((counted(slot.records), 1)),
                    _ if is_cost => None,
                    (Kind::Gauge, Reducer::Mean) if slot.known.is_empty() => {
                        number.points().map(|(sum, count)| (sum.clone(), u128::from(count)))
                    }
                    // The level over some time, or a mean over the time that the group covers.
                    (Kind::Gauge, Reducer::Mean | Reducer::Integral) | (Kind::Integral, Reducer::Mean) => {
                        (!slot.known.is_empty()).then(|| (number.sum().clone(), 1))
                    }
                    (_, reducer) => {
                        let count = if reducer == Reducer::Mean { u128::from(number.known()) } else { 1 };
                        (number.known() > 0).then(|| (number.sum().clone(), count))
                    }
                };
                let cost = if is_cost { (number.known() > 0).then(|| number.sum()) } else { number.cost() };
                let is_over_time = of_group.reducer == Reducer::Mean && of_group.kind != Kind::Delta;
                let known = Some(&slot.known).filter(|known| is_over_time && !is_cost && !known.is_empty());
                self.totals.add(group, Part { slot, resource: bundle.resource, quantity, known, cost, gap })?;
            }
        }
        self.slots = slots;
        Ok(())
    }

    /// What the big integers of a reading cost beyond others in each window.
    fn heaviness(&self, bundle: &Bundle, reading: &Reading) -> u64 {
        let cells = &self.columns.cells;
        if !cells.has_wide() {
            return 0;
        }
        let of = |cell: Cell| if let Cell::Wide(value) = cell { weight(value.wide_bits()) } else { 0 };
        match bundle.form {
            Form::Wide(columns) => {
                columns.iter().map(|column| of(cells.small((reading.cell + column.cell) as usize))).sum()
            }
            Form::Lane(_) => {
                let (quantity, cost) = self.lane_cells(reading);
                of(quantity) + of(cost)
            }
        }
    }

    /// The window that a period starts in. The period has a start.
    pub fn first_window(&mut self, period: u32) -> Result<Span, Error> {
        if let Some(span) = self.first[period as usize] {
            return Ok(span);
        }
        let moment = self.timeline.moments[period as usize];
        let second = self.timeline.second(moment.start.unwrap_or(0));
        let span = self.windows.at(second, moment.offset)?;
        self.first[period as usize] = Some(span);
        Ok(span)
    }

    /// The slot of a window for a piece [from, to) of a reading.
    pub fn slot(&mut self, bundle: &Bundle, reading: u32, span: Span, from: Ticks, to: Ticks) -> Result<usize, Error> {
        self.work.charge(bundle.width() as u64 + self.heavy)?;
        if (self.slots.len() + 1).saturating_mul(bundle.width()) > MAX_ROWS {
            return Err(too_many_rows());
        }
        let variant = bundle.readings[reading as usize].variant;
        let slot = if span == Span::ALL {
            let slot = self.slots.at(variant, span.label, from, to);
            let (of_slot, _) = self.slots.get(slot);
            of_slot.from = of_slot.from.min(from);
            of_slot.to = of_slot.to.max(to);
            slot
        } else {
            let edges = (self.timeline.of_seconds(span.from), self.timeline.of_seconds(span.to));
            let slot = self.slots.at(variant, span.label, edges.0, edges.1);
            if self.windows.is_source() {
                self.slots.meet(slot, from, edges);
            }
            slot
        };
        self.slots.get(slot).0.touch(reading);
        Ok(slot)
    }

    /// The slot for what has no time.
    pub fn timeless_slot(&mut self, bundle: &Bundle, reading: u32) -> usize {
        let variant = bundle.readings[reading as usize].variant;
        let slot = self.slots.at(variant, Span::TIMELESS.label, 0, 0);
        self.slots.get(slot).0.touch(reading);
        slot
    }

    /// Whether records without a time count: not where a period is asked for.
    pub fn timeless_counts(&self) -> bool {
        self.range == (Ticks::MIN, Ticks::MAX)
    }

    /// Whether an instant is in the period that counts.
    pub fn is_in_range(&self, t: Ticks) -> bool {
        (self.range.0..self.range.1).contains(&t)
    }

    /// Refuses a stretch of more windows than rows may be.
    pub fn check_stretch(&self, from: Ticks, to: Ticks) -> Result<(), Error> {
        let seconds = (to - from) / self.timeline.per_second();
        if seconds / i128::from(self.windows.usual_seconds()) > MAX_ROWS as i128 {
            return Err(too_many_rows());
        }
        Ok(())
    }

    /// The quantity of a reading in a lane, in the unit of its group; `None` where it is unknown.
    pub fn lane_quantity(&self, reading: &Reading) -> Option<Sum> {
        match self.lane_cells(reading).0 {
            Cell::Null => None,
            cell => Some(number(cell).times(self.plans.of(reading.field).factor)),
        }
    }

    /// The numbers of a reading in a lane.
    pub fn lane_cells(&self, reading: &Reading) -> (Cell<'_>, Cell<'_>) {
        lane_cells(&self.columns.cells, reading)
    }
}

/// The numbers of a reading in a lane: quantity and cost.
pub(super) fn lane_cells<'c>(cells: &'c Cells, reading: &Reading) -> (Cell<'c>, Cell<'c>) {
    let cell = reading.cell as usize;
    match reading.holds {
        Holds::Quantity => (cells.small(cell), Cell::Null),
        Holds::Cost => (Cell::Null, cells.small(cell)),
        Holds::Both => (cells.small(cell), cells.small(cell + 1)),
    }
}

fn counted(records: u64) -> Sum {
    Sum::from(i128::from(records))
}
