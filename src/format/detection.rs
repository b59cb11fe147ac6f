//! Detects the provider and format of a body from its beginning.

use super::head::{DEPTH, Head, Met, NAMES, TEXT, plain};
use super::neighbours::neighbour;
use super::providers::{PROVIDERS, formats_of};
use super::row_reader::ProviderFormats;
use super::sender::provider_of;
use crate::model::provider::{Encoding, Format, Provider};
use crate::options::ReadOptions;
use crate::read::{Halt, Item, Opening, Path, Plan, Segment, ValueType, Visitor};

/// The result of detection.
pub(crate) enum Recognized {
    /// One provider's format.
    As(&'static dyn ProviderFormats, Format),
    /// An error reply of a provider.
    Error(&'static dyn ProviderFormats),
    /// A format of another provider than the one that the caller named.
    Other(Provider),
    /// More bytes are needed.
    NotYet,
    /// Not a known format.
    Nothing,
}

/// Asks all providers, or only the one that the caller named.
pub(crate) fn recognize(head: &Head, options: &ReadOptions) -> Recognized {
    let named = options.provider.and_then(formats_of);
    let asked = || PROVIDERS.into_iter().filter(|formats| named.is_none_or(|n| n.provider() == formats.provider()));
    if let Some((formats, format)) = asked().find_map(|formats| Some((formats, formats.recognize(head, options)?))) {
        return Recognized::As(formats, format);
    }
    if !head.complete {
        return Recognized::NotYet;
    }
    // The provider is known without the body: a single row is then enough, and an error may have any form.
    let sender = named.or_else(|| formats_of(provider_of(options.request.as_ref()?)?));
    if let Some((formats, format)) = sender.and_then(|sender| Some((sender, sender.lone_row(head)?))) {
        return Recognized::As(formats, format);
    }
    // Rails' empty list has no name that shows its format.
    if head.root_is_list && head.below(&format!("/{}", head.root_name())).next().is_none() {
        let onapp =
            sender.or_else(|| formats_of(Provider::Onapp)).filter(|sender| sender.provider() == Provider::Onapp);
        if let Some(onapp) = onapp.filter(|onapp| !onapp.is_error(head)) {
            return Recognized::As(onapp, Format::OnappUserStatistics);
        }
    }
    if neighbour(head, options.request.as_ref()).is_some() {
        return Recognized::Nothing;
    }
    let other = named.and_then(|_| PROVIDERS.into_iter().find(|other| other.recognize(head, options).is_some()));
    if let Some(other) = other {
        return Recognized::Other(other.provider());
    }
    // Only what the vendor marks as an error is one.
    let error = match sender {
        _ if head.success() == Some(true) => None,
        Some(sender) => Some(sender).filter(|sender| sender.is_error_of_its_own(head)),
        None => PROVIDERS.into_iter().find(|formats| formats.is_error(head)),
    };
    error.map_or(Recognized::Nothing, Recognized::Error)
}

/// Reads the beginning of a body until a provider recognises it.
pub(crate) struct HeadVisitor<'o> {
    pub head: Head,
    pub options: &'o ReadOptions,
    pub recognized: Option<Recognized>,
    /// For each list, the element that is examined: the first object that has fields.
    explored: Vec<(String, u32)>,
    /// The number of names when the providers were asked last.
    asked: (usize, usize, bool),
}

impl<'o> HeadVisitor<'o> {
    pub fn new(encoding: Encoding, options: &'o ReadOptions) -> Self {
        Self { head: Head::new(encoding), options, recognized: None, explored: Vec::new(), asked: (0, 0, false) }
    }

    /// Whether a value is in an element of a list that is not examined.
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
        // One scalar of a list is enough.
        let is_another = opening == Opening::Scalar && matches!(path.0.last(), Some(Segment::Index(1..)));
        if is_another || self.head.names.len() >= NAMES || self.is_beyond(path) {
            return Plan::Member;
        }
        self.head.note(path, opening);
        // A deeper container may be most of the body, and the names so far may be enough.
        let is_deep = path.depth() >= DEPTH;
        if is_deep && (opening == Opening::Scalar || self.ask().is_ok()) { Plan::Member } else { Plan::Enter }
    }

    fn enter(&mut self, _path: &Path, _opening: Opening, _offset: u64) -> Result<(), Halt> {
        if self.recognized.is_some() { Err(Halt::Enough) } else { Ok(()) }
    }

    fn take(&mut self, path: &Path, _plan: Plan, item: &Item<'_>) -> Result<(), Halt> {
        let root = item.root();
        if item.encoding == Encoding::Json
            && path.depth() == 1
            && !matches!(root.value_type(), ValueType::Object | ValueType::Array)
            && root.raw().len() <= TEXT
            && let Some(met) = self.head.names.last_mut().filter(|met| met.path == plain(&path.0))
        {
            met.text = Some(root.text().into());
        }
        if item.encoding == Encoding::Xml {
            if path.depth() == 1 {
                self.head.root = Some(Opening::Element);
                self.head.root_is_list = root.value_type() == ValueType::Array;
            }
            let room = if path.depth() <= 2 { NAMES.saturating_sub(self.head.names.len()) } else { 0 };
            for attribute in root.children().take(room) {
                let path = format!("{}/@{}", plain(&path.0), attribute.name());
                self.head.names.push(Met { path, opening: Opening::Scalar, text: None });
            }
        }
        Ok(())
    }

    fn leave(&mut self, path: &Path) -> Result<(), Halt> {
        // When the root is left, only white space can follow.
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
