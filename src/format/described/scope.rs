//! Where the texts of a row come from: its fields, the envelope, the request, the options.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use super::columns::Gap;
use super::envelope::Envelope;
use super::tape_path::Names;
use crate::descriptor::NodeId;
use crate::descriptor::model::{Origin, Source, SourceText, Test, TextTest};
use crate::descriptor::path::{Path, PathStep, Pattern, Place};
use crate::format::request_test::{RequestTests, is_one_of};
use crate::model::error::Fault;
use crate::model::provider::Encoding;
use crate::options::ReadOptions;
use crate::options::request::Request;
use crate::read::{Element, ValueType};
use crate::table::Text;

/// The request of a body, and what was found in it.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub tests: RequestTests,
    /// Texts of the request by the source that asks for them.
    known: RefCell<Vec<(NodeId, Option<Text>)>>,
    /// Faults of the request's times, each once.
    pub faults: RefCell<Vec<Fault>>,
    pub reported: RefCell<Vec<NodeId>>,
}

impl Asked {
    pub fn new(request: Option<&Request>) -> Self {
        Self { tests: RequestTests::new(request), ..Self::default() }
    }

    pub fn request(&self) -> Option<&Request> {
        self.tests.request.as_ref()
    }
}

/// The nodes that paths of a descriptor lead to in rows of one form, by the address of the path.
pub(super) type Nodes = RefCell<Vec<(usize, Option<u32>)>>;

/// What is at hand where a row is read.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s, 'w> {
    pub names: Names,
    pub encoding: Encoding,
    pub options: &'s ReadOptions,
    pub asked: &'s Asked,
    pub envelope: &'s Envelope,
    /// Names captured on the way to the row.
    pub captures: &'s [(Box<str>, Text)],
    /// The outer rows, and last the row itself.
    pub rows: &'s [Element<'w>],
    /// The account, once it is known.
    pub account: Option<&'s Text>,
    /// The nodes that paths lead to in rows of this form.
    pub nodes: Option<&'s Nodes>,
    /// The times of a columnar group that the length of its periods may be inferred from.
    pub gap: Option<&'s Gap<'s>>,
    /// The nodes whose text was asked for.
    pub touched: &'s RefCell<Vec<u32>>,
    /// Whether something of the envelope was asked for that may still come.
    pub is_waiting: &'s Cell<bool>,
}

/// What a place gives.
enum Found<'f> {
    Text(Cow<'f, str>),
    /// The row is there without the field, the request without the parameter.
    Nothing,
    /// There is no request.
    Unknown,
}

impl<'f> From<Option<Cow<'f, str>>> for Found<'f> {
    fn from(text: Option<Cow<'f, str>>) -> Self {
        text.map_or(Self::Nothing, Self::Text)
    }
}

