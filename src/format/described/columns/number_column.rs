//! A column of a reply that is being read.

use crate::number::decimal::Decimal;
use crate::table::{Cell, Cells};

/// The numbers of one block.
const BLOCK: usize = 1024;

/// A long list of numbers. It grows by blocks, because a list that must move needs up to three times its memory.
#[derive(Debug, Default)]
pub(in crate::format::described) struct NumberColumn {
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

    /// The column is complete: unused capacity is freed.
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

    /// The block that has a number, and the index of the block's first number.
    pub fn block(&self, index: usize) -> (&Cells, usize) {
        let block = index / BLOCK;
        (self.full.get(block).unwrap_or(&self.last), block * BLOCK)
    }
}
