//! The tests of a descriptor on the beginning of a body.

use std::borrow::Cow;

use super::head::{Head, HeadNode, ITEM, Met};
use super::request_test::{RequestTests, is_one_of};
use crate::descriptor::model::{RowRule, Rules, Test, TextTest};
use crate::descriptor::path::{Path, PathStep};
use crate::model::provider::Encoding;
use crate::read::Opening;

/// Whether a test holds, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    No,
    /// Something that would decide it may still come.
    Unknown,
    Yes,
}

impl Truth {
    fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().min().unwrap_or(Self::Yes)
    }

    fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().max().unwrap_or(Self::No)
    }

    const fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// Names captured on the way to a place.
pub(super) type Captures<'h> = Vec<(&'h str, Cow<'h, str>)>;

/// Evaluates the tests of one descriptor.
pub(crate) struct HeadTests<'h> {
    pub head: &'h Head,
    pub rules: &'h Rules,
    pub request: &'h RequestTests,
    /// Whether the provider is known otherwise: the caller named it or the format, or the request is one of its own.
    pub is_named: bool,
}

impl<'h> HeadTests<'h> {
    /// Whether a test of `detect` or `errors` holds.
    pub fn test(&self, test: &Test) -> Truth {
        self.test_at(test, HeadNode::Root, &Vec::new())
    }

    /// Whether the first row is there and complete.
    pub fn has_row(&self) -> bool {
        self.rows().iter().any(|(row, _)| self.head.is_decided(*row))
    }

    /// Whether a list of rows is there and has none.
    pub fn has_no_rows(&self) -> bool {
        let lists = self.paths_of_rows().filter(|path| matches!(path.steps.last(), Some(PathStep::Each)));
        let mut lists = lists.flat_map(|path| self.find_steps(&path.steps[..path.steps.len() - 1]));
        lists.any(|(list, _)| self.is_empty(list) == Truth::Yes)
    }

    pub(super) fn test_at(&self, test: &Test, at: HeadNode, captures: &Captures<'h>) -> Truth {
        let is_asked = test.encoding.is_none_or(|encoding| encoding == self.head.encoding)
            && (!test.named || self.is_named)
            && test.request.as_ref().is_none_or(|test| self.request.holds(test, &[]))
            && !test.not_request.as_ref().is_some_and(|test| self.request.holds(test, &[]))
            && test.shape.iter().all(|(name, shape)| captured(captures, name).is_some_and(|text| shape.fits(text)));
        if !is_asked {
            return Truth::No;
        }
        let has = |path: &Path| self.absent(at, &path.steps).not();
        let any_of = |paths: &[Path]| if paths.is_empty() { Truth::Yes } else { Truth::any(paths.iter().map(has)) };
        let mut truths = vec![
            Truth::all(test.has.iter().map(has)),
            any_of(&test.has_one),
            Truth::all(test.lacks.iter().map(|path| self.absent(at, &path.steps))),
            self.only(at, &test.only),
            Truth::all(test.empty.iter().map(|path| self.empty(at, path))),
            Truth::all(test.is.iter().map(|test| self.text(test, at, captures))),
        ];
        truths.extend(test.row.as_ref().map(|tests| self.row(tests)));
        Truth::all(truths)
    }

    /// Nothing else is beside these names.
    pub(super) fn only(&self, at: HeadNode, names: &[Path]) -> Truth {
        let is_named = |met: &Met| names.iter().flat_map(|path| &path.steps).any(|step| self.is_step(step, met));
        if names.is_empty() {
            return Truth::Yes;
        }
        match self.head.children(at).all(|(_, met)| is_named(met)) {
            false => Truth::No,
            true if self.head.is_decided(at) => Truth::Yes,
            true => Truth::Unknown,
        }
    }

