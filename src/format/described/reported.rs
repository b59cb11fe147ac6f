//! Errors that the envelope reports beside rows (docs/DESCRIPTORS.md): read once the body has ended.

use super::tape_path::Names;
use crate::descriptor::model::{Rules, Test};
use crate::descriptor::path::{Path, PathStep};
use crate::format::error_reply::ProviderError;
use crate::format::head::Head;
use crate::format::head_tests::{HeadTests, Truth};
use crate::format::request_test::RequestTests;
use crate::model::error::Fault;
use crate::model::provider::Encoding;
use crate::options::ReadOptions;
use crate::read::{self, Element, Item, Node, Opening, Segment};

/// Bytes of the envelope that are kept for the end.
const MOST_BYTES: usize = 64 << 10;

/// What the envelope says that the rules of `errors` ask for.
#[derive(Debug)]
pub(super) struct Reported {
    /// The names of the envelope, as far as tests see them.
    head: Head,
    parts: Vec<Part>,
    bytes: usize,
}

/// A part of the envelope that a rule names, or that is on the way to what it names.
#[derive(Debug)]
struct Part {
    path: read::Path,
    nodes: Vec<Node>,
    bytes: Vec<u8>,
    at: u64,
}

impl Reported {
    /// `None`: the descriptor has no rules that say where codes and messages are.
    pub fn new(rules: &Rules, encoding: Encoding) -> Option<Self> {
        rules.errors.iter().any(|rule| !rule.has_no_places()).then(|| Self {
            head: Head::new(encoding),
            parts: Vec::new(),
            bytes: 0,
        })
    }

    /// A container is entered, or a row stands there.
    pub fn enter(&mut self, path: &read::Path, opening: Opening) {
        // Of the rows of a list one shows that there are some.
        let is_another = path.0.iter().any(|segment| match segment {
            Segment::Index(index) => *index > 0,
            Segment::Element(_, index) => *index > 1,
            Segment::Name(_) => false,
        });
        if !is_another {
            self.head.note(path, opening);
        }
    }

    /// A part of the envelope was taken whole.
    pub fn take(&mut self, rules: &Rules, path: &read::Path, item: &Item<'_>) {
        self.head.note_value(path, item.root());
        let names = Names { ignore_case: rules.ignore_case };
        let encoding = item.encoding;
        let leads = |place: &Path| steps_behind(names, &place.steps, &path.0).is_some();
        let mut places =
            rules.errors.iter().flat_map(|rule| rule.codes.of(encoding).iter().chain(rule.messages.of(encoding)));
        if self.bytes + item.bytes.len() <= MOST_BYTES && places.any(leads) {
            let (nodes, bytes) = item.with_names();
            self.bytes += item.bytes.len();
            self.parts.push(Part { path: path.clone(), nodes, bytes, at: item.at });
        }
    }

    /// The error that the envelope reports, once the body is complete.
    pub fn end(&mut self, rules: &Rules, options: &ReadOptions, provider: &str) -> Option<Fault> {
        self.head.complete = true;
        if self.head.root == Some(Opening::Array) {
            // A list has no envelope.
            return None;
        }
        let request = RequestTests::new(options.request.as_ref());
        let is_named = options.format.is_some() || options.provider.is_some();
        let tests = HeadTests { head: &self.head, rules, request: &request, is_named };
        let holds = |test: &Test| tests.test(test) == Truth::Yes;
        let mut placed = rules.errors.iter().filter(|rule| !rule.has_no_places());
        let rule = placed.find(|rule| rule.when.iter().any(holds))?;
        let names = Names { ignore_case: rules.ignore_case };
        let mut error = ProviderError::default();
        let (mut at, mut pointer) = (None, String::new());
        for part in &self.parts {
            let item = Item {
                nodes: &part.nodes,
                bytes: &part.bytes,
                names: &part.bytes,
                at: part.at,
                encoding: self.head.encoding,
                template: 0,
            };
            let mut add = |places: &[Path], add: fn(&mut ProviderError, Element<'_>)| {
                for steps in places.iter().filter_map(|place| steps_behind(names, &place.steps, &part.path.0)) {
                    names.each(item.root(), steps, &mut Vec::new(), &mut |value, _| {
                        if at.is_none() {
                            (at, pointer) = (Some(part.at), part.path.pointer());
                        }
                        add(&mut error, value);
                    });
                }
            };
            add(rule.codes.of(self.head.encoding), ProviderError::add_codes);
            add(rule.messages.of(self.head.encoding), ProviderError::add_messages);
        }
        let fault = error.into_fault(provider).within(|| pointer);
        Some(fault.at(at.unwrap_or(0)))
    }
}

/// The steps of a path that stand behind a place of the body; `None`: the path does not lead there.
fn steps_behind<'p>(names: Names, steps: &'p [PathStep], place: &[Segment]) -> Option<&'p [PathStep]> {
    let (before, behind) = steps.split_at_checked(place.len())?;
    let leads = before.iter().zip(place).all(|(step, segment)| match (step, segment) {
        (PathStep::Each, Segment::Name(_)) => false,
        (PathStep::Each, _) => true,
        (_, Segment::Index(_)) => false,
        (PathStep::Name(name), segment) => names.equal(segment.name(), name),
        (PathStep::Capture(_), _) => true,
        (PathStep::Pattern(pattern), segment) => pattern.matches(segment.name(), names.ignore_case),
        (PathStep::Attribute(_), _) => false,
    });
    leads.then_some(behind)
}
