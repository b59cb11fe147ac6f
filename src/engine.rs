//! The calls of the public contract that read bodies: `detect`, `parse`, `normalize`, and what `next_request` needs.

use std::sync::Arc;

use crate::decimal::Decimal;
use crate::error::{Error, ErrorCode, Issue};
use crate::format::Listing;
use crate::next::Follow;
use crate::options::ReadOptions;
use crate::page::{PageReader, Purpose, Sink};
use crate::provider::{Detection, Encoding};
use crate::read::Value;
use crate::record::{Check, PageInfo};
use crate::table::{TableBuilder, UsageTable};

pub use crate::page::detect;

/// A reply in the provider's own fields.
#[derive(Clone, Debug)]
pub struct ParsedDocument {
    /// What it was recognised as.
    pub detection: Detection,
    /// The provider's rows, every field as it was sent: each an object. Of deviceWISE a row is one command.
    pub rows: Vec<Value>,
    /// Where it stands in its listing.
    pub page: Option<PageInfo>,
    /// Every fault that was met (`onError: "collect"`).
    pub issues: Vec<Issue>,
}

/// Reads a reply in the provider's own fields: none is dropped, numbers stay exact.
///
/// # Errors
/// The first fault, or with `onError: "collect"` only one before which the format could not be told.
pub fn parse(body: &[u8], options: &ReadOptions) -> Result<ParsedDocument, Error> {
    let mut reading = Reading::new(options, false);
    let detection = reading.page(body, 0, Purpose::Parse)?;
    match detection {
        Some(detection) => {
            Ok(ParsedDocument { detection, rows: reading.rows, page: reading.listing.page, issues: reading.issues })
        }
        None => Err(reading.issues.into_iter().next().map_or_else(
            || {
                Error::new(
                    ErrorCode::UnknownFormat,
                    "an empty list does not tell whose it is: name the provider and the request",
                )
            },
            |issue| Error::from_issue(issue, options.provider),
        )),
    }
}

/// Reads one body, or the pages of one listing in order, into one table.
///
/// ```
/// let body = br#"[{"AcctNum":7363,"BucketNum":18232,"Bucket":"jk","Region":"us-east-1",
///   "StartTime":"2019-12-25T00:00:00Z","EndTime":"2019-12-26T00:00:00Z","NumAPICalls":78}]"#;
/// let table = meterglot::normalize(&[body], &meterglot::ReadOptions::default())?;
/// let record = &table.records(0, 1)[0];
/// assert_eq!((record.metric.as_str(), record.quantity.as_deref()), ("api.calls", Some("78")));
/// # Ok::<(), meterglot::Error>(())
/// ```
///
/// # Errors
/// The first fault; with `onError: "collect"` none: faults are issues of the table.
pub fn normalize<B: AsRef<[u8]>>(bodies: &[B], options: &ReadOptions) -> Result<UsageTable, Error> {
    let mut reading = Reading::new(options, true);
    let mut format = None;
    for (page, body) in bodies.iter().enumerate() {
        let detection = reading.page(body.as_ref(), page as u32, Purpose::Records)?;
        format = format.or(detection.map(|detection| detection.format));
    }
    let mut table = reading.out.finish();
    table.format = format;
    table.issues = reading.issues;
    table.checks = reading.listing.checks_of_listing();
    table.page = reading.listing.page;
    Ok(table)
}

/// What the request after this reply is made of, and the reply's encoding.
pub(crate) fn follow(body: &[u8], options: &ReadOptions) -> Result<Option<(Follow, Encoding)>, Error> {
    let mut reading = Reading::new(options, false);
    let detection = reading.page(body, 0, Purpose::Records)?;
    Ok(reading.listing.follow.zip(detection.map(|detection| detection.encoding)))
}

/// The state of a call over its pages.
struct Reading {
    options: Arc<ReadOptions>,
    out: TableBuilder,
    listing: Listing,
    issues: Vec<Issue>,
    rows: Vec<Value>,
}

impl Reading {
    fn new(options: &ReadOptions, deduplicate: bool) -> Self {
        Self {
            options: Arc::new(options.clone()),
            out: TableBuilder::new(options.limits.max_records, deduplicate),
            listing: Listing::default(),
            issues: Vec::new(),
            rows: Vec::new(),
        }
    }

    fn page(&mut self, body: &[u8], page: u32, purpose: Purpose) -> Result<Option<Detection>, Error> {
        let limit = self.options.limits.max_bytes;
        if body.len() as u64 > limit {
            let message = format!("expected a body of at most maxBytes ({limit}) bytes, found more");
            let issue =
                Issue { code: ErrorCode::LimitExceeded, message, page: page as usize, pointer: None, position: None };
            if self.options.collects() {
                self.issues.push(issue);
                return Ok(None);
            }
            return Err(Error::from_issue(issue, self.options.provider));
        }
        self.listing.begin_page();
        let mut reader = PageReader::new(Arc::clone(&self.options), purpose, page);
        let mut sink =
            Sink { out: &mut self.out, listing: &mut self.listing, issues: &mut self.issues, rows: &mut self.rows };
        reader.feed(body, true, &mut sink)?;
        Ok(reader.detection())
    }
}

impl Listing {
    pub(crate) fn begin_page(&mut self) {
        self.page = None;
        self.page_rows = 0;
        self.faults = 0;
        self.follow = None;
    }

    /// The checks of the whole listing: the count that the last page states, then what single bodies state.
    pub(crate) fn checks_of_listing(&mut self) -> Vec<Check> {
        let mut checks = Vec::new();
        if let Some((stated, pointer)) = self.stated.take() {
            checks.push(Check {
                name: "rows",
                expected: Decimal::from(i128::from(stated)),
                actual: Decimal::from(i128::from(self.rows)),
                ok: stated == self.rows,
                pointer: Some(pointer),
            });
        }
        checks.append(&mut self.checks);
        checks
    }
}
