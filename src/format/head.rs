//! The beginning of a body, as detection needs it.

use crate::model::provider::Encoding;
use crate::read::{Opening, Path, Segment, escape_pointer};

/// The names at the beginning of a body, each with its path as a JSON Pointer: `/list/~/date`, in XML `/list/usage`,
/// attributes as `/list/@page`. Only one element of a list is examined; [`ITEM`] represents it.
#[derive(Debug)]
pub(crate) struct Head {
    pub encoding: Encoding,
    /// The type of the root.
    pub root: Option<Opening>,
    /// Whether the root is an XML element of `type="array"`.
    pub root_is_list: bool,
    pub names: Vec<Met>,
    /// The containers that are complete.
    pub left: Vec<String>,
    /// Whether nothing more follows: the root is complete, or the body is broken.
    pub complete: bool,
}

/// A name at the beginning of the body.
#[derive(Debug)]
pub(crate) struct Met {
    pub path: String,
    pub opening: Opening,
    /// A short scalar that is a child of the root, as it is written.
    pub text: Option<Box<str>>,
}

/// An element of a list. It is not a name, because in a JSON Pointer something follows each `~`.
pub(crate) const ITEM: &str = "~";

/// The greatest depth at which names are recorded: `/get/params/counters/location`.
pub(crate) const DEPTH: usize = 4;
/// The most names that are recorded of an unknown body.
pub(crate) const NAMES: usize = 512;
/// The most bytes of a scalar that are recorded.
pub(crate) const TEXT: usize = 64;

impl Head {
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, root: None, root_is_list: false, names: Vec::new(), left: Vec::new(), complete: false }
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

    /// Whether the container at a path is complete: only then is a name that was not found absent.
    pub fn is_left(&self, path: &str) -> bool {
        self.complete || self.left.iter().any(|own| own == path)
    }

    /// The paths that were found.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|met| &*met.path)
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
                self.names.push(Met { path, opening, text: None });
            }
        }
    }
}

/// A path without the indices of XML elements. The examined element of a list represents all.
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
