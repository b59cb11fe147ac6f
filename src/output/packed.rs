//! Records packed for the FFI: values that records share are written once, and all texts are one.
//!
//! Creating records field by field costs one crossing of the FFI for each field; as JSON, every name and every shared
//! text is repeated for each record. Packed, the records are numbers and one text. The reader takes texts from the
//! front of that text in the order of their lengths:
//!
//! - A row: codes of its *resource key*, *shape* and *period*; its page; the *text* of its pointer; the index of the field of
//!   its first record in the shape, and the index after its last. Then its records: 32 characters of id, without a length;
//!   *texts* of quantity and cost, those that the field has.
//! - Codes count from 0. A new code is followed by its definition:
//!   - a resource key: *texts* of account, resourceId, resourceName, resourceType, region, currency; its dimensions;
//!   - a shape: its number of *fields*, each a code;
//!   - a field: *texts* of provider, format, metric, providerField, kind, unit, partOf, the pointer's last part; its
//!     dimensions; its notes, one bit each in the order of the contract; 1 for a quantity, 2 for a cost, 3 for both;
//!   - a period: *texts* of start, end, utcOffset; its notes;
//!   - dimensions: their number, then *texts* of name and value in turn.
//! - A *text* is its length in UTF-16 units, [`NULL`] for none.
//!
//! The first number is the position where the text begins, counted in numbers; the second is the number of records.
//! Numbers are 32 bits, little-endian.

use std::ops::Range;

use crate::collections::Pairs;
use crate::model::record::{Note, Notes};
use crate::table::{Cell, Columns, Dimensions, Field, FieldList, FieldPart, Ids, Measures, Period, ResourceKey, Row};

/// The length of a text that is null.
pub const NULL: u32 = u32::MAX;

/// Appends records `start` to `end` (exclusive).
pub fn pack(columns: &Columns, start: usize, end: usize, out: &mut Vec<u8>) {
    let (start, end) = (start.min(columns.records), end.min(columns.records));
    let records = end.saturating_sub(start);
    // The approximate size for rows with one record; other rows need less.
    let mut packer = Packer {
        numbers: Vec::with_capacity(12 * records + 64),
        text: Vec::with_capacity(108 * records + 256),
        ..Packer::default()
    };
    for (row, slots) in columns.rows_between(start, end) {
        packer.row(columns, row, slots);
    }
    let Packer { numbers, text, .. } = packer;
    let head = [numbers.len() as u32 + 2, records as u32];
    out.reserve((head.len() + numbers.len()) * size_of::<u32>() + text.len());
    out.extend(head.iter().chain(&numbers).flat_map(|number| number.to_le_bytes()));
    out.extend_from_slice(&text);
}

#[derive(Default)]
struct Packer {
    numbers: Vec<u32>,
    /// UTF-8.
    text: Vec<u8>,
    resource_keys: PackedCodes,
    shapes: PackedCodes,
    periods: PackedCodes,
    fields: PackedCodes,
    /// For each shape, the codes of its fields.
    fields_of: Vec<Vec<u32>>,
    /// The definition of each field.
    parts: Vec<FieldPart>,
    ids: Ids,
}

/// Maps the table's codes to the codes of the packed records, which may be a small part of the table.
///
/// A table assigns codes in order of first occurrence, so a new code is mostly greater than all codes before. Such codes
/// are stored in order and found without a hash.
#[derive(Default)]
struct PackedCodes {
    /// The table's code and the packed code, both ascending.
    rising: Vec<(u32, u32)>,
    others: Pairs,
    count: u32,
}

impl PackedCodes {
    /// Appends the packed code of `code`. Returns it, and whether it is new.
    fn push(&mut self, code: u32, numbers: &mut Vec<u32>) -> (u32, bool) {
        let known = match self.rising.last() {
            Some(&(last, known)) if last == code => known,
            Some(&(last, _)) if last > code => match self.rising.binary_search_by_key(&code, |&(code, _)| code) {
                Ok(place) => self.rising[place].1,
                Err(_) => self.others.of(code.into(), 0, self.count),
            },
            _ => {
                self.rising.push((code, self.count));
                self.count
            }
        };
        numbers.push(known);
        let is_new = known == self.count;
        self.count += u32::from(is_new);
        (known, is_new)
    }
}

