//! Reads a spec from the JSON of the public contract.

use super::{AggregateSpec, Filter, GroupKey, Overlap, Reducer, Split, TimeZone, WeekStart, Window};
use crate::model::error::{Error, member, quoted, shortened};
use crate::model::names::Named;
use crate::model::provider::{Format, Provider};
use crate::model::time::Instant;
use crate::model::unit::Unit;
use crate::number::decimal::MAX_FRACTION_DIGITS;
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
        if text.is_empty() {
            return Ok(spec);
        }
        let value = Value::from_json(text).map_err(|fault| Error::option("options", fault.message()))?;
        for (name, value) in fields("options", &value)? {
            spec.read(name, value)?;
        }
        spec.check_values()?;
        Ok(spec)
    }

    fn read(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        match name {
            "by" => {
                self.by.clear();
                for key in list(name, value, group_key)? {
                    if !self.by.contains(&key) {
                        self.by.push(key);
                    }
                }
            }
            "window" => self.window = one_of::<Window>(name, value)?,
            "timeZone" => self.time_zone = time_zone(value)?,
            "weekStart" => self.week_start = one_of::<WeekStart>(name, value)?,
            "reduce" => {
                for (of, reducer) in fields(name, value)? {
                    let path = member(name, of);
                    let reducer = one_of::<Reducer>(&path, reducer)?;
                    self.reduce.push((of.clone(), reducer));
                }
            }
            "split" => self.split = one_of::<Split>(name, value)?,
            "derive" => {
                for (derived, parts) in fields(name, value)? {
                    self.derive.push((derived.clone(), texts(&member(name, derived), parts)?));
                }
            }
            "overlap" => self.overlap = one_of::<Overlap>(name, value)?,
            "where" => {
                for (name, value) in fields(name, value)? {
                    self.filter.read(name, value)?;
                }
            }
            "units" => {
                for (metric, unit) in fields(name, value)? {
                    let path = member(name, metric);
                    let unit = Unit::named(text(&path, unit)?).map_err(|why| Error::option(&path, why))?;
                    self.units.push((metric.clone(), unit));
                }
            }
            "fractionDigits" => {
                self.fraction_digits =
                    value.as_whole().and_then(|digits| u32::try_from(digits).ok()).ok_or_else(|| {
                        Error::option(
                            name,
                            format!("expected a whole number from 0 to {MAX_FRACTION_DIGITS}, found {}", shown(value)),
                        )
                    })?;
            }
            _ => return Err(Error::option(name, unknown(OPTIONS))),
        }
        Ok(())
    }
}

impl Filter {
    fn read(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        let path = format!("where.{name}");
        let time = || {
            let text = text(&path, value)?;
            Instant::parse(text)
                .map(Some)
                .map_err(|expected| Error::option(&path, format!("{expected}, found {}", shown(value))))
        };
        match name {
            "format" => {
                self.format = Some(list(&path, value, one_of::<Format>)?);
            }
            "provider" => {
                self.provider = Some(list(&path, value, one_of::<Provider>)?);
            }
            "metric" => self.metric = Some(texts(&path, value)?),
            "account" => self.account = Some(texts(&path, value)?),
            "resource" => self.resource = Some(texts(&path, value)?),
            "region" => self.region = Some(texts(&path, value)?),
            "start" => self.start = time()?,
            "end" => self.end = time()?,
            _ => return Err(Error::option(&path, unknown(FILTERS))),
        }
        Ok(())
    }
}

fn group_key(path: &str, value: &Value) -> Result<GroupKey, Error> {
    GroupKey::from_name(text(path, value)?).ok_or_else(|| {
        let names = GroupKey::NAMED.map(|(_, name, _)| name).join(", ");
        Error::option(path, format!("expected one of {names} or dimensions.<name>, found {}", shown(value)))
    })
}

fn time_zone(value: &Value) -> Result<TimeZone, Error> {
    let name = text("timeZone", value)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+');
    if name == "source" {
        Ok(TimeZone::Source)
    } else if name.eq_ignore_ascii_case("UTC") {
        Ok(TimeZone::Utc)
    } else if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(plain) {
        Ok(TimeZone::Named(name.to_owned()))
    } else {
        Err(Error::option(
            "timeZone",
            format!("expected an IANA name such as Europe/Zurich, UTC or source, found {}", shown(value)),
        ))
    }
}

fn unknown(known: &[&str]) -> String {
    format!("is not known; known are {}", known.join(", "))
}

/// A value as a message quotes it.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Text(text) => quoted(text),
        other => shortened(&other.to_string()).into_owned(),
    }
}

fn fields<'v>(path: &str, value: &'v Value) -> Result<&'v [(String, Value)], Error> {
    value.as_fields().ok_or_else(|| Error::option(path, format!("expected an object, found {}", shown(value))))
}

fn text<'v>(path: &str, value: &'v Value) -> Result<&'v str, Error> {
    value.as_text().ok_or_else(|| Error::option(path, format!("expected a string, found {}", shown(value))))
}

fn list<T>(path: &str, value: &Value, read: impl Fn(&str, &Value) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    let Value::Array(list) = value else {
        return Err(Error::option(path, format!("expected an array, found {}", shown(value))));
    };
    list.iter().enumerate().map(|(i, item)| read(&format!("{path}[{i}]"), item)).collect()
}

fn texts(path: &str, value: &Value) -> Result<Vec<String>, Error> {
    list(path, value, |path, item| text(path, item).map(str::to_owned))
}

fn one_of<T: Named>(path: &str, value: &Value) -> Result<T, Error> {
    T::from_name(text(path, value)?)
        .ok_or_else(|| Error::option(path, format!("expected one of {}, found {}", T::NAMES.join(", "), shown(value))))
}

#[cfg(test)]
mod tests {
    use super::*;
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
