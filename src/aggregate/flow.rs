//! Deltas, integrals and costs: the window in which each counts.

use super::bundle::{Bundle, Form, Reading, lane_cells};
use super::pass::Pass;
use super::plan::{Accumulation, Rounding};
use super::reduce::{Reduced, number};
use super::spec::Split;
use super::timeline::Ticks;
use super::window::Span;
use super::work::{Work, weight};
use crate::model::error::{Error, ErrorCode, shortened};
use crate::number::exact::Sum;
use crate::table::Cell;

/// A piece of a record: its slot, and its length.
struct Piece {
    slot: usize,
    length: Ticks,
}

/// The part of a record that is inside the requested period.
struct Share {
    before: Ticks,
    inside: Ticks,
    after: Ticks,
}

impl Pass<'_> {
    /// Puts the numbers of a record into the window or windows that `split` selects.
    pub(super) fn flow(&mut self, bundle: &Bundle, i: u32) -> Result<(), Error> {
        let reading = &bundle.readings[i as usize];
        let moment = self.timeline.moments[reading.period as usize];
        let Some(start) = moment.start else {
            if self.timeless_counts() {
                let slot = self.timeless_slot(bundle, i);
                self.take_whole(bundle, reading, slot);
            }
            return Ok(());
        };
        let end = moment.end.unwrap_or(start);
        let (from, to) = (start.max(self.range.0), end.min(self.range.1));
        let is_whole = end == start
            || match self.spec.split {
                Split::Start => true,
                Split::Error => {
                    self.refuse_crossing(reading, start, end)?;
                    true
                }
                Split::Proportional => false,
            };
        if is_whole {
            if self.is_in_range(start) {
                let span = self.first_window(reading.period)?;
                let slot = self.slot(bundle, i, span, start, end)?;
                self.cover(bundle, reading, slot, (start, end));
                self.take_whole(bundle, reading, slot);
            }
            return Ok(());
        }
        if from >= to {
            return Ok(());
        }
        let mut pieces = Vec::new();
        let mut span = if from == start {
            self.first_window(reading.period)?
        } else {
            self.windows.at(self.timeline.second(from), moment.offset)?
        };
        let mut at = from;
        while at < to {
            let cut = to.min(self.timeline.of_seconds(span.to));
            let slot = self.slot(bundle, i, span, at, cut)?;
            self.cover(bundle, reading, slot, (at, cut));
            if (at, cut) == (start, end) {
                self.take_whole(bundle, reading, slot);
                return Ok(());
            }
            if pieces.is_empty() {
                self.check_stretch(at, to)?;
            }
            pieces.push(Piece { slot, length: cut - at });
            at = cut;
            if at < to {
                span = self.windows.at(span.to, moment.offset)?;
            }
        }
        let share = Share { before: from - start, inside: to - from, after: end - to };
        self.take_pieces(bundle, reading, &pieces, &share)
    }

    /// A level covers the time for which it applies; its cost adds nothing to that.
    fn cover(&mut self, bundle: &Bundle, reading: &Reading, slot: usize, (from, to): (Ticks, Ticks)) {
        if !reading.is_level {
            let is_known = matches!(bundle.form, Form::Wide(_)) || !self.lane_cells(reading).0.is_null();
            self.slots.get(slot).0.cover(from, to, is_known);
        }
    }

    fn take_whole(&mut self, bundle: &Bundle, reading: &Reading, slot: usize) {
        match bundle.form {
            Form::Wide(columns) => self.take_row(columns, slot, reading.cell, 1),
            Form::Lane(step) => {
                let (quantity, cost) = lane_values(self, reading);
                let (_, numbers) = self.slots.get(slot);
                take_lane(&mut numbers[0], step, quantity.as_ref(), cost.as_ref());
            }
        }
    }

    fn take_pieces(
        &mut self,
        bundle: &Bundle,
        reading: &Reading,
        pieces: &[Piece],
        share: &Share,
    ) -> Result<(), Error> {
        if let Form::Wide(columns) = bundle.form {
            self.settle(columns);
        }
        let Self { columns, plans, slots, work, spec, .. } = self;
        let cells = &columns.cells;
        // Converted to the unit of the row before it is split, so that no piece is rounded in another unit.
        let whole = |cell: Cell, factor: i128| (!cell.is_null()).then(|| number(cell).times(factor));
        match bundle.form {
            Form::Wide(columns) => {
                for (i, column) in columns.iter().enumerate() {
                    let cell = cells.small((reading.cell + column.cell) as usize);
                    let Some(value) = whole(cell, column.factor) else { continue };
                    let rounding =
                        if column.is_cost { Rounding::of_cost(spec) } else { plans.of(column.field).rounding };
                    share.deal(&value, rounding, pieces, work, &mut |slot, piece| {
                        slots.get(slot).1[i].take_sum(column.step, piece);
                    })?;
                }
            }
            Form::Lane(step) => {
                let (quantity, cost) = lane_cells(cells, reading);
                let plan = plans.of(reading.field);
                if let Some(value) = whole(quantity, plan.factor).filter(|_| !reading.is_level) {
                    share.deal(&value, plan.rounding, pieces, work, &mut |slot, piece| {
                        slots.get(slot).1[0].take_sum(step, piece);
                    })?;
                }
                if let Some(value) = whole(cost, 1) {
                    share.deal(&value, Rounding::of_cost(spec), pieces, work, &mut |slot, piece| {
                        slots.get(slot).1[0].take_cost(piece);
                    })?;
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn refuse_crossing(&mut self, reading: &Reading, start: Ticks, end: Ticks) -> Result<(), Error> {
        let crosses = |edge: Ticks| start < edge && edge < end;
        let span = self.first_window(reading.period)?;
        if !crosses(self.range.0)
            && !crosses(self.range.1)
            && (!self.is_in_range(start) || span == Span::ALL || !crosses(self.timeline.of_seconds(span.to)))
        {
            return Ok(());
        }
        let field = &self.columns.fields[reading.field as usize];
        Err(Error::new(
            ErrorCode::IncompatibleAggregation,
            format!(
                "a record of {} from {} to {} crosses the edge of a window: use split `start` or `proportional`, or a longer window",
                shortened(&field.metric),
                self.timeline.instant(start),
                self.timeline.instant(end)
            ),
        ))
    }
}

/// The parts of a reading that belong to a period: its quantity unless it is a level, and its cost.
fn lane_values(pass: &Pass, reading: &Reading) -> (Option<Sum>, Option<Sum>) {
    let quantity = if reading.is_level { None } else { pass.lane_quantity(reading) };
    let cost = match pass.lane_cells(reading).1 {
        Cell::Null => None,
        cell => Some(number(cell)),
    };
    (quantity, cost)
}

fn take_lane(number: &mut Reduced, step: Accumulation, quantity: Option<&Sum>, cost: Option<&Sum>) {
    if let Some(quantity) = quantity {
        number.take_sum(step, quantity);
    }
    if let Some(cost) = cost {
        number.take_cost(cost);
    }
}

/// The number of piece lengths that are stored: months have seven, with changes of the clock.
const LENGTHS: usize = 8;

impl Share {
    /// Divides a value among pieces in proportion to their lengths. Each piece but the last is rounded in the unit of the row if it
    /// is not a finite decimal. The last takes the remainder, so that the pieces add up to the part of the value inside.
    ///
    /// Pieces of equal length are computed once, because nearly all windows have the same length.
    fn deal(
        &self,
        value: &Sum,
        rounding: Rounding,
        pieces: &[Piece],
        work: &mut Work,
        give: &mut dyn FnMut(usize, &Sum),
    ) -> Result<(), Error> {
        let Rounding { divisor, fraction_digits } = rounding;
        let whole = (self.before + self.inside + self.after) as u128 * divisor;
        let portion = |length: Ticks| value.portion(length as u128, whole, fraction_digits).times(divisor as i128);
        let Some((last, others)) = pieces.split_last() else { return Ok(()) };
        let mut known: Vec<(Ticks, Sum, i128)> = Vec::new();
        let mut dealt = Sum::ZERO;
        for piece in others {
            let at = known.iter().position(|(length, ..)| *length == piece.length).unwrap_or_else(|| {
                if known.len() == LENGTHS {
                    let (_, part, count) = known.swap_remove(0);
                    dealt.add_sum(&part.times(count));
                }
                known.push((piece.length, portion(piece.length), 0));
                known.len() - 1
            });
            let (_, part, count) = &mut known[at];
            *count += 1;
            work.charge(weight(part.wide_bits()))?;
            give(piece.slot, part);
        }
        for (_, part, count) in &known {
            dealt.add_sum(&part.times(*count));
        }
        let mut rest = if self.after > 0 { portion(self.inside) } else { value.clone() };
        if self.after == 0 && self.before > 0 {
            rest.subtract(&portion(self.before));
        }
        rest.subtract(&dealt);
        give(last.slot, &rest);
        Ok(())
    }
}
