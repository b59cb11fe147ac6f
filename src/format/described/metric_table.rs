//! Which of a row's fields are metrics: a hash of exact names, and the patterns.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::collections::sort_values;
use crate::descriptor::model::MetricEntry;
use crate::descriptor::path::{Path, PathStep, Pattern};

/// The metrics of a rule, by the names of their fields. Names are looked up once for each form of row.
#[derive(Debug, Default)]
pub(super) struct MetricTable {
    exact: HashMap<Box<str>, Entry, RandomState>,
    exact_attributes: HashMap<Box<str>, Entry, RandomState>,
    /// With the most characters first.
    patterns: Vec<(Pattern, Entry)>,
    attribute_patterns: Vec<(Pattern, Entry)>,
    ignore_case: bool,
}

#[derive(Debug, Default)]
struct Entry {
    /// The number of the metric; `Some(None)`: the name is no metric.
    metric: Option<Option<u16>>,
    below: Option<Box<MetricTable>>,
}

/// What a name says.
#[derive(Debug, Default)]
pub(super) struct Hit<'t> {
    pub metric: Option<u16>,
    /// What `*` stands for.
    pub star: Option<&'t str>,
}

impl MetricTable {
    /// The table of a rule's metrics, and the number of `.`: a row that is a scalar.
    pub fn new(entries: &[MetricEntry], ignore_case: bool) -> (Self, Option<u16>) {
        let mut table = Self::empty(ignore_case);
        let mut scalar = None;
        for (number, entry) in (0..).zip(entries) {
            let metric = entry.rule.as_ref().map(|_| number);
            if entry.key.is_row() { scalar = metric } else { table.add(&entry.key, metric) }
        }
        table.sort();
        (table, scalar)
    }

    fn empty(ignore_case: bool) -> Self {
        Self { ignore_case, ..Self::default() }
    }

    fn add(&mut self, key: &Path, metric: Option<u16>) {
        let mut table = self;
        for (at, step) in key.steps.iter().enumerate() {
            let ignore_case = table.ignore_case;
            let entry = table.entry(step);
            if at + 1 == key.steps.len() {
                entry.metric = Some(metric);
                return;
            }
            table = entry.below.get_or_insert_with(|| Box::new(Self::empty(ignore_case)));
        }
    }

    fn entry(&mut self, step: &PathStep) -> &mut Entry {
        let (exact, patterns, pattern) = match step {
            PathStep::Attribute(pattern) => (&mut self.exact_attributes, &mut self.attribute_patterns, pattern.clone()),
            PathStep::Pattern(pattern) => (&mut self.exact, &mut self.patterns, pattern.clone()),
            PathStep::Name(name) | PathStep::Capture(name) => {
                (&mut self.exact, &mut self.patterns, Pattern { before: name.clone(), after: None })
            }
            PathStep::Each => (&mut self.exact, &mut self.patterns, Pattern { before: "*".into(), after: None }),
        };
        if pattern.is_exact() {
            let name = if self.ignore_case { pattern.before.to_ascii_lowercase().into() } else { pattern.before };
            return exact.entry(name).or_default();
        }
        let known = patterns.iter().position(|(own, _)| *own == pattern);
        let at = known.unwrap_or_else(|| {
            patterns.push((pattern, Entry::default()));
            patterns.len() - 1
        });
        &mut patterns[at].1
    }

    fn sort(&mut self) {
        for patterns in [&mut self.patterns, &mut self.attribute_patterns] {
            sort_values(patterns, &|(one, _), (other, _)| other.rank().cmp(&one.rank()));
        }
        let entries = self.exact.values_mut().chain(self.exact_attributes.values_mut());
        let all = entries.chain(self.patterns.iter_mut().chain(&mut self.attribute_patterns).map(|(_, entry)| entry));
        all.filter_map(|entry| entry.below.as_mut()).for_each(|below| below.sort());
    }

    /// Whether a field of this name may be a metric or hold one.
    pub fn knows(&self, name: &str) -> bool {
        self.leaf(name, false).metric.is_some() || self.below(name).is_some()
    }

    /// The metric that a field of this name is.
    pub fn leaf<'n>(&self, name: &'n str, is_attribute: bool) -> Hit<'n> {
        let attribute =
            is_attribute.then(|| self.hit(&self.exact_attributes, &self.attribute_patterns, name)).flatten();
        attribute.or_else(|| self.hit(&self.exact, &self.patterns, name)).unwrap_or_default()
    }

    fn hit<'n>(
        &self,
        exact: &HashMap<Box<str>, Entry, RandomState>,
        patterns: &[(Pattern, Entry)],
        name: &'n str,
    ) -> Option<Hit<'n>> {
        if let Some(metric) = self.exact(exact, name).and_then(|entry| entry.metric) {
            return Some(Hit { metric, star: None });
        }
        patterns.iter().find_map(|(pattern, entry)| {
            let star = pattern.captured(name, self.ignore_case).filter(|star| !star.is_empty())?;
            Some(Hit { metric: entry.metric?, star: Some(star) })
        })
    }

    fn exact<'t>(&self, exact: &'t HashMap<Box<str>, Entry, RandomState>, name: &str) -> Option<&'t Entry> {
        if self.ignore_case { exact.get(&*name.to_ascii_lowercase()) } else { exact.get(name) }
    }

    /// The metrics below an object of this name.
    pub fn below<'n>(&self, name: &'n str) -> Option<(&Self, Option<&'n str>)> {
        if let Some(below) = self.exact(&self.exact, name).and_then(|entry| entry.below.as_deref()) {
            return Some((below, None));
        }
        self.patterns.iter().find_map(|(pattern, entry)| {
            let star = pattern.captured(name, self.ignore_case).filter(|star| !star.is_empty())?;
            Some((entry.below.as_deref()?, Some(star)))
        })
    }
}
