//! Readings to bytes.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;
use num_bigint::Sign;
use twox_hash::XxHash3_128;

use super::bytes::{Writer, fold};
use super::{MAGIC, VERSION, number};
use crate::aggregate::group::keeps;
use crate::aggregate::lane::by_value;
use crate::aggregate::spec::AggregateSpec;
use crate::decimal::Decimal;
use crate::kind::Kind;
use crate::table::{Cell, Columns, Dictionary, Holds, merged};
use crate::time::Instant;

/// What aggregation looks at in a subject, the dimensions of the field included.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Subject<'t> {
    /// Account, resource, its type, region, currency.
    texts: [Option<&'t str>; 5],
    dimensions: Vec<(&'t str, &'t str)>,
}

/// What it looks at in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Field<'t> {
    format: crate::Format,
    metric: &'t str,
    kind: Kind,
    unit: Option<crate::Unit>,
    breaks_down: bool,
    holds: Holds,
}

type Period = (Option<Instant>, Option<Instant>, i32);

#[derive(Clone, Copy)]
struct Reading {
    subject: u32,
    period: u32,
    field: u32,
    cell: u32,
}

/// A dictionary whose codes are changed for places in order.
struct Ordered<T> {
    values: Vec<T>,
    /// By the code in the dictionary.
    places: Vec<u32>,
}

impl<T: Ord + Clone> Ordered<T> {
    fn new(dictionary: &Dictionary<T>) -> Self {
        let mut order: Vec<usize> = (0..dictionary.len()).collect();
        order.sort_unstable_by_key(|&i| &dictionary[i]);
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, &i)| places[i] = place as u32);
        Self { values: order.into_iter().map(|i| dictionary[i].clone()).collect(), places }
    }
}

/// The readings of a table that pass the filter, as the state of an aggregator of that spec.
pub fn encode(columns: &Columns, spec: &AggregateSpec) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.0.extend_from_slice(MAGIC);
    writer.0.push(VERSION);
    writer.0.extend_from_slice(&spec.digest());
    Readings::new(columns, spec).write(columns, &mut writer);
    let checksum = XxHash3_128::oneshot(&writer.0);
    writer.0.extend_from_slice(&checksum.to_le_bytes());
    writer.0
}

struct Readings<'t> {
    subjects: Ordered<Subject<'t>>,
    periods: Ordered<Period>,
    fields: Ordered<Field<'t>>,
    readings: Vec<Reading>,
}

impl<'t> Readings<'t> {
    fn new(columns: &'t Columns, spec: &AggregateSpec) -> Self {
        let kept: Vec<bool> = columns.subjects.iter().map(|subject| keeps(&spec.filter, subject)).collect();
        let metric_kept: Vec<bool> =
            columns.fields.iter().map(|field| spec.filter.keeps_metric(&field.metric)).collect();
        let mut subjects: Dictionary<Subject> = Dictionary::default();
        let mut fields: Dictionary<Field> = Dictionary::default();
        let mut periods: Dictionary<Period> = Dictionary::default();
        // By subject, field and whether it has a cost; by field and what it holds.
        let mut subject_codes: HashMap<(u32, u32, bool), u32, RandomState> = HashMap::default();
        let mut field_codes: HashMap<(u32, Holds), u32, RandomState> = HashMap::default();
        let mut readings = Vec::new();
        for row in columns.rows.iter().filter(|row| kept[row.subject as usize]) {
            let mut cell = row.first_cell;
            for &field in &columns.shapes[row.shape as usize] {
                let of_field = &columns.fields[field as usize];
                let here = cell;
                cell += of_field.holds.cells() as u32;
                if !metric_kept[field as usize] {
                    continue;
                }
                let (holds, at) = held(columns, of_field.holds, here);
                let has_cost = holds != Holds::Quantity;
                // Fields without dimensions of their own share their subject.
                let dimensions_of_field = if of_field.dimensions.is_empty() { u32::MAX } else { field };
                let subject = *subject_codes.entry((row.subject, dimensions_of_field, has_cost)).or_insert_with(|| {
                    let s = &columns.subjects[row.subject as usize];
                    let currency = s.currency.as_deref().filter(|_| has_cost);
                    let texts = [
                        s.account.as_deref(),
                        s.resource_id.as_deref(),
                        s.resource_type.as_deref(),
                        s.region.as_deref(),
                        currency,
                    ];
                    subjects
                        .insert_full(Subject {
                            texts,
                            dimensions: merged(&s.dimensions, &of_field.dimensions).collect(),
                        })
                        .0 as u32
                });
                let field = *field_codes.entry((field, holds)).or_insert_with(|| {
                    let breaks_down = of_field.part_of.as_ref() == Some(&of_field.metric);
                    let of_field = Field {
                        format: of_field.format,
                        metric: &of_field.metric,
                        kind: of_field.kind,
                        unit: of_field.unit,
                        breaks_down,
                        holds,
                    };
                    fields.insert_full(of_field).0 as u32
                });
                let period = &columns.periods[row.period as usize];
                let period = periods.insert_full((period.start, period.end, period.offset_seconds)).0 as u32;
                readings.push(Reading { subject, period, field, cell: at });
            }
        }
        let mut all = Self {
            subjects: Ordered::new(&subjects),
            periods: Ordered::new(&periods),
            fields: Ordered::new(&fields),
            readings,
        };
        all.put_in_order(columns);
        all
    }

