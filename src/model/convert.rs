//! Exact conversion between units.

use crate::model::error::{Error, ErrorCode, quoted};
use crate::model::unit::Unit;
use crate::number::decimal::{Decimal, MAX_FRACTION_DIGITS, NumberError, RETURNED_DIGITS};
use crate::number::exact::scaled;

/// Fraction digits, if the caller names none.
const FRACTION_DIGITS: u32 = 20;

/// Converts a quantity to another unit of the same dimension. Returns canonical decimal text.
///
/// A result that is a finite decimal is exact. Any other is rounded half to even at `fraction_digits` (20 by default).
///
/// ```
/// assert_eq!(meterglot::convert("12000", "MHz.5.min", "GHz.h", None)?, "1");
/// assert_eq!(meterglot::convert("1", "By.s", "By.min", Some(4))?, "0.0167");
/// # Ok::<(), meterglot::Error>(())
/// ```
///
/// # Errors
/// `invalid-number` and `number-out-of-range` for a quantity that is not a decimal of at most 256 digits; `invalid-option`
/// for a unit outside the vocabulary, units of two dimensions, or more than 256 fraction digits.
pub fn convert(quantity: &str, from: &str, to: &str, fraction_digits: Option<u32>) -> Result<String, Error> {
    let (from, to) = (unit("from", from)?, unit("to", to)?);
    if !from.is_comparable(to) {
        return Err(Error::option("to", format!("expected a unit of the dimension of {from}, found {to}")));
    }
    let digits = fraction_digits.unwrap_or(FRACTION_DIGITS);
    check_fraction_digits(digits)?;
    let max_digits = RETURNED_DIGITS;
    let value = Decimal::parse(quantity, max_digits).map_err(|error| match error {
        NumberError::Invalid => {
            Error::new(ErrorCode::InvalidNumber, format!("expected a decimal, found {}", quoted(quantity)))
        }
        NumberError::OutOfRange => {
            Error::new(ErrorCode::NumberOutOfRange, format!("a number of more than {max_digits} digits"))
        }
    })?;
    Ok(scaled(&value, (from.factor(), to.factor()), digits).to_string())
}

/// # Errors
/// `invalid-option` for more fraction digits than a number may have.
pub(crate) fn check_fraction_digits(digits: u32) -> Result<(), Error> {
    if digits <= MAX_FRACTION_DIGITS {
        return Ok(());
    }
    Err(Error::option(
        "fractionDigits",
        format!("expected a whole number from 0 to {MAX_FRACTION_DIGITS}, found {digits}"),
    ))
}

fn unit(name: &str, code: &str) -> Result<Unit, Error> {
    Unit::named(code).map_err(|why| Error::option(name, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_convert_exactly_within_one_dimension() {
        for (quantity, from, to, due) in [
            ("7", "GiBy", "By", "7516192768"),
            ("1", "By", "GiBy", "0.000000000931322574615478515625"),
            ("309237645312", "By.5.min", "GiBy.d", "1"),
            ("1", "By.s", "By.min", "0.01666666666666666667"),
            ("-1.50", "kBy", "By", "-1500"),
        ] {
            assert_eq!(convert(quantity, from, to, None).unwrap(), due);
        }
    }

    #[test]
    fn what_cannot_be_converted_is_refused() {
        for (quantity, from, to, digits, code) in [
            ("1", "By", "By.s", None, ErrorCode::InvalidOption),
            ("1", "By", "{object}", None, ErrorCode::InvalidOption),
            ("1", "GB", "By", None, ErrorCode::InvalidOption),
            ("1", "By", "GB", None, ErrorCode::InvalidOption),
            ("1", "By", "By", Some(257), ErrorCode::InvalidOption),
            ("one", "By", "By", None, ErrorCode::InvalidNumber),
            ("1e400", "By", "By", None, ErrorCode::NumberOutOfRange),
        ] {
            assert_eq!(convert(quantity, from, to, digits).unwrap_err().code(), code, "{quantity} {from} {to}");
        }
    }
}
