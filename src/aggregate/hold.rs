//! Levels: how long each one applies, and its value in each window (docs/design.md#aggregation).

use super::bundle::{Bundle, Form, NO_NEXT};
use super::pass::Pass;
use super::reduce::number;
use super::timeline::{Moment, Ticks};
use super::window::Span;
use crate::model::error::Error;
use crate::table::Cell;

impl Pass<'_> {
    /// Puts a level into every window in which it applies.
    ///
    /// It applies to its own end or to the next reading of its series, whichever comes first. The last instant applies as long
    /// as the level before it; a single instant covers no time. Of two readings at one time, the later in the
    /// order of readings applies; the other only counts as a record.
    pub(super) fn hold(&mut self, bundle: &Bundle, i: u32, held_before: &mut Option<Ticks>) -> Result<(), Error> {
        let reading = &bundle.readings[i as usize];
        let moment = self.timeline.moments[reading.period as usize];
        let Some(start) = moment.start else {
            if !reading.is_replaced && self.timeless_counts() {
                let slot = self.timeless_slot(bundle, i);
                self.point(bundle, i, slot);
            }
            return Ok(());
        };
        let next = self.next(bundle, reading.next);
        if next.is_some_and(|next| next.start == Some(start)) {
            if !reading.is_replaced && self.is_in_range(start) {
                let span = self.first_window(reading.period)?;
                self.slot(bundle, i, span, start, start)?;
            }
            return Ok(());
        }
        let until_next = next.and_then(|next| next.start);
        let end = match (moment.end, until_next) {
            (Some(end), Some(next)) => end.min(next),
            (Some(end), None) => end,
            (None, Some(next)) => next,
            (None, None) => start + held_before.unwrap_or(0),
        };
        *held_before = Some(end - start);
        if reading.is_replaced {
            return Ok(());
        }
        if end == start {
            if self.is_in_range(start) {
                let span = self.first_window(reading.period)?;
                let slot = self.slot(bundle, i, span, start, start)?;
                self.point(bundle, i, slot);
            }
            return Ok(());
        }
        // A level that applies until the next reading ends by the clock of that reading: the
        // change of the clock lies between the two.
        let clock = next.filter(|_| until_next == Some(end)).map_or(moment.offset, |next| next.offset);
        self.hold_pieces(bundle, i, (start, end), clock)
    }

    fn next(&self, bundle: &Bundle, next: u32) -> Option<Moment> {
        (next != NO_NEXT).then(|| self.timeline.moments[bundle.readings[next as usize].period as usize])
    }

    fn hold_pieces(&mut self, bundle: &Bundle, i: u32, (start, end): (Ticks, Ticks), clock: i32) -> Result<(), Error> {
        let reading = &bundle.readings[i as usize];
        let (mut from, to) = (start.max(self.range.0), end.min(self.range.1));
        if from >= to {
            return Ok(());
        }
        let first = from;
        let mut span = if from == start {
            let span = self.first_window(reading.period)?;
            self.ended_by(span, reading.period, clock, start)
        } else {
            self.windows.at(self.timeline.second(from), clock)?
        };
        let value = if let Form::Lane(_) = bundle.form { self.lane_quantity(reading) } else { None };
        // In the wide form only known numbers are reduced.
        let is_known = value.is_some() || matches!(bundle.form, Form::Wide(_));
        loop {
            let cut = to.min(self.timeline.of_seconds(span.to));
            let slot = self.slot(bundle, i, span, from, cut)?;
            let (of_slot, numbers) = self.slots.get(slot);
            of_slot.cover(from, cut, is_known);
            match bundle.form {
                Form::Wide(columns) => self.take_row(columns, slot, reading.cell, cut - from),
                Form::Lane(step) => numbers[0].hold_sum(step, value.as_ref(), cut - from),
            }
            if cut == to {
                return Ok(());
            }
            if from == first {
                self.check_stretch(from, to)?;
            }
            from = cut;
            span = self.windows.at(span.to, clock)?;
        }
    }

    /// A `source` window whose end has another offset than its start.
    fn ended_by(&self, span: Span, period: u32, clock: i32, start: Ticks) -> Span {
        let own = self.timeline.moments[period as usize].offset;
        if !self.windows.is_source() || span == Span::ALL || own == clock {
            return span;
        }
        let to = span.to + i64::from(own) - i64::from(clock);
        if self.timeline.of_seconds(to) > start { Span { to, ..span } } else { span }
    }

    fn point(&mut self, bundle: &Bundle, i: u32, slot: usize) {
        let reading = &bundle.readings[i as usize];
        match bundle.form {
            Form::Wide(columns) => {
                self.settle(columns);
                let (_, numbers) = self.slots.get(slot);
                for (of_series, column) in numbers.iter_mut().zip(columns) {
                    match self.columns.cells.small((reading.cell + column.cell) as usize) {
                        Cell::Null => {}
                        cell => of_series.point(column.step, &number(cell).times(column.factor)),
                    }
                }
            }
            Form::Lane(step) => {
                if let Some(value) = self.lane_quantity(reading) {
                    self.slots.get(slot).1[0].point(step, &value);
                }
            }
        }
    }
}
