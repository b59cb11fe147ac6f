//! Reads one body in pieces and writes its records as text (docs/design.md#streaming).

use crate::model::error::{Error, Issue};
use crate::model::provider::Detection;
use crate::options::ReadOptions;
use crate::output::TextFormat;
use crate::page::listing::{Keep, ListingOptions, ListingReader, PageContext};

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
pub struct NormalizeStream(ListingReader);

impl NormalizeStream {
    /// A stream of one body. `limits.max_bytes` does not bound it; `limits.max_records` does, so raise it for a long one:
    /// a stream keeps no table, and its memory does not grow with its records.
    pub fn new(options: ReadOptions, to: TextFormat) -> Self {
        let mut listing =
            ListingReader::new(ListingOptions { read: options, ..ListingOptions::default() }, Keep::Text(to));
        listing.begin(PageContext::default());
        Self(listing)
    }

    /// Takes the next piece of the body and appends what is complete by it.
    ///
    /// # Errors
    /// The first fault, unless faults are collected. What was complete before it is appended all the same.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.0.push(piece, out)
    }

    /// Says that the body is complete and appends what is left.
    ///
    /// # Errors
    /// As [`NormalizeStream::push`].
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.0.end(out).map(|_| ())
    }

    /// The faults met since the last call (`onError: "collect"`).
    pub fn take_issues(&mut self) -> Vec<Issue> {
        self.0.take_issues()
    }

    /// What the body was recognised as, once that is known.
    pub fn detection(&self) -> Option<Detection> {
        self.0.detection()
    }
}

impl std::fmt::Debug for NormalizeStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NormalizeStream").field("detection", &self.detection()).finish_non_exhaustive()
    }
}
