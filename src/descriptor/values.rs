//! Reads metrics, sources, periods and tests.

use super::document::View;
use super::model::{
    Holds, MetricCase, MetricEntry, MetricMeaning, MetricRule, Origin, PeriodRule, RequestTest, Source, SourceText,
    Sources, StepRule, Template, TemplatePart, Test, TextTest, TimeForm, TimeOrigin, TimeReference, TimeSource,
    UnitRule,
};
use super::path::{Path, PathRules, Pattern, is_capture};
use super::read::{MOST_METRIC_KEYS, Reader, one_or_more, shared};
use crate::model::error::quoted;
use crate::model::unit::Unit;

/// The members of [`MetricMeaning`].
const MEANING: [&str; 6] = ["metric", "kind", "unit", "holds", "partOf", "notes"];
/// Where a text comes from: one of these.
const ORIGINS: [&str; 8] = ["field", "capture", "segmentAfter", "segment", "query", "body", "host", "same"];

impl<'d> Reader<'d> {
    // -------------------------------------------------------------------------------------------- metrics

    pub(super) fn metrics(&mut self, at: Option<View<'d>>, level: u8) -> Vec<MetricEntry> {
        let mut entries = Vec::new();
        for entry in self.entries(at, "an object of metrics by field") {
            self.metric_keys += 1;
            self.bound(entry, self.metric_keys, MOST_METRIC_KEYS, "metric keys");
            let key = self.path_of(entry, entry.name(), PathRules::METRIC);
            let rule = if entry.is_null() { None } else { Some(self.metric(entry, level)) };
            entries.extend(key.map(|key| MetricEntry { node: entry.id, key, rule }));
        }
        entries
    }

    fn metric(&mut self, at: View<'d>, level: u8) -> MetricRule {
        let field = PathRules::ROW_FIELD.with_up(level);
        let known = [&MEANING[..], &["cost", "by", "cases"]].concat();
        self.object(at, "an object, what the field means, or null", &known, &[]);
        let none = MetricMeaning {
            metric: None,
            kind: None,
            unit: None,
            holds: Holds::Quantity,
            part_of: None,
            notes: Default::default(),
        };
        let meaning = self.metric_meaning(at, &none, level);
        let needed = if meaning.holds == Holds::Cost { &["metric", "kind"][..] } else { &["metric", "kind", "unit"] };
        match at.get("cases") {
            None => self.members(at, needed),
            Some(_) => self.members(at, &["by"]),
        }
        let cases = self.list(at.get("cases"), "a list of cases");
        let cases = cases.into_iter().map(|case| self.case(case, &meaning, level)).collect();
        MetricRule {
            cost: at.get("cost").and_then(|cost| self.path(cost, PathRules::ROW_FIELD)),
            by: at.get("by").and_then(|by| self.path(by, field)),
            cases,
            meaning,
        }
    }

    fn case(&mut self, at: View<'d>, rule: &MetricMeaning, level: u8) -> MetricCase {
        let known = [&MEANING[..], &["is", "skip"]].concat();
        self.object(at, "an object, a case", &known, &["is"]);
        MetricCase {
            node: at.id,
            is: self.patterns(at.get("is")),
            skip: self.only_true(at.get("skip")),
            meaning: self.metric_meaning(at, rule, level),
        }
    }

    fn metric_meaning(&mut self, at: View<'d>, or: &MetricMeaning, level: u8) -> MetricMeaning {
        MetricMeaning {
            metric: match at.get("metric") {
                Some(metric) => self.metric_template(metric),
                None => or.metric.clone(),
            },
            kind: at.get("kind").map_or(or.kind, |kind| self.word(kind)),
            unit: match at.get("unit") {
                Some(unit) => self.unit_rule(unit, level),
                None => or.unit.clone(),
            },
            holds: at.get("holds").and_then(|holds| self.word(holds)).unwrap_or(or.holds),
            part_of: match at.get("partOf") {
                Some(total) => self.metric_name(total),
                None => or.part_of.clone(),
            },
            notes: at.get("notes").map_or(or.notes, |notes| self.notes(Some(notes))),
        }
    }

    /// A metric's name, in which `*` and `{field}` stand for other texts.
    fn metric_template(&mut self, at: View<'d>) -> Option<Template> {
        const EXPECTED: &str = "a metric's name such as \"storage.stored\" or \"cost.*\"";
        let template = self.template(at, EXPECTED)?;
        let texts = || template.parts.iter().filter_map(TemplatePart::as_text);
        let is_name = texts().all(is_metric_text) && texts().any(|text| text.contains('.'));
        if !is_name {
            self.expected(at, METRIC_NAME);
        }
        Some(template)
    }

