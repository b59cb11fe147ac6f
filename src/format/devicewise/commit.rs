//! Moves a complete command into the table: at once, or in parts if the table is a stream's batch.

use super::column::NumberColumn;
use super::command::{Command, Counter};
use super::times::{Times, Written};
use crate::format::row_reader::Context;
use crate::model::error::{ErrorCode, Fault};
use crate::model::kind::Kind;
use crate::model::provider::Format;
use crate::model::record::{Check, Notes};
use crate::model::time::{Instant, Step};
use crate::model::unit::Unit;
use crate::number::exact::Sum;
use crate::table::{Cell, ColumnCodes, Dimensions, Field, Locator, Measures, Period, ResourceKey, RowCodes, Text};

/// With at most so many times, the codes of the periods are stored, so that each is created once for all counters. With more, a stream
/// would have to clear too many codes after each batch.
const MANY_TIMES: usize = 8192;

/// No code yet.
const NO_CODE: u32 = u32::MAX;

#[derive(Debug)]
pub struct Commit {
    command: Command,
    /// The length of a period, and the notes about it.
    step: Step,
    notes: Notes,
    /// The period of totals, which have no times of their own.
    of_totals: Option<Period>,
    /// The dimensions of each counter.
    dimensions: Vec<Dimensions>,
    /// The counter that is next, and the index of its next value.
    counter: usize,
    next: usize,
    /// For each time: the code of its period.
    codes: Vec<u32>,
    /// The sum of the values in the table, if the reply states a total.
    sum: Option<Sum>,
}

impl Commit {
    pub fn new(
        command: Command,
        step: Step,
        notes: Notes,
        of_totals: Option<Period>,
        dimensions: Vec<Dimensions>,
    ) -> Self {
        let sum = command.total.is_some().then_some(Sum::ZERO);
        Self { command, step, notes, of_totals, dimensions, counter: 0, next: 0, codes: Vec::new(), sum }
    }

    /// Commits as many values as the table has space for. Returns `true` when everything is committed.
    pub fn go_on(&mut self, cx: &mut Context<'_>) -> bool {
        if self.counter == 0 && self.next == 0 {
            // A counter of another length is refused, so no space is reserved for it.
            let times = self.command.times.as_ref().map_or(0, Times::len);
            let lengths = self.command.counters.iter().map(|counter| counter.values.len());
            cx.out.reserve_column(lengths.filter(|length| *length == times).sum());
        }
        while self.counter < self.command.counters.len() {
            if cx.out.is_full() {
                return false;
            }
            if let Err(fault) = self.commit(cx) {
                let ends = fault.code().ends_the_body() || !cx.options.collects();
                cx.listing.fault_later(fault);
                (self.counter, self.next) = if ends { (usize::MAX, 0) } else { (self.counter + 1, 0) };
            }
        }
        if let (Some((expected, pointer)), Some(sum)) = (self.command.total.take(), self.sum.take()) {
            let actual = sum.to_decimal();
            cx.listing.checks.push(Check {
                name: "total",
                ok: expected == actual,
                expected,
                actual,
                pointer: Some(pointer),
            });
        }
        true
    }

    /// The command's id and the end of its last period, if it has as many times as a reply may have.
    pub fn capped(&self, most: usize) -> Option<(String, Instant)> {
        let times = self.command.times.as_ref().filter(|times| times.len() >= most)?;
        let end = times.iter().filter_map(|(start, offset, _)| self.step.end_after(start, offset)).max()?;
        Some((self.command.id.clone(), end))
    }

    pub fn forget_codes(&mut self) {
        self.codes.clear();
    }

