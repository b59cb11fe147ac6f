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
use crate::table::{Period, RowCodes, TableBuilder};

/// One provider: how its replies are recognised, and who reads them.
pub(crate) trait ProviderFormats: Sync {
    fn provider(&self) -> Provider;

    /// Detects a body of this provider by the names at its beginning, and what these leave open by the request.
    fn recognize(&self, head: &Head, options: &ReadOptions) -> Option<Format>;

    /// Detects a row without its list, once the provider is known by other means and the head is complete.
    fn lone_row(&self, _head: &Head) -> Option<Format> {
        None
    }

    /// Whether a complete head is of an error reply in a shape that only this provider's errors have.
    fn is_error(&self, head: &Head) -> bool;

    /// Whether a complete head is of an error reply, once the provider is known by other means.
    fn is_error_of_its_own(&self, head: &Head) -> bool {
        self.is_error(head) || error_reply::is_error(head)
    }

    /// The reader of one body that begins like this: the one that executes the format's descriptor.
    fn open(&self, detection: Detection, head: &Head, options: &ReadOptions) -> Box<dyn RowReader> {
        let descriptor = FormatDescriptor::built_in(detection.format.as_str());
        described::open(&descriptor.expect("a built-in format has a descriptor"), detection, head, options)
    }

    /// Whether a name that is not in the vocabulary is one of this provider's metrics.
    fn is_metric(&self, _name: &str) -> bool {
        false
    }

    /// The format of an empty list, which does not tell it itself.
    fn format_of_empty_list(&self, _options: &ReadOptions) -> Option<Format> {
        None
    }
}

/// What a reader has at hand.
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

    /// Commits the row being read and counts it as valid. A row without numbers counts too.
    pub fn commit(&mut self, head: RowCodes) -> Result<(), Fault> {
        let is_new = self.out.row_is_empty() || self.out.commit(head)?;
        self.listing.counts.row(is_new);
        Ok(())
    }

    /// The period that the caller gave for rows without one.
    pub fn given_period(&self) -> Option<Period> {
        let (start, end) = self.options.period?;
        Some(Period { start: Some(start), end: Some(end), ..Period::default() })
    }
}

/// Reads the rows of one body.
pub(crate) trait RowReader {
    /// What to do with a value: go in, take it as a row, or take it as a part of the envelope.
    fn plan(&self, path: &Path, opening: Opening) -> Plan;

    /// A row was taken whole. On an error nothing of it is kept.
    fn row(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault>;

    /// A part of the envelope was taken whole.
    fn member(&mut self, _cx: &mut Context<'_>, _path: &Path, _item: &Item<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// An integer of at most 18 digits stands in a list: takes it, or leaves it (`false`) for [`RowReader::member`].
    fn integer(&mut self, _value: i64, _max_digits: u64) -> bool {
        false
    }

    /// A container is entered; `position` works out its place, at some cost.
    fn enter(&mut self, _cx: &mut Context<'_>, _path: &Path, _opening: Opening, _at: &mut dyn FnMut() -> Position) {}

    /// A container is complete.
    fn leave(&mut self, _cx: &mut Context<'_>, _path: &Path) -> Result<(), Fault> {
        Ok(())
    }

    /// The body is complete, or nothing more of it can be read. A reply that knows no pages is a whole listing.
    fn end(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        cx.listing.counts.place(PagePosition::Alone);
        Ok(())
    }

    /// Goes on with rows that are complete, but were held back because the table was full ([`TableBuilder::is_full`]).
    fn resume(&mut self, _cx: &mut Context<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// Codes given out by the table are no longer good: a stream has taken what was read.
    fn forget_codes(&mut self);

    /// What to do with a value when the provider's own rows are asked for.
    fn plan_of_parse(&self, path: &Path, opening: Opening) -> Plan {
        self.plan(path, opening)
    }

    /// The provider's own row.
    fn parse_row(&self, _path: &Path, item: &Item<'_>, max_digits: u64) -> Result<Value, Fault> {
        Value::read(&item.root(), &|_| false, max_digits)
    }
}
