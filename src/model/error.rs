//! One error type with a code and a position.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::model::names::names;
use crate::model::provider::Provider;

/// The most characters of a quoted text that a message shows.
const QUOTED: usize = 40;
/// The most characters of a message.
const MESSAGE: usize = 1000;
/// The most characters of one of a provider's own texts, and the most texts.
const PROVIDER_TEXT: usize = 1000;
const PROVIDER_TEXTS: usize = 100;

/// At most 40 characters of a text that a message quotes: of a body, a request or an option. `…` marks what was cut off.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    cut(text, QUOTED)
}

/// The same in quotes, control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

/// The path of a member of an option whose name is the caller's: `reduce["gauge"]`.
pub(crate) fn member(option: &str, name: &str) -> String {
    format!("{option}[{}]", quoted(name))
}

/// At most so many characters of a text.
fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

/// A message of bounded length.
fn message_of(message: impl Into<String>) -> String {
    let message = message.into();
    match cut(&message, MESSAGE - 1) {
        Cow::Owned(cut) => cut,
        Cow::Borrowed(_) => message,
    }
}

names! {
    /// What kind of fault an [`Error`] or an [`Issue`] reports. The list is closed and part of the public contract.
    ErrorCode {
        /// The body has none of the known formats.
        UnknownFormat = "unknown-format",
        /// Not UTF-8.
        InvalidEncoding = "invalid-encoding",
        /// The body breaks the syntax of JSON.
        InvalidJson = "invalid-json",
        /// The body breaks the syntax of XML, or has a DOCTYPE.
        InvalidXml = "invalid-xml",
        /// An error reply of the provider: see `providerCodes` and `providerMessages`.
        ProviderError = "provider-error",
        /// A known format with a value of the wrong type, or data without usage.
        UnexpectedShape = "unexpected-shape",
        /// A row lacks a field that its record needs.
        MissingField = "missing-field",
        /// A text that is not a number, where one was expected.
        InvalidNumber = "invalid-number",
        /// More than `maxDigits` significant digits, or more than 256 fraction digits.
        NumberOutOfRange = "number-out-of-range",
        /// Not an RFC 3339 time or date, or one that does not exist.
        InvalidTimestamp = "invalid-timestamp",
        /// deviceWISE: a counter whose length differs from that of `ts`.
        LengthMismatch = "length-mismatch",
        /// One of `limits`, or the limit of an aggregation; the message names it.
        LimitExceeded = "limit-exceeded",
        /// An option, a record or a call that is not allowed.
        InvalidOption = "invalid-option",
        /// For example the sum of a level over time; the message names the reducers to use.
        IncompatibleAggregation = "incompatible-aggregation",
        /// Reserved: currency always separates the groups of an aggregation.
        MixedCurrency = "mixed-currency",
        /// Two records with one id and different values.
        ConflictingRecord = "conflicting-record",
        /// A defect of Meterglot. The engine was restarted; the next call works.
        Internal = "internal",
    }
}

impl ErrorCode {
    /// Whether reading of a body stops after a fault of this kind.
    pub(crate) const fn ends_the_body(self) -> bool {
        matches!(
            self,
            Self::UnknownFormat
                | Self::InvalidEncoding
                | Self::InvalidJson
                | Self::InvalidXml
                | Self::LimitExceeded
                | Self::InvalidOption
                | Self::Internal
        )
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place in a body. Lines and columns start at 1, columns and offsets count bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    /// 1-based.
    pub line: u64,
    /// 1-based, in bytes.
    pub column: u64,
    /// Bytes from the start of the body.
    pub offset: u64,
}

/// A fault after which reading continued (`onError: "collect"`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// What kind of fault it is.
    pub code: ErrorCode,
    /// What was expected and what was found.
    pub message: String,
    /// 0-based index of the body.
    pub page: usize,
    /// JSON Pointer, or an XPath for XML.
    pub pointer: Option<String>,
    /// Line, column and offset, if the fault has a position in the body.
    pub position: Option<Position>,
}

impl Serialize for Issue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut s = serializer.serialize_struct("Issue", 7)?;
        s.serialize_field("code", &self.code)?;
        s.serialize_field("message", &self.message)?;
        s.serialize_field("page", &self.page)?;
        s.serialize_field("pointer", &self.pointer)?;
        s.serialize_field("line", &self.position.map(|p| p.line))?;
        s.serialize_field("column", &self.position.map(|p| p.column))?;
        s.serialize_field("offset", &self.position.map(|p| p.offset))?;
        s.end()
    }
}

/// Why a call failed. Cheap to move: its parts are in one box.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.describe())]
pub struct Error(Box<ErrorParts>);

/// The parts of an [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorParts {
    /// What kind of fault it is.
    pub code: ErrorCode,
    /// What was expected and what was found.
    pub message: String,
    /// The provider that sent the reply, if known.
    pub provider: Option<Provider>,
    /// 0-based index of the body.
    pub page: Option<usize>,
    /// JSON Pointer, or an XPath for XML.
    pub pointer: Option<String>,
    /// Line, column and offset in the body.
    pub position: Option<Position>,
    /// The provider's own error codes (`provider-error`): at most 100, of at most 1,000 characters each.
    pub provider_codes: Vec<String>,
    /// The provider's own messages (`provider-error`): at most 100, of at most 1,000 characters each.
    pub provider_messages: Vec<String>,
}

