//! Row templates.
//!
//! Rows of one listing differ only in their values, so the bytes between values (names, quotes, brackets, white space)
//! are stored once and compared with each following row. A row that matches is valid, is nested no deeper and has the
//! same nodes, and needs no tokenizing. Any other row takes the general path and becomes a template.

use super::literal::Literal;
use super::tape::{Item, Node};
use crate::model::provider::Encoding;

/// Larger rows are not learned: what is learned is kept beside the row itself.
const MOST_BYTES: usize = 64 * 1024;

/// Row templates that are kept. Rows of one listing have few forms, and take turns in them.
const MOST_TEMPLATES: usize = 4;

/// What the rows that are read look like.
#[derive(Debug, Default)]
pub struct RowTemplates {
    kept: Vec<RowTemplate>,
    /// Which of them fitted or was learned last.
    last: usize,
    learned: u32,
}

impl RowTemplates {
    /// Learns a row from its nodes and bytes; `depth` containers stand around it. Gives back its number, see
    /// [`Item::template`].
    ///
    /// `value_of` says where a node's value is, with what belongs to it and not to all rows (its quotes); `None` for
    /// a node without a value of its own. Values stand in the order of their nodes.
    pub fn learn(
        &mut self,
        nodes: &[Node],
        row: &[u8],
        depth: usize,
        value_of: impl Fn(&Node) -> Option<(u32, u32)>,
    ) -> u32 {
        if row.len() > MOST_BYTES {
            return 0;
        }
        if self.kept.len() < MOST_TEMPLATES {
            self.last = self.kept.len();
            self.kept.push(RowTemplate::default());
        } else {
            self.last = (self.last + 1) % MOST_TEMPLATES;
        }
        self.learned = self.learned.wrapping_add(1).max(1);
        self.kept[self.last].learn(nodes, row, depth, value_of);
        self.kept[self.last].number = self.learned;
        self.learned
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
        // Nearly always it is the form of the row before.
        let mut which = self.last;
        for _ in 0..self.kept.len() {
            if let Some(end) = self.kept[which].fit(bytes, depth, &read) {
                self.last = which;
                return Some(end);
            }
            which = (which + 1) % self.kept.len();
        }
        None
    }

    /// The row that fitted, of these bytes.
    pub fn item<'w>(&'w self, bytes: &'w [u8], at: u64, encoding: Encoding) -> Item<'w> {
        let RowTemplate { nodes, row, number, .. } = &self.kept[self.last];
        Item { nodes, bytes, names: row, at, encoding, template: *number }
    }
}

/// What rows of one form look like.
#[derive(Debug, Default)]
struct RowTemplate {
    /// Items have it, so that readers know which rows look alike.
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
    start: Gap,
    end: Gap,
}

/// A byte between values: how many slots stand before it, and how far behind the last of them it is.
type Gap = (u32, u32);

impl RowTemplate {
    fn learn(&mut self, nodes: &[Node], row: &[u8], depth: usize, value_of: impl Fn(&Node) -> Option<(u32, u32)>) {
        self.slots.clear();
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
    }

    /// The place of a byte that stands after the values of all nodes before `node` and before all others.
    fn place(&self, node: u32, at: u32) -> Gap {
        let slots = self.slots.partition_point(|slot| slot.node < node);
        (slots as u32, at - self.end_of(slots as u32))
    }

    /// Where the last of so many slots ends.
    fn end_of(&self, slots: u32) -> u32 {
        slots.checked_sub(1).map_or(0, |last| self.slots[last as usize].end)
    }

    #[inline]
    fn fit(
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
            let at = |place: Gap| self.end_of(place.0) + place.1;
            self.nodes[fixed.node as usize].span = (at(fixed.start), at(fixed.end));
        }
        Some(end)
    }
}
