//! One usage record as a value, with the names and order of the public contract.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::model::kind::Kind;
use crate::model::names::names;
use crate::model::provider::{Format, Provider};

/// One metric of one resource in one period.
///
/// Quantities and costs are canonical decimal text, times RFC 3339 in UTC, units UCUM codes. A record may be
/// stored as JSON and passed to [`crate::aggregate`] later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UsageRecord {
    /// 32 hex digits: a hash over provider, account, resource, region, metric, kind, dimensions and period.
    pub id: String,
    /// The provider that sent the record.
    pub provider: Provider,
    /// The format of the reply.
    pub format: Format,
    /// The customer the usage is billed to.
    pub account: Option<String>,
    /// The provider's own id of what was used.
    pub resource_id: Option<String>,
    /// The provider's name of the resource, if it has one.
    pub resource_name: Option<String>,
    /// `bucket`, `partner`, `virtual-machine` …
    pub resource_type: Option<String>,
    /// The region of the resource, as the provider names it.
    pub region: Option<String>,
    /// The metric in the common vocabulary, e.g. `storage.stored`.
    pub metric: String,
    /// The provider's name of the field, verbatim.
    pub provider_field: String,
    /// Keys beyond the fields above that distinguish one series from another.
    pub dimensions: BTreeMap<String, String>,
    /// Whether quantities may be added over time and over resources.
    pub kind: Kind,
    /// The provider's own number, never rescaled; `None` if it gives only a cost.
    pub quantity: Option<String>,
    /// The unit of `quantity`.
    pub unit: Option<String>,
    /// The cost, in `currency`.
    pub cost: Option<String>,
    /// ISO 4217; `None` if the provider does not name it.
    pub currency: Option<String>,
    /// Start of the period, or the instant itself if `end` is `None`.
    pub start: Option<String>,
    /// End of the period, exclusive.
    pub end: Option<String>,
    /// The offset as the provider wrote it.
    pub utc_offset: Option<String>,
    /// The metric whose total already contains this one.
    pub part_of: Option<String>,
    /// The place of the number in the body: JSON Pointer, or an XPath for XML.
    pub pointer: String,
    /// 0-based index of the body.
    pub page: u32,
    /// What was inferred rather than read.
    pub notes: Vec<Note>,
}

names! {
    /// Something that was inferred rather than read.
    Note {
        /// The time was written without an offset and is read as UTC.
        AssumedUtc = "assumed-utc",
        /// deviceWISE: the length of the period was inferred from the times, because the request was not given.
        ResolutionInferred = "resolution-inferred",
        /// CloudSigma: the unit follows from the type of resource; the vendor does not state it.
        UnitInferred = "unit-inferred",
        /// Wasabi: the provider computed the number as a 32-bit float, so about seven digits are significant.
        Float32Source = "float32-source",
        /// OnApp: the field, or the virtual machine, occurs more than once in its row.
        DuplicateElement = "duplicate-element",
        /// The row has no time: the period is that of the request.
        PeriodFromRequest = "period-from-request",
    }
}

/// A set of notes, ordered as in the public contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Notes(u8);

impl Notes {
    pub const NONE: Self = Self(0);

    pub const fn with(self, note: Note) -> Self {
        Self(self.0 | 1 << note as u8)
    }

    pub const fn with_if(self, condition: bool, note: Note) -> Self {
        if condition { self.with(note) } else { self }
    }

    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn iter(self) -> impl Iterator<Item = Note> {
        Note::ALL.into_iter().filter(move |note| self.0 & (1 << *note as u8) != 0)
    }
}

impl FromIterator<Note> for Notes {
    fn from_iter<I: IntoIterator<Item = Note>>(notes: I) -> Self {
        notes.into_iter().fold(Self::NONE, Self::with)
    }
}

/// The position of a page in its listing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// The number of the page, in the provider's own counting.
    pub number: Option<u64>,
    /// Rows per page.
    pub size: Option<u64>,
    /// Rows before this page.
    pub offset: Option<u64>,
    /// Rows of the whole listing.
    pub total_rows: Option<u64>,
    /// Whether more pages follow.
    pub has_next: bool,
}

/// A figure that the reply states about itself, compared with the records that were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `rows`, `total`, `cost.total`, or the name that a custom format gives.
    pub name: std::borrow::Cow<'static, str>,
    /// The provider's figure.
    #[serde(serialize_with = "as_text")]
    pub expected: crate::number::decimal::Decimal,
    /// The figure computed from the records.
    #[serde(serialize_with = "as_text")]
    pub actual: crate::number::decimal::Decimal,
    /// Whether the two figures are equal.
    pub ok: bool,
    /// The place of the provider's figure in the body.
    pub pointer: Option<String>,
}

fn as_text<S: Serializer>(value: &crate::number::decimal::Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
