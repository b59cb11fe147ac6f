//! Reads the members of a descriptor and its row rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::document::{Document, View};
use super::model::{
    CheckOf, CheckRule, ColumnRule, ErrorRule, Hook, NestedRule, NextRule, PageRule, Repeated, Required, ResourceRule,
    RowMeaning, RowRule, Rules, SizeParameter, Template, TemplatePart,
};
use super::path::{Path, PathRules};
use super::problems::Problems;
use super::read::{Reader, shared};
use crate::model::error::quoted;
use crate::model::provider::{Encoding, Provider, ProviderName};

/// The members of [`RowMeaning`].
const MEANING: [&str; 13] = [
    "metrics",
    "account",
    "resource",
    "region",
    "currency",
    "dimensions",
    "period",
    "version",
    "required",
    "repeated",
    "rowErrors",
    "nested",
    "notes",
];
const DESCRIPTOR: [&str; 18] = [
    "$schema",
    "descriptor",
    "provider",
    "format",
    "title",
    "providerTitle",
    "endpoint",
    "requests",
    "documentation",
    "extends",
    "encodings",
    "ignoreCase",
    "detect",
    "errors",
    "rows",
    "page",
    "next",
    "checks",
];

/// Levels of nested rows, at most.
const DEEPEST_NESTED: u8 = 4;
/// Row and nested rules, at most.
const MOST_ROW_RULES: usize = 64;
/// Checks, at most.
const MOST_CHECKS: usize = 64;

/// Reads a document whose `extends` is resolved, and adds its problems to those that are known.
pub(super) fn read(document: &Document, problems: Problems, is_built_in: bool) -> (Rules, Problems) {
    let mut reader = Reader::new(document, problems);
    let rules = reader.rules(document.root());
    reader.check_rules(&rules, is_built_in);
    (rules, reader.problems)
}

impl<'d> Reader<'d> {
    fn rules(&mut self, at: View<'d>) -> Rules {
        let known = [&DESCRIPTOR[..], &["limits"], &MEANING].concat();
        // What is left of `extends` names no base, which has a problem of its own: what the base would give is unknown.
        let required = match at.get("extends") {
            Some(_) => &["descriptor", "format"][..],
            None => &["descriptor", "provider", "format", "title", "detect", "rows"],
        };
        self.object(at, "an object, the descriptor", &known, required);
        if let Some(version) = at.get("descriptor").filter(|version| version.as_whole() != Some(1)) {
            self.expected(version, "1, the version of the language");
        }
        for name in ["$schema", "documentation"] {
            at.get(name).and_then(|url| self.text(url, "a URL"));
        }
        let meaning = self.meaning(at, None, 0);
        let (max_row_bytes, max_depth) = self.limits(at.get("limits"));
        Rules {
            provider: at.get("provider").and_then(|name| self.provider(name)).unwrap_or_default(),
            format: at
                .get("format")
                .and_then(|name| self.text(name, "a format's name"))
                .map(Into::into)
                .unwrap_or_default(),
            title: at.get("title").and_then(|title| self.name(title, "a name for people")).unwrap_or_default(),
            provider_title: at.get("providerTitle").and_then(|title| self.name(title, "a name for people")),
            endpoint: at.get("endpoint").and_then(|endpoint| self.name(endpoint, "what to request")),
            requests: self.requests(at.get("requests")),
            encodings: self.encodings(at.get("encodings")),
            ignore_case: self.bool(at.get("ignoreCase")),
            detect: self.detect(at.get("detect")),
            errors: self.errors(at.get("errors"), PathRules::ABSOLUTE),
            rows: self.rows(at.get("rows"), &meaning),
            page: self.page(at.get("page")),
            next: at.get("next").and_then(|next| self.next(next)),
            checks: self.checks(at.get("checks")),
            max_row_bytes,
            max_depth,
        }
    }

    fn provider(&mut self, at: View<'d>) -> Option<Box<str>> {
        let name = self.text(at, "a provider's name")?;
        if Provider::from_name(name).is_none() {
            self.expected(at, ProviderName::EXPECTED);
        }
        Some(name.into())
    }

