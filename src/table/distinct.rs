//! Records of a text that were met before. The text itself is gone, so what is kept of it is a hash a record, or a row
//! where rows have many.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::RandomState;
use twox_hash::XxHash3_128;

use super::{Columns, RecordView};
use crate::error::{Error, ErrorCode, Issue};
use crate::provider::Provider;

/// What was written: by the hash of a record's or a row's identity, a hash of the numbers.
#[derive(Debug, Default)]
pub struct Distinct {
    written: HashMap<u128, u128, RandomState>,
    duplicates: u64,
    left_out: u64,
}

impl Distinct {
    /// Records that were met before, to the same number.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Records that were not let through: duplicates, and what contradicts.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// What was written so far may come again: it no longer counts.
    pub fn forget(&mut self) {
        self.written.clear();
    }

    /// Leaves in `columns` what was not met before. What stands already with another value is dropped too; it is an
    /// issue where faults are collected.
    ///
    /// # Errors
    /// `conflicting-record`; `columns` then holds what stands before it.
    pub fn admit(&mut self, columns: &mut Columns, collects: bool) -> Result<Vec<Issue>, Error> {
        let (mut gone, mut issues) = (Vec::new(), Vec::new());
        let mut numbers = Vec::new();
        for (number, row) in columns.rows.iter().enumerate() {
            let views: Vec<_> = columns.views_of(row).collect();
            let Some(first) = views.first() else {
                continue;
            };
            let met_by_row = matches!(first.field().format.provider(), Provider::Wasabi | Provider::Onapp);
            let together = if met_by_row { views.len() } else { 1 };
            for (part, views) in views.chunks(together).enumerate() {
                let first = &views[0];
                let id = if met_by_row { first.row_hash() } else { first.id_hash() };
                numbers.clear();
                views.iter().for_each(|view| write_numbers(view, &mut numbers));
                let outcome = match self.written.entry(id) {
                    _ if !issues.is_empty() && !collects => Outcome::Unread,
                    Entry::Vacant(entry) => {
                        entry.insert(XxHash3_128::oneshot(&numbers));
                        Outcome::New
                    }
                    Entry::Occupied(entry) if *entry.get() == XxHash3_128::oneshot(&numbers) => Outcome::Same,
                    Entry::Occupied(_) => Outcome::Other,
                };
                match outcome {
                    Outcome::New => continue,
                    Outcome::Same => self.duplicates += views.len() as u64,
                    Outcome::Other => issues.push(conflicting(first)),
                    Outcome::Unread => {}
                }
                let slots = part * together..part * together + views.len();
                gone.extend(slots.map(|slot| (number as u32, slot as u32)));
            }
        }
        self.left_out += gone.len() as u64;
        if !gone.is_empty() {
            *columns = columns.without(&gone);
        }
        match issues.pop() {
            Some(issue) if !collects => Err(Error::from_issue(issue, None)),
            last => Ok(issues.into_iter().chain(last).collect()),
        }
    }
}

/// What a record, or a row, is to what was written before.
enum Outcome {
    New,
    Same,
    /// It stands already, with another value.
    Other,
    /// It follows a contradiction that is thrown.
    Unread,
}

/// Appends field and numbers, and in which currency.
fn write_numbers(view: &RecordView<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(view.field().provider_field.as_bytes());
    let (quantity, cost) = view.numbers();
    for number in [&quantity, &cost] {
        out.push(b' ');
        if let Some(number) = number {
            number.write(out);
        }
    }
    out.push(b' ');
    out.extend_from_slice(view.subject().currency.as_deref().unwrap_or_default().as_bytes());
    out.push(b'\n');
}

/// Names the row, since it cannot be looked up: what was written is gone.
fn conflicting(view: &RecordView<'_>) -> Issue {
    let subject = view.subject();
    let mut message = format!("{} was written before with another value: ", view.field().metric);
    for part in [&subject.account, &subject.resource_id, &subject.resource_name].into_iter().flatten() {
        message.push_str(part);
        message.push_str(", ");
    }
    if let Some(start) = view.period().start {
        message.push_str(&start.to_string());
    }
    Issue {
        code: ErrorCode::ConflictingRecord,
        message,
        page: view.locator().page as usize,
        pointer: Some(view.pointer()),
        position: None,
    }
}
