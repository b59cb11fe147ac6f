//! Adds whole rows to a table, drops duplicates, and refuses contradictions.

use super::cells::Cells;
use super::columns::Columns;
use super::parts::{Field, Locator, Period, ResourceKey, Row, code};
use super::seen::{Kept, Seen};
use super::usage_table::UsageTable;
use crate::model::error::{ErrorCode, Fault, shortened};
use crate::model::record::Note;
use crate::model::time::Instant;
use crate::number::decimal::Decimal;

/// The position and the period of a row: codes that the builder assigned.
#[derive(Clone, Copy, Debug)]
pub struct RowCodes {
    pub resource_key: u32,
    pub period: u32,
    pub locator: u32,
    pub index: u32,
    /// When the provider calculated the row. Of two rows with the same identity the newer one is used.
    pub version: Option<Instant>,
}

/// What the rows of a column of numbers have in common: codes that the builder assigned.
#[derive(Clone, Copy, Debug)]
pub struct ColumnCodes {
    pub resource_key: u32,
    pub field: u32,
    pub locator: u32,
}

/// Builds a table.
#[derive(Debug)]
pub struct TableBuilder {
    columns: Columns,
    /// The numbers of the current row, and their fields: one by one, or as a known shape.
    fields: Vec<u32>,
    shape: Option<u32>,
    cells: Cells,
    max_records: u64,
    /// The table is full with this many records, until [`TableBuilder::take`].
    batch: usize,
    /// Rows that start outside are left out.
    between: Option<(Instant, Instant)>,
    /// Records that a stream has already taken.
    taken: usize,
    seen: Option<Seen>,
    duplicates: u64,
    /// Records that a newer calculation has replaced: row and slot.
    replaced: Vec<(u32, u32)>,
}

impl TableBuilder {
    /// A builder that drops duplicates (for a table), or passes them on (for a stream or a parser).
    pub fn new(max_records: u64, deduplicate: bool) -> Self {
        Self {
            columns: Columns::default(),
            fields: Vec::new(),
            shape: None,
            cells: Cells::default(),
            max_records,
            batch: usize::MAX,
            between: None,
            taken: 0,
            seen: deduplicate.then(Seen::default),
            duplicates: 0,
            replaced: Vec::new(),
        }
    }

    /// The same builder, full after this many records.
    pub fn in_batches(self, records: usize) -> Self {
        Self { batch: records, ..self }
    }

    /// Whether it can become full.
    pub fn is_bounded(&self) -> bool {
        self.batch != usize::MAX
    }

    /// The number of records until it is full.
    pub fn room(&self) -> usize {
        self.batch.saturating_sub(self.columns.records)
    }

