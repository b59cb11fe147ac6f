//! One body pushed in pieces, its records given back as text (design.md, STREAMING).

use std::sync::Arc;

use crate::error::{Error, Issue};
use crate::format::Listing;
use crate::options::ReadOptions;
use crate::output::TextFormat;
use crate::page::{PageReader, Purpose, Sink};
use crate::provider::Detection;
use crate::table::TableBuilder;

/// Reads one body as it arrives and writes its records as they are complete.
///
/// The pieces may be cut anywhere; what comes out, put together, is byte for byte what
/// [`to_ndjson`](crate::UsageTable::to_ndjson) or [`to_csv`](crate::UsageTable::to_csv) give for the whole body.
/// What is held is one unfinished row. Rows that stand twice are passed on twice: a stream does not remember them.
///
/// ```
/// use meterglot::{NormalizeStream, ReadOptions, TextFormat};
/// let body = br#"[{"AcctNum":1,"BucketNum":2,"StartTime":"2024-01-01T00:00:00Z","EndTime":"2024-01-02T00:00:00Z","NumAPICalls":3}]"#;
/// let mut stream = NormalizeStream::new(ReadOptions::default(), TextFormat::Ndjson);
/// let mut out = Vec::new();
/// for piece in body.chunks(7) {
///     stream.push(piece, &mut out)?;
/// }
/// stream.finish(&mut out)?;
/// assert_eq!(out, meterglot::normalize(&[body], &ReadOptions::default())?.to_ndjson());
/// # Ok::<(), meterglot::Error>(())
/// ```
pub struct NormalizeStream {
    reader: PageReader,
    out: TableBuilder,
    listing: Listing,
    issues: Vec<Issue>,
    to: TextFormat,
    started: bool,
}

impl NormalizeStream {
    /// A stream of one body. `limits.max_bytes` does not bound it; `limits.max_records` does, so raise it for a long one:
    /// a stream keeps no table, and its memory does not grow with its records.
    pub fn new(options: ReadOptions, to: TextFormat) -> Self {
        let out = TableBuilder::new(options.limits.max_records, false);
        Self {
            reader: PageReader::new(Arc::new(options), Purpose::Records, 0),
            out,
            listing: Listing::default(),
            issues: Vec::new(),
            to,
            started: false,
        }
    }

    /// Takes the next piece of the body and appends what is complete by it.
    ///
    /// # Errors
    /// The first fault, unless faults are collected. What was complete before it is appended all the same.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.feed(piece, false, out)
    }

    /// Says that the body is complete and appends what is left.
    ///
    /// # Errors
    /// As [`NormalizeStream::push`].
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.feed(&[], true, out)
    }

    /// The faults met since the last call (`onError: "collect"`).
    pub fn take_issues(&mut self) -> Vec<Issue> {
        std::mem::take(&mut self.issues)
    }

    /// What the body was recognised as, once that is known.
    pub fn detection(&self) -> Option<Detection> {
        self.reader.detection()
    }

    fn feed(&mut self, piece: &[u8], last: bool, out: &mut Vec<u8>) -> Result<(), Error> {
        if !std::mem::replace(&mut self.started, true) {
            self.to.head(out);
        }
        let mut sink =
            Sink { out: &mut self.out, listing: &mut self.listing, issues: &mut self.issues, rows: &mut Vec::new() };
        let result = self.reader.feed(piece, last, &mut sink);
        let columns = self.out.take();
        if columns.records > 0 {
            self.to.body(&columns, out);
        }
        self.reader.forget_codes();
        result
    }
}

impl std::fmt::Debug for NormalizeStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NormalizeStream")
            .field("to", &self.to)
            .field("detection", &self.detection())
            .finish_non_exhaustive()
    }
}
