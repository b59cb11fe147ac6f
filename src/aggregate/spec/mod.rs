//! The options of an aggregation.

mod kinds;
mod read;
mod values;

use std::fmt;

use twox_hash::XxHash3_128;

pub use self::values::{Overlap, Reducer, Split, WeekStart, Window};
use super::zone::ZoneRules;
use crate::collections::{KeyBytes, ordered};
use crate::format::is_metric;
use crate::model::convert::check_fraction_digits;
use crate::model::error::{Error, member};
use crate::model::kind::Kind;
use crate::model::metric::totals_of;
use crate::model::provider::{Format, Provider};
use crate::model::time::Instant;
use crate::model::unit::Unit;
use crate::table::Field;

/// How records are grouped, divided into windows and reduced. The default is one group and one window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregateSpec {
    /// The keys that separate groups, in sort order. Metric, kind, unit and currency always separate groups.
    pub by: Vec<GroupKey>,
    /// The size of a window. Default [`Window::All`].
    pub window: Window,
    /// The calendar of the windows. Default UTC.
    pub time_zone: TimeZone,
    /// The first day of a week. Default Monday.
    pub week_start: WeekStart,
    /// The reducer by kind (`gauge`) or by metric (`storage.stored`); the metric takes precedence. Of two equal names the first counts.
    /// Defaults: delta sum, gauge mean, integral sum.
    pub reduce: Vec<(String, Reducer)>,
    /// The treatment of a record that crosses the edge of a window. Default: it counts where it starts.
    pub split: Split,
    /// Which records count (`where` in JavaScript). Default: all.
    pub filter: Filter,
    /// For each metric: the unit of its quantities in the output.
    pub units: Vec<(String, Unit)>,
    /// Metrics that are sums of others: a name, and the metrics that are added.
    pub derive: Vec<(String, Vec<String>)>,
    /// The treatment of usage that is reported twice. Default: an error.
    pub overlap: Overlap,
    /// A quotient without a finite decimal is rounded to this many digits, half to even. Default 20, at most 256.
    pub fraction_digits: u32,
}

impl Default for AggregateSpec {
    fn default() -> Self {
        Self {
            by: Vec::new(),
            window: Window::All,
            time_zone: TimeZone::Utc,
            week_start: WeekStart::Monday,
            reduce: Vec::new(),
            split: Split::Start,
            filter: Filter::default(),
            units: Vec::new(),
            derive: Vec::new(),
            overlap: Overlap::Error,
            fraction_digits: 20,
        }
    }
}

/// A key that separates groups.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GroupKey {
    /// `provider`
    Provider,
    /// `format`
    Format,
    /// `account`
    Account,
    /// `resource`: the record's `resourceId`.
    Resource,
    /// `resourceType`
    ResourceType,
    /// `region`
    Region,
    /// `dimensions.<name>`
    Dimension(String),
}

impl GroupKey {
    /// Every key that is not a dimension, with its name and description. A dimension has the name `dimensions.<name>`.
    pub const NAMED: [(Self, &str, &str); 6] = [
        (Self::Provider, "provider", "Who sent the reply."),
        (Self::Format, "format", "The format of the reply."),
        (Self::Account, "account", "The account."),
        (Self::Resource, "resource", "The record's `resourceId`."),
        (Self::ResourceType, "resourceType", "The type of the resource, such as `bucket`."),
        (Self::Region, "region", "The region."),
    ];

    fn from_name(name: &str) -> Option<Self> {
        match name.strip_prefix("dimensions.") {
            Some(dimension) => (!dimension.is_empty()).then(|| Self::Dimension(dimension.to_owned())),
            None => Self::NAMED.into_iter().find(|(_, own, _)| *own == name).map(|(key, ..)| key),
        }
    }
}

impl fmt::Display for GroupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dimension(name) => write!(f, "dimensions.{name}"),
            key => f.write_str(Self::NAMED.iter().find(|(own, ..)| own == key).map_or("", |(_, name, _)| name)),
        }
    }
}

/// The calendar of the windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeZone {
    /// UTC.
    Utc,
    /// The offset that each record was written with; UTC if it was written without.
    Source,
    /// A zone of the IANA database.
    Named(String),
}

