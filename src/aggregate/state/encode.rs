//! Encodes records as a state.

use std::cmp::Ordering;

use twox_hash::XxHash3_128;

use super::bytes::{Writer, fold};
use super::{MAGIC, VERSION, number};
use crate::aggregate::group::keeps;
use crate::aggregate::reduce::by_value;
use crate::aggregate::spec::AggregateSpec;
use crate::collections::{Codes, Pairs, ordered, ranks};
use crate::format::is_metric;
use crate::model::kind::Kind;
use crate::model::time::Instant;
use crate::number::decimal::Decimal;
use crate::table::{Cell, Columns, Measures, merged};

/// The parts of a resource key that aggregation uses, with the dimensions of the field.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct ResourceKey<'t> {
    /// Account, resource, its type, region, currency.
    texts: [Option<&'t str>; 5],
    dimensions: Vec<(&'t str, &'t str)>,
}

/// The parts of a field that aggregation uses.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Field<'t> {
    format: crate::model::provider::Format,
    metric: &'t str,
    kind: Kind,
    unit: Option<crate::model::unit::Unit>,
    breaks_down: bool,
    measures: Measures,
}

type Period = (Option<Instant>, Option<Instant>, i32);

/// A record: codes of its shared parts, and where its numbers are.
#[derive(Clone, Copy)]
struct StateRow {
    resource_key: u32,
    period: u32,
    field: u32,
    cell: u32,
}

/// The records of a table that pass the filter, as the state of an aggregator with this spec.
pub fn encode(columns: &Columns, spec: &AggregateSpec) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.0.extend_from_slice(MAGIC);
    writer.0.push(VERSION);
    writer.0.extend_from_slice(&spec.digest());
    StateRows::new(columns, spec).write(columns, &mut writer);
    let checksum = XxHash3_128::oneshot(&writer.0);
    writer.0.extend_from_slice(&checksum.to_le_bytes());
    writer.0
}

/// Distinct values by their encoded bytes; sorted at the end.
struct Interned<T> {
    codes: Codes,
    values: Vec<T>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { codes: Codes::default(), values: Vec::new() }
    }
}

/// The records of a table in canonical order, and the dictionaries of their codes.
#[derive(Default)]
struct StateRows<'t> {
    resource_keys: Interned<ResourceKey<'t>>,
    periods: Interned<Period>,
    fields: Interned<Field<'t>>,
    readings: Vec<StateRow>,
}

impl<'t> StateRows<'t> {
    fn new(columns: &'t Columns, spec: &AggregateSpec) -> Self {
        let kept: Vec<bool> =
            columns.resource_keys.iter().map(|resource_key| keeps(&spec.filter, resource_key)).collect();
        let metric_kept: Vec<bool> = columns.fields.iter().map(|field| spec.needs_field(field)).collect();
        let mut all = Self::default();
        // Codes by resource key and the field's new parts; by field; by period.
        let (mut resource_keys, mut fields, mut periods) =
            (Pairs::default(), Pairs::default(), vec![None; columns.periods.len()]);
        let (mut resource_key_codes, mut field_codes) = (Vec::new(), Vec::new());
        for row in columns.rows.iter().filter(|row| kept[row.resource_key as usize]) {
            let mut cell = row.first_cell;
            for &field in &columns.shapes[row.shape as usize] {
                let (here, measures) = (cell, columns.fields[field as usize].measures);
                cell += measures.cells() as u32;
                if !metric_kept[field as usize] {
                    continue;
                }
                let has_currency = columns.resource_keys[row.resource_key as usize].currency.is_some();
                let (measures, cell) = held(columns, measures, here, has_currency);
                let has_cost = measures.has_cost();
                // The records of fields without dimensions share their resource key.
                let has_dimensions = !columns.fields[field as usize].dimensions.is_empty();
                let of_field = if has_dimensions { u64::from(field) + 1 } else { 0 };
                let next = resource_key_codes.len() as u32;
                let resource_key = resource_keys.of(row.resource_key.into(), of_field << 1 | u64::from(has_cost), next);
                if resource_key == next {
                    resource_key_codes.push(all.resource_key(columns, row.resource_key, field, has_cost));
                }
                let next = field_codes.len() as u32;
                let code = fields.of(field.into(), measures as u64, next);
                if code == next {
                    field_codes.push(all.field(columns, field, measures));
                }
                let period = *periods[row.period as usize].get_or_insert_with(|| all.period(columns, row.period));
                let (resource_key, field) = (resource_key_codes[resource_key as usize], field_codes[code as usize]);
                all.readings.push(StateRow { resource_key, period, field, cell });
            }
        }
        all.keep_names(columns, spec);
        all.put_in_order(columns);
        all
    }