    /// Whether its records must be taken before more rows are added. The current row may still be completed.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.columns.records >= self.batch
    }

    /// From now on, leaves out the rows that start outside [start, end). A row without a time is included.
    pub fn keep_between(&mut self, between: Option<(Instant, Instant)>) {
        self.between = between;
    }

    /// The number of records stored or taken so far.
    pub fn records(&self) -> u64 {
        (self.taken + self.columns.records) as u64
    }

    /// The number of records dropped so far as duplicates.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Reserves space for the remaining rows, estimated from the `read` of `length` bytes that gave the rows so far: a column that must
    /// move needs twice its memory.
    pub fn make_room(&mut self, read: u64, length: u64) {
        if self.batch != usize::MAX {
            return;
        }
        let to_come = |held: usize| {
            let share = u128::from(length.saturating_sub(read)) * held as u128 / u128::from(read.max(1));
            usize::try_from(share + share / 64).unwrap_or(0)
        };
        self.columns.rows.reserve_exact(to_come(self.columns.rows.len()));
        self.columns.cells.reserve(to_come(self.columns.cells.len()));
    }

    pub fn resource_key(&mut self, resource_key: ResourceKey) -> u32 {
        code(&mut self.columns.resource_keys, resource_key)
    }

    pub fn period(&mut self, period: Period) -> u32 {
        self.insert_period(period).0
    }

    /// The code of a period, and whether no row had it before.
    pub fn insert_period(&mut self, period: Period) -> (u32, bool) {
        let (code, is_new) = self.columns.periods.insert_full(period);
        (code as u32, is_new)
    }

    pub fn field(&mut self, field: Field) -> u32 {
        code(&mut self.columns.fields, field)
    }

    /// The same field with an additional note.
    pub fn field_with_note(&mut self, field: u32, note: Note) -> u32 {
        let mut noted = self.columns.fields[field as usize].clone();
        noted.notes = noted.notes.with(note);
        self.field(noted)
    }

    /// The same field where the row has its cost alone.
    pub fn field_at(&mut self, field: u32, leaf: &str, provider_field: &str) -> u32 {
        let of_cost = Field {
            leaf: leaf.into(),
            provider_field: provider_field.into(),
            ..self.columns.fields[field as usize].clone()
        };
        self.field(of_cost)
    }

    pub fn locator(&mut self, locator: Locator) -> u32 {
        code(&mut self.columns.locators, locator)
    }

    /// Adds a number to the current row: the quantity or the cost of `field`.
    #[inline]
    pub fn cell(&mut self, field: u32, value: &Decimal) {
        self.fields.push(field);
        self.cells.push(Some(value));
    }

    /// Adds mantissa × 10^(−scale) to the current row: at most 18 digits, in lowest terms.
    #[inline]
    pub fn small(&mut self, field: u32, mantissa: i64, scale: u8) {
        self.fields.push(field);
        self.cells.push_small(mantissa, scale);
    }

    /// The code of a list of fields, for [`TableBuilder::integers`].
    pub fn shape(&mut self, fields: &[u32]) -> u32 {
        self.columns.shape(fields)
    }

    /// Sets all numbers of the current row: integers of at most 18 digits, one for each field of a shape. If `append`
    /// returns that it could not, the row stays empty.
    #[inline]
    pub fn integers(&mut self, shape: u32, append: impl FnOnce(&mut Vec<i64>) -> bool) -> bool {
        self.discard();
        let appended = self.cells.append_integers(append);
        self.shape = Some(shape).filter(|_| self.cells.len() > 0);
        appended
    }

    /// The same for numbers of at most 18 digits: mantissas and scales in lowest terms.
    #[inline]
    pub fn smalls(&mut self, shape: u32, append: impl FnOnce(&mut Vec<i64>, &mut Vec<u8>) -> bool) -> bool {
        self.discard();
        let filled = self.cells.fill(append);
        self.shape = Some(shape).filter(|_| self.cells.len() > 0);
        filled
    }

    /// Adds a quantity and a cost, either of which may be unknown, to the current row.
    pub fn cells(&mut self, field: u32, quantity: Option<&Decimal>, cost: Option<&Decimal>) {
        self.fields.push(field);
        self.cells.push(quantity);
        self.cells.push(cost);
    }

    /// Reserves space for this many rows of one number, if it is more than what the table has already: a reservation for few rows
    /// would have to be repeated often.
    pub fn reserve_column(&mut self, rows: usize) {
        if self.batch == usize::MAX && rows > self.columns.rows.len() {
            self.columns.rows.reserve_exact(rows);
            self.columns.cells.reserve(rows);
            if let Some(seen) = &mut self.seen {
                seen.reserve(rows);
            }
        }
    }

    /// Discards the current row.
    pub fn discard(&mut self) {
        self.fields.clear();
        self.shape = None;
        self.cells.clear();
    }

    /// Whether the current row has no number.
    pub fn row_is_empty(&self) -> bool {
        self.fields.is_empty() && self.shape.is_none()
    }

    /// Ends the current row. Returns whether any part of it was new; a row that is left out counts as new.
    ///
    /// # Errors
    /// `limit-exceeded`, or `conflicting-record` if the table has the record with another value.
    /// The row is then discarded.
    pub fn commit(&mut self, head: RowCodes) -> Result<bool, Fault> {
        if self.row_is_empty() {
            return Ok(false);
        }
        if self.is_left_out(head.period) {
            self.discard();
            return Ok(true);
        }
        let shape = match self.shape {
            Some(shape) => shape,
            None => self.columns.shape(&self.fields),
        };
        let fields = &self.columns.shapes[shape as usize];
        let total = self.taken + self.columns.records + fields.len();
        if total as u64 > self.max_records {
            self.discard();
            return Err(Fault::new(
                ErrorCode::LimitExceeded,
                format!("more than maxRecords ({}) records", self.max_records),
            ));
        }
        let row = Row {
            resource_key: head.resource_key,
            period: head.period,
            shape,
            locator: head.locator,
            index: head.index,
            first_cell: self.columns.cells.len() as u32,
            first_record: self.columns.records as u32,
        };
        if let Some(seen) = &mut self.seen {
            let kept = seen.admit(&self.columns, row, &self.cells, head.version);
            match kept {
                Ok(Kept::All) => {}
                Ok(Kept::Some { drop, replaced, duplicates }) => {
                    self.replaced.extend(replaced);
                    self.duplicates += duplicates;
                    return Ok(self.commit_part(row, &drop));
                }
                Err(field) => {
                    let (field, locator) =
                        (&self.columns.fields[field as usize], &self.columns.locators[head.locator as usize]);
                    let pointer = locator.pointer(head.index, &field.leaf);
                    let message = format!(
                        "{} was read before for the same resource and period, with another value",
                        shortened(&field.metric)
                    );
                    self.discard();
                    return Err(Fault::new(ErrorCode::ConflictingRecord, message).within(|| pointer));
                }
            }
        }
        self.columns.append(row, &self.cells);
        self.discard();
        Ok(true)
    }

    /// Ends rows of one number each, given by index and period, if each is later than the one before and later than all rows of
    /// its resource key, as in most columns. Returns whether it did; otherwise commit them one by one.
    ///
    /// A row's number is the cell with its index; `first` is the index of the first cell.
    pub fn commit_column(&mut self, head: ColumnCodes, rows: &[(u32, u32)], cells: &Cells, first: u32) -> bool {
        let ColumnCodes { resource_key, field, locator } = head;
        let records = (self.taken + self.columns.records + rows.len()) as u64;
        let periods = rows.iter().map(|(_, period)| *period);
        if self.between.is_some()
            || records > self.max_records
            || self.seen.as_mut().is_some_and(|seen| !seen.admit_later(&self.columns, resource_key, periods))
        {
            return false;
        }
        let shape = self.columns.shape(&[field]);
        for &(index, period) in rows {
            let (first_cell, first_record) = (self.columns.cells.len() as u32, self.columns.records as u32);
            self.columns.rows.push(Row { resource_key, period, shape, locator, index, first_cell, first_record });
            self.columns.cells.push_from(cells, (index - first) as usize);
            self.columns.records += 1;
        }
        true
    }

    fn is_left_out(&self, period: u32) -> bool {
        let start = || self.columns.periods[period as usize].start;
        self.between.is_some_and(|(from, to)| start().is_some_and(|start| start < from || to <= start))
    }

    /// Appends the row without the slots in `drop`, which are duplicates.
    fn commit_part(&mut self, row: Row, drop: &[usize]) -> bool {
        let (mut fields, mut cells) = (Vec::new(), Cells::default());
        let mut cell = 0;
        for (slot, &field) in self.columns.shapes[row.shape as usize].iter().enumerate() {
            let count = self.columns.fields[field as usize].measures.cells();
            if drop.binary_search(&slot).is_err() {
                fields.push(field);
                (cell..cell + count).for_each(|i| cells.push_from(&self.cells, i));
            }
            cell += count;
        }
        self.discard();
        if fields.is_empty() {
            return false;
        }
        let row = Row { shape: self.columns.shape(&fields), ..row };
        self.columns.append(row, &cells);
        true
    }

    /// Everything that was read since the last call. Earlier codes are no longer valid.
    pub fn take(&mut self) -> Columns {
        self.taken += self.columns.records;
        std::mem::take(&mut self.columns)
    }

    /// Takes the columns from [`TableBuilder::take`] back, without their rows, so that earlier codes stay valid.
    pub fn keep_codes(&mut self, mut columns: Columns) {
        columns.rows.clear();
        columns.cells.clear();
        columns.records = 0;
        self.columns = columns;
    }

    /// The table's columns, and the number of records that were dropped as duplicates.
    pub fn finish(mut self) -> UsageTable {
        if !self.replaced.is_empty() {
            self.columns = self.columns.without(&self.replaced);
        }
        UsageTable::new(self.columns, self.duplicates)
    }
}
