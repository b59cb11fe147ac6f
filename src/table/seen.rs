//! Records that were read before: which records of a row are new, duplicates or contradictions.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::RandomState;

use super::cells::Cells;
use super::columns::Columns;
use super::parts::code;
use super::parts::{Dictionary, Dimensions, Row, Text};
use crate::model::kind::Kind;
use crate::model::provider::Provider;
use crate::model::time::Instant;

/// The parts of a resource key that are a part of identity: account, resource, region, dimensions.
type KeyIdentity = (Option<Text>, Option<Text>, Option<Text>, Dimensions);

/// The parts of a field that are a part of identity.
type FieldIdentity = (Provider, Text, Kind, Dimensions);

/// The identities that have been read. No entries while the rows of each resource key come in order of time, forwards
/// or backwards; then one entry for each row as long as no two rows have the same identity; then one for each record.
#[derive(Debug, Default)]
pub struct Seen {
    /// For each resource key: its earliest and its latest start. A row that starts before or after both is new.
    spans: Vec<Option<(Instant, Instant)>>,
    /// Whether a row started within the span of its resource key. From then on `rows` is used.
    out_of_order: bool,
    resource_keys: Identities<KeyIdentity>,
    periods: Identities<(Option<Instant>, Option<Instant>)>,
    fields: Identities<FieldIdentity>,
    /// By resource key and period: the first row, or `SPLIT` once its records are in `records`.
    rows: HashMap<(u32, u32), u32, RandomState>,
    /// By resource key, period and field.
    records: HashMap<(u32, u32, u32), RecordPlace, RandomState>,
    /// By row, for rows with an identity of their own.
    versions: Versions,
    /// Shapes in which the identity of a field occurs twice.
    repeating: Vec<bool>,
}

const SPLIT: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct RecordPlace {
    row: u32,
    slot: u32,
    cell: u32,
    /// When the provider last calculated the record, with the same number.
    version: Option<Instant>,
}

/// The parts of a row that are new.
pub enum Kept {
    All,
    Some { drop: Vec<usize>, replaced: Vec<(u32, u32)>, duplicates: u64 },
}

impl Seen {
    /// Reserves space for this many rows, if each has an entry.
    pub fn reserve(&mut self, rows: usize) {
        if self.out_of_order {
            self.rows.reserve(rows);
        }
    }

    /// Returns which of a row's records are new. `Err` is the field that conflicts.
    pub fn admit(&mut self, columns: &Columns, row: Row, cells: &Cells, version: Option<Instant>) -> Result<Kept, u32> {
        let fields = &*columns.shapes[row.shape as usize];
        let resource_key = self.resource_key(columns, row.resource_key);
        let row_number = columns.rows.len() as u32;
        let repeats = self.repeats(columns, row.shape, fields);
        if !self.out_of_order {
            let start = columns.periods[row.period as usize].start;
            if !repeats && start.is_some_and(|start| self.extends_span(resource_key, start)) {
                self.versions.set(row_number, version);
                return Ok(Kept::All);
            }
            self.out_of_order = true;
            self.enter_rows(columns);
        }
        let period = self.period(columns, row.period);
        let first = match self.rows.entry((resource_key, period)) {
            Entry::Vacant(entry) => {
                entry.insert(if repeats { SPLIT } else { row_number });
                if !repeats {
                    self.versions.set(row_number, version);
                    return Ok(Kept::All);
                }
                SPLIT
            }
            Entry::Occupied(mut entry) => entry.insert(SPLIT),
        };
        if first != SPLIT {
            let old = columns.rows[first as usize];
            let shape = columns.shapes[old.shape as usize].clone();
            let mut cell = old.first_cell;
            for (slot, &field) in shape.iter().enumerate() {
                let version = self.versions.get(first);
                let place = RecordPlace { row: first, slot: slot as u32, cell, version };
                let field_identity = self.field(columns, field);
                self.records.insert((resource_key, period, field_identity), place);
                cell += columns.fields[field as usize].measures.cells() as u32;
            }
        }
        self.admit_records(columns, (resource_key, period), row_number, fields, cells, version)
    }

