//! The beginning of a body, as far as it takes to tell whose it is.

use super::{PROVIDERS, ProviderFormats, Recognition, formats_of};
use crate::options::ReadOptions;
use crate::provider::{Encoding, Provider};
use crate::read::{Halt, Item, Opening, Path, Plan, Segment, Visitor};

/// The names met at the beginning of a body, each with the way to it: `/list/0/date`, in XML `/list/usage`,
/// attributes as `/list/@page`. Of a list only one element is looked into.
#[derive(Debug)]
pub(crate) struct Head {
    pub encoding: Encoding,
    /// What the root is.
    pub root: Option<Opening>,
    names: Vec<(String, Opening)>,
    /// The containers that nothing more comes into.
    left: Vec<String>,
    /// Whether there is nothing more to come.
    pub complete: bool,
}

/// How deep names are looked at: `/get/params/counters/location`.
const DEPTH: usize = 4;
/// How many names are kept of a body that nobody recognises.
const NAMES: usize = 512;

impl Head {
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, root: None, names: Vec::new(), left: Vec::new(), complete: false }
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
        self.names.iter().find(|(own, _)| own == path).map(|(_, opening)| *opening)
    }

    /// The names met directly below a path.
    pub fn below<'h>(&'h self, path: &'h str) -> impl Iterator<Item = (&'h str, Opening)> {
        self.names.iter().filter_map(move |(own, opening)| {
            let name = own.strip_prefix(path)?.strip_prefix('/')?;
            (!name.contains('/')).then_some((name, *opening))
        })
    }

    /// Whether all that stands directly below a path was met: only then is a name that was not met absent.
    pub fn is_left(&self, path: &str) -> bool {
        self.complete || self.left.iter().any(|own| own == path)
    }

    /// The paths met.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(path, _)| &**path)
    }

    /// A complete list without elements.
    pub fn is_empty_list(&self) -> bool {
        self.complete && self.root == Some(Opening::Array) && self.names.is_empty()
    }

    fn note(&mut self, path: &Path, opening: Opening) {
        if path.0.is_empty() {
            self.root = Some(opening);
        } else if path.depth() <= DEPTH && self.names.len() < NAMES {
            self.names.push((plain(&path.0), opening));
        }
    }
}

/// A path without the indices of XML elements; the element of a list that is looked into counts as its first.
fn plain(path: &[Segment]) -> String {
    path.iter().fold(String::new(), |out, segment| match segment {
        Segment::Name(name) | Segment::Element(name, _) => out + "/" + name,
        Segment::Index(_) => out + "/0",
    })
}

/// What a body was recognised as.
pub(crate) enum Recognized {
    /// One provider's format, or error reply.
    As(&'static dyn ProviderFormats, Recognition),
    /// A format of another provider than the one that was named.
    Other(Provider),
    /// More must be read.
    NotYet,
    /// Nothing that is known.
    Nothing,
}

/// Asks the providers, or only the one that was named.
pub(crate) fn recognize(head: &Head, options: &ReadOptions) -> Recognized {
    let named = options.provider.and_then(formats_of);
    let mut error = None;
    for formats in PROVIDERS.into_iter().filter(|formats| named.is_none_or(|n| n.provider() == formats.provider())) {
        match formats.recognize(head, options) {
            Recognition::No => {}
            Recognition::Error => error = error.or(Some(formats)),
            Recognition::Is(format) => return Recognized::As(formats, Recognition::Is(format)),
        }
    }
    match (error, named) {
        (Some(formats), _) => Recognized::As(formats, Recognition::Error),
        _ if !head.complete => Recognized::NotYet,
        (None, None) => Recognized::Nothing,
        (None, Some(named)) => {
            let other =
                PROVIDERS.into_iter().find(|other| matches!(other.recognize(head, options), Recognition::Is(_)));
            match other {
                Some(other) => Recognized::Other(other.provider()),
                None if named.is_error(head) => Recognized::As(named, Recognition::Error),
                None => Recognized::Nothing,
            }
        }
    }
}

/// Walks the beginning of a body until somebody recognises it.
pub(crate) struct HeadVisitor<'o> {
    pub head: Head,
    pub options: &'o ReadOptions,
    pub recognized: Option<Recognized>,
    /// Of each list, the element that is looked into: the first object that has fields.
    explored: Vec<(String, u32)>,
    /// What was known when the providers were asked last.
    asked: (usize, usize, bool),
}

