//! Works out the form of a row: which of its nodes are metrics and what they mean.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::automaton::RowEnd;
use super::compiled::{Compiled, Meaning};
use super::layout::{Layouts, MetricUse, NONE, Outcome, Reading, Section, inner};
use super::metric_table::MetricTable;
use super::scope::{Nodes, Scope, best_of};
use super::tape_path::Captures;
use crate::descriptor::model::{Holds, MetricMeaning, MetricRule, Template, TemplatePart, UnitRule};
use crate::descriptor::path::Path as RulePath;
use crate::format::row_reader::Context;
use crate::model::error::{ErrorCode, Fault, shortened};
use crate::model::kind::Kind;
use crate::model::provider::Encoding;
use crate::model::record::Note;
use crate::model::unit::Unit;
use crate::read::{Element, Item, ValueType, escape_pointer};
use crate::table::{Field, Measures, Text, dimensions};

/// Works out the form of a row.
pub(super) struct FormBuilder<'b, 'l, 'c> {
    pub(super) layouts: &'b Layouts<'l>,
    pub(super) cx: &'b mut Context<'c>,
    pub(super) guards: Vec<(u32, ValueType, bool)>,
    pub(super) reading: Reading,
}

/// What stands around a metric of a section.
#[derive(Default)]
struct Around<'a> {
    star: Option<&'a str>,
    leaf: String,
    field: String,
    /// The name of a field of the row itself.
    name: Option<&'a str>,
}

/// Names of fields that are known at a time: beyond, a row has so many fields of its own that few come again.
const MOST_KNOWN_FIELDS: usize = 1024;

/// Codes of fields whose meaning follows from their names alone: forms of rows differ in few of them.
#[derive(Debug, Default)]
pub(super) struct KnownFields(HashMap<Box<str>, Vec<KnownField>, RandomState>);

#[derive(Debug)]
struct KnownField {
    meaning: u16,
    metric: u16,
    occurrence: u32,
    is_attribute: bool,
    code: u32,
    measures: Measures,
}

impl KnownFields {
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl FormBuilder<'_, '_, '_> {
    pub(super) fn compiled(&self) -> &Compiled {
        self.layouts.compiled
    }

    pub(super) fn outcome(&mut self, item: &Item<'_>, ends: &[RowEnd]) -> Result<Outcome, Fault> {
        let mut first = None;
        let mut taken: Option<u16> = None;
        for end in ends {
            // Of the paths of one rule the longest that leads to a row counts.
            if taken == Some(end.rule) {
                continue;
            }
            let Some(row) = inner(item, &end.inner, self.layouts.compiled) else {
                continue;
            };
            // A list of XML without elements holds no row.
            let is_list = self.layouts.encoding == Encoding::Xml && row.value_type() == ValueType::Array;
            if is_list && row.children().all(|child| child.is_attribute()) {
                continue;
            }
            taken = Some(end.rule);
            first.get_or_insert(row);
            let meaning = &self.layouts.compiled.meanings[usize::from(end.rule)];
            let rule = &self.layouts.compiled.rules().rows[usize::from(end.rule)];
            let rows = [row];
            let captures = self.layouts.captures.clone();
            let scope = self.layouts.scope(&rows, &captures);
            let failed = meaning.rule.row_errors.iter().position(|error| scope.holds(&error.when));
            if let Some(error) = failed {
                return Ok(Outcome::Failed { rule: end.rule, error, row: row.index() });
            }
            if !scope.holds(&rule.when) {
                continue;
            }
            if rule.skip {
                return Ok(Outcome::Skip);
            }
            if !rule.columns.is_empty() {
                return Ok(Outcome::Columns(end.rule));
            }
            self.row(end.rule, row, &captures)?;
            return Ok(Outcome::Read(Box::new(std::mem::take(&mut self.reading))));
        }
        match first {
            None => Ok(Outcome::Ignore),
            Some(row) => {
                let captures = self.layouts.captures.clone();
                let rows = [row];
                let scope = self.layouts.scope(&rows, &captures);
                let tests = ends.iter().flat_map(|end| &self.compiled().rules().rows[usize::from(end.rule)].when);
                Err(match tests.filter_map(|test| scope.other_request(test)).next() {
                    Some((expected, found)) => {
                        let message = format!("expected a reply of {expected}, found one of {}", shortened(&found));
                        Fault::new(ErrorCode::UnexpectedShape, message).at(row.offset()).in_item(row.path())
                    }
                    None => row.unexpected("a row that one of the rules reads"),
                })
            }
        }
    }