    fn encodings(&mut self, at: Option<View<'d>>) -> Vec<Encoding> {
        if at.is_none() {
            return vec![Encoding::Json];
        }
        let list = self.filled_list(at, "a list of \"json\" and \"xml\"");
        let mut encodings = Vec::new();
        for each in list {
            match self.word(each) {
                Some(encoding) if encodings.contains(&encoding) => self.expected(each, "each encoding once"),
                Some(encoding) => encodings.push(encoding),
                None => {}
            }
        }
        encodings
    }

    fn limits(&mut self, at: Option<View<'d>>) -> (Option<u64>, Option<u64>) {
        let Some(at) = at else { return (None, None) };
        self.object(at, "an object of limits", &["maxRowBytes", "maxDepth"], &[]);
        let bytes = at.get("maxRowBytes").and_then(|bytes| self.whole(bytes, 1, u32::MAX.into()));
        (bytes, at.get("maxDepth").and_then(|depth| self.whole(depth, 1, crate::read::limits::DEEPEST)))
    }

    // -------------------------------------------------------------------------------------------- rows

    fn rows(&mut self, at: Option<View<'d>>, descriptor: &RowMeaning) -> Vec<RowRule> {
        let rules = self.filled_list(at, "a list of row rules");
        rules.into_iter().map(|rule| self.row(rule, descriptor)).collect()
    }

    fn row(&mut self, at: View<'d>, descriptor: &RowMeaning) -> RowRule {
        self.count_rule(at);
        let known = [&["at", "when", "skip", "columns"], &MEANING[..]].concat();
        self.object(at, "an object, a row rule", &known, &["at"]);
        let columns = self.list(at.get("columns"), "a list of column rules");
        RowRule {
            node: at.id,
            at: self.place(at.get("at"), PathRules::ABSOLUTE),
            when: self.tests(at.get("when"), PathRules::RELATIVE),
            skip: self.only_true(at.get("skip")),
            columns: columns.into_iter().map(|column| self.column(column)).collect(),
            meaning: self.meaning(at, Some(descriptor), 0),
        }
    }

    fn count_rule(&mut self, at: View<'d>) {
        self.row_rules += 1;
        self.bound(at, self.row_rules, MOST_ROW_RULES, "row rules and nested rules");
    }

    /// Reads what rows mean. `outer` is the descriptor's meaning for a row rule, the outer row's for a nested rule (`level` > 0).
    fn meaning(&mut self, at: View<'d>, outer: Option<&RowMeaning>, level: u8) -> RowMeaning {
        let is_nested = level > 0;
        // What a row rule does not give it has from the descriptor; a nested row has the values of its outer row instead.
        let of_descriptor = outer.filter(|_| !is_nested);
        let field = PathRules::FIELD.with_up(level);
        let relative = PathRules::RELATIVE.with_up(level);
        let metrics = match (at.get("metrics"), outer) {
            (None, Some(outer)) => Arc::clone(&outer.metrics),
            (own, _) => shared(self.metrics(own, level)),
        };
        let notes = match (at.get("notes"), outer) {
            (None, Some(outer)) => outer.notes,
            (own, _) => self.notes(own),
        };
        let repeated = at.get("repeated").and_then(|word| self.word(word));
        let mut meaning = RowMeaning {
            metrics,
            account: at.get("account").map(|account| self.sources(account, field)),
            resource: at.get("resource").map(|resource| self.resource(resource, field)),
            region: at.get("region").map(|region| self.sources(region, field)),
            currency: at.get("currency").map(|currency| self.sources(currency, field)),
            dimensions: at.get("dimensions").map_or_else(|| shared(Vec::new()), |own| self.dimensions(own, field)),
            period: at.get("period").map(|period| self.periods(period, field)),
            version: at.get("version").map(|version| self.times(version, field)),
            required: shared(self.required(at.get("required"))),
            repeated: repeated.unwrap_or_else(|| outer.map_or(Repeated::Error, |outer| outer.repeated)),
            row_errors: shared(self.errors(at.get("rowErrors"), relative)),
            nested: shared(Vec::new()),
            notes,
        };
        if let Some(descriptor) = of_descriptor {
            let RowMeaning { account, resource, region, currency, period, version, .. } = &mut meaning;
            inherit(account, &descriptor.account);
            inherit(resource, &descriptor.resource);
            inherit(region, &descriptor.region);
            inherit(currency, &descriptor.currency);
            inherit(period, &descriptor.period);
            inherit(version, &descriptor.version);
            let lacks = |name: &str| at.get(name).is_none();
            if lacks("dimensions") {
                meaning.dimensions = Arc::clone(&descriptor.dimensions);
            }
            if lacks("required") {
                meaning.required = Arc::clone(&descriptor.required);
            }
            if lacks("rowErrors") {
                meaning.row_errors = Arc::clone(&descriptor.row_errors);
            }
        }
        meaning.nested = match (at.get("nested"), of_descriptor) {
            (None, Some(descriptor)) => Arc::clone(&descriptor.nested),
            (own, _) => shared(self.nested(own, &meaning, level + 1)),
        };
        meaning
    }

