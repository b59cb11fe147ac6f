//! The rules of a descriptor as types: texts are parsed, members that rules share are resolved.
//!
//! A rule of `rows` is complete: what it does not give itself it has from the descriptor. A nested rule is complete but for the
//! values that it has from its outer row ([`RowMeaning`]). `node` of a rule gives its pointer in the descriptor.

use std::sync::Arc;

use super::document::NodeId;
use super::path::{Path, Pattern, Place};
use crate::model::kind::Kind;
use crate::model::names::Named;
use crate::model::provider::Encoding;
use crate::model::record::Notes;
use crate::model::time::Step;
use crate::model::unit::Unit;

/// Defines an enum by the words of the language that stand for its variants.
macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $variant_doc:literal])* $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $($(#[doc = $variant_doc])* $variant,)+
        }

        impl Named for $name {
            const NAMES: &'static [&'static str] = &[$($word),+];

            fn from_name(name: &str) -> Option<Self> {
                match name { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

/// A descriptor's rules.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub provider: Box<str>,
    pub format: Box<str>,
    pub title: Box<str>,
    /// The provider's name for people.
    pub provider_title: Option<Box<str>>,
    /// What to request, for messages.
    pub endpoint: Option<Box<str>>,
    /// Requests that only this provider answers.
    pub requests: Vec<RequestTest>,
    pub encodings: Vec<Encoding>,
    pub ignore_case: bool,
    pub detect: Vec<Test>,
    pub errors: Vec<ErrorRule>,
    pub rows: Vec<RowRule>,
    pub page: PageRule,
    pub next: Option<NextRule>,
    pub checks: Vec<CheckRule>,
    pub max_row_bytes: Option<u64>,
    pub max_depth: Option<u64>,
}

// ------------------------------------------------------------------------------------------------ rows

/// One kind of row.
#[derive(Clone, Debug)]
pub(crate) struct RowRule {
    pub node: NodeId,
    /// Absolute.
    pub at: Place,
    /// One of these holds for its rows; empty: all rows.
    pub when: Vec<Test>,
    /// These rows hold no usage.
    pub skip: bool,
    /// Not empty: the row is a columnar group.
    pub columns: Vec<ColumnRule>,
    pub meaning: RowMeaning,
}

/// Rows inside a row.
#[derive(Clone, Debug)]
pub(crate) struct NestedRule {
    pub node: NodeId,
    /// Relative to the outer row.
    pub at: Place,
    pub when: Vec<Test>,
    /// The values are parts of the outer row's: `partOf` of each record is its own metric.
    pub breakdown: bool,
    pub meaning: RowMeaning,
}

/// What the values of a row mean.
///
/// `None` is a member that neither the rule nor the descriptor gives. In a nested rule it is a member that the rule does not give
/// itself: the value is the outer row's. `metrics`, `repeated` and `notes` are always complete. Members that rules share are behind
/// an `Arc`, so that a copy costs nothing.
#[derive(Clone, Debug)]
pub(crate) struct RowMeaning {
    pub metrics: Arc<[MetricEntry]>,
    pub account: Option<Sources>,
    pub resource: Option<ResourceRule>,
    pub region: Option<Sources>,
    pub currency: Option<Sources>,
    /// By name. In a nested rule only its own, which replace the outer row's of the same name.
    pub dimensions: Arc<[(Box<str>, Sources)]>,
    /// The first that applies.
    pub period: Option<Arc<[PeriodRule]>>,
    pub version: Option<TimeSource>,
    /// Of each entry one field must be there.
    pub required: Arc<[Required]>,
    pub repeated: Repeated,
    pub row_errors: Arc<[ErrorRule]>,
    pub nested: Arc<[NestedRule]>,
    pub notes: Notes,
}

/// A resource's parts; an empty list gives none.
#[derive(Clone, Debug)]
pub(crate) struct ResourceRule {
    pub id: Sources,
    pub name: Sources,
    pub kind: Sources,
}

/// Fields of which one must be there.
#[derive(Clone, Debug)]
pub(crate) struct Required {
    pub one_of: Vec<Path>,
}

words! {
    /// What a field means that occurs twice in a row.
    Repeated {
        /// Twice the same counts once; another value is a fault.
        Error = "error",
        /// Each is read, with the dimension `occurrence`.
        Occurrence = "occurrence",
    }
}

/// Lists of values, one for each time of the column that `period` names.
#[derive(Clone, Debug)]
pub(crate) struct ColumnRule {
    pub node: NodeId,
    /// Relative to the group. A metric's key is compared with its last name.
    pub at: Path,
    /// `providerField`; `None`: the last name of the path.
    pub name: Option<Template>,
    /// They test captures and the request.
    pub when: Vec<Test>,
    /// A number in place of a list, without times.
    pub single: bool,
}

// ------------------------------------------------------------------------------------------------ values

/// A metric's key and what it means.
#[derive(Clone, Debug)]
pub(crate) struct MetricEntry {
    pub node: NodeId,
    /// Relative to the row: `PathStep::Pattern` and `PathStep::Attribute` may have a `*`; `.` is a row that is a scalar.
    pub key: Path,
    /// `None`: the field is not a metric.
    pub rule: Option<MetricRule>,
}

/// What a field means.
#[derive(Clone, Debug)]
pub(crate) struct MetricRule {
    pub meaning: MetricMeaning,
    /// The field that holds the cost of this quantity.
    pub cost: Option<Path>,
    /// The field whose text selects a case.
    pub by: Option<Path>,
    pub cases: Vec<MetricCase>,
}

impl MetricRule {
    /// Whether what a field means follows from its name alone.
    pub fn is_plain(&self) -> bool {
        let is_of_field = |part: &TemplatePart| matches!(part, TemplatePart::Field(_));
        self.by.is_none()
            && self.cost.is_none()
            && !matches!(self.meaning.unit, Some(UnitRule::Field { .. }))
            && !self.meaning.metric.iter().any(|metric| metric.parts.iter().any(is_of_field))
    }
}

/// What a field means in rows in which `by` has one of these texts.
#[derive(Clone, Debug)]
pub(crate) struct MetricCase {
    pub node: NodeId,
    pub is: Vec<Pattern>,
    /// No record.
    pub skip: bool,
    /// Complete: what the case does not give itself it has from its rule.
    pub meaning: MetricMeaning,
}

/// The members that a case may replace. Rows whose `metric`, `kind` or `unit` is not known here are `unexpected-shape`.
#[derive(Clone, Debug)]
pub(crate) struct MetricMeaning {
    /// `*` in it is what `*` of the key stands for, in lower case.
    pub metric: Option<Template>,
    pub kind: Option<Kind>,
    pub unit: Option<UnitRule>,
    pub holds: Holds,
    pub part_of: Option<Box<str>>,
    /// Notes beside those of the row.
    pub notes: Notes,
}

/// A unit, or the field that states it.
#[derive(Clone, Debug)]
pub(crate) enum UnitRule {
    Fixed(Unit),
    Field { field: Path, map: Arc<[(Pattern, Unit)]> },
}

words! {
    /// What a metric's field holds.
    Holds {
        Quantity = "quantity",
        Cost = "cost",
    }
}

/// A text with `*` and `{…}` in it: a metric's name, or the name of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pub parts: Vec<TemplatePart>,
}

/// A part of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TemplatePart {
    Text(Box<str>),
    /// `*`.
    Star,
    /// `{field}`: the text of that field of the row; in the name of a column the capture of that name.
    Field(Path),
}

