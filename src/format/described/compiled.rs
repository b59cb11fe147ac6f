//! A descriptor made ready for reading: once for all bodies.

use std::sync::Arc;

use super::automaton::Automaton;
use super::envelope::Parts;
use super::metric_table::MetricTable;
use super::tape_path::Names;
use crate::descriptor::FormatDescriptor;
use crate::descriptor::model::{
    CheckOf, NestedRule, NextRule, Origin, Repeated, RowMeaning, RowRule, Rules, Source, SourceText, StepRule,
    TemplatePart, Test, TimeOrigin, TimeReference, UnitRule,
};
use crate::descriptor::path::{Path, PathStep};
use crate::model::provider::{Encoding, Format};
use crate::table::RowSum;

/// A compiled descriptor.
#[derive(Debug)]
pub(super) struct Compiled {
    rules: Arc<Rules>,
    pub names: Names,
    json: Side,
    xml: Side,
    /// The meanings of all row rules and nested rules; those of the row rules first, in their order.
    pub meanings: Vec<Meaning>,
    /// Whether a text may come from a captured name.
    pub uses_captures: bool,
    /// The lists of times of columnar groups: what periods say of them.
    pub times: Vec<TimeReference>,
}

/// What depends on the encoding.
#[derive(Debug)]
pub(super) struct Side {
    pub automaton: Automaton,
    pub parts: Parts,
}

/// The meaning of one kind of row.
#[derive(Debug)]
pub(super) struct Meaning {
    pub rule: RowMeaning,
    pub table: MetricTable,
    /// The metric of a row that is a scalar.
    pub scalar: Option<u16>,
    /// Names of the row's own fields that are read and are no metrics.
    read: Vec<Box<str>>,
    pub breakdown: bool,
    pub nested: Vec<Nested>,
    /// For each entry of `required`: whether the period alone reads it.
    pub for_period: Vec<bool>,
}

/// A kind of rows inside a row.
#[derive(Debug)]
pub(super) struct Nested {
    pub rule: NestedRule,
    pub meaning: u16,
}

impl Compiled {
    /// The compiled form of a descriptor, made with the first body.
    pub fn of(descriptor: &FormatDescriptor) -> Arc<Self> {
        descriptor.compiled(|descriptor| Self::new(Arc::clone(descriptor.rules())))
    }

