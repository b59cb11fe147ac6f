//! Records as JSON. What rows have in common is written once and copied after that.

use std::io::Write;

use serde_json::to_writer;

use crate::decimal::Decimal;
use crate::table::{Columns, IdParts, RecordView, merged};

/// Writes the records of a table as JSON objects.
pub struct JsonWriter<'t> {
    columns: &'t Columns,
    /// By subject: account to region; and currency.
    subjects: Vec<Option<(Vec<u8>, Vec<u8>)>>,
    /// By field: provider and format; metric and providerField; kind; unit; partOf.
    fields: Vec<Option<FieldText>>,
    /// By period: start, end, utcOffset.
    periods: Vec<Option<Vec<u8>>>,
    ids: IdParts,
    pointer: String,
}

struct FieldText {
    provider: Vec<u8>,
    metric: Vec<u8>,
    unit: Vec<u8>,
    kind: Vec<u8>,
    part_of: Vec<u8>,
}

impl<'t> JsonWriter<'t> {
    pub fn new(columns: &'t Columns) -> Self {
        fn none<T>(length: usize) -> Vec<Option<T>> {
            std::iter::repeat_with(|| None).take(length).collect()
        }
        Self {
            columns,
            subjects: none(columns.subjects.len()),
            fields: none(columns.fields.len()),
            periods: none(columns.periods.len()),
            ids: IdParts::new(columns),
            pointer: String::new(),
        }
    }

    pub fn lines(&mut self, out: &mut Vec<u8>) {
        for row in &self.columns.rows {
            for view in self.columns.views_of(row) {
                self.record(&view, out);
                out.push(b'\n');
            }
        }
    }

    pub fn array(&mut self, start: usize, end: usize, out: &mut Vec<u8>) {
        out.push(b'[');
        for (i, view) in self.columns.views(start, end).enumerate() {
            if i > 0 {
                out.push(b',');
            }
            self.record(&view, out);
        }
        out.push(b']');
    }

    fn record(&mut self, view: &RecordView<'_>, out: &mut Vec<u8>) {
        let (quantity, cost) = view.numbers();
        let subject = self.subjects[view.row.subject as usize].get_or_insert_with(|| {
            let s = view.subject();
            let named = [
                ("account", &s.account),
                ("resourceId", &s.resource_id),
                ("resourceName", &s.resource_name),
                ("resourceType", &s.resource_type),
                ("region", &s.region),
            ];
            let mut about = Vec::new();
            named.iter().for_each(|(name, value)| member(&mut about, name, value.as_deref()));
            let mut currency = Vec::new();
            member(&mut currency, "currency", s.currency.as_deref());
            (about, currency)
        });
        let field = self.fields[view.field_code as usize].get_or_insert_with(|| {
            let f = view.field();
            let one = |name: &str, value: Option<&str>| {
                let mut out = Vec::new();
                member(&mut out, name, value);
                out
            };
            let two = |a: (&str, &str), b: (&str, &str)| {
                let mut out = one(a.0, Some(a.1));
                member(&mut out, b.0, Some(b.1));
                out
            };
            FieldText {
                provider: two(("provider", f.format.provider().as_str()), ("format", f.format.as_str())),
                metric: two(("metric", &f.metric), ("providerField", &f.provider_field)),
                kind: one("kind", Some(f.kind.as_str())),
                unit: one("unit", f.unit.map(|unit| unit.to_string()).as_deref()),
                part_of: one("partOf", f.part_of.as_deref()),
            }
        });
        let period = self.periods[view.row.period as usize].get_or_insert_with(|| {
            let p = view.period();
            let mut out = Vec::new();
            member(&mut out, "start", p.start.map(|t| t.to_string()).as_deref());
            member(&mut out, "end", p.end.map(|t| t.to_string()).as_deref());
            member(&mut out, "utcOffset", p.offset.as_deref());
            out
        });
        out.extend_from_slice(b"{\"id\":\"");
        self.ids.write(view, out);
        out.extend_from_slice(b"\",");
        out.extend_from_slice(&field.provider);
        out.extend_from_slice(&subject.0);
        out.extend_from_slice(&field.metric);
        out.extend_from_slice(b"\"dimensions\":{");
        for (i, (name, value)) in merged(&view.subject().dimensions, &view.field().dimensions).enumerate() {
            if i > 0 {
                out.push(b',');
            }
            text(out, name);
            out.push(b':');
            text(out, value);
        }
        out.extend_from_slice(b"},");
        out.extend_from_slice(&field.kind);
        number(out, "quantity", quantity.as_ref());
        out.extend_from_slice(&field.unit);
        number(out, "cost", cost.as_ref());
        if cost.is_some() {
            out.extend_from_slice(&subject.1);
        } else {
            out.extend_from_slice(b"\"currency\":null,");
        }
        out.extend_from_slice(period);
        out.extend_from_slice(&field.part_of);
        self.pointer.clear();
        view.write_pointer(&mut self.pointer);
        member(out, "pointer", Some(&self.pointer));
        let _ = write!(out, "\"page\":{},\"notes\":[", view.locator().page);
        for (i, note) in view.notes().iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            text(out, note.as_str());
        }
        out.extend_from_slice(b"]}");
    }
}

/// `"name":"value",` or `"name":null,`.
fn member(out: &mut Vec<u8>, name: &str, value: Option<&str>) {
    let _ = write!(out, "\"{name}\":");
    match value {
        Some(value) => text(out, value),
        None => out.extend_from_slice(b"null"),
    }
    out.push(b',');
}

fn number(out: &mut Vec<u8>, name: &str, value: Option<&Decimal>) {
    let _ = match value {
        Some(value) => write!(out, "\"{name}\":\"{value}\","),
        None => write!(out, "\"{name}\":null,"),
    };
}

fn text(out: &mut Vec<u8>, value: &str) {
    // Writing to memory cannot fail.
    let _ = to_writer(out, value);
}
