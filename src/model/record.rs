//! One usage record as a value, with the names and order of the public contract.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::model::kind::Kind;
use crate::model::names::names;
use crate::model::provider::{Format, Provider};

/// What one provider says of one metric, one resource and one period.
///
/// Quantities and costs are canonical decimal text, times RFC 3339 in UTC, units UCUM codes: what leaves here
/// can be kept as JSON and given back to [`crate::aggregate`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UsageRecord {
    /// 32 hex digits over provider, account, resource, region, metric, kind, dimensions and period.
    pub id: String,
    /// Who sent it.
    pub provider: Provider,
    /// In which shape.
    pub format: Format,
    /// The customer the usage is billed to.
    pub account: Option<String>,
    /// The provider's own id of what was used.
    pub resource_id: Option<String>,
    /// Its name, where it has one.
    pub resource_name: Option<String>,
    /// `bucket`, `partner`, `virtual-machine` …
    pub resource_type: Option<String>,
    /// Where it stands.
    pub region: Option<String>,
    /// The metric in the common vocabulary, e.g. `storage.stored`.
    pub metric: String,
    /// The provider's name of the field, verbatim.
    pub provider_field: String,
    /// What else distinguishes one series from another.
    pub dimensions: BTreeMap<String, String>,
    /// What may be added to what.
    pub kind: Kind,
    /// The provider's own number, never rescaled; `None` where only money is given.
    pub quantity: Option<String>,
    /// The unit of `quantity`.
    pub unit: Option<String>,
    /// Money, in `currency`.
    pub cost: Option<String>,
    /// ISO 4217; `None` where the provider did not say.
    pub currency: Option<String>,
    /// Start of the period, or the instant itself where `end` is `None`.
    pub start: Option<String>,
    /// End of the period, exclusive.
    pub end: Option<String>,
    /// The offset as the provider wrote it.
    pub utc_offset: Option<String>,
    /// The metric whose total already contains this one.
    pub part_of: Option<String>,
    /// Where it stands in the body: JSON Pointer, or an XPath for XML.
    pub pointer: String,
    /// 0-based index into the bodies given.
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

/// A set of notes, in the order of the public contract.
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

/// Where a listing stands in its paging.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// The page's own number, as the provider counts.
    pub number: Option<u64>,
    /// Rows a page.
    pub size: Option<u64>,
    /// Rows before this page.
    pub offset: Option<u64>,
    /// Rows of the whole listing.
    pub total_rows: Option<u64>,
    /// Whether the reply says that more follows.
    pub has_next: bool,
}

/// A figure that the reply states about itself, compared with the records that were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `rows`, `total` or `cost.total`.
    pub name: &'static str,
    /// What the provider says.
    #[serde(serialize_with = "as_text")]
    pub expected: crate::number::decimal::Decimal,
    /// What was read.
    #[serde(serialize_with = "as_text")]
    pub actual: crate::number::decimal::Decimal,
    /// Whether the two agree.
    pub ok: bool,
    /// Where the provider says it.
    pub pointer: Option<String>,
}

fn as_text<S: Serializer>(value: &crate::number::decimal::Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
