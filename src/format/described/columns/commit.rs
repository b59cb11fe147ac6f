//! Moves a complete group into the table: at once, or in parts if the table is a stream's batch.

use super::group::{Column, Group, captures_of};
use super::number_column::NumberColumn;
use super::times::{Gap, ListedTime, Times};
use crate::descriptor::model::{CheckOf, PeriodRule, Template, TemplatePart, TimeOrigin, TimeSource};
use crate::descriptor::path::{Path as RulePath, PathStep};
use crate::format::described::compiled::Compiled;
use crate::format::described::form_builder::{Meant, meaning_of, meant};
use crate::format::described::layout::Layouts;
use crate::format::described::row::key_of;
use crate::format::described::scope::Scope;
use crate::format::described::tape_path::Captures;
use crate::format::row_reader::Context;
use crate::model::error::{ErrorCode, Fault};
use crate::model::record::{Check, Note, Notes};
use crate::model::time::{Instant, Step};
use crate::number::decimal::Decimal;
use crate::number::exact::Sum;
use crate::table::{Cell, ColumnCodes, Field, Locator, Period, ResourceKey, RowCodes};

/// With at most so many times, the codes of the periods are stored, so that each is created once for all columns. With more, a stream
/// would have to clear too many codes after each batch.
const MANY_TIMES: usize = 8192;

/// No code yet.
const NO_CODE: u32 = u32::MAX;

/// A group that is being committed.
#[derive(Debug)]
pub(super) struct Commit {
    group: Group,
    rule: u16,
    is_begun: bool,
    /// The column that is next, and the index of its next value.
    column: usize,
    next: usize,
    /// What the values of that column mean.
    meaning: Option<ColumnMeaning>,
    /// Which times periods have, and for each time the code of its period.
    periods: Option<ListedPeriods>,
    codes: Vec<u32>,
    /// What the group states of its values, and their sum so far.
    totals: Vec<Total>,
    sum: Sum,
}

/// What the values of one column mean.
#[derive(Debug)]
struct ColumnMeaning {
    key: ResourceKey,
    field: Field,
    period: ColumnPeriod,
}

#[derive(Debug)]
enum ColumnPeriod {
    /// One for each time of a list.
    Listed(ListedPeriods),
    /// That of a single number.
    Single(Period),
}

/// Periods that begin at the times of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListedPeriods {
    /// The numbers of the lists.
    start: usize,
    end: Option<usize>,
    step: Option<Step>,
    notes: Notes,
}

/// A total that a group states.
#[derive(Debug)]
struct Total {
    name: Box<str>,
    stated: Decimal,
    pointer: String,
}

impl Commit {
    pub fn new(group: Group, rule: u16) -> Self {
        Self {
            group,
            rule,
            is_begun: false,
            column: 0,
            next: 0,
            meaning: None,
            periods: None,
            codes: Vec::new(),
            totals: Vec::new(),
            sum: Sum::ZERO,
        }
    }

    /// The names captured on the way to the group.
    pub fn captures(&self) -> &Captures {
        &self.group.captures
    }

    /// Commits as many values as the table has space for. Returns `true` when everything is committed.
    pub fn go_on(&mut self, layouts: &Layouts<'_>, cx: &mut Context<'_>) -> bool {
        if !std::mem::replace(&mut self.is_begun, true) {
            self.begin(layouts, cx);
        }
        while self.column < self.group.columns.len() {
            if cx.out.is_full() {
                return false;
            }
            if let Err(fault) = self.commit(layouts, cx) {
                let ends = fault.code().ends_the_body() || !cx.options.collects();
                cx.listing.fault_later(fault);
                if ends {
                    self.column = usize::MAX;
                } else {
                    self.end_column();
                }
            }
        }
        let actual = self.sum.to_decimal();
        for Total { name, stated, pointer } in self.totals.drain(..) {
            let ok = stated == actual;
            cx.listing.checks.push(Check {
                name: name.into_string().into(),
                ok,
                expected: stated,
                actual: actual.clone(),
                pointer: Some(pointer),
            });
        }
        cx.listing.counts.row(true);
        true
    }

    fn begin(&mut self, layouts: &Layouts<'_>, cx: &mut Context<'_>) {
        // A column of another length is refused, so no space is reserved for it.
        let times: Vec<usize> = self.group.times.iter().flatten().map(Times::len).collect();
        let lengths = self.group.columns.iter().map(|column| column.values.len());
        cx.out.reserve_column(lengths.filter(|length| times.contains(length)).sum());
        if self.group.is_cut {
            return;
        }
        let item = self.group.rest.item(self.group.position.offset);
        for check in &layouts.compiled.rules().checks {
            if let CheckOf::Values { stated } = &check.of
                && let Some(value) = layouts.compiled.names.value(item.root(), stated)
                && let Ok(number) = value.number(cx.max_digits())
            {
                let pointer = self.group.pointer.clone() + &value.path();
                self.totals.push(Total { name: check.name.clone(), stated: number, pointer });
            }
        }
    }

