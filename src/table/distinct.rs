//! Detects duplicates in a text that has been written. The records are no longer available, so one hash is stored for each record, or
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

/// What was written: for the hash of a record's or row's identity, its metrics and a hash of its numbers.
#[derive(Debug, Default)]
pub struct Distinct {
    written: HashMap<u128, Written, RandomState>,
    /// The lists of metrics of rows, each once.
    metrics: IndexSet<Metrics, RandomState>,
    duplicates: u64,
    left_out: u64,
}

impl Distinct {
    /// Records that were written before with the same number.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Records that were left out: duplicates and contradictions.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Discards everything: records that were written so far may occur again.
    pub fn forget(&mut self) {
        self.written.clear();
        self.metrics.clear();
    }

    /// Removes from `columns` what was written before. A record that was written with another value is removed too; it is an
    /// issue if faults are collected.
    ///
    /// # Errors
    /// `conflicting-record`. `columns` then has the records before it.
    pub fn admit(&mut self, columns: &mut Columns, collects: bool) -> Result<Vec<Issue>, Error> {
        let (mut gone, mut issues) = (Vec::new(), Vec::new());
        let mut numbers = Vec::new();
        // The metrics of these rows, by shape.
        let mut metrics_of: HashMap<u32, u32, RandomState> = HashMap::default();
        for (number, row) in columns.rows.iter().enumerate() {
            let views: Vec<_> = columns.views_of(row).collect();
            let Some(first) = views.first() else {
                continue;
            };
            let met_by_row = first.field().format.has_wide_rows();
            let together = if met_by_row { views.len() } else { 1 };
            // The identity of a record includes its metric.
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
                    false => self.compare(id, Written { numbers: XxHash3_128::oneshot(&numbers) as u64, metrics }),
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

/// The most rows of one resource key and period without a common metric. A row after these is treated as a contradiction.
const MOST_ROWS: u128 = 64;

impl Distinct {
    /// Compares a record or row with those written under its identity. Rows without a common metric are different; rows with
    /// one must be identical, since only a hash of their numbers is stored.
    fn compare(&mut self, id: u128, met: Written) -> Outcome {
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
                    // A record has no list: it has the same metric.
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
    /// Its index in [`Distinct::metrics`]; 0 for a record.
    metrics: u32,
}

/// The identities of a row's metrics, sorted.
type Metrics = Box<[u64]>;

fn metrics(views: &[RecordView<'_>]) -> Metrics {
    let mut all: Vec<u64> = views.iter().map(RecordView::metric_hash).collect();
    all.sort_unstable();
    all.into()
}

/// Whether two sorted lists have an element in common.
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

/// How a record or row relates to what was written before.
enum Outcome {
    New,
    Same,
    /// It was written with another value.
    Other,
    /// It comes after a contradiction that is thrown.
    Unread,
}

/// Appends field and numbers, and their currency.
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

/// Names the row in full, because the record that was written is no longer available.
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
