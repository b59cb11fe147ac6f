//! The dictionaries of a table: values that its rows share, each stored once.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use indexmap::IndexSet;

use crate::model::kind::Kind;
use crate::model::provider::Format;
use crate::model::record::Notes;
use crate::model::time::Instant;
use crate::model::unit::Unit;

/// Codes of equal values: a value's code is its position.
pub type Dictionary<T> = IndexSet<T, foldhash::fast::RandomState>;

/// A string that many rows may share. Copies of a resource key do not copy it.
pub type Text = Arc<str>;

/// Names and their values, sorted by name.
pub type Dimensions = Box<[(Text, Text)]>;

/// The resource of a row, and the currency of its costs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ResourceKey {
    pub account: Option<Text>,
    pub resource_id: Option<Text>,
    pub resource_name: Option<Text>,
    pub resource_type: Option<Text>,
    pub region: Option<Text>,
    pub dimensions: Dimensions,
    /// The currency of the row's costs.
    pub currency: Option<Text>,
}

/// The time of a row: [start, end), an instant (no end), or no time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Period {
    pub start: Option<Instant>,
    pub end: Option<Instant>,
    /// The offset as written.
    pub offset: Option<Text>,
    /// The same in seconds; 0 if none was written.
    pub offset_seconds: i32,
    pub notes: Notes,
}

/// Hashes only the times: rows of a list often each have their own period, and periods that differ only in the text of the offset are rare.
impl Hash for Period {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        for time in [self.start, self.end] {
            state.write_i64(time.map_or(i64::MIN, |time| time.seconds));
            state.write_u32(time.map_or(0, |time| time.nanos));
        }
        state.write_i32(self.offset_seconds);
    }
}

/// The numbers that a record of a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measures {
    Quantity,
    Cost,
    /// A quantity and a cost, in this order.
    Both,
}

impl Measures {
    /// Whether there is a cost, even an unknown one. It has the record's currency.
    pub const fn has_cost(self) -> bool {
        !matches!(self, Self::Quantity)
    }

    pub const fn cells(self) -> usize {
        match self {
            Self::Quantity | Self::Cost => 1,
            Self::Both => 2,
        }
    }
}

/// The meaning of a field of the provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    pub format: Format,
    pub metric: Text,
    pub provider_field: Box<str>,
    /// The last part of the record's pointer, with its `/`; empty if the row itself is the value.
    pub leaf: Box<str>,
    pub dimensions: Dimensions,
    pub kind: Kind,
    pub measures: Measures,
    pub unit: Option<Unit>,
    pub part_of: Option<Text>,
    pub notes: Notes,
}

/// The position of a row: its page, and the pointer before and after its index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Locator {
    pub page: u32,
    pub before: Box<str>,
    /// Whether the pointer has an index between the two.
    pub indexed: bool,
    pub after: Box<str>,
}

impl Locator {
    /// The pointer of a value in the row with this index.
    pub fn pointer(&self, index: u32, leaf: &str) -> String {
        let mut digits = itoa::Buffer::new();
        [&self.before, self.index(index, &mut digits), &self.after, leaf].concat()
    }

    /// Appends the pointer of the row with this index.
    pub fn write(&self, index: u32, out: &mut Vec<u8>) {
        out.extend_from_slice(self.before.as_bytes());
        out.extend_from_slice(self.index(index, &mut itoa::Buffer::new()).as_bytes());
        out.extend_from_slice(self.after.as_bytes());
    }

    fn index<'b>(&self, index: u32, digits: &'b mut itoa::Buffer) -> &'b str {
        if self.indexed { digits.format(index) } else { "" }
    }
}

/// A row of a table: codes into the dictionaries, and the index of its first number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub resource_key: u32,
    pub period: u32,
    pub shape: u32,
    pub locator: u32,
    /// The index as written in the pointer: 0-based in JSON, 1-based in XML.
    pub index: u32,
    pub first_cell: u32,
    pub first_record: u32,
}

/// The fields of a row in the order they were read. Rows with the same fields share one list.
pub type FieldList = Box<[u32]>;

/// Sorted, as all lists of dimensions.
pub fn dimensions<const N: usize>(mut pairs: [(&str, &str); N]) -> Dimensions {
    pairs.sort_unstable();
    pairs.iter().map(|(name, value)| (Text::from(*name), Text::from(*value))).collect()
}

/// The code of a value in its dictionary.
pub(super) fn code<T: Hash + Eq>(dictionary: &mut Dictionary<T>, value: T) -> u32 {
    dictionary.insert_full(value).0 as u32
}
