//! Records of a text that were met before. The text itself is gone, so what is kept of it is a hash a record.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::RandomState;
use twox_hash::XxHash3_128;

use super::{Columns, RecordView};
use crate::error::{Error, ErrorCode, Issue};

/// What was written: by id, a hash of the numbers.
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

    /// Leaves in `columns` what was not met before. A record that stands already with another value is dropped too;
    /// it is an issue where faults are collected.
    ///
    /// # Errors
    /// `conflicting-record`; `columns` then holds what stands before it.
    pub fn admit(&mut self, columns: &mut Columns, collects: bool) -> Result<Vec<Issue>, Error> {
        let (mut gone, mut issues) = (Vec::new(), Vec::new());
        let mut conflict = false;
        for (number, row) in columns.rows.iter().enumerate() {
            for (slot, view) in columns.views_of(row).enumerate() {
                let place = (number as u32, slot as u32);
                if conflict && !collects {
                    gone.push(place);
                    continue;
                }
                match self.written.entry(view.id_hash()) {
                    Entry::Vacant(entry) => {
                        entry.insert(numbers_hash(&view));
                    }
                    Entry::Occupied(entry) => {
                        gone.push(place);
                        if *entry.get() == numbers_hash(&view) {
                            self.duplicates += 1;
                        } else {
                            conflict = true;
                            issues.push(conflicting(&view));
                        }
                    }
                }
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

fn numbers_hash(view: &RecordView<'_>) -> u128 {
    let (quantity, cost) = view.cells();
    let mut text = Vec::new();
    for number in [quantity, cost] {
        number.write(&mut text);
        text.push(b' ');
    }
    text.extend_from_slice(view.subject().currency.as_deref().unwrap_or_default().as_bytes());
    XxHash3_128::oneshot(&text)
}

fn conflicting(view: &RecordView<'_>) -> Issue {
    Issue {
        code: ErrorCode::ConflictingRecord,
        message: format!(
            "{} was written before for the same resource and period, with another value",
            view.field().metric
        ),
        page: view.locator().page as usize,
        pointer: Some(view.pointer()),
        position: None,
    }
}
