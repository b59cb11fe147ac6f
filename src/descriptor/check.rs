//! Checks rules that depend on each other: captures, columns, metric keys that compete, and rules that nothing reaches.

use std::collections::BTreeSet;

use super::built_in;
use super::document::{NodeId, View};
use super::model::{
    ColumnRule, ErrorRule, MetricEntry, NestedRule, NextRule, Origin, PeriodRule, RowMeaning, RowRule, Rules, Source,
    SourceText, StepRule, TemplatePart, Test, TextTest, TimeOrigin, TimeReference,
};
use super::path::{Path, PathStep, Pattern, Place};
use super::read::{MOST_METRIC_KEYS, Reader};
use crate::model::error::quoted;
use crate::model::provider::{Encoding, Format, FormatName};

/// What the rules of a row can refer to.
#[derive(Clone)]
struct Scope {
    /// Names captured on the way to the row; `None` where they are not known, because a path has a problem.
    captures: Option<BTreeSet<Box<str>>>,
    has_columns: bool,
}

impl<'d> Reader<'d> {
    /// Checks the rules that were read. Members with problems of their own are left out.
    pub(super) fn check_rules(&mut self, rules: &Rules, is_built_in: bool) {
        let root = self.document.root();
        if !is_built_in {
            self.check_names(root, rules);
        }
        self.check_tests(&rules.detect);
        self.check_errors(&rules.errors);
        self.check_encodings(root, rules);
        for (at, rule) in rules.rows.iter().enumerate() {
            if let Some(before) = rules.rows[..at].iter().find(|before| before.when.is_empty() && before.at == rule.at)
            {
                let before = self.document.pointer(before.node);
                self.unreached(rule.node, format_args!("{before} reads all rows at these paths"));
            }
            self.check_row(rule, rules);
        }
        if self.metric_keys <= MOST_METRIC_KEYS {
            let mut checked = Vec::new();
            for rule in &rules.rows {
                self.check_metrics_of(&rule.meaning, rules.ignore_case, &mut checked);
            }
        }
    }

    fn add(&mut self, node: NodeId, message: String) {
        let view = self.document.view(node);
        self.problem(view, message);
    }

    fn unreached(&mut self, node: NodeId, why: impl std::fmt::Display) {
        self.add(
            node,
            format!("expected a rule that something can reach, found one after which nothing is left: {why}"),
        );
    }

    fn check_names(&mut self, root: View<'d>, rules: &Rules) {
        if let Some(format) = root.get("format").filter(|format| format.as_text().is_some()) {
            let name = Format::from_name(&rules.format);
            if name.is_none() {
                self.expected(format, FormatName::EXPECTED);
            } else if name.is_some_and(|name| name.provider_name() != &*rules.provider) {
                self.expected(format, format_args!("a name that begins with the provider's and \".\""));
            } else if built_in::text_of(&rules.format).is_some() {
                self.expected(format, "a name that no built-in format has");
            }
        }
        let hook = root.get("next").and_then(|next| next.get("hook"));
        if let Some(hook) = hook.filter(|hook| hook.is_written() && matches!(rules.next, Some(NextRule::Hook(_)))) {
            self.problem(hook, "expected a rule that is data: only built-in formats have a hook".to_owned());
        }
    }

    fn check_encodings(&mut self, root: View<'d>, rules: &Rules) {
        for encoding in &rules.encodings {
            let is_read = rules.rows.iter().any(|rule| !rule.at.of(*encoding).is_empty());
            if let Some(rows) = root.get("rows").filter(|_| !is_read && !rules.rows.is_empty() && !self.has_problems())
            {
                let name = encoding.as_str();
                self.problem(rows, format!("expected a row rule with paths for \"{name}\", found none"));
            }
        }
    }

    // -------------------------------------------------------------------------------------------- rows

