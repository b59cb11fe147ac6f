//! Reads what a caller passes as JSON: members by name, one reader for each type, and one wording for each fault.
//!
//! A path names the value in an error, as the caller would write it: `limits.maxDepth`, `by[0]`, `reduce["gauge"]`.

use crate::model::error::{Error, quoted, shortened};
use crate::model::names::Named;
use crate::model::time::Instant;
use crate::number::decimal::MAX_FRACTION_DIGITS;
use crate::read::Value;

/// The path of a call's options. Their members have just their own names.
const OPTIONS: &str = "options";

/// An object with this member alone is what the front end writes for a value that JSON cannot hold. Its text says what it was: `NaN`,
/// `a function`.
pub(crate) const NOT_JSON: &str = "not JSON";

/// Reads the options of a call; an empty text has none. `read` takes a member's name, path and value, and returns `false` for a
/// name that it does not have. `known` are the names that the call has.
///
/// # Errors
/// `invalid-option` for an unknown member, and those of `read`.
pub(crate) fn options(
    json: &str,
    known: &[&str],
    read: &mut dyn FnMut(&str, &str, &Value) -> Result<bool, Error>,
) -> Result<(), Error> {
    if json.is_empty() {
        return Ok(());
    }
    let value = Value::from_json(json).map_err(|fault| Error::option(OPTIONS, fault.message()))?;
    members(OPTIONS, &value, known, read)
}

/// Reads the members of an object, as [`options`] does.
pub(crate) fn members(
    path: &str,
    value: &Value,
    known: &[&str],
    read: &mut dyn FnMut(&str, &str, &Value) -> Result<bool, Error>,
) -> Result<(), Error> {
    for (name, value) in fields(path, value)? {
        let path = if path == OPTIONS { name.clone() } else { format!("{path}.{name}") };
        if !(known.contains(&name.as_str()) && read(name, &path, value)?) {
            return Err(Error::option(&path, format!("is not known; known are {}", known.join(", "))));
        }
    }
    Ok(())
}

/// The fields of an object whose names are the caller's.
pub(crate) fn fields<'v>(path: &str, value: &'v Value) -> Result<&'v [(String, Value)], Error> {
    let fields = value.as_fields().filter(|_| not_json(value).is_none());
    fields.ok_or_else(|| refuse(path, "an object", value))
}

pub(crate) fn text<'v>(path: &str, value: &'v Value) -> Result<&'v str, Error> {
    value.as_text().ok_or_else(|| refuse(path, "a string", value))
}

pub(crate) fn flag(path: &str, value: &Value) -> Result<bool, Error> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        other => Err(refuse(path, "true or false", other)),
    }
}

/// A function of the caller's, which stays with the front end.
pub(crate) fn function(path: &str, value: &Value) -> Result<(), Error> {
    if not_json(value) == Some("a function") { Ok(()) } else { Err(refuse(path, "a function", value)) }
}

pub(crate) fn list<T>(
    path: &str,
    value: &Value,
    read: impl Fn(&str, &Value) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let Value::Array(list) = value else {
        return Err(refuse(path, "an array", value));
    };
    list.iter().enumerate().map(|(i, item)| read(&format!("{path}[{i}]"), item)).collect()
}

pub(crate) fn texts(path: &str, value: &Value) -> Result<Vec<String>, Error> {
    list(path, value, |path, item| text(path, item).map(str::to_owned))
}

/// One of a closed list of names.
pub(crate) fn one_of<T: Named>(path: &str, value: &Value) -> Result<T, Error> {
    T::from_name(text(path, value)?).ok_or_else(|| refuse(path, &T::expected(), value))
}

/// A closed list of names, as a message says what was expected.
pub(crate) fn any_of(names: &[&str]) -> String {
    format!("one of {}", names.join(", "))
}

pub(crate) fn time(path: &str, value: &Value) -> Result<Instant, Error> {
    Instant::parse(text(path, value)?).map_err(|expected| Error::option(path, found(expected, value)))
}

/// A span of time, `{ start, end }`.
pub(crate) fn span(path: &str, value: &Value) -> Result<(Instant, Instant), Error> {
    let (mut start, mut end) = (None, None);
    members(path, value, &["start", "end"], &mut |name, path, value| {
        text(path, value)?;
        *(if name == "start" { &mut start } else { &mut end }) = Some(value.clone());
        Ok(true)
    })?;
    let there = |side: &str, value: Option<Value>| {
        let path = format!("{path}.{side}");
        value.ok_or_else(|| missing(&path, "a time")).map(|value| (path, value))
    };
    let (start, end) = (there("start", start)?, there("end", end)?);
    let (start, end) = (time(&start.0, &start.1)?, time(&end.0, &end.1)?);
    if start < end { Ok((start, end)) } else { Err(Error::option(path, "expected a start before its end")) }
}

/// A number of fraction digits, which [`check_fraction_digits`](crate::model::convert::check_fraction_digits) limits.
pub(crate) fn fraction_digits(path: &str, value: &Value) -> Result<u32, Error> {
    let digits = value.as_whole().and_then(|digits| u32::try_from(digits).ok());
    digits.ok_or_else(|| refuse(path, &format!("a whole number from 0 to {MAX_FRACTION_DIGITS}"), value))
}

/// The error for a value that is not as it was expected.
#[cold]
pub(crate) fn refuse(path: &str, expected: &str, value: &Value) -> Error {
    Error::option(path, found(&format!("expected {expected}"), value))
}

/// The error for a value that has to be there.
#[cold]
pub(crate) fn missing(path: &str, expected: &str) -> Error {
    Error::option(path, format!("expected {expected}, found none"))
}

fn found(expected: &str, value: &Value) -> String {
    let found = match value {
        Value::Array(_) => "an array".into(),
        Value::Object(_) => not_json(value).map_or("an object".into(), shortened),
        Value::Text(text) => quoted(text).into(),
        other => shortened(&other.to_string()).into_owned().into(),
    };
    format!("{expected}, found {found}")
}

/// What a value was, where JSON cannot hold it.
pub(crate) fn not_json(value: &Value) -> Option<&str> {
    match value.as_fields()? {
        [(name, what)] if name == NOT_JSON => what.as_text(),
        _ => None,
    }
}
