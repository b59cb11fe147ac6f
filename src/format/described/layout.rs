//! What the nodes of a row mean: worked out with the first row of a form and good for all that look like it.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::automaton::RowEnd;
use super::compiled::{Compiled, Meaning, Nested};
use super::envelope::Envelope;
use super::interned::Interned;
use super::metric_table::MetricTable;
use super::period::QuickPeriod;
use super::scope::{Asked, Nodes, Scope, best_of};
use super::tape_path::Captures;
use crate::descriptor::model::{Holds, MetricMeaning, MetricRule, Template, TemplatePart, UnitRule};
use crate::descriptor::path::{Path as RulePath, PathStep};
use crate::format::error_reply::ProviderError;
use crate::format::row_reader::Context;
use crate::model::error::{ErrorCode, Fault, shortened};
use crate::model::provider::{Encoding, Format};
use crate::model::record::Note;
use crate::model::unit::Unit;
use crate::options::ReadOptions;
use crate::read::{Element, Item, ValueType, escape_pointer};
use crate::table::{Dimensions, Field, Measures, Text, dimensions};

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// What is done with a row.
#[derive(Debug)]
pub(super) enum Outcome {
    Read(Box<Reading>),
    /// It holds no usage.
    Skip,
    /// It is no row: a path leads on from it, to nothing.
    Ignore,
    /// It reports a failure: the number of the rule, of its error rule, and the node of the row.
    Failed {
        rule: u16,
        error: usize,
        row: u32,
    },
}

/// An outcome, and the nodes whose type it rests on.
#[derive(Debug)]
pub(super) struct Form {
    pub outcome: Outcome,
    guards: Vec<(u32, ValueType, bool)>,
}

impl Form {
    /// Whether it is that of this row, too.
    #[inline]
    pub fn fits(&self, item: &Item<'_>) -> bool {
        self.guards.iter().all(|(node, value_type, is_empty)| {
            let element = item.element(*node);
            element.value_type() == *value_type && element.raw().is_empty() == *is_empty
        })
    }
}

/// How rows of one form are read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Fields that stand twice and must say the same.
    pub twins: Vec<(u32, u32)>,
    /// Fields of which one must not be null, with the name that a message gives.
    pub required: Vec<(Vec<u32>, Box<str>)>,
    /// A metric that must be there and is not.
    pub missing: Option<Box<str>>,
    /// The element that is the row.
    pub row: u32,
    /// How many containers had been entered when the places were worked out.
    pub placed: u64,
    /// Whether a field is a metric, be it null.
    pub has_metrics: bool,
    /// The row itself, then the rows in it.
    pub sections: Vec<Section>,
    /// Resource keys of all sections together.
    pub heads: Interned,
    pub known_heads: Vec<Head>,
    /// Those of a row whose texts are not remembered.
    pub own_heads: Vec<Head>,
}

/// The resource key of a section, and its fields where they differ from row to row.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub resource_key: u32,
    pub noted: Option<(Vec<u32>, u32)>,
}

/// One row, or a row inside it.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub meaning: u16,
    /// The outer rows and the row itself.
    pub rows: Vec<u32>,
    pub captures: Captures,
    /// Its place among the sections' outer ones; the row itself has none.
    pub outer: Option<usize>,
    pub uses: Vec<MetricUse>,
    pub fields: Vec<u32>,
    pub shape: u32,
    /// The nodes of all its numbers.
    pub cells: Vec<u32>,
    /// Whether each number has a node.
    pub is_whole: bool,
    /// Whether numbers with fractions were met.
    pub has_fractions: bool,
    /// The end of its pointer behind the index of the row.
    pub tail: String,
    pub has_own_period: bool,
    pub has_own_version: bool,
    pub periods: Interned,
    /// Where the period rests on one field or two; `None`: that is not known yet.
    pub quick_period: Option<Option<QuickPeriod>>,
    pub locator: u32,
    /// The nodes that paths lead to, by the address of the path.
    pub nodes: Nodes,
}

/// A metric of a section.
#[derive(Debug)]
pub(super) struct MetricUse {
    pub measures: Measures,
    /// End of the pointer and name of the field where the quantity is absent.
    pub at_cost: Option<Box<(Box<str>, Box<str>)>>,
}

/// What is at hand where a form is worked out.
pub(super) struct Layouts<'l> {
    pub compiled: &'l Compiled,
    pub asked: &'l Asked,
    pub envelope: &'l Envelope,
    pub options: &'l ReadOptions,
    pub encoding: Encoding,
    pub format: Format,
    /// Names captured on the way to the row, and by which rule.
    pub captures: &'l Captures,
    /// The name of the row itself.
    pub own_name: &'l str,
    pub touched: &'l RefCell<Vec<u32>>,
    pub is_waiting: &'l Cell<bool>,
}