    /// Whether rows of a resource key, without versions and with one record each, come one after another and after all rows of the
    /// resource key. If so, all are new and are added; otherwise none is.
    pub fn admit_later(&mut self, columns: &Columns, resource_key: u32, periods: impl Iterator<Item = u32>) -> bool {
        if self.out_of_order {
            return false;
        }
        let resource_key = self.resource_key(columns, resource_key) as usize;
        let known = self.spans.get(resource_key).copied().flatten();
        let (mut first, mut latest) = (None, known.map(|(_, latest)| latest));
        for period in periods {
            match columns.periods[period as usize].start {
                Some(start) if latest.is_none_or(|latest| latest < start) => latest = Some(start),
                _ => return false,
            }
            first = first.or(latest);
        }
        if let (Some(first), Some(latest)) = (known.map(|(earliest, _)| earliest).or(first), latest) {
            self.spans.resize(self.spans.len().max(resource_key + 1), None);
            self.spans[resource_key] = Some((first, latest));
        }
        true
    }

    fn admit_records(
        &mut self,
        columns: &Columns,
        (resource_key, period): (u32, u32),
        row_number: u32,
        fields: &[u32],
        cells: &Cells,
        version: Option<Instant>,
    ) -> Result<Kept, u32> {
        let (mut drop, mut replaced, mut duplicates) = (Vec::new(), Vec::new(), 0);
        // By identity: where the record will be, and where its number is in this row.
        let mut fresh: HashMap<(u32, u32, u32), (RecordPlace, usize), RandomState> = HashMap::default();
        // Cells and slots after the dropped records are removed.
        let (mut cell, mut kept_cell, mut kept_slot) = (0usize, columns.cells.len() as u32, 0u32);
        for (slot, &field) in fields.iter().enumerate() {
            let key = (resource_key, period, self.field(columns, field));
            let count = columns.fields[field as usize].measures.cells();
            let value = |cells: &Cells, at: usize| (at..at + count).map(|i| cells.get(i)).collect::<Vec<_>>();
            let source = cell;
            let here = value(cells, source);
            cell += count;
            if let Some((_, earlier)) = fresh.get(&key) {
                if value(cells, *earlier) == here {
                    duplicates += 1;
                    drop.push(slot);
                    continue;
                }
                return Err(field);
            }
            if let Some(old) = self.records.get_mut(&key) {
                if value(&columns.cells, old.cell as usize) == here {
                    old.version = old.version.max(version);
                    duplicates += 1;
                    drop.push(slot);
                    continue;
                }
                match (version, old.version) {
                    (Some(new), Some(known)) if new > known => replaced.push((old.row, old.slot)),
                    (Some(new), Some(known)) if new < known => {
                        drop.push(slot);
                        continue;
                    }
                    _ => return Err(field),
                }
            }
            fresh.insert(key, (RecordPlace { row: row_number, slot: kept_slot, cell: kept_cell, version }, source));
            kept_cell += count as u32;
            kept_slot += 1;
        }
        self.records.extend(fresh.into_iter().map(|(key, (place, _))| (key, place)));
        Ok(Kept::Some { drop, replaced, duplicates })
    }

    /// Whether a start lies outside the span of its resource key. The span is then extended.
    fn extends_span(&mut self, resource_key: u32, start: Instant) -> bool {
        let i = resource_key as usize;
        if i >= self.spans.len() {
            self.spans.resize(i + 1, None);
        }
        let (earliest, latest) = self.spans[i].unwrap_or((start, start));
        let extends = self.spans[i].is_none() || start < earliest || latest < start;
        self.spans[i] = Some((earliest.min(start), latest.max(start)));
        extends
    }

    /// Adds the entries of the rows that came in order.
    #[cold]
    fn enter_rows(&mut self, columns: &Columns) {
        self.rows.reserve(columns.rows.len());
        for (number, row) in (0..).zip(&columns.rows) {
            let place = (self.resource_key(columns, row.resource_key), self.period(columns, row.period));
            self.rows.insert(place, number);
        }
        self.spans = Vec::new();
    }