    pub(super) fn metric_name(&mut self, at: View<'d>) -> Option<Box<str>> {
        let name = self.name(at, "a metric's name")?;
        if !is_metric_text(&name) || !name.contains('.') {
            self.expected(at, METRIC_NAME);
        }
        Some(name)
    }

    fn unit_rule(&mut self, at: View<'d>, level: u8) -> Option<UnitRule> {
        if !at.is_object() {
            return self.unit(at).map(UnitRule::Fixed);
        }
        self.object(at, "", &["field", "map"], &["field", "map"]);
        let field = at.get("field").and_then(|field| self.path(field, PathRules::ROW_FIELD.with_up(level)));
        let map = self.map(at.get("map"), "an object of units by text", |reader, unit, _| reader.unit(unit));
        Some(UnitRule::Field { field: field?, map: shared(map) })
    }

    fn unit(&mut self, at: View<'d>) -> Option<Unit> {
        let unit = at.as_text().and_then(Unit::parse);
        if unit.is_none() {
            let meant = at.as_text().map(Unit::meant).unwrap_or_default();
            let hint = if meant.is_empty() { String::new() } else { format!(": did you mean {}?", meant.join(" or ")) };
            let found = at.describe();
            self.problem(at, format!("expected a unit such as \"By\", \"GiBy\" or \"{{call}}\", found {found}{hint}"));
        }
        unit
    }

    // -------------------------------------------------------------------------------------------- sources

    pub(super) fn sources(&mut self, at: View<'d>, field: PathRules) -> Sources {
        shared(one_or_more(Some(at)).into_iter().filter_map(|each| self.source(each, field)).collect())
    }

