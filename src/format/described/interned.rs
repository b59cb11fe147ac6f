//! Codes that follow from the texts of a few nodes of a row.

use std::cell::RefCell;

use crate::format::code_cache::{CodeCache, ESCAPED, NULL, OTHER, PLAIN, Part};
use crate::read::{Item, ValueType};
use crate::table::Text;

/// Codes of what was worked out from a row, by the bytes of the nodes that it rests on. Which these are shows as it is worked out.
#[derive(Debug, Default)]
pub(super) struct Interned {
    nodes: Vec<u32>,
    codes: CodeCache,
}

impl Interned {
    #[inline]
    pub fn get(&mut self, item: &Item<'_>, captures: &[(Box<str>, Text)]) -> Option<u32> {
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
        self.codes.insert(parts(&self.nodes, item, captures), code)
    }

    /// Adds the nodes that were asked for. `true`: what was known by fewer is forgotten.
    pub fn rest_on(&mut self, touched: &RefCell<Vec<u32>>) -> bool {
        let mut is_more = false;
        for node in touched.borrow_mut().drain(..) {
            if !self.nodes.contains(&node) {
                self.nodes.push(node);
                is_more = true;
            }
        }
        if is_more {
            self.codes.clear();
        }
        is_more
    }

    pub fn clear(&mut self) {
        self.codes.clear();
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
