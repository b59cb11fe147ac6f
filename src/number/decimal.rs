//! Exact decimals: read from text, stored in full, written in canonical form.

use std::fmt;

use crate::number::wide::Wide;

/// The most fraction digits of a number. With more, an exponent of a few bytes could stand for a very long text.
pub const MAX_FRACTION_DIGITS: u32 = 256;

/// The most digits of a number that a caller passes in. Sums have more digits than their terms.
pub(crate) const RETURNED_DIGITS: u64 = 256;

/// The most digits that always fit the small form.
pub(crate) const SMALL_DIGITS: usize = 18;

/// An exact decimal number of any size, always in lowest terms: `0.10` is stored as 1 × 10⁻¹.
///
/// # Design
/// Nearly every number of a usage reply has at most 18 digits, so the common form is a mantissa of 64 bits and a scale,
/// as in the columns of a table. A longer number is stored as a big integer. No float is used anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(Form);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Form {
    Small { mantissa: i64, scale: u32 },
    Wide(Box<(Wide, u32)>),
}

/// Why a text is not a valid number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// Not a number in JSON's grammar.
    Invalid,
    /// More significant digits than the limit, or more fraction digits than 256.
    OutOfRange,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self(Form::Small { mantissa: 0, scale: 0 });

    /// Reads a number in JSON's grammar, exponents included.
    ///
    /// Significant digits are counted in the canonical form: `0.010` has one, `1e3` has four.
    ///
    /// # Errors
    /// [`NumberError::Invalid`] if the text is not a number, [`NumberError::OutOfRange`] if it has more than
    /// `max_digits` significant digits.
    pub fn parse(text: &str, max_digits: u64) -> Result<Self, NumberError> {
        Self::parse_bytes(text.as_bytes(), max_digits)
    }

    pub(crate) fn parse_bytes(text: &[u8], max_digits: u64) -> Result<Self, NumberError> {
        if let Some((mantissa, scale)) = plain_number(text) {
            if max_digits < SMALL_DIGITS as u64 && digits_of(mantissa.unsigned_abs()) > max_digits {
                return Err(NumberError::OutOfRange);
            }
            return Ok(Self::of_small(mantissa, scale));
        }
        let parts = NumberParts::split(text).ok_or(NumberError::Invalid)?;
        parts.assemble(max_digits)
    }

    /// The number mantissa × 10^(−scale), reduced to lowest terms.
    pub fn from_parts(mut mantissa: i128, mut scale: u32) -> Self {
        loop {
            if let Ok(small) = i64::try_from(mantissa) {
                return Self::from_small(small, scale);
            }
            if scale == 0 || mantissa % 10 != 0 {
                return Self(Form::Wide(Box::new((mantissa.into(), scale))));
            }
            mantissa /= 10;
            scale -= 1;
        }
    }

    /// The number mantissa × 10^(−scale), reduced to lowest terms.
    pub(crate) fn from_wide(mut mantissa: Wide, mut scale: u32) -> Self {
        let ten = Wide::from(10);
        while scale > 0 {
            let (quotient, remainder) = mantissa.div_rem(&ten);
            if !remainder.is_zero() {
                break;
            }
            mantissa = quotient;
            scale -= 1;
        }
        match mantissa.to_i128().and_then(|small| i64::try_from(small).ok()) {
            Some(small) => Self::from_small(small, scale),
            None => Self(Form::Wide(Box::new((mantissa, scale)))),
        }
    }

    fn from_small(mut mantissa: i64, mut scale: u32) -> Self {
        if mantissa == 0 {
            return Self::ZERO;
        }
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        if digits_of(mantissa.unsigned_abs()) > SMALL_DIGITS as u64 {
            return Self(Form::Wide(Box::new((mantissa.into(), scale))));
        }
        Self(Form::Small { mantissa, scale })
    }

    /// A number of at most 18 digits, already in lowest terms.
    #[inline]
    pub(crate) fn of_small(mantissa: i64, scale: u32) -> Self {
        Self(Form::Small { mantissa, scale })
    }

    /// Mantissa and scale, if the number has the small form.
    pub(crate) fn small(&self) -> Option<(i64, u32)> {
        match &self.0 {
            Form::Small { mantissa, scale } => Some((*mantissa, *scale)),
            Form::Wide(_) => None,
        }
    }

    /// The bits of a mantissa that is a big integer; 0 for the small form.
    pub(crate) fn wide_bits(&self) -> u64 {
        match &self.0 {
            Form::Small { .. } => 0,
            Form::Wide(wide) => wide.0.bits(),
        }
    }

    /// Mantissa and scale: the value is mantissa × 10^(−scale).
    pub(crate) fn to_parts(&self) -> (Wide, u32) {
        match &self.0 {
            Form::Small { mantissa, scale } => (Wide::from(*mantissa), *scale),
            Form::Wide(wide) => (wide.0.clone(), wide.1),
        }
    }

    /// The nearest double, ties to even. For charts; the engine never reads it back.
    #[expect(clippy::float_arithmetic, reason = "a double for charts; the engine never reads it back")]
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            // A division of two exact doubles is rounded only once.
            Form::Small { mantissa, scale } if mantissa.unsigned_abs() < (1 << 53) && *scale < 20 => {
                *mantissa as f64 / 10u64.pow(*scale) as f64
            }
            _ => self.nearest_double(),
        }
    }

    #[expect(clippy::float_arithmetic, reason = "a double for charts; the engine never reads it back")]
    fn nearest_double(&self) -> f64 {
        let (numerator, scale) = self.to_parts();
        let denominator = Wide::power_of_ten(scale);
        // A quotient of 66 or 67 bits: the 53 bits of the result and the rest for rounding. The lowest bit is set if the quotient is not exact.
        let shift = denominator.bits() as i64 - numerator.bits() as i64 + 66;
        let left = shift.unsigned_abs();
        let magnitude = numerator.abs();
        let (quotient, remainder) = match shift >= 0 {
            true => magnitude.shifted_left(left).div_rem(&denominator),
            false => magnitude.div_rem(&denominator.shifted_left(left)),
        };
        let bits = quotient.to_i128().unwrap_or_default() | i128::from(!remainder.is_zero());
        // 2^n as a product of two powers, because a single one may exceed the range of a double.
        let power = |n: i64| f64::from_bits(((n.clamp(-1023, 1024) + 1023) as u64) << 52);
        let double = bits as f64 * power(-shift / 2) * power(-shift - -shift / 2);
        if numerator.is_negative() { -double } else { double }
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self::from_small(value, 0)
    }
}

