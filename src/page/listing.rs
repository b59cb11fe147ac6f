//! Reads the pages of a listing as they arrive, each with its own request, into one table or one text.

use std::sync::Arc;

use serde::Serialize;

use crate::model::error::{Error, Issue};
use crate::model::provider::{Detection, Format};
use crate::model::record::PageInfo;
use crate::model::time::Instant;
use crate::options::ReadOptions;
use crate::page::listing_options::{Keep, ListingOptions, PageContext};
use crate::page::next::ProviderRequest;
use crate::page::reader::Purpose;
use crate::page::table_reader::TableReader;
use crate::table::{Columns, Distinct, TableBuilder, UsageTable};

/// The result of a page that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PageOutcome {
    /// Its format; `None` if it was not recognised.
    pub format: Option<Format>,
    /// The position in its listing.
    pub page: Option<PageInfo>,
    /// Number of the provider's rows on it: valid, faulty and left out.
    pub rows: u64,
    /// The request for the next page; `None` at the end, and if the request of this page was not given.
    pub next: Option<ProviderRequest>,
    /// With `OnError::Collect`: the fault at which reading of the page stopped; `None` if it was read to its end.
    pub fault: Option<Issue>,
}

/// Reads the pages of one listing. Begin each page with its own request, push its bytes in pieces of any size, and end it.
///
/// ```
/// use meterglot::{Keep, ListingOptions, ListingReader, PageContext, TextFormat};
/// let page = |day: u32| format!(
///     r#"[{{"AcctNum":1,"BucketNum":2,"StartTime":"2024-01-0{day}T00:00:00Z","EndTime":"2024-01-0{}T00:00:00Z","NumAPICalls":3}}]"#,
///     day + 1
/// );
/// let options = ListingOptions { distinct: true, ..ListingOptions::default() };
/// let mut listing = ListingReader::new(options, Keep::Text(TextFormat::Ndjson));
/// let mut out = Vec::new();
/// for day in [1, 2, 2] {
///     listing.begin(PageContext::default());
///     listing.push(page(day).as_bytes(), &mut out)?;
///     listing.end(&mut out)?;
/// }
/// assert_eq!((out.iter().filter(|b| **b == b'\n').count(), listing.duplicates()), (2, 1));
/// # Ok::<(), meterglot::Error>(())
/// ```
pub struct ListingReader {
    options: Arc<ReadOptions>,
    keep: Keep,
    /// For all pages.
    between: Option<(Instant, Instant)>,
    /// For this page.
    span: Option<(Instant, Instant)>,
    reading: TableReader,
    distinct: Option<Distinct>,
    /// Whether the head of the text is written.
    started: bool,
    /// Bytes of the page that were read so far.
    bytes: u64,
    /// Bytes that were read since the dictionaries were last emptied; text output only.
    remembered: usize,
    /// The records that were read and are being written; text output only.
    batch: Option<Batch>,
    unread: Unread,
    /// The fault that is thrown after the records before it were written.
    failure: Option<Error>,
}

/// Records that were read, and how many of them were written.
struct Batch {
    columns: Columns,
    written: usize,
    /// Whether records were left out, so that earlier codes are no longer valid.
    is_altered: bool,
}

/// Bytes of the page that were received but not read, because a batch was full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unread {
    Nothing,
    /// There may be some. `last`: the page ends with them.
    Some {
        last: bool,
    },
}

/// The records of one batch. They are all read before the first is written.
const BATCH: usize = 4096;

/// The number of bytes that are read at a time.
const PIECE_IN: usize = 64 * 1024;

/// The size of one piece of output. Its last record may exceed it.
const PIECE_OUT: usize = 1024 * 1024;

/// The dictionaries are emptied when they have so many periods.
const MOST_PERIODS: usize = 8192;

/// The dictionaries are emptied after so many bytes, so that they need no more memory than those bytes.
const MOST_REMEMBERED: usize = 512 * 1024;

impl ListingReader {
    /// A listing without pages. For a table, `limits.max_bytes` limits each page; for text output it does not apply.
    pub fn new(options: ListingOptions, keep: Keep) -> Self {
        let ListingOptions { read, between, distinct } = options;
        let is_table = keep == Keep::Table;
        let mut out = TableBuilder::new(read.limits.max_records, is_table);
        if !is_table {
            out = out.in_batches(BATCH);
        }
        out.keep_between(between);
        Self {
            options: Arc::new(read),
            keep,
            between,
            span: between,
            reading: TableReader::new(Purpose::Records, out),
            distinct: (distinct && !is_table).then(Distinct::default),
            started: false,
            bytes: 0,
            remembered: 0,
            batch: None,
            unread: Unread::Nothing,
            failure: None,
        }
    }

    /// Begins the next page.
    pub fn begin(&mut self, page: PageContext) {
        let mut options = Arc::clone(&self.options);
        if page.request.is_some() || page.content_type.is_some() || page.period.is_some() {
            let own = Arc::make_mut(&mut options);
            own.request = page.request.or(own.request.take());
            own.content_type = page.content_type.or(own.content_type.take());
            own.period = page.period.or(own.period.take());
        }
        let span = page.between.or(self.between);
        if span != self.span {
            self.span = span;
            self.reading.out.keep_between(span);
            if let Some(distinct) = &mut self.distinct {
                distinct.forget();
            }
        }
        self.bytes = 0;
        self.reading.begin(options);
    }