    fn row(&mut self, number: u16, row: Element<'_>, captures: &Captures) -> Result<(), Fault> {
        self.reading.row = row.index();
        let meaning = &self.layouts.compiled.meanings[usize::from(number)];
        let is_scalar = !matches!(row.value_type(), ValueType::Object | ValueType::Array);
        if row.value_type() != ValueType::Object && !(is_scalar && meaning.scalar.is_some()) {
            return Err(row.unexpected(&expected_row(meaning, self.layouts.own_name, self.layouts.encoding)));
        }
        let tail = row.path();
        self.section(number, None, vec![row], captures.clone(), tail)
    }

    pub(super) fn section(
        &mut self,
        number: u16,
        outer: Option<usize>,
        rows: Vec<Element<'_>>,
        captures: Captures,
        tail: String,
    ) -> Result<(), Fault> {
        let meaning = &self.layouts.compiled.meanings[usize::from(number)];
        let Some(row) = rows.last().copied() else {
            return Ok(());
        };
        let nodes = Nodes::default();
        let scope = Scope { nodes: Some(&nodes), ..self.layouts.scope(&rows, &captures) };
        let section = Section {
            meaning: number,
            rows: rows.iter().map(Element::index).collect(),
            captures: captures.clone(),
            outer,
            tail,
            has_own_period: outer.is_none() || meaning.rule.period.is_some(),
            has_own_version: outer.is_none() || meaning.rule.version.is_some(),
            ..Section::default()
        };
        let mut filling =
            Filling { section, seen: HashMap::default(), nulls: Vec::new(), scope, meaning, cost_leaf: None };
        if row.value_type() == ValueType::Object {
            self.fields(&mut filling, row, &meaning.table, true, &Around::default())?;
            self.costs_alone(&mut filling, row)?;
        } else if let Some(metric) = meaning.scalar {
            let name = if row.name().is_empty() { Cow::Borrowed(self.layouts.own_name) } else { row.name() };
            let around = Around { field: name.into_owned(), ..Around::default() };
            self.metric(&mut filling, metric, Some(row), None, 0, &around)?;
        }
        let Filling { mut section, nulls, .. } = filling;
        section.nodes = nodes;
        self.required(meaning, row, &section, &nulls);
        section.shape = self.cx.out.shape(&section.fields);
        section.is_whole = !section.cells.contains(&NONE);
        let index = self.reading.sections.len();
        self.reading.sections.push(section);
        for nested in &meaning.nested {
            self.nested(nested, index, &rows, &captures)?;
        }
        Ok(())
    }

    fn required(&mut self, meaning: &Meaning, row: Element<'_>, section: &Section, nulls: &[u32]) {
        let names = self.compiled().names;
        for (required, for_period) in meaning.rule.required.iter().zip(&meaning.for_period) {
            if *for_period && self.layouts.options.period.is_some() {
                continue;
            }
            let nodes: Vec<u32> = required
                .one_of
                .iter()
                .filter_map(|path| names.value(row, path))
                .map(|element| element.index())
                .collect();
            // A metric may be null.
            let is_metric = |node: &u32| section.cells.contains(node) || nulls.contains(node);
            if !nodes.iter().any(is_metric) {
                let name = required.one_of.first().map_or_else(String::new, RulePath::field_name);
                let is_metric = meaning.rule.metrics.iter().any(|entry| required.one_of.contains(&entry.key));
                if nodes.is_empty() && is_metric {
                    self.reading.missing.get_or_insert_with(|| name.as_str().into());
                }
                self.reading.required.push((nodes, name.into()));
            }
        }
    }

