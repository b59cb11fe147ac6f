//! Options for reading a body.

pub(crate) mod members;
pub(crate) mod request;

use std::sync::Arc;

use crate::model::error::Error;
use crate::model::names::names;
use crate::model::provider::Provider;
use crate::model::time::Instant;
use crate::options::members::{missing, one_of, refuse, text};
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

/// The names of the options, as a message lists them.
pub(crate) const READING: &[&str] =
    &["provider", "contentType", "request", "account", "currency", "period", "onError", "limits"];

/// The options of `detect`.
const HINTS: &[&str] = &["contentType", "request"];

const LIMITS: &[&str] = &["maxBytes", "maxRowBytes", "maxDepth", "maxRecords", "maxDigits"];

impl ReadOptions {
    /// Reads options from JSON, with the names of the public contract. An empty text gives the defaults.
    ///
    /// # Errors
    /// `invalid-option`, naming the option that is unknown or has a wrong value.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let mut options = Self::default();
        members::options(json, READING, &mut |name, path, value| options.read(name, path, value))?;
        Ok(options)
    }

    /// Reads the options of `detect`, as [`ReadOptions::from_json`] does.
    ///
    /// # Errors
    /// `invalid-option`, naming the option that is unknown or has a wrong value.
    pub fn hints_from_json(json: &str) -> Result<Self, Error> {
        let mut options = Self::default();
        members::options(json, HINTS, &mut |name, path, value| options.read(name, path, value))?;
        options.of_one_body()?;
        Ok(options)
    }

    /// Reads the option of a name; `false` where there is none.
    pub(crate) fn read(&mut self, name: &str, path: &str, value: &Value) -> Result<bool, Error> {
        match name {
            "provider" => self.provider = Some(one_of(path, value)?),
            "contentType" => self.content_type = Some(text(path, value)?.to_owned()),
            "request" => match value {
                Value::Array(_) => self.requests = Some(members::list(path, value, answered_request)?),
                one => self.request = Some(answered_request(path, one)?),
            },
            "account" => self.account = Some(text(path, value)?.to_owned()),
            "currency" => self.currency = Some(currency(path, value)?),
            "period" => self.period = Some(members::span(path, value)?),
            "onError" => self.on_error = one_of(path, value)?,
            "limits" => {
                members::members(path, value, LIMITS, &mut |name, path, value| self.limits.read(name, path, value))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_listed_and_read() {
        for name in READING.iter().chain(HINTS) {
            let error = ReadOptions::from_json(&format!(r#"{{"{name}":null}}"#)).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`: expected")) && error.ends_with("found null"), "{error}");
        }
        for name in LIMITS {
            let error = ReadOptions::from_json(&format!(r#"{{"limits":{{"{name}":0}}}}"#)).unwrap_err().to_string();
            assert!(error.contains(&format!("`limits.{name}`: expected a whole number above zero")), "{error}");
        }
    }

    #[test]
    fn detection_has_two_options() {
        let options =
            ReadOptions::hints_from_json(r#"{"contentType":"text/html","request":"/v1/utilizations"}"#).unwrap();
        assert!(options.content_type.is_some() && options.request.is_some());
        for (json, name) in
            [(r#"{"provider":"wasabi"}"#, "provider"), (r#"{"request":["/v1/utilizations"]}"#, "request")]
        {
            let error = ReadOptions::hints_from_json(json).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`")), "{error}");
        }
    }

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
            (r#"{"period":{"start":"2024-01-01T00:00:00Z"}}"#, "period.end"),
            (r#"{"period":{"start":"2024-02-01T00:00:00Z","end":"2024-01-01T00:00:00Z"}}"#, "period"),
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
