//! Reads the options of reading, member by member.

use super::ReadOptions;
use super::members::{self, missing, one_of, refuse, text};
use super::request::Request;
use crate::descriptor::FormatDescriptor;
use crate::model::error::Error;
use crate::model::names::Named;
use crate::model::provider::Provider;
use crate::read::Value;
use crate::read::limits::{DEEPEST, Limits};

/// The formats that the caller has defined, by the number that stands for each.
pub(crate) type Defined<'f> = &'f dyn Fn(u64) -> Option<FormatDescriptor>;

/// An object with this member alone is what the front end writes for a format of `defineFormat`. Its value is the format's number.
const DEFINED: &str = "usage format";

/// Formats that one call may name.
const MOST_FORMATS: usize = 64;

pub(crate) const LIMITS: &[&str] = &["maxBytes", "maxRowBytes", "maxDepth", "maxRecords", "maxDigits"];

/// Options of which some are read.
pub(crate) struct OptionReader<'f> {
    options: ReadOptions,
    defined: Defined<'f>,
    /// The path and value of `provider`, which may be that of one of the formats.
    provider: Option<(String, Value)>,
}

impl<'f> OptionReader<'f> {
    pub fn new(defined: Defined<'f>) -> Self {
        Self { options: ReadOptions::default(), defined, provider: None }
    }

    /// Reads the option of a name; `false` where there is none.
    pub fn read(&mut self, name: &str, path: &str, value: &Value) -> Result<bool, Error> {
        let options = &mut self.options;
        match name {
            "provider" => {
                text(path, value)?;
                self.provider = Some((path.to_owned(), value.clone()));
            }
            "format" => options.format = Some(format(path, value, self.defined)?),
            "formats" => {
                options.formats = members::list(path, value, |path, value| defined_format(path, value, self.defined))?;
                if options.formats.len() > MOST_FORMATS {
                    let message = format!("expected at most {MOST_FORMATS} formats, found {}", options.formats.len());
                    return Err(Error::option(path, message));
                }
            }
            "contentType" => options.content_type = Some(text(path, value)?.to_owned()),
            "request" => match value {
                Value::Array(_) => options.requests = Some(members::list(path, value, answered_request)?),
                one => options.request = Some(answered_request(path, one)?),
            },
            "account" => options.account = Some(text(path, value)?.to_owned()),
            "currency" => options.currency = Some(currency(path, value)?),
            "period" => options.period = Some(members::span(path, value)?),
            "onError" => options.on_error = one_of(path, value)?,
            "limits" => {
                let limits = &mut options.limits;
                members::members(path, value, LIMITS, &mut |name, path, value| limits.read(name, path, value))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The options, once all are read.
    pub fn finish(mut self) -> Result<ReadOptions, Error> {
        if let Some((path, value)) = &self.provider {
            self.options.provider = Some(self.provider_of_name(path, value)?);
        }
        self.options.check_formats()?;
        Ok(self.options)
    }

    fn provider_of_name(&self, path: &str, value: &Value) -> Result<Provider, Error> {
        let described = self.options.format.iter().chain(&self.options.formats).map(|format| format.name().provider());
        let known = Provider::ALL.into_iter().chain(described).find(|known| Some(known.as_str()) == value.as_text());
        known.ok_or_else(|| {
            let of_formats = if self.options.formats.is_empty() { "" } else { " or that of one of `formats`" };
            refuse(path, &format!("{}{of_formats}", members::any_of(<Provider as Named>::NAMES)), value)
        })
    }
}

/// A format of `defineFormat`.
fn defined_format(path: &str, value: &Value, defined: Defined<'_>) -> Result<FormatDescriptor, Error> {
    number(value).and_then(defined).ok_or_else(|| refuse(path, "a format of `defineFormat`", value))
}

/// A format of `defineFormat`, or the name of a built-in one.
fn format(path: &str, value: &Value, defined: Defined<'_>) -> Result<FormatDescriptor, Error> {
    let built_in = value.as_text().and_then(FormatDescriptor::built_in);
    built_in
        .or_else(|| number(value).and_then(defined))
        .ok_or_else(|| refuse(path, "a format of `defineFormat` or the name of a built-in one", value))
}

/// The number that stands for a format of the caller's.
fn number(value: &Value) -> Option<u64> {
    match value.as_fields()? {
        [(name, number)] if name == DEFINED => number.as_whole(),
        _ => None,
    }
}

fn currency(path: &str, value: &Value) -> Result<String, Error> {
    let code = text(path, value)?;
    let is_code = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
    if is_code { Ok(code.to_owned()) } else { Err(refuse(path, "an ISO 4217 code such as \"CHF\"", value)) }
}

/// The request that was answered: a URL, or an object with one.
pub(crate) fn answered_request(path: &str, value: &Value) -> Result<Request, Error> {
    if let Value::Text(url) = value {
        return Request::new(url, None);
    }
    members::fields(path, value).map_err(|_| refuse(path, "a URL or an object with a URL", value))?;
    let (mut url, mut body) = (None, None);
    members::members(path, value, &["url", "body"], &mut |name, path, value| {
        *(if name == "url" { &mut url } else { &mut body }) = Some(text(path, value)?.to_owned());
        Ok(true)
    })?;
    let url = url.ok_or_else(|| missing(&format!("{path}.url"), "a string"))?;
    Request::new(&url, body.as_deref())
}

impl Limits {
    /// Reads the limit of a name; `false` where there is none.
    fn read(&mut self, name: &str, path: &str, value: &Value) -> Result<bool, Error> {
        let (limit, most) = match name {
            "maxBytes" => (&mut self.max_bytes, u64::MAX),
            "maxRowBytes" => (&mut self.max_row_bytes, u64::MAX),
            "maxDepth" => (&mut self.max_depth, DEEPEST),
            "maxRecords" => (&mut self.max_records, u64::MAX),
            "maxDigits" => (&mut self.max_digits, u64::MAX),
            _ => return Ok(false),
        };
        *limit = value.as_whole().filter(|limit| (1..=most).contains(limit)).ok_or_else(|| {
            let bound = if most == DEEPEST { format!(" and up to {DEEPEST}") } else { String::new() };
            refuse(path, &format!("a whole number above zero{bound}"), value)
        })?;
        Ok(true)
    }
}
