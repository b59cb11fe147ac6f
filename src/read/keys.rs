//! Field names as small numbers, with a prediction of the next one.

use foldhash::fast::RandomState;
use std::collections::HashMap;

/// The number of a name. Names beyond the size of the table share [`Key::UNLISTED`] and are distinguished by their text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(u32);

impl Key {
    pub const UNLISTED: Self = Self(u32::MAX);
    /// The key before the first field of a row.
    pub const NONE: Self = Self(u32::MAX - 1);
}

/// The most names that the table stores, so that a hostile stream cannot fill the memory.
const ROOM: usize = 2048;

/// The names that were read so far.
///
/// The rows of a listing repeat their fields in one order, so each name stores its successor: most fields are
/// found by one comparison instead of a scan and a lookup.
#[derive(Debug, Default)]
pub struct Keys {
    /// Each name as it is written before its value in JSON: `"name":`. Empty if it would be escaped there.
    quoted: Vec<Box<str>>,
    successors: Vec<Key>,
    first: Option<Key>,
    codes: HashMap<Box<str>, Key, RandomState>,
}

impl Keys {
    /// The name that followed `previous` the last time, as it is written in JSON: `"name":`.
    #[inline]
    pub fn guess(&self, previous: Key) -> Option<(Key, &str)> {
        let key = match previous {
            Key::NONE => self.first?,
            _ => *self.successors.get(previous.0 as usize)?,
        };
        self.quoted.get(key.0 as usize).filter(|quoted| !quoted.is_empty()).map(|quoted| (key, &**quoted))
    }

    /// The name that followed `previous` the last time.
    #[inline]
    pub fn guess_name(&self, previous: Key) -> Option<(Key, &str)> {
        self.guess(previous).map(|(key, quoted)| (key, &quoted[1..quoted.len() - 2]))
    }

    /// The key of a name. The next prediction after `previous` will be this key.
    pub fn key(&mut self, name: &str, previous: Key) -> Key {
        let key = match self.codes.get(name) {
            Some(&key) => key,
            None if self.quoted.len() < ROOM => {
                let key = Key(self.quoted.len() as u32);
                let is_plain = !name.contains(|c: char| c.is_control() || matches!(c, '"' | '\\'));
                self.quoted.push(if is_plain { format!("\"{name}\":").into() } else { Box::default() });
                self.successors.push(Key::UNLISTED);
                self.codes.insert(name.into(), key);
                key
            }
            None => return Key::UNLISTED,
        };
        match previous {
            Key::NONE => self.first = Some(key),
            _ => {
                if let Some(successor) = self.successors.get_mut(previous.0 as usize) {
                    *successor = key;
                }
            }
        }
        key
    }
}