    fn check_row(&mut self, rule: &RowRule, rules: &Rules) {
        let mut captures = captures_of(&rule.at, &rules.encodings);
        if let Some(captures) = &mut captures {
            captures.extend(rule.columns.iter().flat_map(|column| column.at.captures()).map(Into::into));
        }
        let scope = Scope { captures, has_columns: !rule.columns.is_empty() };
        self.check_when(&rule.when, &scope);
        if rule.skip {
            return self.check_errors(&rule.meaning.row_errors);
        }
        for column in &rule.columns {
            self.check_column(column, &scope);
        }
        if !rule.columns.is_empty() {
            self.check_group(rule, rules);
        }
        self.check_meaning(&rule.meaning, &scope, rules);
    }

    /// What a columnar group cannot have.
    fn check_group(&mut self, rule: &RowRule, rules: &Rules) {
        if rules.encodings.contains(&Encoding::Xml) {
            self.add(
                rule.node,
                "expected no \"xml\" in `encodings` beside `columns`: columns are lists of JSON".to_owned(),
            );
        }
        if let Some(nested) = rule.meaning.nested.first() {
            self.add(nested.node, "expected no `nested` for a rule with `columns`".to_owned());
        }
        let has_cost = |entry: &&MetricEntry| entry.rule.as_ref().is_some_and(|rule| rule.cost.is_some());
        if let Some(entry) = rule.meaning.metrics.iter().find(has_cost) {
            self.add(
                entry.node,
                "expected no `cost` for a rule with `columns`: a column is one number a time".to_owned(),
            );
        }
    }

    fn check_column(&mut self, column: &ColumnRule, scope: &Scope) {
        self.check_when(&column.when, scope);
        for part in column.name.iter().flat_map(|name| &name.parts) {
            match part {
                TemplatePart::Field(path) => self.check_capture(column.node, &path.to_string(), scope),
                TemplatePart::Star => {
                    self.add(
                        column.node,
                        "expected a `name` with text and captures such as \"{region}\", found \"*\"".to_owned(),
                    );
                }
                TemplatePart::Text(_) => {}
            }
        }
    }

    fn check_meaning(&mut self, meaning: &RowMeaning, scope: &Scope, rules: &Rules) {
        let RowMeaning { account, resource, region, currency, dimensions, period, version, .. } = meaning;
        let of_row = [account, region, currency].into_iter().flatten();
        let of_resource = resource.iter().flat_map(|resource| [&resource.id, &resource.name, &resource.kind]);
        for sources in of_row.chain(of_resource).chain(dimensions.iter().map(|(_, sources)| sources)) {
            self.check_sources(sources, scope);
        }
        if let Some(source) = account.iter().flat_map(|sources| sources.iter()).find(|source| source.is_account()) {
            self.add(source.node, "expected a source other than the account itself".to_owned());
        }
        for rule in period.iter().flat_map(|rules| rules.iter()) {
            self.check_period(rule, scope, rules);
        }
        for time in version.iter().flat_map(|times| times.iter()) {
            if let TimeOrigin::Column(_) = time.origin {
                self.add(time.node, "expected `column` in `period` only".to_owned());
            } else {
                self.check_time(time, scope, rules);
            }
        }
        self.check_errors(&meaning.row_errors);
        for rule in meaning.nested.iter() {
            self.check_nested(rule, scope, rules);
        }
    }

    fn check_nested(&mut self, rule: &NestedRule, outer: &Scope, rules: &Rules) {
        let own = captures_of(&rule.at, &rules.encodings);
        let captures = outer.captures.as_ref().zip(own).map(|(outer, own)| outer.union(&own).cloned().collect());
        let scope = Scope { captures, has_columns: false };
        self.check_when(&rule.when, &scope);
        self.check_meaning(&rule.meaning, &scope, rules);
    }

    fn check_capture(&mut self, node: NodeId, name: &str, scope: &Scope) {
        let Some(captures) = scope.captures.as_ref().filter(|captures| !captures.contains(name)) else { return };
        let known: Vec<&str> = captures.iter().map(|name| &**name).collect();
        let expected = match &known[..] {
            [] => format!("expected \"{{{name}}}\" in each path `at` of its rule"),
            known => {
                format!("expected a capture that each path `at` of its rule has: {}", super::read::one_of(known, '"'))
            }
        };
        self.add(node, format!("{expected}, found no {} there", quoted(name)));
    }

