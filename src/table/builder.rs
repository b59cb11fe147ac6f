//! Filling a table: rows come in whole, what was read before is dropped or refused.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::parts::{Dictionary, Field, Holds, Locator, Period, Row, Shape, Subject};
use super::{Cells, Columns, UsageTable};
use crate::decimal::Decimal;
use crate::error::{ErrorCode, Fault};
use crate::record::Note;
use crate::time::Instant;

/// Where and when a row stands: codes given out by the builder.
#[derive(Clone, Copy, Debug)]
pub struct RowHead {
    pub subject: u32,
    pub period: u32,
    pub locator: u32,
    pub index: u32,
    /// When the provider calculated the row; of two with the same identity the newer one stands.
    pub version: Option<Instant>,
}

/// A table in the making.
#[derive(Debug)]
pub struct TableBuilder {
    columns: Columns,
    /// The numbers of the row being read.
    fields: Vec<u32>,
    cells: Cells,
    max_records: u64,
    /// Records that a stream has taken already.
    taken: usize,
    seen: Option<Seen>,
    duplicates: u64,
    /// Records that a newer calculation has replaced: row and slot.
    replaced: Vec<(u32, u32)>,
}

impl TableBuilder {
    /// A builder that drops what it has seen before (a table), or passes it on (a stream).
    pub fn new(max_records: u64, deduplicate: bool) -> Self {
        Self {
            columns: Columns::default(),
            fields: Vec::new(),
            cells: Cells::default(),
            max_records,
            taken: 0,
            seen: deduplicate.then(Seen::default),
            duplicates: 0,
            replaced: Vec::new(),
        }
    }

    pub fn subject(&mut self, subject: Subject) -> u32 {
        code(&mut self.columns.subjects, subject)
    }

    pub fn period(&mut self, period: Period) -> u32 {
        code(&mut self.columns.periods, period)
    }

    pub fn field(&mut self, field: Field) -> u32 {
        code(&mut self.columns.fields, field)
    }

    /// The same field with one note more.
    pub fn field_with_note(&mut self, field: u32, note: Note) -> u32 {
        let mut noted = self.columns.fields[field as usize].clone();
        noted.notes = noted.notes.with(note);
        self.field(noted)
    }

    pub fn locator(&mut self, locator: Locator) -> u32 {
        code(&mut self.columns.locators, locator)
    }

    /// Adds a number to the row being read: the quantity or the cost that `field` holds.
    #[inline]
    pub fn cell(&mut self, field: u32, value: &Decimal) {
        self.fields.push(field);
        self.cells.push(Some(value));
    }

    /// Adds an integer of at most 18 digits to the row being read.
    #[inline]
    pub fn integer(&mut self, field: u32, value: i64) {
        self.fields.push(field);
        self.cells.push_integer(value);
    }

    /// Adds a quantity and a cost, either of which may be unknown, to the row being read.
    pub fn cells(&mut self, field: u32, quantity: Option<&Decimal>, cost: Option<&Decimal>) {
        self.fields.push(field);
        self.cells.push(quantity);
        self.cells.push(cost);
    }

    /// Forgets the row being read.
    pub fn discard(&mut self) {
        self.fields.clear();
        self.cells.clear();
    }

    /// Whether a row is being read that has a number.
    pub fn row_is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Ends the row being read. Says whether the row was new, be it in part.
    ///
    /// # Errors
    /// `limit-exceeded`, or `conflicting-record` where a record stands already with another value.
    /// The row is forgotten then.
    pub fn commit(&mut self, head: RowHead) -> Result<bool, Fault> {
        if self.fields.is_empty() {
            return Ok(false);
        }
        let total = self.taken + self.columns.records + self.fields.len();
        if total as u64 > self.max_records {
            self.discard();
            return Err(Fault::new(
                ErrorCode::LimitExceeded,
                format!("more than maxRecords ({}) records", self.max_records),
            ));
        }
        let shape = self.columns.shape(&self.fields);
        let row = Row {
            subject: head.subject,
            period: head.period,
            shape,
            locator: head.locator,
            index: head.index,
            first_cell: self.columns.cells.len() as u32,
            first_record: self.columns.records as u32,
        };
        if let Some(seen) = &mut self.seen {
            let kept = seen.admit(&self.columns, row, &self.fields, &self.cells, head.version);
            match kept {
                Ok(Kept::All) => {}
                Ok(Kept::Some { drop, replaced, duplicates }) => {
                    self.replaced.extend(replaced);
                    self.duplicates += duplicates;
                    return Ok(self.commit_part(row, &drop));
                }
                Err(field) => {
                    let (field, locator) =
                        (&self.columns.fields[field as usize], &self.columns.locators[head.locator as usize]);
                    let pointer = locator.pointer(head.index, &field.leaf);
                    let message = format!(
                        "{} was read before for the same resource and period, with another value",
                        field.metric
                    );
                    self.discard();
                    return Err(Fault::new(ErrorCode::ConflictingRecord, message).within(|| pointer));
                }
            }
        }
        self.columns.append(row, &self.fields, &self.cells);
        self.discard();
        Ok(true)
    }

