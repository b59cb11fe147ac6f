//! Reads the pages of a listing as they arrive, each with its own request, into one table or one text.

use std::sync::Arc;

use serde::Serialize;

use crate::model::error::{Error, Issue};
use crate::model::provider::{Detection, Format};
use crate::model::record::PageInfo;
use crate::model::time::Instant;
use crate::options::request::Request;
use crate::options::{ReadOptions, span};
use crate::output::TextFormat;
use crate::page::next::ProviderRequest;
use crate::page::reader::Purpose;
use crate::page::table_reader::TableReader;
use crate::table::{Columns, Distinct, TableBuilder, UsageTable};

/// The output of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// A table of all records, at the end.
    Table,
    /// Text of the records as soon as they are complete; they are not stored.
    Text(TextFormat),
}

/// How to read a listing.
#[derive(Clone, Debug, Default)]
pub struct ListingOptions {
    /// How to read each of its pages.
    pub read: ReadOptions,
    /// Rows that start outside [start, end) are left out; rows without a time are included.
    pub between: Option<(Instant, Instant)>,
    /// Drops and counts records that were read before on any page, as a table always does. Default false.
    ///
    /// It needs about 50 bytes of memory for each record. For Wasabi and OnApp, whose rows have many records, it needs as much for
    /// each row: there, a row that occurs again, or that shares a metric with a row of the same resource and period, must be identical.
    pub distinct: bool,
}

impl ListingOptions {
    /// Sets [`ListingOptions::between`] from two RFC 3339 times.
    ///
    /// # Errors
    /// `invalid-option` where one is no time, or the start is not before the end.
    pub fn between(self, start: &str, end: &str) -> Result<Self, Error> {
        Ok(Self { between: Some(span("between", start, end)?), ..self })
    }
}

/// The options of one page of a listing. Those that are `None` are as in [`ListingOptions::read`].
#[derive(Clone, Debug, Default)]
pub struct PageContext {
    /// The request that was answered.
    pub request: Option<Request>,
    /// The reply's `Content-Type`.
    pub content_type: Option<String>,
    /// The period, where rows carry no time of their own.
    pub period: Option<(Instant, Instant)>,
    /// Like [`ListingOptions::between`], for a listing that is requested in slices: what `distinct` remembers of the slice before is
    /// then dropped.
    pub between: Option<(Instant, Instant)>,
}

impl PageContext {
    /// Sets [`PageContext::between`] from two RFC 3339 times.
    ///
    /// # Errors
    /// `invalid-option` where one is no time, or the start is not before the end.
    pub fn between(self, start: &str, end: &str) -> Result<Self, Error> {
        Ok(Self { between: Some(span("between", start, end)?), ..self })
    }
}

impl From<ReadOptions> for PageContext {
    /// Takes the options that a page may have.
    fn from(options: ReadOptions) -> Self {
        Self { request: options.request, content_type: options.content_type, period: options.period, between: None }
    }
}

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

/// Reads the pages of one listing: each is begun with its own request, pushed in pieces cut anywhere, and ended.
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
    /// As given for all pages.
    between: Option<(Instant, Instant)>,
    /// Of the page.
    span: Option<(Instant, Instant)>,
    reading: TableReader,
    distinct: Option<Distinct>,
    /// Whether the head of the text is written.
    started: bool,
    /// Bytes of the page so far.
    bytes: u64,
    /// Bytes of a text's pages whose resource keys, periods and fields are still known.
    remembered: usize,
    /// Of a text: what was read and is being written.
    batch: Option<Batch>,
    unread: Unread,
    /// What is thrown once what was complete before it is written.
    failure: Option<Error>,
}

/// Records that were read, and how many of them are written.
struct Batch {
    columns: Columns,
    written: usize,
    /// Whether records were left out, so that codes given out before are no longer good.
    is_altered: bool,
}