    /// The metrics directly below an element, and those further below.
    fn fields<'w>(
        &mut self,
        filling: &mut Filling<'_, 'w>,
        element: Element<'w>,
        table: &MetricTable,
        is_row: bool,
        around: &Around<'_>,
    ) -> Result<(), Fault> {
        let counts = filling.meaning.counts_occurrences();
        let mut totals: HashMap<Cow<'_, str>, u32, RandomState> = HashMap::default();
        if counts {
            element.children().for_each(|child| *totals.entry(child.name()).or_default() += 1);
        }
        for child in element.children() {
            let name = child.name();
            let hit = table.leaf(&name, child.is_attribute());
            let below = if child.value_type() == ValueType::Object { table.below(&name) } else { None };
            let is_read = hit.metric.is_some()
                || below.is_some()
                || is_row && filling.meaning.reads(&name, self.layouts.compiled.names);
            if !is_read {
                continue;
            }
            let is_repeated = totals.get(&name).is_some_and(|total| *total > 1);
            let mut occurrence = 0;
            if is_repeated || !counts {
                let seen = filling.seen.entry((element.index(), child.is_attribute(), name.clone())).or_default();
                seen.count += 1;
                if seen.count > 1 && !counts {
                    self.reading.twins.push((seen.first, child.index()));
                    child.same_as(Some(element.at(seen.first)))?;
                    continue;
                }
                if seen.count == 1 {
                    seen.first = child.index();
                }
                occurrence = if is_repeated { seen.count } else { 0 };
            }
            if let Some((table, star)) = below {
                let (leaf, field) = (leaf_of(&child, &around.leaf), joined(&around.field, &name));
                let around = Around { star: star.or(around.star), leaf, field, name: None };
                self.fields(filling, child, table, false, &around)?;
            } else if let Some(metric) = hit.metric {
                if is_row && self.known_field(filling, metric, child, &name, occurrence) {
                    continue;
                }
                let leaf = leaf_of(&child, &around.leaf);
                // A JSON Pointer cannot tell one of two members of the same name; an XPath can.
                let leaf = match occurrence {
                    1.. if self.layouts.encoding == Encoding::Xml => format!("{leaf}[{occurrence}]"),
                    _ => leaf,
                };
                let field = joined(&around.field, &name);
                let name = is_row.then_some(&*name);
                let around = Around { star: hit.star.or(around.star), leaf, field, name };
                self.metric(filling, metric, Some(child), None, occurrence, &around)?;
            }
        }
        Ok(())
    }

    /// Adds a metric whose field is known by its name. `false`: it is not.
    fn known_field(
        &mut self,
        filling: &mut Filling<'_, '_>,
        metric: u16,
        element: Element<'_>,
        name: &str,
        occurrence: u32,
    ) -> bool {
        let known = self.layouts.fields.borrow();
        let is = |known: &&KnownField| {
            known.meaning == filling.section.meaning
                && known.metric == metric
                && known.occurrence == occurrence
                && known.is_attribute == element.is_attribute()
        };
        let Some(known) = known.0.get(name).and_then(|known| known.iter().find(is)).filter(|_| !element.is_null())
        else {
            return false;
        };
        self.reading.has_metrics = true;
        filling.section.cells.push(element.index());
        filling.section.uses.push(MetricUse { measures: known.measures, at_cost: None });
        filling.section.fields.push(known.code);
        true
    }

    /// Costs of quantities that the row does not have.
    fn costs_alone(&mut self, filling: &mut Filling<'_, '_>, row: Element<'_>) -> Result<(), Fault> {
        for (number, entry) in (0..).zip(filling.meaning.rule.metrics.iter()) {
            let Some(cost) = entry.rule.as_ref().and_then(|rule| rule.cost.as_ref()) else {
                continue;
            };
            let is_exact = entry.key.steps.iter().all(|step| step.star().is_none());
            if !is_exact || self.compiled().names.has(row, &entry.key) {
                continue;
            }
            if let Some(cost) = filling.scope.value(cost) {
                let leaf = cost.path_from(row);
                let field = entry.rule.as_ref().and_then(|rule| rule.cost.as_ref()).map(RulePath::field_name);
                let around = Around { leaf, field: field.unwrap_or_default(), ..Around::default() };
                self.metric(filling, number, None, Some(cost), 0, &around)?;
            }
        }
        Ok(())
    }

    fn metric(
        &mut self,
        filling: &mut Filling<'_, '_>,
        number: u16,
        quantity: Option<Element<'_>>,
        cost_alone: Option<Element<'_>>,
        occurrence: u32,
        around: &Around<'_>,
    ) -> Result<(), Fault> {
        let Some(rule) = filling.meaning.rule.metrics[usize::from(number)].rule.as_ref() else {
            return Ok(());
        };
        self.reading.has_metrics = true;
        let field = quantity.or(cost_alone);
        let cost = cost_alone.or_else(|| filling.scope.value(rule.cost.as_ref()?));
        if let Some(field) = field.filter(|field| rule.cost.is_none() && field.is_null()) {
            self.guards.push((field.index(), ValueType::Null, field.raw().is_empty()));
            filling.nulls.push(field.index());
            return Ok(());
        }
        let Some(meaning) = meaning_of(rule, &filling.scope, field)? else {
            return Ok(());
        };
        let star = around.star.map(str::to_ascii_lowercase);
        let at = field;
        let field = self.field(filling, meaning, rule, star.as_deref(), occurrence, around, at)?;
        let measures = field.measures;
        let code = self.cx.out.field(field);
        let mut known = self.layouts.fields.borrow_mut();
        if let Some((name, element)) = around.name.zip(at)
            && rule.is_plain()
            && known.0.len() < MOST_KNOWN_FIELDS
        {
            known.0.entry(name.into()).or_default().push(KnownField {
                meaning: filling.section.meaning,
                metric: number,
                occurrence,
                is_attribute: element.is_attribute(),
                code,
                measures,
            });
        }
        let node = |element: Option<Element<'_>>| element.map_or(NONE, |element| element.index());
        let section = &mut filling.section;
        match measures {
            Measures::Both => {
                section.cells.extend([node(quantity), node(cost)]);
                let at_cost = cost.filter(|_| quantity.is_some()).zip(filling.scope.row()).map(|(cost, row)| {
                    let leaf = match &filling.cost_leaf {
                        Some((node, leaf)) if *node == cost.index() => leaf.clone(),
                        _ => cost.path_from(row),
                    };
                    filling.cost_leaf = Some((cost.index(), leaf.clone()));
                    let name = rule.cost.as_ref().map(RulePath::field_name).unwrap_or_default();
                    Box::new((leaf.into(), name.into()))
                });
                section.uses.push(MetricUse { measures, at_cost });
            }
            Measures::Quantity | Measures::Cost => {
                section.cells.push(node(quantity));
                section.uses.push(MetricUse { measures, at_cost: None });
            }
        }
        section.fields.push(code);
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "a field is made of all that is known of it")]
    fn field(
        &self,
        filling: &Filling<'_, '_>,
        meaning: &MetricMeaning,
        rule: &MetricRule,
        star: Option<&str>,
        occurrence: u32,
        around: &Around<'_>,
        at: Option<Element<'_>>,
    ) -> Result<Field, Fault> {
        let Meant { metric, kind, measures, unit } = meant(rule, meaning, star, &filling.scope, at)?;
        let repeated = occurrence > 0;
        Ok(Field {
            format: self.layouts.format,
            provider_field: around.field.as_str().into(),
            leaf: around.leaf.as_str().into(),
            dimensions: if repeated { dimensions([("occurrence", &occurrence.to_string())]) } else { Box::default() },
            kind,
            measures,
            unit,
            part_of: match filling.meaning.breakdown {
                true => Some(metric.clone()),
                false => meaning.part_of.as_deref().map(Text::from),
            },
            metric,
            notes: filling.meaning.rule.notes.union(meaning.notes).with_if(repeated, Note::DuplicateElement),
        })
    }
}