/// Which records count. `None` selects everything, an empty list nothing.
///
/// `start` and `end` cut records like the edges of a window: a level is cut there, and anything else follows
/// [`AggregateSpec::split`]. By default a record counts if it starts in [`start`, `end`). A record
/// without a time is outside any period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Formats.
    pub format: Option<Vec<Format>>,
    /// Providers.
    pub provider: Option<Vec<Provider>>,
    /// Metrics by name.
    pub metric: Option<Vec<String>>,
    /// Accounts.
    pub account: Option<Vec<String>>,
    /// Resource ids.
    pub resource: Option<Vec<String>>,
    /// Regions.
    pub region: Option<Vec<String>>,
    /// Inclusive.
    pub start: Option<Instant>,
    /// Exclusive.
    pub end: Option<Instant>,
}

impl AggregateSpec {
    /// Checks the spec, as far as this is possible without records.
    ///
    /// # Errors
    /// The errors of [`AggregateSpec::from_json`], and `invalid-option` for an unknown time zone.
    pub fn check(&self, zones: &dyn ZoneRules) -> Result<(), Error> {
        if let TimeZone::Named(zone) = &self.time_zone {
            zones.offset_seconds(zone, 0)?;
        }
        self.check_values()
    }

    fn check_values(&self) -> Result<(), Error> {
        check_fraction_digits(self.fraction_digits)?;
        if let (Some(start), Some(end)) = (self.filter.start, self.filter.end)
            && end < start
        {
            return Err(Error::option("where.end", format!("{end} is before where.start, {start}")));
        }
        self.check_derived()?;
        for kind in Kind::ALL {
            if let Some(reducer) = named(&self.reduce, kind.as_str()) {
                kinds::check(reducer, kind, None)?;
            }
        }
        Ok(())
    }

    /// The reducer of a metric.
    ///
    /// # Errors
    /// `incompatible-aggregation` if the metric's kind does not allow the requested reducer.
    pub(super) fn reducer(&self, metric: &str, kind: Kind) -> Result<Reducer, Error> {
        let asked = named(&self.reduce, metric).or_else(|| named(&self.reduce, kind.as_str()));
        let reducer = asked.unwrap_or(kinds::default_reducer(kind));
        kinds::check(reducer, kind, Some(metric))?;
        Ok(reducer)
    }

    /// The metrics that the spec names, each with the option that names it.
    pub(super) fn metrics(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let is_kind = |name: &str| Kind::ALL.iter().any(|kind| kind.as_str() == name);
        let of_filter = self.filter.metric.iter().flatten().map(|name| ("where.metric", &**name));
        let reduced = self.reduce.iter().map(|(name, _)| ("reduce", &**name)).filter(move |(_, name)| !is_kind(name));
        let converted = self.units.iter().map(|(name, _)| ("units", &**name));
        let added = self.derive.iter().flat_map(|(_, parts)| parts.iter().map(|name| ("derive", &**name)));
        let is_derived = |name: &str| self.derive.iter().any(|(derived, _)| derived == name);
        of_filter.chain(reduced).chain(converted).filter(move |(_, name)| !is_derived(name)).chain(added)
    }

    /// Whether records of a field are needed: they pass the filter, or a metric that passes is derived from them.
    pub(super) fn needs_field(&self, field: &Field) -> bool {
        let is_part = |(name, parts): &(String, Vec<String>)| {
            self.filter.keeps_metric(name) && parts.iter().any(|part| **part == *field.metric)
        };
        self.filter.keeps_field(field) || (self.filter.keeps_origin(field) && self.derive.iter().any(is_part))
    }

    fn check_derived(&self) -> Result<(), Error> {
        for (i, (name, parts)) in self.derive.iter().enumerate() {
            let refuse = |why: String| Err(Error::option(&member("derive", name), why));
            let is_kind = Kind::ALL.iter().any(|kind| kind.as_str() == name);
            if name.is_empty() || is_kind || self.derive[..i].iter().any(|(other, _)| other == name) {
                return refuse("expected a new name, given once, that is not a kind".to_owned());
            }
            if is_metric(name) {
                return refuse("there is a metric of that name: choose another".to_owned());
            }
            if parts.is_empty() {
                return refuse("expected the metrics that are added, found none".to_owned());
            }
            for (j, part) in parts.iter().enumerate() {
                if self.derive.iter().any(|(derived, _)| derived == part) {
                    return refuse(format!("`{part}` is derived itself: name the metrics that it is the sum of"));
                }
                if parts[..j].contains(part) {
                    return refuse(format!("`{part}` would be added twice: name it once"));
                }
                if let Some(total) = totals_of(part).find(|total| parts.iter().any(|other| other == total)) {
                    return refuse(format!("`{total}` contains `{part}` already: leave one of them out"));
                }
            }
        }
        Ok(())
    }

