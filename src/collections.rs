//! Codes for equal keys, and sorting.
//!
//! Each type of key adds a hash map to the module, and each type of value a sort. Where the time of a lookup is not
//! critical, keys are bytes or pairs of numbers, and orders are lists of indices: one map and one sort are used for
//! all.

use std::cmp::Ordering;
use std::collections::HashMap;

use foldhash::fast::RandomState;
use twox_hash::XxHash3_128;

/// Codes of keys that are stored as bytes: 0, 1, 2 … in the order in which the keys first occur.
#[derive(Default)]
pub struct Codes {
    known: HashMap<Box<[u8]>, u32, RandomState>,
    key: KeyBytes,
}

/// A longer text is represented in keys by its hash, because many keys may contain the same text.
const LONG: usize = 256;

/// A key while it is built. Different parts give different keys, whatever they contain.
#[derive(Default)]
pub struct KeyBytes(Vec<u8>);

impl KeyBytes {
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    pub fn number(&mut self, number: u64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub fn text(&mut self, text: Option<&str>) -> &mut Self {
        let text = text.map(str::as_bytes);
        self.number(text.map_or(u64::MAX, |text| text.len() as u64));
        match text {
            Some(text) if text.len() > LONG => self.0.extend_from_slice(&XxHash3_128::oneshot(text).to_le_bytes()),
            text => self.0.extend_from_slice(text.unwrap_or_default()),
        }
        self
    }

    pub fn texts<'t>(&mut self, texts: impl IntoIterator<Item = Option<&'t str>>) -> &mut Self {
        for text in texts {
            self.text(text);
        }
        self
    }
}

impl Codes {
    /// The code of a key, and whether the key is new.
    pub fn of(&mut self, write: impl FnOnce(&mut KeyBytes) -> &mut KeyBytes) -> (u32, bool) {
        self.key.0.clear();
        write(&mut self.key);
        self.find()
    }

    #[inline(never)]
    fn find(&mut self) -> (u32, bool) {
        if let Some(&code) = self.known.get(&*self.key.0) {
            return (code, false);
        }
        let code = self.known.len() as u32;
        self.known.insert(self.key.0.as_slice().into(), code);
        (code, true)
    }
}

/// Codes of pairs of numbers. The caller chooses the codes.
#[derive(Clone, Debug, Default)]
pub struct Pairs(HashMap<(u64, u64), u32, RandomState>);

impl Pairs {
    /// The code of a pair, if it has one.
    #[inline(never)]
    pub fn get(&self, a: u64, b: u64) -> Option<u32> {
        self.0.get(&(a, b)).copied()
    }

