//! Records as CSV (RFC 4180), safe to open in a spreadsheet.

use std::io::Write;

use crate::table::{Columns, IdParts, RecordView, merged};

/// The columns, in the order of the public contract.
const HEADER: &str = "id,provider,format,account,resourceId,resourceName,resourceType,region,metric,providerField,\
dimensions,kind,quantity,unit,cost,currency,start,end,utcOffset,partOf,pointer,page,notes\r\n";

/// Writes the records of a table as CSV lines.
pub struct CsvWriter;

impl CsvWriter {
    pub fn header(out: &mut Vec<u8>) {
        out.extend_from_slice(HEADER.as_bytes());
    }

    pub fn rows(columns: &Columns, out: &mut Vec<u8>) {
        let mut ids = IdParts::new(columns);
        let mut pointer = String::new();
        for row in &columns.rows {
            for view in columns.views_of(row) {
                ids.write(&view, out);
                record(&view, &mut pointer, out);
            }
        }
    }
}

fn record(view: &RecordView<'_>, pointer: &mut String, out: &mut Vec<u8>) {
    let (subject, field, period) = (view.subject(), view.field(), view.period());
    let (quantity, cost) = view.numbers();
    text_cell(out, Some(field.format.provider().as_str()));
    text_cell(out, Some(field.format.as_str()));
    text_cell(out, subject.account.as_deref());
    text_cell(out, subject.resource_id.as_deref());
    text_cell(out, subject.resource_name.as_deref());
    text_cell(out, subject.resource_type.as_deref());
    text_cell(out, subject.region.as_deref());
    text_cell(out, Some(&field.metric));
    text_cell(out, Some(&field.provider_field));
    let pairs: Vec<String> = merged(&subject.dimensions, &field.dimensions)
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    text_cell(out, Some(&pairs.join(";")));
    text_cell(out, Some(field.kind.as_str()));
    number(out, quantity.as_ref());
    text_cell(out, field.unit.map(|unit| unit.to_string()).as_deref());
    number(out, cost.as_ref());
    text_cell(out, view.currency(cost.as_ref()));
    text_cell(out, period.start.map(|t| t.to_string()).as_deref());
    text_cell(out, period.end.map(|t| t.to_string()).as_deref());
    text_cell(out, period.offset.as_deref());
    text_cell(out, field.part_of.as_deref());
    pointer.clear();
    view.write_pointer(pointer);
    text_cell(out, Some(pointer));
    let notes: Vec<&str> = view.notes().iter().map(|note| note.as_str()).collect();
    let _ = write!(out, ",{},{}\r\n", view.locator().page, notes.join(";"));
}

fn text_cell(out: &mut Vec<u8>, value: Option<&str>) {
    out.push(b',');
    text(out, value.unwrap_or_default());
}

fn number(out: &mut Vec<u8>, value: Option<&crate::Decimal>) {
    let _ = match value {
        Some(value) => write!(out, ",{value}"),
        None => write!(out, ","),
    };
}

/// A cell that is text: quoted where it must be, never taken for a formula.
fn text(out: &mut Vec<u8>, value: &str) {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = value.contains([',', '"', '\r', '\n']);
    if quoted {
        out.push(b'"');
    }
    if formula {
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
