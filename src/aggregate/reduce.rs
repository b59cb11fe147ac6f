//! Reduces the numbers of one series in one window to one.

use std::cmp::Ordering;

use super::cover::Cover;
use super::plan::Accumulation;
use super::timeline::Ticks;
use crate::collections::Pairs;
use crate::number::exact::Sum;
use crate::table::Cell;

/// A number that is being computed.
#[derive(Clone, Debug)]
pub(super) struct Reduced {
    /// The sum, or the stored number.
    sum: Sum,
    /// How many numbers were added.
    known: u32,
    rare: Option<Box<Rare>>,
}

/// Rarely used parts.
#[derive(Clone, Debug)]
struct Rare {
    /// Levels that cover no time.
    points: Sum,
    points_known: u32,
    cost: Sum,
    cost_known: bool,
}

impl Reduced {
    const NOTHING: Self = Self { sum: Sum::ZERO, known: 0, rare: None };

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_with(|| {
            Box::new(Rare { points: Sum::ZERO, points_known: 0, cost: Sum::ZERO, cost_known: false })
        })
    }

    /// Adds the sum of several numbers, multiplied by their factor.
    pub fn add_many(&mut self, sum: i128, factor: i128, count: u32) {
        match if factor == 1 { Some(sum) } else { sum.checked_mul(factor) } {
            Some(product) => self.sum.add_i128(product, 0),
            None => self.sum.add_sum(&Sum::from(sum).times(factor)),
        }
        self.known += count;
    }

    /// Adds a number multiplied by its factor, or a level for so many ticks.
    pub fn hold(&mut self, step: Accumulation, cell: Cell, factor: i128, ticks: Ticks) {
        let weight = match step {
            Accumulation::Add => factor,
            Accumulation::Weigh => factor * ticks,
            _ => 0,
        };
        match (step, cell) {
            (Accumulation::Count, _) | (_, Cell::Null) => {}
            (Accumulation::Add | Accumulation::Weigh, Cell::Small(mantissa, scale)) => {
                self.sum.add_small_times(mantissa, scale, weight);
                self.known += 1;
            }
            (Accumulation::Add | Accumulation::Weigh, Cell::Wide(value)) => {
                self.sum.add_times(value, weight);
                self.known += 1;
            }
            _ => self.take_sum(step, &number(cell).times(factor)),
        }
    }

    /// Adds a level for so many ticks; `None` if it is unknown.
    pub fn hold_sum(&mut self, step: Accumulation, value: Option<&Sum>, ticks: Ticks) {
        match (step, value) {
            (Accumulation::Weigh, Some(value)) => self.take_sum(step, &value.times(ticks)),
            (_, Some(value)) => self.take_sum(step, value),
            (_, None) => {}
        }
    }

    /// Adds a level that covers no time.
    pub fn point(&mut self, step: Accumulation, value: &Sum) {
        if step == Accumulation::Weigh {
            let rare = self.rare();
            rare.points.add_sum(value);
            rare.points_known += 1;
        } else {
            self.take_sum(step, value);
        }
    }

    /// Adds a number, or a piece of one.
    pub fn take_sum(&mut self, step: Accumulation, value: &Sum) {
        let keep = match step {
            Accumulation::Count => return,
            Accumulation::Add | Accumulation::Weigh => {
                self.sum.add_sum(value);
                self.known += 1;
                return;
            }
            Accumulation::Max => value.compare(&self.sum) == Ordering::Greater,
            Accumulation::Min => value.compare(&self.sum) == Ordering::Less,
            Accumulation::First => false,
            Accumulation::Last => true,
        };
        if keep || self.known == 0 {
            self.sum = value.clone();
        }
        self.known += 1;
    }

    /// Adds the cost of a record that also has a quantity.
    pub fn take_cost(&mut self, cost: &Sum) {
        let rare = self.rare();
        rare.cost.add_sum(cost);
        rare.cost_known = true;
    }

    /// How many known numbers were added.
    pub fn known(&self) -> u32 {
        self.known
    }

    /// The sum, or the stored number.
    pub fn sum(&self) -> &Sum {
        &self.sum
    }

    /// The levels that cover no time: their sum and their number.
    pub fn points(&self) -> Option<(&Sum, u32)> {
        let rare = self.rare.as_ref().filter(|rare| rare.points_known > 0)?;
        Some((&rare.points, rare.points_known))
    }

    /// The costs of records that also have a quantity.
    pub fn cost(&self) -> Option<&Sum> {
        let rare = self.rare.as_ref().filter(|rare| rare.cost_known)?;
        Some(&rare.cost)
    }
}

/// A number of a column as a sum. It must be known.
pub(super) fn number(cell: Cell) -> Sum {
    let mut sum = Sum::ZERO;
    match cell {
        Cell::Null => {}
        Cell::Small(mantissa, scale) => sum.add_small(mantissa, scale),
        Cell::Wide(value) => sum.add(value),
    }
    sum
}

