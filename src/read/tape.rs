//! A value that was taken whole, as a list of spans. No string is copied and no tree is built.

use std::borrow::Cow;

use super::path::escape;
use super::text::{unescape_json, unescape_xml};
use crate::model::error::{ErrorCode, Fault, quoted, shortened};
use crate::model::provider::Encoding;
use crate::number::decimal::{Decimal, NumberError, SMALL_DIGITS};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    Null,
    Bool,
    /// A JSON number.
    Number,
    Text,
    /// Text with escapes.
    EscapedText,
    Object,
    Array,
}

/// The `type` attribute of an XML element (docs/formats.md#onapp-fields: only a hint).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeHint {
    None,
    Number,
    Other,
}

/// A node of a tape. Spans count bytes from the start of the item.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub value_type: ValueType,
    pub hint: TypeHint,
    /// The field's name in [`Item::names`]; empty in an array. In JSON it is the text between the quotes, still escaped.
    pub name: (u32, u32),
    /// The value: a string without its quotes, a container with its brackets.
    pub span: (u32, u32),
    /// The node after this one and its descendants.
    pub next: u32,
    /// The value of a number that was computed during the scan: mantissa × 10^(−scale) in lowest terms, at most 18 digits.
    /// Otherwise [`NO_MANTISSA`].
    pub mantissa: i64,
    pub scale: u8,
}

/// The number was not computed during the scan.
pub const NO_MANTISSA: i64 = i64::MIN;

/// The nodes of one value, in the order of the body. The memory is reused for each row.
#[derive(Debug, Default)]
pub struct Tape {
    pub nodes: Vec<Node>,
}

/// A value on its tape, with the bytes it came from.
#[derive(Clone, Copy)]
pub struct Item<'w> {
    pub nodes: &'w [Node],
    pub bytes: &'w [u8],
    /// Where the names are: the item's own bytes, or those of an item that matches the same template.
    pub names: &'w [u8],
    /// Offset of the item in the body.
    pub at: u64,
    pub encoding: Encoding,
    /// The number of its form. Items with the same number have the same fields, containers and names at the same nodes: they
    /// differ only in their scalars. 0 if the form is not known.
    pub template: u32,
}

impl<'w> Item<'w> {
    pub fn root(&'w self) -> Element<'w> {
        self.element(0)
    }

    /// Its nodes and bytes to keep, with the names among the bytes.
    pub fn with_names(&self) -> (Vec<Node>, Vec<u8>) {
        let (mut nodes, mut bytes) = (self.nodes.to_vec(), self.bytes.to_vec());
        if !std::ptr::eq(self.names, self.bytes) {
            for node in &mut nodes {
                let (start, end) = (node.name.0 as usize, node.name.1 as usize);
                // With the byte before it, which distinguishes attributes.
                bytes.extend_from_slice(&self.names[start.saturating_sub(1)..end]);
                let here = bytes.len() as u32;
                node.name = (here - (end - start) as u32, here);
            }
        }
        (nodes, bytes)
    }

    /// Appends the numbers at these nodes. `false`: not all of them are integers that were valued on the way, and what was
    /// appended is worth nothing.
    #[inline]
    pub fn integers(&self, nodes: &[u32], out: &mut Vec<i64>) -> bool {
        let mut all = true;
        out.extend(nodes.iter().map(|&node| {
            let node = &self.nodes[node as usize];
            all &= (node.mantissa != NO_MANTISSA) & (node.scale == 0);
            node.mantissa
        }));
        all
    }

    /// The same for mantissas and scales of numbers that were computed during the scan.
    #[inline]
    pub fn smalls(&self, nodes: &[u32], mantissas: &mut Vec<i64>, scales: &mut Vec<u8>) -> bool {
        let nodes = || nodes.iter().map(|&node| &self.nodes[node as usize]);
        mantissas.extend(nodes().map(|node| node.mantissa));
        scales.extend(nodes().map(|node| node.scale));
        nodes().all(|node| node.mantissa != NO_MANTISSA)
    }

    /// The value at a node.
    #[inline]
    pub fn element(&'w self, node: u32) -> Element<'w> {
        Element { item: self, index: node as usize }
    }
}

/// One value of an item.
#[derive(Clone, Copy)]
pub struct Element<'w> {
    item: &'w Item<'w>,
    index: usize,
}

impl<'w> Element<'w> {
    #[inline]
    fn node(&self) -> &'w Node {
        &self.item.nodes[self.index]
    }

