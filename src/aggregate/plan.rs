//! The plan of each field: its reducer, its unit, and the conversion factors.

use super::spec::{AggregateSpec, GroupKey, Reducer, named};
use crate::collections::Codes;
use crate::model::error::{Error, ErrorCode, member, shortened};
use crate::model::kind::Kind;
use crate::model::provider::Format;
use crate::model::unit::Unit;
use crate::table::{Columns, Dimensions, Field, Measures};

/// How a number is added to a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accumulation {
    /// Added.
    Add,
    /// Added, multiplied by its ticks.
    Weigh,
    /// Stored if it is the greatest so far.
    Max,
    /// Stored if it is the least so far.
    Min,
    /// Stored if it is the first.
    First,
    /// Stored in place of the one before.
    Last,
    /// Only counted.
    Count,
}

/// How the records of one field are aggregated.
#[derive(Clone, Debug)]
pub(super) struct FieldPlan {
    pub kind: Kind,
    /// Code of the provider.
    pub provider: u32,
    /// Place of the format in [`Plans::formats`].
    pub format: u32,
    pub measures: Measures,
    pub step: Accumulation,
    /// Code of the series among those of the same resource key.
    pub series: u32,
    /// Code of the properties of its groups, see [`FieldGroup`].
    pub of_group: u32,
    /// Code of its part of the group key.
    pub of_key: u32,
    /// Code of the metric.
    pub metric: u32,
    /// The factor of its numbers, so that they can be added in `FieldGroup::divisor`ths of the group's unit.
    pub factor: i128,
    /// How the pieces of a split number are rounded.
    pub rounding: Rounding,
    /// Whether it breaks down a total of the same metric.
    pub breaks_down: bool,
    /// Whether its metric is derived from others.
    pub is_derived: bool,
}

/// How the pieces of a number are rounded: in the unit of the row, where the number is a multiple of 1/`divisor`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rounding {
    pub divisor: u128,
    pub fraction_digits: u32,
}

/// Additional digits of pieces that need not add up: a mean is rounded in its row.
const GUARD_DIGITS: u32 = 40;

impl Rounding {
    fn of(kind: Kind, reducer: Reducer, divisor: u128, spec: &AggregateSpec) -> Self {
        let is_divided = kind == Kind::Integral && reducer == Reducer::Mean;
        let fraction_digits = spec.fraction_digits + if is_divided { GUARD_DIGITS } else { 0 };
        Self { divisor, fraction_digits }
    }

    pub fn of_cost(spec: &AggregateSpec) -> Self {
        Self { divisor: 1, fraction_digits: spec.fraction_digits }
    }
}

/// The properties of a group that come from its fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldGroup<'t> {
    pub metric: &'t str,
    /// The code of the metric.
    pub metric_code: u32,
    pub kind: Kind,
    pub reducer: Reducer,
    pub unit: Option<Unit>,
    pub divisor: u128,
    pub of_key: u32,
}

/// The plans of a table's fields.
pub(super) struct Plans<'t> {
    /// For each field code; `None` if no record of the field counts.
    pub fields: Vec<Option<FieldPlan>>,
    /// By code, see [`FieldPlan::of_group`].
    pub groups: Vec<FieldGroup<'t>>,
    /// By code, see [`FieldPlan::of_key`]: the values of the keys that depend on fields.
    pub keys: Vec<Vec<Option<&'t str>>>,
    /// The formats of the table, in order.
    pub formats: Vec<Format>,
    /// How many providers there are.
    pub providers: usize,
}

impl<'t> Plans<'t> {
    /// # Errors
    /// `incompatible-aggregation` for a reducer that the kind of a metric does not allow, `invalid-option` for a unit of
    /// another dimension than the metric's.
    pub fn new(columns: &'t Columns, used: &[bool], spec: &AggregateSpec) -> Result<Self, Error> {
        let mut plans =
            Self { fields: Vec::new(), groups: Vec::new(), keys: Vec::new(), formats: formats(columns), providers: 0 };
        let mut providers = Codes::default();
        let (mut series, mut metrics) = (Codes::default(), Codes::default());
        let (mut groups, mut keys) = (Codes::default(), Codes::default());
        // For each metric: its name, and whether the requested unit is comparable with that of any of its fields.
        let mut converted: Vec<(&str, bool)> = Vec::new();
        for (field, &used) in columns.fields.iter().zip(used) {
            if !(used && spec.filter.keeps_field(field)) {
                plans.fields.push(None);
                continue;
            }
            let reducer = spec.reducer(&field.metric, field.kind)?;
            let Conversion { unit, factor, divisor, comparable } = Conversion::of(field, reducer, spec)?;
            let (metric, is_new) = metrics.of(|key| key.text(Some(&field.metric)));
            if is_new {
                converted.push((&field.metric, false));
            }
            converted[metric as usize].1 |= comparable;
            let values: Vec<_> = spec.by.iter().map(|key| key_of_field(key, field)).collect();
            let (of_key, is_new) = keys.of(|key| key.texts(values.iter().copied()));
            if is_new {
                plans.keys.push(values);
            }
            let unit_text = unit.map(|unit| unit.to_string());
            let (of_group, is_new) = groups.of(|key| {
                key.number(metric.into()).number(field.kind as u64).number(of_key.into()).text(unit_text.as_deref())
            });
            if is_new {
                let group = FieldGroup {
                    metric: &field.metric,
                    metric_code: metric,
                    kind: field.kind,
                    reducer,
                    unit,
                    divisor,
                    of_key,
                };
                plans.groups.push(group);
            }
            let format = plans.formats.binary_search(&field.format).unwrap_or_default() as u32;
            let (provider, _) = providers.of(|key| key.text(Some(field.format.provider_name())));
            plans.providers = plans.providers.max(provider as usize + 1);
            let (series, _) = series.of(|key| {
                let dimensions = field.dimensions.iter().flat_map(|(name, value)| [Some(&**name), Some(&**value)]);
                key.number(provider.into()).number(metric.into()).number(field.kind as u64).texts(dimensions)
            });
            plans.fields.push(Some(FieldPlan {
                kind: field.kind,
                provider,
                format,
                measures: field.measures,
                step: step(field.kind, reducer),
                series,
                of_group,
                of_key,
                metric,
                factor,
                rounding: Rounding::of(field.kind, reducer, divisor, spec),
                breaks_down: field.part_of.as_ref() == Some(&field.metric),
                is_derived: spec.derive.iter().any(|(name, _)| **name == *field.metric),
            }));
        }
        match converted.into_iter().filter(|(_, comparable)| !comparable).map(|(metric, _)| metric).min() {
            Some(metric) => {
                let why = format!("expected a unit of the dimension of {}, found another", shortened(metric));
                Err(Error::option(&member("units", metric), why))
            }
            None => Ok(plans),
        }
    }
}