impl From<i128> for Decimal {
    fn from(value: i128) -> Self {
        Self::from_parts(value, 0)
    }
}

impl Decimal {
    /// Appends the canonical text.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Form::Small { mantissa, scale } => write_small(*mantissa, *scale, out),
            Form::Wide(wide) => match wide.0.to_i128() {
                Some(mantissa) => {
                    let mut digits = itoa::Buffer::new();
                    write_scaled(mantissa < 0, digits.format(mantissa.unsigned_abs()).as_bytes(), wide.1, out);
                }
                None => write_scaled(wide.0.is_negative(), &wide.0.digits(), wide.1, out),
            },
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.write(&mut text);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// Appends the canonical text of mantissa × 10^(−scale), which must be in lowest terms.
#[inline]
pub(crate) fn write_small(mantissa: i64, scale: u32, out: &mut Vec<u8>) {
    let mut digits = itoa::Buffer::new();
    if scale == 0 {
        out.extend_from_slice(digits.format(mantissa).as_bytes());
    } else {
        write_scaled(mantissa < 0, digits.format(mantissa.unsigned_abs()).as_bytes(), scale, out);
    }
}

fn write_scaled(negative: bool, digits: &[u8], scale: u32, out: &mut Vec<u8>) {
    let scale = scale as usize;
    if negative {
        out.push(b'-');
    }
    match digits.len().checked_sub(scale) {
        _ if scale == 0 => out.extend_from_slice(digits),
        Some(whole) if whole > 0 => {
            out.extend_from_slice(&digits[..whole]);
            out.push(b'.');
            out.extend_from_slice(&digits[whole..]);
        }
        _ => {
            out.extend_from_slice(b"0.");
            out.resize(out.len() + scale - digits.len(), b'0');
            out.extend_from_slice(digits);
        }
    }
}

fn digits_of(n: u64) -> u64 {
    u64::from(n.checked_ilog10().map_or(1, |log| log + 1))
}

/// The most zeros after the point that the fast path reads.
const MOST_ZEROS: usize = 64;

/// Mantissa and scale of a plain number: no exponent, at most 18 digits from the first that is not zero to the last that
/// is written. The result is in lowest terms.
#[inline]
fn plain_number(bytes: &[u8]) -> Option<(i64, u32)> {
    let negative = bytes.first() == Some(&b'-');
    let start = usize::from(negative);
    let (mut value, mut at) = (0i64, start);
    // The value of too many digits wraps around; their count is checked below.
    let read = |value: &mut i64, at: &mut usize| {
        while let Some(digit) = bytes.get(*at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9) {
            *value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
            *at += 1;
        }
    };
    read(&mut value, &mut at);
    let whole = at - start;
    if whole == 0 || (whole > 1 && bytes[start] == b'0') {
        return None;
    }
    let mut scale = 0;
    if bytes.get(at) == Some(&b'.') {
        let point = at;
        at += 1;
        read(&mut value, &mut at);
        scale = at - point - 1;
        if scale == 0 {
            return None;
        }
    }
    if at < bytes.len() {
        return None;
    }
    if whole + scale > SMALL_DIGITS {
        let zeros = bytes[start..at].iter().take_while(|byte| matches!(byte, b'0' | b'.')).count().saturating_sub(1);
        if whole + scale - zeros > SMALL_DIGITS || zeros > MOST_ZEROS {
            return None;
        }
    }
    if scale > 0 && bytes[at - 1] == b'0' {
        while scale > 0 && value % 10 == 0 {
            value /= 10;
            scale -= 1;
        }
    }
    let mantissa = if negative { -value } else { value };
    Some((mantissa, scale as u32))
}

/// The parts of a number's text.
struct NumberParts<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

impl<'a> NumberParts<'a> {
    fn split(text: &'a [u8]) -> Option<Self> {
        let (negative, rest) = match text {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        let (whole, rest) = leading_digits(rest)?;
        if whole.len() > 1 && whole[0] == b'0' {
            return None;
        }
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => leading_digits(rest)?,
            _ => (&rest[..0], rest),
        };
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => {
                let (negative, rest) = match rest {
                    [b'-', rest @ ..] => (true, rest),
                    [b'+', rest @ ..] => (false, rest),
                    _ => (false, rest),
                };
                let (digits, []) = leading_digits(rest)? else {
                    return None;
                };
                let value = digits
                    .iter()
                    .fold(0i64, |value, digit| value.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
                if negative { -value } else { value }
            }
            _ => return None,
        };
        Some(Self { negative, whole, fraction, exponent })
    }

