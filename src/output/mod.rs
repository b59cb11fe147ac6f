//! Tables as text: NDJSON, CSV, JSON.

mod columns;
mod csv;
mod json;

use crate::table::{Columns, UsageTable};

pub use columns::{ColumnArrays, DictionaryColumn};
pub(crate) use csv::CsvWriter;
pub(crate) use json::JsonWriter;

impl UsageTable {
    /// One record a line, as JSON in the names and order of the public contract; every line ends with `\n`.
    pub fn to_ndjson(&self) -> Vec<u8> {
        let mut out = Vec::new();
        JsonWriter::new(&self.columns).lines(&mut out);
        out
    }

    /// RFC 4180 with a header line. Text cells that a spreadsheet would take for a formula get a leading apostrophe;
    /// dimensions are `name=value` pairs joined by `;`, notes are joined by `;`.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut out = Vec::new();
        CsvWriter::header(&mut out);
        CsvWriter::rows(&self.columns, &mut out);
        out
    }

    /// Records `start` to `end` (exclusive) as a JSON array.
    pub fn to_json(&self, start: usize, end: usize) -> Vec<u8> {
        let mut out = Vec::new();
        JsonWriter::new(&self.columns).array(start, end, &mut out);
        out
    }
}

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// One JSON object a line.
    Ndjson,
    /// RFC 4180.
    Csv,
    /// A JSON array for each piece.
    JsonArray,
}

impl TextFormat {
    /// What stands before the first record.
    pub(crate) fn head(self, out: &mut Vec<u8>) {
        if self == Self::Csv {
            CsvWriter::header(out);
        }
    }

    /// Appends every record.
    pub(crate) fn body(self, columns: &Columns, out: &mut Vec<u8>) {
        match self {
            Self::Ndjson => JsonWriter::new(columns).lines(out),
            Self::Csv => CsvWriter::rows(columns, out),
            Self::JsonArray => JsonWriter::new(columns).array(0, columns.records, out),
        }
    }
}