/// What a metric says of its numbers in one row.
pub(super) struct Meant {
    pub metric: Text,
    pub kind: Kind,
    pub measures: Measures,
    pub unit: Option<Unit>,
}

/// What a metric means. `at` is its field.
pub(super) fn meant(
    rule: &MetricRule,
    meaning: &MetricMeaning,
    star: Option<&str>,
    scope: &Scope<'_, '_>,
    at: Option<Element<'_>>,
) -> Result<Meant, Fault> {
    let unknown = |what: &str| {
        let by = rule.by.as_ref().and_then(|by| scope.field(by)).or(at);
        by.map_or_else(|| Fault::new(ErrorCode::UnexpectedShape, format!("expected {what}")), |by| by.unexpected(what))
    };
    let metric = match &meaning.metric {
        Some(template) => filled(template, star, scope)?,
        None => return Err(unknown("a text that a case of the descriptor has")),
    };
    let kind = meaning.kind.ok_or_else(|| unknown("a text that a case of the descriptor has"))?;
    let measures = match (meaning.holds, &rule.cost) {
        (Holds::Cost, _) => Measures::Cost,
        (Holds::Quantity, Some(_)) => Measures::Both,
        (Holds::Quantity, None) => Measures::Quantity,
    };
    let unit = match (&meaning.unit, measures) {
        (_, Measures::Cost) => None,
        (Some(rule), _) => Some(unit_of(rule, scope)?),
        (None, _) => return Err(unknown("a text that a case of the descriptor has")),
    };
    Ok(Meant { metric: metric.into(), kind, measures, unit })
}

