//! Detects the provider and format of a body from its beginning.

use super::candidates::{Candidates, ErrorFormat};
use super::head::{DEPTH, Head, TEXT, TYPE, plain};
use super::neighbours::neighbour;
use crate::descriptor::FormatDescriptor;
use crate::model::provider::{Encoding, Provider};
use crate::options::ReadOptions;
use crate::read::limits::Limits;
use crate::read::{Element, Halt, Item, Opening, ParserLimits, Path, Plan, Segment, ValueType, Visitor};

/// The limits of a parser: those of the descriptor apply where the caller did not set others than the default.
pub(crate) fn limits_of(descriptor: &FormatDescriptor, given: &Limits) -> ParserLimits {
    let (rules, default) = (descriptor.rules(), Limits::default());
    let or_own = |given: u64, default: u64, own: Option<u64>| own.filter(|_| given == default).unwrap_or(given);
    ParserLimits::from(&Limits {
        max_row_bytes: or_own(given.max_row_bytes, default.max_row_bytes, rules.max_row_bytes),
        max_depth: or_own(given.max_depth, default.max_depth, rules.max_depth),
        ..*given
    })
}

/// The result of detection.
pub(crate) enum Recognized {
    /// A format.
    As(FormatDescriptor),
    /// An error reply of a provider.
    Error(ErrorFormat),
    /// A format of another provider than the one that was named.
    Other(Provider),
    /// More bytes are needed.
    NotYet,
    /// Not a known format.
    Nothing,
}

/// Asks the descriptors of the caller, then the built-in ones; or only those of the provider that was named.
pub(crate) fn recognize(head: &Head, options: &ReadOptions, candidates: &Candidates<'_>) -> Recognized {
    let described = |format: &FormatDescriptor| Recognized::As(format.clone());
    if options.format.is_some() {
        return match candidates.error_of_callers(head) {
            Some(error) => Recognized::Error(error),
            None => candidates.of_body(head).or_else(|| candidates.named(head)).map_or(Recognized::NotYet, described),
        };
    }
    if let Some(format) = candidates.of_body(head) {
        return described(format);
    }
    if !head.complete {
        return Recognized::NotYet;
    }
    if let Some(error) = candidates.error_of_callers(head) {
        return Recognized::Error(error);
    }
    if neighbour(head, options.request.as_ref()).is_some() {
        return Recognized::Nothing;
    }
    if let Some(other) = candidates.of_other(head) {
        return Recognized::Other(other);
    }
    candidates.error_of_sender(head).map_or(Recognized::Nothing, Recognized::Error)
}

/// Reads the beginning of a body until a format recognises it.
pub(crate) struct HeadVisitor<'o> {
    pub head: Head,
    pub options: &'o ReadOptions,
    candidates: &'o Candidates<'o>,
    pub recognized: Option<Recognized>,
    /// For each list, the element that is examined: the first object that has fields.
    explored: Vec<(String, u32)>,
    /// The number of names when the formats were asked last.
    asked: (usize, usize, bool),
}

impl<'o> HeadVisitor<'o> {
    pub fn new(encoding: Encoding, options: &'o ReadOptions, candidates: &'o Candidates<'o>) -> Self {
        let head = Head::new(encoding);
        Self { head, options, candidates, recognized: None, explored: Vec::new(), asked: (0, 0, false) }
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
        let known = self.head.extent();
        if std::mem::replace(&mut self.asked, known) == known {
            return Ok(());
        }
        match recognize(&self.head, self.options, self.candidates) {
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
        // One scalar of a list is enough, and the list may be most of the body.
        let is_another = opening == Opening::Scalar && matches!(path.0.last(), Some(Segment::Index(1..)));
        if matches!(path.0.last(), Some(Segment::Index(1))) && is_another && self.ask().is_err() {
            return Plan::Member;
        }
        if is_another || self.head.is_full() || self.is_beyond(path) {
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
        let is_null = root.is_null();
        let text = |value: &Element<'_>| (!value.is_null() && value.raw().len() <= TEXT).then(|| value.text().into());
        if item.encoding == Encoding::Json
            && path.depth() <= DEPTH
            && !matches!(root.value_type(), ValueType::Object | ValueType::Array)
        {
            self.head.note_text(&plain(&path.0), text(&root), is_null);
        }
        if item.encoding == Encoding::Xml {
            if path.depth() == 1 {
                self.head.root = Some(Opening::Element);
            }
            if path.depth() <= DEPTH && !self.head.is_full() {
                let element = plain(&path.0);
                self.head.note_text(&element, None, is_null);
                // The tape has it as the type of the value.
                if path.depth() == 1 && root.value_type() == ValueType::Array {
                    self.head.note_attribute(&element, TYPE, Some("array".into()));
                }
                // An element that is entered is taken with its attributes alone.
                root.children().for_each(|own| self.head.note_attribute(&element, &own.name(), text(&own)));
            }
        }
        if self.recognized.is_some() { Err(Halt::Enough) } else { Ok(()) }
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
            self.head.note_left(&plain(&path.0));
        }
        self.ask()
    }

    fn stray_text(&mut self, path: &Path, _offset: u64, text: &str) -> Result<(), Halt> {
        let text = (text.len() <= TEXT).then(|| text.into());
        self.head.note_text(&plain(&path.0), text, false);
        Ok(())
    }
}
