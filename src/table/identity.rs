//! The id of a record (design.md, IDENTITY).

use std::io::Write;

use twox_hash::XxHash3_128;

use super::view::merged;
use super::{Columns, Field, Period, RecordView, Subject};

/// Writes the ids of a table's records; what rows have in common is laid out once.
///
/// An id is XXH3-128 over provider, account, resourceId, region, metric, kind, dimensions, start and end, each
/// behind its length, so that no two lists of parts read alike. A part that is null is told from an empty one.
pub struct IdParts {
    subjects: Vec<Vec<u8>>,
    fields: Vec<Vec<u8>>,
    periods: Vec<Vec<u8>>,
    key: Vec<u8>,
}

impl IdParts {
    pub fn new(columns: &Columns) -> Self {
        Self {
            subjects: vec![Vec::new(); columns.subjects.len()],
            fields: vec![Vec::new(); columns.fields.len()],
            periods: vec![Vec::new(); columns.periods.len()],
            key: Vec::with_capacity(192),
        }
    }

    /// Appends the id: 32 hex digits.
    pub fn write(&mut self, view: &RecordView<'_>, out: &mut Vec<u8>) {
        let row = view.row;
        let subject = &mut self.subjects[row.subject as usize];
        if subject.is_empty() {
            subject_part(view.subject(), subject);
        }
        let field = &mut self.fields[view.field_code as usize];
        if field.is_empty() {
            field_part(view.field(), field);
        }
        let period = &mut self.periods[row.period as usize];
        if period.is_empty() {
            period_part(view.period(), period);
        }
        self.key.clear();
        part(&mut self.key, Some(view.field().format.provider().as_str()));
        self.key.extend_from_slice(subject);
        self.key.extend_from_slice(field);
        dimensions_part(view, &mut self.key);
        self.key.extend_from_slice(period);
        // Writing to memory cannot fail.
        let _ = write!(out, "{:032x}", XxHash3_128::oneshot(&self.key));
    }
}

impl RecordView<'_> {
    /// The record's id, worked out on its own.
    pub fn id(&self) -> String {
        format!("{:032x}", self.id_hash())
    }

    /// The number that the id is written from.
    pub fn id_hash(&self) -> u128 {
        let mut key = Vec::with_capacity(192);
        part(&mut key, Some(self.field().format.provider().as_str()));
        subject_part(self.subject(), &mut key);
        field_part(self.field(), &mut key);
        dimensions_part(self, &mut key);
        period_part(self.period(), &mut key);
        XxHash3_128::oneshot(&key)
    }
}

fn subject_part(subject: &Subject, key: &mut Vec<u8>) {
    [&subject.account, &subject.resource_id, &subject.region].iter().for_each(|text| part(key, text.as_deref()));
}

fn field_part(field: &Field, key: &mut Vec<u8>) {
    part(key, Some(&field.metric));
    part(key, Some(field.kind.as_str()));
}

fn dimensions_part(view: &RecordView<'_>, key: &mut Vec<u8>) {
    let (of_subject, of_field) = (&view.subject().dimensions, &view.field().dimensions);
    length(key, of_subject.len() + of_field.len());
    for (name, value) in merged(of_subject, of_field) {
        part(key, Some(name));
        part(key, Some(value));
    }
}

fn period_part(period: &Period, key: &mut Vec<u8>) {
    [period.start, period.end].iter().for_each(|time| part(key, time.map(|t| t.to_string()).as_deref()));
}

fn length(key: &mut Vec<u8>, length: usize) {
    key.extend_from_slice(&(length as u32).to_le_bytes());
}

fn part(key: &mut Vec<u8>, part: Option<&str>) {
    match part {
        None => key.extend_from_slice(&u32::MAX.to_le_bytes()),
        Some(text) => {
            length(key, text.len());
            key.extend_from_slice(text.as_bytes());
        }
    }
}
