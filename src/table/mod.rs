//! The usage table: all records, in columns. Record objects are created only on demand.
//!
//! Values that rows share are in dictionaries (subject, period, fields, place); the numbers are 64 bits each. A row of
//! 23 metrics takes 28 bytes and its 23 numbers.

mod builder;
mod cells;
mod distinct;
mod identity;
mod import;
mod merge;
mod parts;
#[cfg(any(test, target_arch = "wasm32"))]
pub(crate) mod record_input;
mod seen;
mod view;

pub(crate) use builder::{ColumnHead, RowHead, TableBuilder};
pub(crate) use cells::{Cell, Cells};
pub(crate) use distinct::Distinct;
pub(crate) use identity::{FieldPart, Ids};
pub(crate) use merge::merge;
pub(crate) use parts::{Dictionary, Dimensions, Field, Holds, Locator, Period, Row, Shape, Subject, Text, dimensions};
pub(crate) use view::{RecordView, merged};

use crate::model::error::Issue;
use crate::model::provider::Format;
use crate::model::record::{Check, PageInfo, UsageRecord};

/// The columns of a table and their dictionaries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    pub subjects: Dictionary<Subject>,
    pub periods: Dictionary<Period>,
    pub fields: Dictionary<Field>,
    pub shapes: Dictionary<Shape>,
    pub locators: Dictionary<Locator>,
    pub rows: Vec<Row>,
    pub cells: Cells,
    pub records: usize,
}

/// The records of one body, or of the pages of one listing.
///
/// Rows are in the order they were read. [`UsageTable::records`] makes records of them;
/// [`crate::aggregate`] works on the columns directly.
#[derive(Clone, Debug, Default)]
pub struct UsageTable {
    pub(crate) columns: Columns,
    pub(crate) format: Option<Format>,
    pub(crate) issues: Vec<Issue>,
    pub(crate) page: Option<PageInfo>,
    pub(crate) checks: Vec<Check>,
    duplicates: u64,
}

impl UsageTable {
    pub(crate) fn new(columns: Columns, duplicates: u64) -> Self {
        Self { columns, duplicates, ..Self::default() }
    }

    /// How many records it holds.
    pub fn len(&self) -> usize {
        self.columns.records
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The format of the first page that was recognised.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// Every fault that was met, in the order of the bodies (`onError: "collect"`).
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// Where the last page stands in its listing.
    pub fn page(&self) -> Option<&PageInfo> {
        self.page.as_ref()
    }

    /// Records dropped because the very same record was read before.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Bytes used by rows and numbers, without the dictionaries and unused capacity.
    pub fn column_bytes(&self) -> usize {
        size_of_val(self.columns.rows.as_slice()) + self.columns.cells.bytes()
    }

    /// Records `start` to `end` (exclusive), clamped to what there is.
    pub fn records(&self, start: usize, end: usize) -> Vec<UsageRecord> {
        self.views(start, end).map(RecordView::to_record).collect()
    }

    /// The figures that the reply states about itself, compared with the records that were read (docs/design.md#checks).
    pub fn checks(&self) -> Vec<Check> {
        let mut checks = self.checks.clone();
        checks.extend(crate::format::onapp::cost_checks(&self.columns));
        checks
    }

    pub(crate) fn views(&self, start: usize, end: usize) -> impl Iterator<Item = RecordView<'_>> {
        self.columns.views(start, end)
    }
}
