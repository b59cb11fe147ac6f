//! The position of a parser: the names and indices from the root.

use std::fmt::Write;

/// One step from the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A member of a JSON object.
    Name(String),
    /// An element of a JSON array, from 0.
    Index(u32),
    /// An XML element: its name, and its number among the siblings of that name, from 1.
    Element(String, u32),
}

impl Segment {
    /// The name, empty for an index.
    pub fn name(&self) -> &str {
        match self {
            Self::Name(name) | Self::Element(name, _) => name,
            Self::Index(_) => "",
        }
    }

    pub fn index(&self) -> u32 {
        match self {
            Self::Index(index) | Self::Element(_, index) => *index,
            Self::Name(_) => 0,
        }
    }
}

/// The path from the root to a value.
#[derive(Clone, Debug, Default)]
pub struct Path(pub Vec<Segment>);

impl Path {
    pub fn depth(&self) -> usize {
        self.0.len()
    }

    /// The name of a step, empty for an index.
    pub fn name(&self, depth: usize) -> &str {
        self.0.get(depth).map_or("", Segment::name)
    }

    /// JSON Pointer (RFC 6901), or XPath for XML. The root of a document is not counted in an XPath, rows are.
    pub fn pointer(&self) -> String {
        self.pointer_to(self.0.len())
    }

    /// The pointer of the ancestor at this depth.
    pub fn pointer_to(&self, depth: usize) -> String {
        let mut out = String::with_capacity(self.0[..depth].iter().map(|segment| segment.name().len() + 8).sum());
        for (i, segment) in self.0[..depth].iter().enumerate() {
            match segment {
                Segment::Name(name) => {
                    out.push('/');
                    escape(name, &mut out);
                }
                Segment::Index(index) => {
                    let _ = write!(out, "/{index}");
                }
                Segment::Element(name, _) if i == 0 => {
                    let _ = write!(out, "/{name}");
                }
                Segment::Element(name, index) => {
                    let _ = write!(out, "/{name}[{index}]");
                }
            }
        }
        out
    }
}

/// Appends a name as a token of a JSON Pointer.
pub fn escape(name: &str, out: &mut String) {
    let mut rest = name;
    while let Some(at) = memchr::memchr2(b'~', b'/', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        out.push_str(if rest.as_bytes()[at] == b'~' { "~0" } else { "~1" });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}