    fn check_sources(&mut self, sources: &[Source], scope: &Scope) {
        for source in sources {
            if let SourceText::Reference { origin, .. } = &source.text {
                self.check_origin(source.node, origin, scope);
            }
        }
    }

    fn check_origin(&mut self, node: NodeId, origin: &Origin, scope: &Scope) {
        match origin {
            Origin::Capture(name) => self.check_capture(node, name, scope),
            Origin::Body(paths) => paths.iter().for_each(|path| self.check_body(node, path, scope)),
            _ => {}
        }
    }

    /// `{key}` in a path into the request's body is a captured name.
    fn check_body(&mut self, node: NodeId, path: &Path, scope: &Scope) {
        path.captures().for_each(|name| self.check_capture(node, name, scope));
    }

    fn check_period(&mut self, rule: &PeriodRule, scope: &Scope, rules: &Rules) {
        self.check_when(&rule.when, scope);
        for time in rule.start.iter().chain(rule.end.iter().flat_map(|end| end.iter())) {
            self.check_time(time, scope, rules);
        }
        rule.step.iter().for_each(|step| self.check_step(rule.node, step, scope, rules));
    }

    fn check_time(&mut self, time: &TimeReference, scope: &Scope, rules: &Rules) {
        match &time.origin {
            TimeOrigin::Text(origin) => self.check_origin(time.node, origin, scope),
            TimeOrigin::Column(_) => self.check_columns(time.node, "`column`", scope, rules),
        }
    }

    /// A member of the descriptor itself may be meant for some of its rules only.
    fn check_columns(&mut self, node: NodeId, what: &str, scope: &Scope, rules: &Rules) {
        let pointer = self.document.pointer(node);
        let is_shared = !pointer.starts_with("/rows/") && !pointer.starts_with("/nested/");
        let has_columns =
            if is_shared { rules.rows.iter().any(|rule| !rule.columns.is_empty()) } else { scope.has_columns };
        if !has_columns {
            self.add(node, format!("expected {what} in the period of a rule with `columns`, found it elsewhere"));
        }
    }

    fn check_step(&mut self, node: NodeId, step: &StepRule, scope: &Scope, rules: &Rules) {
        match step {
            StepRule::Fixed(_) => {}
            StepRule::Count { count, .. } => self.check_sources(count, scope),
            StepRule::Cases { from, cases } => {
                self.check_sources(from, scope);
                for (at, (text, step)) in cases.iter().enumerate() {
                    if cases[..at].iter().any(|(before, _)| before.is_same(text, true)) {
                        self.add(
                            node,
                            format!(
                                "expected each text of `cases` once without regard to case, found {} again",
                                quoted(&text.to_string())
                            ),
                        );
                    }
                    self.check_step(node, step, scope, rules);
                }
            }
            StepRule::SmallestGap { .. } => self.check_columns(node, "`smallestGap`", scope, rules),
        }
    }

    // -------------------------------------------------------------------------------------------- tests

    fn check_errors(&mut self, errors: &[ErrorRule]) {
        for (at, rule) in errors.iter().enumerate() {
            self.check_tests(&rule.when);
            let text = self.document.text_of_member(rule.node, "when");
            if errors[..at].iter().any(|before| self.document.text_of_member(before.node, "when") == text) {
                self.unreached(rule.node, "another error rule has the same `when`");
            }
        }
    }

    fn check_tests(&mut self, tests: &[Test]) {
        let mut texts = BTreeSet::new();
        for test in tests {
            if !texts.insert(self.document.text(test.node)) {
                self.unreached(test.node, "another test is equal");
            }
            self.check_tests(test.row.as_deref().unwrap_or_default());
        }
    }

    fn check_when(&mut self, tests: &[Test], scope: &Scope) {
        self.check_tests(tests);
        for test in tests {
            test.shape.iter().for_each(|(name, _)| self.check_capture(test.node, name, scope));
            for TextTest { path, .. } in &test.is {
                if let (false, 0, [PathStep::Capture(name)]) = (path.absolute, path.up, &path.steps[..]) {
                    self.check_capture(test.node, name, scope);
                }
            }
            let request = test.request.iter().chain(&test.not_request).flat_map(|request| &request.body);
            request.for_each(|TextTest { path, .. }| self.check_body(test.node, path, scope));
        }
    }

