//! Parses bodies: bytes to rows, with chunks cut anywhere.
//!
//! A pull parser, driven by a visitor, enters the containers of a body. At each value it asks the visitor whether to enter it or to
//! take it whole. A value that is taken whole is recorded on a [`Tape`] of spans, the same for JSON and XML, so each format
//! is written once. If the bytes end inside a value, the parser returns to the start of that value and waits for more.
//!
//! JSON is not parsed by a library, because of three guarantees: every fault has its offset and its pointer,
//! every number is read from its text, and a body may be cut anywhere.

mod digits;
mod json;
mod keys;
pub(crate) mod limits;
mod literal;
mod path;
mod position;
#[cfg(test)]
mod recorder;
mod row_template;
mod tape;
mod text;
mod value;
mod visitor;
mod xml;

pub(crate) use json::JsonParser;
pub(crate) use literal::begins_with;
pub(crate) use path::{Path, Segment, escape as escape_pointer};
pub(crate) use position::Lines;
pub(crate) use tape::{Element, Item, NO_MANTISSA, Node, TypeHint, ValueType};
pub use value::Value;
pub(crate) use value::read_json;
pub(crate) use visitor::{Halt, Input, Opening, ParserLimits, Plan, Visitor};
pub(crate) use xml::XmlParser;
