//! The beginning of a body, as far as detection needs it.

use crate::model::provider::Encoding;
use crate::read::{Opening, Path, Segment, escape_pointer};

/// The names met at the beginning of a body, each with the way to it as a JSON Pointer: `/list/~/date`, in XML `/list/usage`,
/// attributes as `/list/@page`. Of a list only one element is looked into, and [`ITEM`] stands for it.
#[derive(Debug)]
pub(crate) struct Head {
    pub encoding: Encoding,
    /// What the root is.
    pub root: Option<Opening>,
    /// Whether the root is an XML element of `type="array"`.
    pub root_is_list: bool,
    pub names: Vec<Met>,
    /// The containers that nothing more comes into.
    pub left: Vec<String>,
    /// Whether there is nothing more to come: the root is complete, or the body is broken.
    pub complete: bool,
}

/// A name that was met.
#[derive(Debug)]
pub(crate) struct Met {
    pub path: String,
    pub opening: Opening,
    /// A short scalar directly below the root, as it is written.
    pub text: Option<Box<str>>,
}

/// An element of a list: no name, for in a JSON Pointer something follows each `~`.
pub(crate) const ITEM: &str = "~";

/// How deep names are looked at: `/get/params/counters/location`.
pub(crate) const DEPTH: usize = 4;
/// How many names are kept of a body that nobody recognises.
pub(crate) const NAMES: usize = 512;
/// Bytes of a scalar that are kept.
pub(crate) const TEXT: usize = 64;

impl Head {
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, root: None, root_is_list: false, names: Vec::new(), left: Vec::new(), complete: false }
    }

    /// Whether a name was met.
    pub fn has(&self, path: &str) -> bool {
        self.opening(path).is_some()
    }

    /// Whether a name was met directly below a path.
    pub fn has_below(&self, path: &str, name: &str) -> bool {
        self.below(path).any(|(own, _)| own == name)
    }

    /// What stands at a path.
    pub fn opening(&self, path: &str) -> Option<Opening> {
        self.names.iter().find(|met| met.path == path).map(|met| met.opening)
    }

    /// The names met directly below a path.
    pub fn below<'h>(&'h self, path: &'h str) -> impl Iterator<Item = (&'h str, Opening)> {
        self.names.iter().filter_map(move |met| {
            let name = met.path.strip_prefix(path)?.strip_prefix('/')?;
            (!name.contains('/')).then_some((name, met.opening))
        })
    }

    /// The short scalar of that name directly below the root of a JSON body; the name in any case.
    pub fn text(&self, name: &str) -> Option<&str> {
        let is = |met: &&Met| met.path.strip_prefix('/').is_some_and(|own| own.eq_ignore_ascii_case(name));
        self.names.iter().find(is)?.text.as_deref()
    }

    /// What the root says of its success, a boolean or a text.
    pub fn success(&self) -> Option<bool> {
        match self.text("success")? {
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The name of an XML body's root.
    pub fn root_name(&self) -> &str {
        self.below("").next().map_or("", |(name, _)| name)
    }

    /// Whether all that stands directly below a path was met: only then is a name that was not met absent.
    pub fn is_left(&self, path: &str) -> bool {
        self.complete || self.left.iter().any(|own| own == path)
    }

    /// The paths met.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|met| &*met.path)
    }

    /// A complete list without elements.
    pub fn is_empty_list(&self) -> bool {
        self.complete && self.root == Some(Opening::Array) && self.names.is_empty()
    }

    /// Notes a name.
    pub fn note(&mut self, path: &Path, opening: Opening) {
        if path.0.is_empty() {
            self.root = Some(opening);
        } else if path.depth() <= DEPTH && self.names.len() < NAMES {
            let path = plain(&path.0);
            // Rows of XML say the same names again and again.
            if self.encoding == Encoding::Json || !self.has(&path) {
                self.names.push(Met { path, opening, text: None });
            }
        }
    }
}

/// A path without the indices of XML elements; the element of a list that is looked into stands for all.
pub(crate) fn plain(path: &[Segment]) -> String {
    let mut out = String::new();
    for segment in path {
        out.push('/');
        match segment {
            Segment::Name(name) => escape_pointer(name, &mut out),
            Segment::Element(name, _) => out.push_str(name),
            Segment::Index(_) => out.push_str(ITEM),
        }
    }
    out
}
