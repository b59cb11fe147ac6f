//! The readings of one series, or of several series with the same times, which are reduced together.

use super::plan::Accumulation;
use super::series::Column;
use crate::table::{Cell, Cells, Measures};

/// A record of the current series, or the records of one row if several series have the same times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub row: u32,
    pub period: u32,
    /// The index of its first number.
    pub cell: u32,
    /// Code of its field. In the wide form each series has its own field.
    pub field: u32,
    /// The index of its group among the groups of its series.
    pub variant: u32,
    /// The next reading that is a level, which ends this one; `NO_NEXT` if there is none.
    pub next: u32,
    pub measures: Measures,
    /// Its quantity is a level.
    pub is_level: bool,
    /// It has a number of a period: a quantity that is not a level, or a cost.
    pub is_flow: bool,
    /// Another record counts instead of it. It still ends the level before it.
    pub is_replaced: bool,
}

pub(super) const NO_NEXT: u32 = u32::MAX;

/// Series that are reduced together.
pub(super) struct Bundle<'b> {
    pub readings: &'b [Reading],
    pub form: Form<'b>,
    /// For each variant and series: the code of the group.
    pub groups: &'b [u32],
    pub resource: u32,
}

/// The layout of the numbers of a reading.
#[derive(Clone, Copy)]
pub(super) enum Form<'b> {
    /// One number for each series, next to each other in a row.
    Wide(&'b [Column]),
    /// One series; a quantity, a cost, or both.
    Lane(Accumulation),
}

impl Bundle<'_> {
    pub fn width(&self) -> usize {
        match self.form {
            Form::Wide(columns) => columns.len(),
            Form::Lane(_) => 1,
        }
    }
}

/// The numbers of a reading in a lane: quantity and cost.
pub(super) fn lane_cells<'c>(cells: &'c Cells, reading: &Reading) -> (Cell<'c>, Cell<'c>) {
    let cell = reading.cell as usize;
    match reading.measures {
        Measures::Quantity => (cells.small(cell), Cell::Null),
        Measures::Cost => (Cell::Null, cells.small(cell)),
        Measures::Both => (cells.small(cell), cells.small(cell + 1)),
    }
}
