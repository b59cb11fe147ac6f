//! A provider's own value, for [`crate::parse`]: every field as it was sent.

use super::tape::{Element, Shape, TypeHint};
use crate::decimal::Decimal;
use crate::error::Fault;
use crate::provider::Encoding;

/// A value as the provider sent it. Numbers stay exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`, or an element that is nil.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer a double holds exactly (|n| ≤ 2^53 − 1).
    Integer(i64),
    /// An integer beyond that, in decimal digits.
    BigInteger(String),
    /// A number with a fraction or an exponent.
    Decimal(Decimal),
    /// A text.
    Text(String),
    /// A list.
    Array(Vec<Value>),
    /// Fields in the order of the body. A name that stands more than once has an array of its values.
    Object(Vec<(String, Value)>),
}

const LARGEST_SAFE: i64 = (1 << 53) - 1;

impl Value {
    /// Reads a value off its tape. `is_number` names XML fields that are numbers though no `type` says so.
    pub(crate) fn read(element: &Element<'_>, is_number: fn(&str) -> bool, max_digits: u64) -> Result<Self, Fault> {
        Ok(match element.shape() {
            Shape::Null => Self::Null,
            Shape::Bool => Self::Bool(element.raw() == b"true"),
            Shape::Number => Self::number(element, max_digits)?,
            Shape::Text | Shape::EscapedText => {
                let typed = element.encoding() == Encoding::Xml
                    && (element.hint() == TypeHint::Number
                        || (element.hint() == TypeHint::None && is_number(&element.name())));
                if typed { Self::number(element, max_digits)? } else { Self::Text(element.text().into_owned()) }
            }
            Shape::Array => Self::Array(
                element.children().map(|child| Self::read(&child, is_number, max_digits)).collect::<Result<_, _>>()?,
            ),
            Shape::Object => {
                let mut fields = Fields::default();
                for child in element.children() {
                    fields.add(child.name().into_owned(), Self::read(&child, is_number, max_digits)?);
                }
                Self::Object(fields.0)
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

/// Fields of an object, names that repeat gathered.
#[derive(Default)]
struct Fields(Vec<(String, Value)>, std::collections::HashMap<String, (usize, bool)>);

impl Fields {
    fn add(&mut self, name: String, value: Value) {
        match self.1.get_mut(&name) {
            None => {
                self.1.insert(name.clone(), (self.0.len(), false));
                self.0.push((name, value));
            }
            Some((at, gathered)) => {
                let slot = &mut self.0[*at].1;
                if *gathered && let Value::Array(values) = slot {
                    values.push(value);
                } else {
                    *slot = Value::Array(vec![std::mem::replace(slot, Value::Null), value]);
                    *gathered = true;
                }
            }
        }
    }
}
