//! The state of one pass over a table, and what reductions do with it: windows, slots, rows of groups.

use super::bundle::{Bundle, Form, Reading, lane_cells};
use super::group::Groups;
use super::plan::Plans;
use super::reduce::{Slots, number};
use super::spec::{AggregateSpec, Reducer};
use super::timeline::{Ticks, Timeline};
use super::totals::{MAX_ROWS, Part, Totals, too_many_rows};
use super::window::{Span, Windows};
use super::work::{Work, weight};
use crate::model::error::{Error, ErrorCode};
use crate::model::kind::Kind;
use crate::number::exact::Sum;
use crate::table::{Cell, Columns};

/// Consecutive rows of one window, whose numbers are added together.
#[derive(Default)]
pub(super) struct RowBatch {
    pub slot: usize,
    /// For each row: the index of its first number, and its ticks.
    pub rows: Vec<(u32, Ticks)>,
}

/// Faults found so far. The first message in alphabetical order is reported, so that the order of records does not change the error.
#[derive(Default)]
pub(super) struct ReportedTwice {
    message: Option<String>,
}

impl ReportedTwice {
    pub fn is_found(&self) -> bool {
        self.message.is_some()
    }

    #[cold]
    pub fn note(&mut self, message: String) {
        if self.message.as_ref().is_none_or(|least| message < *least) {
            self.message = Some(message);
        }
    }

    /// # Errors
    /// `incompatible-aggregation` if a fault was found.
    pub fn refuse(&mut self) -> Result<(), Error> {
        match self.message.take() {
            None => Ok(()),
            Some(message) => Err(Error::new(ErrorCode::IncompatibleAggregation, message)),
        }
    }
}

/// The state of an aggregation.
pub(super) struct Pass<'t> {
    pub columns: &'t Columns,
    pub spec: &'t AggregateSpec,
    pub timeline: Timeline,
    pub windows: Windows<'t>,
    pub plans: Plans<'t>,
    pub groups: Groups<'t>,
    /// The requested period in ticks, half-open.
    pub range: (Ticks, Ticks),
    pub slots: Slots,
    pub batch: RowBatch,
    pub twice: ReportedTwice,
    pub totals: Totals,
    /// For each period: the window that it starts in.
    pub first: Vec<Option<Span>>,
    pub work: Work,
    /// The additional work for the big integers of the current reading, for each window.
    pub heavy: u64,
}

impl Pass<'_> {
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
                    // The integral of the level, or a mean over the time that the group covers.
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

    /// The additional work for the big integers of a reading, for each window.
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
                self.slots.extend(slot, from, edges);
            }
            slot
        };
        self.slots.get(slot).0.touch(reading);
        Ok(slot)
    }

    /// The slot for records without a time.
    pub fn timeless_slot(&mut self, bundle: &Bundle, reading: u32) -> usize {
        let variant = bundle.readings[reading as usize].variant;
        let slot = self.slots.at(variant, Span::TIMELESS.label, 0, 0);
        self.slots.get(slot).0.touch(reading);
        slot
    }

    /// Whether records without a time count: they do not if a period is requested.
    pub fn timeless_counts(&self) -> bool {
        self.range == (Ticks::MIN, Ticks::MAX)
    }

    /// Whether an instant is in the requested period.
    pub fn is_in_range(&self, t: Ticks) -> bool {
        (self.range.0..self.range.1).contains(&t)
    }

    /// Refuses an interval with more windows than an output may have rows.
    pub fn check_stretch(&self, from: Ticks, to: Ticks) -> Result<(), Error> {
        let seconds = (to - from) / self.timeline.per_second();
        if seconds / i128::from(self.windows.usual_seconds()) > MAX_ROWS as i128 {
            return Err(too_many_rows());
        }
        Ok(())
    }

    /// The quantity of a reading in a lane, in the unit of its group; `None` if it is unknown.
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

fn counted(records: u64) -> Sum {
    Sum::from(i128::from(records))
}