    /// The code of a pair. A new pair gets the code `next`.
    #[inline(never)]
    pub fn of(&mut self, a: u64, b: u64, next: u32) -> u32 {
        *self.0.entry((a, b)).or_insert(next)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Sorts indices; equal ones keep their order.
#[inline(never)]
pub fn sort(places: &mut [u32], compare: &dyn Fn(u32, u32) -> Ordering) {
    places.sort_by(|a, b| compare(*a, *b));
}

/// Sorts values; equal ones keep their order. A sort of its own for each type would make the module larger.
pub fn sort_values<T>(values: &mut Vec<T>, compare: &dyn Fn(&T, &T) -> Ordering) {
    if values.len() < 2 {
        return;
    }
    let order = ordered(values.len(), &|a, b| compare(&values[a as usize], &values[b as usize]));
    let mut taken: Vec<Option<T>> = values.drain(..).map(Some).collect();
    values.extend(order.into_iter().filter_map(|place| taken[place as usize].take()));
}

/// The indices 0 to `count`, sorted.
pub fn ordered(count: usize, compare: &dyn Fn(u32, u32) -> Ordering) -> Vec<u32> {
    let mut places: Vec<u32> = (0..count as u32).collect();
    sort(&mut places, compare);
    places
}

/// For each index: its position in the order.
pub fn ranks(order: &[u32]) -> Vec<u32> {
    let mut ranks = vec![0; order.len()];
    for (rank, &place) in order.iter().enumerate() {
        ranks[place as usize] = rank as u32;
    }
    ranks
}

/// For each index: the number of distinct values before it. Equal values have the same rank.
pub fn shared_ranks(count: usize, compare: &dyn Fn(u32, u32) -> Ordering) -> Vec<u32> {
    let order = ordered(count, compare);
    let (mut rank, mut ranks) = (0, vec![0; count]);
    for (i, &place) in order.iter().enumerate() {
        if i > 0 && compare(order[i - 1], place).is_ne() {
            rank += 1;
        }
        ranks[place as usize] = rank;
    }
    ranks
}

/// Indices by group. The indices of a group keep their order.
pub struct Grouped {
    places: Vec<u32>,
    /// For each group: the end of its indices.
    ends: Vec<usize>,
}

impl Grouped {
    /// `group_of` has the group of each index. Indices of a group that is not below `groups` are left out.
    pub fn new(group_of: &[u32], groups: usize) -> Self {
        let mut ends = vec![0; groups];
        for &group in group_of.iter().filter(|group| (**group as usize) < groups) {
            ends[group as usize] += 1;
        }
        let mut total = 0;
        for end in &mut ends {
            total += std::mem::replace(end, total);
        }
        let mut places = vec![0; total];
        for (place, &group) in group_of.iter().enumerate().filter(|(_, group)| (**group as usize) < groups) {
            places[ends[group as usize]] = place as u32;
            ends[group as usize] += 1;
        }
        Self { places, ends }
    }

    /// The indices of a group.
    pub fn of(&self, group: usize) -> &[u32] {
        &self.places[self.start(group)..self.ends[group]]
    }

    /// The indices of a group, which may be reordered.
    pub fn of_mut(&mut self, group: usize) -> &mut [u32] {
        let start = self.start(group);
        &mut self.places[start..self.ends[group]]
    }

    /// All indices, group by group.
    pub fn all(&self) -> &[u32] {
        &self.places
    }

    pub fn groups(&self) -> usize {
        self.ends.len()
    }

    fn start(&self, group: usize) -> usize {
        group.checked_sub(1).map_or(0, |before| self.ends[before])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_different_parts_are_never_equal() {
        let mut codes = Codes::default();
        let keys: [&[Option<&str>]; 6] =
            [&[None], &[Some("")], &[Some("a"), Some("b")], &[Some("ab"), Some("")], &[Some("ab")], &[]];
        for (i, key) in keys.iter().enumerate() {
            assert_eq!(codes.of(|bytes| bytes.texts(key.iter().copied())), (i as u32, true));
        }
        assert_eq!(codes.of(|key| key.text(Some("ab"))), (4, false));
    }

    #[test]
    fn places_are_grouped_in_their_order() {
        let grouped = Grouped::new(&[2, 0, 9, 2, 0], 3);
        assert_eq!([grouped.of(0), grouped.of(1), grouped.of(2)], [&[1, 4][..], &[], &[0, 3]]);
        assert_eq!(grouped.all(), [1, 4, 0, 3]);
    }

    #[test]
    fn ranks_are_the_order_turned_round() {
        let values = [30, 10, 20];
        let order = ordered(3, &|a, b| values[a as usize].cmp(&values[b as usize]));
        assert_eq!((order.as_slice(), ranks(&order)), (&[1, 2, 0][..], vec![2, 0, 1]));
    }

    #[test]
    fn values_are_sorted_and_equal_ones_keep_their_order() {
        let mut values = vec![(2, "a"), (1, "b"), (2, "c"), (1, "d")];
        sort_values(&mut values, &|one, other| one.0.cmp(&other.0));
        assert_eq!(values, [(1, "b"), (1, "d"), (2, "a"), (2, "c")]);
    }

    #[test]
    fn equal_things_have_one_rank() {
        let values = [30, 10, 20, 10];
        let compare = |a: u32, b: u32| values[a as usize].cmp(&values[b as usize]);
        assert_eq!((ordered(4, &compare), shared_ranks(4, &compare)), (vec![1, 3, 2, 0], vec![2, 0, 1, 0]));
    }
}
