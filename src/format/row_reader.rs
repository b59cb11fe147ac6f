//! What a format implements: the detection of its replies, and the reader of their rows.

use super::counts::PagePosition;
use super::described;
use super::error_reply;
use super::head::Head;
use super::listing_state::ListingState;
use crate::descriptor::FormatDescriptor;
use crate::model::error::{Fault, Position};
use crate::model::provider::{Detection, Format, Provider};
use crate::options::ReadOptions;
use crate::read::{Item, Opening, Path, Plan, Value};
use crate::table::{RowCodes, TableBuilder};

/// One provider: how its replies are recognised, and their reader.
pub(crate) trait ProviderFormats: Sync {
    fn provider(&self) -> Provider;

    /// Detects a body of this provider by the names at its beginning, and by the request where the names are not enough.
    fn recognize(&self, head: &Head, options: &ReadOptions) -> Option<Format>;

    /// Detects a row without a list around it. The provider is already known, and the head is complete.
    fn lone_row(&self, _head: &Head) -> Option<Format> {
        None
    }

    /// Whether a complete head is an error reply in a form that only this provider has.
    fn is_error(&self, head: &Head) -> bool;

    /// Whether a complete head is an error reply, if the provider is already known.
    fn is_error_of_its_own(&self, head: &Head) -> bool {
        self.is_error(head) || error_reply::is_error(head)
    }

    /// The reader of one body that begins like this: the one that executes the format's descriptor.
    fn open(&self, detection: Detection, head: &Head, options: &ReadOptions) -> Box<dyn RowReader> {
        let descriptor = FormatDescriptor::built_in(detection.format.as_str());
        described::open(&descriptor.expect("a built-in format has a descriptor"), detection, head, options)
    }

    /// The format of an empty list, which does not show it itself.
    fn format_of_empty_list(&self, _options: &ReadOptions) -> Option<Format> {
        None
    }
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