    #[inline]
    fn resource_key(&mut self, columns: &Columns, resource_key: u32) -> u32 {
        self.resource_keys.of(resource_key, || {
            let s = &columns.resource_keys[resource_key as usize];
            (s.account.clone(), s.resource_id.clone(), s.region.clone(), s.dimensions.clone())
        })
    }

    #[inline]
    fn period(&mut self, columns: &Columns, period: u32) -> u32 {
        self.periods.of(period, || {
            let p = &columns.periods[period as usize];
            (p.start, p.end)
        })
    }

    fn field(&mut self, columns: &Columns, field: u32) -> u32 {
        self.fields.of(field, || {
            let f = &columns.fields[field as usize];
            (f.format.provider(), f.metric.clone(), f.kind, f.dimensions.clone())
        })
    }

    fn repeats(&mut self, columns: &Columns, shape: u32, fields: &[u32]) -> bool {
        let shape = shape as usize;
        if shape >= self.repeating.len() {
            let mut identities: Vec<u32> = fields.iter().map(|&f| self.field(columns, f)).collect();
            identities.sort_unstable();
            let repeats = identities.windows(2).any(|pair| pair[0] == pair[1]);
            self.repeating.resize(shape + 1, false);
            self.repeating[shape] = repeats;
        }
        self.repeating[shape]
    }
}

/// When the provider calculated each row, if it says so.
#[derive(Debug, Default)]
struct Versions {
    seconds: Vec<i64>,
    /// Empty as long as all are whole seconds.
    nanos: Vec<u32>,
}

impl Versions {
    const UNKNOWN: i64 = i64::MIN;

    fn set(&mut self, row: u32, version: Option<Instant>) {
        let Some(version) = version else {
            return;
        };
        let row = row as usize;
        self.seconds.resize(row, Self::UNKNOWN);
        self.seconds.push(version.seconds);
        if version.nanos != 0 {
            self.nanos.resize(row, 0);
            self.nanos.push(version.nanos);
        }
    }

    fn get(&self, row: u32) -> Option<Instant> {
        let row = row as usize;
        let &seconds = self.seconds.get(row).filter(|seconds| **seconds != Self::UNKNOWN)?;
        Some(Instant { seconds, nanos: self.nanos.get(row).copied().unwrap_or(0) })
    }
}

/// Codes for the parts of two dictionary entries that are a part of identity.
#[derive(Debug)]
struct Identities<K> {
    known: Dictionary<K>,
    /// By code of the table's own dictionary; `u32::MAX` if not computed yet.
    by_code: Vec<u32>,
}

impl<K> Default for Identities<K> {
    fn default() -> Self {
        Self { known: Dictionary::default(), by_code: Vec::new() }
    }
}

