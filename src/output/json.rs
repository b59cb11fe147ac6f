//! Records as JSON.

use serde_json::to_writer;

use super::lines::{Style, Writer};
use crate::model::record::Notes;
use crate::table::{Cell, Columns};

/// Writes the records of a table as JSON objects.
pub type JsonWriter<'t> = Writer<'t, Json>;

/// `{"id":"…",…,"notes":[…]}`
pub struct Json;

impl Style for Json {
    const OPEN: &'static str = "{\"id\":\"";
    const CLOSE: &'static str = "}";
    const QUOTE: &'static str = "\"";

    fn name(name: &str, out: &mut Vec<u8>) {
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
    }

    fn text(value: Option<&str>, out: &mut Vec<u8>) {
        match value {
            // Writing to memory cannot fail.
            Some(value) => drop(to_writer(out, value)),
            None => out.extend_from_slice(b"null"),
        }
    }

    fn is_plain(text: &str) -> bool {
        text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
    }

    fn number(value: Cell<'_>, out: &mut Vec<u8>) {
        if value.is_null() {
            return Self::text(None, out);
        }
        out.push(b'"');
        value.write(out);
        out.push(b'"');
    }

    fn dimensions<'d>(pairs: impl Iterator<Item = (&'d str, &'d str)>, out: &mut Vec<u8>) {
        list(b'{', pairs, b'}', out, |(name, value), out| {
            Self::text(Some(name), out);
            out.push(b':');
            Self::text(Some(value), out);
        });
    }

    fn notes(notes: Notes, out: &mut Vec<u8>) {
        list(b'[', notes.iter(), b']', out, |note, out| Self::text(Some(note.as_str()), out));
    }
}

/// Records `start` to `end` (exclusive) as an array.
pub fn array(columns: &Columns, start: usize, end: usize, out: &mut Vec<u8>) {
    let mut writer = JsonWriter::new(columns);
    list(b'[', columns.views(start, end), b']', out, |view, out| writer.record(&view, out));
}

fn list<T>(
    open: u8,
    items: impl Iterator<Item = T>,
    close: u8,
    out: &mut Vec<u8>,
    mut write: impl FnMut(T, &mut Vec<u8>),
) {
    out.push(open);
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(close);
}