/// Bytes of the page that were taken and not read, because a batch was full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unread {
    Nothing,
    /// There may be some; `last`: they are the page's last.
    Some {
        last: bool,
    },
}

/// Records of one batch: they are read before any of them is written.
const BATCH: usize = 4096;

/// Bytes that are read at a time.
const PIECE_IN: usize = 64 * 1024;

/// Bytes of one piece of output, without the record that passes them.
const PIECE_OUT: usize = 1024 * 1024;

/// So many periods are known until what rows have in common is forgotten.
const MOST_PERIODS: usize = 8192;

/// So many bytes are read until what rows have in common is forgotten: it takes no more memory than they did.
const MOST_REMEMBERED: usize = 512 * 1024;

impl ListingReader {
    /// A listing without pages. A table's pages are bounded by `limits.max_bytes` each; a text's are not.
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

    /// Takes the next piece of the page. What is complete by it is appended, where a text is written.
    ///
    /// # Errors
    /// The first fault, unless faults are collected. What was complete before it is appended all the same.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        for piece in piece.chunks(PIECE_IN) {
            self.feed(piece)?;
            while self.take(out)? {}
        }
        Ok(())
    }

    /// Says that the page is complete and appends what is left of it.
    ///
    /// # Errors
    /// As [`ListingReader::push`].
    pub fn end(&mut self, out: &mut Vec<u8>) -> Result<PageOutcome, Error> {
        self.close()?;
        while self.take(out)? {}
        Ok(self.outcome())
    }

    /// The first half of [`ListingReader::push`], for output in pieces: takes the next bytes of the page. What is complete
    /// by them is then had from [`ListingReader::take`]. Some 64 KiB at a time keep what is held small.
    ///
    /// # Errors
    /// `invalid-option` where the output of the bytes before has not been taken.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.check_taken("feed")?;
        self.bytes += piece.len() as u64;
        self.remembered += piece.len();
        self.read(piece, false);
        Ok(())
    }

    /// The first half of [`ListingReader::end`]: says that the page is complete. Once what is left of it has been taken,
    /// [`ListingReader::outcome`] says what it was.
    ///
    /// # Errors
    /// As [`ListingReader::feed`].
    pub fn close(&mut self) -> Result<(), Error> {
        self.check_taken("close")?;
        self.read(&[], true);
        Ok(())
    }

    /// Appends the next piece of what is complete: at most 1 MiB and one record. `false`: there is nothing more.
    ///
    /// # Errors
    /// The first fault, unless faults are collected; it comes once what was complete before it has been taken.
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

    /// What the page was that has been closed.
    pub fn outcome(&mut self) -> PageOutcome {
        PageOutcome {
            format: self.reading.detection().map(|detection| detection.format),
            page: self.reading.listing.page.clone(),
            rows: self.reading.listing.page_rows,
            next: self.reading.next_request(),
            fault: self.reading.fault.clone(),
        }
    }

    /// The table of everything that was read; without records where a text was written.
    pub fn finish(self) -> UsageTable {
        self.reading.into_table()
    }

    /// The faults met since the last call (`onError: "collect"`).
    pub fn take_issues(&mut self) -> Vec<Issue> {
        std::mem::take(&mut self.reading.issues)
    }

    /// What the page was recognised as, once that is known.
    pub fn detection(&self) -> Option<Detection> {
        self.reading.detection()
    }

    /// Records kept or written so far.
    pub fn records(&self) -> u64 {
        self.reading.out.records() - self.distinct.as_ref().map_or(0, Distinct::left_out)
    }

    /// Records dropped so far because they were met before.
    pub fn duplicates(&self) -> u64 {
        self.reading.out.duplicates() + self.distinct.as_ref().map_or(0, Distinct::duplicates)
    }

    /// Writes what stands before the first record, where that has not been done.
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

    /// Reads on, up to the end of the piece or until a batch is full.
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

    /// Writes the next piece of the batch in hand.
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