    pub fn forget_codes(&mut self) {
        self.codes.clear();
    }

    fn end_column(&mut self) {
        self.group.columns[self.column].values = NumberColumn::default();
        (self.column, self.next, self.meaning) = (self.column + 1, 0, None);
    }

    /// Commits values of the next column, and adds those that are in the table to the sum.
    fn commit(&mut self, layouts: &Layouts<'_>, cx: &mut Context<'_>) -> Result<(), Fault> {
        let meaning = match self.meaning.take() {
            Some(meaning) => meaning,
            None => match self.begin_column(layouts, cx)? {
                Some(meaning) => meaning,
                None => {
                    self.end_column();
                    return Ok(());
                }
            },
        };
        let column = &self.group.columns[self.column];
        let (cells, first) = column.values.block(self.next);
        let end = (first + cells.len()).min(self.next.saturating_add(cx.out.room()));
        let is_done = end == column.values.len();
        let ColumnMeaning { key, field, period } = meaning;
        // What is committed at once needs no copy of what it means.
        let rest = (!is_done).then(|| (key.clone(), field.clone()));
        let codes = codes_of(cx, column, key, field);
        let mut rows = Vec::with_capacity(end - self.next);
        let is_many = column.is_single || (cx.out.is_bounded() && column.values.len() > MANY_TIMES);
        for index in self.next..end {
            if matches!(cells.small(index - first), Cell::Null) {
                continue;
            }
            let code = match self.codes.get(index).filter(|_| !is_many) {
                Some(&code) if code != NO_CODE => code,
                _ => {
                    let period = match &period {
                        ColumnPeriod::Listed(periods) => periods.period(&self.group.times, index),
                        ColumnPeriod::Single(period) => Some(period.clone()),
                    };
                    match period {
                        Some(period) => cx.out.period(period),
                        None => continue,
                    }
                }
            };
            if !is_many {
                if self.codes.len() <= index {
                    self.codes.resize(column.values.len(), NO_CODE);
                }
                self.codes[index] = code;
            }
            rows.push((index as u32, code));
        }
        let sums = !self.totals.is_empty();
        if cx.out.commit_column(codes, &rows, cells, first as u32) {
            rows.iter().filter(|_| sums).for_each(|(index, _)| add(&mut self.sum, &column.values, *index));
        } else {
            for (index, period) in rows {
                if commit_one(cx, codes, column, index, period)? && sums {
                    add(&mut self.sum, &column.values, index);
                }
            }
        }
        match rest {
            None => self.end_column(),
            Some((key, field)) => (self.next, self.meaning) = (end, Some(ColumnMeaning { key, field, period })),
        }
        Ok(())
    }

