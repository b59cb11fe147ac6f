//! Maps and sets that keep the order in which their keys were met.
//!
//! Every kind of key brings a hash table of its own into the module. Here the table knows places and hashes only, and
//! so is one for all; what a kind of key adds is its hash and its comparison.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};
use std::ops;

use foldhash::fast::RandomState;

/// Where entries stand, by their hash: open addressing, one step at a time. Nothing is ever taken out.
#[derive(Clone, Debug, Default)]
struct Index {
    /// A power of two of them, or none; at most three in four are in use.
    slots: Vec<Slot>,
    used: usize,
    /// Seeded, so that hostile keys cannot pile up.
    hasher: RandomState,
}

/// The hash of an entry and its place, [`EMPTY`] where there is none.
#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    place: u32,
}

const EMPTY: u32 = u32::MAX;

impl Index {
    #[inline]
    fn hash(&self, key: &(impl Hash + ?Sized)) -> u32 {
        let hash = self.hasher.hash_one(key);
        (hash ^ hash >> 32) as u32
    }

    #[inline]
    fn find(&self, hash: u32, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        let last = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & last;
        loop {
            let slot = self.slots[at];
            if slot.place == EMPTY {
                return None;
            }
            if slot.hash == hash && is_it(slot.place as usize) {
                return Some(slot.place as usize);
            }
            at = (at + 1) & last;
        }
    }

    /// Adds an entry that is not there.
    #[inline]
    fn add(&mut self, hash: u32, place: usize) {
        self.reserve(1);
        self.used += 1;
        self.put(Slot { hash, place: place as u32 });
    }

    #[inline]
    fn put(&mut self, slot: Slot) {
        let last = self.slots.len() - 1;
        let mut at = slot.hash as usize & last;
        while self.slots[at].place != EMPTY {
            at = (at + 1) & last;
        }
        self.slots[at] = slot;
    }

    #[inline]
    fn reserve(&mut self, more: usize) {
        if (self.used + more) * 4 > self.slots.len() * 3 {
            self.grow(more);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) {
        let slots = ((self.used + more) * 4 / 3 + 1).next_power_of_two().max(8);
        let old = std::mem::replace(&mut self.slots, vec![Slot { hash: 0, place: EMPTY }; slots]);
        old.into_iter().filter(|slot| slot.place != EMPTY).for_each(|slot| self.put(slot));
    }

    fn clear(&mut self) {
        self.slots.fill(Slot { hash: 0, place: EMPTY });
        self.used = 0;
    }
}

/// Codes of equal values: a value's code is the place at which it was met.
#[derive(Clone, Debug)]
pub struct Set<T> {
    index: Index,
    values: Vec<T>,
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self { index: Index::default(), values: Vec::new() }
    }
}

impl<T> Set<T> {
    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.values.iter()
    }

    fn clear(&mut self) {
        self.index.clear();
        self.values.clear();
    }

    fn reserve(&mut self, more: usize) {
        self.index.reserve(more);
        self.values.reserve(more);
    }
}

impl<T: Hash + Eq> Set<T> {
    /// The code of a value, and whether it is new.
    #[inline]
    pub fn code(&mut self, value: T) -> (u32, bool) {
        let hash = self.index.hash(&value);
        if let Some(place) = self.index.find(hash, |place| self.values[place] == value) {
            return (place as u32, false);
        }
        let place = self.values.len();
        self.index.add(hash, place);
        self.values.push(value);
        (place as u32, true)
    }

    /// The code of a value that is known.
    #[inline]
    pub fn code_of<Q: Hash + Eq + ?Sized>(&self, value: &Q) -> Option<u32>
    where
        T: Borrow<Q>,
    {
        let place = self.index.find(self.index.hash(value), |place| self.values[place].borrow() == value);
        place.map(|place| place as u32)
    }
}

impl<T: Hash + Eq> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut set = Self::default();
        for value in values {
            set.code(value);
        }
        set
    }
}

impl<T> ops::Index<usize> for Set<T> {
    type Output = T;

    #[inline]
    fn index(&self, code: usize) -> &T {
        &self.values[code]
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}

impl<'s, T> IntoIterator for &'s Set<T> {
    type Item = &'s T;
    type IntoIter = std::slice::Iter<'s, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Values by key, in the order the keys were met.
#[derive(Clone, Debug)]
pub struct Map<K, V> {
    keys: Set<K>,
    values: Vec<V>,
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self { keys: Set::default(), values: Vec::new() }
    }
}

impl<K, V> Map<K, V> {
    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn clear(&mut self) {
        self.keys.clear();
        self.values.clear();
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, more: usize) {
        self.keys.reserve(more);
        self.values.reserve(more);
    }

    /// The entry whose key was met as number `place`.
    #[inline]
    pub fn at(&self, place: usize) -> Option<(&K, &V)> {
        self.keys.values.get(place).zip(self.values.get(place))
    }

    /// Its value.
    #[inline]
    pub fn at_mut(&mut self, place: usize) -> &mut V {
        &mut self.values[place]
    }
}

impl<K: Hash + Eq, V> Map<K, V> {
    /// The place of a key.
    #[inline]
    pub fn place_of<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
    {
        self.keys.code_of(key).map(|code| code as usize)
    }

    #[inline]
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.place_of(key).map(|place| &self.values[place])
    }

    #[inline]
    pub fn get_mut<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.place_of(key).map(|place| &mut self.values[place])
    }

    /// The place of a key, which is added with `make` where it is not there; and whether it was added.
    #[inline]
    pub fn place_or_add(&mut self, key: K, make: impl FnOnce() -> V) -> (usize, bool) {
        let (code, is_new) = self.keys.code(key);
        if is_new {
            self.values.push(make());
        }
        (code as usize, is_new)
    }

    /// The value of a key, which is added with `make` where it is not there.
    #[inline]
    pub fn get_or_add(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let (place, _) = self.place_or_add(key, make);
        &mut self.values[place]
    }

    /// Gives a key a value, whatever it had.
    #[inline]
    pub fn set(&mut self, key: K, value: V) {
        let (code, is_new) = self.keys.code(key);
        if is_new {
            self.values.push(value);
        } else {
            self.values[code as usize] = value;
        }
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = std::iter::Zip<std::vec::IntoIter<K>, std::vec::IntoIter<V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.keys.into_iter().zip(self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn a_map_is_what_the_last_word_made_it(words: Vec<(u8, u16)>, asked: Vec<u8>) {
            let (mut map, mut due) = (Map::default(), BTreeMap::new());
            for &(key, value) in &words {
                prop_assert_eq!(map.get(&key), due.get(&key));
                map.set(key, value);
                due.insert(key, value);
            }
            for key in asked {
                prop_assert_eq!(map.get(&key), due.get(&key));
            }
            prop_assert_eq!(map.len(), due.len());
            map.clear();
            prop_assert!(words.iter().all(|(key, _)| map.get(key).is_none()));
        }

        #[test]
        fn a_code_is_the_place_at_which_a_value_was_met(values: Vec<String>) {
            let mut set = Set::default();
            let mut met: Vec<&str> = Vec::new();
            for value in &values {
                let known = met.iter().position(|other| other == value);
                prop_assert_eq!(set.code_of(value.as_str()), known.map(|place| place as u32));
                let due = (known.unwrap_or(met.len()) as u32, known.is_none());
                prop_assert_eq!(set.code(value.clone()), due);
                if known.is_none() {
                    met.push(value);
                }
            }
            prop_assert!(set.iter().zip(&met).all(|(a, b)| a == b));
        }
    }
}