    /// The first row of any rule passes one of these.
    fn row(&self, tests: &[Test]) -> Truth {
        let rows = self.rows();
        let passed =
            rows.iter().flat_map(|(row, captures)| tests.iter().map(|test| self.test_at(test, *row, captures)));
        Truth::any(passed.chain([Truth::from(!self.head.complete).min(Truth::Unknown)]))
    }

    /// Whether the root itself is a row, and no row below it.
    pub fn root_is_row(&self) -> bool {
        let tests = || self.rules.detect.iter().flat_map(|test| test.row.iter().flatten());
        let passes = |row: HeadNode, captures: &Captures<'h>| {
            tests().any(|test| self.test_at(test, row, captures) == Truth::Yes)
        };
        let rows = self.rows();
        let is_below = rows.iter().any(|(row, captures)| *row != HeadNode::Root && passes(*row, captures));
        !is_below && (tests().next().is_none() || passes(HeadNode::Root, &Vec::new()))
    }

    fn paths_of_rows(&self) -> impl Iterator<Item = &'h Path> {
        self.rules.rows.iter().flat_map(|rule: &RowRule| rule.at.of(self.head.encoding))
    }

    /// Where rows of any rule are.
    pub(super) fn rows(&self) -> Vec<(HeadNode, Captures<'h>)> {
        let is_row = |(row, _): &(HeadNode, Captures<'h>)| {
            matches!(self.head.opening_of(*row), Some(Opening::Object | Opening::Element))
        };
        self.paths_of_rows().flat_map(|path| self.find_steps(&path.steps)).filter(is_row).collect()
    }

    fn find_steps(&self, steps: &'h [PathStep]) -> Vec<(HeadNode, Captures<'h>)> {
        let mut found = Vec::new();
        self.find(HeadNode::Root, steps, &mut Vec::new(), &mut found);
        found
    }

    /// Every place that the steps lead to.
    fn find(
        &self,
        from: HeadNode,
        steps: &'h [PathStep],
        captures: &mut Captures<'h>,
        found: &mut Vec<(HeadNode, Captures<'h>)>,
    ) {
        let Some((step, rest)) = steps.split_first() else {
            found.push((from, captures.clone()));
            return;
        };
        for (node, met) in self.head.children(from).filter(|(_, met)| self.is_step(step, met)) {
            let length = captures.len();
            if let PathStep::Capture(name) = step {
                captures.push((name, name_of(met)));
            }
            self.find(node, rest, captures, found);
            captures.truncate(length);
        }
    }

    /// Whether a step leads to a name.
    fn is_step(&self, step: &PathStep, met: &Met) -> bool {
        let is_json = self.head.encoding == Encoding::Json;
        let is_item = is_json && met.name() == ITEM;
        let is_attribute = !is_json && met.is_attribute();
        let ignore_case = self.rules.ignore_case;
        match step {
            PathStep::Each if is_json => is_item,
            PathStep::Each | PathStep::Capture(_) => !is_item && !is_attribute,
            PathStep::Attribute(pattern) => is_attribute && pattern.matches(&name_of(met), ignore_case),
            // A child element, else an attribute.
            PathStep::Name(name) if ignore_case => !is_item && name_of(met).eq_ignore_ascii_case(name),
            PathStep::Name(name) => !is_item && *name_of(met) == **name,
            PathStep::Pattern(pattern) => !is_item && !is_attribute && pattern.matches(&name_of(met), ignore_case),
        }
    }

    /// Whether a step may lead from a place at all: JSON is matched by type.
    fn can_lead(&self, from: HeadNode, step: &PathStep) -> bool {
        match self.head.opening_of(from) {
            Some(Opening::Scalar) => false,
            Some(Opening::Array) => matches!(step, PathStep::Each),
            Some(Opening::Object) => !matches!(step, PathStep::Each),
            Some(Opening::Element) | None => true,
        }
    }

    /// Whether the steps lead to nothing: decided once what would hold it is complete.
    pub(super) fn absent(&self, from: HeadNode, steps: &[PathStep]) -> Truth {
        let Some((step, rest)) = steps.split_first() else {
            return Truth::from(self.head.opening_of(from).is_none());
        };
        if !self.can_lead(from, step) {
            return Truth::Yes;
        }
        let below = self.head.children(from).filter(|(_, met)| self.is_step(step, met));
        let mut is_met = false;
        let below = Truth::all(below.map(|(node, _)| {
            is_met = true;
            self.absent(node, rest)
        }));
        // What is of a name is there once; of a list one element is looked into.
        let is_single = is_met && matches!(step, PathStep::Name(_) | PathStep::Each);
        if is_single || self.head.is_decided(from) { below } else { below.min(Truth::Unknown) }
    }

    /// Whether a path leads to a list without elements, or to null.
    pub(super) fn empty(&self, at: HeadNode, path: &Path) -> Truth {
        self.each_truth(at, &path.steps, &|node| self.is_empty(node))
    }

    fn is_empty(&self, node: HeadNode) -> Truth {
        let Some(opening) = self.head.opening_of(node) else {
            return Truth::No;
        };
        let met = self.head.met(node);
        if met.is_some_and(|met| met.is_null) {
            return Truth::Yes;
        }
        let has_elements = self.head.children(node).any(|(_, met)| !met.is_attribute());
        let has_text = met.is_some_and(|met| met.text.is_some());
        match opening {
            Opening::Object | Opening::Scalar => Truth::No,
            Opening::Array | Opening::Element if has_elements || has_text => Truth::No,
            Opening::Array | Opening::Element if self.is_complete(node) => Truth::Yes,
            Opening::Array | Opening::Element => Truth::Unknown,
        }
    }

    /// Whether nothing more comes into a container; a document is not one.
    fn is_complete(&self, node: HeadNode) -> bool {
        self.head.complete || node != HeadNode::Root && self.head.is_decided(node)
    }

    pub(super) fn text(&self, test: &TextTest, at: HeadNode, captures: &Captures<'h>) -> Truth {
        if let [PathStep::Capture(name)] = &test.path.steps[..] {
            return is_one_of(&test.texts, captured(captures, name), self.rules.ignore_case).into();
        }
        let says = self.each_truth(at, &test.path.steps, &|node| match self.head.met(node) {
            Some(met) if met.is_null => test.texts.contains(&None).into(),
            Some(met) => match &met.text {
                Some(text) => is_one_of(&test.texts, Some(text), self.rules.ignore_case).into(),
                // The text of an element stands behind its name.
                None if met.opening == Opening::Element && !self.is_complete(node) => Truth::Unknown,
                None => Truth::No,
            },
            None => Truth::No,
        });
        if test.texts.contains(&None) { says.max(self.absent(at, &test.path.steps)) } else { says }
    }

    /// Whether something holds for a place that the steps lead to.
    fn each_truth(&self, from: HeadNode, steps: &[PathStep], of: &dyn Fn(HeadNode) -> Truth) -> Truth {
        let Some((step, rest)) = steps.split_first() else {
            return of(from);
        };
        if !self.can_lead(from, step) {
            return Truth::No;
        }
        let below = self.head.children(from).filter(|(_, met)| self.is_step(step, met));
        let found = Truth::any(below.map(|(node, _)| self.each_truth(node, rest, of)));
        if self.head.is_decided(from) { found } else { found.max(Truth::Unknown) }
    }
}

pub(super) fn captured<'c>(captures: &'c Captures<'_>, name: &str) -> Option<&'c str> {
    captures.iter().rev().find(|(own, _)| *own == name).map(|(_, text)| &**text)
}

/// A name as it is written in the body, without the `@` of an attribute.
fn name_of(met: &Met) -> Cow<'_, str> {
    let name = met.name();
    match name.strip_prefix('@') {
        Some(attribute) if met.is_attribute() => Cow::Borrowed(attribute),
        _ if name.contains('~') => Cow::Owned(name.replace("~1", "/").replace("~0", "~")),
        _ => Cow::Borrowed(name),
    }
}