    /// Works out what the values of the next column mean; `None`: it makes no records.
    fn begin_column(&mut self, layouts: &Layouts<'_>, cx: &mut Context<'_>) -> Result<Option<ColumnMeaning>, Fault> {
        let (group, column) = (&self.group, &self.group.columns[self.column]);
        let compiled = layouts.compiled;
        let Some(rule) = column.rule(compiled.rules(), self.rule) else {
            return Ok(None);
        };
        let item = group.rest.item(group.position.offset);
        let rows = [item.root()];
        let captures = captures_of(rule, &column.names, &group.captures);
        let scope = layouts.scope(&rows, &captures);
        let at_column = |fault: Fault| fault.at_position(column.position).within(|| column.pointer.clone());
        let at_group = |fault: Fault| fault.at_position(group.position).within(|| group.pointer.clone());
        let meaning = &compiled.meanings[usize::from(self.rule)];
        let hit = meaning.table.leaf(column.name(), false);
        let Some(metric) = hit.metric.and_then(|metric| meaning.rule.metrics[usize::from(metric)].rule.as_ref()) else {
            return Ok(None);
        };
        let Some(case) = meaning_of(metric, &scope, None).map_err(at_group)? else {
            return Ok(None);
        };
        let star = hit.star.map(str::to_ascii_lowercase);
        let Meant { metric, kind, measures, unit } =
            meant(metric, case, star.as_deref(), &scope, None).map_err(at_group)?;
        let field = Field {
            format: layouts.format,
            metric,
            provider_field: rule.name.as_ref().map_or_else(|| column.name().into(), |name| named(name, &captures)),
            leaf: Box::default(),
            dimensions: Box::default(),
            kind,
            measures,
            unit,
            part_of: case.part_of.as_deref().map(Into::into),
            notes: meaning.rule.notes.union(case.notes),
        };
        let key = key_of(scope, &meaning.rule, None).map_err(at_group)?;
        let rules = meaning.rule.period.as_deref().unwrap_or_default();
        if column.is_single {
            let period = scope.period(rules);
            layouts.asked.faults.borrow_mut().drain(..).for_each(|fault| cx.listing.fault_later(fault));
            let period = ColumnPeriod::Single(period.map_err(at_group)?);
            return Ok(Some(ColumnMeaning { key, field, period }));
        }
        let Some(periods) = ListedPeriods::of(scope, compiled, rules, &group.times).map_err(at_group)? else {
            if column.values.len() == 0 {
                return Ok(None);
            }
            let (name, pointer) = missing_times(compiled, rules, group, &item);
            let fault = Fault::new(ErrorCode::MissingField, format!("expected a field `{name}`, found none"));
            return Err(fault.at_position(group.position).within(|| pointer));
        };
        let list = compiled.times[periods.start].origin.list_name();
        for times in std::iter::once(periods.start).chain(periods.end).filter_map(|list| group.times[list].as_ref()) {
            if times.len() != column.values.len() {
                let (expected, found) = (times.len(), column.values.len());
                let message = format!("expected {expected} values, one for each of {list}, found {found}");
                return Err(at_column(Fault::new(ErrorCode::LengthMismatch, message)));
            }
        }
        if self.periods != Some(periods) {
            periods.report_endless(&group.times, cx);
            self.codes.clear();
            self.periods = Some(periods);
        }
        Ok(Some(ColumnMeaning { key, field, period: ColumnPeriod::Listed(periods) }))
    }

    /// How many times the group has, and where the last of their periods ends.
    pub fn periods(&self, layouts: &Layouts<'_>) -> Option<(usize, Instant)> {
        let rules = layouts.compiled.meanings[usize::from(self.rule)].rule.period.as_deref().unwrap_or_default();
        let item = self.group.rest.item(self.group.position.offset);
        let rows = [item.root()];
        let scope = layouts.scope(&rows, &self.group.captures);
        let periods = match self.periods {
            Some(periods) => periods,
            None => ListedPeriods::of(scope, layouts.compiled, rules, &self.group.times).ok()??,
        };
        let length = self.group.times[periods.start].as_ref()?.len();
        let ends = (0..length).filter_map(|index| periods.period(&self.group.times, index)?.end);
        Some((length, ends.max()?))
    }
}

impl ListedPeriods {
    /// The periods of a column by the first rule whose times are lists of the group that are there.
    fn of(
        scope: Scope<'_, '_>,
        compiled: &Compiled,
        rules: &[PeriodRule],
        times: &[Option<Times>],
    ) -> Result<Option<Self>, Fault> {
        let list_of = |source: &TimeSource| {
            source.iter().filter_map(|time| compiled.list_of(time)).find(|list| times[*list].is_some())
        };
        for rule in rules.iter().filter(|rule| scope.holds(&rule.when)) {
            let Some(start) = list_of(&rule.start) else { continue };
            let end = match &rule.end {
                None => None,
                Some(end) => match list_of(end) {
                    Some(end) => Some(end),
                    None => continue,
                },
            };
            let gap = times[start].as_ref().map(Gap::new);
            let step = match end {
                Some(_) => None,
                None => Scope { gap: gap.as_ref(), ..scope }.step(&rule.step)?,
            };
            let is_inferred = gap.is_some_and(|gap| gap.is_used.get());
            let notes = rule.notes.with_if(is_inferred, Note::ResolutionInferred);
            return Ok(Some(Self { start, end, step, notes }));
        }
        Ok(None)
    }

    /// The period of the value at an index; `None`: its time is faulty.
    fn period(&self, times: &[Option<Times>], index: usize) -> Option<Period> {
        let ListedTime { instant, offset_seconds, offset, mut is_assumed } = times[self.start].as_ref()?.get(index)?;
        let end = match (self.end, self.step) {
            (Some(list), _) => {
                let end = times[list].as_ref()?.get(index)?;
                is_assumed |= end.is_assumed;
                Some(end.instant).filter(|end| *end >= instant)?.into()
            }
            (None, Some(step)) => Some(step.end_after(instant, offset_seconds)?),
            (None, None) => None,
        };
        Some(Period {
            start: Some(instant),
            end,
            offset: offset.map(Into::into),
            offset_seconds,
            notes: self.notes.with_if(is_assumed, Note::AssumedUtc),
        })
    }

