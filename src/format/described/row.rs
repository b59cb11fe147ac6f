//! Reads a row of a known form: its numbers, its period, its resource.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::layout::{Head, Layouts, MetricUse, NONE, Reading, Section, merged_dimensions};
use super::period::QuickPeriod;
use super::scope::Scope;
use super::tape_path::Captures;
use crate::descriptor::model::RowMeaning;
use crate::format::faults::no_usage;
use crate::format::row_reader::Context;
use crate::model::error::Fault;
use crate::model::record::Note;
use crate::model::time::Instant;
use crate::number::decimal::{Decimal, SMALL_DIGITS};
use crate::read::{Element, Item};
use crate::table::{Locator, Measures, ResourceKey, RowCodes, Text};

/// Where the rows of a list stand in the body.
#[derive(Debug)]
pub(super) struct RowPlace {
    pub before: String,
    pub indexed: bool,
    pub after: String,
    pub index: u32,
}

/// Numbers of a row that are not all small, and what else is made anew for each row.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    numbers: Vec<Option<Decimal>>,
    periods: Vec<u32>,
    versions: Vec<Option<Instant>>,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Committed,
    /// It needs something of the envelope that may still come.
    Waits,
}

impl Reading {
    /// Commits the row. Nothing is kept of a faulty one, nor of one that waits.
    pub fn read(
        &mut self,
        layouts: &Layouts<'_>,
        cx: &mut Context<'_>,
        item: &Item<'_>,
        scratch: &mut Scratch,
        index: u32,
    ) -> Result<Progress, Fault> {
        self.check(layouts, item)?;
        let is_single = self.sections.len() == 1;
        let filled = is_single && fill_small(&mut self.sections[0], cx, item);
        let all_small = filled || !is_single && self.is_small(cx, item);
        if !all_small {
            self.numbers(cx, item, scratch)?;
        }
        self.periods(layouts, cx, item, scratch)?;
        let heads = self.heads(layouts, cx, item)?;
        if layouts.is_waiting.get() {
            cx.out.discard();
            return Ok(Progress::Waits);
        }
        self.versions(layouts, item, scratch)?;
        let mut numbers = scratch.numbers.iter();
        for at in 0..self.sections.len() {
            let section = &mut self.sections[at];
            let head = heads.map_or_else(|| &self.own_heads[at], |first| &self.known_heads[first + at]);
            let noted = head.noted.as_ref().map(|(fields, shape)| (&fields[..], *shape));
            if all_small {
                if !filled {
                    let shape = noted.map_or(section.shape, |(_, shape)| shape);
                    cx.out.smalls(shape, |mantissas, scales| item.smalls(&section.cells, mantissas, scales));
                }
            } else {
                let fields = noted.map_or(&section.fields[..], |(fields, _)| fields);
                for (metric, field) in section.uses.iter().zip(fields) {
                    push(cx, metric, *field, &mut numbers);
                }
            }
            let row = RowCodes {
                resource_key: head.resource_key,
                period: scratch.periods[at],
                locator: section.locator,
                index,
                version: scratch.versions[at],
            };
            if at == 0 {
                cx.commit(row)?;
            } else {
                cx.out.commit(row)?;
            }
        }
        Ok(Progress::Committed)
    }

    /// What is wrong with the fields that are there, and with those that are not.
    #[inline]
    fn check(&self, layouts: &Layouts<'_>, item: &Item<'_>) -> Result<(), Fault> {
        for (one, other) in &self.twins {
            item.element(*other).same_as(Some(item.element(*one)))?;
        }
        let row = || item.element(self.row);
        if !self.has_metrics && self.missing.is_none() {
            self.no_usage(layouts, row())?;
        }
        for (nodes, name) in &self.required {
            if nodes.iter().all(|node| item.element(*node).is_null()) {
                return Err(row().missing(name));
            }
        }
        Ok(())
    }