    fn assemble(&self, max_digits: u64) -> Result<Decimal, NumberError> {
        let digits = || self.whole.iter().chain(self.fraction).copied();
        let written = self.whole.len() + self.fraction.len();
        let Some(first) = digits().position(|d| d != b'0') else {
            return Ok(Decimal::ZERO);
        };
        let trailing = digits().rev().take_while(|d| *d == b'0').count();
        let significant = written - first - trailing;
        // The value is the significant digits × 10^exponent.
        let exponent = self.exponent.saturating_sub(self.fraction.len() as i64).saturating_add(trailing as i64);
        let padding = u64::try_from(exponent).unwrap_or(0);
        let scale = u64::try_from(exponent.saturating_neg()).unwrap_or(0);
        if (significant as u64).saturating_add(padding) > max_digits || scale > u64::from(MAX_FRACTION_DIGITS) {
            return Err(NumberError::OutOfRange);
        }
        let significant_digits = digits().skip(first).take(significant);
        let padded = significant_digits.chain(std::iter::repeat_n(b'0', padding as usize));
        if significant as u64 + padding <= SMALL_DIGITS as u64 {
            let value = padded.fold(0i64, |value, d| value * 10 + i64::from(d - b'0'));
            let mantissa = if self.negative { -value } else { value };
            return Ok(Decimal(Form::Small { mantissa, scale: scale as u32 }));
        }
        let mantissa = Wide::from_digits(self.negative, padded);
        Ok(Decimal(Form::Wide(Box::new((mantissa, scale as u32)))))
    }
}

/// The digits at the start, at least one, and the rest.
fn leading_digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
    (count > 0).then(|| text.split_at(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(text: &str) -> String {
        Decimal::parse(text, 76).unwrap().to_string()
    }

    #[test]
    fn a_number_leaves_in_canonical_form() {
        for (text, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.0", "0"),
            ("0E-20", "0"),
            ("-0.00e999999999999999999999", "0"),
            ("1.50", "1.5"),
            ("100", "100"),
            ("1e3", "1000"),
            ("12.5E1", "125"),
            ("-2.5e-3", "-0.0025"),
            ("3.49000004833101e+26", "349000004833101000000000000"),
            ("0.00886683986848225317", "0.00886683986848225317"),
            ("0.01000000000000000000", "0.01"),
            ("999999999999999999", "999999999999999999"),
            ("9999999999999999999", "9999999999999999999"),
            ("-123456789012345678901234567890.5", "-123456789012345678901234567890.5"),
        ] {
            assert_eq!(canonical(text), expected, "{text}");
        }
    }

    #[test]
    fn seventy_six_significant_digits_are_kept_and_one_more_is_refused() {
        let digits = "1234567890".repeat(7) + "123456";
        assert_eq!(canonical(&digits), digits);
        assert_eq!(canonical(&format!("0.{digits}")), format!("0.{digits}"));
        for text in [format!("{digits}7"), format!("0.{digits}7"), "1e76".into(), "1e400".into(), "1e-999".into()] {
            assert_eq!(Decimal::parse(&text, 76), Err(NumberError::OutOfRange), "{text}");
        }
        assert_eq!(Decimal::parse("1234", 3), Err(NumberError::OutOfRange));
        assert_eq!(Decimal::parse("12.4", 3).unwrap().to_string(), "12.4");
    }

    #[test]
    fn what_json_does_not_call_a_number_is_no_number() {
        for text in ["", "-", "+1", "01", ".5", "5.", "1e", "1e+", "0x10", "NaN", "1,5", "1 ", "١", "--1"] {
            assert_eq!(Decimal::parse(text, 76), Err(NumberError::Invalid), "{text}");
        }
    }

    #[test]
    fn the_nearest_double_is_given_for_charts() {
        assert_eq!(Decimal::parse("0.1", 76).unwrap().to_f64(), 0.1);
        assert_eq!(Decimal::parse("9007199254740993", 76).unwrap().to_f64(), 9_007_199_254_740_992.0);
    }

    #[test]
    fn the_fast_path_reads_what_the_general_path_reads() {
        let long = |text: &str| NumberParts::split(text.as_bytes()).map(|parts| parts.assemble(76).unwrap());
        let mut plain = 0;
        for whole in ["0", "7", "10", "00", "-0", "-12", "", "-", "123456789012345678", "1234567890123456789"] {
            for fraction in ["", ".", ".0", ".5", ".50", ".010", ".000000000000000000123", ".12345678901234567", ".1e3"]
            {
                for text in [format!("{whole}{fraction}"), format!("{whole}{fraction}0")] {
                    let read =
                        plain_number(text.as_bytes()).map(|(mantissa, scale)| Decimal::of_small(mantissa, scale));
                    plain += usize::from(read.is_some());
                    assert!(read.is_none() || read == long(&text), "{text}");
                }
            }
        }
        assert!(plain > 50, "{plain}");
        for text in ["0.", "00", "-", "", "1234567890123456789", "0.1234567890123456789", "x"] {
            assert_eq!(plain_number(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_nearest_double_is_the_one_its_text_reads_as(mantissa: i128, scale in 0u32..120, digits in 1usize..80) {
            let short = mantissa.to_string().chars().take(digits).chain("1".chars()).collect::<String>();
            for number in [Decimal::from_parts(mantissa, scale), Decimal::parse(&format!("{short}e-{scale}"), 200).unwrap()] {
                prop_assert_eq!(number.to_f64().to_bits(), number.to_string().parse::<f64>().unwrap().to_bits(), "{}", number);
            }
        }

        #[test]
        fn a_canonical_text_is_read_back_as_itself(mantissa: i128, scale in 0u32..60) {
            let number = Decimal::from_parts(mantissa, scale);
            prop_assert_eq!(&Decimal::from_wide(mantissa.into(), scale), &number);
            let text = number.to_string();
            prop_assert_eq!(Decimal::parse(&text, 200).unwrap(), number);
        }
    }
}
