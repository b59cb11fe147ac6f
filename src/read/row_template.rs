//! Row templates.
//!
//! Rows of one listing differ only in their values, so the bytes between values (names, quotes, brackets, white space)
//! are stored once and compared with each following row. A row that matches is valid, is nested no deeper and has the
//! same nodes, and needs no tokenizing. Any other row takes the general path and becomes a template.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::literal::Literal;
use super::tape::{Item, Node, ValueType};
use crate::model::provider::Encoding;

/// Larger rows do not become templates, because a template stores a copy of its row.
const MOST_BYTES: usize = 64 * 1024;

/// The largest number of templates. Rows of one listing alternate between few forms.
const MOST_TEMPLATES: usize = 4;

/// The largest number of forms that keep their number.
const MOST_FORMS: usize = 256;

/// The templates of the rows that are read.
#[derive(Debug, Default)]
pub struct RowTemplates {
    kept: Vec<RowTemplate>,
    /// The template that matched, or was added, last.
    last: usize,
    forms: Forms,
}

impl RowTemplates {
    /// Adds a row by its nodes and bytes, at a depth of `depth` containers. Returns the number of its form, see
    /// [`Item::template`].
    ///
    /// `value_of` gives the span of a node's value with its quotes, which varies from row to row; `None` for
    /// a node without a value of its own. Values have the order of their nodes.
    pub fn add(
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
        let number = self.forms.number(nodes, row);
        self.kept[self.last].fill(nodes, row, depth, value_of);
        self.kept[self.last].number = number;
        number
    }

    /// Compares the row that starts with `bytes` with the templates. Returns where the row ends, or `None` if none matches or
    /// the row is not complete. Other bytes may follow the row.
    ///
    /// `read` reads the value at an offset into its node and returns where it ends. If it refuses a value, the row does not
    /// match. The flag is the slot's own: whether its texts are no numbers, once that is known.
    #[inline]
    pub fn fit(
        &mut self,
        bytes: &[u8],
        depth: usize,
        read: impl Fn(&mut Node, &mut Option<bool>, &[u8], usize) -> Option<usize>,
    ) -> Option<usize> {
        // Nearly always the row has the form of the row before.
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

    /// The row that matched, with these bytes.
    pub fn item<'w>(&'w self, bytes: &'w [u8], at: u64, encoding: Encoding) -> Item<'w> {
        let RowTemplate { nodes, row, number, .. } = &self.kept[self.last];
        Item { nodes, bytes, names: row, at, encoding, template: *number }
    }
}

/// The numbers of forms: rows of one form have the same fields and containers, whatever the bytes between them. A form keeps its
/// number when its template was replaced.
#[derive(Debug, Default)]
struct Forms {
    numbers: HashMap<Box<[u8]>, u32, RandomState>,
    added: u32,
    /// The form that is searched.
    form: Vec<u8>,
}

impl Forms {
    fn number(&mut self, nodes: &[Node], row: &[u8]) -> u32 {
        self.form.clear();
        for node in nodes {
            let (start, end) = (node.name.0 as usize, node.name.1 as usize);
            let name = &row[start..end];
            self.form.extend_from_slice(&node.next.to_le_bytes());
            self.form.extend_from_slice(&(name.len() as u32).to_le_bytes());
            // In XML the byte before distinguishes attributes.
            self.form.push(if start > 0 { row[start - 1] } else { 0 });
            self.form.push(match node.value_type {
                ValueType::Object => b'{',
                ValueType::Array => b'[',
                _ => 0,
            });
            self.form.extend_from_slice(name);
        }
        if let Some(number) = self.numbers.get(self.form.as_slice()) {
            return *number;
        }
        if self.numbers.len() == MOST_FORMS {
            self.numbers.clear();
        }
        self.added = self.added.wrapping_add(1).max(1);
        self.numbers.insert(self.form.as_slice().into(), self.added);
        self.added
    }
}

/// The template of rows of one form.
#[derive(Debug, Default)]
struct RowTemplate {
    /// Stored in items, so that readers recognise rows of one template.
    number: u32,
    /// The number of containers around the row.
    depth: usize,
    /// The row that the template was made from; the names of later rows point into it.
    row: Vec<u8>,
    /// The nodes of the row that matched last.
    nodes: Vec<Node>,
    slots: Vec<Slot>,
    /// The bytes after the last value.
    tail: Literal,
    fixed: Vec<Fixed>,
}

/// The place of one value.
#[derive(Debug)]
struct Slot {
    node: u32,
    /// The bytes before the value, from the end of the value before it.
    before: Literal,
    /// Where the value ended in the row that matched last, with its quotes.
    end: u32,
    /// Whether texts here are no numbers, once a text has shown it.
    is_text: Option<bool>,
}

/// A node that starts and ends between values, such as a container.
#[derive(Debug)]
struct Fixed {
    node: u32,
    start: Gap,
    end: Gap,
}

/// A byte between values: the number of slots before it, and its distance from the end of the last of them.
type Gap = (u32, u32);

impl RowTemplate {
    fn fill(&mut self, nodes: &[Node], row: &[u8], depth: usize, value_of: impl Fn(&Node) -> Option<(u32, u32)>) {
        self.slots.clear();
        let numbered = || (0..).zip(nodes);
        let mut at = 0;
        for (node, (start, end)) in numbered().filter_map(|(i, node)| Some((i, value_of(node)?))) {
            self.slots.push(Slot { node, before: Literal::new(&row[at as usize..start as usize]), end, is_text: None });
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

    /// The place of a byte that is after the values of all nodes before `node` and before all others.
    fn place(&self, node: u32, at: u32) -> Gap {
        let slots = self.slots.partition_point(|slot| slot.node < node);
        (slots as u32, at - self.end_of(slots as u32))
    }

    /// The end of the last of so many slots.
    fn end_of(&self, slots: u32) -> u32 {
        slots.checked_sub(1).map_or(0, |last| self.slots[last as usize].end)
    }

    #[inline]
    fn fit(
        &mut self,
        bytes: &[u8],
        depth: usize,
        read: impl Fn(&mut Node, &mut Option<bool>, &[u8], usize) -> Option<usize>,
    ) -> Option<usize> {
        if self.slots.is_empty() || depth != self.depth {
            return None;
        }
        let mut at = 0;
        for slot in &mut self.slots {
            at = slot.before.end_in(bytes, at)?;
            at = read(self.nodes.get_mut(slot.node as usize)?, &mut slot.is_text, bytes, at)?;
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