    #[cold]
    fn no_usage(&self, layouts: &Layouts<'_>, row: Element<'_>) -> Result<(), Fault> {
        let metrics = self.sections.iter().flat_map(|section| {
            layouts.compiled.meanings[usize::from(section.meaning)].rule.metrics.iter().filter(|e| e.rule.is_some())
        });
        let mut metrics = metrics.peekable();
        let is_null = row.children().all(|field| field.is_null());
        match metrics.peek() {
            None => Ok(()),
            Some(_) if is_null && row.children().next().is_some() => Ok(()),
            Some(first) => {
                let is_cost =
                    first.rule.as_ref().is_some_and(|rule| rule.meaning.holds == crate::descriptor::model::Holds::Cost);
                let what = if is_cost { "a cost" } else { "a metric" };
                Err(no_usage(&row, &format!("{what} such as {}", first.key.field_name())))
            }
        }
    }

    fn is_small(&self, cx: &Context<'_>, item: &Item<'_>) -> bool {
        let max_digits = cx.max_digits();
        let is_small = |node: &u32| *node != NONE && item.element(*node).small_number(max_digits).is_some();
        self.sections.iter().all(|section| section.is_whole && section.cells.iter().all(is_small))
    }

    /// All numbers are read before any is kept: a faulty row is dropped whole.
    fn numbers(&self, cx: &Context<'_>, item: &Item<'_>, scratch: &mut Scratch) -> Result<(), Fault> {
        scratch.numbers.clear();
        for node in self.sections.iter().flat_map(|section| &section.cells) {
            let number = match *node {
                NONE => None,
                node if item.element(node).is_null() => None,
                node => Some(item.element(node).number(cx.max_digits())?),
            };
            scratch.numbers.push(number);
        }
        Ok(())
    }

    fn periods(
        &mut self,
        layouts: &Layouts<'_>,
        cx: &mut Context<'_>,
        item: &Item<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), Fault> {
        scratch.periods.clear();
        for section in &mut self.sections {
            let known = match section.outer.filter(|_| !section.has_own_period) {
                Some(outer) => Some(scratch.periods[outer]),
                None => section.periods.get(item, &section.captures),
            };
            let code = match known {
                Some(code) => code,
                None => new_period(section, layouts, cx, item)?,
            };
            scratch.periods.push(code);
        }
        Ok(())
    }

    /// Resource keys of all sections: where the first stands among those that are known, or none for those of this row alone.
    fn heads(&mut self, layouts: &Layouts<'_>, cx: &mut Context<'_>, item: &Item<'_>) -> Result<Option<usize>, Fault> {
        let captures = self.sections.first().map_or(&[][..], |section| &section.captures);
        if let Some(first) = self.heads.get(item, captures) {
            return Ok(Some(first as usize));
        }
        layouts.touched.borrow_mut().clear();
        let heads = self.new_heads(layouts, cx, item)?;
        if layouts.is_waiting.get() {
            return Ok(None);
        }
        let first = self.known_heads.len() as u32;
        let captures = self.sections.first().map_or(&[][..], |section| &section.captures);
        if self.heads.learn(item, captures, layouts.touched, first) {
            self.known_heads.extend(heads);
            return Ok(Some(first as usize));
        }
        self.own_heads = heads;
        Ok(None)
    }

    fn new_heads(&self, layouts: &Layouts<'_>, cx: &mut Context<'_>, item: &Item<'_>) -> Result<Vec<Head>, Fault> {
        let mut keys: Vec<ResourceKey> = Vec::with_capacity(self.sections.len());
        let mut counts: HashMap<_, (u32, u32), RandomState> = HashMap::default();
        let meaning = |section: &Section| &layouts.compiled.meanings[usize::from(section.meaning)];
        // Rows with one id are distinguished by their order, such as deleted machines.
        let counted = |section: &Section, id: &Option<Text>| {
            let is_counted = meaning(section).counts_occurrences() && meaning(section).rule.resource.is_some();
            section.outer.filter(|_| is_counted).map(|outer| (section.meaning, outer, id.clone()))
        };
        for section in &self.sections {
            let outer = section.outer.map(|outer| keys[outer].clone());
            let key = resource_key(layouts, item, section, &meaning(section).rule, outer)?;
            if let Some(counted) = counted(section, &key.resource_id) {
                counts.entry(counted).or_default().0 += 1;
            }
            keys.push(key);
        }
        let mut heads = Vec::with_capacity(keys.len());
        for (section, mut key) in self.sections.iter().zip(keys) {
            let count = counted(section, &key.resource_id).and_then(|counted| counts.get_mut(&counted));
            let noted = count.filter(|(all, _)| *all > 1).map(|(_, met)| {
                *met += 1;
                let own = vec![(Text::from("occurrence"), Text::from(met.to_string()))];
                key.dimensions = merged_dimensions(&key.dimensions, own);
                let fields: Vec<u32> =
                    section.fields.iter().map(|field| cx.out.field_with_note(*field, Note::DuplicateElement)).collect();
                let shape = cx.out.shape(&fields);
                (fields, shape)
            });
            heads.push(Head { resource_key: cx.out.resource_key(key), noted });
        }
        Ok(heads)
    }

