//! A command's reply while it is read.

use crate::decimal::Decimal;
use crate::error::{Fault, Position};
use crate::format::{ProviderError, stamp_fault};
use crate::read::{Element, escape_pointer};
use crate::table::Cells;
use crate::time::{Instant, Stamp, Step};

/// One command's reply while it is read. Its columns are held as numbers until `ts` is known.
#[derive(Debug)]
pub struct Command {
    pub id: String,
    pub position: Position,
    pub success: Option<bool>,
    pub failure: ProviderError,
    pub counters: Vec<Counter>,
    pub has_counters: bool,
    pub times: Option<Times>,
    /// With its pointer: servers differ in the case of their keys.
    pub total: Option<(Decimal, String)>,
}

/// One counter: calls of a service, of an organisation, or of both.
#[derive(Debug)]
pub struct Counter {
    /// The names below `counters`: one, or organisation and service.
    pub names: Vec<String>,
    pub pointer: String,
    pub values: Cells,
    /// A number instead of a list: a total without times.
    pub is_total: bool,
    pub is_closed: bool,
    pub position: Position,
}

#[derive(Debug, Default)]
pub struct Times {
    /// Instant, offset in seconds, and the offset as written; `None` where the element is faulty.
    pub stamps: Vec<Option<(Instant, i32, Box<str>)>>,
    pub is_closed: bool,
}

impl Command {
    /// The pointer of something in it.
    pub fn pointer(&self, tail: &str) -> String {
        let mut out = "/".to_owned();
        escape_pointer(&self.id, &mut out);
        out + tail
    }

    /// An element of the last counter.
    pub fn counter_value(&mut self, element: &Element<'_>, max_digits: u64) -> Result<(), Fault> {
        let Some(counter) = self.counters.last_mut() else {
            return Ok(());
        };
        if let Some((mantissa, scale)) = element.small_number(max_digits) {
            counter.values.push_small(mantissa, scale);
            return Ok(());
        }
        let number = if element.is_null() { Ok(None) } else { element.number(max_digits).map(Some) };
        // A faulty number keeps its place, so that the others keep theirs.
        counter.values.push(number.as_ref().ok().and_then(Option::as_ref));
        number.map(drop)
    }

    /// An element of `ts`.
    pub fn time(&mut self, element: &Element<'_>) -> Result<(), Fault> {
        let Some(times) = &mut self.times else {
            return Ok(());
        };
        let text = element.text();
        let stamp = if element.is_text() { Stamp::parse(&text) } else { Err("expected an RFC 3339 time") };
        let stamp = stamp.and_then(|stamp| match stamp.instant.plus_seconds(86_400) {
            Some(_) => Ok(stamp),
            None => Err("expected a time at least a day before the year 10000"),
        });
        times.stamps.push(stamp.ok().map(|s| (s.instant, s.offset_seconds, Box::from(s.offset))));
        stamp.map(drop).map_err(|expected| stamp_fault(element, expected))
    }
}

impl Times {
    /// The smallest distance between two times; an hour where there is none.
    pub fn smallest_step(&self) -> Step {
        let mut instants: Vec<Instant> = self.stamps.iter().flatten().map(|(instant, ..)| *instant).collect();
        instants.sort_unstable();
        let steps = instants.windows(2).map(|pair| pair[1].nanos_since(pair[0]));
        Step::Nanos(steps.filter(|step| *step > 0).min().unwrap_or(3_600_000_000_000))
    }
}