    fn resource_key(&mut self, columns: &'t Columns, resource_key: u32, field: u32, has_cost: bool) -> u32 {
        let s = &columns.resource_keys[resource_key as usize];
        let currency = s.currency.as_deref().filter(|_| has_cost);
        let texts =
            [s.account.as_deref(), s.resource_id.as_deref(), s.resource_type.as_deref(), s.region.as_deref(), currency];
        let dimensions: Vec<_> = merged(&s.dimensions, &columns.fields[field as usize].dimensions).collect();
        let (code, is_new) = self
            .resource_keys
            .codes
            .of(|key| key.texts(texts).texts(dimensions.iter().flat_map(|(name, value)| [Some(*name), Some(*value)])));
        if is_new {
            self.resource_keys.values.push(ResourceKey { texts, dimensions });
        }
        code
    }

    fn field(&mut self, columns: &'t Columns, field: u32, measures: Measures) -> u32 {
        let f = &columns.fields[field as usize];
        let breaks_down = f.part_of.as_ref() == Some(&f.metric);
        let unit = f.unit.map(|unit| unit.to_string());
        let (code, is_new) = self.fields.codes.of(|key| {
            key.text(Some(f.format.as_str())).number(f.kind as u64).number(measures as u64).number(breaks_down.into());
            key.text(Some(&f.metric)).text(unit.as_deref())
        });
        if is_new {
            let (format, metric, kind, unit) = (f.format, &*f.metric, f.kind, f.unit);
            self.fields.values.push(Field { format, metric, kind, unit, breaks_down, measures });
        }
        code
    }

    /// Adds fields without records for the metrics that the spec names, that only the data has, and whose records the filter all excludes:
    /// the machine that merges the state needs these names too.
    fn keep_names(&mut self, columns: &'t Columns, spec: &AggregateSpec) {
        let named = spec.metrics().map(|(_, name)| name).chain(spec.derive.iter().map(|(name, _)| &**name));
        for name in named.filter(|name| !is_metric(name)) {
            let is_known = self.fields.values.iter().any(|field| field.metric == name);
            let Some(field) = columns.fields.iter().filter(|field| *field.metric == *name).min_by_key(|f| f.format)
            else {
                continue;
            };
            if !is_known {
                let (format, metric, kind) = (field.format, &*field.metric, Kind::Delta);
                self.fields.codes.of(|key| key.text(Some("name")).text(Some(metric)));
                self.fields.values.push(Field {
                    format,
                    metric,
                    kind,
                    unit: None,
                    breaks_down: false,
                    measures: Measures::Quantity,
                });
            }
        }
    }

    fn period(&mut self, columns: &Columns, period: u32) -> u32 {
        let p = &columns.periods[period as usize];
        let (code, is_new) = self.periods.codes.of(|key| {
            for time in [p.start, p.end] {
                key.number(time.is_some().into());
                key.number(time.map_or(0, |t| t.seconds as u64)).number(time.map_or(0, |t| t.nanos.into()));
            }
            key.number(p.offset_seconds as u64)
        });
        if is_new {
            self.periods.values.push((p.start, p.end, p.offset_seconds));
        }
        code
    }

    /// Replaces codes by ranks, and sorts the records by them and by their numbers.
    fn put_in_order(&mut self, columns: &Columns) {
        let (resource_keys, periods, fields) =
            (in_order(&mut self.resource_keys), in_order(&mut self.periods), in_order(&mut self.fields));
        for reading in &mut self.readings {
            reading.resource_key = resource_keys[reading.resource_key as usize];
            reading.period = periods[reading.period as usize];
            reading.field = fields[reading.field as usize];
        }
        let place = |r: &StateRow| (r.resource_key, r.period, r.field);
        let compare = |a: u32, b: u32| {
            let (a, b) = (&self.readings[a as usize], &self.readings[b as usize]);
            let measures = self.fields.values[a.field as usize].measures;
            place(a).cmp(&place(b)).then_with(|| by_numbers(columns, measures, a.cell, b.cell))
        };
        let order = ordered(self.readings.len(), &compare);
        self.readings = order.into_iter().map(|i| self.readings[i as usize]).collect();
    }

