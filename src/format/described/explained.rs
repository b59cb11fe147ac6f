//! What the rules of a descriptor find in a body, and what they leave unread: for the author of the descriptor.
//!
//! The body is on one tape, and each rule is evaluated by itself. That is slow, and no part of reading.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use super::compiled::{Compiled, Meaning, Sources};
use super::envelope::Envelope;
use super::metric_table::MetricTable;
use super::scope::{Asked, Scope, mapped};
use super::tape_path::{Captures, Names};
pub(crate) use super::unread::UnreadField;
use super::unread::Walk;
use crate::descriptor::model::{
    CheckOf, MetricRule, NextRule, Origin, Source, SourceText, StepRule, Template, TemplatePart, Test, TimeOrigin,
    TimeReference, UnitRule,
};
use crate::descriptor::path::{Path, PathStep, Place};
use crate::descriptor::{FormatDescriptor, NodeId};
use crate::model::provider::Encoding;
use crate::options::ReadOptions;
use crate::read::{Element, ValueType};
use crate::table::Text;

/// What the rules of a descriptor find in a body.
#[derive(Debug, Default)]
pub(crate) struct Explained {
    /// For each rule of `rows`, then for the rows that none fits: the rule, its rows, and how many of them are faulty.
    pub rows: Vec<(Option<NodeId>, u64, u64)>,
    /// Fields that nothing reads.
    pub unread: Vec<UnreadField>,
    /// Metrics, sources and rules of periods that find nothing.
    pub unused: Vec<NodeId>,
}

/// Evaluates the rules of a descriptor on a body that is on one tape. `faults` are the pointers of its faults.
pub(crate) fn explain<'f>(
    descriptor: &FormatDescriptor,
    root: Element<'_>,
    options: &ReadOptions,
    faults: impl Iterator<Item = &'f str>,
) -> Explained {
    let compiled = Compiled::of(descriptor);
    let asked = Asked::new(options.request.as_ref());
    let envelope = Envelope::complete();
    let mut explainer = Explainer {
        compiled: &compiled,
        names: compiled.names,
        root,
        options,
        asked: &asked,
        envelope: &envelope,
        touched: RefCell::default(),
        is_waiting: Cell::new(false),
        is_read: vec![false; root.end() as usize],
        known: BTreeSet::new(),
        found: BTreeSet::new(),
    };
    explainer.envelope();
    let rows = explainer.rows();
    let rules = rows.into_iter().map(|(index, (row, ends))| (index, explainer.row(row, &ends))).collect();
    let walk = Walk::over(root, &rules, &explainer.is_read, faults);
    let of_rules = (0..).zip(&compiled.rules().rows).map(|(number, rule)| (Some(rule.node), walk.count(Some(number))));
    let of_none = Some((None, walk.count(None))).filter(|(_, (rows, _))| *rows > 0);
    Explained {
        rows: of_rules.chain(of_none).map(|(node, (rows, faulty))| (node, rows, faulty)).collect(),
        unused: explainer.known.difference(&explainer.found).copied().collect(),
        unread: walk.unread,
    }
}

/// The rules that may read a row, each with what its path captured.
type Ends = Vec<(u16, Captures)>;

struct Explainer<'e, 'w> {
    compiled: &'e Compiled,
    names: Names,
    root: Element<'w>,
    options: &'e ReadOptions,
    asked: &'e Asked,
    envelope: &'e Envelope,
    touched: RefCell<Vec<u32>>,
    is_waiting: Cell<bool>,
    /// By node of the tape.
    is_read: Vec<bool>,
    /// Metrics, sources and rules of periods, and those of them that found something.
    known: BTreeSet<NodeId>,
    found: BTreeSet<NodeId>,
}

