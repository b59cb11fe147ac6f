//! Derived metrics, sums of other metrics (docs/design.md#derived-metrics): their records are added to those of the
//! parts.

use std::cmp::Ordering;

use super::group::keeps;
use super::reduce::{by_value, number};
use super::spec::AggregateSpec;
use crate::collections::{Codes, Pairs, ordered};
use crate::model::error::{Error, ErrorCode, member};
use crate::model::kind::Kind;
use crate::model::provider::Format;
use crate::model::record::Notes;
use crate::model::unit::Unit;
use crate::number::exact::Sum;
use crate::table::{Cell, Columns, Dimensions, Field, FieldList, Measures, ResourceKey, Row, merged};

/// What the records of a derived metric have in common: its field, which is being built.
struct Target {
    /// Index in the spec.
    derived: usize,
    format: Format,
    kind: Kind,
    breaks_down: bool,
    unit: Option<Unit>,
    has_quantity: bool,
    has_cost: bool,
}

/// A record of a part: what it is added to, as which part, and where its numbers are.
struct Entry {
    /// Code of target, series and period.
    sum: u32,
    part: usize,
    target: u32,
    row: u32,
    field: u32,
    cell: u32,
}

/// The table with the records of derived metrics: for each series and period, the exact sum of the parts. If a part
/// is absent or unknown, the sum is unknown.
///
/// # Errors
/// `invalid-option` if the data has a metric of that name already, `incompatible-aggregation` for parts of two kinds or of two
/// dimensions of unit.
pub(super) fn add(columns: &Columns, spec: &AggregateSpec) -> Result<Columns, Error> {
    if let Some((name, _)) =
        spec.derive.iter().find(|(name, _)| columns.fields.iter().any(|field| *field.metric == **name))
    {
        return Err(Error::option(&member("derive", name), "the data has a metric of that name: choose another"));
    }
    let kept: Vec<bool> = columns.resource_keys.iter().map(|resource_key| keeps(&spec.filter, resource_key)).collect();
    let mut used = vec![false; columns.fields.len()];
    let mut shapes = vec![false; columns.shapes.len()];
    columns.rows.iter().for_each(|row| shapes[row.shape as usize] |= kept[row.resource_key as usize]);
    for (shape, _) in columns.shapes.iter().zip(shapes).filter(|(_, is_used)| *is_used) {
        shape
            .iter()
            .for_each(|&field| used[field as usize] = spec.filter.keeps_origin(&columns.fields[field as usize]));
    }
    let mut targets = Vec::new();
    // For each field: the targets that it is added to, and as which part.
    let mut roles: Vec<Vec<(u32, usize)>> = vec![Vec::new(); columns.fields.len()];
    for (derived, (name, parts)) in
        spec.derive.iter().enumerate().filter(|(_, (name, _))| spec.filter.keeps_metric(name))
    {
        let fields: Vec<(u32, usize)> = (0..columns.fields.len())
            .filter(|field| used[*field])
            .filter_map(|field| {
                let part = parts.iter().position(|part| **part == *columns.fields[field].metric)?;
                Some((field as u32, part))
            })
            .collect();
        check(columns, name, &fields)?;
        for &(field, part) in &fields {
            let target = target(&mut targets, derived, &columns.fields[field as usize]);
            roles[field as usize].push((target, part));
        }
    }
    let mut all = columns.clone();
    let entries = entries(columns, &kept, &roles);
    let compare = |a: u32, b: u32| {
        let (a, b) = (&entries[a as usize], &entries[b as usize]);
        (a.sum, a.part).cmp(&(b.sum, b.part)).then_with(|| by_numbers(columns, a, b))
    };
    let order: Vec<&Entry> = ordered(entries.len(), &compare).into_iter().map(|i| &entries[i as usize]).collect();
    for of_sum in order.chunk_by(|a, b| a.sum == b.sum) {
        let target = &targets[of_sum[0].target as usize];
        let (name, parts) = &spec.derive[target.derived];
        let by_part: Vec<&[&Entry]> = of_sum.chunk_by(|a, b| a.part == b.part).collect();
        // If a part has several records at one time, the n-th record is added to the n-th records of the other parts, so the sums
        // also report that usage as often.
        for nth in 0..by_part.iter().map(|entries| entries.len()).max().unwrap_or(0) {
            let found: Vec<&Entry> = by_part.iter().filter_map(|entries| entries.get(nth).copied()).collect();
            push(&mut all, columns, target, name, &found, found.len() == parts.len());
        }
    }
    Ok(all)
}

