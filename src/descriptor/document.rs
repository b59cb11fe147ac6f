//! The JSON document of a descriptor: its values with their places, `extends` resolved, and its canonical text.

use std::collections::BTreeSet;

use super::problems::Problems;
use crate::collections::sort_values;
use crate::model::error::{Position, quoted, shortened};
use crate::read::{Element, Lines, ValueType, escape_pointer, read_json};

/// Bytes of a descriptor's JSON text, at most.
const LARGEST: usize = 256 << 10;
/// Levels of objects and lists, at most.
const DEEPEST: usize = 16;
/// Bytes of a member's name, at most.
const LONGEST_NAME: usize = 256;
/// The largest whole number that JavaScript can hold.
const LARGEST_NUMBER: u64 = (1 << 53) - 1;

/// A value of a document, by its place in [`Document`]: in the order of the text, values of a base behind those of its extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NodeId(u32);

/// One JSON value.
#[derive(Clone, Debug)]
struct Node {
    /// The container that it is in; the root is in itself.
    parent: NodeId,
    /// Its name or index in the container.
    name: Name,
    value: Json,
    /// Offset in the text; `None` for what comes from a base.
    offset: Option<u32>,
}

#[derive(Clone, Debug)]
enum Name {
    Index(u32),
    Member(Box<str>),
}

#[derive(Clone, Debug)]
enum Json {
    Null,
    Bool(bool),
    Number(Box<str>),
    Text(Box<str>),
    List(Vec<NodeId>),
    Object(Vec<NodeId>),
}

/// A JSON document.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    nodes: Vec<Node>,
}

impl Document {
    /// Reads a JSON text. Where it is no JSON there is a problem instead, at its position.
    pub fn parse(text: &str, problems: &mut Problems) -> Result<Self, (String, Option<Position>)> {
        if text.len() > LARGEST {
            return Err((format!("expected at most {LARGEST} bytes of JSON, found more"), None));
        }
        // The parser's offsets count from where the value begins.
        let start = text.len() - text.trim_start_matches([' ', '\n', '\r', '\t']).len();
        let mut document = Self { nodes: Vec::new() };
        let read = read_json(text, |root| document.add(NodeId(0), Name::Index(0), &root, start, 1, problems));
        match read {
            Ok(_) => Ok(document),
            Err(fault) => {
                let position = fault.offset().map(|offset| position(text, start + offset as usize));
                Err((fault.message().to_owned(), position))
            }
        }
    }

    fn add(
        &mut self,
        parent: NodeId,
        name: Name,
        element: &Element<'_>,
        start: usize,
        level: usize,
        problems: &mut Problems,
    ) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        let quote = usize::from(element.is_text());
        let offset = Some((start + element.offset() as usize - quote) as u32);
        let value = match element.value_type() {
            ValueType::Null => Json::Null,
            ValueType::Bool => Json::Bool(element.raw() == b"true"),
            ValueType::Number => Json::Number(element.text().into()),
            ValueType::Text | ValueType::EscapedText => Json::Text(element.text().into()),
            ValueType::Array => Json::List(Vec::new()),
            ValueType::Object => Json::Object(Vec::new()),
        };
        let is_list = matches!(value, Json::List(_));
        let is_container = is_list || matches!(value, Json::Object(_));
        self.nodes.push(Node { parent, name, value, offset });
        if !is_container {
            return id;
        }
        if level > DEEPEST {
            problems.add(id, format!("expected at most {DEEPEST} levels, found more"));
            return id;
        }
        let (mut below, mut names) = (Vec::new(), BTreeSet::new());
        for (index, child) in element.children().enumerate() {
            let member = child.name();
            // Names are bounded, because pointers are made of them.
            if member.len() > LONGEST_NAME {
                let message =
                    format!("expected members with names of at most {LONGEST_NAME} bytes, found a longer name");
                problems.add(id, message);
                continue;
            }
            let name = if is_list { Name::Index(index as u32) } else { Name::Member((&*member).into()) };
            let is_twice = !is_list && !names.insert(member);
            let child = self.add(id, name, &child, start, level + 1, problems);
            below.push(child);
            if is_twice {
                problems.add(child, "expected a member once, found it again".to_owned());
            }
        }
        match &mut self.nodes[id.0 as usize].value {
            Json::List(nodes) | Json::Object(nodes) => *nodes = below,
            _ => {}
        }
        id
    }

    pub fn root(&self) -> View<'_> {
        View { document: self, id: NodeId(0) }
    }

    /// Adds what a base has and this document has not: members, and in `metrics` and `dimensions` entries. `extends` is removed.
    pub fn extend(&mut self, base: &Self) {
        self.drop_extends();
        for member in base.root().children() {
            let name = member.name();
            match self.root().get(name).map(|own| own.id) {
                None => self.copy(NodeId(0), member),
                Some(own) if matches!(name, "metrics" | "dimensions") && self.view(own).is_object() => {
                    for entry in member.children() {
                        if self.view(own).get(entry.name()).is_none() {
                            self.copy(own, entry);
                        }
                    }
                }
                Some(_) => {}
            }
        }
    }

    fn drop_extends(&mut self) {
        if let Some(id) = self.root().get("extends").map(|member| member.id)
            && let Json::Object(nodes) = &mut self.nodes[0].value
        {
            nodes.retain(|node| *node != id);
        }
    }

    /// Copies a value of another document into a container of this one.
    fn copy(&mut self, parent: NodeId, from: View<'_>) {
        let id = NodeId(self.nodes.len() as u32);
        let Node { name, value, .. } = from.node();
        let empty = match value {
            Json::List(_) => Json::List(Vec::new()),
            Json::Object(_) => Json::Object(Vec::new()),
            scalar => scalar.clone(),
        };
        self.nodes.push(Node { parent, name: name.clone(), value: empty, offset: None });
        if let Json::List(nodes) | Json::Object(nodes) = &mut self.nodes[parent.0 as usize].value {
            nodes.push(id);
        }
        for child in from.children() {
            self.copy(id, child);
        }
    }

    pub fn view(&self, id: NodeId) -> View<'_> {
        View { document: self, id }
    }

    /// The JSON Pointer of a value.
    pub fn pointer(&self, id: NodeId) -> String {
        let (mut steps, mut at) = (Vec::new(), id);
        while at != NodeId(0) {
            steps.push(at);
            at = self.nodes[at.0 as usize].parent;
        }
        let mut pointer = String::new();
        for step in steps.iter().rev() {
            pointer.push('/');
            match &self.nodes[step.0 as usize].name {
                Name::Index(index) => pointer.push_str(itoa::Buffer::new().format(*index)),
                Name::Member(name) => escape_pointer(name, &mut pointer),
            }
        }
        pointer
    }

    /// Where a value stands in the text; `None` for what comes from a base.
    pub fn position(&self, id: NodeId, text: &str) -> Option<Position> {
        Some(position(text, self.nodes[id.0 as usize].offset? as usize))
    }

    /// A value as canonical JSON.
    pub fn text(&self, id: NodeId) -> String {
        let mut out = String::new();
        self.view(id).write(&[], true, &mut out);
        out
    }

    /// A member of an object as canonical JSON.
    pub fn text_of_member(&self, id: NodeId, name: &str) -> Option<String> {
        self.view(id).get(name).map(|member| self.text(member.id))
    }

    /// The document as canonical JSON (RFC 8785), without these members of its root. Its numbers are whole.
    pub fn canonical(&self, without: &[&str]) -> String {
        let mut out = String::new();
        self.root().write(without, true, &mut out);
        out
    }

    /// The document as JSON, in its order.
    pub fn json(&self) -> String {
        let mut out = String::new();
        self.root().write(&[], false, &mut out);
        out
    }
}

