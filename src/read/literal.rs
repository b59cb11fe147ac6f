//! Bytes that are expected again and again, compared eight at a time.
//!
//! They are short and there are many of them: a call of `memcmp` for each costs more than the comparison, and in
//! WebAssembly `memcmp` goes byte by byte.

/// A byte sequence made ready to be compared: its first and last sixteen bytes as words, which overlap where it is short.
#[derive(Debug, Default)]
pub struct Literal {
    words: [u64; 4],
    /// Where the words start.
    starts: [u32; 4],
    /// The bytes of a word that count: of a sequence of less than eight bytes not all.
    mask: u64,
    length: u32,
    /// What the words do not cover of a longer one: all of it but its ends.
    middle: Box<[u8]>,
}

/// What the words cover together.
const COVERED: usize = 32;

impl Literal {
    pub fn new(bytes: &[u8]) -> Self {
        let length = bytes.len();
        let starts = if length < 8 { [0; 4] } else { [0, 8.min(length - 8), length.saturating_sub(16), length - 8] };
        let mut short = [0; 8];
        let whole = if length < 8 {
            short[..length].copy_from_slice(bytes);
            &short
        } else {
            bytes
        };
        Self {
            words: starts.map(|start| word(whole, start).unwrap_or_default()),
            starts: starts.map(|start| start as u32),
            mask: if length < 8 { (1 << (8 * length)) - 1 } else { u64::MAX },
            length: length as u32,
            middle: if length > COVERED { bytes[16..length - 16].into() } else { Box::default() },
        }
    }

    /// Where it ends, if it stands at `at`. `None`: it does not, or less than eight bytes are left to tell.
    #[inline]
    pub fn end_in(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let [a, b, c, d] = self.starts.map(|start| at + start as usize);
        // The last first: where it is in bounds the others are.
        let last = word(bytes, d)? ^ self.words[3];
        let differ =
            (word(bytes, a)? ^ self.words[0]) | (word(bytes, b)? ^ self.words[1]) | (word(bytes, c)? ^ self.words[2]);
        if (differ | last) & self.mask != 0 {
            return None;
        }
        if self.length as usize > COVERED && !begins_with(&bytes[at + 16..], &self.middle) {
            return None;
        }
        Some(at + self.length as usize)
    }
}

#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

/// Whether `bytes` begin with `prefix`.
#[inline]
pub fn begins_with(bytes: &[u8], prefix: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..prefix.len()) else {
        return false;
    };
    match (bytes.last_chunk::<8>(), prefix.last_chunk::<8>()) {
        // The last word may have been compared in part: that costs less than to look at what is left one by one.
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
    fn a_literal_of_any_length_is_found_where_it_stands_and_nowhere_else() {
        let text: Vec<u8> = (0..100).map(|i| b'a' + i % 23).collect();
        for length in 0..80 {
            let (at, end) = (5, 5 + length);
            let literal = Literal::new(&text[at..end]);
            let at_hand = text.len() >= at + length.max(8);
            assert_eq!(literal.end_in(&text, at), at_hand.then_some(end), "{length} bytes");
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