    /// Appends the row without the slots in `drop`; they are known already.
    fn commit_part(&mut self, row: Row, drop: &[usize]) -> bool {
        let (mut fields, mut cells) = (Vec::new(), Cells::default());
        let mut cell = 0;
        for (slot, &field) in self.fields.iter().enumerate() {
            let count = self.columns.fields[field as usize].holds.cells();
            if !drop.contains(&slot) {
                fields.push(field);
                (cell..cell + count).for_each(|i| cells.push_from(&self.cells, i));
            }
            cell += count;
        }
        self.discard();
        if fields.is_empty() {
            return false;
        }
        let row = Row { shape: self.columns.shape(&fields), ..row };
        self.columns.append(row, &fields, &cells);
        true
    }

    /// What has been read since the last call. Codes given out before are no longer good.
    pub fn take(&mut self) -> Columns {
        self.taken += self.columns.records;
        std::mem::take(&mut self.columns)
    }

    /// The table's columns, and how many records were dropped as seen before.
    pub fn finish(mut self) -> UsageTable {
        if !self.replaced.is_empty() {
            self.columns = self.columns.without(&self.replaced);
        }
        UsageTable::new(self.columns, self.duplicates)
    }
}

pub(super) fn code<T: std::hash::Hash + Eq>(dictionary: &mut Dictionary<T>, value: T) -> u32 {
    dictionary.insert_full(value).0 as u32
}

/// The identities that have been read. One entry a row while rows do not meet; one a record once they do.
#[derive(Debug, Default)]
struct Seen {
    subjects: Identities<(Option<Box<str>>, Option<Box<str>>, Option<Box<str>>, super::parts::Dimensions)>,
    periods: Identities<(Option<Instant>, Option<Instant>)>,
    fields: Identities<(crate::Provider, Box<str>, crate::Kind, super::parts::Dimensions)>,
    /// By subject and period: the row that was first, or `SPLIT` once its records stand in `records`.
    rows: HashMap<(u32, u32), u32, RandomState>,
    /// By subject, period and field.
    records: HashMap<(u32, u32, u32), Place, RandomState>,
    /// By row, where the provider says when it calculated the row.
    versions: Vec<Option<Instant>>,
    /// Shapes in which a field's identity occurs twice.
    repeating: Vec<bool>,
}

const SPLIT: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Place {
    row: u32,
    slot: u32,
    cell: u32,
}

enum Kept {
    All,
    Some { drop: Vec<usize>, replaced: Vec<(u32, u32)>, duplicates: u64 },
}