impl Layouts<'_> {
    pub fn scope<'s, 'w>(&'s self, rows: &'s [Element<'w>], captures: &'s Captures) -> Scope<'s, 'w> {
        Scope {
            names: self.compiled.names,
            encoding: self.encoding,
            options: self.options,
            asked: self.asked,
            envelope: self.envelope,
            captures,
            rows,
            account: None,
            nodes: None,
            touched: self.touched,
            is_waiting: self.is_waiting,
        }
    }

    /// The form of a row that one of these rules may read.
    pub fn form(&self, cx: &mut Context<'_>, item: &Item<'_>, ends: &[RowEnd]) -> Result<Form, Fault> {
        let mut building = Building { layouts: self, cx, guards: Vec::new(), reading: Reading::default() };
        let outcome = building.outcome(item, ends)?;
        let guards = building.guards;
        Ok(Form { outcome, guards })
    }

    /// The fault of a row that reports a failure.
    pub fn failure(&self, rule: u16, error: usize, row: Element<'_>) -> Fault {
        let rule = &self.compiled.meanings[usize::from(rule)].rule.row_errors[error];
        let mut failure = ProviderError::default();
        let names = self.compiled.names;
        for (place, is_code) in [(&rule.codes, true), (&rule.messages, false)] {
            for path in place.of(self.encoding) {
                names.each(row, &path.steps, &mut Vec::new(), &mut |found, _| {
                    if is_code { failure.add_codes(found) } else { failure.add_messages(found) }
                });
            }
        }
        failure.into_fault(&self.compiled.rules().provider).at(row.offset()).in_item(row.path())
    }
}

/// The element that names lead to from the root of an item.
pub(super) fn inner<'w>(item: &'w Item<'w>, names: &[Box<str>], compiled: &Compiled) -> Option<Element<'w>> {
    names.iter().try_fold(item.root(), |at, name| {
        let children = at.children().filter(|child| compiled.names.equal(&child.name(), name));
        children.last().filter(|_| at.value_type() == ValueType::Object)
    })
}

struct Building<'b, 'l, 'c> {
    layouts: &'b Layouts<'l>,
    cx: &'b mut Context<'c>,
    guards: Vec<(u32, ValueType, bool)>,
    reading: Reading,
}

/// What stands around a metric of a section.
struct Around<'a> {
    star: Option<&'a str>,
    leaf: String,
    field: String,
}