    /// A digest of the whole spec: equal specs have equal digests.
    pub(super) fn digest(&self) -> [u8; 16] {
        let mut key = KeyBytes::default();
        let mut write = |texts: Vec<String>, in_order: bool| {
            let compare = |a: u32, b: u32| if in_order { texts[a as usize].cmp(&texts[b as usize]) } else { a.cmp(&b) };
            let order = ordered(texts.len(), &compare);
            key.number(texts.len() as u64).texts(order.into_iter().map(|i| Some(texts[i as usize].as_str())));
        };
        write(self.by.iter().map(ToString::to_string).collect(), false);
        let zone = match &self.time_zone {
            TimeZone::Utc => "UTC",
            TimeZone::Source => "source",
            TimeZone::Named(name) => name,
        };
        let words = [self.window.as_str(), zone, self.week_start.as_str(), self.split.as_str(), self.overlap.as_str()];
        write(words.map(str::to_owned).to_vec(), false);
        write(self.reduce.iter().map(|(of, reducer)| format!("{of} {}", reducer.as_str())).collect(), true);
        write(self.units.iter().map(|(metric, unit)| format!("{metric} {unit}")).collect(), true);
        write(self.derive.iter().map(|(name, parts)| format!("{name:?} {parts:?}")).collect(), true);
        let filter = &self.filter;
        let formats = filter.format.as_ref().map(|list| list.iter().map(|format| format.as_str().to_owned()).collect());
        let providers = filter.provider.as_ref().map(|list| list.iter().map(|it| it.as_str().to_owned()).collect());
        for list in [&formats, &providers, &filter.metric, &filter.account, &filter.resource, &filter.region] {
            write(list.iter().map(|_| String::new()).collect(), false);
            write(list.clone().unwrap_or_default(), true);
        }
        for time in [filter.start, filter.end] {
            write(time.iter().map(ToString::to_string).collect(), false);
        }
        write(vec![self.fraction_digits.to_string()], false);
        XxHash3_128::oneshot(key.as_slice()).to_le_bytes()
    }
}

/// The value for a name in a list.
pub(super) fn named<T: Copy>(list: &[(String, T)], name: &str) -> Option<T> {
    list.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
}

/// Whether a list selects a value: the list has it, or there is no list.
fn among<T>(list: Option<&[T]>, is_it: impl Fn(&T) -> bool) -> bool {
    list.is_none_or(|list| list.iter().any(is_it))
}

impl Filter {
    /// Whether the filter selects records of a field, as far as this depends on the field.
    pub(super) fn keeps_field(&self, field: &Field) -> bool {
        self.keeps_metric(&field.metric) && self.keeps_origin(field)
    }

    pub(super) fn keeps_metric(&self, metric: &str) -> bool {
        among(self.metric.as_deref(), |name| name == metric)
    }

    /// Whether the filter selects its format and provider.
    pub(super) fn keeps_origin(&self, field: &Field) -> bool {
        among(self.format.as_deref(), |format| *format == field.format)
            && among(self.provider.as_deref(), |provider| *provider == field.format.provider())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::error::ErrorCode;

    #[test]
    fn a_reducer_that_a_kind_does_not_have_is_refused_at_once() {
        let error = AggregateSpec::from_json(r#"{"reduce":{"gauge":"sum"}}"#).unwrap_err();
        assert_eq!(error.code(), ErrorCode::IncompatibleAggregation);
    }

    #[test]
    fn equal_specs_have_equal_digests_and_others_have_others() {
        let digest = |json| AggregateSpec::from_json(json).unwrap().digest();
        assert_eq!(digest(""), digest(r#"{"window":"all","timeZone":"utc","fractionDigits":20}"#));
        assert_eq!(digest(r#"{"where":{"metric":["a","b"]}}"#), digest(r#"{"where":{"metric":["b","a"]}}"#));
        for other in [
            r#"{"by":["region"]}"#,
            r#"{"split":"error"}"#,
            r#"{"where":{"metric":[]}}"#,
            r#"{"units":{"a":"By"}}"#,
            r#"{"timeZone":"source"}"#,
            r#"{"overlap":"keep"}"#,
            r#"{"where":{"format":["wasabi.bucket-daily"]}}"#,
            r#"{"where":{"provider":["wasabi"]}}"#,
        ] {
            assert_ne!(digest(""), digest(other), "{other}");
        }
    }
}
