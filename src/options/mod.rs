//! Options for reading a body.

pub(crate) mod request;

use std::sync::Arc;

use crate::model::error::{Error, quoted, shortened};
use crate::model::names::names;
use crate::model::provider::Provider;
use crate::model::time::Instant;
use crate::options::request::Request;
use crate::read::Value;
use crate::read::limits::{DEEPEST, Limits};

names! {
    /// What to do at the first fault.
    OnError {
        /// The first fault ends the call.
        Throw = "throw",
        /// Every valid row is read, and each fault is an issue.
        Collect = "collect",
    }
}

#[allow(clippy::derivable_impls)] // `names!` defines the enum
impl Default for OnError {
    fn default() -> Self {
        Self::Throw
    }
}

/// How to read a body. [`ReadOptions::default`] detects everything and stops at the first fault.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The provider; detected from the body by default.
    pub provider: Option<Provider>,
    /// The reply's `Content-Type`. Only a hint: `text/html` marks an error page.
    pub content_type: Option<String>,
    /// The request that was answered (docs/design.md#context).
    pub request: Option<Request>,
    /// The request of each body, if [`normalize`](crate::normalize) reads several: as many as there are bodies. It
    /// replaces `request`. Calls that read one body refuse it; in a listing each page has its own options.
    pub requests: Option<Vec<Request>>,
    /// The account, if neither body nor request names one.
    pub account: Option<String>,
    /// ISO 4217, if the body names none.
    pub currency: Option<String>,
    /// The period of rows that have no time of their own.
    pub period: Option<(Instant, Instant)>,
    /// What to do at the first fault.
    pub on_error: OnError,
    /// Limits of memory and time.
    pub limits: Limits,
}

impl ReadOptions {
    /// Reads options from JSON, with the names of the public contract. An empty text gives the defaults.
    ///
    /// # Errors
    /// `invalid-option`, naming the option that is unknown or has a wrong value.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let mut options = Self::default();
        if json.is_empty() {
            return Ok(options);
        }
        let value = Value::from_json(json).map_err(|fault| Error::option("options", fault.message()))?;
        for (name, value) in fields("options", &value)? {
            match name.as_str() {
                "provider" => {
                    let name = text(name, value)?;
                    let unknown = || {
                        Error::option("provider", format!("expected one of the five providers, found {}", quoted(name)))
                    };
                    options.provider = Some(Provider::from_name(name).ok_or_else(unknown)?);
                }
                "contentType" => options.content_type = Some(text(name, value)?.to_owned()),
                "request" => match value {
                    Value::Array(each) => options.requests = Some(each.iter().map(request).collect::<Result<_, _>>()?),
                    one => options.request = Some(request(one)?),
                },
                "account" => options.account = Some(text(name, value)?.to_owned()),
                "currency" => {
                    let code = text(name, value)?;
                    if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
                        return Err(Error::option(
                            name,
                            format!("expected an ISO 4217 code such as \"CHF\", found {}", quoted(code)),
                        ));
                    }
                    options.currency = Some(code.to_owned());
                }
                "period" => options.period = Some(period(value)?),
                "onError" => {
                    options.on_error = match text(name, value)? {
                        "throw" => OnError::Throw,
                        "collect" => OnError::Collect,
                        other => {
                            return Err(Error::option(
                                name,
                                format!("expected \"throw\" or \"collect\", found {}", quoted(other)),
                            ));
                        }
                    };
                }
                "limits" => options.limits = limits(value)?,
                _ => return Err(Error::option(name, "is not known")),
            }
        }
        Ok(options)
    }

    /// The options of each body, for so many bodies.
    pub(crate) fn of_each(&self, bodies: usize) -> Result<impl Iterator<Item = Arc<Self>>, Error> {
        let requests = self.requests.as_deref();
        if let Some(requests) = requests.filter(|requests| requests.len() != bodies) {
            let message = format!("expected one request for each body, which are {bodies}, found {}", requests.len());
            return Err(Error::option("request", message));
        }
        let shared = Arc::new(Self { requests: None, ..self.clone() });
        Ok((0..bodies).map(move |body| match requests {
            None => Arc::clone(&shared),
            Some(requests) => Arc::new(Self { request: Some(requests[body].clone()), ..(*shared).clone() }),
        }))
    }

    /// # Errors
    /// `invalid-option` if there are [`ReadOptions::requests`], but one body is read.
    pub(crate) fn of_one_body(&self) -> Result<(), Error> {
        match self.requests {
            None => Ok(()),
            Some(_) => {
                let message = "expected one request, found a list: only `normalize` takes a request for each body";
                Err(Error::option("request", message))
            }
        }
    }

    pub(crate) fn collects(&self) -> bool {
        self.on_error == OnError::Collect
    }
}