impl Packer {
    fn row(&mut self, columns: &Columns, row: &Row, slots: Range<usize>) {
        if self.resource_keys.push(row.resource_key, &mut self.numbers).1 {
            self.resource_key(&columns.resource_keys[row.resource_key as usize]);
        }
        let (shape, is_new) = self.shapes.push(row.shape, &mut self.numbers);
        if is_new {
            self.shape(columns, &columns.shapes[row.shape as usize]);
        }
        if self.periods.push(row.period, &mut self.numbers).1 {
            self.period(&columns.periods[row.period as usize]);
        }
        let locator = &columns.locators[row.locator as usize];
        self.numbers.push(locator.page);
        self.text(|out| locator.write(row.index, out));
        self.numbers.extend([slots.start as u32, slots.end as u32]);
        for (slot, view) in columns.views_of(row).enumerate().take(slots.end).skip(slots.start) {
            let field = self.fields_of[shape as usize][slot];
            self.text.extend_from_slice(&self.ids.of(&view, &self.parts[field as usize]));
            let (quantity, cost) = view.cells();
            let measures = view.field().measures;
            if measures != Measures::Cost {
                self.number(quantity);
            }
            if measures.has_cost() {
                self.number(cost);
            }
        }
    }

    fn shape(&mut self, columns: &Columns, shape: &FieldList) {
        self.numbers.push(shape.len() as u32);
        let mut codes = Vec::with_capacity(shape.len());
        for &field in shape {
            let (code, is_new) = self.fields.push(field, &mut self.numbers);
            codes.push(code);
            if is_new {
                let field = &columns.fields[field as usize];
                self.parts.push(FieldPart::new(field));
                self.field(field);
            }
        }
        self.fields_of.push(codes);
    }

    fn resource_key(&mut self, resource_key: &ResourceKey) {
        self.texts([
            resource_key.account.as_deref(),
            resource_key.resource_id.as_deref(),
            resource_key.resource_name.as_deref(),
            resource_key.resource_type.as_deref(),
            resource_key.region.as_deref(),
            resource_key.currency.as_deref(),
        ]);
        self.dimensions(&resource_key.dimensions);
    }

    fn field(&mut self, field: &Field) {
        self.texts([
            Some(field.format.provider_name()),
            Some(field.format.as_str()),
            Some(&field.metric),
            Some(&field.provider_field),
            Some(field.kind.as_str()),
            field.unit.map(|unit| unit.to_string()).as_deref(),
            field.part_of.as_deref(),
            Some(&field.leaf),
        ]);
        self.dimensions(&field.dimensions);
        self.notes(field.notes);
        self.numbers.push(match field.measures {
            Measures::Quantity => 1,
            Measures::Cost => 2,
            Measures::Both => 3,
        });
    }

    fn period(&mut self, period: &Period) {
        for time in [period.start, period.end] {
            match time {
                Some(time) => self.text(|out| time.write(out)),
                None => self.numbers.push(NULL),
            }
        }
        self.texts([period.offset.as_deref()]);
        self.notes(period.notes);
    }

    fn dimensions(&mut self, dimensions: &Dimensions) {
        self.numbers.push(dimensions.len() as u32);
        for (name, value) in dimensions {
            self.texts([Some(name), Some(value)]);
        }
    }

    fn notes(&mut self, notes: Notes) {
        self.numbers.push(notes.iter().fold(0, |bits, note: Note| bits | 1 << note as u32));
    }

    #[inline]
    fn number(&mut self, number: Cell<'_>) {
        if number.is_null() {
            return self.numbers.push(NULL);
        }
        let before = self.text.len();
        number.write(&mut self.text);
        self.numbers.push((self.text.len() - before) as u32);
    }

    fn texts<const N: usize>(&mut self, texts: [Option<&str>; N]) {
        for text in texts {
            match text {
                Some(text) => self.text(|out| out.extend_from_slice(text.as_bytes())),
                None => self.numbers.push(NULL),
            }
        }
    }

    fn text(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.text.len();
        write(&mut self.text);
        self.numbers.push(utf16_units(&self.text[before..]));
    }
}

/// The length in UTF-16 of a UTF-8 text: a character of four bytes has two units, any other one.
fn utf16_units(text: &[u8]) -> u32 {
    if text.is_ascii() {
        return text.len() as u32;
    }
    text.iter().map(|&byte| u32::from(byte & 0xC0 != 0x80) + u32::from(byte >= 0xF0)).sum()
}
