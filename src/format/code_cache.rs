//! Codes of values, looked up by their bytes in the rows.

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use crate::read::begins_with;

/// A part of a key: bytes, and the byte behind them, which distinguishes what the bytes are. None of these stands in UTF-8, so
/// keys of different parts never look alike.
pub(crate) type Part<'p> = (&'p [u8], u8);

/// Behind a text or a number as it is written.
pub(crate) const PLAIN: u8 = 0xFF;
/// Behind a text that must be unescaped.
pub(crate) const ESCAPED: u8 = 0xFE;
/// Behind no text: null.
pub(crate) const NULL: u8 = 0xFD;
/// Behind what is no text: its type is in front.
pub(crate) const OTHER: u8 = 0xFC;

/// Values that rows repeat (a bucket, a day), found by their bytes: the code that each was given first.
///
/// Rows of a listing come in some order, so each key remembers which one came after it. Most are then found by comparing
/// them with one that is expected. Where nearly every row has a key of its own, nothing is remembered.
#[derive(Debug, Default)]
pub(crate) struct CodeCache {
    /// For each key: its code, and the index of the key that came after it.
    codes: IndexMap<Box<[u8]>, (u32, usize), RandomState>,
    /// The index of the last key.
    last: usize,
    /// The key that is searched.
    key: Vec<u8>,
    found: usize,
    /// Keys after which it gives up where it finds hardly any of them again.
    most_tried: usize,
    is_useless: bool,
}

impl CodeCache {
    /// A cache that gives up after so many keys where it finds hardly any of them again.
    pub fn trying(most_tried: usize) -> Self {
        Self { most_tried, ..Self::default() }
    }

    /// The code of the key that has these parts.
    #[inline]
    pub fn get<'p>(&mut self, parts: impl Iterator<Item = Part<'p>> + Clone) -> Option<u32> {
        let &(_, expected) = self.codes.get_index(self.last)?.1;
        if let Some((key, &(code, _))) = self.codes.get_index(expected)
            && has_parts(key, parts.clone())
        {
            self.last = expected;
            self.found += 1;
            return Some(code);
        }
        lay_out(parts, &mut self.key);
        self.find()
    }

    #[inline(never)]
    fn find(&mut self) -> Option<u32> {
        let (place, _, &(code, _)) = self.codes.get_full(self.key.as_slice())?;
        self.found += 1;
        self.follow(place);
        Some(code)
    }

    /// Remembers the code of the key that has these parts. `false`: it does not, because keys hardly come again.
    pub fn insert<'p>(&mut self, parts: impl Iterator<Item = Part<'p>>, code: u32) -> bool {
        if self.codes.len() >= self.most_tried && self.found < self.codes.len() {
            self.clear();
            self.is_useless = true;
        }
        if self.is_useless {
            return false;
        }
        lay_out(parts, &mut self.key);
        let place = self.codes.len();
        self.codes.insert(self.key.as_slice().into(), (code, place));
        self.follow(place);
        true
    }

    fn follow(&mut self, place: usize) {
        self.codes[self.last].1 = place;
        self.last = place;
    }

    pub fn clear(&mut self) {
        self.codes.clear();
        self.last = 0;
        self.found = 0;
    }
}

/// Writes a key.
pub(crate) fn lay_out<'p>(parts: impl Iterator<Item = Part<'p>>, key: &mut Vec<u8>) {
    key.clear();
    for (part, end) in parts {
        key.extend_from_slice(part);
        key.push(end);
    }
}

/// Whether a key has these parts.
#[inline]
pub(crate) fn has_parts<'p>(key: &[u8], parts: impl Iterator<Item = Part<'p>>) -> bool {
    let mut rest = key;
    for (part, end) in parts {
        if !begins_with(rest, part) {
            return false;
        }
        match &rest[part.len()..] {
            [found, after @ ..] if *found == end => rest = after,
            _ => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts<'p>(key: [&'p [u8]; 2]) -> impl Iterator<Item = Part<'p>> + Clone {
        key.into_iter().map(|part| (part, PLAIN))
    }

    #[test]
    fn a_key_is_known_by_its_parts_in_whatever_order_keys_come() {
        let mut known = CodeCache::trying(100);
        let keys: [[&[u8]; 2]; 5] = [[b"", b""], [b"a", b""], [b"", b"a"], [b"ab", b"c"], [b"a", b"bc"]];
        for (code, key) in (10..).zip(keys) {
            assert_eq!(known.get(parts(key)), None);
            known.insert(parts(key), code);
        }
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 2, 0, 0, 3], [1, 4, 1, 4, 1]] {
            for which in order {
                assert_eq!(known.get(parts(keys[which])), Some(10 + which as u32));
            }
        }
        let escaped = [(&b"a"[..], ESCAPED), (&b"bc"[..], PLAIN)];
        assert_eq!(known.get(escaped.into_iter()), None, "what the bytes are is a part of the key");
        known.clear();
        assert_eq!(known.get(parts(keys[0])), None);
    }

    #[test]
    fn keys_that_do_not_come_again_are_not_remembered() {
        let mut known = CodeCache::trying(100);
        for number in 0..300u32 {
            let bytes = number.to_le_bytes();
            let key: [&[u8]; 2] = [&bytes, b""];
            assert_eq!(known.get(parts(key)), None);
            known.insert(parts(key), number);
        }
        assert!(known.codes.is_empty());
    }
}