impl<'w> Scope<'_, 'w> {
    /// The row itself.
    pub fn row(&self) -> Option<Element<'w>> {
        self.rows.last().copied()
    }

    /// The field of a row or of an outer row that a path leads to; absence and null are none.
    pub fn field(&self, path: &Path) -> Option<Element<'w>> {
        let found = self.value(path)?;
        self.touched.borrow_mut().push(found.index());
        (!found.is_null()).then_some(found)
    }

    /// The same, null or not, where only its place matters.
    pub fn value(&self, path: &Path) -> Option<Element<'w>> {
        let from = *self.rows.get(self.rows.len().checked_sub(1 + usize::from(path.up))?)?;
        let find = || self.names.value(from, path);
        match self.nodes {
            None => find(),
            Some(nodes) => {
                let address = std::ptr::from_ref(path) as usize;
                let known = nodes.borrow().iter().find(|(own, _)| *own == address).map(|(_, node)| *node);
                let node = known.unwrap_or_else(|| {
                    let node = find().map(|found| found.index());
                    nodes.borrow_mut().push((address, node));
                    node
                });
                node.map(|node| from.at(node))
            }
        }
    }

    /// The first text that the sources give.
    pub fn text(&self, sources: &[Source]) -> Result<Option<Text>, Fault> {
        for source in sources {
            if let Some(text) = self.text_of(source)? {
                return Ok(Some(text));
            }
            if self.is_waiting.get() {
                return Ok(None);
            }
        }
        Ok(None)
    }

    fn text_of(&self, source: &Source) -> Result<Option<Text>, Fault> {
        let SourceText::Reference { origin, map, default } = &source.text else {
            return Ok(match &source.text {
                SourceText::Constant(text) => Some(Text::from(&**text)),
                SourceText::Reference { .. } => None,
            });
        };
        let of_request = match origin {
            Origin::Query(_) | Origin::Host(_) => true,
            Origin::SegmentAfter { of, .. } | Origin::Segment { of, .. } => of.is_none(),
            Origin::Field(_) | Origin::Capture(_) | Origin::Body(_) | Origin::SameAccount => false,
        };
        if of_request && let Some((_, known)) = self.asked.known.borrow().iter().find(|(node, _)| *node == source.node)
        {
            return Ok(known.clone());
        }
        let text = match self.found(origin)? {
            Found::Text(text) => match map {
                None => Some(Text::from(&*text)),
                Some(map) => mapped(map, &text),
            },
            Found::Nothing => default.as_deref().map(Text::from),
            Found::Unknown => None,
        };
        if of_request {
            self.asked.known.borrow_mut().push((source.node, text.clone()));
        }
        Ok(text)
    }

    /// The text that an origin gives, before it is mapped.
    pub fn origin_text(&self, origin: &Origin) -> Option<String> {
        match self.found(origin) {
            Ok(Found::Text(text)) => Some(text.into_owned()),
            Ok(Found::Nothing | Found::Unknown) | Err(_) => None,
        }
    }

    fn found(&self, origin: &Origin) -> Result<Found<'_>, Fault> {
        if let Origin::Field(place) = origin {
            return self.found_field(place);
        }
        if let Origin::SegmentAfter { segments, of: Some(place) } | Origin::Segment { segments, of: Some(place) } =
            origin
        {
            let is_after = matches!(origin, Origin::SegmentAfter { .. });
            return Ok(self.found_in_links(segments, place, is_after).map(Cow::Owned).into());
        }
        Ok(match origin {
            Origin::Capture(name) => {
                self.captures.iter().rev().find(|(own, _)| own == name).map(|(_, text)| Cow::Borrowed(&**text)).into()
            }
            Origin::SameAccount => self.account.map(|account| Cow::Borrowed(&**account)).into(),
            Origin::Body(paths) => match self.asked.request() {
                None => Found::Unknown,
                Some(_) => paths.iter().find_map(|path| self.asked.tests.member(path, self.captures)).into(),
            },
            _ => match self.asked.request() {
                None => Found::Unknown,
                Some(request) => match origin {
                    Origin::SegmentAfter { segments, .. } => segment(request, segments, true).map(Cow::Owned).into(),
                    Origin::Segment { segments, .. } => segment(request, segments, false).map(Cow::Owned).into(),
                    Origin::Query(name) => request.parameter(name).map(Cow::Owned).into(),
                    Origin::Host(pattern) => {
                        let host = request.host();
                        let star = pattern.captured(&host, true).map(str::to_owned);
                        star.map(Cow::Owned).into()
                    }
                    _ => Found::Nothing,
                },
            },
        })
    }

    fn found_field(&self, place: &Place) -> Result<Found<'_>, Fault> {
        for path in place.of(self.encoding) {
            if path.absolute {
                let (text, is_due) = self.envelope.text(path);
                if text.is_none() && is_due {
                    self.is_waiting.set(true);
                    return Ok(Found::Unknown);
                }
                if let Some(text) = text {
                    return Ok(Found::Text(Cow::Owned(text.to_string())));
                }
            } else if let Some(field) = self.field(path) {
                return field.id_text().map(Found::Text);
            }
        }
        Ok(Found::Nothing)
    }

    fn found_in_links(&self, segments: &[Box<str>], place: &Place, is_after: bool) -> Option<String> {
        for path in place.of(self.encoding) {
            let (texts, is_due) = self.envelope.texts(path);
            let of_link = |text: &Text| {
                // Only segments are read, and these a relative reference has as well.
                let request = Request::new(text, None).or_else(|_| Request::new(&format!("/{text}"), None)).ok()?;
                segment(&request, segments, is_after)
            };
            if let Some(found) = texts.iter().find_map(of_link) {
                return Some(found);
            }
            if is_due {
                self.is_waiting.set(true);
                return None;
            }
        }
        None
    }

    /// Whether one of the tests holds, or there is none.
    pub fn holds(&self, tests: &[Test]) -> bool {
        tests.is_empty() || tests.iter().any(|test| self.test(test))
    }

    fn test(&self, test: &Test) -> bool {
        let has = |path: &Path| self.row().is_some_and(|row| self.names.has(row, path));
        test.encoding.is_none_or(|encoding| encoding == self.encoding)
            && (!test.named || self.options.provider.is_some())
            && test.has.iter().all(has)
            && (test.has_one.is_empty() || test.has_one.iter().any(has))
            && !test.lacks.iter().any(has)
            && (test.only.is_empty() || self.only(&test.only))
            && test.empty.iter().all(|path| self.is_empty(path))
            && test.is.iter().all(|test| self.text_test(test))
            && test.shape.iter().all(|(name, shape)| {
                self.captures.iter().rev().find(|(own, _)| own == name).is_some_and(|(_, text)| shape.fits(text))
            })
            && test.request.as_ref().is_none_or(|test| self.asked.tests.holds(test, self.captures))
            && !test.not_request.as_ref().is_some_and(|test| self.asked.tests.holds(test, self.captures))
    }

    /// Whether the row has nothing beside these names.
    fn only(&self, names: &[Path]) -> bool {
        let is_named = |child: Element<'_>| {
            names.iter().flat_map(|path| &path.steps).any(|step| match step {
                PathStep::Attribute(pattern) => {
                    child.is_attribute() && pattern.matches(&child.name(), self.names.ignore_case)
                }
                step => self.names.is_step(step, child),
            })
        };
        self.row().is_some_and(|row| row.children().all(is_named))
    }

    fn is_empty(&self, path: &Path) -> bool {
        let value = self.row().and_then(|row| self.names.value(row, path));
        value.is_some_and(|value| {
            self.touched.borrow_mut().push(value.index());
            value.is_null()
                || !matches!(value.value_type(), ValueType::Number | ValueType::Bool)
                    && value.children().next().is_none()
                    && (value.value_type() != ValueType::Text || value.raw().is_empty())
        })
    }

    fn text_test(&self, test: &TextTest) -> bool {
        if let [PathStep::Capture(name)] = &test.path.steps[..] {
            let text = self.captures.iter().rev().find(|(own, _)| own == name).map(|(_, text)| &**text);
            return is_one_of(&test.texts, text, self.names.ignore_case);
        }
        let value = self.field(&test.path);
        match value {
            None => is_one_of(&test.texts, None, false),
            Some(value) if matches!(value.value_type(), ValueType::Object | ValueType::Array) => false,
            Some(value) => is_one_of(&test.texts, Some(&value.text()), self.names.ignore_case),
        }
    }
    /// What a test asks of the request's body, and what that has instead, where nothing else made it fail.
    pub fn other_request(&self, test: &Test) -> Option<(String, String)> {
        test.request.as_ref()?.body.iter().find_map(|test| {
            let found = self.asked.tests.member(&test.path, self.captures)?;
            let expected = test.texts.iter().flatten().next()?;
            (!is_one_of(&test.texts, Some(&found), true)).then(|| (expected.to_string(), found.into_owned()))
        })
    }
}