// ------------------------------------------------------------------------------------------------ sources

/// Where a text comes from: the first that gives one. Empty: none does.
pub(crate) type Sources = Arc<[Source]>;

/// One place a text may come from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub node: NodeId,
    pub text: SourceText,
}

/// A text, or where it comes from.
#[derive(Clone, Debug)]
pub(crate) enum SourceText {
    Constant(Box<str>),
    Reference {
        origin: Origin,
        /// What a text is read as; a text that is not here, or is mapped to an empty text, gives none. `*` in a value is what `*` of
        /// its key stands for.
        map: Option<Arc<[(Pattern, Pattern)]>>,
        /// Used where the row is there without the field, or the request without the parameter.
        default: Option<Box<str>>,
    },
}

/// Where a text comes from. Names in requests are compared without regard to case.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// A field of the row, of an outer row (`up`) or of the envelope (absolute).
    Field(Place),
    /// A name captured on the way to the row.
    Capture(Box<str>),
    /// The segment of the request's path, or of the URLs at a place of the envelope, after one of these.
    SegmentAfter { segments: Vec<Box<str>>, of: Option<Place> },
    /// Which of these segments the path has.
    Segment { segments: Vec<Box<str>>, of: Option<Place> },
    /// A parameter of the request's query; the last of that name.
    Query(Box<str>),
    /// A member of the request's JSON body, at the first of these paths: `{key}` is the captured name, `*` the only member of its object.
    Body(Vec<Path>),
    /// What `*` stands for in the request's host.
    Host(Pattern),
    /// The account, wherever it came from.
    SameAccount,
}