impl Serialize for ErrorParts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut s = serializer.serialize_struct("Error", 10)?;
        s.serialize_field("code", &self.code)?;
        s.serialize_field("message", &self.message)?;
        s.serialize_field("provider", &self.provider)?;
        s.serialize_field("page", &self.page)?;
        s.serialize_field("pointer", &self.pointer)?;
        s.serialize_field("line", &self.position.map(|p| p.line))?;
        s.serialize_field("column", &self.position.map(|p| p.column))?;
        s.serialize_field("offset", &self.position.map(|p| p.offset))?;
        s.serialize_field("providerCodes", &self.provider_codes)?;
        s.serialize_field("providerMessages", &self.provider_messages)?;
        s.end()
    }
}

impl Error {
    #[cold]
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Box::new(ErrorParts {
            code,
            message: message_of(message),
            provider: None,
            page: None,
            pointer: None,
            position: None,
            provider_codes: Vec::new(),
            provider_messages: Vec::new(),
        }))
    }

    #[cold]
    pub(crate) fn option(name: &str, expected: impl fmt::Display) -> Self {
        Self::new(ErrorCode::InvalidOption, format!("option `{}`: {expected}", shortened(name)))
    }

    /// A problem of a format descriptor, at one of its values.
    #[cold]
    pub(crate) fn descriptor(pointer: String, message: String, position: Option<Position>) -> Self {
        let separator = if pointer.is_empty() { "" } else { ": " };
        let mut error = Self::new(ErrorCode::InvalidOption, format!("{pointer}{separator}{message}"));
        error.0.pointer = Some(pointer);
        error.0.position = position;
        error
    }

    pub(crate) fn from_fault(
        fault: Fault,
        provider: Option<Provider>,
        page: usize,
        position: Option<Position>,
    ) -> Self {
        let fault = *fault.0;
        Self(Box::new(ErrorParts {
            code: fault.code,
            message: fault.message,
            provider,
            page: Some(page),
            pointer: fault.pointer,
            position,
            provider_codes: fault.provider_codes,
            provider_messages: fault.provider_messages,
        }))
    }

    pub(crate) fn from_issue(issue: Issue, provider: Option<Provider>) -> Self {
        let mut error = Self::new(issue.code, issue.message);
        error.0.provider = provider;
        error.0.page = Some(issue.page);
        error.0.pointer = issue.pointer;
        error.0.position = issue.position;
        error
    }

    /// What kind of fault it is.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// All parts of the error.
    pub fn parts(&self) -> &ErrorParts {
        &self.0
    }

    /// The error as JSON, in the field names of the public contract.
    pub fn to_json(&self) -> String {
        // Writing to memory cannot fail, and every key is a string.
        serde_json::to_string(&*self.0).unwrap_or_default()
    }

    fn describe(&self) -> String {
        let p = &*self.0;
        // A problem of a descriptor begins with its pointer.
        let pointer = p.pointer.as_deref().filter(|pointer| !p.message.starts_with(&format!("{pointer}: ")));
        let pointer = pointer.map(|pointer| cut(pointer, 5 * QUOTED));
        match (&pointer, p.position) {
            (Some(pointer), Some(at)) if !pointer.is_empty() => {
                format!("{} (at {pointer}, line {}, column {})", p.message, at.line, at.column)
            }
            (_, Some(at)) => format!("{} (line {}, column {})", p.message, at.line, at.column),
            (Some(pointer), None) if !pointer.is_empty() => format!("{} (at {pointer})", p.message),
            _ => p.message.clone(),
        }
    }
}

/// A fault as a reader reports it, without line, column and page.
#[derive(Clone, Debug)]
pub(crate) struct Fault(Box<FaultParts>);

#[derive(Clone, Debug)]
pub(crate) struct FaultParts {
    pub code: ErrorCode,
    pub message: String,
    pub pointer: Option<String>,
    /// The end of the pointer, below the item that is being read.
    pub tail: Option<String>,
    /// Bytes from the start of the body.
    pub offset: Option<u64>,
    pub position: Option<Position>,
    pub provider_codes: Vec<String>,
    pub provider_messages: Vec<String>,
}

impl Fault {
    #[cold]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Box::new(FaultParts {
            code,
            message: message_of(message),
            pointer: None,
            tail: None,
            offset: None,
            position: None,
            provider_codes: Vec::new(),
            provider_messages: Vec::new(),
        }))
    }

    #[cold]
    pub fn provider(message: impl Into<String>, codes: Vec<String>, messages: Vec<String>) -> Self {
        let bounded = |texts: Vec<String>| {
            texts.iter().take(PROVIDER_TEXTS).map(|text| cut(text, PROVIDER_TEXT).into_owned()).collect()
        };
        let mut fault = Self::new(ErrorCode::ProviderError, message);
        fault.0.provider_codes = bounded(codes);
        fault.0.provider_messages = bounded(messages);
        fault
    }

    /// Sets the offset in the body, unless the fault has one already.
    pub fn at(mut self, offset: u64) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }

    /// Sets the end of the pointer, inside the item that is being read. [`Fault::within`] puts the item's own pointer before it.
    pub fn in_item(mut self, tail: String) -> Self {
        self.0.tail.get_or_insert(tail);
        self
    }

    /// Sets the pointer to the faulty value, unless the fault has one already.
    pub fn within(mut self, item: impl FnOnce() -> String) -> Self {
        if self.0.pointer.is_none() {
            let tail = self.0.tail.take().unwrap_or_default();
            self.0.pointer = Some(item() + &tail);
        }
        self
    }

    /// Sets the position, computed by the caller.
    pub fn at_position(mut self, position: Position) -> Self {
        self.0.position = Some(position);
        self
    }

    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    pub fn message(&self) -> &str {
        &self.0.message
    }

    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }

    pub fn into_issue(self, page: usize, position: Option<Position>) -> Issue {
        Issue { code: self.0.code, message: self.0.message, page, pointer: self.0.pointer, position }
    }
}