    fn new(rules: Arc<Rules>) -> Self {
        let names = Names { ignore_case: rules.ignore_case };
        let mut meanings: Vec<Meaning> = rules.rows.iter().map(|row| meaning(&row.meaning, names, false)).collect();
        let mut at = 0;
        while at < meanings.len() {
            let nested = meanings[at].rule.nested.clone();
            for rule in nested.iter() {
                let number = meanings.len() as u16;
                meanings.push(meaning(&rule.meaning, names, rule.breakdown));
                meanings[at].nested.push(Nested { rule: rule.clone(), meaning: number });
            }
            at += 1;
        }
        let mut uses_captures = false;
        for meaning in &meanings {
            Sources::of(&meaning.rule)
                .visit(&mut |origin| uses_captures |= matches!(origin, Origin::Capture(_) | Origin::Body(_)));
        }
        let has_captured_tests =
            |tests: &[Test]| tests.iter().any(|test| !test.shape.is_empty() || !test.is.is_empty());
        uses_captures |= rules.rows.iter().any(|row| has_captured_tests(&row.when) && at_captures(row));
        uses_captures |= rules.rows.iter().any(|row| !row.columns.is_empty());
        let times = lists_of_times(&rules);
        let json = side(&rules, &meanings, &times, Encoding::Json);
        let xml = side(&rules, &meanings, &times, Encoding::Xml);
        Self { names, json, xml, meanings, uses_captures, times, rules }
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    pub fn next(&self) -> Option<&NextRule> {
        self.rules().next.as_ref()
    }

    /// Adds the sums that rows of this format state, unless they are there.
    pub fn add_row_sums(&self, format: Format, sums: &mut Vec<RowSum>) {
        if sums.iter().any(|sum| sum.format == format) {
            return;
        }
        sums.extend(self.rules.checks.iter().filter_map(|check| match &check.of {
            CheckOf::Metrics { metric, of, digits } => Some(RowSum {
                format,
                name: check.name.clone(),
                metric: metric.clone(),
                of: of.clone(),
                digits: *digits,
            }),
            CheckOf::Rows { .. } | CheckOf::Values { .. } => None,
        }));
    }

    /// The number of the list that a time is in.
    pub fn list_of(&self, time: &TimeReference) -> Option<usize> {
        self.times.iter().position(|own| is_same_list(own, time))
    }

    pub fn side(&self, encoding: Encoding) -> &Side {
        match encoding {
            Encoding::Json => &self.json,
            Encoding::Xml => &self.xml,
        }
    }
}

fn at_captures(row: &RowRule) -> bool {
    row.at.json.iter().chain(&row.at.xml).any(|path| path.captures().next().is_some())
}

/// Whether two times are read from the same list in the same way.
fn is_same_list(one: &TimeReference, other: &TimeReference) -> bool {
    let (TimeOrigin::Column(path), TimeOrigin::Column(own)) = (&one.origin, &other.origin) else {
        return false;
    };
    path == own && one.form == other.form && one.is_utc == other.is_utc && one.inclusive == other.inclusive
}

/// The lists of times that periods of groups name.
fn lists_of_times(rules: &Rules) -> Vec<TimeReference> {
    let mut lists: Vec<TimeReference> = Vec::new();
    let groups = rules.rows.iter().filter(|row| !row.columns.is_empty());
    for period in groups.flat_map(|row| row.meaning.period.iter().flat_map(|rules| rules.iter())) {
        for time in period.start.iter().chain(period.end.iter().flat_map(|end| end.iter())) {
            let is_known = lists.iter().any(|own| is_same_list(own, time));
            if matches!(time.origin, TimeOrigin::Column(_)) && !is_known {
                lists.push(time.clone());
            }
        }
    }
    lists
}

#[inline(never)]
fn side(rules: &Rules, meanings: &[Meaning], times: &[TimeReference], encoding: Encoding) -> Side {
    let mut automaton = Automaton::new(encoding, rules.ignore_case);
    let has_groups = rules.rows.iter().any(|row| !row.columns.is_empty());
    for (number, row) in (0..).zip(&rules.rows) {
        automaton.add_rows(number, row.at.of(encoding), !has_groups);
    }
    if has_groups {
        add_groups(&mut automaton, rules, times, encoding);
    }
    let mut parts = Parts::default();
    for meaning in meanings {
        Sources::of(&meaning.rule).visit(&mut |origin| {
            let place = match origin {
                Origin::Field(place) => Some(place),
                Origin::SegmentAfter { of, .. } | Origin::Segment { of, .. } => of.as_ref(),
                _ => None,
            };
            let paths = place.map_or(&[][..], |place| place.of(encoding));
            paths.iter().filter(|path| path.absolute).for_each(|path| parts.source(path));
        });
    }
    parts.page(&rules.page, rules.next.as_ref(), encoding);
    for check in &rules.checks {
        if let CheckOf::Rows { stated } = &check.of {
            parts.rows = parts.all(stated, encoding);
        }
    }
    parts.add_to(&mut automaton);
    Side { automaton, parts }
}

/// What stands in columnar groups, and which values of them rules ask for.
fn add_groups(automaton: &mut Automaton, rules: &Rules, times: &[TimeReference], encoding: Encoding) {
    for rule in &rules.errors {
        let tests = rule.when.iter().flat_map(paths_of_test).map(|(path, _)| path);
        let texts = rule.codes.of(encoding).iter().chain(rule.messages.of(encoding));
        tests.chain(texts).for_each(|path| automaton.add_name(path));
    }
    let groups = || rules.rows.iter().filter(|row| !row.columns.is_empty());
    for path in groups().flat_map(|row| row.at.of(encoding)) {
        let group = automaton.add_group(path);
        for (number, row) in (0..).zip(&rules.rows).filter(|(_, row)| row.at.of(encoding).contains(path)) {
            if row.columns.is_empty() && !row.skip {
                automaton.copy_all(group);
            }
            for (column, rule) in (0..).zip(&row.columns) {
                automaton.add_list(group, &rule.at).columns.push((number, column));
            }
            let errors = row.meaning.row_errors.iter();
            let tests = errors.clone().flat_map(|rule| &rule.when).chain(&row.when).flat_map(paths_of_test);
            tests.for_each(|(path, is_text)| automaton.add_asked(group, path, is_text));
            let texts = errors.flat_map(|rule| rule.codes.of(encoding).iter().chain(rule.messages.of(encoding)));
            let fields = if row.columns.is_empty() { Vec::new() } else { paths_of_fields(&row.meaning, encoding) };
            texts.chain(fields).for_each(|path| automaton.add_asked(group, path, true));
        }
        for (list, time) in (0..).zip(times) {
            if let TimeOrigin::Column(path) = &time.origin {
                automaton.add_list(group, path).times.push(list);
            }
        }
        for check in &rules.checks {
            if let CheckOf::Values { stated } = &check.of {
                automaton.add_asked(group, stated, true);
            }
        }
    }
}

/// The paths of a test, and whether it asks for what stands there.
fn paths_of_test(test: &Test) -> impl Iterator<Item = (&Path, bool)> {
    let names = test.has.iter().chain(&test.has_one).chain(&test.lacks).chain(&test.empty).map(|path| (path, false));
    // A path of one capture is a captured name.
    let is_name = |path: &&Path| matches!(path.steps[..], [PathStep::Capture(_)]);
    names.chain(test.is.iter().map(|test| &test.path).filter(move |path| !is_name(path)).map(|path| (path, true)))
}

/// The fields that a rule reads beside its metrics.
fn paths_of_fields(rule: &RowMeaning, encoding: Encoding) -> Vec<&Path> {
    let mut paths: Vec<&Path> = Vec::new();
    Sources::of(rule).visit(&mut |origin| {
        if let Origin::Field(place) = origin {
            paths.extend(place.of(encoding));
        }
    });
    paths.extend(rule.required.iter().flat_map(|required| &required.one_of));
    for rule in rule.metrics.iter().filter_map(|entry| entry.rule.as_ref()) {
        paths.extend(&rule.by);
        for meaning in std::iter::once(&rule.meaning).chain(rule.cases.iter().map(|case| &case.meaning)) {
            if let Some(UnitRule::Field { field, .. }) = &meaning.unit {
                paths.push(field);
            }
            let parts = meaning.metric.iter().flat_map(|template| &template.parts);
            paths.extend(parts.filter_map(|part| match part {
                TemplatePart::Field(path) => Some(path),
                TemplatePart::Text(_) | TemplatePart::Star => None,
            }));
        }
    }
    paths
}

fn meaning(rule: &RowMeaning, names: Names, breakdown: bool) -> Meaning {
    let (table, scalar) = MetricTable::new(&rule.metrics, names.ignore_case);
    let mut read: Vec<Box<str>> = Vec::new();
    let mut add = |path: &Path| {
        if let (0, false, Some(PathStep::Name(name))) = (path.up, path.absolute, path.steps.first())
            && !read.contains(name)
        {
            read.push(name.clone());
        }
    };
    Sources::of(rule).visit(&mut |origin| {
        if let Origin::Field(place) = origin {
            place.json.iter().chain(&place.xml).for_each(&mut add);
        }
    });
    for required in rule.required.iter() {
        required.one_of.iter().for_each(&mut add);
    }
    for rule in rule.metrics.iter().filter_map(|entry| entry.rule.as_ref()) {
        rule.by.iter().chain(&rule.cost).for_each(&mut add);
        let meanings = std::iter::once(&rule.meaning).chain(rule.cases.iter().map(|case| &case.meaning));
        for meaning in meanings {
            if let Some(UnitRule::Field { field, .. }) = &meaning.unit {
                add(field);
            }
        }
    }
    let mut others: Vec<&Path> = Vec::new();
    Sources::of(rule).visit_texts(&mut |origin| {
        if let Origin::Field(place) = origin {
            others.extend(place.json.iter().chain(&place.xml));
        }
    });
    let for_period = rule.required.iter().map(|required| {
        let mut is_time = false;
        Sources::of(rule).visit_periods(&mut |origin| {
            let Origin::Field(place) = origin else { return };
            is_time |= required.one_of.iter().all(|path| place.json.contains(path) || place.xml.contains(path));
        });
        is_time && !required.one_of.iter().any(|path| others.contains(&path))
    });
    Meaning { rule: rule.clone(), for_period: for_period.collect(), table, scalar, read, breakdown, nested: Vec::new() }
}

impl Meaning {
    /// Whether anything of a field of that name is read.
    pub fn reads(&self, name: &str, names: Names) -> bool {
        self.read.iter().any(|own| names.equal(own, name)) || self.table.knows(name)
    }

