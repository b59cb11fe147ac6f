//! Records as CSV (RFC 4180), safe to open in a spreadsheet.

use super::lines::{Style, Writer};
use crate::model::record::Notes;
use crate::table::Cell;

/// The columns, in the order of the public contract.
pub const HEADER: &str = "id,provider,format,account,resourceId,resourceName,resourceType,region,metric,providerField,\
dimensions,kind,quantity,unit,cost,currency,start,end,utcOffset,partOf,pointer,page,notes\r\n";

/// Writes the records of a table as CSV lines.
pub type CsvWriter<'t> = Writer<'t, Csv>;

/// Cells in the order of [`HEADER`].
pub struct Csv;

impl Style for Csv {
    const OPEN: &'static str = "";
    const CLOSE: &'static str = "";
    const QUOTE: &'static str = "";

    fn name(_name: &str, _out: &mut Vec<u8>) {}

    /// Quoted if necessary, and never read as a formula.
    fn text(value: Option<&str>, out: &mut Vec<u8>) {
        let value = value.unwrap_or_default();
        let quoted = !Self::is_plain(value);
        if quoted {
            out.push(b'"');
        }
        if value.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            out.push(b'\'');
        }
        for byte in value.bytes() {
            if byte == b'"' {
                out.push(b'"');
            }
            out.push(byte);
        }
        if quoted {
            out.push(b'"');
        }
    }

    fn is_plain(text: &str) -> bool {
        !text.contains([',', '"', '\r', '\n'])
    }

    fn number(value: Cell<'_>, out: &mut Vec<u8>) {
        value.write(out);
    }

    fn dimensions<'d>(pairs: impl Iterator<Item = (&'d str, &'d str)>, out: &mut Vec<u8>) {
        let pairs: Vec<String> = pairs.map(|(name, value)| [&escaped(name), "=", &escaped(value)].concat()).collect();
        Self::text(Some(&pairs.join(";")), out);
    }

    fn notes(notes: Notes, out: &mut Vec<u8>) {
        let notes: Vec<&str> = notes.iter().map(crate::model::record::Note::as_str).collect();
        out.extend_from_slice(notes.join(";").as_bytes());
    }
}

/// A name or value of a dimension, its separators escaped.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '\\' | ';' | '=') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
