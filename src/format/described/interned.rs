//! Codes that follow from the texts of a few nodes of a row.

use std::cell::RefCell;

use crate::collections::sort;
use crate::format::code_cache::{CodeCache, ESCAPED, NULL, OTHER, PLAIN, Part, has_parts, lay_out};
use crate::read::{Item, ValueType};
use crate::table::Text;

/// Codes of what was worked out from a row, by the bytes of the nodes that it rests on. Which these are shows as it is worked out.
#[derive(Debug)]
pub(super) struct Interned {
    /// Sorted.
    nodes: Vec<u32>,
    codes: CodeCache,
    /// The code of all rows, where it rests on no node.
    constant: Option<u32>,
}

/// Keys after which texts that hardly come again are not remembered any more: resources may come again late.
const MOST_TRIED: usize = 1 << 14;

impl Default for Interned {
    fn default() -> Self {
        Self { nodes: Vec::new(), codes: CodeCache::trying(MOST_TRIED), constant: None }
    }
}

impl Interned {
    #[inline]
    pub fn get(&mut self, item: &Item<'_>, captures: &[(Box<str>, Text)]) -> Option<u32> {
        if self.constant.is_some() && captures.is_empty() {
            return self.constant;
        }
        self.codes.get(parts(&self.nodes, item, captures))
    }

    /// Remembers a code that rests on these nodes. `false`: it does not, because texts hardly come again.
    pub fn learn(
        &mut self,
        item: &Item<'_>,
        captures: &[(Box<str>, Text)],
        touched: &RefCell<Vec<u32>>,
        code: u32,
    ) -> bool {
        self.rest_on(touched);
        self.insert(item, captures, code)
    }

    /// The same for a code that rests on the nodes that are known.
    fn insert(&mut self, item: &Item<'_>, captures: &[(Box<str>, Text)], code: u32) -> bool {
        if self.nodes.is_empty() && captures.is_empty() {
            self.constant = Some(code);
            return true;
        }
        self.codes.insert(parts(&self.nodes, item, captures), code)
    }

    /// Adds the nodes that were asked for. `true`: what was known by fewer is forgotten.
    pub fn rest_on(&mut self, touched: &RefCell<Vec<u32>>) -> bool {
        // A row with thousands of rows in it asks for thousands of nodes.
        let known = self.nodes.len();
        for node in touched.borrow_mut().drain(..) {
            if self.nodes[..known].binary_search(&node).is_err() && self.nodes.last() != Some(&node) {
                self.nodes.push(node);
            }
        }
        let is_more = self.nodes.len() > known;
        if is_more {
            sort(&mut self.nodes, &|one, other| one.cmp(&other));
            self.nodes.dedup();
            self.clear();
        }
        is_more
    }

    pub fn clear(&mut self) {
        self.constant = None;
        self.codes.clear();
    }
}

/// Codes of periods. Rows of a listing often each have their own, or share that of the row before: others are remembered
/// only where a period comes again.
#[derive(Debug, Default)]
pub(super) struct InternedPeriods {
    codes: Interned,
    latest: Vec<u8>,
    latest_code: Option<u32>,
}

impl InternedPeriods {
    #[inline]
    pub fn get(&mut self, item: &Item<'_>, captures: &[(Box<str>, Text)]) -> Option<u32> {
        if self.latest_code.is_some() && has_parts(&self.latest, parts(&self.codes.nodes, item, captures)) {
            return self.latest_code;
        }
        self.codes.get(item, captures)
    }

    /// Adds the nodes that a period rests on.
    pub fn rest_on(&mut self, touched: &RefCell<Vec<u32>>) {
        if self.codes.rest_on(touched) {
            self.latest_code = None;
        }
    }

    /// Remembers a code that rests on the nodes that are known. `is_new`: no row had this period before.
    #[inline]
    pub fn learn(&mut self, item: &Item<'_>, captures: &[(Box<str>, Text)], (code, is_new): (u32, bool)) {
        lay_out(parts(&self.codes.nodes, item, captures), &mut self.latest);
        self.latest_code = Some(code);
        if !is_new {
            self.codes.insert(item, captures, code);
        }
    }
}

#[inline]
fn parts<'p>(
    nodes: &'p [u32],
    item: &'p Item<'_>,
    captures: &'p [(Box<str>, Text)],
) -> impl Iterator<Item = Part<'p>> + Clone {
    let texts = nodes.iter().map(|node| {
        let element = item.element(*node);
        match element.value_type() {
            ValueType::Number | ValueType::Text => (element.raw(), PLAIN),
            ValueType::EscapedText => (element.raw(), ESCAPED),
            ValueType::Null => (&b""[..], NULL),
            ValueType::Bool | ValueType::Object | ValueType::Array => (element.raw(), OTHER),
        }
    });
    texts.chain(captures.iter().map(|(_, text)| (text.as_bytes(), PLAIN)))
}
