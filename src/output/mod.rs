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
    /// One record a line, as JSON in the names and order of the public contract; every line ends with `\n`.
    pub fn to_ndjson(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(TextFormat::Ndjson.length(&self.columns));
        TextFormat::Ndjson.piece(&self.columns, 0, usize::MAX, &mut out);
        out
    }

    /// RFC 4180 with a header line. Text cells that a spreadsheet would take for a formula get a leading apostrophe;
    /// dimensions are `name=value` pairs joined by `;`, notes are joined by `;`.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(TextFormat::Csv.length(&self.columns));
        TextFormat::Csv.head(&mut out);
        TextFormat::Csv.piece(&self.columns, 0, usize::MAX, &mut out);
        out
    }

    /// Records `start` to `end` (exclusive) packed for another language to make objects of: `output/packed.rs` says how.
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

/// Records packed at a time. Their objects take many times the memory.
const RECORDS_PACKED: usize = 1024;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// One JSON object a line.
    Ndjson,
    /// RFC 4180.
    Csv,
    /// Each piece as [`UsageTable::to_packed`] has it; nothing where a piece has no records.
    Packed,
}

impl TextFormat {
    /// What stands before the first record.
    pub(crate) fn head(self, out: &mut Vec<u8>) {
        if self == Self::Csv {
            out.extend_from_slice(HEADER.as_bytes());
        }
    }

    /// How many bytes the head and all records are, of a format of lines.
    pub(crate) fn length(self, columns: &Columns) -> usize {
        match self {
            Self::Ndjson => JsonWriter::new(columns).length("\n"),
            Self::Csv => HEADER.len() + CsvWriter::new(columns).length("\r\n"),
            Self::Packed => 0,
        }
    }

    /// Appends records from `start` on, until there are so many bytes or no more records. Gives back the record after them.
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