/// Refuses parts that cannot be added.
fn check(columns: &Columns, name: &str, fields: &[(u32, usize)]) -> Result<(), Error> {
    let refuse = |a: &Field, b: &Field, what: &str, of: &dyn Fn(&Field) -> String| {
        let message = format!(
            "`{}`: expected metrics of one {what}, found {} ({}) and {} ({}): add those that are alike",
            member("derive", name),
            a.metric,
            of(a),
            b.metric,
            of(b)
        );
        Err(Error::new(ErrorCode::IncompatibleAggregation, message))
    };
    let field = |code: u32| &columns.fields[code as usize];
    for (i, &(a, part)) in fields.iter().enumerate() {
        for &(b, other) in &fields[..i] {
            let (a, b) = (field(a), field(b));
            let kinds =
                |part: usize| fields.iter().filter(move |(_, of)| *of == part).map(|(code, _)| field(*code).kind);
            if part != other && !kinds(part).any(|kind| kinds(other).any(|of_other| of_other == kind)) {
                return refuse(a, b, "kind", &|field| field.kind.as_str().to_owned());
            }
            let is_alike = match (a.unit, b.unit) {
                (Some(a), Some(b)) => a.is_comparable(b),
                (a, b) => a == b,
            };
            if a.kind == b.kind && !is_alike {
                let unit = |field: &Field| field.unit.map_or_else(|| "no unit".to_owned(), |unit| unit.to_string());
                return refuse(a, b, "dimension of unit", &unit);
            }
        }
    }
    Ok(())
}

/// The target of a field, which is adapted to it.
fn target(targets: &mut Vec<Target>, derived: usize, field: &Field) -> u32 {
    let breaks_down = field.part_of.as_ref() == Some(&field.metric);
    let is_it = |target: &Target| {
        (target.derived, target.format, target.kind, target.breaks_down)
            == (derived, field.format, field.kind, breaks_down)
    };
    let place = targets.iter().position(is_it).unwrap_or_else(|| {
        targets.push(Target {
            derived,
            format: field.format,
            kind: field.kind,
            breaks_down,
            unit: field.unit,
            has_quantity: false,
            has_cost: false,
        });
        targets.len() - 1
    });
    let target = &mut targets[place];
    target.has_quantity |= field.measures != Measures::Cost;
    target.has_cost |= field.measures.has_cost();
    if target.unit != field.unit {
        target.unit = target.unit.map(Unit::base);
    }
    place as u32
}

fn entries(columns: &Columns, kept: &[bool], roles: &[Vec<(u32, usize)>]) -> Vec<Entry> {
    let (mut periods, mut series) = (Codes::default(), Codes::default());
    let period_of: Vec<u32> = columns
        .periods
        .iter()
        .map(|period| {
            let (code, _) = periods.of(|key| {
                for time in [period.start, period.end] {
                    key.number(time.is_some().into());
                    key.number(time.map_or(0, |t| t.seconds as u64)).number(time.map_or(0, |t| t.nanos.into()));
                }
                key.number(period.offset_seconds as u64)
            });
            code
        })
        .collect();
    let (mut known, mut sums, mut series_of, mut count) = (Pairs::default(), Pairs::default(), Vec::new(), 0);
    let mut entries = Vec::new();
    for (place, row) in columns.rows.iter().enumerate().filter(|(_, row)| kept[row.resource_key as usize]) {
        let mut cell = row.first_cell;
        for &field in &columns.shapes[row.shape as usize] {
            let of_field = &columns.fields[field as usize];
            let here = cell;
            cell += of_field.measures.cells() as u32;
            for &(target, part) in &roles[field as usize] {
                let next = series_of.len() as u32;
                let code = known.of(row.resource_key.into(), field.into(), next);
                if code == next {
                    let resource_key = &columns.resource_keys[row.resource_key as usize];
                    let currency = resource_key.currency.as_deref().filter(|_| of_field.measures.has_cost());
                    let of_resource_key = [&resource_key.account, &resource_key.resource_id, &resource_key.region]
                        .map(|text| text.as_deref());
                    let dimensions: Vec<_> = merged(&resource_key.dimensions, &of_field.dimensions).collect();
                    let dimensions = dimensions.iter().flat_map(|(name, value)| [Some(*name), Some(*value)]);
                    series_of.push(series.of(|key| key.texts(of_resource_key).text(currency).texts(dimensions)).0);
                }
                let of_series = u64::from(target) << 32 | u64::from(series_of[code as usize]);
                let sum = sums.of(of_series, period_of[row.period as usize].into(), count);
                count = count.max(sum + 1);
                entries.push(Entry { sum, part, target, row: place as u32, field, cell: here });
            }
        }
    }
    entries
}

