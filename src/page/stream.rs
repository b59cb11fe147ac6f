//! Reads one body in pieces and writes its records as text (docs/design.md#streaming).

use crate::model::error::{Error, Issue};
use crate::model::provider::Detection;
use crate::options::ReadOptions;
use crate::output::TextFormat;
use crate::page::listing::ListingReader;
use crate::page::listing_options::{Keep, ListingOptions, PageContext};

/// Reads one body as it arrives, and writes its records as soon as they are complete.
///
/// The pieces may be cut anywhere. The output as a whole is byte for byte that of
/// [`to_ndjson`](crate::UsageTable::to_ndjson) or [`to_csv`](crate::UsageTable::to_csv) for the whole body.
/// Only one unfinished row is in memory. A row that occurs twice is written twice, because a stream does not store rows.
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
    /// A stream of one body. `limits.max_bytes` does not apply to it. `limits.max_records` does, so raise it for a long body:
    /// a stream stores no table, and its memory does not grow with the number of records.
    pub fn new(options: ReadOptions, to: TextFormat) -> Self {
        let mut listing =
            ListingReader::new(ListingOptions { read: options, ..ListingOptions::default() }, Keep::Text(to));
        listing.begin(PageContext::default());
        Self(listing)
    }

    /// Reads the next piece of the body, and appends the records that are complete.
    ///
    /// # Errors
    /// The first fault, unless faults are collected. The records before it are appended first.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.0.push(piece, out)
    }

    /// Ends the body, and appends the remaining records.
    ///
    /// # Errors
    /// As [`NormalizeStream::push`].
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.0.end(out).map(|_| ())
    }

    /// The faults found since the last call (`onError: "collect"`).
    pub fn take_issues(&mut self) -> Vec<Issue> {
        self.0.take_issues()
    }

    /// The provider, format and encoding of the body, once they are known.
    pub fn detection(&self) -> Option<Detection> {
        self.0.detection()
    }
}

impl std::fmt::Debug for NormalizeStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NormalizeStream").field("detection", &self.detection()).finish_non_exhaustive()
    }
}
