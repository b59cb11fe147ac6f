//! Rows of one window that are added together, column by column.

use super::pass::Pass;
use super::plan::Accumulation;
use super::reduce::Reduced;
use super::series::Column;
use super::timeline::Ticks;
use crate::table::Cells;

/// With a weight below this, numbers of 18 digits cannot overflow a sum of 128 bits in as many rows as a batch has.
const LIGHT: Ticks = 1 << 40;

/// The most rows in a batch.
const LONGEST: usize = 1 << 20;

impl Pass<'_> {
    /// Adds a row's numbers, with their ticks, to a window: later, together with those of its neighbours.
    #[inline]
    pub(super) fn take_row(&mut self, columns: &[Column], slot: usize, cell: u32, ticks: Ticks) {
        if self.batch.slot != slot || self.batch.rows.len() == LONGEST {
            self.settle(columns);
            self.batch.slot = slot;
        }
        self.batch.rows.push((cell, ticks));
    }

    /// Adds the batch to its window.
    pub(super) fn settle(&mut self, columns: &[Column]) {
        if self.batch.rows.is_empty() {
            return;
        }
        let (_, numbers) = self.slots.get(self.batch.slot);
        let light = self.batch.rows.iter().all(|(_, ticks)| *ticks < LIGHT);
        for (number, column) in numbers.iter_mut().zip(columns) {
            let integers = self.columns.cells.integers().filter(|_| light);
            let is_done = integers.is_some_and(|integers| add_integers(number, column, &self.batch.rows, integers));
            if !is_done {
                take_each(number, column, &self.batch.rows, &self.columns.cells);
            }
        }
        self.batch.rows.clear();
    }
}

/// Adds a column's integers, which must all be known. Returns `false`, and adds nothing, if the reducer does not add.
fn add_integers(number: &mut Reduced, column: &Column, rows: &[(u32, Ticks)], integers: &[i64]) -> bool {
    let at = |cell: u32| integers[(cell + column.cell) as usize];
    let mut sum = 0i128;
    match column.step {
        Accumulation::Add => {
            for &(cell, _) in rows {
                sum += i128::from(at(cell));
            }
        }
        Accumulation::Weigh => {
            // Levels of one length are added before they are multiplied: a product of 128 bits costs more than a sum.
            for rows in rows.chunk_by(|a, b| a.1 == b.1) {
                let mut levels = 0i128;
                for &(cell, _) in rows {
                    levels += i128::from(at(cell));
                }
                sum += levels * rows[0].1;
            }
        }
        _ => return false,
    }
    number.add_many(sum, column.factor, rows.len() as u32);
    true
}

fn take_each(number: &mut Reduced, column: &Column, rows: &[(u32, Ticks)], cells: &Cells) {
    for (cell, ticks) in rows {
        number.hold(column.step, cells.small((cell + column.cell) as usize), column.factor, *ticks);
    }
}