/// A time from the first of these that gives one.
pub(crate) type TimeSource = Arc<[TimeReference]>;

/// One place a time may come from.
#[derive(Clone, Debug)]
pub(crate) struct TimeReference {
    pub node: NodeId,
    pub origin: TimeOrigin,
    pub form: TimeForm,
    /// A date or a time without an offset is read in UTC.
    pub is_utc: bool,
    /// An end that still belongs to the period.
    pub inclusive: bool,
}

/// Where a time comes from.
#[derive(Clone, Debug)]
pub(crate) enum TimeOrigin {
    Text(Origin),
    /// The list of times of a columnar group, relative to it.
    Column(Path),
}

words! {
    /// How a time is written.
    TimeForm {
        Rfc3339 = "rfc3339",
        /// Seconds, decimals allowed.
        Unix = "unix",
        UnixMillis = "unix-ms",
    }
}

/// [start, end), [start, start + step) or an instant.
#[derive(Clone, Debug)]
pub(crate) struct PeriodRule {
    pub node: NodeId,
    pub start: TimeSource,
    pub end: Option<TimeSource>,
    /// The first that gives a length; if none does, the record is an instant.
    pub step: Vec<StepRule>,
    pub when: Vec<Test>,
    pub notes: Notes,
}

/// Where the length of a period comes from.
#[derive(Clone, Debug)]
pub(crate) enum StepRule {
    Fixed(Step),
    /// A number of steps that a text states, from 1 to `max`.
    Count {
        count: Sources,
        of: Step,
        max: u64,
    },
    /// By a text, without regard to case.
    Cases {
        from: Sources,
        cases: Vec<(Pattern, StepRule)>,
    },
    /// The longest of `of` that is not longer than the smallest gap between the times of the column; without `of` the gap itself.
    SmallestGap {
        of: Option<Vec<Step>>,
        otherwise: Step,
    },
}

// ------------------------------------------------------------------------------------------------ tests

/// A test of names and texts. Every member must hold.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub node: NodeId,
    pub encoding: Option<Encoding>,
    /// Only where the provider is known otherwise: the caller named it or the format, or the request is one of its own.
    pub named: bool,
    /// The first row passes one of these; `None`: not asked.
    pub row: Option<Vec<Test>>,
    /// All are there.
    pub has: Vec<Path>,
    /// One is there; empty: not asked.
    pub has_one: Vec<Path>,
    /// None is there.
    pub lacks: Vec<Path>,
    /// Nothing else is beside these; empty: not asked.
    pub only: Vec<Path>,
    /// Are there and are lists without elements, or null.
    pub empty: Vec<Path>,
    /// Scalars with one of these texts; `None`: absent or null. A path of one capture alone is a captured name.
    pub is: Vec<TextTest>,
    /// Captured names of a form.
    pub shape: Vec<(Box<str>, Shape)>,
    pub request: Option<RequestTest>,
    /// The request does not say this.
    pub not_request: Option<RequestTest>,
}