impl<'o> HeadVisitor<'o> {
    pub fn new(encoding: Encoding, options: &'o ReadOptions) -> Self {
        Self { head: Head::new(encoding), options, recognized: None, explored: Vec::new(), asked: (0, 0, false) }
    }

    /// Whether a value lies in an element of a list that is not the one looked into.
    fn is_beyond(&mut self, path: &Path) -> bool {
        for (depth, segment) in path.0.iter().enumerate() {
            let Segment::Index(index) = segment else {
                continue;
            };
            let list = plain(&path.0[..depth]);
            let has_field = matches!(path.0.get(depth + 1), Some(Segment::Name(_)));
            match self.explored.iter().find(|(own, _)| *own == list) {
                Some((_, explored)) if explored != index => return true,
                Some(_) => {}
                None if has_field => self.explored.push((list, *index)),
                None => {}
            }
        }
        false
    }

    fn ask(&mut self) -> Result<(), Halt> {
        let known = (self.head.names.len(), self.head.left.len(), self.head.complete);
        if std::mem::replace(&mut self.asked, known) == known {
            return Ok(());
        }
        match recognize(&self.head, self.options) {
            Recognized::NotYet | Recognized::Nothing => Ok(()),
            recognized => {
                self.recognized = Some(recognized);
                Err(Halt::Enough)
            }
        }
    }
}

impl Visitor for HeadVisitor<'_> {
    fn plan(&mut self, path: &Path, opening: Opening) -> Plan {
        if self.head.names.len() >= NAMES || self.is_beyond(path) {
            return Plan::Member;
        }
        self.head.note(path, opening);
        // A container below what is looked at may be most of the body: perhaps enough is known without it.
        let is_deep = path.depth() >= DEPTH;
        if is_deep && (opening == Opening::Scalar || self.ask().is_ok()) { Plan::Member } else { Plan::Enter }
    }

    fn enter(&mut self, _path: &Path, _opening: Opening, _offset: u64) -> Result<(), Halt> {
        if self.recognized.is_some() { Err(Halt::Enough) } else { Ok(()) }
    }

    fn take(&mut self, path: &Path, _plan: Plan, item: &Item<'_>) -> Result<(), Halt> {
        if item.encoding == Encoding::Xml {
            if path.depth() == 1 {
                self.head.root = Some(Opening::Element);
            }
            let room = if path.depth() <= 2 { NAMES.saturating_sub(self.head.names.len()) } else { 0 };
            for attribute in item.root().children().take(room) {
                let name = format!("{}/@{}", plain(&path.0), attribute.name());
                self.head.names.push((name, Opening::Scalar));
            }
        }
        Ok(())
    }

    fn leave(&mut self, path: &Path) -> Result<(), Halt> {
        // A root that is left is complete but for white space.
        let is_root = match self.head.encoding {
            Encoding::Json => path.0.is_empty(),
            Encoding::Xml => path.depth() == 1,
        };
        self.head.complete |= is_root;
        let is_explored = match path.0.split_last() {
            Some((Segment::Index(index), list)) => {
                let list = plain(list);
                self.explored.iter().any(|(own, explored)| *own == list && explored == index)
            }
            _ => true,
        };
        if is_explored {
            self.head.left.push(plain(&path.0));
        }
        self.ask()
    }

    fn stray_text(&mut self, _path: &Path, _offset: u64, _text: &str) -> Result<(), Halt> {
        Ok(())
    }
}
