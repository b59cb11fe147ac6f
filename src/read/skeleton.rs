//! Rows that look alike: the bytes between their values, learned from one row and held against the next.
//!
//! The rows of a listing differ in their values only. What stands between the values (names, quotes, brackets, white
//! space) is compared as a whole, so a row that fits is known to be sound, nested no deeper and made of the same nodes
//! without looking at one token of it. A row that does not fit is read by the general path, and the next is held
//! against that one.

use super::literal::Literal;
use super::tape::{Item, Node};
use crate::provider::Encoding;

/// Larger rows are not learned: what is learned is kept beside the row itself.
const MOST_BYTES: usize = 64 * 1024;

/// What the rows that are read look like.
#[derive(Debug, Default)]
pub struct Skeleton {
    /// Told by items, so that readers know which rows look alike; 0 while nothing is learned.
    number: u32,
    /// How many containers stood around the row.
    depth: usize,
    /// The row it was learned from; the names of later rows are taken from here.
    row: Vec<u8>,
    /// The nodes of the row that fitted last.
    nodes: Vec<Node>,
    slots: Vec<Slot>,
    /// What follows the last value.
    tail: Literal,
    fixed: Vec<Fixed>,
}

/// The place of one value.
#[derive(Debug)]
struct Slot {
    node: u32,
    /// What stands before the value, back to the value before it.
    before: Literal,
    /// Where the value ended in the row that fitted last, its quotes included.
    end: u32,
}

/// A node that starts and ends between values, such as a container.
#[derive(Debug)]
struct Fixed {
    node: u32,
    start: Place,
    end: Place,
}

/// A byte between values: how many slots stand before it, and how far behind the last of them it is.
type Place = (u32, u32);

impl Skeleton {
    /// Learns a row from its nodes and bytes; `depth` containers stand around it. Gives back its number, see
    /// [`Item::skeleton`].
    ///
    /// `value_of` tells where a node's value stands, with what belongs to it and not to all rows (its quotes); `None` for
    /// a node without a value of its own. Values stand in the order of their nodes.
    pub fn learn(
        &mut self,
        nodes: &[Node],
        row: &[u8],
        depth: usize,
        value_of: impl Fn(&Node) -> Option<(u32, u32)>,
    ) -> u32 {
        self.slots.clear();
        if row.len() > MOST_BYTES {
            return 0;
        }
        let numbered = || (0..).zip(nodes);
        let mut at = 0;
        for (node, (start, end)) in numbered().filter_map(|(i, node)| Some((i, value_of(node)?))) {
            self.slots.push(Slot { node, before: Literal::new(&row[at as usize..start as usize]), end });
            at = end;
        }
        self.tail = Literal::new(&row[at as usize..]);
        self.fixed.clear();
        for (i, node) in numbered().filter(|(_, node)| value_of(node).is_none()) {
            let (start, end) = (self.place(i, node.span.0), self.place(node.next, node.span.1));
            self.fixed.push(Fixed { node: i, start, end });
        }
        self.depth = depth;
        self.row.clear();
        self.row.extend_from_slice(row);
        self.nodes.clear();
        self.nodes.extend_from_slice(nodes);
        self.number = self.number.wrapping_add(1).max(1);
        self.number
    }

    /// The place of a byte that stands after the values of all nodes before `node` and before all others.
    fn place(&self, node: u32, at: u32) -> Place {
        let slots = self.slots.partition_point(|slot| slot.node < node);
        (slots as u32, at - self.end_of(slots as u32))
    }

    /// Where the last of so many slots ends.
    fn end_of(&self, slots: u32) -> u32 {
        slots.checked_sub(1).map_or(0, |last| self.slots[last as usize].end)
    }

    /// Holds the row that starts with `bytes` against what was learned, and gives back where it ends. `None`: it does not
    /// fit, or is not complete. What follows the row may stand behind it.
    ///
    /// `read` reads the value at a place into its node and gives back where it ends. It refuses what the general path
    /// would not read as a value, and then nothing is said of the row.
    #[inline]
    pub fn fit(
        &mut self,
        bytes: &[u8],
        depth: usize,
        read: impl Fn(&mut Node, &[u8], usize) -> Option<usize>,
    ) -> Option<usize> {
        if self.slots.is_empty() || depth != self.depth {
            return None;
        }
        let mut at = 0;
        for slot in &mut self.slots {
            at = slot.before.end_in(bytes, at)?;
            at = read(self.nodes.get_mut(slot.node as usize)?, bytes, at)?;
            slot.end = at as u32;
        }
        let end = self.tail.end_in(bytes, at)?;
        for fixed in &self.fixed {
            let at = |place: Place| self.end_of(place.0) + place.1;
            self.nodes[fixed.node as usize].span = (at(fixed.start), at(fixed.end));
        }
        Some(end)
    }

    /// The row that fitted, of these bytes.
    pub fn item<'w>(&'w self, bytes: &'w [u8], at: u64, encoding: Encoding) -> Item<'w> {
        Item { nodes: &self.nodes, bytes, names: &self.row, at, encoding, skeleton: self.number }
    }
}

/// What a reader makes of the rows of one skeleton: worked out with the first of them, good for all others.
#[derive(Debug, Default)]
pub struct Script<S> {
    skeleton: u32,
    steps: S,
}

impl<S> Script<S> {
    /// The steps for the rows that look like this one.
    #[inline]
    pub fn of(&mut self, item: &Item<'_>, write: impl FnOnce(&mut S)) -> &S {
        if self.skeleton != item.skeleton || item.skeleton == 0 {
            write(&mut self.steps);
            self.skeleton = item.skeleton;
        }
        &self.steps
    }

    /// The steps for the row that was asked for last.
    #[inline]
    pub fn steps(&self) -> &S {
        &self.steps
    }

    /// The next row is looked at anew.
    pub fn forget(&mut self) {
        self.skeleton = 0;
    }
}