    pub fn counts_occurrences(&self) -> bool {
        self.rule.repeated == Repeated::Occurrence
    }
}

/// Every source of a rule.
pub(super) struct Sources<'r>(&'r RowMeaning);

impl<'r> Sources<'r> {
    pub fn of(rule: &'r RowMeaning) -> Self {
        Self(rule)
    }

    pub fn visit(&self, take: &mut dyn FnMut(&'r Origin)) {
        self.visit_texts(take);
        self.visit_periods(take);
    }

    fn visit_texts(&self, take: &mut dyn FnMut(&'r Origin)) {
        let rule = self.0;
        let resource = rule.resource.iter().flat_map(|resource| [&resource.id, &resource.name, &resource.kind]);
        let texts = [&rule.account, &rule.region, &rule.currency].into_iter().flatten();
        for sources in texts.chain(resource).chain(rule.dimensions.iter().map(|(_, sources)| sources)) {
            texts_of(sources, take);
        }
        rule.version.iter().for_each(|version| times_of(version, take));
    }

    fn visit_periods(&self, take: &mut dyn FnMut(&'r Origin)) {
        for period in self.0.period.iter().flat_map(|rules| rules.iter()) {
            times_of(&period.start, take);
            period.end.iter().for_each(|end| times_of(end, take));
            period.step.iter().for_each(|step| steps_of(step, take));
        }
    }
}

fn texts_of<'r>(sources: &'r [Source], take: &mut dyn FnMut(&'r Origin)) {
    for source in sources {
        if let SourceText::Reference { origin, .. } = &source.text {
            take(origin);
        }
    }
}

fn times_of<'r>(times: &'r [TimeReference], take: &mut dyn FnMut(&'r Origin)) {
    for time in times {
        if let TimeOrigin::Text(origin) = &time.origin {
            take(origin);
        }
    }
}

fn steps_of<'r>(step: &'r StepRule, take: &mut dyn FnMut(&'r Origin)) {
    match step {
        StepRule::Fixed(_) | StepRule::SmallestGap { .. } => {}
        StepRule::Count { count, .. } => texts_of(count, take),
        StepRule::Cases { from, cases } => {
            texts_of(from, take);
            cases.iter().for_each(|(_, step)| steps_of(step, take));
        }
    }
}
