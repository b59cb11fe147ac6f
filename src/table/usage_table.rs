//! The public table.

use super::checks::{RowSum, row_checks};
use super::columns::Columns;
use super::view::RecordView;
use crate::model::error::Issue;
use crate::model::provider::Format;
use crate::model::record::{Check, PageInfo, UsageRecord};

/// The records of one body, or of the pages of one listing.
///
/// Rows are in the order in which they were read. [`UsageTable::records`] creates records from them;
/// [`crate::aggregate`] works on the columns directly.
#[derive(Clone, Debug, Default)]
pub struct UsageTable {
    pub(crate) columns: Columns,
    pub(crate) format: Option<Format>,
    pub(crate) issues: Vec<Issue>,
    pub(crate) page: Option<PageInfo>,
    pub(crate) checks: Vec<Check>,
    /// What its rows state.
    pub(crate) row_sums: Vec<RowSum>,
    pub(super) duplicates: u64,
}

impl UsageTable {
    pub(crate) fn new(columns: Columns, duplicates: u64) -> Self {
        Self { columns, duplicates, ..Self::default() }
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.columns.records
    }

    /// Whether it has no records.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The format of the first page that was recognised.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// Every fault that was found, in the order of the bodies (`onError: "collect"`).
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// The position of the last page in its listing.
    pub fn page(&self) -> Option<&PageInfo> {
        self.page.as_ref()
    }

    /// Records that were dropped because an identical record was read before.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Bytes used by rows and numbers, without the dictionaries and unused capacity.
    pub fn column_bytes(&self) -> usize {
        size_of_val(self.columns.rows.as_slice()) + self.columns.cells.bytes()
    }

    /// Records `start` to `end` (exclusive), limited to the records of the table.
    pub fn records(&self, start: usize, end: usize) -> Vec<UsageRecord> {
        self.views(start, end).map(RecordView::to_record).collect()
    }

    /// Figures that the reply states itself, compared with the records that were read (docs/design.md#checks).
    pub fn checks(&self) -> Vec<Check> {
        let mut checks = self.checks.clone();
        checks.extend(row_checks(&self.columns, &self.row_sums));
        checks
    }

    pub(crate) fn views(&self, start: usize, end: usize) -> impl Iterator<Item = RecordView<'_>> {
        self.columns.views(start, end)
    }
}
