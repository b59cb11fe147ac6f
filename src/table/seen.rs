//! What was read before: which records of a row are new, which stand already, which contradict.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::RandomState;

use super::builder::code;
use super::parts::{Dictionary, Dimensions, Row};
use super::{Cells, Columns};
use crate::kind::Kind;
use crate::provider::Provider;
use crate::time::Instant;

/// What of a subject counts for identity: account, resource, region, dimensions.
type SubjectIdentity = (Option<Box<str>>, Option<Box<str>>, Option<Box<str>>, Dimensions);

/// What of a field counts for identity.
type FieldIdentity = (Provider, Box<str>, Kind, Dimensions);

/// The identities that have been read. One entry a row while rows do not meet; one a record once they do.
#[derive(Debug, Default)]
pub struct Seen {
    subjects: Identities<SubjectIdentity>,
    periods: Identities<(Option<Instant>, Option<Instant>)>,
    fields: Identities<FieldIdentity>,
    /// By subject and period: the row that was first, or `SPLIT` once its records stand in `records`.
    rows: HashMap<(u32, u32), u32, RandomState>,
    /// By subject, period and field.
    records: HashMap<(u32, u32, u32), Place, RandomState>,
    /// By row, where the provider says when it calculated the row, of rows that met no other.
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
    /// When the provider calculated it last, to the same number.
    version: Option<Instant>,
}

/// What of a row is kept.
pub enum Kept {
    All,
    Some { drop: Vec<usize>, replaced: Vec<(u32, u32)>, duplicates: u64 },
}

impl Seen {
    /// Which of a row's records are new. `Err` is the field that conflicts.
    pub fn admit(
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
            Entry::Vacant(entry) => {
                entry.insert(if repeats { SPLIT } else { row_number });
                if !repeats {
                    self.remember_version(row_number, version);
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
                let version = self.versions.get(first as usize).copied().flatten();
                let place = Place { row: first, slot: slot as u32, cell, version };
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
            fresh.insert(key, (Place { row: row_number, slot: kept_slot, cell: kept_cell, version }, source));
            kept_cell += count as u32;
            kept_slot += 1;
        }
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
