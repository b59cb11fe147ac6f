//! Codes of values, looked up by their bytes in the rows.

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use crate::read::begins_with;

/// Never occurs in UTF-8, so keys with different parts are never equal.
const END_OF_PART: u8 = 0xFF;

/// Values that rows repeat (a bucket, a day), found by their bytes: the first code that each was given.
///
/// The rows of a listing come in some order, so each key stores the key that came after it. Most keys are then found by one
/// comparison with the predicted key.
#[derive(Debug, Default)]
pub(crate) struct CodeCache {
    /// For each key: its code, and the index of the key that came after it.
    codes: IndexMap<Box<[u8]>, (u32, usize), RandomState>,
    /// The index of the last key.
    last: usize,
    /// The key that is searched.
    key: Vec<u8>,
}

impl CodeCache {
    /// The code of the key that has these parts.
    #[inline]
    pub fn get<const N: usize>(&mut self, parts: [&[u8]; N]) -> Option<u32> {
        let &(_, expected) = self.codes.get_index(self.last)?.1;
        if let Some((key, &(code, _))) = self.codes.get_index(expected)
            && has_parts(key, parts)
        {
            self.last = expected;
            return Some(code);
        }
        self.write_key(&parts);
        self.find()
    }

    #[inline(never)]
    fn find(&mut self) -> Option<u32> {
        let (place, _, &(code, _)) = self.codes.get_full(self.key.as_slice())?;
        self.follow(place);
        Some(code)
    }

    /// Stores the code of the key with these parts.
    pub fn insert<const N: usize>(&mut self, parts: [&[u8]; N], code: u32) {
        self.write_key(&parts);
        let place = self.codes.len();
        self.codes.insert(self.key.as_slice().into(), (code, place));
        self.follow(place);
    }

    fn follow(&mut self, place: usize) {
        self.codes[self.last].1 = place;
        self.last = place;
    }

    fn write_key(&mut self, parts: &[&[u8]]) {
        self.key.clear();
        for part in parts {
            self.key.extend_from_slice(part);
            self.key.push(END_OF_PART);
        }
    }

    pub fn clear(&mut self) {
        self.codes.clear();
        self.last = 0;
    }
}

#[inline]
fn has_parts<const N: usize>(key: &[u8], parts: [&[u8]; N]) -> bool {
    let mut rest = key;
    for part in parts {
        if !begins_with(rest, part) {
            return false;
        }
        match &rest[part.len()..] {
            [END_OF_PART, after @ ..] => rest = after,
            _ => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_parts_in_whatever_order_keys_come() {
        let mut known = CodeCache::default();
        let keys: [[&[u8]; 2]; 5] = [[b"", b""], [b"a", b""], [b"", b"a"], [b"ab", b"c"], [b"a", b"bc"]];
        for (code, key) in (10..).zip(keys) {
            assert_eq!(known.get(key), None);
            known.insert(key, code);
        }
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 2, 0, 0, 3], [1, 4, 1, 4, 1]] {
            for which in order {
                assert_eq!(known.get(keys[which]), Some(10 + which as u32));
            }
        }
        known.clear();
        assert_eq!(known.get(keys[0]), None);
    }
}