    fn nested(&mut self, at: Option<View<'d>>, outer: &RowMeaning, level: u8) -> Vec<NestedRule> {
        if let Some(at) = at.filter(|_| level > DEEPEST_NESTED) {
            self.problem(at, format!("expected at most {DEEPEST_NESTED} levels of nested rows, found more"));
            return Vec::new();
        }
        let rules = self.list(at, "a list of nested rules");
        rules.into_iter().map(|rule| self.nested_rule(rule, outer, level)).collect()
    }

    fn nested_rule(&mut self, at: View<'d>, outer: &RowMeaning, level: u8) -> NestedRule {
        self.count_rule(at);
        let known = [&["at", "when", "breakdown"], &MEANING[..]].concat();
        self.object(at, "an object, a nested rule", &known, &["at"]);
        NestedRule {
            node: at.id,
            at: self.place(at.get("at"), PathRules::RELATIVE),
            when: self.tests(at.get("when"), PathRules::RELATIVE.with_up(level)),
            breakdown: self.bool(at.get("breakdown")),
            meaning: self.meaning(at, Some(outer), level),
        }
    }

    fn resource(&mut self, at: View<'d>, field: PathRules) -> ResourceRule {
        self.object(at, "an object, the resource", &["id", "name", "type"], &[]);
        let mut part = |name| at.get(name).map_or_else(|| shared(Vec::new()), |part| self.sources(part, field));
        ResourceRule { id: part("id"), name: part("name"), kind: part("type") }
    }

    fn dimensions(&mut self, at: View<'d>, field: PathRules) -> Arc<[(Box<str>, super::model::Sources)]> {
        let entries = self.entries(Some(at), "an object of dimensions");
        shared(entries.into_iter().map(|entry| (entry.name().into(), self.sources(entry, field))).collect())
    }

    fn required(&mut self, at: Option<View<'d>>) -> Vec<Required> {
        let each = self.list(at, "a list of paths");
        let read = |each: View<'d>| Required { one_of: self.filled_paths(Some(each), PathRules::RELATIVE) };
        each.into_iter().map(read).collect()
    }

    fn column(&mut self, at: View<'d>) -> ColumnRule {
        self.object(at, "an object, a column rule", &["at", "name", "when", "single"], &["at"]);
        let captures = PathRules { each: false, ..PathRules::RELATIVE };
        ColumnRule {
            node: at.id,
            at: at.get("at").and_then(|path| self.path(path, captures)).unwrap_or_else(Path::row),
            name: at.get("name").and_then(|name| self.template(name, "a name such as \"counters.{service}\"")),
            when: self.tests(at.get("when"), PathRules::RELATIVE),
            single: self.bool(at.get("single")),
        }
    }