impl Building<'_, '_, '_> {
    fn compiled(&self) -> &Compiled {
        self.layouts.compiled
    }

    fn outcome(&mut self, item: &Item<'_>, ends: &[RowEnd]) -> Result<Outcome, Fault> {
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
            self.row(end.rule, row, &captures)?;
            return Ok(Outcome::Read(Box::new(std::mem::take(&mut self.reading))));
        }
        match first {
            None => Ok(Outcome::Ignore),
            Some(row) => Err(row.unexpected("a row that one of the rules reads")),
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

    fn section(
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
        let scope = self.layouts.scope(&rows, &captures);
        let section = Section {
            meaning: number,
            rows: rows.iter().map(Element::index).collect(),
            captures: captures.clone(),
            outer,
            tail,
            has_own_period: outer.is_none() || meaning.rule.period.is_some(),
            has_own_version: outer.is_none() || meaning.rule.version.is_some(),
            periods: Interned::of_times(),
            ..Section::default()
        };
        let mut filling = Filling { section, seen: HashMap::default(), scope, meaning };
        if row.value_type() == ValueType::Object {
            let around = Around { star: None, leaf: String::new(), field: String::new() };
            self.fields(&mut filling, row, &meaning.table, true, &around)?;
            self.costs_alone(&mut filling, row)?;
        } else if let Some(metric) = meaning.scalar {
            let name = if row.name().is_empty() { Cow::Borrowed(self.layouts.own_name) } else { row.name() };
            let around = Around { star: None, leaf: String::new(), field: name.into_owned() };
            self.metric(&mut filling, metric, Some(row), None, 0, &around)?;
        }
        let Filling { mut section, seen, .. } = filling;
        self.required(meaning, row, &section, &seen);
        section.shape = self.cx.out.shape(&section.fields);
        section.is_whole = !section.cells.contains(&NONE);
        let index = self.reading.sections.len();
        self.reading.sections.push(section);
        for nested in &meaning.nested {
            self.nested(nested, index, &rows, &captures)?;
        }
        Ok(())
    }

    fn required(
        &mut self,
        meaning: &Meaning,
        row: Element<'_>,
        section: &Section,
        seen: &HashMap<String, Seen, RandomState>,
    ) {
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
            let is_metric =
                |node: &u32| section.cells.contains(node) || seen.values().any(|seen| seen.nulls.contains(node));
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
    fn fields(
        &mut self,
        filling: &mut Filling<'_, '_>,
        element: Element<'_>,
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
            let leaf = leaf_of(&child, &around.leaf);
            let key = if is_row { leaf.clone() } else { format!("{}{leaf}", element.index()) };
            let seen = filling.seen.entry(key).or_default();
            seen.count += 1;
            if seen.count > 1 && !counts {
                self.reading.twins.push((seen.first, child.index()));
                child.same_as(Some(sibling(element, seen.first).unwrap_or(child)))?;
                continue;
            }
            if seen.count == 1 {
                seen.first = child.index();
            }
            let occurrence = if totals.get(&name).copied().unwrap_or(0) > 1 { seen.count } else { 0 };
            if let Some((table, star)) = below {
                let field = joined(&around.field, &name);
                let around = Around { star: star.or(around.star), leaf, field };
                self.fields(filling, child, table, false, &around)?;
            } else if let Some(metric) = hit.metric {
                // A JSON Pointer cannot tell one of two members of the same name; an XPath can.
                let leaf = match occurrence {
                    1.. if self.layouts.encoding == Encoding::Xml => format!("{leaf}[{occurrence}]"),
                    _ => leaf,
                };
                let field = joined(&around.field, &name);
                let around = Around { star: hit.star.or(around.star), leaf, field };
                self.metric(filling, metric, Some(child), None, occurrence, &around)?;
            }
        }
        Ok(())
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
            if let Some(cost) = self.compiled().names.value(row, cost) {
                let mut leaf = cost.path();
                leaf.drain(..row.path().len());
                let field = entry.rule.as_ref().and_then(|rule| rule.cost.as_ref()).map(RulePath::field_name);
                let around = Around { star: None, leaf, field: field.unwrap_or_default() };
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
        let cost = cost_alone.or_else(|| {
            let row = filling.scope.row()?;
            self.compiled().names.value(row, rule.cost.as_ref()?)
        });
        if let Some(field) = field.filter(|field| rule.cost.is_none() && field.is_null()) {
            self.guards.push((field.index(), ValueType::Null, field.raw().is_empty()));
            filling.seen.entry(leaf_of(&field, "")).or_default().nulls.push(field.index());
            return Ok(());
        }
        let Some(meaning) = meaning_of(rule, &filling.scope, field)? else {
            return Ok(());
        };
        let star = around.star.map(str::to_ascii_lowercase);
        let field = self.field(filling, meaning, rule, star.as_deref(), occurrence, around, field)?;
        let measures = field.measures;
        let code = self.cx.out.field(field);
        let node = |element: Option<Element<'_>>| element.map_or(NONE, |element| element.index());
        let section = &mut filling.section;
        match measures {
            Measures::Both => {
                section.cells.extend([node(quantity), node(cost)]);
                let at_cost = cost.filter(|_| quantity.is_some()).zip(filling.scope.row()).map(|(cost, row)| {
                    let mut leaf = cost.path();
                    leaf.drain(..row.path().len());
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
        let scope = &filling.scope;
        let unknown = |what: &str| {
            let by = rule.by.as_ref().and_then(|by| scope.field(by)).or(at);
            by.map_or_else(
                || Fault::new(ErrorCode::UnexpectedShape, format!("expected {what}")),
                |by| by.unexpected(what),
            )
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
        let repeated = occurrence > 0;
        let metric = Text::from(metric);
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

    /// The rows of a nested rule.
    fn nested(
        &mut self,
        nested: &Nested,
        outer: usize,
        rows: &[Element<'_>],
        captures: &Captures,
    ) -> Result<(), Fault> {
        let Some(row) = rows.last().copied() else {
            return Ok(());
        };
        let compiled = self.layouts.compiled;
        let meaning = &compiled.meanings[usize::from(nested.meaning)];
        let mut found: Vec<(Element<'_>, Captures)> = Vec::new();
        for path in nested.rule.at.of(self.layouts.encoding) {
            let mut captures = captures.clone();
            compiled.names.each(row, &path.steps, &mut captures, &mut |element, captures| {
                if !found.iter().any(|(known, _)| known.index() == element.index()) {
                    found.push((element, captures.clone()));
                }
            });
        }
        found.sort_by_key(|(element, _)| element.index());
        let mut last_lists: Vec<Element<'_>> = Vec::new();
        let mut kept: Vec<(Element<'_>, Captures)> = Vec::new();
        for (at, (element, captures)) in found.iter().enumerate() {
            // A longer path leads on from here.
            let leads_on = found.get(at + 1).is_some_and(|(next, _)| next.index() < element.end());
            if leads_on {
                continue;
            }
            let is_empty = element.is_null()
                || element.is_text() && element.raw().is_empty()
                || element.value_type() == ValueType::Array && element.children().next().is_none();
            if is_empty {
                self.guards.push((element.index(), element.value_type(), element.raw().is_empty()));
                continue;
            }
            let is_object = element.value_type() == ValueType::Object;
            let is_list = element.value_type() == ValueType::Array;
            if is_list && nested.rule.at.of(self.layouts.encoding).len() > 1 {
                last_lists.push(*element);
                continue;
            }
            if !is_object && (is_list || meaning.scalar.is_none()) {
                let name = last_name(nested.rule.at.of(self.layouts.encoding));
                return Err(element.unexpected(&format!("an object of {name}")));
            }
            kept.push((*element, captures.clone()));
        }
        // A list or an object that was due, where something else stands.
        self.due_lists(nested, row)?;
        for (element, captures) in kept {
            let mut rows = rows.to_vec();
            rows.push(element);
            if !self.layouts.scope(&rows, &captures).holds(&nested.rule.when) {
                continue;
            }
            let tail = match self.layouts.encoding {
                Encoding::Json => element.path(),
                Encoding::Xml => element_path(&element, row, &self.reading.sections[outer].tail),
            };
            self.section(nested.meaning, Some(outer), rows, captures, tail)?;
        }
        Ok(())
    }

    /// Refuses a scalar where the paths of a nested rule go on.
    fn due_lists(&mut self, nested: &Nested, row: Element<'_>) -> Result<(), Fault> {
        let names = self.compiled().names;
        for path in nested.rule.at.of(self.layouts.encoding) {
            let Some((PathStep::Each | PathStep::Capture(_), before)) = path.steps.split_last() else {
                continue;
            };
            let mut wrong = None;
            let mut empty = Vec::new();
            names.each(row, before, &mut Vec::new(), &mut |element, _| match element.value_type() {
                ValueType::Null => empty.push(element),
                ValueType::Text if element.raw().is_empty() => empty.push(element),
                ValueType::Object | ValueType::Array => {}
                _ => wrong = Some(element),
            });
            for element in empty {
                self.guards.push((element.index(), element.value_type(), element.raw().is_empty()));
            }
            if let Some(wrong) = wrong {
                let name = last_name(std::slice::from_ref(path));
                let expected = if matches!(path.steps.last(), Some(PathStep::Each)) {
                    format!("a list of {name}")
                } else {
                    format!("an object of {name}")
                };
                return Err(wrong.unexpected(&expected));
            }
        }
        Ok(())
    }
}

/// A section that is being filled.
struct Filling<'f, 'w> {
    section: Section,
    /// Fields that were met, by the end of their pointer.
    seen: HashMap<String, Seen, RandomState>,
    scope: Scope<'f, 'w>,
    meaning: &'f Meaning,
}

#[derive(Debug, Default)]
struct Seen {
    count: u32,
    first: u32,
    nulls: Vec<u32>,
}

fn sibling<'w>(parent: Element<'w>, node: u32) -> Option<Element<'w>> {
    parent.children().find(|child| child.index() == node)
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

/// The XPath of a nested row below the item: its last step has its index.
fn element_path(element: &Element<'_>, row: Element<'_>, before: &str) -> String {
    let mut out = before.to_owned();
    let mut at = row;
    while at.index() != element.index() {
        let Some(below) = at.children().find(|child| (child.index()..child.end()).contains(&element.index())) else {
            break;
        };
        let name = below.name();
        out.push('/');
        out.push_str(&name);
        if below.index() == element.index() {
            let which = at.children().take_while(|child| child.index() <= below.index());
            let which = which.filter(|child| child.name() == name && !child.is_attribute()).count();
            out.push_str(&format!("[{which}]"));
        }
        at = below;
    }
    out
}

fn last_name(paths: &[RulePath]) -> String {
    let name = |path: &RulePath| {
        path.steps.iter().rev().find_map(|step| match step {
            PathStep::Name(name) => Some(name.to_string()),
            _ => None,
        })
    };
    paths.iter().find_map(name).unwrap_or_else(|| "rows".to_owned())
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
fn meaning_of<'r>(
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

/// Sorted, with later values in the place of earlier ones of the same name.
pub(super) fn merged_dimensions(outer: &Dimensions, own: Vec<(Text, Text)>) -> Dimensions {
    let mut all: Vec<(Text, Text)> =
        outer.iter().filter(|(name, _)| !own.iter().any(|(own, _)| own == name)).cloned().collect();
    all.extend(own);
    all.sort_unstable();
    all.into()
}
