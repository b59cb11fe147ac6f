//! The beginning of a body, as detection needs it.

use crate::model::provider::Encoding;
use crate::read::{Element, Opening, Path, Segment, ValueType, escape_pointer};

/// The names at the beginning of a body, each with its path as a JSON Pointer: `/list/~/date`, in XML `/list/usage`,
/// attributes as `/list/@page`. Only one element of a list is examined; [`ITEM`] represents it.
#[derive(Debug)]
pub(crate) struct Head {
    pub encoding: Encoding,
    /// The type of the root.
    pub root: Option<Opening>,
    names: Vec<Met>,
    /// The names directly below the root.
    children: Vec<u32>,
    /// How many containers are complete.
    left: usize,
    /// Whether there is nothing more to come: the root is complete, or the body is broken.
    pub complete: bool,
}

/// A name at the beginning of the body.
#[derive(Debug)]
pub(crate) struct Met {
    path: String,
    /// Bytes of the path before its last name.
    parent: usize,
    pub opening: Opening,
    /// A short scalar, as it is written.
    pub text: Option<Box<str>>,
    pub is_null: bool,
    /// Nothing more comes into it.
    is_left: bool,
    children: Vec<u32>,
}

impl Met {
    /// Its name; of an attribute with `@`, of an element of a list [`ITEM`].
    pub fn name(&self) -> &str {
        &self.path[self.parent + 1..]
    }

    pub fn is_attribute(&self) -> bool {
        self.name().starts_with('@')
    }
}

/// A name in a head, or the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadNode {
    Root,
    Name(u32),
}

/// An element of a list. It is not a name, because in a JSON Pointer something follows each `~`.
pub(crate) const ITEM: &str = "~";

/// The attribute that says what an XML element is.
pub(crate) const TYPE: &str = "type";

/// How deep names are looked at: `/get/params/counters/location/0`.
pub(crate) const DEPTH: usize = 5;
/// How many names are kept of a body that nobody recognises.
pub(crate) const NAMES: usize = 512;
/// The most bytes of a name that are recorded: each path has the names before it.
const NAME: usize = 1024;
/// The most bytes of a scalar that are recorded.
pub(crate) const TEXT: usize = 64;