/// A window of the series that are reduced together.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// The index of the group among the groups of the series.
    pub variant: u32,
    pub label: i64,
    pub from: Ticks,
    pub to: Ticks,
    /// Records that touch the window.
    pub records: u64,
    /// The last reading that touched the window.
    last: u32,
    /// Ticks that the records cover.
    pub covered: Ticks,
    /// The time up to which they are counted.
    covered_to: Ticks,
    /// The time that records with a known number cover. A mean over time refers to it.
    pub known: Cover,
}

impl Slot {
    /// Counts a record once, however many of its pieces are in the window.
    #[inline]
    pub fn touch(&mut self, reading: u32) {
        if self.last != reading || self.records == 0 {
            self.last = reading;
            self.records += 1;
        }
    }

    /// Adds the part of [from, to) that was not covered before. Starts must not decrease. `is_known`: whether the record's
    /// numbers are known.
    #[inline]
    pub fn cover(&mut self, from: Ticks, to: Ticks, is_known: bool) {
        if is_known {
            self.known.add(from, to);
        }
        self.covered += (to - from.max(self.covered_to)).max(0);
        self.covered_to = self.covered_to.max(to);
    }
}

/// The windows in which one or several series with the same times are reduced, with one number for each series.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    numbers: Vec<Reduced>,
    width: usize,
    latest: usize,
    /// The greatest label so far; a greater one is new.
    greatest: i64,
    /// Created only when there are many windows and their labels do not come in order.
    index: Pairs,
    indexed: usize,
    /// For each slot of a `source` window: the first and the last start of a piece in it.
    starts: Vec<(Ticks, Ticks)>,
}

/// With fewer windows than this, a linear search is faster than a hash.
const FEW: usize = 16;

impl Slots {
    /// Empties it for `width` series.
    pub fn reset(&mut self, width: usize) {
        self.slots.clear();
        self.numbers.clear();
        self.width = width;
        self.latest = 0;
        self.greatest = i64::MIN;
        self.starts.clear();
        self.indexed = 0;
        if !self.index.is_empty() {
            self.index = Pairs::default();
        }
    }

    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// The slot of a window. A new one is the interval from `from` to `to`.
    #[inline]
    pub fn at(&mut self, variant: u32, label: i64, from: Ticks, to: Ticks) -> usize {
        let is_it = |slot: &Slot| slot.label == label && slot.variant == variant;
        if self.slots.get(self.latest).is_some_and(is_it) {
            return self.latest;
        }
        self.latest = self.find(variant, label).unwrap_or_else(|| self.add(variant, label, from, to));
        self.latest
    }

    fn find(&mut self, variant: u32, label: i64) -> Option<usize> {
        if label > self.greatest {
            return None;
        }
        if self.slots.len() <= FEW {
            return self.slots.iter().rposition(|slot| slot.label == label && slot.variant == variant);
        }
        for (i, slot) in self.slots.iter().enumerate().skip(self.indexed) {
            self.index.of(slot.variant.into(), slot.label as u64, i as u32);
        }
        self.indexed = self.slots.len();
        self.index.get(variant.into(), label as u64).map(|slot| slot as usize)
    }

    fn add(&mut self, variant: u32, label: i64, from: Ticks, to: Ticks) -> usize {
        let slot = Slot {
            variant,
            label,
            from,
            to,
            records: 0,
            last: 0,
            covered: 0,
            covered_to: Ticks::MIN,
            known: Cover::NOTHING,
        };
        self.slots.push(slot);
        self.numbers.resize(self.numbers.len() + self.width, Reduced::NOTHING);
        self.greatest = self.greatest.max(label);
        self.slots.len() - 1
    }

    /// Moves the edges of a `source` window whose records have several offsets. It starts by the offset of the piece that
    /// starts first in it, and ends by that of the piece that starts last, so it never ends before it starts.
    pub fn extend(&mut self, slot: usize, start: Ticks, (from, to): (Ticks, Ticks)) {
        if slot >= self.starts.len() {
            self.starts.resize(slot + 1, (Ticks::MAX, Ticks::MIN));
        }
        let (first, last) = &mut self.starts[slot];
        if start < *first {
            (*first, self.slots[slot].from) = (start, from);
        }
        if start >= *last {
            (*last, self.slots[slot].to) = (start, to);
        }
    }

    /// A slot and its numbers, one for each series.
    #[inline]
    pub fn get(&mut self, slot: usize) -> (&mut Slot, &mut [Reduced]) {
        (&mut self.slots[slot], &mut self.numbers[slot * self.width..][..self.width])
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Slot, &[Reduced])> {
        self.slots.iter().zip(self.numbers.chunks_exact(self.width.max(1)))
    }
}

/// Compares numbers; unknown ones come first.
pub(super) fn by_value(a: Cell, b: Cell) -> Ordering {
    let known = |cell: Cell| (!matches!(cell, Cell::Null)).then(|| number(cell));
    by_sum(known(a), known(b))
}

/// Compares sums; unknown ones come first.
pub(super) fn by_sum(a: Option<Sum>, b: Option<Sum>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.compare(&b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}
