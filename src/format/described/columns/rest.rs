//! What a group holds beside its columns: a tape that is built as the group is read.

use crate::model::provider::Encoding;
use crate::read::{Item, NO_MANTISSA, Node, Opening, TypeHint, ValueType};

/// Names that are recorded though nothing asks for them: a hostile body may have any number.
const MOST_NAMES: usize = 64;

/// Bytes of it beyond which only what is copied is recorded.
const MOST_BYTES: usize = 64 << 10;

/// The values of a group that its rules may ask for; containers and lists that are read elsewhere stand there as such, with one
/// element where they have any.
#[derive(Debug, Default)]
pub(super) struct Rest {
    nodes: Vec<Node>,
    bytes: Vec<u8>,
    /// The containers that are open; `None`: it is not recorded.
    open: Vec<Option<u32>>,
    names: usize,
}

impl Rest {
    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        self.bytes.len() + self.nodes.len() * size_of::<Node>()
    }

    /// It as an item that begins at this offset.
    pub fn item(&self, at: u64) -> Item<'_> {
        Item { nodes: &self.nodes, bytes: &self.bytes, names: &self.bytes, at, encoding: Encoding::Json, template: 0 }
    }

    /// A container begins. `is_asked`: something asks for its name.
    pub fn enter(&mut self, name: &str, opening: Opening, is_asked: bool) {
        let is_recorded = self.is_recorded(is_asked);
        self.open.push(is_recorded.then_some(self.nodes.len() as u32));
        if is_recorded {
            let value_type = if opening == Opening::Array { ValueType::Array } else { ValueType::Object };
            self.push(name, value_type, b"");
        }
    }

    /// The last container is complete.
    pub fn leave(&mut self) {
        if let Some(Some(open)) = self.open.pop() {
            self.nodes[open as usize].next = self.nodes.len() as u32;
        }
    }

    /// All containers are complete: the body was cut.
    pub fn leave_all(&mut self) {
        while !self.open.is_empty() {
            self.leave();
        }
    }

    fn is_open(&self) -> bool {
        self.open.last().is_none_or(Option::is_some)
    }

    fn is_recorded(&mut self, is_asked: bool) -> bool {
        self.names += usize::from(!is_asked);
        self.is_open() && (is_asked || self.names <= MOST_NAMES) && self.size() < MOST_BYTES
    }

    /// Notes that the last container has something in it.
    pub fn fill(&mut self) {
        if self.open.last().is_some_and(|open| open.is_some_and(|open| open as usize + 1 == self.nodes.len())) {
            self.push("", ValueType::Bool, b"true");
        }
    }

    /// Records a value as it is.
    pub fn copy(&mut self, name: &str, item: &Item<'_>) {
        if !self.is_open() {
            return;
        }
        let (nodes, bytes) = item.with_names();
        let (before, start) = (self.nodes.len() as u32, self.bytes.len() as u32);
        self.bytes.extend_from_slice(&bytes);
        let shifted = |(from, to): (u32, u32)| (from + start, to + start);
        self.nodes.extend(nodes.iter().map(|node| Node {
            name: shifted(node.name),
            span: shifted(node.span),
            next: node.next + before,
            ..*node
        }));
        let name = self.name(name);
        self.nodes[before as usize].name = name;
    }

    /// Records a value by its type alone, with its text where it is short.
    pub fn note(&mut self, name: &str, item: &Item<'_>, is_asked: bool) {
        const SHORT: usize = 8;
        if !self.is_recorded(is_asked) {
            return;
        }
        let root = item.root();
        let raw = root.raw();
        self.push(name, root.value_type(), if raw.len() <= SHORT { raw } else { b"long" });
    }

    fn push(&mut self, name: &str, value_type: ValueType, raw: &[u8]) {
        let name = self.name(name);
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(raw);
        self.nodes.push(Node {
            value_type,
            hint: TypeHint::None,
            name,
            span: (start, self.bytes.len() as u32),
            next: self.nodes.len() as u32 + 1,
            mantissa: NO_MANTISSA,
            scale: 0,
        });
    }

    /// The place of a name, written as it would be in a body.
    fn name(&mut self, name: &str) -> (u32, u32) {
        let start = self.bytes.len() as u32;
        for byte in name.bytes() {
            if byte == b'\\' {
                self.bytes.push(b'\\');
            }
            self.bytes.push(byte);
        }
        (start, self.bytes.len() as u32)
    }
}
