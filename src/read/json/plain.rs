//! Fast paths for common strings and integers: without escapes, fractions and exponents.

use crate::number::decimal::SMALL_DIGITS;
use crate::read::digits::{HIGH_BITS, eight, every};

/// Bytes that need no escape in a string: ASCII without quotes, backslashes and control characters.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0x20;
    while byte < 0x80 {
        plain[byte] = byte != b'"' as usize && byte != b'\\' as usize;
        byte += 1;
    }
    plain
};

/// Value and end of the integer at `at`, if it is plain and the input also has the byte after it.
#[inline]
pub fn plain_integer(bytes: &[u8], at: usize) -> Option<(i64, usize)> {
    let negative = bytes[at] == b'-';
    let digits = at + usize::from(negative);
    let (mut end, mut value) = (digits, 0i64);
    loop {
        let digit = bytes.get(end)?.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        end += 1;
    }
    let length = end - digits;
    let well_formed = length == 1 || ((2..=SMALL_DIGITS).contains(&length) && bytes[digits] != b'0');
    let value = if negative { -value } else { value };
    (well_formed && !matches!(bytes[end], b'.' | b'e' | b'E')).then_some((value, end))
}

/// Where the string whose first character is at `start` ends, if it is plain ASCII without escapes.
#[inline]
pub fn plain_string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut end = start;
    while PLAIN[usize::from(*bytes.get(end)?)] {
        end += 1;
    }
    (bytes[end] == b'"').then_some(end)
}

/// The same, eight bytes at a time. `None` also if fewer than eight bytes are left.
#[inline]
pub fn plain_string_of_words(bytes: &[u8], start: usize) -> Option<usize> {
    // The highest bit of the lowest byte that is zero. Bits of higher bytes may be wrong.
    let zero = |word: u64| word.wrapping_sub(every(1)) & !word;
    let mut at = start;
    loop {
        let word = eight(bytes, at)?;
        let control = word.wrapping_sub(every(0x20)) & !word;
        let ends = zero(word ^ every(b'"')) | zero(word ^ every(b'\\')) | control | word;
        match ends & HIGH_BITS {
            0 => at += 8,
            ends => {
                let end = at + ends.trailing_zeros() as usize / 8;
                return (bytes[end] == b'"').then_some(end);
            }
        }
    }
}
