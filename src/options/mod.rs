//! Options for reading a body.

pub(crate) mod members;
pub(crate) mod read;
pub(crate) mod request;

use std::sync::Arc;

use crate::descriptor::FormatDescriptor;
use crate::model::error::{Error, quoted};
use crate::model::names::names;
use crate::model::provider::Provider;
use crate::model::time::Instant;
use crate::options::read::{Defined, OptionReader};
use crate::options::request::Request;
use crate::read::limits::Limits;

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
    /// The body's format: nothing is detected but error replies. Excludes `formats`.
    pub format: Option<FormatDescriptor>,
    /// Further formats for detection, in this order before the built-in ones. `provider` may be that of one of them.
    pub formats: Vec<FormatDescriptor>,
    /// The reply's `Content-Type`. A hint only: `text/html` is an error page.
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
    &["provider", "format", "formats", "contentType", "request", "account", "currency", "period", "onError", "limits"];

/// The options of `detect`.
const HINTS: &[&str] = &["format", "formats", "contentType", "request"];

impl ReadOptions {
    /// Reads options from JSON, with the names of the public contract. An empty text gives the defaults. `format` is the name of a
    /// built-in format; descriptors are set on [`ReadOptions::format`] and [`ReadOptions::formats`].
    ///
    /// # Errors
    /// `invalid-option`, naming the option that is unknown or has a wrong value.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        Self::from_json_with(json, &|_| None)
    }

    /// Reads options as [`ReadOptions::from_json`] does, with the formats that the caller has defined.
    pub(crate) fn from_json_with(json: &str, defined: Defined<'_>) -> Result<Self, Error> {
        let mut reader = OptionReader::new(defined);
        members::options(json, READING, &mut |name, path, value| reader.read(name, path, value))?;
        reader.finish()
    }

    /// Reads the options of `detect`, as [`ReadOptions::from_json`] does.
    ///
    /// # Errors
    /// `invalid-option`, naming the option that is unknown or has a wrong value.
    pub fn hints_from_json(json: &str) -> Result<Self, Error> {
        Self::hints_from_json_with(json, &|_| None)
    }

    /// Reads the options of `detect`, with the formats that the caller has defined.
    pub(crate) fn hints_from_json_with(json: &str, defined: Defined<'_>) -> Result<Self, Error> {
        let mut reader = OptionReader::new(defined);
        members::options(json, HINTS, &mut |name, path, value| reader.read(name, path, value))?;
        let options = reader.finish()?;
        options.of_one_body()?;
        Ok(options)
    }

    /// # Errors
    /// `invalid-option` where both [`ReadOptions::format`] and [`ReadOptions::formats`] are given, or two formats of one name.
    fn check_formats(&self) -> Result<(), Error> {
        if self.format.is_some() && !self.formats.is_empty() {
            return Err(Error::option("formats", "expected either `format` or `formats`, found both"));
        }
        for (place, format) in self.formats.iter().enumerate() {
            if self.formats[..place].iter().any(|other| other.format() == format.format()) {
                let found = quoted(format.format());
                return Err(Error::option(
                    &format!("formats[{place}]"),
                    format!("expected formats of different names, found {found} twice"),
                ));
            }
        }
        Ok(())
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
    /// `invalid-option` where options exclude each other: [`ReadOptions::format`] and [`ReadOptions::formats`], two formats of one
    /// name, or [`ReadOptions::requests`] where one body is read.
    pub(crate) fn of_one_body(&self) -> Result<(), Error> {
        self.check_formats()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_listed_and_read() {
        for name in READING.iter().chain(HINTS) {
            let error = ReadOptions::from_json(&format!(r#"{{"{name}":null}}"#)).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`: expected")) && error.ends_with("found null"), "{error}");
        }
        for name in read::LIMITS {
            let error = ReadOptions::from_json(&format!(r#"{{"limits":{{"{name}":0}}}}"#)).unwrap_err().to_string();
            assert!(error.contains(&format!("`limits.{name}`: expected a whole number above zero")), "{error}");
        }
    }

    #[test]
    fn detection_has_the_options_that_show_the_format() {
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