    fn write(&self, columns: &Columns, writer: &mut Writer) {
        let texts = self.texts();
        let code = |text: &str| texts.binary_search(&text).unwrap_or_default() as u64;
        writer.whole(texts.len() as u64);
        texts.iter().for_each(|text| writer.bytes(text.as_bytes()));

        writer.whole(self.resource_keys.values.len() as u64);
        for resource_key in &self.resource_keys.values {
            resource_key.texts.iter().for_each(|text| writer.whole(text.map_or(0, |text| code(text) + 1)));
            writer.whole(resource_key.dimensions.len() as u64);
            for (name, value) in &resource_key.dimensions {
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
            writer.whole(code(field.format.as_str()));
            writer.whole(code(field.metric));
            writer.whole(field.kind as u64);
            writer.bytes(field.unit.map(|unit| unit.to_string()).unwrap_or_default().as_bytes());
            writer.whole(u64::from(field.breaks_down));
            writer.whole(field.measures as u64);
        }

        self.write_rows(columns, writer);
    }

    fn write_rows(&self, columns: &Columns, writer: &mut Writer) {
        let provider = |r: &StateRow| self.fields.values[r.field as usize].format.provider();
        let place = |r: &StateRow| (r.resource_key, r.period, provider(r));
        let rows = || self.readings.chunk_by(|a, b| place(a) == place(b));
        let (mut shapes, mut first_rows, mut of_row) = (Codes::default(), Vec::new(), Vec::new());
        for row in rows() {
            let (shape, is_new) = shapes.of(|key| row.iter().fold(key, |key, r| key.number(r.field.into())));
            if is_new {
                first_rows.push(row);
            }
            of_row.push(shape);
        }
        writer.whole(first_rows.len() as u64);
        for row in first_rows {
            writer.whole(row.len() as u64);
            row.iter().for_each(|reading| writer.whole(reading.field.into()));
        }
        writer.whole(of_row.len() as u64);
        let mut resource_key = 0;
        for (row, shape) in rows().zip(of_row) {
            writer.whole(u64::from(row[0].resource_key - resource_key));
            resource_key = row[0].resource_key;
            writer.whole(u64::from(row[0].period));
            writer.whole(shape.into());
            for reading in row {
                let measures = self.fields.values[reading.field as usize].measures;
                (0..measures.cells())
                    .for_each(|i| write_number(writer, columns.cells.small(reading.cell as usize + i)));
            }
        }
    }

    /// All texts, sorted.
    fn texts(&self) -> Vec<&str> {
        let of_resource_keys = self.resource_keys.values.iter().flat_map(|resource_key| {
            let dimensions = resource_key.dimensions.iter().flat_map(|(name, value)| [*name, *value]);
            resource_key.texts.iter().flatten().copied().chain(dimensions)
        });
        let of_fields = self.fields.values.iter().flat_map(|field| [field.metric, field.format.as_str()]);
        let all: Vec<&str> = of_resource_keys.chain(of_fields).collect();
        let order = ordered(all.len(), &|a, b| all[a as usize].cmp(all[b as usize]));
        let mut texts: Vec<&str> = order.into_iter().map(|i| all[i as usize]).collect();
        texts.dedup();
        texts
    }
}

/// Sorts values. Returns the rank of each by its code.
fn in_order<T: Ord>(known: &mut Interned<T>) -> Vec<u32> {
    let values = &known.values;
    let order = ordered(values.len(), &|a, b| values[a as usize].cmp(&values[b as usize]));
    let mut values: Vec<Option<T>> = std::mem::take(&mut known.values).into_iter().map(Some).collect();
    known.values = order.iter().filter_map(|&i| values[i as usize].take()).collect();
    ranks(&order)
}

/// The numbers that a record has, and where. A field with quantity and cost may lack one of them. An unknown cost counts if it has a currency.
fn held(columns: &Columns, measures: Measures, cell: u32, has_currency: bool) -> (Measures, u32) {
    if measures != Measures::Both {
        return (measures, cell);
    }
    let is_null = |at: u32| matches!(columns.cells.small(at as usize), Cell::Null);
    match (is_null(cell), is_null(cell + 1)) {
        (_, true) if !has_currency => (Measures::Quantity, cell),
        (true, false) => (Measures::Cost, cell + 1),
        _ => (Measures::Both, cell),
    }
}

fn by_numbers(columns: &Columns, measures: Measures, a: u32, b: u32) -> Ordering {
    let at = |cell: u32| columns.cells.small(cell as usize);
    let first = by_value(at(a), at(b));
    if measures == Measures::Both { first.then_with(|| by_value(at(a + 1), at(b + 1))) } else { first }
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
    writer.whole(if mantissa.is_negative() { number::WIDE_NEGATIVE } else { number::WIDE });
    writer.whole(u64::from(scale));
    writer.bytes(&mantissa.to_bytes());
}
