//! The reader of the rows of a body.

use super::counts::PagePosition;
use super::described;
use super::head::Head;
use super::listing_state::ListingState;
use crate::descriptor::FormatDescriptor;
use crate::model::error::{Fault, Position};
use crate::model::provider::Detection;
use crate::options::ReadOptions;
use crate::read::{Item, Opening, Path, Plan, Value};
use crate::table::{RowCodes, TableBuilder};

/// Opens the reader of one body that begins like this.
pub(crate) fn open(descriptor: &FormatDescriptor, head: &Head, options: &ReadOptions) -> Box<dyn RowReader> {
    let detection = Detection::new(descriptor.name(), head.encoding);
    described::open(descriptor, detection, head, options)
}

/// The state that a reader uses.
pub(crate) struct Context<'c> {
    pub options: &'c ReadOptions,
    pub out: &'c mut TableBuilder,
    pub listing: &'c mut ListingState,
    pub page: u32,
}

impl Context<'_> {
    pub fn max_digits(&self) -> u64 {
        self.options.limits.max_digits
    }

    /// Commits the current row and counts it as valid. A row without numbers also counts.
    pub fn commit(&mut self, head: RowCodes) -> Result<(), Fault> {
        let is_new = self.out.row_is_empty() || self.out.commit(head)?;
        self.listing.counts.row(is_new);
        Ok(())
    }
}

/// Reads the rows of one body.
pub(crate) trait RowReader {
    /// What to do with a value: enter it, take it as a row, or take it as a part of the envelope.
    fn plan(&mut self, path: &Path, opening: Opening) -> Plan;

    /// Called when a row was taken whole. After an error, nothing of the row is stored.
    fn row(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault>;

    /// Called when a part of the envelope was taken whole.
    fn member(&mut self, _cx: &mut Context<'_>, _path: &Path, _item: &Item<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// Called for an integer of at most 18 digits in a list. Returns `false` to get it by [`RowReader::member`] instead.
    fn integer(&mut self, _value: i64, _max_digits: u64) -> bool {
        false
    }

    /// Called when a container is entered. `at` computes its position, at some cost.
    fn enter(&mut self, _cx: &mut Context<'_>, _path: &Path, _opening: Opening, _at: &mut dyn FnMut() -> Position) {}

    /// Called when a container is complete.
    fn leave(&mut self, _cx: &mut Context<'_>, _path: &Path) -> Result<(), Fault> {
        Ok(())
    }

    /// Called when the body is complete, or when no more of it can be read. A reply without pages is a whole listing.
    fn end(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        cx.listing.counts.place(PagePosition::Alone);
        Ok(())
    }

    /// Continues with complete rows that were held back because the table was full ([`TableBuilder::is_full`]).
    fn resume(&mut self, _cx: &mut Context<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// Codes of the table's dictionaries are no longer valid: a stream has taken the records.
    fn forget_codes(&mut self);

    /// What to do with a value for `parse`.
    fn plan_of_parse(&mut self, path: &Path, opening: Opening) -> Plan {
        self.plan(path, opening)
    }

    /// The provider's own row, for `parse`.
    fn parse_row(&self, _path: &Path, item: &Item<'_>, max_digits: u64) -> Result<Value, Fault> {
        Value::read(&item.root(), &|_| false, max_digits)
    }
}