/// The texts that the value at a path may have; `None`: absent or null.
#[derive(Clone, Debug)]
pub(crate) struct TextTest {
    pub path: Path,
    pub texts: Vec<Option<Pattern>>,
}

words! {
    /// The form of a captured name.
    Shape {
        /// 24 hexadecimal digits.
        ObjectId = "object-id",
        /// RFC 9562.
        Uuid = "uuid",
    }
}

/// What the request must say. An empty member is not asked. Compared without regard to case.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestTest {
    pub host: Vec<Pattern>,
    /// Each is a list of consecutive segments.
    pub path: Vec<Vec<Pattern>>,
    /// Parameters with one of these texts; `None`: absent.
    pub query: Vec<(Box<str>, Vec<Option<Pattern>>)>,
    /// Members of the JSON body, as in [`Origin::Body`].
    pub body: Vec<TextTest>,
}

/// A reply or row that reports an error.
#[derive(Clone, Debug)]
pub(crate) struct ErrorRule {
    pub node: NodeId,
    pub when: Vec<Test>,
    /// All places are read.
    pub codes: Place,
    pub messages: Place,
}

impl ErrorRule {
    /// Whether it leaves open where codes and messages are.
    pub fn has_no_places(&self) -> bool {
        [&self.codes, &self.messages].iter().all(|place| place.json.is_empty() && place.xml.is_empty())
    }
}

// ------------------------------------------------------------------------------------------------ envelope

/// Where the envelope states its paging. An empty place: it does not.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageRule {
    pub number: Place,
    pub size: Place,
    pub offset: Place,
    pub total: Place,
    pub pages: Place,
    pub more: Place,
}

/// How the next page is requested: one parameter of the last request is set.
#[derive(Clone, Debug)]
pub(crate) enum NextRule {
    /// To what it is in a link of the envelope.
    Link {
        at: Place,
        /// The links that count: those with one of these texts in a field, without regard to case.
        rel: Option<(Path, Vec<Box<str>>)>,
        href: Path,
        parameter: Box<str>,
    },
    /// To the number of rows so far.
    Offset { parameter: Box<str>, size: Option<SizeParameter> },
    /// To the page's number plus one.
    Page { parameter: Box<str>, first: u64, size: Option<SizeParameter> },
    /// To a token of the envelope.
    Cursor { at: Place, parameter: Box<str> },
    /// By a function that is not data.
    Hook(Hook),
}

/// The parameter that states the page's size, and the size without it; 0 asks for everything.
#[derive(Clone, Debug)]
pub(crate) struct SizeParameter {
    pub parameter: Box<str>,
    pub default: Option<u64>,
    /// The most rows that a page has, whatever the request asks for.
    pub max: Option<u64>,
}

words! {
    /// A function that stands beside its descriptor, because it cannot be data.
    Hook {
        /// deviceWISE: the request body with the start of each capped command moved to where its reply ended.
        Tr50Resume = "tr50-resume",
    }
}

/// What the provider states, compared with what was read.
#[derive(Clone, Debug)]
pub(crate) struct CheckRule {
    pub name: Box<str>,
    pub of: CheckOf,
}

/// What is compared.
#[derive(Clone, Debug)]
pub(crate) enum CheckOf {
    /// A count of rows, with the distinct rows of the whole listing.
    Rows { stated: Place },
    /// A total in a columnar group, relative to it, with the sum of its values.
    Values { stated: Path },
    /// A metric of a row, with the sum of others of that row.
    Metrics { metric: Box<str>, of: Box<[Box<str>]>, digits: Option<usize> },
}