fn position(text: &str, offset: usize) -> Position {
    let mut lines = Lines::default();
    lines.position(text.as_bytes(), 0, offset as u64)
}

/// A value in its document.
#[derive(Clone, Copy)]
pub(crate) struct View<'d> {
    document: &'d Document,
    pub id: NodeId,
}

impl<'d> View<'d> {
    fn node(self) -> &'d Node {
        &self.document.nodes[self.id.0 as usize]
    }

    /// Its name in an object; empty in a list.
    pub fn name(self) -> &'d str {
        match &self.node().name {
            Name::Member(name) => name,
            Name::Index(_) => "",
        }
    }

    /// Whether it stands in the text, and does not come from a base.
    pub fn is_written(self) -> bool {
        self.node().offset.is_some()
    }

    pub fn is_null(self) -> bool {
        matches!(self.node().value, Json::Null)
    }

    pub fn is_list(self) -> bool {
        matches!(self.node().value, Json::List(_))
    }

    pub fn is_object(self) -> bool {
        matches!(self.node().value, Json::Object(_))
    }

    pub fn as_bool(self) -> Option<bool> {
        match self.node().value {
            Json::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub fn as_text(self) -> Option<&'d str> {
        match &self.node().value {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number from 0 that JavaScript holds exactly, however it is written.
    pub fn as_whole(self) -> Option<u64> {
        let Json::Number(text) = &self.node().value else { return None };
        let decimal = crate::number::decimal::Decimal::parse(text, 76).ok()?;
        decimal.to_string().parse().ok().filter(|number| *number <= LARGEST_NUMBER)
    }

    /// The values of a list or of an object's members.
    pub fn children(self) -> impl ExactSizeIterator<Item = View<'d>> {
        let nodes: &[NodeId] = match &self.node().value {
            Json::List(nodes) | Json::Object(nodes) => nodes,
            _ => &[],
        };
        nodes.iter().map(move |id| View { document: self.document, id: *id })
    }

    /// The member of that name.
    pub fn get(self, name: &str) -> Option<View<'d>> {
        self.children().find(|child| child.name() == name && self.is_object())
    }

    /// What a message says that it found here.
    pub fn describe(self) -> String {
        match &self.node().value {
            Json::Null => "null".to_owned(),
            Json::Bool(value) => value.to_string(),
            Json::Number(text) => shortened(text).into_owned(),
            Json::Text(text) => quoted(text),
            Json::List(_) => "a list".to_owned(),
            Json::Object(_) => "an object".to_owned(),
        }
    }

    fn write(self, without: &[&str], is_canonical: bool, out: &mut String) {
        match &self.node().value {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Number(text) => match self.as_whole() {
                Some(number) => out.push_str(itoa::Buffer::new().format(number)),
                None => out.push_str(text),
            },
            Json::Text(text) => write_text(text, out),
            Json::List(_) => {
                out.push('[');
                for (at, child) in self.children().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    child.write(&[], is_canonical, out);
                }
                out.push(']');
            }
            Json::Object(_) => {
                let mut members: Vec<_> = self.children().filter(|member| !without.contains(&member.name())).collect();
                if is_canonical {
                    // RFC 8785 sorts by UTF-16 code units.
                    sort_values(&mut members, &|one, other| one.name().encode_utf16().cmp(other.name().encode_utf16()));
                }
                out.push('{');
                for (at, member) in members.into_iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_text(member.name(), out);
                    out.push(':');
                    member.write(&[], is_canonical, out);
                }
                out.push('}');
            }
        }
    }
}

/// A text as a JSON string: `serde_json` escapes as RFC 8785 says.
fn write_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}