impl<K: std::hash::Hash + Eq> Identities<K> {
    #[inline]
    fn of(&mut self, table_code: u32, identity: impl FnOnce() -> K) -> u32 {
        let i = table_code as usize;
        if i >= self.by_code.len() {
            self.by_code.resize(i + 1, u32::MAX);
        }
        if self.by_code[i] == u32::MAX {
            self.by_code[i] = code(&mut self.known, identity());
        }
        self.by_code[i]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use crate::options::{OnError, ReadOptions};

    /// A day of a bucket: bucket, day, number, and when it was calculated.
    type Day = (u8, u8, u8, u8);

    fn body(days: &[Day]) -> String {
        let rows: Vec<String> = days
            .iter()
            .map(|(bucket, day, number, created)| {
                format!(
                    r#"{{"AcctNum":1,"BucketNum":{bucket},"StartTime":"2024-01-{day:02}T00:00:00Z","EndTime":"2024-01-{:02}T00:00:00Z","CreateTime":"2024-02-01T00:00:{created:02}{}Z","NumAPICalls":{number}}}"#,
                    day + 1,
                    // Some are finer than a second.
                    if created % 2 == 0 { "" } else { ".5" },
                )
            })
            .collect();
        format!("[{}]", rows.join(","))
    }

    proptest! {
        #[test]
        fn a_day_that_comes_again_is_found_whatever_the_order(
            days in prop::collection::vec((0u8..3, 1u8..9, 0u8..2, 0u8..4), 0..30),
            order in 0..3,
        ) {
            let mut days = days;
            match order {
                0 => days.sort_by_key(|day| day.1),
                1 => days.sort_by_key(|day| std::cmp::Reverse(day.1)),
                _ => {}
            }
            // The rule in its simplest form (docs/design.md#identity).
            let (mut kept, mut duplicates, mut conflicts) = (BTreeMap::new(), 0, 0);
            for &(bucket, day, number, created) in &days {
                match kept.get_mut(&(bucket, day)) {
                    None => {
                        kept.insert((bucket, day), (number, created));
                    }
                    Some((known, version)) if *known == number => {
                        *version = created.max(*version);
                        duplicates += 1;
                    }
                    Some(old) if created > old.1 => *old = (number, created),
                    Some(old) if created < old.1 => {}
                    Some(_) => conflicts += 1,
                }
            }
            let options = ReadOptions { on_error: OnError::Collect, ..ReadOptions::default() };
            let table = crate::normalize(&[body(&days)], &options).expect("faults are collected");
            prop_assert_eq!((table.duplicates(), table.issues().len()), (duplicates, conflicts));
            let records: BTreeMap<_, _> = table
                .records(0, table.len())
                .into_iter()
                .map(|record| ((record.resource_id, record.start), record.quantity))
                .collect();
            let expected: BTreeMap<_, _> = kept
                .iter()
                .map(|((bucket, day), (number, _))| {
                    ((Some(bucket.to_string()), Some(format!("2024-01-{day:02}T00:00:00Z"))), Some(number.to_string()))
                })
                .collect();
            prop_assert_eq!(table.len(), kept.len());
            prop_assert_eq!(records, expected);
        }

        #[test]
        fn an_hour_of_a_column_that_comes_again_is_found_whatever_the_order(
            columns in prop::collection::vec(prop::collection::vec((0u8..9, prop::option::weighted(0.9, 0u8..2)), 0..8), 1..5),
            in_order: bool,
        ) {
            let mut columns = columns;
            if in_order {
                columns.iter_mut().for_each(|hours| hours.sort());
            }
            // The rule in its simplest form (docs/design.md#identity).
            let (mut kept, mut duplicates, mut conflicts) = (BTreeMap::new(), 0, 0);
            let mut commands = Vec::new();
            for (number, hours) in columns.iter().enumerate() {
                for &(hour, count) in hours {
                    let Some(count) = count else { continue };
                    match *kept.entry(hour).or_insert(count) {
                        known if known != count => conflicts += 1,
                        _ => duplicates += 1,
                    }
                }
                let counts: Vec<String> = hours.iter().map(|(_, count)| count.map_or("null".into(), |c| c.to_string())).collect();
                let times: Vec<String> = hours.iter().map(|(hour, _)| format!("\"2024-01-01T0{hour}:00:00Z\"")).collect();
                commands.push(format!(
                    r#""{number}":{{"success":true,"params":{{"counters":{{"a":[{}]}},"ts":[{}]}}}}"#,
                    counts.join(","), times.join(","),
                ));
            }
            let request = r#"{"0":{"command":"usage.api.history","params":{"series":"hour"}}}"#;
            let request = crate::options::request::Request::new("https://api.devicewise.com/api", Some(request)).expect("a request");
            let options = ReadOptions { on_error: OnError::Collect, request: Some(request), ..ReadOptions::default() };
            let body = format!("{{{}}}", commands.join(","));
            let table = crate::normalize(&[body], &options).expect("faults are collected");
            prop_assert_eq!((table.duplicates(), table.issues().len()), (duplicates - kept.len() as u64, conflicts));
            let records: BTreeMap<_, _> =
                table.records(0, table.len()).into_iter().map(|record| (record.start, record.quantity)).collect();
            let expected: BTreeMap<_, _> = kept
                .iter()
                .map(|(hour, count)| (Some(format!("2024-01-01T0{hour}:00:00Z")), Some(count.to_string())))
                .collect();
            prop_assert_eq!(table.len(), kept.len());
            prop_assert_eq!(records, expected);
        }
    }
}
