//! Reads a spec from the JSON of the public contract.

use super::{AggregateSpec, Filter, GroupKey, TimeZone};
use crate::model::error::{Error, member};
use crate::model::unit::Unit;
use crate::options::members::{self, any_of, fields, list, one_of, refuse, text, texts, time};
use crate::read::Value;

/// The options of an aggregation, in the order in which messages list them.
const OPTIONS: &[&str] = &[
    "by",
    "window",
    "timeZone",
    "weekStart",
    "reduce",
    "split",
    "derive",
    "overlap",
    "where",
    "units",
    "fractionDigits",
];

/// The members of `where`.
const FILTERS: &[&str] = &["format", "provider", "metric", "account", "resource", "region", "start", "end"];

impl AggregateSpec {
    /// Reads a spec from the JSON of the public contract. An empty text gives the default.
    ///
    /// # Errors
    /// `invalid-option`, naming the field (`reduce["gauge"]`, `where.start`), for an unknown option or a wrong
    /// type; `incompatible-aggregation` for a reducer that a kind does not allow.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let mut spec = Self::default();
        members::options(text, OPTIONS, &mut |name, path, value| spec.read(name, path, value))?;
        spec.check_values()?;
        Ok(spec)
    }

    fn read(&mut self, name: &str, path: &str, value: &Value) -> Result<bool, Error> {
        match name {
            "by" => {
                self.by.clear();
                for key in list(path, value, group_key)? {
                    if !self.by.contains(&key) {
                        self.by.push(key);
                    }
                }
            }
            "window" => self.window = one_of(path, value)?,
            "timeZone" => self.time_zone = time_zone(path, value)?,
            "weekStart" => self.week_start = one_of(path, value)?,
            "reduce" => {
                for (of, reducer) in fields(path, value)? {
                    self.reduce.push((of.clone(), one_of(&member(path, of), reducer)?));
                }
            }
            "split" => self.split = one_of(path, value)?,
            "derive" => {
                for (derived, parts) in fields(path, value)? {
                    self.derive.push((derived.clone(), texts(&member(path, derived), parts)?));
                }
            }
            "overlap" => self.overlap = one_of(path, value)?,
            "where" => {
                members::members(path, value, FILTERS, &mut |name, path, value| self.filter.read(name, path, value))?;
            }
            "units" => {
                for (metric, unit) in fields(path, value)? {
                    let path = member(path, metric);
                    let unit = Unit::named(text(&path, unit)?).map_err(|why| Error::option(&path, why))?;
                    self.units.push((metric.clone(), unit));
                }
            }
            "fractionDigits" => self.fraction_digits = members::fraction_digits(path, value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Filter {
    fn read(&mut self, name: &str, path: &str, value: &Value) -> Result<bool, Error> {
        match name {
            "format" => self.format = Some(list(path, value, one_of)?),
            "provider" => self.provider = Some(list(path, value, one_of)?),
            "metric" => self.metric = Some(texts(path, value)?),
            "account" => self.account = Some(texts(path, value)?),
            "resource" => self.resource = Some(texts(path, value)?),
            "region" => self.region = Some(texts(path, value)?),
            "start" => self.start = Some(time(path, value)?),
            "end" => self.end = Some(time(path, value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn group_key(path: &str, value: &Value) -> Result<GroupKey, Error> {
    GroupKey::from_name(text(path, value)?).ok_or_else(|| {
        let names = any_of(&GroupKey::NAMED.map(|(_, name, _)| name));
        refuse(path, &format!("{names} or dimensions.<name>"), value)
    })
}

fn time_zone(path: &str, value: &Value) -> Result<TimeZone, Error> {
    let name = text(path, value)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+');
    if name == "source" {
        Ok(TimeZone::Source)
    } else if name.eq_ignore_ascii_case("UTC") {
        Ok(TimeZone::Utc)
    } else if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(plain) {
        Ok(TimeZone::Named(name.to_owned()))
    } else {
        Err(refuse(path, "an IANA name such as Europe/Zurich, UTC or source", value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::spec::{Reducer, Split, WeekStart, Window};
    use crate::model::error::ErrorCode;
    use crate::model::kind::Kind;

    #[test]
    fn a_spec_is_read_field_by_field() {
        let spec = AggregateSpec::from_json(
            r#"{"by":["resource","dimensions.service","resource"],"window":"week","timeZone":"Europe/Zurich","weekStart":"sunday",
                "reduce":{"gauge":"max","api.calls":"count"},"split":"proportional","units":{"storage.stored":"GiBy"},"fractionDigits":3,
                "where":{"metric":["api.calls"],"start":"2024-01-01T00:00:00+01:00"}}"#,
        )
        .unwrap();
        assert_eq!(spec.by, [GroupKey::Resource, GroupKey::Dimension("service".into())]);
        assert_eq!((spec.window, spec.week_start, spec.split), (Window::Week, WeekStart::Sunday, Split::Proportional));
        assert_eq!(spec.time_zone, TimeZone::Named("Europe/Zurich".into()));
        assert_eq!(spec.reducer("storage.stored", Kind::Gauge).unwrap(), Reducer::Max);
        assert_eq!(spec.reducer("api.calls", Kind::Delta).unwrap(), Reducer::Count);
        assert_eq!(spec.reducer("burst.cpu", Kind::Integral).unwrap(), Reducer::Sum);
        assert_eq!(spec.filter.start.unwrap().to_string(), "2023-12-31T23:00:00Z");
        assert_eq!(AggregateSpec::from_json("").unwrap(), AggregateSpec::default());
        assert_eq!(AggregateSpec::from_json("{}").unwrap(), AggregateSpec::default());
    }

    #[test]
    fn an_option_that_is_unknown_or_of_the_wrong_type_is_named() {
        for (json, path) in [
            ("[]", "options"),
            ("{", "options"),
            (r#"{"By":[]}"#, "By"),
            (r#"{"by":"resource"}"#, "by"),
            (r#"{"by":["bucket"]}"#, "by[0]"),
            (r#"{"by":[1]}"#, "by[0]"),
            (r#"{"window":"decade"}"#, "window"),
            (r#"{"window":null}"#, "window"),
            (r#"{"timeZone":"+01:00"}"#, "timeZone"),
            (r#"{"timeZone":""}"#, "timeZone"),
            (r#"{"weekStart":"friday"}"#, "weekStart"),
            (r#"{"reduce":{"gauge":"avg"}}"#, r#"reduce["gauge"]"#),
            (r#"{"reduce":{"api.calls":1}}"#, r#"reduce["api.calls"]"#),
            (r#"{"split":true}"#, "split"),
            (r#"{"overlap":"add"}"#, "overlap"),
            (r#"{"where":{"format":["wasabi"]}}"#, "where.format[0]"),
            (r#"{"where":{"provider":"wasabi"}}"#, "where.provider"),
            (r#"{"where":{"start":"2024"}}"#, "where.start"),
            (r#"{"where":{"until":"2024"}}"#, "where.until"),
            (r#"{"where":{"metric":"api.calls"}}"#, "where.metric"),
            (r#"{"where":{"start":"2024-01-02T00:00:00Z","end":"2024-01-01T00:00:00Z"}}"#, "where.end"),
            (r#"{"units":{"api.calls":"GB"}}"#, r#"units["api.calls"]"#),
            (r#"{"fractionDigits":1.5}"#, "fractionDigits"),
            (r#"{"fractionDigits":-1}"#, "fractionDigits"),
            (r#"{"fractionDigits":1000000000}"#, "fractionDigits"),
        ] {
            let error = AggregateSpec::from_json(json).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidOption, "{json}");
            assert!(error.to_string().contains(&format!("`{path}`")), "{json}: {error}");
        }
    }
}
