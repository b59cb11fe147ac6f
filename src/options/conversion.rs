//! The arguments of `convert`, as the npm package passes them.

use crate::model::error::Error;
use crate::options::members::{self, fraction_digits, missing, text};

/// A conversion that is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Conversion {
    pub quantity: String,
    pub from: String,
    pub to: String,
    pub fraction_digits: Option<u32>,
}

impl Conversion {
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let (mut quantity, mut from, mut to, mut digits) = (None, None, None, None);
        members::options(json, &["quantity", "from", "to", "fractionDigits"], &mut |name, path, value| {
            match name {
                "quantity" => quantity = Some(text(path, value)?.to_owned()),
                "from" => from = Some(text(path, value)?.to_owned()),
                "to" => to = Some(text(path, value)?.to_owned()),
                _ => digits = Some(fraction_digits(path, value)?),
            }
            Ok(true)
        })?;
        let there = |name: &str, text: Option<String>| text.ok_or_else(|| missing(name, "a string"));
        Ok(Self {
            quantity: there("quantity", quantity)?,
            from: there("from", from)?,
            to: there("to", to)?,
            fraction_digits: digits,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_of_the_wrong_type_is_named() {
        for (json, name) in [
            (r#"{"from":"By","to":"kBy"}"#, "quantity"),
            (r#"{"quantity":1,"from":"By","to":"kBy"}"#, "quantity"),
            (r#"{"quantity":"1","from":null,"to":"kBy"}"#, "from"),
            (r#"{"quantity":"1","from":"By"}"#, "to"),
            (r#"{"quantity":"1","from":"By","to":"kBy","fractionDigits":1.5}"#, "fractionDigits"),
        ] {
            let error = Conversion::from_json(json).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`: expected")), "{json}: {error}");
        }
        let whole = Conversion::from_json(r#"{"quantity":"1","from":"By","to":"kBy","fractionDigits":3}"#).unwrap();
        assert_eq!((whole.quantity.as_str(), whole.fraction_digits), ("1", Some(3)));
    }
}
