//! A list of times of a group, stored as numbers, because there may be as many of them as values.

use std::cell::{Cell, OnceCell};

use super::number_column::NumberColumn;
use crate::collections::sort_values;
use crate::descriptor::model::{TimeForm, TimeReference};
use crate::format::described::period::time_of_field;
use crate::format::faults::stamp_fault;
use crate::model::error::{Fault, Position};
use crate::model::time::{Instant, Stamp, Step};
use crate::read::{Element, ValueType};
use crate::table::Cell as Number;

/// How much shorter than its name a day may be: a change to summer time in times that are written in one offset.
const CHANGE: i128 = 3_600_000_000_000;
const DAY: i128 = 86_400_000_000_000;

/// The times of one list.
#[derive(Debug)]
pub(super) struct Times {
    pub pointer: String,
    pub position: Position,
    /// Seconds since the epoch; unknown for a faulty element.
    seconds: NumberColumn,
    /// Index and nanoseconds of the times that have a fraction.
    nanos: Vec<(u32, u32)>,
    /// The offset of the times from each index on.
    runs: Vec<(u32, u32)>,
    offsets: Vec<Offset>,
    /// The latest of them.
    latest: Option<Instant>,
    smallest_gap: OnceCell<Option<i128>>,
    pub is_closed: bool,
}

/// How times say their offset.
#[derive(Debug, PartialEq, Eq)]
struct Offset {
    seconds: i32,
    /// As written; `None`: it was not.
    text: Option<Box<str>>,
    /// The time was read in UTC because it has none.
    is_assumed: bool,
}

/// One time of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListedTime<'t> {
    pub instant: Instant,
    pub offset_seconds: i32,
    pub offset: Option<&'t str>,
    pub is_assumed: bool,
}

impl Times {
    pub fn new(pointer: String, position: Position) -> Self {
        Self {
            pointer,
            position,
            seconds: NumberColumn::default(),
            nanos: Vec::new(),
            runs: Vec::new(),
            offsets: Vec::new(),
            latest: None,
            smallest_gap: OnceCell::new(),
            is_closed: false,
        }
    }

    pub fn len(&self) -> usize {
        self.seconds.len()
    }

    /// Appends an element of the list. A faulty one still takes a place, so that the indices of the others are right.
    pub fn push_element(&mut self, element: Element<'_>, reference: &TimeReference) -> Result<(), Fault> {
        let is_rfc3339 = reference.form == TimeForm::Rfc3339;
        if is_rfc3339 && !reference.inclusive && element.is_text() {
            let text = element.text();
            if let Ok(stamp) = Stamp::parse(&text) {
                self.push(stamp.instant, stamp.offset_seconds, Some(stamp.offset), false);
                return Ok(());
            }
        }
        let is_time = element.is_text() || !is_rfc3339 && element.value_type() == ValueType::Number;
        let expected = if is_rfc3339 { "an RFC 3339 time" } else { "a time as a number" };
        let time = match is_time {
            true => time_of_field(element, reference),
            false => Err(stamp_fault(&element, expected)),
        };
        match time {
            Ok(time) => {
                self.push(time.instant, time.offset_seconds, time.offset.as_deref(), time.is_assumed);
                Ok(())
            }
            Err(fault) => {
                self.seconds.push(None);
                Err(fault)
            }
        }
    }

    fn push(&mut self, instant: Instant, seconds: i32, text: Option<&str>, is_assumed: bool) {
        let index = self.len() as u32;
        if instant.nanos != 0 {
            self.nanos.push((index, instant.nanos));
        }
        let is = |offset: &Offset| {
            offset.text.as_deref() == text && offset.seconds == seconds && offset.is_assumed == is_assumed
        };
        if self.runs.last().is_none_or(|(_, last)| !is(&self.offsets[*last as usize])) {
            let known = self.offsets.iter().position(is);
            let offset = known.unwrap_or_else(|| {
                self.offsets.push(Offset { seconds, text: text.map(Box::from), is_assumed });
                self.offsets.len() - 1
            });
            self.runs.push((index, offset as u32));
        }
        self.latest = self.latest.max(Some(instant));
        self.seconds.push_small(instant.seconds, 0);
    }

