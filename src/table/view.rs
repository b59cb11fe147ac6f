//! One record of a table, read in place.

use std::ops::Range;

use super::cells::Cell;
use super::columns::Columns;
use super::parts::{Dimensions, Field, Locator, Measures, Period, ResourceKey, Row, Text};
use crate::model::record::{Notes, UsageRecord};
use crate::number::decimal::Decimal;

/// A record as references to the dictionaries' entries.
#[derive(Clone, Copy)]
pub struct RecordView<'t> {
    columns: &'t Columns,
    pub row: &'t Row,
    /// Code of the field.
    pub field_code: u32,
    cell: usize,
}

impl Columns {
    /// Records `start` to `end` (exclusive), limited to the records of the table.
    pub fn views(&self, start: usize, end: usize) -> impl Iterator<Item = RecordView<'_>> {
        self.rows_between(start, end).flat_map(|(row, slots)| self.views_of(row).take(slots.end).skip(slots.start))
    }

    /// The rows of these records, each with the range of its records.
    pub fn rows_between(&self, start: usize, end: usize) -> impl Iterator<Item = (&Row, Range<usize>)> {
        let last = move |row: &Row| (row.first_record as usize) < end;
        let first = self.rows.partition_point(|row| row.first_record as usize <= start).saturating_sub(1);
        self.rows[first..].iter().take_while(move |row| last(row)).map(move |row| {
            let (before, records) = (row.first_record as usize, self.shapes[row.shape as usize].len());
            (row, start.saturating_sub(before).min(records)..(end - before).min(records))
        })
    }

    /// The records of one row.
    pub fn views_of<'t>(&'t self, row: &'t Row) -> impl Iterator<Item = RecordView<'t>> {
        let mut cell = row.first_cell as usize;
        self.shapes[row.shape as usize].iter().map(move |&field_code| {
            let view = RecordView { columns: self, row, field_code, cell };
            cell += self.fields[field_code as usize].measures.cells();
            view
        })
    }
}

impl<'t> RecordView<'t> {
    pub fn resource_key(&self) -> &'t ResourceKey {
        &self.columns.resource_keys[self.row.resource_key as usize]
    }

    pub fn period(&self) -> &'t Period {
        &self.columns.periods[self.row.period as usize]
    }

    pub fn field(&self) -> &'t Field {
        &self.columns.fields[self.field_code as usize]
    }

    pub fn locator(&self) -> &'t Locator {
        &self.columns.locators[self.row.locator as usize]
    }

    /// Quantity and cost.
    pub fn numbers(&self) -> (Option<Decimal>, Option<Decimal>) {
        let cells = &self.columns.cells;
        match self.field().measures {
            Measures::Quantity => (cells.get(self.cell), None),
            Measures::Cost => (None, cells.get(self.cell)),
            Measures::Both => (cells.get(self.cell), cells.get(self.cell + 1)),
        }
    }

    /// The same as they are stored in the column.
    #[inline]
    pub fn cells(&self) -> (Cell<'t>, Cell<'t>) {
        let cells = &self.columns.cells;
        match self.field().measures {
            Measures::Quantity => (cells.small(self.cell), Cell::Null),
            Measures::Cost => (Cell::Null, cells.small(self.cell)),
            Measures::Both => (cells.small(self.cell), cells.small(self.cell + 1)),
        }
    }

    pub fn notes(&self) -> Notes {
        self.field().notes.union(self.period().notes)
    }

    /// The currency of the cost, even of an unknown one; `None` if the provider sends no such cost.
    pub fn currency(&self) -> Option<&'t str> {
        self.resource_key().currency.as_deref().filter(|_| self.field().measures.has_cost())
    }

    /// The position of the record in its body.
    pub fn pointer(&self) -> String {
        self.locator().pointer(self.row.index, &self.field().leaf)
    }

    /// The record as an independent value.
    pub fn to_record(self) -> UsageRecord {
        let (resource_key, period, field) = (self.resource_key(), self.period(), self.field());
        let (quantity, cost) = self.numbers();
        let text = |value: &Option<Text>| value.as_deref().map(str::to_owned);
        UsageRecord {
            id: self.id(),
            provider: field.format.provider(),
            format: field.format,
            account: text(&resource_key.account),
            resource_id: text(&resource_key.resource_id),
            resource_name: text(&resource_key.resource_name),
            resource_type: text(&resource_key.resource_type),
            region: text(&resource_key.region),
            metric: field.metric.to_string(),
            provider_field: field.provider_field.to_string(),
            dimensions: merged(&resource_key.dimensions, &field.dimensions)
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            kind: field.kind,
            quantity: quantity.as_ref().map(ToString::to_string),
            unit: field.unit.map(|unit| unit.to_string()),
            currency: self.currency().map(str::to_owned),
            cost: cost.as_ref().map(ToString::to_string),
            start: period.start.map(|t| t.to_string()),
            end: period.end.map(|t| t.to_string()),
            utc_offset: period.offset.as_deref().map(str::to_owned),
            part_of: text(&field.part_of),
            pointer: self.pointer(),
            page: self.locator().page,
            notes: self.notes().iter().collect(),
        }
    }
}

/// The dimensions of resource key and field together, sorted by name.
pub fn merged<'a>(a: &'a Dimensions, b: &'a Dimensions) -> impl Iterator<Item = (&'a str, &'a str)> {
    let mut all: Vec<(&str, &str)> = a.iter().chain(b).map(|(name, value)| (&**name, &**value)).collect();
    all.sort_unstable();
    all.into_iter()
}