    fn source(&mut self, at: View<'d>, field: PathRules) -> Option<Source> {
        if let Some(text) = at.as_text() {
            if text.is_empty() {
                self.expected(at, "a text that is not empty");
            }
            return Some(Source { node: at.id, text: SourceText::Constant(text.into()) });
        }
        let origin =
            self.origin(at, field, &["map", "default"], "a text or an object, where a text comes from", &[])?;
        let map = at.get("map").map(|map| {
            let read = |reader: &mut Self, value: View<'d>, key: &Pattern| {
                let pattern = reader.pattern(value)?;
                if key.is_exact() && !pattern.is_exact() {
                    reader.expected(value, "a text without \"*\", as its key has none");
                }
                Some(pattern)
            };
            shared(self.map(Some(map), "an object of texts by text", read))
        });
        let default = at.get("default").and_then(|text| self.text(text, "a text")).map(Into::into);
        Some(Source { node: at.id, text: SourceText::Reference { origin, map, default } })
    }

    /// Where a text comes from: exactly one of [`ORIGINS`] and `also`, beside `members`.
    fn origin(
        &mut self,
        at: View<'d>,
        field: PathRules,
        members: &[&str],
        expected: &str,
        also: &[&str],
    ) -> Option<Origin> {
        let origins = [&ORIGINS[..], also].concat();
        if !self.object(at, expected, &[&origins[..], &["in"], members].concat(), &[]) {
            return None;
        }
        let given: Vec<_> = at.children().filter(|member| origins.contains(&member.name())).collect();
        let [one] = given[..] else {
            let found = if given.is_empty() { "none" } else { "more" };
            self.problem(at, format!("expected exactly one of {}, found {found}", super::read::one_of(&origins, '`')));
            return None;
        };
        let of = at.get("in").map(|place| {
            if !matches!(one.name(), "segmentAfter" | "segment") {
                self.problem(place, "expected `in` beside `segmentAfter` or `segment` only".to_owned());
            }
            self.place(Some(place), PathRules::ABSOLUTE)
        });
        Some(match one.name() {
            "field" => {
                let place = self.place(Some(one), field);
                Origin::Field(place)
            }
            "capture" => Origin::Capture(self.capture(one)?),
            "segmentAfter" => Origin::SegmentAfter { segments: self.segments(one), of },
            "segment" => Origin::Segment { segments: self.segments(one), of },
            "query" => Origin::Query(self.name(one, "a parameter's name")?),
            "body" => Origin::Body(self.filled_paths(Some(one), PathRules::ABSOLUTE)),
            "host" => Origin::Host(self.pattern(one)?),
            "same" => {
                if one.as_text() != Some("account") {
                    self.expected(one, "\"account\"");
                }
                Origin::SameAccount
            }
            // A column: the caller reads it.
            _ => return None,
        })
    }

    fn capture(&mut self, at: View<'d>) -> Option<Box<str>> {
        let name = at.as_text().filter(|name| is_capture(name));
        if name.is_none() {
            self.expected(at, "the name of a capture such as \"region\"");
        }
        name.map(Into::into)
    }

    fn segments(&mut self, at: View<'d>) -> Vec<Box<str>> {
        let each = self.filled_list(Some(at), "a list of path segments");
        let mut segments = Vec::new();
        for each in each {
            segments.extend(self.name(each, "a path segment"));
            if each.as_text().is_some_and(|segment| segment.contains('/')) {
                self.expected(each, "a path segment without \"/\"");
            }
        }
        segments
    }

    // -------------------------------------------------------------------------------------------- periods

    pub(super) fn times(&mut self, at: View<'d>, field: PathRules) -> TimeSource {
        shared(one_or_more(Some(at)).into_iter().filter_map(|each| self.time(each, field)).collect())
    }

    fn time(&mut self, at: View<'d>, field: PathRules) -> Option<TimeReference> {
        let members = ["as", "zone", "inclusive"];
        let origin = self.origin(at, field, &members, "an object, where a time comes from", &["column"]);
        let column = at.get("column").filter(|_| at.is_object());
        let column = column.and_then(|column| self.path(column, PathRules::ROW_FIELD));
        let form = at.get("as").and_then(|form| self.word(form)).unwrap_or(TimeForm::Rfc3339);
        let zone = at.get("zone");
        if let Some(zone) = zone.filter(|zone| zone.as_text() != Some("UTC")) {
            self.expected(zone, "\"UTC\", or no such member");
        }
        let inclusive = self.bool(at.get("inclusive"));
        let origin = origin.map(TimeOrigin::Text).or(column.map(TimeOrigin::Column))?;
        Some(TimeReference { node: at.id, origin, form, is_utc: zone.is_some(), inclusive })
    }

    pub(super) fn periods(&mut self, at: View<'d>, field: PathRules) -> std::sync::Arc<[PeriodRule]> {
        shared(one_or_more(Some(at)).into_iter().map(|rule| self.period(rule, field)).collect())
    }

    fn period(&mut self, at: View<'d>, field: PathRules) -> PeriodRule {
        self.object(at, "an object, a period rule", &["start", "end", "step", "when", "notes"], &["start"]);
        let start = at.get("start").map_or_else(|| shared(Vec::new()), |start| self.times(start, field));
        let steps = one_or_more(at.get("step"));
        PeriodRule {
            node: at.id,
            start,
            end: at.get("end").map(|end| self.times(end, field)),
            step: steps.into_iter().filter_map(|step| self.step(step, field)).collect(),
            when: self.tests(at.get("when"), PathRules { absolute: false, ..field }),
            notes: self.notes(at.get("notes")),
        }
    }

    fn step(&mut self, at: View<'d>, field: PathRules) -> Option<StepRule> {
        if !at.is_object() {
            return self.duration(at).map(StepRule::Fixed);
        }
        const EXPECTED: &str = "a length of time, or an object with `count`, `from` or `smallestGap`";
        if let Some(count) = at.get("count") {
            self.object(at, EXPECTED, &["count", "of", "max"], &["of", "max"]);
            let count = self.sources(count, field);
            let max = at.get("max").and_then(|max| self.whole(max, 1, 999_999));
            let of = at.get("of").and_then(|of| self.duration(of));
            return Some(StepRule::Count { count, of: of?, max: max? });
        }
        if let Some(from) = at.get("from") {
            self.object(at, EXPECTED, &["from", "cases"], &["cases"]);
            let from = self.sources(from, field);
            let read = |reader: &mut Self, step: View<'d>, _: &Pattern| reader.step(step, field);
            let cases = self.map(at.get("cases"), "an object of lengths of time by text", read);
            return Some(StepRule::Cases { from, cases });
        }
        let Some(gap) = at.get("smallestGap") else {
            self.problem(at, format!("expected {EXPECTED}, found an object without one of these"));
            return None;
        };
        self.object(at, EXPECTED, &["smallestGap"], &[]);
        self.object(gap, "an object with `else`", &["of", "else"], &["else"]);
        let of = gap.get("of").map(|of| {
            let lengths = self.filled_list(Some(of), "a list of lengths of time");
            lengths.into_iter().filter_map(|length| self.duration(length)).collect()
        });
        let otherwise = gap.get("else").and_then(|length| self.duration(length));
        Some(StepRule::SmallestGap { of, otherwise: otherwise? })
    }

    // -------------------------------------------------------------------------------------------- tests

    /// The tests of `detect`.
    pub(super) fn detect(&mut self, at: Option<View<'d>>) -> Vec<Test> {
        let tests = self.list(at, "a list of tests");
        tests.into_iter().map(|test| self.test(test, PathRules::ABSOLUTE, true)).collect()
    }

    /// One test or a list of tests, with paths of this kind.
    pub(super) fn tests(&mut self, at: Option<View<'d>>, rules: PathRules) -> Vec<Test> {
        one_or_more(at).into_iter().map(|test| self.test(test, rules, false)).collect()
    }

    fn test(&mut self, at: View<'d>, rules: PathRules, is_detect: bool) -> Test {
        const KNOWN: [&str; 12] = [
            "encoding",
            "named",
            "has",
            "hasOne",
            "lacks",
            "only",
            "empty",
            "is",
            "shape",
            "request",
            "notRequest",
            "row",
        ];
        let known = if is_detect { &KNOWN[..] } else { &KNOWN[..11] };
        self.object(at, "an object, a test", known, &[]);
        let paths = rules.with_patterns();
        if let Some(list) = at.get("hasOne").filter(|list| !list.is_list()) {
            self.expected(list, "a list of paths");
        }
        Test {
            node: at.id,
            encoding: at.get("encoding").and_then(|encoding| self.word(encoding)),
            named: self.only_true(at.get("named")),
            row: at.get("row").filter(|_| is_detect).map(|row| self.tests(Some(row), PathRules::RELATIVE)),
            has: self.paths(at.get("has"), paths),
            has_one: self.filled_paths(at.get("hasOne"), paths),
            lacks: self.paths(at.get("lacks"), paths),
            only: self.names(at.get("only"), paths),
            empty: self.paths(at.get("empty"), paths),
            is: self.text_tests(at.get("is"), paths),
            shape: self.shapes(at.get("shape")),
            request: at.get("request").map(|request| self.request_test(request)),
            not_request: at.get("notRequest").map(|request| self.request_test(request)),
        }
    }

    /// Paths of one step.
    fn names(&mut self, at: Option<View<'d>>, rules: PathRules) -> Vec<Path> {
        let paths = self.filled_paths(at, rules);
        if let Some(at) = at.filter(|_| paths.iter().any(|path| path.steps.len() != 1)) {
            self.expected(at, "a list of paths of one step");
        }
        paths
    }

    /// Requests that only this provider answers.
    pub(super) fn requests(&mut self, at: Option<View<'d>>) -> Vec<RequestTest> {
        one_or_more(at).into_iter().map(|test| self.request_test(test)).collect()
    }

    fn shapes(&mut self, at: Option<View<'d>>) -> Vec<(Box<str>, super::model::Shape)> {
        let entries = self.entries(at, "an object of forms by capture");
        let mut shapes = Vec::new();
        for entry in entries {
            if !is_capture(entry.name()) {
                self.problem(entry, format!("expected the name of a capture, found {}", quoted(entry.name())));
            }
            shapes.extend(self.word(entry).map(|shape| (entry.name().into(), shape)));
        }
        shapes
    }

    fn text_tests(&mut self, at: Option<View<'d>>, rules: PathRules) -> Vec<TextTest> {
        let mut tests = Vec::new();
        for entry in self.entries(at, "an object of texts by path") {
            let texts = self.patterns_or_null(entry);
            tests.extend(self.tested_path(entry, rules).map(|path| TextTest { path, texts }));
        }
        tests
    }

    /// The path of a text test: a captured name, such as `{service}`, wherever paths are absolute, too.
    fn tested_path(&mut self, at: View<'d>, rules: PathRules) -> Option<Path> {
        let is_captured_name = at.name().starts_with('{') && !at.name().contains('/');
        self.path_of(at, at.name(), if is_captured_name { PathRules::RELATIVE } else { rules })
    }

    fn request_test(&mut self, at: View<'d>) -> RequestTest {
        self.object(at, "an object, what the request says", &["host", "path", "query", "body"], &[]);
        let mut query = Vec::new();
        for entry in self.entries(at.get("query"), "an object of texts by parameter") {
            query.push((entry.name().into(), self.patterns_or_null(entry)));
        }
        let mut paths = Vec::new();
        if let Some(at) = at.get("path") {
            for each in self.filled_list(Some(at), "a list of path segments such as \"v1/usage*\"") {
                let segments = self.text(each, "path segments such as \"v1/usage*\"").unwrap_or_default();
                let segments = segments.trim_matches('/').split('/');
                paths.push(segments.filter_map(|segment| self.pattern_of(each, segment)).collect());
            }
        }
        RequestTest {
            host: if at.get("host").is_some() { self.patterns(at.get("host")) } else { Vec::new() },
            path: paths,
            query,
            body: self.text_tests(at.get("body"), PathRules::ABSOLUTE),
        }
    }
}

const METRIC_NAME: &str = "a metric's name of a to z, 0 to 9, \"_\" and at least one \".\"";

fn is_metric_text(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.'))
}

impl TemplatePart {
    fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}