    fn versions(&self, layouts: &Layouts<'_>, item: &Item<'_>, scratch: &mut Scratch) -> Result<(), Fault> {
        scratch.versions.clear();
        for section in &self.sections {
            let source = &layouts.compiled.meanings[usize::from(section.meaning)].rule.version;
            let version = match (section.outer.filter(|_| !section.has_own_version), source) {
                (Some(outer), _) => scratch.versions[outer],
                (None, None) => None,
                (None, Some(source)) => {
                    with_rows(section, item, |rows| scope_of(layouts, rows, section).version(source))?
                }
            };
            scratch.versions.push(version);
        }
        layouts.touched.borrow_mut().clear();
        Ok(())
    }

    /// Makes the codes of the places of all sections.
    pub fn place(&mut self, cx: &mut Context<'_>, place: &RowPlace, entered: u64) {
        self.placed = entered;
        for section in &mut self.sections {
            section.locator = cx.out.locator(Locator {
                page: cx.page,
                before: place.before.as_str().into(),
                indexed: place.indexed,
                after: format!("{}{}", place.after, section.tail).into(),
            });
        }
    }
}

/// Gives the row being read the numbers of a section, where all are small.
#[inline]
fn fill_small(section: &mut Section, cx: &mut Context<'_>, item: &Item<'_>) -> bool {
    if !section.is_whole || section.cells.is_empty() || cx.max_digits() < SMALL_DIGITS as u64 {
        return false;
    }
    let (cells, shape) = (&section.cells, section.shape);
    if !section.has_fractions && cx.out.integers(shape, |out| item.integers(cells, out)) {
        return true;
    }
    let filled = cx.out.smalls(shape, |mantissas, scales| item.smalls(cells, mantissas, scales));
    section.has_fractions |= filled;
    filled
}

/// Adds the numbers of a metric to the row being read; null makes no record.
fn push<'n>(
    cx: &mut Context<'_>,
    metric: &MetricUse,
    field: u32,
    numbers: &mut impl Iterator<Item = &'n Option<Decimal>>,
) {
    let first = numbers.next().and_then(Option::as_ref);
    if metric.measures != Measures::Both {
        if let Some(number) = first {
            cx.out.cell(field, number);
        }
        return;
    }
    let cost = numbers.next().and_then(Option::as_ref);
    let field = match (&metric.at_cost, first) {
        // Without a quantity the record is the cost, and stands where the cost does.
        (Some(at_cost), None) => cx.out.field_at(field, &at_cost.0, &at_cost.1),
        _ => field,
    };
    if first.is_some() || cost.is_some() {
        cx.out.cells(field, first, cost);
    }
}