    // -------------------------------------------------------------------------------------------- metrics

    fn check_metrics_of(&mut self, meaning: &RowMeaning, ignore_case: bool, checked: &mut Vec<NodeId>) {
        if let Some(first) = meaning.metrics.first()
            && !checked.contains(&first.node)
        {
            checked.push(first.node);
            self.check_metrics(&meaning.metrics, ignore_case);
        }
        for rule in meaning.nested.iter() {
            self.check_metrics_of(&rule.meaning, ignore_case, checked);
        }
    }

    fn check_metrics(&mut self, metrics: &[MetricEntry], ignore_case: bool) {
        for (at, entry) in metrics.iter().enumerate() {
            if let Some(before) = metrics[..at].iter().find(|before| compete(&before.key, &entry.key, ignore_case)) {
                let message = format!(
                    "expected keys of which one fits a name better, found {} and {}, which fit some names equally well",
                    quoted(&before.key.to_string()),
                    quoted(&entry.key.to_string())
                );
                self.add(entry.node, message);
            }
            let mut texts = BTreeSet::new();
            for case in entry.rule.iter().flat_map(|rule| &rule.cases) {
                for text in &case.is {
                    if !texts.insert(text.to_string()) {
                        let text = quoted(&text.to_string());
                        self.add(case.node, format!("expected each text of the cases once, found {text} again"));
                    }
                }
            }
        }
    }
}

/// The names that each path of a place captures; `None` where a path could not be read.
fn captures_of(place: &Place, encodings: &[Encoding]) -> Option<BTreeSet<Box<str>>> {
    // The root beside longer paths is a row without what they go through: captures give no text there.
    let is_alone = |path: &Path, encoding: &Encoding| path.steps.is_empty() && place.of(*encoding).len() > 1;
    let paths =
        encodings.iter().flat_map(|encoding| place.of(*encoding).iter().filter(move |path| !is_alone(path, encoding)));
    let each = paths.map(|path| path.captures().map(Into::into).collect::<BTreeSet<Box<str>>>());
    each.reduce(|all, path| all.intersection(&path).cloned().collect())
}

/// Whether two keys of metrics fit some name, and neither fits it better.
fn compete(one: &Path, other: &Path, ignore_case: bool) -> bool {
    let rank = |path: &Path| {
        let patterns = path.steps.iter().map(|step| step.name().rank());
        patterns.fold((true, 0), |(exact, sum), (is_exact, length)| (exact && is_exact, sum + length))
    };
    let fit = |(one, other): (&PathStep, &PathStep)| {
        matches!(one, PathStep::Attribute(_)) == matches!(other, PathStep::Attribute(_))
            && one.name().overlaps(&other.name(), ignore_case)
    };
    one.steps.len() == other.steps.len() && rank(one) == rank(other) && one.steps.iter().zip(&other.steps).all(fit)
}

impl Source {
    fn is_account(&self) -> bool {
        matches!(self.text, SourceText::Reference { origin: Origin::SameAccount, .. })
    }
}

impl Pattern {
    fn is_same(&self, other: &Self, ignore_case: bool) -> bool {
        let (one, other) = (self.to_string(), other.to_string());
        if ignore_case { one.eq_ignore_ascii_case(&other) } else { one == other }
    }

    /// Whether a text matches both.
    fn overlaps(&self, other: &Self, ignore_case: bool) -> bool {
        let folded = |text: &str| if ignore_case { text.to_ascii_lowercase() } else { text.to_owned() };
        match (&self.after, &other.after) {
            (None, _) => other.matches(&self.before, ignore_case),
            (_, None) => self.matches(&other.before, ignore_case),
            (Some(own), Some(others)) => {
                let [before, after] = [folded(&self.before), folded(own)];
                let [other_before, other_after] = [folded(&other.before), folded(others)];
                (before.starts_with(&other_before) || other_before.starts_with(&before))
                    && (after.ends_with(&other_after) || other_after.ends_with(&after))
            }
        }
    }
}
