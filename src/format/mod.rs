//! The five providers, one file each, and the detection of their replies.
//!
//! A new provider is one file that implements [`ProviderFormats`] and [`RowReader`], and one line in [`PROVIDERS`].

mod asked;
mod barracuda;
pub(crate) mod cloudsigma;
mod counts;
mod devicewise;
mod error_reply;
pub(crate) mod head;
mod known;
pub(crate) mod neighbours;
pub(crate) mod onapp;
mod sender;
pub(crate) mod unknown;
mod wasabi;

use std::borrow::Cow;

pub(crate) use counts::{Counts, Place};
pub(crate) use error_reply::ProviderError;
pub(crate) use head::Head;

use crate::model::error::{Fault, shortened};
use crate::model::provider::{Detection, Format, Provider};
use crate::model::record::{Check, PageInfo};
use crate::options::ReadOptions;
use crate::page::next::Follow;
use crate::read::{Element, Item, Opening, Path, Plan, Value};
use crate::table::{Period, TableBuilder};

/// Every provider that is read.
pub(crate) const PROVIDERS: [&dyn ProviderFormats; 5] =
    [&barracuda::Barracuda, &devicewise::Devicewise, &cloudsigma::Cloudsigma, &wasabi::Wasabi, &onapp::Onapp];

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

    /// The reader of one body that begins like this.
    fn open(&self, detection: Detection, head: &Head, options: &ReadOptions) -> Box<dyn RowReader>;

    /// The format of an empty list, which does not tell it itself.
    fn format_of_empty_list(&self, _options: &ReadOptions) -> Option<Format> {
        None
    }
}

/// The provider of that name's row of [`PROVIDERS`].
pub(crate) fn formats_of(provider: Provider) -> Option<&'static dyn ProviderFormats> {
    PROVIDERS.into_iter().find(|formats| formats.provider() == provider)
}

/// What a reader has at hand.
pub(crate) struct Context<'c> {
    pub options: &'c ReadOptions,
    pub out: &'c mut TableBuilder,
    pub listing: &'c mut Listing,
    pub page: u32,
}

/// Faults that are collected of one body. One with more is no reply that is worth reading on.
pub(crate) const MOST_FAULTS: u64 = 10_000;

/// What is known of listings over their pages.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Where the last page stands.
    pub page: Option<PageInfo>,
    pub counts: Counts,
    /// Rows of this page: distinct or not, valid or faulty.
    pub page_rows: u64,
    pub checks: Vec<Check>,
    /// Faults of this page that were collected.
    pub faults: u64,
    /// Faults beside the one that a call gave back.
    pub later_faults: Vec<Fault>,
    /// What the next request is made of.
    pub follow: Option<Follow>,
}

impl Listing {
    /// A fault that a call does not give back, because others may follow. They are noted in their order.
    pub fn fault_later(&mut self, fault: Fault) {
        // One more than the most ends the body.
        if self.later_faults.len() as u64 <= MOST_FAULTS {
            self.later_faults.push(fault);
        }
    }
}

impl Context<'_> {
    pub fn max_digits(&self) -> u64 {
        self.options.limits.max_digits
    }

    /// Commits the row being read and counts it as valid. A row without numbers counts too.
    pub fn commit(&mut self, head: crate::table::RowHead) -> Result<(), Fault> {
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
    fn enter(
        &mut self,
        _cx: &mut Context<'_>,
        _path: &Path,
        _opening: Opening,
        _at: &mut dyn FnMut() -> crate::Position,
    ) {
    }

    /// A container is complete.
    fn leave(&mut self, _cx: &mut Context<'_>, _path: &Path) -> Result<(), Fault> {
        Ok(())
    }

    /// The body is complete, or nothing more of it can be read. A reply that knows no pages is a whole listing.
    fn end(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        cx.listing.counts.place(Place::Alone);
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
        Value::read(&item.root(), |_| false, max_digits)
    }
}

/// Reads a time with an offset, with the fault it makes otherwise.
pub(crate) fn stamp_fault(element: &Element<'_>, expected: &str) -> Fault {
    element.fault(crate::ErrorCode::InvalidTimestamp, expected.trim_start_matches("expected "))
}

/// An optional id or name that may come as a text or a number.
pub(crate) fn optional_id(element: Option<Element<'_>>) -> Result<Option<Cow<'_, str>>, Fault> {
    element.filter(|e| !e.is_null()).map(|e| e.id_text()).transpose()
}

/// Members that a message names.
const NAMED: usize = 5;

/// Names in a message: the first of them, each shortened, and how many more there are.
pub(crate) fn listed<'n>(names: impl Iterator<Item = Cow<'n, str>>) -> String {
    let (mut out, mut more) = (String::new(), 0);
    for (i, name) in names.enumerate() {
        if i >= NAMED {
            more += 1;
            continue;
        }
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(&shortened(&name));
    }
    match more {
        0 if out.is_empty() => "nothing".to_owned(),
        0 => out,
        more => format!("{out} and {more} more"),
    }
}

/// The fault of a row that holds data but no usage: names what it holds.
#[cold]
pub(crate) fn no_usage(row: &Element<'_>, expected: &str) -> Fault {
    let found = listed(row.children().map(|field| field.name()));
    Fault::new(crate::ErrorCode::UnexpectedShape, format!("expected {expected}, found only {found}"))
        .at(row.offset())
        .in_item(row.path())
}
