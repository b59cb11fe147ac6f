//! Reads a spec from the JSON of the public contract.

use super::{AggregateSpec, Filter, GroupKey, Overlap, Reducer, Split, TimeZone, WeekStart, Window};
use crate::model::error::{Error, shortened};
use crate::model::names::Named;
use crate::model::provider::{Format, Provider};
use crate::model::time::Instant;
use crate::model::unit::Unit;
use crate::number::decimal::MAX_FRACTION_DIGITS;
use crate::read::Value;

impl AggregateSpec {
    /// Reads a spec from the JSON of the public contract; an empty text is the default.
    ///
    /// # Errors
    /// `invalid-option`, naming the field (`reduce.gauge`, `where.start`), for what is unknown or of the wrong
    /// type; `incompatible-aggregation` for a reducer that a kind does not have.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let mut spec = Self::default();
        if text.is_empty() {
            return Ok(spec);
        }
        let value = Value::from_json(text).map_err(|fault| Error::option("spec", fault.message()))?;
        for (name, value) in fields("spec", &value)? {
            spec.read(name, value)?;
        }
        spec.check_values()?;
        Ok(spec)
    }

    fn read(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        match name {
            "by" => {
                self.by.clear();
                for name in texts("by", value)? {
                    let key = GroupKey::from_name(&name).ok_or_else(|| {
                        Error::option("by", format!("expected provider, format, account, resource, resourceType, region or dimensions.<name>, found `{}`", shortened(&name)))
                    })?;
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
                    let path = format!("reduce.{of}");
                    let reducer = one_of::<Reducer>(&path, reducer)?;
                    self.reduce.push((of.clone(), reducer));
                }
            }
            "split" => self.split = one_of::<Split>(name, value)?,
            "derive" => {
                for (derived, parts) in fields(name, value)? {
                    self.derive.push((derived.clone(), texts(&format!("derive.{derived}"), parts)?));
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
                    let path = format!("units.{metric}");
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
            _ => return Err(Error::option(name, "there is no such option")),
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
                self.format = Some(list(&path, value, |item| one_of::<Format>(&path, item))?);
            }
            "provider" => {
                self.provider = Some(list(&path, value, |item| one_of::<Provider>(&path, item))?);
            }
            "metric" => self.metric = Some(texts(&path, value)?),
            "account" => self.account = Some(texts(&path, value)?),
            "resource" => self.resource = Some(texts(&path, value)?),
            "region" => self.region = Some(texts(&path, value)?),
            "start" => self.start = time()?,
            "end" => self.end = time()?,
            _ => return Err(Error::option(&path, "there is no such option")),
        }
        Ok(())
    }
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

/// A value as a message quotes it.
fn shown(value: &Value) -> String {
    shortened(&value.to_string()).into_owned()
}

fn fields<'v>(path: &str, value: &'v Value) -> Result<&'v [(String, Value)], Error> {
    value.as_fields().ok_or_else(|| Error::option(path, format!("expected an object, found {}", shown(value))))
}

fn text<'v>(path: &str, value: &'v Value) -> Result<&'v str, Error> {
    value.as_text().ok_or_else(|| Error::option(path, format!("expected a text, found {}", shown(value))))
}

fn list<T>(path: &str, value: &Value, read: impl Fn(&Value) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    let Value::Array(list) = value else {
        return Err(Error::option(path, format!("expected a list of texts, found {}", shown(value))));
    };
    list.iter().map(read).collect()
}

fn texts(path: &str, value: &Value) -> Result<Vec<String>, Error> {
    list(path, value, |item| text(path, item).map(str::to_owned))
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
            ("[]", "spec"),
            ("{", "spec"),
            (r#"{"By":[]}"#, "By"),
            (r#"{"by":"resource"}"#, "by"),
            (r#"{"by":["bucket"]}"#, "by"),
            (r#"{"by":[1]}"#, "by"),
            (r#"{"window":"decade"}"#, "window"),
            (r#"{"window":null}"#, "window"),
            (r#"{"timeZone":"+01:00"}"#, "timeZone"),
            (r#"{"timeZone":""}"#, "timeZone"),
            (r#"{"weekStart":"friday"}"#, "weekStart"),
            (r#"{"reduce":{"gauge":"avg"}}"#, "reduce.gauge"),
            (r#"{"reduce":{"api.calls":1}}"#, "reduce.api.calls"),
            (r#"{"split":true}"#, "split"),
            (r#"{"overlap":"add"}"#, "overlap"),
            (r#"{"where":{"format":["wasabi"]}}"#, "where.format"),
            (r#"{"where":{"provider":"wasabi"}}"#, "where.provider"),
            (r#"{"where":{"start":"2024"}}"#, "where.start"),
            (r#"{"where":{"until":"2024"}}"#, "where.until"),
            (r#"{"where":{"metric":"api.calls"}}"#, "where.metric"),
            (r#"{"where":{"start":"2024-01-02T00:00:00Z","end":"2024-01-01T00:00:00Z"}}"#, "where.end"),
            (r#"{"units":{"api.calls":"GB"}}"#, "units.api.calls"),
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
