//! Detects duplicates in a text that has been written. The records are gone, so one hash is stored for each record, or
//! for each row if rows have many records.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::RandomState;
use indexmap::IndexSet;
use twox_hash::XxHash3_128;

use super::columns::Columns;
use super::view::RecordView;
use crate::model::error::{Error, ErrorCode, Issue};

/// What was written: by the hash of a record's or a row's identity, which metrics and a hash of the numbers.
#[derive(Debug, Default)]
pub struct Distinct {
    written: HashMap<u128, Written, RandomState>,
    /// The metrics of rows, each list once.
    metrics: IndexSet<Metrics, RandomState>,
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
        self.metrics.clear();
    }

    /// Leaves in `columns` what was not met before. What stands already with another value is dropped too; it is an
    /// issue where faults are collected.
    ///
    /// # Errors
    /// `conflicting-record`; `columns` then holds what stands before it.
    pub fn admit(&mut self, columns: &mut Columns, collects: bool) -> Result<Vec<Issue>, Error> {
        let (mut gone, mut issues) = (Vec::new(), Vec::new());
        let mut numbers = Vec::new();
        // The metrics of the rows at hand, by their shape.
        let mut metrics_of: HashMap<u32, u32, RandomState> = HashMap::default();
        for (number, row) in columns.rows.iter().enumerate() {
            let views: Vec<_> = columns.views_of(row).collect();
            let Some(first) = views.first() else {
                continue;
            };
            let met_by_row = first.field().format.has_wide_rows();
            let together = if met_by_row { views.len() } else { 1 };
            // A record's identity has its metric.
            let metrics = match met_by_row {
                true => {
                    *metrics_of.entry(row.shape).or_insert_with(|| self.metrics.insert_full(metrics(&views)).0 as u32)
                }
                false => 0,
            };
            for (part, views) in views.chunks(together).enumerate() {
                let first = &views[0];
                let id = if met_by_row { first.row_hash() } else { first.id_hash() };
                numbers.clear();
                views.iter().for_each(|view| write_numbers(view, &mut numbers));
                let outcome = match !issues.is_empty() && !collects {
                    true => Outcome::Unread,
                    false => self.meet(id, Written { numbers: XxHash3_128::oneshot(&numbers) as u64, metrics }),
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

/// Rows of one resource key and period that have no metric in common. A row after so many is taken for one that contradicts.
const MOST_ROWS: u128 = 64;

impl Distinct {
    /// What a record or a row is to what was written under its identity. Rows that share no metric are others; where they
    /// share one, a row must be the very same, since only a hash of its numbers is remembered.
    fn meet(&mut self, id: u128, met: Written) -> Outcome {
        for further in 0..MOST_ROWS {
            match self.written.entry(id.wrapping_add(further)) {
                Entry::Vacant(entry) => {
                    entry.insert(met);
                    return Outcome::New;
                }
                Entry::Occupied(entry) if *entry.get() == met => return Outcome::Same,
                Entry::Occupied(entry) => {
                    let [known, own] =
                        [entry.get().metrics, met.metrics].map(|list| self.metrics.get_index(list as usize));
                    // A record has no list: it is the same metric.
                    if known == own || known.zip(own).is_none_or(|(known, own)| share_one(known, own)) {
                        return Outcome::Other;
                    }
                }
            }
        }
        Outcome::Other
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Written {
    numbers: u64,
    /// Its place in [`Distinct::metrics`]; of a record 0.
    metrics: u32,
}

/// The identities of a row's metrics, in order.
type Metrics = Box<[u64]>;

fn metrics(views: &[RecordView<'_>]) -> Metrics {
    let mut all: Vec<u64> = views.iter().map(RecordView::metric_hash).collect();
    all.sort_unstable();
    all.into()
}

/// Whether two ordered lists have an element in common.
fn share_one(a: &[u64], b: &[u64]) -> bool {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some(left), Some(right)) = (a.peek(), b.peek()) {
        match left.cmp(right) {
            Ordering::Less => a.next(),
            Ordering::Greater => b.next(),
            Ordering::Equal => return true,
        };
    }
    false
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
    out.extend_from_slice(view.resource_key().currency.as_deref().unwrap_or_default().as_bytes());
    out.push(b'\n');
}

/// Names the row, since it cannot be looked up: what was written is gone.
fn conflicting(view: &RecordView<'_>) -> Issue {
    let resource_key = view.resource_key();
    let mut message = format!("{} was written before with another value: ", view.field().metric);
    for part in [&resource_key.account, &resource_key.resource_id, &resource_key.resource_name].into_iter().flatten() {
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