    fn put_in_order(&mut self, columns: &Columns) {
        for reading in &mut self.readings {
            reading.subject = self.subjects.places[reading.subject as usize];
            reading.period = self.periods.places[reading.period as usize];
            reading.field = self.fields.places[reading.field as usize];
        }
        let fields = &self.fields.values;
        let place = |r: &Reading| (r.subject, r.period, r.field);
        self.readings.sort_unstable_by(|a, b| {
            place(a).cmp(&place(b)).then_with(|| by_numbers(columns, fields[a.field as usize].holds, a.cell, b.cell))
        });
    }

    fn write(&self, columns: &Columns, writer: &mut Writer) {
        let texts = self.texts();
        let code = |text: &str| texts.binary_search(&text).unwrap_or_default() as u64;
        writer.whole(texts.len() as u64);
        texts.iter().for_each(|text| writer.bytes(text.as_bytes()));

        writer.whole(self.subjects.values.len() as u64);
        for subject in &self.subjects.values {
            subject.texts.iter().for_each(|text| writer.whole(text.map_or(0, |text| code(text) + 1)));
            writer.whole(subject.dimensions.len() as u64);
            for (name, value) in &subject.dimensions {
                writer.whole(code(name));
                writer.whole(code(value));
            }
        }

        writer.whole(self.periods.values.len() as u64);
        let mut before = 0;
        for &(start, end, offset) in &self.periods.values {
            let Some(start) = start else {
                writer.whole(0);
                writer.signed(i64::from(offset));
                continue;
            };
            writer.whole(if end.is_some() { 2 } else { 1 });
            writer.signed(i64::from(offset));
            writer.signed(start.seconds - before);
            writer.whole(u64::from(start.nanos));
            before = start.seconds;
            if let Some(end) = end {
                writer.signed(end.seconds - start.seconds);
                writer.whole(u64::from(end.nanos));
            }
        }

        writer.whole(self.fields.values.len() as u64);
        for field in &self.fields.values {
            writer.whole(field.format as u64);
            writer.whole(code(field.metric));
            writer.whole(field.kind as u64);
            writer.bytes(field.unit.map(|unit| unit.to_string()).unwrap_or_default().as_bytes());
            writer.whole(u64::from(field.breaks_down));
            writer.whole(field.holds as u64);
        }

        self.write_rows(columns, writer);
    }

    fn write_rows(&self, columns: &Columns, writer: &mut Writer) {
        let provider = |r: &Reading| self.fields.values[r.field as usize].format.provider();
        let place = |r: &Reading| (r.subject, r.period, provider(r));
        let rows = || self.readings.chunk_by(|a, b| place(a) == place(b));
        let mut shapes: Dictionary<Vec<u32>> = Dictionary::default();
        let codes: Vec<usize> = rows().map(|row| shapes.insert_full(row.iter().map(|r| r.field).collect()).0).collect();
        writer.whole(shapes.len() as u64);
        for shape in &shapes {
            writer.whole(shape.len() as u64);
            shape.iter().for_each(|&field| writer.whole(u64::from(field)));
        }
        writer.whole(codes.len() as u64);
        let mut subject = 0;
        for (row, shape) in rows().zip(codes) {
            writer.whole(u64::from(row[0].subject - subject));
            subject = row[0].subject;
            writer.whole(u64::from(row[0].period));
            writer.whole(shape as u64);
            for reading in row {
                let holds = self.fields.values[reading.field as usize].holds;
                (0..holds.cells()).for_each(|i| write_number(writer, columns.cells.small(reading.cell as usize + i)));
            }
        }
    }

    /// Every text there is, in order.
    fn texts(&self) -> Vec<&str> {
        let mut texts = BTreeSet::new();
        for subject in &self.subjects.values {
            texts.extend(subject.texts.iter().flatten().copied());
            texts.extend(subject.dimensions.iter().flat_map(|(name, value)| [*name, *value]));
        }
        for field in &self.fields.values {
            texts.insert(field.metric);
        }
        texts.into_iter().collect()
    }
}

/// What a record really holds, and where: a field of both may lack one of them.
fn held(columns: &Columns, holds: Holds, cell: u32) -> (Holds, u32) {
    if holds != Holds::Both {
        return (holds, cell);
    }
    let is_null = |at: u32| matches!(columns.cells.small(at as usize), Cell::Null);
    match (is_null(cell), is_null(cell + 1)) {
        (_, true) => (Holds::Quantity, cell),
        (true, false) => (Holds::Cost, cell + 1),
        (false, false) => (Holds::Both, cell),
    }
}

fn by_numbers(columns: &Columns, holds: Holds, a: u32, b: u32) -> Ordering {
    let at = |cell: u32| columns.cells.small(cell as usize);
    let first = by_value(at(a), at(b));
    if holds == Holds::Both { first.then_with(|| by_value(at(a + 1), at(b + 1))) } else { first }
}

fn write_number(writer: &mut Writer, cell: Cell) {
    match cell {
        Cell::Null => writer.whole(number::NULL),
        Cell::Small(mantissa, 0) => writer.whole(fold(mantissa) << 1),
        Cell::Small(mantissa, scale) => {
            writer.whole(number::SCALED);
            writer.whole(u64::from(scale));
            writer.signed(mantissa);
        }
        Cell::Wide(value) => write_wide(writer, value),
    }
}

fn write_wide(writer: &mut Writer, value: &Decimal) {
    let (mantissa, scale) = value.to_parts();
    let (sign, magnitude) = mantissa.to_bytes_be();
    writer.whole(if sign == Sign::Minus { number::WIDE_NEGATIVE } else { number::WIDE });
    writer.whole(u64::from(scale));
    writer.bytes(&magnitude);
}
