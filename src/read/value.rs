//! A provider's own value, for [`crate::parse`]: every field as it was sent.

use std::fmt;

use super::json::Scanner;
use super::keys::Keys;
use super::tape::{Element, Item, Tape, TypeHint, ValueType};
use crate::collections::Codes;
use crate::model::error::Fault;
use crate::model::provider::Encoding;
use crate::number::decimal::{Decimal, RETURNED_DIGITS};
use crate::read::limits::DEEPEST;
use crate::read::visitor::{Input, ParserLimits, Scan};

/// A value as the provider sent it. Numbers stay exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`, or an element that is nil.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer that a double represents exactly (|n| ≤ 2^53 − 1).
    Integer(i64),
    /// An integer beyond that, in decimal digits.
    BigInteger(String),
    /// A number with a fraction or an exponent.
    Decimal(Decimal),
    /// A string.
    Text(String),
    /// A list.
    Array(Vec<Value>),
    /// Fields in the order of the body. If a name occurs more than once, its value is an array.
    Object(Vec<(String, Value)>),
}

const LARGEST_SAFE: i64 = (1 << 53) - 1;

/// Reads a JSON text that a caller wrote: options, a request's body, records.
pub(crate) fn read_json<T>(text: &str, read: impl FnOnce(Element<'_>) -> T) -> Result<T, Fault> {
    let mut tape = Tape::default();
    let bytes = text.trim_matches([' ', '\n', '\r', '\t']).as_bytes();
    record_value(bytes, &mut tape)?;
    let item = Item { nodes: &tape.nodes, bytes, names: bytes, at: 0, encoding: Encoding::Json, template: 0 };
    Ok(read(item.root()))
}

/// Records a text that is one value on the tape.
fn record_value(bytes: &[u8], tape: &mut Tape) -> Result<(), Fault> {
    let mut scanner = Scanner::new(Input { bytes, base: 0, last: true }, 0);
    let limits = ParserLimits { depth: DEEPEST as usize, row_bytes: u64::MAX };
    let read = scanner.value(&mut Keys::default(), tape, 0, &limits);
    let read = read.and_then(|()| if scanner.at < bytes.len() { Err(scanner.unexpected("the end")) } else { Ok(()) });
    read.map_err(|stop| match stop {
        Scan::Fault(fault) => fault,
        Scan::NeedMore => Fault::new(crate::model::error::ErrorCode::InvalidJson, "expected a whole value"),
    })
}

impl Value {
    /// Reads a JSON text that a caller wrote.
    pub(crate) fn from_json(text: &str) -> Result<Self, Fault> {
        read_json(text, |root| Self::read(&root, &|_| false, RETURNED_DIGITS))?
    }

    /// The content of a string.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn as_whole(&self) -> Option<u64> {
        match self {
            Self::Integer(number) => u64::try_from(*number).ok(),
            Self::BigInteger(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// The fields of an object.
    pub(crate) fn as_fields(&self) -> Option<&[(String, Value)]> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// Reads a value off its tape. `is_number` names XML fields that are numbers though no `type` says so.
    pub(crate) fn read(
        element: &Element<'_>,
        is_number: &dyn Fn(&str) -> bool,
        max_digits: u64,
    ) -> Result<Self, Fault> {
        Ok(match element.value_type() {
            ValueType::Null => Self::Null,
            ValueType::Bool => Self::Bool(element.raw() == b"true"),
            ValueType::Number => Self::number(element, max_digits)?,
            ValueType::Text | ValueType::EscapedText => {
                let typed = element.encoding() == Encoding::Xml
                    && (element.hint() == TypeHint::Number
                        || (element.hint() == TypeHint::None && is_number(&element.name())));
                if typed { Self::number(element, max_digits)? } else { Self::Text(element.text().into_owned()) }
            }
            ValueType::Array => Self::Array(
                element.children().map(|child| Self::read(&child, is_number, max_digits)).collect::<Result<_, _>>()?,
            ),
            ValueType::Object => {
                let mut fields = Fields::default();
                for child in element.children() {
                    fields.add(child.name().into_owned(), Self::read(&child, is_number, max_digits)?);
                }
                Self::Object(fields.fields)
            }
        })
    }

    fn number(element: &Element<'_>, max_digits: u64) -> Result<Self, Fault> {
        let decimal = element.number(max_digits)?;
        let written_whole = element.raw().iter().all(|b| b.is_ascii_digit() || *b == b'-');
        Ok(match (written_whole, decimal.small()) {
            (true, Some((value, 0))) if value.abs() <= LARGEST_SAFE => Self::Integer(value),
            (true, _) => Self::BigInteger(decimal.to_string()),
            (false, _) => Self::Decimal(decimal),
        })
    }
}

/// The fields of an object, with repeated names combined.
#[derive(Default)]
struct Fields {
    fields: Vec<(String, Value)>,
    /// For each field: whether its value is the array of a repeated name.
    gathered: Vec<bool>,
    names: Codes,
}

impl Fields {
    fn add(&mut self, name: String, value: Value) {
        let (at, is_new) = self.names.of(|key| key.text(Some(&name)));
        if is_new {
            self.fields.push((name, value));
            self.gathered.push(false);
            return;
        }
        let slot = &mut self.fields[at as usize].1;
        let gathered = std::mem::replace(&mut self.gathered[at as usize], true);
        if gathered && let Value::Array(values) = slot {
            values.push(value);
        } else {
            *slot = Value::Array(vec![std::mem::replace(slot, Value::Null), value]);
        }
    }
}

/// As JSON.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => f.write_str(if *value { "true" } else { "false" }),
            Self::Integer(number) => write!(f, "{number}"),
            Self::BigInteger(digits) => f.write_str(digits),
            Self::Decimal(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{}", Quoted(text)),
            Self::Array(values) => {
                for (i, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if i == 0 { '[' } else { ',' })?;
                }
                f.write_str(if values.is_empty() { "[]" } else { "]" })
            }
            Self::Object(fields) => {
                for (i, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{}:{value}", if i == 0 { '{' } else { ',' }, Quoted(name))?;
                }
                f.write_str(if fields.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

/// A text as a JSON string.
struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self.0).unwrap_or_default())
    }
}