    /// A text with `*` and `{…}`.
    pub fn template(&mut self, at: View<'d>, expected: &str) -> Option<Template> {
        let text = self.name(at, expected)?;
        let mut parts = Vec::new();
        let mut rest = &*text;
        while let Some(open) = rest.find(['*', '{', '}']) {
            let (before, from) = rest.split_at(open);
            if !before.is_empty() {
                parts.push(TemplatePart::Text(before.into()));
            }
            rest = &from[1..];
            if from.starts_with('*') {
                parts.push(TemplatePart::Star);
                continue;
            }
            let Some((field, after)) = rest.split_once('}').filter(|_| from.starts_with('{')) else {
                self.expected(at, "a \"}\" after each \"{\"");
                return None;
            };
            parts.push(TemplatePart::Field(self.path_of(at, field, PathRules::ROW_FIELD)?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(TemplatePart::Text(rest.into()));
        }
        Some(Template { parts })
    }

    // -------------------------------------------------------------------------------------------- envelope

    pub(super) fn errors(&mut self, at: Option<View<'d>>, rules: PathRules) -> Vec<ErrorRule> {
        let each = self.list(at, "a list of error rules");
        each.into_iter().map(|each| self.error_rule(each, rules)).collect()
    }

    fn error_rule(&mut self, at: View<'d>, rules: PathRules) -> ErrorRule {
        self.object(at, "an object, an error rule", &["when", "codes", "messages"], &["when"]);
        ErrorRule {
            node: at.id,
            when: self.tests(at.get("when"), rules),
            codes: self.place(at.get("codes"), rules),
            messages: self.place(at.get("messages"), rules),
        }
    }

    fn page(&mut self, at: Option<View<'d>>) -> PageRule {
        let Some(at) = at else { return PageRule::default() };
        self.object(at, "an object, the paging", &["number", "size", "offset", "total", "pages", "more"], &[]);
        let mut place = |name| self.place(at.get(name), PathRules::ABSOLUTE);
        PageRule {
            number: place("number"),
            size: place("size"),
            offset: place("offset"),
            total: place("total"),
            pages: place("pages"),
            more: place("more"),
        }
    }

    fn next(&mut self, at: View<'d>) -> Option<NextRule> {
        const EXPECTED: &str = "an object, how the next page is requested";
        const BY: &str = "\"link\", \"offset\", \"page\", \"cursor\" or \"hook\"";
        if !at.is_object() {
            self.expected(at, EXPECTED);
            return None;
        }
        let Some(by) = at.get("by") else {
            self.problem(at, format!("expected the member `by`, {BY}, found none"));
            return None;
        };
        let parameter = at.get("parameter").map(|name| self.name(name, "a parameter's name"));
        let parameter = parameter.flatten().unwrap_or_default();
        let absolute = PathRules::ABSOLUTE;
        Some(match by.as_text().unwrap_or_default() {
            "link" => {
                self.object(at, EXPECTED, &["by", "at", "rel", "href", "parameter"], &["at", "href", "parameter"]);
                let place = self.place(at.get("at"), absolute);
                let rel = at.get("rel").map(|rel| self.rel(rel));
                let href = at.get("href").and_then(|href| self.path(href, PathRules::ROW_FIELD));
                NextRule::Link { at: place, rel, href: href.unwrap_or_else(Path::row), parameter }
            }
            "offset" => {
                self.object(at, EXPECTED, &["by", "parameter", "size"], &["parameter"]);
                NextRule::Offset { parameter, size: at.get("size").map(|size| self.size(size)) }
            }
            "page" => {
                self.object(at, EXPECTED, &["by", "parameter", "first", "size"], &["parameter"]);
                let first = at.get("first").and_then(|first| self.whole(first, 0, u32::MAX.into())).unwrap_or(1);
                NextRule::Page { parameter, first, size: at.get("size").map(|size| self.size(size)) }
            }
            "cursor" => {
                self.object(at, EXPECTED, &["by", "at", "parameter"], &["at", "parameter"]);
                NextRule::Cursor { at: self.place(at.get("at"), absolute), parameter }
            }
            "hook" => {
                self.object(at, EXPECTED, &["by", "hook"], &["hook"]);
                NextRule::Hook(at.get("hook").and_then(|hook| self.word::<Hook>(hook))?)
            }
            _ => {
                self.expected(by, BY);
                return None;
            }
        })
    }

    fn rel(&mut self, at: View<'d>) -> (Path, Vec<Box<str>>) {
        self.object(at, "an object, which links count", &["field", "is"], &["field", "is"]);
        let field = at.get("field").and_then(|field| self.path(field, PathRules::ROW_FIELD));
        let texts = self.filled_list(at.get("is"), "a list of texts");
        let texts = texts.into_iter().filter_map(|text| self.text(text, "a text")).map(Into::into).collect();
        (field.unwrap_or_else(Path::row), texts)
    }

    fn size(&mut self, at: View<'d>) -> SizeParameter {
        self.object(at, "an object, the page's size", &["parameter", "default", "max"], &["parameter"]);
        let parameter = at.get("parameter").and_then(|name| self.name(name, "a parameter's name"));
        let max = at.get("max").and_then(|size| self.whole(size, 1, u32::MAX.into()));
        let default = at.get("default").and_then(|size| self.whole(size, 0, max.unwrap_or(u32::MAX.into())));
        SizeParameter { parameter: parameter.unwrap_or_default(), default, max }
    }

    fn checks(&mut self, at: Option<View<'d>>) -> Vec<CheckRule> {
        let each = self.list(at, "a list of checks");
        if let Some(one_more) = each.get(MOST_CHECKS) {
            self.bound(*one_more, MOST_CHECKS + 1, MOST_CHECKS, "checks");
        }
        each.into_iter().take(MOST_CHECKS).filter_map(|each| self.check(each)).collect()
    }

    /// The metrics of which `stated` is the sum, each once: what a row costs does not grow with the list.
    fn metrics_of_sum(&mut self, of: Option<View<'d>>, stated: &str) -> Box<[Box<str>]> {
        let (mut metrics, mut known) = (Vec::new(), BTreeSet::from([stated]));
        for part in self.filled_list(of, "a list of metrics") {
            metrics.extend(self.metric_name(part));
            if let Some(name) = part.as_text().filter(|name| !known.insert(name)) {
                self.problem(part, format!("expected each metric of a check once, found {} again", quoted(name)));
            }
        }
        metrics.into()
    }

    fn check(&mut self, at: View<'d>) -> Option<CheckRule> {
        const EXPECTED: &str = "an object, a check";
        let of = at.get("of");
        let of = match (of, of.and_then(View::as_text)) {
            (_, Some("rows")) => {
                self.object(at, EXPECTED, &["name", "stated", "of"], &["name", "stated"]);
                CheckOf::Rows { stated: self.place(at.get("stated"), PathRules::ABSOLUTE) }
            }
            (_, Some("values")) => {
                self.object(at, EXPECTED, &["name", "stated", "of"], &["name", "stated"]);
                let stated = at.get("stated").and_then(|stated| self.path(stated, PathRules::ROW_FIELD));
                CheckOf::Values { stated: stated.unwrap_or_else(Path::row) }
            }
            (Some(list), _) if list.is_list() => {
                self.object(at, EXPECTED, &["name", "metric", "of", "digits"], &["name", "metric"]);
                let metric = at.get("metric").and_then(|metric| self.metric_name(metric)).unwrap_or_default();
                let of = self.metrics_of_sum(of, &metric);
                let digits = at.get("digits").and_then(|digits| self.whole(digits, 1, 76));
                CheckOf::Metrics { metric, of, digits: digits.and_then(|digits| usize::try_from(digits).ok()) }
            }
            (Some(other), _) => {
                self.expected(other, "\"rows\", \"values\" or a list of metrics");
                return None;
            }
            (None, _) => {
                self.object(at, EXPECTED, &["name", "stated", "of", "metric", "digits"], &["name", "of"]);
                return None;
            }
        };
        let name = at.get("name").and_then(|name| self.name(name, "a check's name")).unwrap_or_default();
        Some(CheckRule { name, of })
    }
}

/// Gives a member that a rule lacks.
fn inherit<T: Clone>(own: &mut Option<T>, from: &Option<T>) {
    if own.is_none() {
        own.clone_from(from);
    }
}
