//! Tables as text (NDJSON, CSV, JSON) and packed for the FFI.

mod columns;
mod csv;
mod json;
mod lines;
mod packed;

use crate::table::{Columns, UsageTable};

pub use columns::{ColumnArrays, DictionaryColumn};

use csv::{CsvWriter, HEADER};
use json::JsonWriter;

impl UsageTable {
    /// One record per line, as JSON with the names and order of the public contract. Every line ends with `\n`.
    pub fn to_ndjson(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(TextFormat::Ndjson.length(&self.columns));
        TextFormat::Ndjson.piece(&self.columns, 0, usize::MAX, &mut out);
        out
    }

    /// RFC 4180 with a header line. Text cells that a spreadsheet would read as a formula get a leading apostrophe;
    /// dimensions are `name=value` pairs joined by `;`, notes are joined by `;`.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(TextFormat::Csv.length(&self.columns));
        TextFormat::Csv.head(&mut out);
        TextFormat::Csv.piece(&self.columns, 0, usize::MAX, &mut out);
        out
    }

    /// Records `start` to `end` (exclusive), packed for another language that creates objects from them. `output/packed.rs` describes the form.
    pub fn to_packed(&self, start: usize, end: usize) -> Vec<u8> {
        let mut out = Vec::new();
        packed::pack(&self.columns, start, end, &mut out);
        out
    }

    /// Records `start` to `end` (exclusive) as a JSON array.
    pub fn to_json(&self, start: usize, end: usize) -> Vec<u8> {
        let mut out = Vec::new();
        json::array(&self.columns, start, end, &mut out);
        out
    }
}

/// The most records in one packed piece, because their objects take many times the memory.
const RECORDS_PACKED: usize = 1024;

/// A format for records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// One JSON object per line.
    Ndjson,
    /// RFC 4180.
    Csv,
    /// Each piece as in [`UsageTable::to_packed`]; nothing for a piece without records.
    Packed,
}

impl TextFormat {
    /// The text before the first record.
    pub(crate) fn head(self, out: &mut Vec<u8>) {
        if self == Self::Csv {
            out.extend_from_slice(HEADER.as_bytes());
        }
    }

    /// The number of bytes of the head and all records, for a format of lines.
    pub(crate) fn length(self, columns: &Columns) -> usize {
        match self {
            Self::Ndjson => JsonWriter::new(columns).length("\n"),
            Self::Csv => HEADER.len() + CsvWriter::new(columns).length("\r\n"),
            Self::Packed => 0,
        }
    }

    /// Appends records from `start` on, until there are so many bytes or no more records. Returns the index of the next record.
    pub(crate) fn piece(self, columns: &Columns, start: usize, bytes: usize, out: &mut Vec<u8>) -> usize {
        match self {
            Self::Ndjson => JsonWriter::new(columns).lines(start, bytes, "\n", out),
            Self::Csv => CsvWriter::new(columns).lines(start, bytes, "\r\n", out),
            Self::Packed => {
                let end = columns.records.min(start.saturating_add(RECORDS_PACKED));
                packed::pack(columns, start, end, out);
                end
            }
        }
    }
}