/// One of these segments of a path, or the one behind it.
fn segment(request: &Request, names: &[Box<str>], is_after: bool) -> Option<String> {
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    if is_after {
        return request.segment_after(&names).map(|(_, after)| after);
    }
    let segments = request.segments();
    let is_named = |segment: &String| names.iter().find(|name| segment.eq_ignore_ascii_case(name));
    segments.iter().find_map(is_named).map(|name| (*name).to_owned())
}

/// What a text is read as.
pub(super) fn mapped(map: &[(Pattern, Pattern)], text: &str) -> Option<Text> {
    let (pattern, value) = best(map, text, false)?;
    let filled = value.filled(pattern.captured(text, false)?);
    (!filled.is_empty()).then(|| Text::from(filled))
}

/// The entry whose pattern matches a text best.
pub(super) fn best<'m, T>(map: &'m [(Pattern, T)], text: &str, ignore_case: bool) -> Option<(&'m Pattern, &'m T)> {
    let matching = map.iter().filter(|(pattern, _)| pattern.matches(text, ignore_case));
    matching.max_by_key(|(pattern, _)| pattern.rank()).map(|(pattern, value)| (pattern, value))
}

/// The entry of which one pattern matches a text best.
pub(super) fn best_of<'m, T>(entries: impl Iterator<Item = (&'m [Pattern], T)>, text: &str) -> Option<T> {
    let rank =
        |patterns: &[Pattern]| patterns.iter().filter(|pattern| pattern.matches(text, false)).map(Pattern::rank).max();
    entries.filter_map(|(patterns, entry)| Some((rank(patterns)?, entry))).max_by_key(|(rank, _)| *rank).map(|(_, e)| e)
}
