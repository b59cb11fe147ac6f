//! A column of a reply while it is read.

use crate::number::decimal::Decimal;
use crate::table::{Cell, Cells};

/// Numbers of one block.
const BLOCK: usize = 1024;

/// A long list of numbers. It grows by blocks: a list that has to move would take up to three times its memory.
#[derive(Debug, Default)]
pub struct NumberColumn {
    full: Vec<Cells>,
    last: Cells,
}

impl NumberColumn {
    pub fn len(&self) -> usize {
        self.full.len() * BLOCK + self.last.len()
    }

    #[inline]
    pub fn push_small(&mut self, mantissa: i64, scale: u8) {
        self.make_room();
        self.last.push_small(mantissa, scale);
    }

    pub fn push(&mut self, value: Option<&Decimal>) {
        self.make_room();
        self.last.push(value);
    }

    #[inline]
    fn make_room(&mut self) {
        if self.last.len() == BLOCK {
            self.full.push(std::mem::take(&mut self.last));
        }
    }

    /// No more is to come: spare room is given back.
    pub fn close(&mut self) {
        self.last.shrink();
    }

    pub fn small(&self, index: usize) -> Cell<'_> {
        let (cells, first) = self.block(index);
        cells.small(index - first)
    }

    pub fn get(&self, index: usize) -> Option<Decimal> {
        let (cells, first) = self.block(index);
        cells.get(index - first)
    }

    /// The block that a number stands in, and the index of its first.
    pub fn block(&self, index: usize) -> (&Cells, usize) {
        let block = index / BLOCK;
        (self.full.get(block).unwrap_or(&self.last), block * BLOCK)
    }
}