/// A section that is being filled.
struct Filling<'f, 'w> {
    section: Section,
    /// Fields that were met: below which node, whether attributes, and their names.
    seen: HashMap<(u32, bool, Cow<'w, str>), Seen, RandomState>,
    /// Metrics that are null.
    nulls: Vec<u32>,
    scope: Scope<'f, 'w>,
    meaning: &'f Meaning,
    /// The node of the cost that was met last, and the end of its pointer.
    cost_leaf: Option<(u32, String)>,
}

#[derive(Debug, Default)]
struct Seen {
    count: u32,
    first: u32,
}

fn joined(before: &str, name: &str) -> String {
    if before.is_empty() { name.to_owned() } else { format!("{before}.{name}") }
}

fn leaf_of(child: &Element<'_>, before: &str) -> String {
    let mut leaf = before.to_owned();
    leaf.push('/');
    if child.is_attribute() {
        leaf.push('@');
    }
    match child.encoding() {
        Encoding::Json => escape_pointer(&child.name(), &mut leaf),
        Encoding::Xml => leaf.push_str(&child.name()),
    }
    leaf
}

fn expected_row(meaning: &Meaning, own_name: &str, encoding: Encoding) -> String {
    let names: Vec<String> =
        meaning.rule.required.iter().flat_map(|required| &required.one_of).map(RulePath::field_name).collect();
    match &names[..] {
        [] if own_name.is_empty() => "an object".to_owned(),
        [] if encoding == Encoding::Xml => format!("an element {own_name} with fields"),
        [] => format!("an object {own_name}"),
        [name] => format!("an object with {name}"),
        [names @ .., last] => format!("an object with {} and {last}", names.join(", ")),
    }
}

/// The meaning of a metric in this row; `None`: it makes no record.
pub(super) fn meaning_of<'r>(
    rule: &'r MetricRule,
    scope: &Scope<'_, '_>,
    field: Option<Element<'_>>,
) -> Result<Option<&'r MetricMeaning>, Fault> {
    let Some(by) = &rule.by else {
        return Ok(Some(&rule.meaning));
    };
    let text = text_at(by, scope, field)?;
    let case = best_of(rule.cases.iter().map(|case| (&case.is[..], case)), &text);
    Ok(match case {
        Some(case) if case.skip => None,
        Some(case) => Some(&case.meaning),
        None => Some(&rule.meaning),
    })
}

/// The text of a field that must be there.
fn text_at<'w>(path: &RulePath, scope: &Scope<'_, 'w>, near: Option<Element<'_>>) -> Result<Cow<'w, str>, Fault> {
    match (scope.field(path), scope.row()) {
        (Some(field), _) => field.id_text(),
        (None, Some(row)) => Err(row.missing(&path.field_name())),
        (None, None) => Err(near.map_or_else(
            || Fault::new(ErrorCode::MissingField, "expected a field"),
            |near| near.missing(&path.field_name()),
        )),
    }
}

fn filled(template: &Template, star: Option<&str>, scope: &Scope<'_, '_>) -> Result<String, Fault> {
    let mut out = String::new();
    for part in &template.parts {
        match part {
            TemplatePart::Text(text) => out.push_str(text),
            TemplatePart::Star => out.push_str(star.unwrap_or_default()),
            TemplatePart::Field(path) => out.push_str(&text_at(path, scope, None)?),
        }
    }
    Ok(out)
}

fn unit_of(rule: &UnitRule, scope: &Scope<'_, '_>) -> Result<Unit, Fault> {
    match rule {
        UnitRule::Fixed(unit) => Ok(*unit),
        UnitRule::Field { field, map } => {
            let text = text_at(field, scope, None)?;
            match super::scope::best(map, &text, false) {
                Some((_, unit)) => Ok(*unit),
                None => {
                    let message = format!("a unit that the descriptor maps, found {}", shortened(&text));
                    Err(match scope.field(field) {
                        Some(field) => field.unexpected("a unit that the descriptor maps"),
                        None => Fault::new(ErrorCode::UnexpectedShape, message),
                    })
                }
            }
        }
    }
}
