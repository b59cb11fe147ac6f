//! One row of an aggregation, for a group and window.

use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use super::spec::Reducer;
use crate::model::kind::Kind;
use crate::model::time::Instant;
use crate::model::unit::Unit;
use crate::number::decimal::Decimal;

/// One number of a group in a window. Serializes to the `AggregateRow` of the public contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregateRow {
    /// The properties that it shares with the other rows of its group.
    pub group: Arc<GroupHead>,
    /// Start of the window; `None` for records without a time.
    pub start: Option<Instant>,
    /// End of the window, exclusive.
    pub end: Option<Instant>,
    /// `None` if no record has a quantity.
    pub quantity: Option<Decimal>,
    /// The sum of the costs; `None` if no record has a cost.
    pub cost: Option<Decimal>,
    /// The records that touch the window.
    pub records: u64,
    /// Distinct (provider, account, resource).
    pub resources: u64,
    /// The part of the window that records cover, in seconds, added over series.
    pub covered_seconds: Decimal,
    /// The part of the window that records do not cover, in seconds, added over series.
    pub gap_seconds: Decimal,
}

/// The properties that the rows of a group share. Serializes with the field names of [`AggregateRow`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupHead {
    /// The values of the keys in `by`.
    pub key: Arc<Key>,
    /// The metric.
    pub metric: Arc<str>,
    /// Whether quantities may be added over time and over resources.
    pub kind: Kind,
    /// How each series was reduced before the series were added.
    pub reducer: Reducer,
    /// The unit of the quantities.
    pub unit: Option<Unit>,
    /// The currency of the costs; `None` if the provider does not name it.
    pub currency: Option<Arc<str>>,
}

/// The values of a group's keys, in the order of `by`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    names: Arc<[String]>,
    values: Vec<Option<String>>,
}

impl Key {
    pub(super) fn new(names: &Arc<[String]>, values: &[Option<&str>]) -> Self {
        let values = values.iter().map(|value| value.map(str::to_owned)).collect();
        Self { names: names.clone(), values }
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.names.iter().zip(&self.values).map(|(name, value)| (&**name, value.as_deref()))
    }

    /// The value of a key; `None` if it is null or not in `by`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).and_then(|(_, value)| value)
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

impl GroupHead {
    fn serialize_fields<S: SerializeStruct>(&self, out: &mut S) -> Result<(), S::Error> {
        out.serialize_field("key", &*self.key)?;
        out.serialize_field("metric", &*self.metric)?;
        out.serialize_field("kind", &self.kind)?;
        out.serialize_field("reducer", self.reducer.as_str())?;
        out.serialize_field("unit", &self.unit.map(Text))?;
        out.serialize_field("currency", &self.currency.as_deref())
    }
}

impl Serialize for GroupHead {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut head = serializer.serialize_struct("GroupHead", 6)?;
        self.serialize_fields(&mut head)?;
        head.end()
    }
}

impl Serialize for AggregateRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_struct("AggregateRow", 14)?;
        self.group.serialize_fields(&mut row)?;
        row.serialize_field("start", &self.start.map(Text))?;
        row.serialize_field("end", &self.end.map(Text))?;
        row.serialize_field("quantity", &self.quantity.as_ref().map(Text))?;
        row.serialize_field("cost", &self.cost.as_ref().map(Text))?;
        row.serialize_field("records", &self.records)?;
        row.serialize_field("resources", &self.resources)?;
        row.serialize_field("coveredSeconds", &Seconds(&self.covered_seconds))?;
        row.serialize_field("gapSeconds", &Seconds(&self.gap_seconds))?;
        row.end()
    }
}

struct Text<T>(T);

impl<T: std::fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A JSON number: whole seconds as an integer, others as the nearest double, which is what JavaScript reads.
struct Seconds<'s>(&'s Decimal);

impl Serialize for Seconds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.small() {
            Some((whole, 0)) => serializer.serialize_i64(whole),
            _ => serializer.serialize_f64(self.0.to_f64()),
        }
    }
}