impl Seen {
    /// Which of a row's records are new. `Err` is the field that conflicts.
    fn admit(
        &mut self,
        columns: &Columns,
        row: Row,
        fields: &[u32],
        cells: &Cells,
        version: Option<Instant>,
    ) -> Result<Kept, u32> {
        let subject = self.subjects.of(row.subject, || {
            let s = &columns.subjects[row.subject as usize];
            (s.account.clone(), s.resource_id.clone(), s.region.clone(), s.dimensions.clone())
        });
        let period = self.periods.of(row.period, || {
            let p = &columns.periods[row.period as usize];
            (p.start, p.end)
        });
        let row_number = columns.rows.len() as u32;
        let repeats = self.repeats(columns, row.shape, fields);
        let first = match self.rows.entry((subject, period)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(if repeats { SPLIT } else { row_number });
                if !repeats {
                    self.remember_version(row_number, version);
                    return Ok(Kept::All);
                }
                SPLIT
            }
            std::collections::hash_map::Entry::Occupied(mut entry) => entry.insert(SPLIT),
        };
        if first != SPLIT {
            let old = columns.rows[first as usize];
            let shape = columns.shapes[old.shape as usize].clone();
            let mut cell = old.first_cell;
            for (slot, &field) in shape.iter().enumerate() {
                let place = Place { row: first, slot: slot as u32, cell };
                let field_identity = self.field(columns, field);
                self.records.insert((subject, period, field_identity), place);
                cell += columns.fields[field as usize].holds.cells() as u32;
            }
        }
        self.admit_records(columns, (subject, period), row_number, fields, cells, version)
    }

    fn admit_records(
        &mut self,
        columns: &Columns,
        (subject, period): (u32, u32),
        row_number: u32,
        fields: &[u32],
        cells: &Cells,
        version: Option<Instant>,
    ) -> Result<Kept, u32> {
        let (mut drop, mut replaced, mut duplicates) = (Vec::new(), Vec::new(), 0);
        // By identity: where the record will stand, and where its number stands in this row.
        let mut fresh: HashMap<(u32, u32, u32), (Place, usize), RandomState> = HashMap::default();
        // Cells and slots as they will stand once the dropped records are gone.
        let (mut cell, mut kept_cell, mut kept_slot) = (0usize, columns.cells.len() as u32, 0u32);
        for (slot, &field) in fields.iter().enumerate() {
            let key = (subject, period, self.field(columns, field));
            let count = columns.fields[field as usize].holds.cells();
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
            if let Some(old) = self.records.get(&key) {
                if value(&columns.cells, old.cell as usize) == here {
                    duplicates += 1;
                    drop.push(slot);
                    continue;
                }
                match (version, self.versions.get(old.row as usize).copied().flatten()) {
                    (Some(new), Some(known)) if new > known => replaced.push((old.row, old.slot)),
                    (Some(new), Some(known)) if new < known => {
                        drop.push(slot);
                        continue;
                    }
                    _ => return Err(field),
                }
            }
            fresh.insert(key, (Place { row: row_number, slot: kept_slot, cell: kept_cell }, source));
            kept_cell += count as u32;
            kept_slot += 1;
        }
        self.remember_version(row_number, version);
        self.records.extend(fresh.into_iter().map(|(key, (place, _))| (key, place)));
        Ok(Kept::Some { drop, replaced, duplicates })
    }

    fn remember_version(&mut self, row: u32, version: Option<Instant>) {
        if version.is_some() {
            self.versions.resize(row as usize + 1, None);
            self.versions[row as usize] = version;
        }
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

/// Codes for what two dictionary entries have in common that counts for identity.
#[derive(Debug)]
struct Identities<K> {
    known: Dictionary<K>,
    /// By the code in the table's own dictionary; `u32::MAX` where not asked for yet.
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

impl Columns {
    pub(super) fn shape(&mut self, fields: &[u32]) -> u32 {
        // Rows of one listing nearly always have the fields of the row before.
        if let Some(last) = self.rows.last()
            && *self.shapes[last.shape as usize] == *fields
        {
            return last.shape;
        }
        match self.shapes.get_index_of(fields) {
            Some(i) => i as u32,
            None => code(&mut self.shapes, Shape::from(fields)),
        }
    }

    pub(super) fn append(&mut self, row: Row, fields: &[u32], cells: &Cells) {
        self.rows.push(row);
        self.records += fields.len();
        self.cells.extend_from(cells);
    }

    /// The same columns without some records (row, slot).
    fn without(&self, gone: &[(u32, u32)]) -> Self {
        let gone: std::collections::HashSet<_, RandomState> = gone.iter().copied().collect();
        let mut kept = Self {
            subjects: self.subjects.clone(),
            periods: self.periods.clone(),
            fields: self.fields.clone(),
            locators: self.locators.clone(),
            ..Self::default()
        };
        for (number, row) in self.rows.iter().enumerate() {
            let (mut fields, mut cells) = (Vec::new(), Cells::default());
            let mut cell = row.first_cell as usize;
            for (slot, &field) in self.shapes[row.shape as usize].iter().enumerate() {
                let count = self.fields[field as usize].holds.cells();
                if !gone.contains(&(number as u32, slot as u32)) {
                    fields.push(field);
                    (cell..cell + count).for_each(|i| cells.push_from(&self.cells, i));
                }
                cell += count;
            }
            if !fields.is_empty() {
                let row = Row {
                    shape: kept.shape(&fields),
                    first_cell: kept.cells.len() as u32,
                    first_record: kept.records as u32,
                    ..*row
                };
                kept.append(row, &fields, &cells);
            }
        }
        kept
    }
}

/// The numbers of one record: quantity and cost, as the field holds them.
pub(super) fn numbers(holds: Holds, cells: &Cells, at: usize) -> (Option<Decimal>, Option<Decimal>) {
    match holds {
        Holds::Quantity => (cells.get(at), None),
        Holds::Cost => (None, cells.get(at)),
        Holds::Both => (cells.get(at), cells.get(at + 1)),
    }
}