fn text<'v>(name: &str, value: &'v Value) -> Result<&'v str, Error> {
    value.as_text().ok_or_else(|| Error::option(name, "expected a string"))
}

fn fields<'v>(name: &str, value: &'v Value) -> Result<&'v [(String, Value)], Error> {
    value.as_fields().ok_or_else(|| Error::option(name, "expected an object"))
}

fn request(value: &Value) -> Result<Request, Error> {
    if let Value::Text(url) = value {
        return Request::new(url, None);
    }
    let (mut url, mut body) = (None, None);
    for (name, value) in fields("request", value)? {
        match name.as_str() {
            "url" => url = Some(text("request.url", value)?),
            "body" => body = Some(text("request.body", value)?),
            other => return Err(Error::option(&format!("request.{other}"), "is not known")),
        }
    }
    let url = url.ok_or_else(|| Error::option("request.url", "expected a string, found none"))?;
    Request::new(url, body)
}

fn period(value: &Value) -> Result<(Instant, Instant), Error> {
    let (mut start, mut end) = (None, None);
    for (name, value) in fields("period", value)? {
        let full = format!("period.{name}");
        match name.as_str() {
            "start" => start = Some(text(&full, value)?),
            "end" => end = Some(text(&full, value)?),
            _ => return Err(Error::option(&full, "is not known")),
        }
    }
    match (start, end) {
        (Some(start), Some(end)) => span("period", start, end),
        _ => Err(Error::option("period", "expected a start and an end")),
    }
}

/// A period given as two RFC 3339 times; `name` is the name of the option.
///
/// # Errors
/// `invalid-option` if one is not a time, or if the start is not before the end.
pub(crate) fn span(name: &str, start: &str, end: &str) -> Result<(Instant, Instant), Error> {
    let time = |side: &str, text: &str| {
        Instant::parse(text)
            .map_err(|expected| Error::option(&format!("{name}.{side}"), format!("{expected}, found {}", quoted(text))))
    };
    let (start, end) = (time("start", start)?, time("end", end)?);
    if start < end { Ok((start, end)) } else { Err(Error::option(name, "expected a start before its end")) }
}

fn limits(value: &Value) -> Result<Limits, Error> {
    let mut limits = Limits::default();
    for (name, value) in fields("limits", value)? {
        let full = format!("limits.{name}");
        let field = match name.as_str() {
            "maxBytes" => &mut limits.max_bytes,
            "maxRowBytes" => &mut limits.max_row_bytes,
            "maxDepth" => &mut limits.max_depth,
            "maxRecords" => &mut limits.max_records,
            "maxDigits" => &mut limits.max_digits,
            _ => return Err(Error::option(&full, "is not known")),
        };
        let most = if name == "maxDepth" { DEEPEST } else { u64::MAX };
        *field = value.as_whole().filter(|limit| (1..=most).contains(limit)).ok_or_else(|| {
            let bound = if name == "maxDepth" { format!(" and up to {DEEPEST}") } else { String::new() };
            Error::option(
                &full,
                format!("expected a whole number above zero{bound}, found {}", shortened(&value.to_string())),
            )
        })?;
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_is_not_known_or_of_the_wrong_type_is_named() {
        for (json, name) in [
            (r#"{"proviser":"wasabi"}"#, "proviser"),
            (r#"{"provider":"aws"}"#, "provider"),
            (r#"{"provider":5}"#, "provider"),
            (r#"{"currency":"chf"}"#, "currency"),
            (r#"{"onError":"ignore"}"#, "onError"),
            (r#"{"limits":{"maxDepth":-1}}"#, "limits.maxDepth"),
            (r#"{"limits":{"maxWidth":1}}"#, "limits.maxWidth"),
            (r#"{"period":{"start":"2024-01-01T00:00:00Z"}}"#, "period"),
            (r#"{"period":{"start":"2024","end":"2025-01-01T00:00:00Z"}}"#, "period.start"),
            (r#"{"request":{"body":""}}"#, "request.url"),
            (r#"{"request":"not a url"}"#, "request"),
            ("[]", "options"),
        ] {
            let error = ReadOptions::from_json(json).unwrap_err();
            assert_eq!(error.code(), crate::model::error::ErrorCode::InvalidOption, "{json}");
            assert!(error.to_string().contains(&format!("`{name}`")), "{json}: {error}");
        }
    }
}