    /// Reads the next piece of the page. With text output, appends the records that are complete.
    ///
    /// # Errors
    /// The first fault, unless faults are collected. The records before it are appended first.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        for piece in piece.chunks(PIECE_IN) {
            self.feed(piece)?;
            while self.take(out)? {}
        }
        Ok(())
    }

    /// Ends the page, and appends its remaining records.
    ///
    /// # Errors
    /// As [`ListingReader::push`].
    pub fn end(&mut self, out: &mut Vec<u8>) -> Result<PageOutcome, Error> {
        self.close()?;
        while self.take(out)? {}
        Ok(self.outcome())
    }

    /// The first half of [`ListingReader::push`], for output in pieces: reads the next bytes of the page.
    /// [`ListingReader::take`] then returns the records that are complete. Pieces of about 64 KiB need the least memory.
    ///
    /// # Errors
    /// `invalid-option` if the output of the bytes before was not taken.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.check_taken("feed")?;
        self.bytes += piece.len() as u64;
        self.remembered += piece.len();
        self.read(piece, false);
        Ok(())
    }

    /// The first half of [`ListingReader::end`]: ends the page. After its remaining output was taken,
    /// [`ListingReader::outcome`] returns its result.
    ///
    /// # Errors
    /// As [`ListingReader::feed`].
    pub fn close(&mut self) -> Result<(), Error> {
        self.check_taken("close")?;
        self.read(&[], true);
        Ok(())
    }

    /// Appends the next piece of output: at most 1 MiB and one record. `false` if there is no more.
    ///
    /// # Errors
    /// The first fault, unless faults are collected, after the records before it were taken.
    pub fn take(&mut self, out: &mut Vec<u8>) -> Result<bool, Error> {
        let before = out.len();
        self.head(out);
        loop {
            self.write_on(out);
            if out.len() > before {
                return Ok(true);
            }
            if let Some(error) = self.failure.take() {
                self.unread = Unread::Nothing;
                return Err(error);
            }
            match self.unread {
                Unread::Nothing => return Ok(false),
                Unread::Some { last } => self.read(&[], last),
            }
        }
    }

    /// The result of the page that was closed.
    pub fn outcome(&mut self) -> PageOutcome {
        PageOutcome {
            format: self.reading.detection().map(|detection| detection.format),
            page: self.reading.listing.page.clone(),
            rows: self.reading.listing.page_rows,
            next: self.reading.next_request(),
            fault: self.reading.fault.clone(),
        }
    }

    /// The table of everything that was read; without records if they were written as text.
    pub fn finish(self) -> UsageTable {
        self.reading.into_table()
    }

    /// The faults found since the last call (`onError: "collect"`).
    pub fn take_issues(&mut self) -> Vec<Issue> {
        std::mem::take(&mut self.reading.issues)
    }

    /// The provider, format and encoding of the page, once they are known.
    pub fn detection(&self) -> Option<Detection> {
        self.reading.detection()
    }

    /// The number of records stored or written so far.
    pub fn records(&self) -> u64 {
        self.reading.out.records() - self.distinct.as_ref().map_or(0, Distinct::left_out)
    }

    /// The number of records dropped so far as duplicates.
    pub fn duplicates(&self) -> u64 {
        self.reading.out.duplicates() + self.distinct.as_ref().map_or(0, Distinct::duplicates)
    }

    /// Writes the text before the first record, unless it was written before.
    pub fn head(&mut self, out: &mut Vec<u8>) {
        if let Keep::Text(to) = self.keep
            && !std::mem::replace(&mut self.started, true)
        {
            to.head(out);
        }
    }

    fn check_taken(&self, call: &str) -> Result<(), Error> {
        if self.batch.is_none() && self.failure.is_none() && self.unread == Unread::Nothing {
            return Ok(());
        }
        Err(Error::option(call, "expected a call once all output has been taken, found some that has not been"))
    }

    /// Continues reading, to the end of the piece or until a batch is full.
    fn read(&mut self, piece: &[u8], last: bool) {
        let Keep::Text(_) = self.keep else {
            let result = match self.bytes > self.options.limits.max_bytes {
                true => self.reading.refuse_length(),
                false => self.reading.feed(piece, last),
            };
            self.failure = result.err();
            return;
        };
        self.failure = self.reading.feed(piece, last).err();
        self.unread = match self.reading.out.is_full() {
            true => Unread::Some { last },
            false => Unread::Nothing,
        };
        let mut columns = self.reading.out.take();
        let mut is_altered = false;
        if let Some(distinct) = &mut self.distinct
            && columns.records > 0
        {
            let left_out = distinct.left_out();
            match distinct.admit(&mut columns, self.options.collects()) {
                Ok(issues) => self.reading.issues.extend(issues),
                Err(error) => self.failure = Some(error),
            }
            is_altered = distinct.left_out() != left_out;
        }
        self.batch = Some(Batch { columns, written: 0, is_altered });
    }

    /// Writes the next piece of the current batch.
    fn write_on(&mut self, out: &mut Vec<u8>) {
        let (Keep::Text(to), Some(batch)) = (self.keep, &mut self.batch) else {
            return;
        };
        if batch.written < batch.columns.records {
            batch.written = to.piece(&batch.columns, batch.written, PIECE_OUT, out);
        }
        if batch.written < batch.columns.records {
            return;
        }
        if let Some(Batch { columns, is_altered, .. }) = self.batch.take() {
            if is_altered || self.remembered > MOST_REMEMBERED || columns.periods.len() > MOST_PERIODS {
                self.reading.forget_codes();
                self.remembered = 0;
            } else {
                self.reading.out.keep_codes(columns);
            }
        }
    }
}

impl std::fmt::Debug for ListingReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListingReader")
            .field("keep", &self.keep)
            .field("records", &self.records())
            .finish_non_exhaustive()
    }
}