    #[inline]
    fn slice(&self, span: (u32, u32)) -> &'w [u8] {
        &self.item.bytes[span.0 as usize..span.1 as usize]
    }

    /// The index of this value among the nodes of its item.
    #[inline]
    pub fn index(&self) -> u32 {
        self.index as u32
    }

    /// Another node of the same item.
    #[inline]
    pub fn at(&self, node: u32) -> Self {
        Self { item: self.item, index: node as usize }
    }

    /// The node behind it and all below it.
    pub fn end(&self) -> u32 {
        self.node().next
    }

    #[inline]
    pub fn value_type(&self) -> ValueType {
        self.node().value_type
    }

    pub fn hint(&self) -> TypeHint {
        self.node().hint
    }

    pub fn encoding(&self) -> Encoding {
        self.item.encoding
    }

    /// Offset in the body.
    pub fn offset(&self) -> u64 {
        self.item.at + u64::from(self.node().span.0)
    }

    pub fn name(&self) -> Cow<'w, str> {
        let (start, end) = self.node().name;
        let raw = text_of(&self.item.names[start as usize..end as usize]);
        match self.item.encoding {
            Encoding::Json if raw.contains('\\') => unescape_json(raw),
            _ => Cow::Borrowed(raw),
        }
    }

    /// Whether the name is this one.
    #[inline]
    pub fn is_named(&self, name: &str) -> bool {
        let (start, end) = self.node().name;
        let raw = &self.item.names[start as usize..end as usize];
        if self.item.encoding == Encoding::Json && raw.contains(&b'\\') {
            return self.name() == name;
        }
        raw == name.as_bytes()
    }

    /// Whether it is an attribute of an XML element.
    pub fn is_attribute(&self) -> bool {
        let start = self.node().name.0 as usize;
        self.item.encoding == Encoding::Xml && start > 0 && self.item.names[start - 1] != b'<'
    }

    /// The value as it stands in the body: the digits of a number, a text without its quotes, still escaped.
    #[inline]
    pub fn raw(&self) -> &'w [u8] {
        self.slice(self.node().span)
    }

    /// The content of a string or number; for a container its bytes in the body.
    pub fn text(&self) -> Cow<'w, str> {
        let raw = text_of(self.raw());
        match (self.value_type(), self.item.encoding) {
            (ValueType::EscapedText, Encoding::Json) => unescape_json(raw),
            (ValueType::EscapedText, Encoding::Xml) => Cow::Owned(unescape_xml(raw).trim_ascii().to_owned()),
            _ => Cow::Borrowed(raw),
        }
    }

    pub fn is_text(&self) -> bool {
        matches!(self.value_type(), ValueType::Text | ValueType::EscapedText)
    }

    pub fn is_null(&self) -> bool {
        self.value_type() == ValueType::Null
    }

    /// The direct children.
    pub fn children(&self) -> impl Iterator<Item = Element<'w>> + use<'w> {
        let (item, mut index) = (self.item, self.index + 1);
        let end = self.node().next as usize;
        std::iter::from_fn(move || {
            let child = (index < end).then_some(Element { item, index })?;
            index = child.node().next as usize;
            Some(child)
        })
    }

    /// This value, if it says the same as the one of its name that was met before.
    ///
    /// # Errors
    /// `unexpected-shape`, at this value, if they differ.
    pub fn same_as(self, known: Option<Element<'w>>) -> Result<Element<'w>, Fault> {
        match known.filter(|known| known.raw() != self.raw()) {
            None => Ok(self),
            Some(_) => {
                let name = self.name();
                let message =
                    format!("expected a field `{}` once, found it again with another value", shortened(&name));
                Err(Fault::new(ErrorCode::UnexpectedShape, message).at(self.offset()).in_item(self.path()))
            }
        }
    }

    /// A number, written as one or as a text.
    ///
    /// # Errors
    /// `unexpected-shape`, `invalid-number` or `number-out-of-range`, at this value.
    pub fn number(&self, max_digits: u64) -> Result<Decimal, Fault> {
        if let Some((mantissa, scale)) = self.small_number(max_digits) {
            return Ok(Decimal::of_small(mantissa, scale.into()));
        }
        let parsed = match self.value_type() {
            ValueType::Number | ValueType::Text => Decimal::parse_bytes(self.raw(), max_digits),
            ValueType::EscapedText => Decimal::parse(&self.text(), max_digits),
            _ => return Err(self.unexpected("a number")),
        };
        parsed.map_err(|error| {
            let (code, expected) = match error {
                NumberError::Invalid => (ErrorCode::InvalidNumber, "a number".to_owned()),
                NumberError::OutOfRange => {
                    (ErrorCode::NumberOutOfRange, format!("a number of at most {max_digits} digits"))
                }
            };
            self.fault(code, &expected)
        })
    }

    /// Mantissa and scale of a number that was computed during the scan: the common case of [`Element::number`].
    #[inline]
    pub fn small_number(&self, max_digits: u64) -> Option<(i64, u8)> {
        let node = self.node();
        (node.mantissa != NO_MANTISSA && max_digits >= SMALL_DIGITS as u64).then_some((node.mantissa, node.scale))
    }

    /// A small whole number.
    pub fn count(&self) -> Option<u64> {
        match self.value_type() {
            ValueType::Number | ValueType::Text => text_of(self.raw()).parse().ok(),
            _ => None,
        }
    }

    /// A string, or a number as it is written, for ids that are sent as either.
    pub fn id_text(&self) -> Result<Cow<'w, str>, Fault> {
        match self.value_type() {
            ValueType::Number | ValueType::Text | ValueType::EscapedText => Ok(self.text()),
            _ => Err(self.unexpected("a text or a number")),
        }
    }

    /// A fault at this value: what was expected, and what was found here.
    #[cold]
    pub fn fault(&self, code: ErrorCode, expected: &str) -> Fault {
        let path = self.path();
        Fault::new(code, format!("expected {expected}, found {}", self.describe())).at(self.offset()).in_item(path)
    }

    #[cold]
    pub fn unexpected(&self, expected: &str) -> Fault {
        self.fault(ErrorCode::UnexpectedShape, expected)
    }

    /// The fault of a required field that this value lacks.
    #[cold]
    pub fn missing(&self, name: &str) -> Fault {
        Fault::new(ErrorCode::MissingField, format!("expected a field `{name}`, found none"))
            .at(self.offset())
            .in_item(self.path())
    }

    fn describe(&self) -> String {
        match self.value_type() {
            ValueType::Object => "an object".to_owned(),
            ValueType::Array => "an array".to_owned(),
            ValueType::Null => "null".to_owned(),
            ValueType::Text | ValueType::EscapedText => quoted(&self.text()),
            ValueType::Number | ValueType::Bool => shortened(&self.text()).into_owned(),
        }
    }

    /// The path from the item's root to this value, as the end of a pointer.
    pub fn path(&self) -> String {
        self.path_from(self.item.root())
    }

    /// The path from an element around this value.
    pub fn path_from(&self, from: Element<'_>) -> String {
        let mut out = String::new();
        let mut at = from;
        while at.index != self.index {
            let Some((position, below)) = at
                .children()
                .enumerate()
                .find(|(_, child)| (child.index..child.node().next as usize).contains(&self.index))
            else {
                break;
            };
            at.write_step(position, &below, &mut out);
            at = below;
        }
        out
    }

    /// Appends the step from this element to a child to a pointer.
    pub fn write_step(&self, position: usize, child: &Element<'_>, out: &mut String) {
        use std::fmt::Write;
        out.push('/');
        match (self.item.encoding, self.value_type()) {
            (Encoding::Json, ValueType::Array) => {
                let _ = write!(out, "{position}");
            }
            (Encoding::Json, _) => escape(&child.name(), out),
            (Encoding::Xml, _) => {
                let name = child.name();
                let same = |other: &Element<'_>| other.name() == name;
                out.push_str(&name);
                if self.value_type() == ValueType::Array || self.children().filter(same).nth(1).is_some() {
                    let which = self.children().take(position + 1).filter(same).count();
                    let _ = write!(out, "[{which}]");
                }
            }
        }
    }
}

/// Bytes that the scanner has checked to be UTF-8.
fn text_of(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