/// The numbers of a record: quantity and cost.
fn numbers<'t>(columns: &'t Columns, entry: &Entry) -> (Cell<'t>, Cell<'t>) {
    let at = |i: u32| columns.cells.small((entry.cell + i) as usize);
    match columns.fields[entry.field as usize].measures {
        Measures::Quantity => (at(0), Cell::Null),
        Measures::Cost => (Cell::Null, at(0)),
        Measures::Both => (at(0), at(1)),
    }
}

fn by_numbers(columns: &Columns, a: &Entry, b: &Entry) -> Ordering {
    let ((a, a_cost), (b, b_cost)) = (numbers(columns, a), numbers(columns, b));
    by_value(a, b).then_with(|| by_value(a_cost, b_cost))
}

fn push(all: &mut Columns, columns: &Columns, target: &Target, name: &str, found: &[&Entry], is_whole: bool) {
    let rows = || found.iter().map(|entry| &columns.rows[entry.row as usize]);
    let resource_key_of = |row: &Row| &columns.resource_keys[row.resource_key as usize];
    let (first, entry) = (&columns.rows[found[0].row as usize], found[0]);
    let of_first = resource_key_of(first);
    let is_typed = rows().all(|row| resource_key_of(row).resource_type == of_first.resource_type);
    let of_field = &columns.fields[entry.field as usize].dimensions;
    let dimensions: Dimensions =
        merged(&of_first.dimensions, of_field).map(|(name, value)| (name.into(), value.into())).collect();
    let resource_key = ResourceKey {
        resource_name: None,
        resource_type: of_first.resource_type.clone().filter(|_| is_typed),
        dimensions,
        currency: of_first.currency.clone().filter(|_| target.has_cost),
        ..of_first.clone()
    };
    let measures = match (target.has_quantity, target.has_cost) {
        (true, true) => Measures::Both,
        (false, true) => Measures::Cost,
        _ => Measures::Quantity,
    };
    let field = Field {
        format: target.format,
        metric: name.into(),
        provider_field: Box::default(),
        leaf: Box::default(),
        dimensions: Dimensions::default(),
        kind: target.kind,
        measures,
        unit: target.unit,
        part_of: target.breaks_down.then(|| name.into()),
        notes: Notes::NONE,
    };
    let field = all.fields.insert_full(field).0 as u32;
    let row = Row {
        resource_key: all.resource_keys.insert_full(resource_key).0 as u32,
        period: first.period,
        shape: all.shapes.insert_full(FieldList::from([field].as_slice())).0 as u32,
        locator: 0,
        index: 0,
        first_cell: all.cells.len() as u32,
        first_record: all.records as u32,
    };
    all.rows.push(row);
    all.records += 1;
    let divisor = target.unit.map_or(1, Unit::factor);
    let quantity = |entry: &&Entry| {
        // Their common unit, or the base unit, of which all of them are whole multiples.
        let factor = columns.fields[entry.field as usize].unit.map_or(1, Unit::factor) / divisor;
        let (quantity, _) = numbers(columns, entry);
        (!quantity.is_null()).then(|| number(quantity).times(factor as i128))
    };
    let cost = |entry: &&Entry| Some(numbers(columns, entry).1).filter(|cost| !cost.is_null()).map(number);
    if target.has_quantity {
        all.cells.push(total(found.iter().map(quantity), is_whole).map(|sum| sum.to_decimal()).as_ref());
    }
    if target.has_cost {
        all.cells.push(total(found.iter().map(cost), is_whole).map(|sum| sum.to_decimal()).as_ref());
    }
}

/// The sum of numbers that are all known.
fn total(numbers: impl Iterator<Item = Option<Sum>>, is_whole: bool) -> Option<Sum> {
    let mut sum = Sum::ZERO;
    for number in numbers {
        sum.add_sum(&number?);
    }
    is_whole.then_some(sum)
}