    /// The list is complete.
    pub fn close(&mut self) {
        self.is_closed = true;
        self.seconds.close();
    }

    /// The time at an index; `None` if it is faulty.
    pub fn get(&self, index: usize) -> Option<ListedTime<'_>> {
        if index >= self.len() {
            return None;
        }
        let Number::Small(seconds, _) = self.seconds.small(index) else {
            return None;
        };
        let index = index as u32;
        let nanos = self.nanos.binary_search_by_key(&index, |(at, _)| *at).map_or(0, |at| self.nanos[at].1);
        let run = self.runs.partition_point(|(from, _)| *from <= index).checked_sub(1)?;
        let Offset { seconds: offset_seconds, text, is_assumed } = &self.offsets[self.runs[run].1 as usize];
        let instant = Instant { seconds, nanos };
        Some(ListedTime { instant, offset_seconds: *offset_seconds, offset: text.as_deref(), is_assumed: *is_assumed })
    }

    pub fn iter(&self) -> impl Iterator<Item = ListedTime<'_>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Whether all of them and this step end before the year 10000, and two days beyond.
    pub fn all_end(&self, step: Step) -> bool {
        let end = |latest: Instant| step.end_after(latest.plus_seconds(2 * 86_400)?, 0);
        self.latest.is_none_or(|latest| end(latest).is_some())
    }

    /// The smallest gap between two times in written local time, in nanoseconds; `None`: there is but one.
    fn smallest_gap(&self) -> Option<i128> {
        *self.smallest_gap.get_or_init(|| {
            let starts = || {
                self.iter().map(|time| {
                    let local = time.instant.seconds + i64::from(time.offset_seconds);
                    i128::from(local) * 1_000_000_000 + i128::from(time.instant.nanos)
                })
            };
            if starts().is_sorted() {
                return starts().zip(starts().skip(1)).map(|(one, next)| next - one).filter(|gap| *gap > 0).min();
            }
            let mut sorted: Vec<i128> = starts().collect();
            sort_values(&mut sorted, &i128::cmp);
            sorted.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > 0).min()
        })
    }
}

/// The times that a step may be inferred from, and whether it was.
#[derive(Debug)]
pub(in crate::format::described) struct Gap<'t> {
    pub(super) times: &'t Times,
    pub(super) is_used: Cell<bool>,
}

impl<'t> Gap<'t> {
    pub(super) fn new(times: &'t Times) -> Self {
        Self { times, is_used: Cell::new(false) }
    }

    /// The longest of these steps that is not longer than the smallest gap; without steps the gap itself.
    pub fn step(&self, of: Option<&[Step]>, otherwise: Step) -> Step {
        self.is_used.set(true);
        step_of_gap(self.times.smallest_gap(), of, otherwise)
    }
}

fn step_of_gap(gap: Option<i128>, of: Option<&[Step]>, otherwise: Step) -> Step {
    let Some(gap) = gap else {
        return otherwise;
    };
    let Some(steps) = of else {
        return Step::Nanos(gap);
    };
    let fitting = steps.iter().map(|step| (shortest(*step), *step)).filter(|(shortest, _)| *shortest <= gap);
    fitting.max_by_key(|(shortest, _)| *shortest).map_or(otherwise, |(_, step)| step)
}

/// The shortest that a step may be, in nanoseconds.
fn shortest(step: Step) -> i128 {
    match step {
        Step::Nanos(nanos) => nanos,
        Step::Days(days) => i128::from(days) * DAY - CHANGE,
        Step::Months(months) => i128::from(months) * 28 * DAY - CHANGE,
    }
}
