//! Reads the pages of one listing into a table. A page is passed whole or in pieces.
//!
//! `normalize`, `parse`, streams and listings share this code and differ in what they do with the result.

use std::sync::Arc;

use crate::format::ListingState;
use crate::model::error::{Error, ErrorCode, Issue};
use crate::model::provider::{Detection, Format};
use crate::options::ReadOptions;
use crate::page::next::{ProviderRequest, request_after};
use crate::page::reader::{PageReader, Purpose, Sink};
use crate::read::Value;
use crate::table::{TableBuilder, UsageTable};

/// The state of a call over its pages.
pub(crate) struct TableReader {
    purpose: Purpose,
    pub out: TableBuilder,
    pub listing: ListingState,
    pub issues: Vec<Issue>,
    /// The provider's own rows ([`Purpose::Parse`]).
    pub rows: Vec<Value>,
    page: Option<Page>,
    /// The fault after which reading of the page stopped, if faults are collected.
    pub fault: Option<Issue>,
    /// Pages begun so far.
    pages: u32,
    /// The format of the first page that was recognised.
    pub format: Option<Format>,
}

/// The current page.
struct Page {
    reader: PageReader,
    options: Arc<ReadOptions>,
}

impl TableReader {
    pub fn new(purpose: Purpose, out: TableBuilder) -> Self {
        Self {
            purpose,
            out,
            listing: ListingState::default(),
            issues: Vec::new(),
            rows: Vec::new(),
            page: None,
            fault: None,
            pages: 0,
            format: None,
        }
    }

    /// Begins the next page.
    pub fn begin(&mut self, options: Arc<ReadOptions>) {
        self.listing.begin_page();
        let reader = PageReader::new(Arc::clone(&options), self.purpose, self.pages);
        self.page = Some(Page { reader, options });
        self.fault = None;
        self.pages += 1;
    }

    /// Reads the next bytes of the page. `last` means that no more follow.
    pub fn feed(&mut self, piece: &[u8], last: bool) -> Result<(), Error> {
        let Some(page) = &mut self.page else {
            return Ok(());
        };
        page.options.of_one_body()?;
        let mut sink =
            Sink { out: &mut self.out, listing: &mut self.listing, issues: &mut self.issues, rows: &mut self.rows };
        let result = page.reader.feed(piece, last, &mut sink);
        if self.fault.is_none() {
            self.fault = page.reader.fault().cloned();
        }
        self.format = self.format.or(page.reader.detection().map(|detection| detection.format));
        result
    }

    /// Reads a whole body as the next page. A body longer than `maxBytes` is not read.
    pub fn whole(&mut self, body: &[u8], options: &Arc<ReadOptions>) -> Result<Option<Detection>, Error> {
        self.begin(Arc::clone(options));
        if body.len() as u64 > options.limits.max_bytes {
            self.refuse_length()?;
            return Ok(None);
        }
        self.feed(body, true)?;
        Ok(self.detection())
    }

    /// The page is longer than `maxBytes`, so no more of it is read.
    pub fn refuse_length(&mut self) -> Result<(), Error> {
        let Some(Page { options, .. }) = self.page.take() else {
            return Ok(());
        };
        let message = format!("expected a body of at most maxBytes ({}) bytes, found more", options.limits.max_bytes);
        let page = self.pages as usize - 1;
        let issue = Issue { code: ErrorCode::LimitExceeded, message, page, pointer: None, position: None };
        if !options.collects() {
            return Err(Error::from_issue(issue, options.provider));
        }
        self.fault = Some(issue.clone());
        self.issues.push(issue);
        Ok(())
    }

    /// The provider, format and encoding of the page.
    pub fn detection(&self) -> Option<Detection> {
        self.page.as_ref().and_then(|page| page.reader.detection())
    }

    /// Codes of the table's dictionaries are no longer valid.
    pub fn forget_codes(&mut self) {
        if let Some(page) = &mut self.page {
            page.reader.forget_codes();
        }
    }

    /// The request after the page. `None` at the end of the listing, or if the request of this page is not known.
    pub fn next_request(&mut self) -> Option<ProviderRequest> {
        let (page, encoding) = (self.page.as_ref()?, self.detection()?.encoding);
        let request = page.options.request.as_ref().filter(|request| request.is_absolute())?;
        request_after(request, self.listing.follow.take()?, encoding)
    }

    /// Everything that was read, as a table.
    pub fn into_table(mut self) -> UsageTable {
        let mut table = self.out.finish();
        table.format = self.format;
        table.issues = self.issues;
        table.checks = self.listing.checks_of_listing();
        table.row_sums = self.listing.row_sums;
        table.page = self.listing.page;
        table
    }
}