fn new_period(
    section: &mut Section,
    layouts: &Layouts<'_>,
    cx: &mut Context<'_>,
    item: &Item<'_>,
) -> Result<u32, Fault> {
    if let (Some(Some(quick)), Some(row)) = (&mut section.quick_period, section.rows.last())
        && let Some(period) = quick.of(item.element(*row))
    {
        let known = cx.out.insert_period(period);
        section.periods.learn(item, &section.captures, known);
        return Ok(known.0);
    }
    let meaning = &layouts.compiled.meanings[usize::from(section.meaning)];
    let rules = meaning.rule.period.as_deref().unwrap_or_default();
    layouts.touched.borrow_mut().clear();
    let period = with_rows(section, item, |rows| scope_of(layouts, rows, section).period(rules))?;
    let mut faults = layouts.asked.faults.borrow_mut();
    faults.drain(..).for_each(|fault| cx.listing.fault_later(fault));
    if layouts.is_waiting.get() {
        return Ok(0);
    }
    // Only once a period could be read, and before what it rests on is noted: one that is read quickly is remembered by the same nodes.
    if section.quick_period.is_none() {
        section.quick_period =
            Some(with_rows(section, item, |rows| QuickPeriod::new(&scope_of(layouts, rows, section), rules)));
    }
    let known = cx.out.insert_period(period);
    section.periods.rest_on(layouts.touched);
    section.periods.learn(item, &section.captures, known);
    Ok(known.0)
}

fn scope_of<'s, 'w>(layouts: &'s Layouts<'_>, rows: &'s [Element<'w>], section: &'s Section) -> Scope<'s, 'w> {
    Scope { nodes: Some(&section.nodes), ..layouts.scope(rows, &section.captures) }
}

fn with_rows<'w, T>(section: &Section, item: &'w Item<'w>, call: impl FnOnce(&[Element<'w>]) -> T) -> T {
    match &section.rows[..] {
        [row] => call(&[item.element(*row)]),
        rows => call(&rows.iter().map(|row| item.element(*row)).collect::<Vec<_>>()),
    }
}

/// The resource key of a section; what its rule does not give is the outer row's.
fn resource_key(
    layouts: &Layouts<'_>,
    item: &Item<'_>,
    section: &Section,
    rule: &RowMeaning,
    outer: Option<ResourceKey>,
) -> Result<ResourceKey, Fault> {
    with_rows(section, item, |rows| key_of(scope_of(layouts, rows, section), rule, outer))
}

/// The resource key that a rule gives; what it does not give itself is the outer row's.
pub(super) fn key_of(
    scope: Scope<'_, '_>,
    rule: &RowMeaning,
    outer: Option<ResourceKey>,
) -> Result<ResourceKey, Fault> {
    let options = scope.options;
    let is_outer = outer.is_none();
    let mut key = outer.unwrap_or_default();
    if is_outer || rule.account.is_some() {
        let account = rule.account.as_ref().map(|sources| scope.text(sources)).transpose()?.flatten();
        key.account = account.or_else(|| options.account.as_deref().map(Text::from));
    }
    let account = key.account.clone();
    let scope = Scope { account: account.as_ref(), ..scope };
    if let Some(resource) = &rule.resource {
        key.resource_id = scope.text(&resource.id)?;
        key.resource_name = scope.text(&resource.name)?;
        key.resource_type = scope.text(&resource.kind)?;
    }
    if let Some(region) = &rule.region {
        key.region = scope.text(region)?;
    }
    if is_outer || rule.currency.is_some() {
        let currency = rule.currency.as_ref().map(|sources| scope.text(sources)).transpose()?.flatten();
        key.currency = currency.or_else(|| options.currency.as_deref().map(Text::from));
    }
    let mut own = Vec::new();
    for (name, sources) in rule.dimensions.iter() {
        if let Some(text) = scope.text(sources)? {
            own.push((Text::from(&**name), text));
        }
    }
    if !own.is_empty() || !key.dimensions.is_empty() {
        let replaced = rule.dimensions.iter().map(|(name, _)| &**name);
        let kept: Vec<(Text, Text)> =
            key.dimensions.iter().filter(|(name, _)| !replaced.clone().any(|own| *own == **name)).cloned().collect();
        key.dimensions = merged_dimensions(&kept.into(), own);
    }
    Ok(key)
}

/// Names that the path of a row captures.
pub(super) fn captured(ends: &[(u16, Box<str>)], path: &crate::read::Path) -> Captures {
    ends.iter().map(|(depth, name)| (name.clone(), Arc::from(path.name(usize::from(*depth))))).collect()
}
