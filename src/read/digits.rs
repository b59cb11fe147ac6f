//! Reads numbers eight digits at a time.

use crate::number::decimal::SMALL_DIGITS;

/// A plain number (no exponent) of at most 18 digits: mantissa × 10^(−scale), in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmallNumber {
    pub mantissa: i64,
    pub scale: u8,
}

const POWERS: [u64; SMALL_DIGITS + 1] = {
    let mut powers = [1; _];
    let mut i = 1;
    while i <= SMALL_DIGITS {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// The small number at `at` in JSON's grammar, and where it ends. `None` if there is none, or if the end of `bytes` is too
/// near to be sure.
#[inline(always)]
pub fn small_number(bytes: &[u8], at: usize) -> Option<(SmallNumber, usize)> {
    // Nearly all numbers are integers of at most 15 digits: two words contain them and the byte after them. Both words are always
    // computed: the length of the next number cannot be predicted, and a mispredicted branch costs more.
    let chunk: &[u8; 16] = bytes.get(at..)?.first_chunk()?;
    let (first, second) = (eight(chunk, 0)?, eight(chunk, 8)?);
    let ((high, count), (low, more)) = (front(first), front(second));
    let (low, more) = if count == 8 { (low, more) } else { (0, 0) };
    let (value, count) = (high * POWERS[more] + low, count + more);
    let leading_zero = (count > 1) & (first as u8 == b'0');
    if (1..16).contains(&count) && !(leading_zero | goes_on(chunk[count])) {
        return Some((SmallNumber { mantissa: value as i64, scale: 0 }, at + count));
    }
    if count > 0 || first as u8 == b'-' { longer_number(bytes, at) } else { None }
}

/// Whether a number continues after its digits.
#[inline]
fn goes_on(byte: u8) -> bool {
    (byte == b'.') | (byte | 0x20 == b'e')
}

#[inline(never)]
fn longer_number(bytes: &[u8], at: usize) -> Option<(SmallNumber, usize)> {
    let negative = bytes[at] == b'-';
    let start = at + usize::from(negative);
    let (whole, mut end) = digits(bytes, start)?;
    let leading_zero = bytes[start] == b'0' && end - start > 1;
    if end == start || leading_zero {
        return None;
    }
    let (mut mantissa, mut scale) = (whole, 0);
    if *bytes.get(end)? == b'.' {
        let (fraction, after) = digits(bytes, end + 1)?;
        let count = after - (end + 1);
        if count == 0 || end - start + count > SMALL_DIGITS {
            return None;
        }
        (mantissa, scale) = in_lowest_terms(whole * POWERS[count] + fraction, count as u8);
        end = after;
    }
    if goes_on(*bytes.get(end)?) {
        return None;
    }
    let mantissa = if negative { -(mantissa as i64) } else { mantissa as i64 };
    Some((SmallNumber { mantissa, scale }, end))
}

#[inline]
fn in_lowest_terms(mut mantissa: u64, mut scale: u8) -> (u64, u8) {
    if mantissa == 0 {
        return (0, 0);
    }
    while scale > 0 && mantissa.is_multiple_of(10) {
        mantissa /= 10;
        scale -= 1;
    }
    (mantissa, scale)
}

/// The digits at `at`, at most 18, and where they end.
#[inline]
fn digits(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let start = at;
    let (mut value, mut count) = front(eight(bytes, at)?);
    at += count;
    while count == 8 {
        let next;
        (next, count) = front(eight(bytes, at)?);
        at += count;
        if at - start > SMALL_DIGITS {
            return None;
        }
        value = value * POWERS[count] + next;
    }
    Some((value, at))
}

/// The same as [`small_number`], for numbers that nearly all have a fraction: up to seven digits before the point
/// and fifteen after it are read as three words, without a branch on their count.
#[inline]
pub fn small_decimal(bytes: &[u8], at: usize) -> Option<(SmallNumber, usize)> {
    let first = eight(bytes, at)?;
    let (whole, count) = front(first);
    let has_point = count < 8 && (first >> (8 * count)) as u8 == b'.';
    let leading_zero = count > 1 && first as u8 == b'0';
    if count == 0 || !has_point || leading_zero {
        return small_number(bytes, at);
    }
    let start = at + count + 1;
    let chunk: &[u8; 16] = bytes.get(start..)?.first_chunk()?;
    let ((high, behind), (low, more)) = (front(eight(chunk, 0)?), front(eight(chunk, 8)?));
    let (low, more) = if behind == 8 { (low, more) } else { (0, 0) };
    let behind = behind + more;
    if !(1..16).contains(&behind) || count + behind > SMALL_DIGITS || chunk[behind] | 0x20 == b'e' {
        return small_number(bytes, at);
    }
    let mantissa = whole * POWERS[behind] + high * POWERS[more] + low;
    let (mantissa, scale) = match mantissa {
        0 => (0, 0),
        _ if chunk[behind - 1] == b'0' => in_lowest_terms(mantissa, behind as u8),
        _ => (mantissa, behind as u8),
    };
    Some((SmallNumber { mantissa: mantissa as i64, scale }, start + behind))
}

/// Whether a text has only bytes of numbers, with signs where numbers have them. A date has not.
pub fn may_be_number(text: &[u8]) -> bool {
    let mut before = b'e';
    text.iter().all(|byte| {
        let is_sign = matches!(byte, b'-' | b'+');
        let fits = if is_sign { before | 0x20 == b'e' } else { matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E') };
        before = *byte;
        fits
    })
}

/// Eight bytes as one word, the first byte lowest.
#[inline]
pub fn eight(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

/// The highest bit of each byte.
pub const HIGH_BITS: u64 = every(0x80);

/// A word of eight equal bytes.
pub const fn every(byte: u8) -> u64 {
    byte as u64 * 0x0101_0101_0101_0101
}

/// The value of the digits at the start of eight bytes, and their count.
#[inline]
fn front(word: u64) -> (u64, usize) {
    let digits = word ^ every(b'0');
    // A byte above 9 sets its own high bit. A carry reaches only the bytes after it.
    let others = (digits.wrapping_add(every(0x76)) | digits) & HIGH_BITS;
    let count = others.trailing_zeros() / 8;
    // Shifts the bytes after the digits out and zeros in before them. A shift by the whole width would overflow, so there are two.
    let half = 32 - 4 * count;
    let digits = digits << half << half;
    // Combines pairs, then fours, then all eight.
    let digits = digits.wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let digits = digits.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    (digits.wrapping_mul(10_000 << 32 | 1) >> 32, count as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::decimal::Decimal;
    use proptest::prelude::*;

    /// Reads a number with enough bytes after it to be read eight at a time.
    fn read(text: &str) -> Option<(SmallNumber, usize)> {
        let bytes = format!("{text},                ");
        let number = small_number(bytes.as_bytes(), 0);
        assert_eq!(small_decimal(bytes.as_bytes(), 0), number, "{text}");
        number
    }

    #[test]
    fn a_number_is_valued_as_its_decimal_is() {
        for text in [
            "0",
            "-0",
            "7",
            "-12",
            "10",
            "12345678",
            "123456789",
            "1234567812345678",
            "12345678123456781",
            "999999999999999999",
            "-999999999999999999",
            "0.0",
            "0.10",
            "12.34567890",
            "-0.00000000000000001",
            "12345678.12345678",
            "99999999999999999.9",
        ] {
            let (number, end) = read(text).unwrap_or_else(|| panic!("{text}"));
            let decimal = Decimal::parse(text, 76).expect("a number");
            assert_eq!((decimal.small(), end), (Some((number.mantissa, number.scale.into())), text.len()), "{text}");
        }
    }

    #[test]
    fn what_is_no_small_number_is_left_to_the_general_path() {
        for text in [
            "",
            "-",
            "01",
            "-01",
            "1.",
            ".5",
            "1e3",
            "1.5E1",
            "+1",
            "x",
            "1000000000000000000",
            "0.1234567890123456789",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(small_number(b"123,", 0), None, "the end of the bytes is too near");
    }

    proptest! {
        #[test]
        fn any_small_number_is_valued_as_its_decimal_is(whole in -99_999_999_999_999i64..99_999_999_999_999, fraction in 0u32..9999) {
            let text = format!("{whole}.{fraction:04}");
            let (number, end) = read(&text).expect("a small number");
            let decimal = Decimal::parse(&text, 76).expect("a number");
            prop_assert_eq!((decimal.small(), end), (Some((number.mantissa, number.scale.into())), text.len()));
        }
    }
}