impl<'w> Explainer<'_, 'w> {
    fn encoding(&self) -> Encoding {
        self.root.encoding()
    }

    /// Every value that an absolute path leads to.
    fn absolute(&self, path: &Path, take: &mut dyn FnMut(Element<'w>, &Captures)) {
        let mut captures = Captures::new();
        let steps = match (self.encoding(), path.steps.split_first()) {
            (Encoding::Json, _) | (_, None) => &path.steps[..],
            // The root element is the first step.
            (Encoding::Xml, Some((step, rest))) if self.names.is_step(step, self.root) => {
                if let PathStep::Capture(name) = step {
                    captures.push((name.clone(), Text::from(&*self.root.name())));
                }
                rest
            }
            (Encoding::Xml, Some(_)) => return,
        };
        self.names.each(self.root, steps, &mut captures, take);
    }

    fn read(&mut self, element: Element<'_>) {
        self.is_read[element.index() as usize] = true;
    }

    fn read_whole(&mut self, element: Element<'_>) {
        self.is_read[element.index() as usize..element.end() as usize].fill(true);
    }

    /// Reads what absolute paths lead to.
    fn read_paths<'p>(&mut self, paths: impl IntoIterator<Item = &'p Path>) {
        for path in paths.into_iter().filter(|path| path.absolute) {
            let mut all = Vec::new();
            self.absolute(path, &mut |element, _| all.push(element));
            all.into_iter().for_each(|element| self.read(element));
        }
    }

    fn read_place(&mut self, place: &Place) {
        self.read_paths(place.of(self.encoding()));
    }

    /// What is read of the envelope.
    fn envelope(&mut self) {
        let compiled = self.compiled;
        let rules = compiled.rules();
        let page = &rules.page;
        let places = [&page.number, &page.size, &page.offset, &page.total, &page.pages, &page.more];
        places.into_iter().for_each(|place| self.read_place(place));
        match &rules.next {
            Some(NextRule::Cursor { at, .. }) => self.read_place(at),
            Some(NextRule::Link { at, .. }) => {
                for path in at.of(self.encoding()) {
                    let mut links = Vec::new();
                    self.absolute(path, &mut |link, _| links.push(link));
                    links.into_iter().for_each(|link| self.read_whole(link));
                }
            }
            _ => {}
        }
        for check in &rules.checks {
            if let CheckOf::Rows { stated } = &check.of {
                self.read_place(stated);
            }
        }
        for rule in &rules.errors {
            self.read_place(&rule.codes);
            self.read_place(&rule.messages);
        }
        for test in rules.detect.iter().chain(rules.errors.iter().flat_map(|rule| &rule.when)) {
            let texts = test.is.iter().map(|is| &is.path);
            self.read_paths(test.has.iter().chain(&test.has_one).chain(&test.empty).chain(texts));
        }
        // A list of rows is read, though it may be empty.
        let encoding = self.encoding();
        for path in rules.rows.iter().flat_map(|rule| rule.at.of(encoding)) {
            for end in 1..path.steps.len() {
                self.read_paths([&Path { steps: path.steps[..end].to_vec(), ..path.clone() }]);
            }
        }
        for meaning in &compiled.meanings {
            Sources::of(&meaning.rule).visit(&mut |origin| match origin {
                Origin::Field(place)
                | Origin::SegmentAfter { of: Some(place), .. }
                | Origin::Segment { of: Some(place), .. } => self.read_place(place),
                _ => {}
            });
        }
    }

    /// The rows, in the order of the body.
    fn rows(&self) -> BTreeMap<u32, (Element<'w>, Ends)> {
        let mut all: BTreeMap<u32, (Element<'w>, Ends)> = BTreeMap::new();
        for (number, rule) in (0_u16..).zip(&self.compiled.rules().rows) {
            let paths = rule.at.of(self.encoding());
            let mut own: BTreeMap<u32, (Element<'w>, Captures)> = BTreeMap::new();
            for path in paths {
                // The root is a row beside longer paths only where something of it is read.
                let meaning = &self.compiled.meanings[usize::from(number)];
                let is_asked = path.steps.is_empty() && paths.len() > 1;
                let reads = |field: Element<'_>| meaning.reads(&field.name(), self.names);
                if !is_asked || self.root.children().any(reads) {
                    self.absolute(path, &mut |row, captures| {
                        own.entry(row.index()).or_insert_with(|| (row, captures.clone()));
                    });
                }
            }
            let mut next = u32::MAX;
            // Of the paths of one rule the longest that leads to a row counts.
            for (index, (row, captures)) in own.into_iter().rev() {
                if next >= row.end() {
                    all.entry(index).or_insert_with(|| (row, Ends::new())).1.push((number, captures));
                }
                next = index;
            }
        }
        all
    }

    fn holds(&mut self, rows: &[Element<'w>], captures: &Captures, tests: &[Test]) -> bool {
        let holds = self.scope(rows, captures).holds(tests);
        self.read_touched();
        holds
    }

    fn scope<'s>(&'s self, rows: &'s [Element<'w>], captures: &'s Captures) -> Scope<'s, 'w> {
        Scope {
            names: self.names,
            encoding: self.encoding(),
            options: self.options,
            asked: self.asked,
            envelope: self.envelope,
            captures,
            rows,
            account: None,
            nodes: None,
            gap: None,
            touched: &self.touched,
            is_waiting: &self.is_waiting,
        }
    }

    /// The nodes that a scope looked at.
    fn read_touched(&mut self) {
        let touched = self.touched.take();
        touched.into_iter().for_each(|node| self.is_read[node as usize] = true);
    }

    /// The rule that fits a row.
    fn row(&mut self, row: Element<'w>, ends: &Ends) -> Option<u16> {
        let compiled = self.compiled;
        let rows = [row];
        self.read(row);
        for (number, captures) in ends {
            let meaning = &compiled.meanings[usize::from(*number)];
            let rule = &compiled.rules().rows[usize::from(*number)];
            let fails = meaning.rule.row_errors.iter().any(|error| self.holds(&rows, captures, &error.when));
            if fails || rule.skip && self.holds(&rows, captures, &rule.when) {
                self.read_whole(row);
                return Some(*number);
            }
            if self.holds(&rows, captures, &rule.when) {
                if rule.columns.is_empty() {
                    self.meaning(*number, &rows, captures);
                } else {
                    self.group(*number, row, captures);
                }
                return Some(*number);
            }
        }
        self.read_whole(row);
        None
    }

    /// What the rules of a row, and of the rows in it, read.
    fn meaning(&mut self, number: u16, rows: &[Element<'w>], captures: &Captures) {
        let compiled = self.compiled;
        let meaning = &compiled.meanings[usize::from(number)];
        let Some(row) = rows.last().copied() else { return };
        self.known.extend(meaning.rule.metrics.iter().map(|entry| entry.node));
        if row.value_type() == ValueType::Object {
            self.metrics(meaning, &meaning.table, row, rows, captures);
        } else if let Some(metric) = meaning.scalar {
            self.metric(meaning, metric, row, rows, captures);
        }
        for entry in meaning.rule.metrics.iter().filter(|entry| entry.rule.is_none()) {
            self.read_fields(row, &entry.key, Some(entry.node));
        }
        for path in meaning.rule.required.iter().flat_map(|required| &required.one_of) {
            self.read_fields(row, path, None);
        }
        self.sources(meaning, rows, captures);
        for nested in &meaning.nested {
            let mut inner = Vec::new();
            for path in nested.rule.at.of(self.encoding()) {
                for end in 1..path.steps.len() {
                    let mut lists = Vec::new();
                    let steps = &path.steps[..end];
                    self.names.each(row, steps, &mut Vec::new(), &mut |list, _| lists.push(list));
                    lists.into_iter().for_each(|list| self.read(list));
                }
                if inner.is_empty() {
                    let mut captures = captures.clone();
                    let take = &mut |row: Element<'w>, captures: &Captures| inner.push((row, captures.clone()));
                    self.names.each(row, &path.steps, &mut captures, take);
                }
            }
            for (row, captures) in inner {
                let rows: Vec<_> = rows.iter().copied().chain([row]).collect();
                if self.holds(&rows, &captures, &nested.rule.when) {
                    self.meaning(nested.meaning, &rows, &captures);
                }
            }
        }
    }

    /// The metrics below an element.
    fn metrics(
        &mut self,
        meaning: &Meaning,
        table: &MetricTable,
        element: Element<'w>,
        rows: &[Element<'w>],
        captures: &Captures,
    ) {
        for child in element.children() {
            let name = child.name();
            let below = table.below(&name).filter(|_| child.value_type() == ValueType::Object);
            if let Some((table, _)) = below {
                self.metrics(meaning, table, child, rows, captures);
            } else if let Some(metric) = table.leaf(&name, child.is_attribute()).metric {
                self.metric(meaning, metric, child, rows, captures);
            }
        }
    }

    fn metric(
        &mut self,
        meaning: &Meaning,
        number: u16,
        field: Element<'w>,
        rows: &[Element<'w>],
        captures: &Captures,
    ) {
        let entry = &meaning.rule.metrics[usize::from(number)];
        self.read(field);
        self.found.insert(entry.node);
        let Some(rule) = &entry.rule else { return };
        for path in paths_of(rule) {
            self.scope(rows, captures).field(path);
        }
        self.read_touched();
    }

    /// The columns of a group.
    fn group(&mut self, number: u16, group: Element<'w>, captures: &Captures) {
        let compiled = self.compiled;
        let meaning = &compiled.meanings[usize::from(number)];
        self.known.extend(meaning.rule.metrics.iter().map(|entry| entry.node));
        let rows = [group];
        for rule in &compiled.rules().rows[usize::from(number)].columns {
            let mut columns = Vec::new();
            let take = &mut |column: Element<'w>, captures: &Captures| columns.push((column, captures.clone()));
            self.names.each(group, &rule.at.steps, &mut captures.clone(), take);
            for (column, captures) in columns {
                if !self.holds(&rows, &captures, &rule.when) {
                    continue;
                }
                if let Some(metric) = meaning.table.leaf(&column.name(), false).metric {
                    self.read_whole(column);
                    self.found.insert(meaning.rule.metrics[usize::from(metric)].node);
                }
                self.sources(meaning, &rows, &captures);
            }
        }
        for check in &compiled.rules().checks {
            if let CheckOf::Values { stated } = &check.of {
                self.read_fields(group, stated, None);
            }
        }
        self.sources(meaning, &rows, captures);
    }

    fn read_fields(&mut self, row: Element<'w>, path: &Path, node: Option<NodeId>) {
        let mut all = Vec::new();
        self.names.each(row, &path.steps, &mut Vec::new(), &mut |field, _| all.push(field));
        if !all.is_empty() {
            self.found.extend(node);
        }
        all.into_iter().for_each(|field| self.read_whole(field));
    }

    fn sources(&mut self, meaning: &Meaning, rows: &[Element<'w>], captures: &Captures) {
        let rule = &meaning.rule;
        let resource = rule.resource.iter().flat_map(|resource| [&resource.id, &resource.name, &resource.kind]);
        let texts = [&rule.account, &rule.region, &rule.currency].into_iter().flatten();
        for sources in texts.chain(resource).chain(rule.dimensions.iter().map(|(_, sources)| sources)) {
            self.texts(sources, rows, captures);
        }
        if let Some(version) = &rule.version {
            self.times(version, rows, captures);
        }
        for period in rule.period.iter().flat_map(|rules| rules.iter()) {
            self.known.insert(period.node);
            let holds = self.holds(rows, captures, &period.when);
            let start = self.times(&period.start, rows, captures);
            let end = period.end.as_ref().is_none_or(|end| self.times(end, rows, captures));
            if holds && start && end {
                self.found.insert(period.node);
            }
            period.step.iter().for_each(|step| self.steps(step, rows, captures));
        }
        self.read_touched();
    }

    fn steps(&mut self, step: &StepRule, rows: &[Element<'w>], captures: &Captures) {
        match step {
            StepRule::Fixed(_) | StepRule::SmallestGap { .. } => {}
            StepRule::Count { count, .. } => self.texts(count, rows, captures),
            StepRule::Cases { from, cases } => {
                self.texts(from, rows, captures);
                cases.iter().for_each(|(_, step)| self.steps(step, rows, captures));
            }
        }
    }

    fn texts(&mut self, sources: &[Source], rows: &[Element<'w>], captures: &Captures) {
        for source in sources {
            let gives = match &source.text {
                SourceText::Constant(_) => true,
                SourceText::Reference { origin, map, default } => {
                    let text = self.text(origin, rows, captures);
                    let read = text.as_deref().map(|text| map.as_deref().is_none_or(|map| mapped(map, text).is_some()));
                    read.unwrap_or(default.is_some())
                }
            };
            self.note(source.node, gives);
        }
    }

    /// Whether one of these gives a time.
    fn times(&mut self, times: &[TimeReference], rows: &[Element<'w>], captures: &Captures) -> bool {
        let mut any = false;
        for time in times {
            let gives = match &time.origin {
                TimeOrigin::Text(origin) => self.text(origin, rows, captures).is_some(),
                TimeOrigin::Column(path) => {
                    let column = rows.last().and_then(|group| self.names.value(*group, path));
                    column.into_iter().for_each(|column| self.read_whole(column));
                    column.is_some()
                }
            };
            self.note(time.node, gives);
            any |= gives;
        }
        any
    }

    fn note(&mut self, node: NodeId, gives: bool) {
        self.known.insert(node);
        if gives {
            self.found.insert(node);
        }
    }

    /// The text that an origin gives, before it is mapped.
    fn text(&mut self, origin: &Origin, rows: &[Element<'w>], captures: &Captures) -> Option<String> {
        let text = match origin {
            Origin::Field(place) => place.of(self.encoding()).iter().find_map(|path| {
                let found = if path.absolute { self.last(path) } else { self.scope(rows, captures).field(path) };
                found.filter(|found| !found.is_null()).map(|found| found.text().into_owned())
            }),
            Origin::SegmentAfter { of: Some(place), .. } | Origin::Segment { of: Some(place), .. } => {
                place.of(self.encoding()).iter().find_map(|path| self.last(path)).map(|link| link.text().into_owned())
            }
            // It is what the account is.
            Origin::SameAccount => Some(String::new()),
            _ => self.scope(rows, captures).origin_text(origin),
        };
        self.read_touched();
        text
    }

    fn last(&self, path: &Path) -> Option<Element<'w>> {
        let mut last = None;
        self.absolute(path, &mut |element, _| last = Some(element));
        last
    }
}

/// The paths beside its own that a metric reads.
fn paths_of(rule: &MetricRule) -> impl Iterator<Item = &Path> {
    let meanings = std::iter::once(&rule.meaning).chain(rule.cases.iter().map(|case| &case.meaning));
    let of_meanings = meanings.flat_map(|meaning| {
        let unit = match &meaning.unit {
            Some(UnitRule::Field { field, .. }) => Some(field),
            _ => None,
        };
        let parts = meaning.metric.iter().flat_map(|Template { parts }| parts);
        let fields = parts.filter_map(|part| match part {
            TemplatePart::Field(path) => Some(path),
            TemplatePart::Text(_) | TemplatePart::Star => None,
        });
        unit.into_iter().chain(fields)
    });
    rule.cost.iter().chain(&rule.by).chain(of_meanings)
}