impl Head {
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, root: None, names: Vec::new(), children: Vec::new(), left: 0, complete: false }
    }

    /// The head of a body that was taken whole.
    pub fn of_value(path: &Path, root: Element<'_>) -> Self {
        let mut head = Self { complete: true, ..Self::new(root.encoding()) };
        head.note_value(path, root);
        if head.encoding == Encoding::Xml {
            head.root = Some(Opening::Element);
            if root.value_type() == ValueType::Array {
                head.note_attribute(&plain(&path.0), TYPE, Some("array".into()));
            }
        }
        head
    }

    /// How much is known: it never shrinks.
    pub fn extent(&self) -> (usize, usize, bool) {
        (self.names.len(), self.left, self.complete)
    }

    /// Whether no more names are noted.
    pub fn is_full(&self) -> bool {
        self.names.len() >= NAMES
    }

    /// What is known of a name.
    pub fn met(&self, place: HeadNode) -> Option<&Met> {
        match place {
            HeadNode::Root => None,
            HeadNode::Name(at) => self.names.get(at as usize),
        }
    }

    /// The names directly below a place, attributes included.
    pub fn children(&self, place: HeadNode) -> impl Iterator<Item = (HeadNode, &Met)> {
        let children = match place {
            HeadNode::Root => &self.children,
            HeadNode::Name(at) => &self.names[at as usize].children,
        };
        children.iter().map(|at| (HeadNode::Name(*at), &self.names[*at as usize]))
    }

    /// What stands at a place; `None` for a root that was not met.
    pub fn opening_of(&self, place: HeadNode) -> Option<Opening> {
        match place {
            HeadNode::Root => self.root,
            HeadNode::Name(at) => Some(self.names[at as usize].opening),
        }
    }

    /// Whether all names below a place were met.
    pub fn is_decided(&self, place: HeadNode) -> bool {
        self.complete
            || match place {
                // A document has one root element.
                HeadNode::Root => self.encoding == Encoding::Xml && !self.children.is_empty(),
                HeadNode::Name(at) => {
                    let met = &self.names[at as usize];
                    met.is_left || met.opening == Opening::Scalar
                }
            }
    }

    /// Whether this path was found.
    pub fn has(&self, path: &str) -> bool {
        self.opening(path).is_some()
    }

    /// Whether a name was found directly below a path.
    pub fn has_below(&self, path: &str, name: &str) -> bool {
        self.below(path).any(|(own, _)| own == name)
    }

    /// The type of the value at a path.
    pub fn opening(&self, path: &str) -> Option<Opening> {
        self.names.iter().find(|met| met.path == path).map(|met| met.opening)
    }

    /// The names that were found directly below a path.
    pub fn below<'h>(&'h self, path: &'h str) -> impl Iterator<Item = (&'h str, Opening)> {
        self.names.iter().filter_map(move |met| {
            let name = met.path.strip_prefix(path)?.strip_prefix('/')?;
            (!name.contains('/')).then_some((name, met.opening))
        })
    }

    /// The short scalar with this name below the root of a JSON body. The name is case-insensitive.
    pub fn text(&self, name: &str) -> Option<&str> {
        let is = |met: &&Met| met.path.strip_prefix('/').is_some_and(|own| own.eq_ignore_ascii_case(name));
        self.names.iter().find(is)?.text.as_deref()
    }

    /// The value of `success` in the root, a boolean or a string.
    pub fn success(&self) -> Option<bool> {
        match self.text("success")? {
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The name of the root of an XML body.
    pub fn root_name(&self) -> &str {
        self.below("").next().map_or("", |(name, _)| name)
    }

    /// A complete list without elements.
    pub fn is_empty_list(&self) -> bool {
        self.complete && self.root == Some(Opening::Array) && self.names.is_empty()
    }

    /// Records a name.
    pub fn note(&mut self, path: &Path, opening: Opening) {
        if path.0.is_empty() {
            self.root = Some(opening);
        } else if path.depth() <= DEPTH && self.names.len() < NAMES {
            let path = plain(&path.0);
            // The rows of XML repeat the same names.
            if self.encoding == Encoding::Json || !self.has(&path) {
                self.push(path, opening);
            }
        }
    }

    /// Notes an attribute of an element.
    pub fn note_attribute(&mut self, element: &str, name: &str, text: Option<Box<str>>) {
        let path = format!("{element}/@{name}");
        if self.names.len() < NAMES && !self.has(&path) {
            self.push(path, Opening::Scalar);
            self.set_last(text, false);
        }
    }

    /// Records a value that was taken whole, and the names in it.
    pub fn note_value(&mut self, path: &Path, value: Element<'_>) {
        let opening = match (value.encoding(), value.value_type()) {
            (Encoding::Xml, _) => Opening::Element,
            (Encoding::Json, ValueType::Object) => Opening::Object,
            (Encoding::Json, ValueType::Array) => Opening::Array,
            (Encoding::Json, _) => Opening::Scalar,
        };
        if path.depth() > DEPTH || self.is_full() {
            return;
        }
        self.note(path, opening);
        let is_container = matches!(value.value_type(), ValueType::Object | ValueType::Array);
        let text = (!is_container && !value.is_null()).then(|| value.text().into());
        self.note_text(&plain(&path.0), text, value.is_null());
        let is_list = opening == Opening::Array;
        for child in value.children() {
            if child.is_attribute() {
                self.note_attribute(&plain(&path.0), &child.name(), Some(child.text().into()));
                continue;
            }
            let mut below = path.clone();
            below.0.push(match value.encoding() {
                Encoding::Json if is_list => Segment::Index(0),
                Encoding::Json => Segment::Name(child.name().into_owned()),
                Encoding::Xml => Segment::Element(child.name().into_owned(), 1),
            });
            self.note_value(&below, child);
            if is_list {
                break;
            }
        }
    }

    fn push(&mut self, path: String, opening: Opening) {
        let parent = path.rfind('/').unwrap_or(0);
        let place = self.names.len() as u32;
        match self.names.iter_mut().rfind(|met| met.path == path[..parent]) {
            Some(met) => met.children.push(place),
            None => self.children.push(place),
        }
        let met = Met { path, parent, opening, text: None, is_null: false, is_left: false, children: Vec::new() };
        self.names.push(met);
    }

    /// Notes what the name that was met last says.
    fn set_last(&mut self, text: Option<Box<str>>, is_null: bool) {
        if let Some(met) = self.names.last_mut() {
            (met.text, met.is_null) = (text, is_null);
        }
    }

    /// Notes what a name says, where it was just met.
    pub fn note_text(&mut self, path: &str, text: Option<Box<str>>, is_null: bool) {
        if self.names.last().is_some_and(|met| met.path == path) {
            self.set_last(text, is_null);
        }
    }

    /// Notes that nothing more comes into a container.
    pub fn note_left(&mut self, path: &str) {
        self.left += 1;
        if let Some(met) = self.names.iter_mut().rfind(|met| met.path == path) {
            met.is_left = true;
        }
    }
}

/// The part of a name that is recorded.
fn beginning(name: &str) -> &str {
    let end = (0..=NAME.min(name.len())).rev().find(|end| name.is_char_boundary(*end));
    &name[..end.unwrap_or(0)]
}

/// A path without the indices of XML elements. The examined element of a list represents all.
pub(crate) fn plain(path: &[Segment]) -> String {
    let mut out = String::new();
    for segment in path {
        out.push('/');
        match segment {
            Segment::Name(name) => escape_pointer(beginning(name), &mut out),
            Segment::Element(name, _) => out.push_str(beginning(name)),
            Segment::Index(_) => out.push_str(ITEM),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_recorded_with_its_beginning_alone() {
        let long = "é".repeat(NAME);
        let path = |depth| Path((0..depth).map(|_| Segment::Name(long.clone())).collect());
        let mut head = Head::new(Encoding::Json);
        (1..=DEPTH).for_each(|depth| head.note(&path(depth), Opening::Object));
        let lengths: Vec<usize> = head.names.iter().map(|met| met.path.len()).collect();
        assert_eq!(lengths, [1025, 2050, 3075, 4100, 5125]);
        assert_eq!(head.below("").count(), 1);
    }
}