    /// Reports times whose period has no end: after the year 9999, or before its start.
    fn report_endless(&self, times: &[Option<Times>], cx: &mut Context<'_>) {
        let Some(starts) = &times[self.start] else { return };
        let is_sound = self.end.is_none() && self.step.is_none_or(|step| starts.all_end(step));
        if is_sound {
            return;
        }
        let ends = self.end.and_then(|list| times[list].as_ref());
        let has_end = |index: usize| ends.is_none_or(|ends| ends.get(index).is_some());
        for index in 0..starts.len() {
            let Some(start) = starts.get(index).filter(|_| has_end(index)) else { continue };
            if self.period(times, index).is_some() {
                continue;
            }
            let expected =
                if ends.is_some() { "an end not before its start" } else { "a period that ends before the year 10000" };
            let message = format!("expected {expected}, found a start at {}", start.instant);
            let fault = Fault::new(ErrorCode::InvalidTimestamp, message).at_position(starts.position);
            cx.listing.fault_later(fault.within(|| format!("{}/{index}", starts.pointer)));
        }
    }
}

impl TimeOrigin {
    /// The name of a list of times.
    fn list_name(&self) -> String {
        match self {
            Self::Column(path) => path.steps.last().map(|step| step.name().to_string()).unwrap_or_default(),
            Self::Text(_) => String::new(),
        }
    }
}

/// The list of times that a group lacks, and the pointer of what would hold it.
fn missing_times(
    compiled: &Compiled,
    rules: &[PeriodRule],
    group: &Group,
    item: &crate::read::Item<'_>,
) -> (String, String) {
    let of_rules = rules.iter().flat_map(|rule| rule.start.iter()).map(|time| &time.origin);
    let path = of_rules.filter_map(|origin| match origin {
        TimeOrigin::Column(path) => Some(path),
        TimeOrigin::Text(_) => None,
    });
    let Some((last, outer)) = path.into_iter().next().and_then(|path| path.steps.split_last()) else {
        return ("times".to_owned(), group.pointer.clone());
    };
    let outer: Vec<PathStep> = outer.to_vec();
    let outer = compiled.names.value(item.root(), &RulePath { steps: outer, ..RulePath::row() });
    let pointer = outer.map_or_else(String::new, |outer| outer.path());
    (last.name().to_string(), group.pointer.clone() + &pointer)
}

/// The name of a column: a template with its captures.
fn named(template: &Template, captures: &Captures) -> Box<str> {
    let mut out = String::new();
    for part in &template.parts {
        match part {
            TemplatePart::Text(text) => out.push_str(text),
            TemplatePart::Star => {}
            TemplatePart::Field(path) => {
                let is = |own: &str| matches!(&path.steps[..], [PathStep::Name(name)] if **name == *own);
                let capture = captures.iter().rev().find(|(own, _)| is(own));
                out.push_str(capture.map_or("", |(_, text)| text));
            }
        }
    }
    out.into()
}

fn codes_of(cx: &mut Context<'_>, column: &Column, key: ResourceKey, field: Field) -> ColumnCodes {
    let resource_key = cx.out.resource_key(key);
    let field = cx.out.field(field);
    let end = if column.is_single { "" } else { "/" };
    let locator = cx.out.locator(Locator {
        page: cx.page,
        before: [&*column.pointer, end].concat().into(),
        indexed: !column.is_single,
        after: Box::default(),
    });
    ColumnCodes { resource_key, field, locator }
}

fn add(sum: &mut Sum, values: &NumberColumn, index: u32) {
    if let Some(value) = values.get(index as usize) {
        sum.add(&value);
    }
}

/// Commits one value. If only this value is faulty, the fault is reported later, because the values after it are still valid.
fn commit_one(
    cx: &mut Context<'_>,
    ColumnCodes { resource_key, field, locator }: ColumnCodes,
    column: &Column,
    index: u32,
    period: u32,
) -> Result<bool, Fault> {
    match column.values.small(index as usize) {
        Cell::Null => {}
        Cell::Small(mantissa, scale) => cx.out.small(field, mantissa, scale as u8),
        Cell::Wide(value) => cx.out.cell(field, value),
    }
    let Err(fault) = cx.out.commit(RowCodes { resource_key, period, locator, index, version: None }) else {
        return Ok(true);
    };
    let end = if column.is_single { String::new() } else { format!("/{index}") };
    let fault = fault.at_position(column.position).within(|| format!("{}{end}", column.pointer));
    if fault.code().ends_the_body() {
        return Err(fault);
    }
    cx.listing.fault_later(fault);
    Ok(false)
}
