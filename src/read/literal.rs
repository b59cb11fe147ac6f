//! Expected literals, compared eight bytes at a time.
//!
//! They are short and frequent: calling `memcmp` for each costs more than the comparison, and in WebAssembly `memcmp`
//! compares single bytes.

/// A byte sequence that is prepared for comparison: its ends as words, which overlap in a short sequence.
#[derive(Debug, Default)]
pub struct Literal {
    length: u32,
    /// The first and the last 16 bytes of a sequence of at least 16; otherwise the first and the last 8, or fewer.
    first: u128,
    last: u128,
    /// The bytes between, for a sequence of more than 32 bytes.
    middle: Box<[u8]>,
}

impl Literal {
    pub fn new(bytes: &[u8]) -> Self {
        let length = bytes.len();
        let end = if length < 16 { 8 } else { 16 }.min(length);
        Self {
            length: length as u32,
            first: word_of(&bytes[..end]),
            last: word_of(&bytes[length - end..]),
            middle: if length > 32 { bytes[16..length - 16].into() } else { Box::default() },
        }
    }

    /// Where the literal ends, if it is at `at`.
    #[inline(always)]
    pub fn end_in(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let end = at + self.length as usize;
        let here = bytes.get(at..end)?;
        let is_here = if let (Some(first), Some(last)) = (here.first_chunk(), here.last_chunk()) {
            (u128::from_le_bytes(*first) ^ self.first) | (u128::from_le_bytes(*last) ^ self.last) == 0
                && (here.len() <= 32 || begins_with(&here[16..], &self.middle))
        } else if let (Some(first), Some(last)) = (here.first_chunk(), here.last_chunk()) {
            (u64::from_le_bytes(*first) ^ self.first as u64) | (u64::from_le_bytes(*last) ^ self.last as u64) == 0
        } else {
            word_of(here) == self.first
        };
        is_here.then_some(end)
    }
}

/// At most sixteen bytes as a word, the first byte lowest.
#[inline]
fn word_of(bytes: &[u8]) -> u128 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u128::from(*byte))
}

/// Whether `bytes` begin with `prefix`.
#[inline]
pub fn begins_with(bytes: &[u8], prefix: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..prefix.len()) else {
        return false;
    };
    match (bytes.last_chunk::<8>(), prefix.last_chunk::<8>()) {
        // The last word may have been compared in part. Comparing it whole costs less than a loop over the rest.
        (Some(a), Some(b)) => {
            let words = bytes.as_chunks::<8>().0.iter().zip(prefix.as_chunks::<8>().0);
            *a == *b && words.into_iter().all(|(a, b)| u64::from_ne_bytes(*a) == u64::from_ne_bytes(*b))
        }
        _ => bytes.iter().zip(prefix).all(|(a, b)| a == b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_of_any_length_is_found_at_its_place_and_nowhere_else() {
        let text: Vec<u8> = (0..100).map(|i| b'a' + i % 23).collect();
        for length in 0..80 {
            let (at, end) = (5, 5 + length);
            let literal = Literal::new(&text[at..end]);
            assert_eq!(literal.end_in(&text, at), Some(end), "{length} bytes");
            assert!(begins_with(&text[at..], &text[at..end]));
            for wrong in at..end {
                let mut other = text.clone();
                other[wrong] ^= 1;
                assert_eq!(literal.end_in(&other, at), None, "byte {wrong} of {length}");
                assert!(!begins_with(&other[at..], &text[at..end]));
            }
            for cut in at..end {
                assert_eq!(literal.end_in(&text[..cut], at), None, "{length} bytes, cut at {cut}");
                assert!(!begins_with(&text[at..cut], &text[at..end]));
            }
        }
    }
}