    /// Commits values of the next counter, and adds those that are in the table to the sum.
    fn commit(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        if self.next == 0 {
            self.check(&self.command.counters[self.counter])?;
        }
        let counter = &self.command.counters[self.counter];
        let head = head_of(cx, counter, &self.dimensions[self.counter]);
        let (cells, first) = counter.values.block(self.next);
        let end = (first + cells.len()).min(self.next.saturating_add(cx.out.room()));
        let mut rows = Vec::with_capacity(end - self.next);
        for index in self.next..end {
            if matches!(cells.small(index - first), Cell::Null) {
                continue;
            }
            let times = &self.command.times;
            let period = || match (counter.is_total, times) {
                (true, _) => self.of_totals.clone(),
                (false, times) => self.period(times.as_ref()?.get(index)?),
            };
            let is_many = counter.is_total || (cx.out.is_bounded() && counter.values.len() > MANY_TIMES);
            let code = match self.codes.get(index).filter(|_| !is_many) {
                Some(&code) if code != NO_CODE => code,
                _ => match period() {
                    Some(period) => cx.out.period(period),
                    None => continue,
                },
            };
            if !is_many {
                if self.codes.len() <= index {
                    self.codes.resize(counter.values.len(), NO_CODE);
                }
                self.codes[index] = code;
            }
            rows.push((index as u32, code));
        }
        if cx.out.commit_column(head, &rows, cells, first as u32) {
            rows.iter().for_each(|(index, _)| add(&mut self.sum, &counter.values, *index));
        } else {
            for (index, period) in rows {
                if commit_one(cx, head, counter, index, period)? {
                    add(&mut self.sum, &counter.values, index);
                }
            }
        }
        let is_done = end == counter.values.len();
        (self.counter, self.next) = if is_done { (self.counter + 1, 0) } else { (self.counter, end) };
        if is_done {
            self.command.counters[self.counter - 1].values = NumberColumn::default();
        }
        Ok(())
    }

    /// [ts[i], ts[i] + series)
    fn period(&self, (start, offset_seconds, offset): Written<'_>) -> Option<Period> {
        Some(Period {
            start: Some(start),
            end: self.step.end_after(start, offset_seconds),
            offset: Some(offset.into()),
            offset_seconds,
            notes: self.notes,
        })
    }

    /// Refuses a counter that has not one value for each time (docs/design.md#metrics-devicewise).
    fn check(&self, counter: &Counter) -> Result<(), Fault> {
        if counter.is_total {
            return Ok(());
        }
        let Some(times) = &self.command.times else {
            if counter.values.len() == 0 {
                return Ok(());
            }
            let fault = Fault::new(ErrorCode::MissingField, "expected a field `ts`, found none");
            return Err(fault.at_position(self.command.position).within(|| self.command.params.clone()));
        };
        if times.len() != counter.values.len() {
            let (expected, found) = (times.len(), counter.values.len());
            let message = format!("expected {expected} values, one for each of ts, found {found}");
            let fault = Fault::new(ErrorCode::LengthMismatch, message).at_position(counter.position);
            return Err(fault.within(|| counter.pointer.clone()));
        }
        Ok(())
    }
}

fn head_of(cx: &mut Context<'_>, counter: &Counter, dimensions: &Dimensions) -> ColumnCodes {
    let resource_key = cx.out.resource_key(ResourceKey {
        account: cx.options.account.as_deref().map(Text::from),
        dimensions: dimensions.clone(),
        ..ResourceKey::default()
    });
    let field = cx.out.field(Field {
        format: Format::DevicewiseApiHistory,
        metric: "api.calls".into(),
        provider_field: format!("counters.{}", counter.names.join(".")).into(),
        leaf: Box::default(),
        dimensions: Box::default(),
        kind: Kind::Delta,
        measures: Measures::Quantity,
        unit: Some(Unit::CALLS),
        part_of: None,
        notes: Notes::NONE,
    });
    let end = if counter.is_total { "" } else { "/" };
    let locator = cx.out.locator(Locator {
        page: cx.page,
        before: format!("{}{end}", counter.pointer).into(),
        indexed: !counter.is_total,
        after: Box::default(),
    });
    ColumnCodes { resource_key, field, locator }
}

fn add(sum: &mut Option<Sum>, values: &NumberColumn, index: u32) {
    if let (Some(sum), Some(value)) = (sum, values.get(index as usize)) {
        sum.add(&value);
    }
}

/// Commits one value. If only this value is faulty, the fault is reported later, because the values after it are still valid.
fn commit_one(
    cx: &mut Context<'_>,
    ColumnCodes { resource_key, field, locator }: ColumnCodes,
    counter: &Counter,
    index: u32,
    period: u32,
) -> Result<bool, Fault> {
    match counter.values.small(index as usize) {
        Cell::Null => {}
        Cell::Small(mantissa, scale) => cx.out.small(field, mantissa, scale as u8),
        Cell::Wide(value) => cx.out.cell(field, value),
    }
    let Err(fault) = cx.out.commit(RowCodes { resource_key, period, locator, index, version: None }) else {
        return Ok(true);
    };
    let fault = fault.at_position(counter.position).within(|| format!("{}/{}", counter.pointer, index));
    if fault.code().ends_the_body() {
        return Err(fault);
    }
    cx.listing.fault_later(fault);
    Ok(false)
}
