//! The fields of a body that a descriptor does not read, and the rows that they are in.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::descriptor::path::escaped;
use crate::model::provider::Encoding;
use crate::read::{Element, ValueType, escape_pointer};

/// Fields that are named, at most: a body may have any number.
const MOST_FIELDS: usize = 1000;

/// A field that nothing reads.
#[derive(Debug)]
pub(crate) struct UnreadField {
    /// Its path from the row; from the root where it is in no row.
    pub field: String,
    /// The rows that it is in.
    pub rows: u64,
    /// Where it stands first.
    pub pointer: String,
    /// The number of the row that it was met in last.
    last: u64,
}

/// A walk over a whole body.
pub(super) struct Walk<'w> {
    /// By the node of a row: the rule that reads it.
    rules: &'w BTreeMap<u32, Option<u16>>,
    /// Pointers of faults, and of all that they are in.
    faults: HashSet<&'w str, RandomState>,
    /// By node: how many nodes before it are read.
    read_before: Vec<u32>,
    counts: HashMap<Option<u16>, (u64, u64), RandomState>,
    places: HashMap<String, usize, RandomState>,
    /// Rows so far.
    row: u64,
    pub unread: Vec<UnreadField>,
}

impl<'w> Walk<'w> {
    pub fn over<'f: 'w>(
        root: Element<'_>,
        rules: &'w BTreeMap<u32, Option<u16>>,
        is_read: &[bool],
        faults: impl Iterator<Item = &'f str>,
    ) -> Self {
        let mut before = 0;
        let counted = is_read.iter().map(|is_read| {
            before += u32::from(*is_read);
            before
        });
        let mut walk = Self {
            rules,
            faults: faults.flat_map(outer).collect(),
            read_before: std::iter::once(0).chain(counted).collect(),
            counts: HashMap::default(),
            places: HashMap::default(),
            row: 0,
            unread: Vec::new(),
        };
        let (mut pointer, mut field) = (String::new(), String::new());
        if root.encoding() == Encoding::Xml {
            pointer = format!("/{}", root.name());
            field = format!("/{}", escaped(&root.name()));
        }
        walk.value(root, &mut pointer, &mut field, false);
        walk
    }

    /// Rows that a rule reads, and how many of them are faulty.
    pub fn count(&self, rule: Option<u16>) -> (u64, u64) {
        self.counts.get(&rule).copied().unwrap_or_default()
    }

    fn value(&mut self, value: Element<'_>, pointer: &mut String, field: &mut String, in_row: bool) {
        if let Some(rule) = self.rules.get(&value.index()) {
            self.row += 1;
            let count = self.counts.entry(*rule).or_default();
            count.0 += 1;
            count.1 += u64::from(self.faults.contains(&**pointer));
            return self.children(value, pointer, &mut String::new(), true);
        }
        let [start, end] = [value.index(), value.end()].map(|node| self.read_before[node as usize]);
        match start < end {
            true => self.children(value, pointer, field, in_row),
            false => self.report(pointer, field, in_row),
        }
    }

    fn children(&mut self, outer: Element<'_>, pointer: &mut String, field: &mut String, in_row: bool) {
        use std::fmt::Write;
        let is_xml = outer.encoding() == Encoding::Xml;
        let is_list = outer.value_type() == ValueType::Array;
        // In XML: the elements of each name, and how many of them came.
        let mut alike: HashMap<_, (u32, u32), RandomState> = HashMap::default();
        if is_xml {
            outer.children().for_each(|child| alike.entry(child.name()).or_default().0 += 1);
        }
        for (position, child) in outer.children().enumerate() {
            let before = (pointer.len(), field.len());
            pointer.push('/');
            if !(in_row && field.is_empty()) {
                field.push('/');
            }
            let name = child.name();
            if is_xml {
                let attribute = if child.is_attribute() { "@" } else { "" };
                let _ = write!(pointer, "{attribute}{name}");
                let _ = write!(field, "{attribute}{}", escaped(&name));
                if let Some((all, came)) = alike.get_mut(&name).filter(|_| !child.is_attribute()) {
                    *came += 1;
                    if !in_row || is_list || *all > 1 {
                        let _ = write!(pointer, "[{came}]");
                    }
                }
            } else if is_list {
                let _ = write!(pointer, "{position}");
                field.push('*');
            } else {
                escape_pointer(&name, pointer);
                field.push_str(&escaped(&name));
            }
            self.value(child, pointer, field, in_row);
            pointer.truncate(before.0);
            field.truncate(before.1);
        }
    }

    fn report(&mut self, pointer: &str, field: &str, in_row: bool) {
        let row = if in_row { self.row } else { 0 };
        let known = self.places.get(field).copied();
        if let Some(known) = known.and_then(|at| self.unread.get_mut(at)) {
            known.rows += u64::from(known.last != row);
            known.last = row;
        } else if self.unread.len() < MOST_FIELDS {
            self.places.insert(field.to_owned(), self.unread.len());
            let (field, pointer) = (field.to_owned(), pointer.to_owned());
            self.unread.push(UnreadField { field, rows: u64::from(in_row), pointer, last: row });
        }
    }
}

/// A pointer, and all that what it points to is in.
fn outer(pointer: &str) -> impl Iterator<Item = &str> {
    pointer.match_indices('/').map(|(at, _)| &pointer[..at]).chain([pointer])
}