/// The formats of a table, each once, in order.
fn formats(columns: &Columns) -> Vec<Format> {
    let mut formats = Vec::new();
    for field in &columns.fields {
        if let Err(place) = formats.binary_search(&field.format) {
            formats.insert(place, field.format);
        }
    }
    formats
}

impl Plans<'_> {
    /// The plan of a field that counts.
    pub fn of(&self, field: u32) -> &FieldPlan {
        self.fields[field as usize].as_ref().expect("only fields that count are asked for")
    }
}

/// The part of a group's key that comes from the field. A dimension may belong to the field or to the resource key.
fn key_of_field<'t>(key: &GroupKey, field: &'t Field) -> Option<&'t str> {
    match key {
        GroupKey::Provider => Some(field.format.provider_name()),
        GroupKey::Format => Some(field.format.as_str()),
        GroupKey::Dimension(name) => dimension(&field.dimensions, name),
        GroupKey::Account | GroupKey::Resource | GroupKey::ResourceType | GroupKey::Region => None,
    }
}

/// The value of a dimension.
pub(super) fn dimension<'t>(dimensions: &'t Dimensions, name: &str) -> Option<&'t str> {
    dimensions.iter().find(|(known, _)| **known == *name).map(|(_, value)| &**value)
}

fn step(kind: Kind, reducer: Reducer) -> Accumulation {
    match (reducer, kind) {
        (Reducer::Mean | Reducer::Integral, Kind::Gauge) => Accumulation::Weigh,
        (Reducer::Sum | Reducer::Mean | Reducer::Integral, _) => Accumulation::Add,
        (Reducer::Max, _) => Accumulation::Max,
        (Reducer::Min, _) => Accumulation::Min,
        (Reducer::First, _) => Accumulation::First,
        (Reducer::Last, _) => Accumulation::Last,
        (Reducer::Count, _) => Accumulation::Count,
    }
}

/// The conversion from a field's own unit to that of its row: numbers are multiplied by `factor`, the row's sum is divided by `divisor`.
struct Conversion {
    unit: Option<Unit>,
    factor: i128,
    divisor: u128,
    /// Whether the requested unit has the metric's dimension.
    comparable: bool,
}

impl Conversion {
    /// The requested unit may be that of the record (`GiBy` for a level whose integral is requested gives `GiBy.s`)
    /// or that of the result (`GiBy.d` in the same case).
    fn of(field: &Field, reducer: Reducer, spec: &AggregateSpec) -> Result<Self, Error> {
        let mean_of_integral = field.kind == Kind::Integral && reducer == Reducer::Mean;
        let plain = |unit: Option<Unit>, comparable: bool| Self {
            unit,
            factor: if mean_of_integral { i128::from(field.unit.and_then(Unit::seconds).unwrap_or(1)) } else { 1 },
            divisor: 1,
            comparable,
        };
        let asked = named(&spec.units, &field.metric);
        if reducer == Reducer::Count {
            return Ok(plain(None, true));
        }
        let reduced = |unit: Unit| reduced_unit(field, reducer, unit);
        let own = field.unit.map(reduced).transpose()?;
        let (Some(from), Some(own_result), Some(to)) = (field.unit, own, asked) else {
            return Ok(plain(own, true));
        };
        let unit = if from.is_comparable(to) {
            reduced(to)?
        } else if own_result.is_comparable(to) {
            to
        } else {
            return Ok(plain(own, false));
        };
        Ok(Self { unit: Some(unit), factor: from.factor() as i128, divisor: unit.factor(), comparable: true })
    }
}

/// The unit of a reduced number.
fn reduced_unit(field: &Field, reducer: Reducer, unit: Unit) -> Result<Unit, Error> {
    let refuse = |why: &str| {
        let message = format!("`{}` of {} in {unit}: {why}", reducer.as_str(), shortened(&field.metric));
        Err(Error::new(ErrorCode::IncompatibleAggregation, message))
    };
    match (field.kind, reducer) {
        (Kind::Gauge, Reducer::Integral) if unit.seconds().is_some() => {
            refuse("the unit already contains a time: use mean, max or last")
        }
        (Kind::Gauge, Reducer::Integral) => Ok(unit.times_second()),
        (Kind::Integral, Reducer::Mean) if unit.seconds().is_none() => refuse("the unit contains no time: use sum"),
        (Kind::Integral, Reducer::Mean) => Ok(unit.level()),
        _ => Ok(unit),
    }
}
