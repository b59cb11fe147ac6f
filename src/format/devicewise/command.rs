//! The reply to one command, while it is being read.

use super::column::NumberColumn;
use super::times::Times;
use crate::format::error_reply::ProviderError;
use crate::format::faults::stamp_fault;
use crate::model::error::{Fault, Position};
use crate::model::time::Stamp;
use crate::number::decimal::Decimal;
use crate::read::{Element, ValueType};

/// The most members of `params` that are stored: a hostile body may have any number of them.
const MANY_NAMES: usize = 64;

/// The reply to one command, while it is being read. Its columns are stored as numbers until `ts` is known.
#[derive(Debug)]
pub struct Command {
    /// Empty for a reply without an id around it.
    pub id: String,
    pub pointer: String,
    pub position: Position,
    pub success: Option<bool>,
    pub failure: ProviderError,
    pub counters: Vec<Counter>,
    pub has_counters: bool,
    /// The pointer of `params`, as its name is written.
    pub params: String,
    /// Members of `params` that have data but are not a part of a history.
    pub others: Vec<String>,
    pub times: Option<Times>,
    /// With its pointer, because servers differ in the case of their keys.
    pub total: Option<(Decimal, String)>,
}

/// One counter: the calls of a service, of an organisation, or of both.
#[derive(Debug)]
pub struct Counter {
    /// The names below `counters`: one, or organisation and service.
    pub names: Vec<String>,
    pub pointer: String,
    pub values: NumberColumn,
    /// A number instead of a list: a total without times.
    pub is_total: bool,
    pub is_closed: bool,
    pub position: Position,
}

impl Command {
    /// The pointer of a value in the command.
    pub fn pointer(&self, tail: &str) -> String {
        self.pointer.clone() + tail
    }

    /// Records a member of `params` that is not a part of a history, or a value in it.
    pub fn found(&mut self, name: &str, element: &Element<'_>) {
        let is_empty = match element.value_type() {
            ValueType::Null => true,
            ValueType::Array | ValueType::Object => element.children().next().is_none(),
            _ => matches!(element.raw(), b"" | b"0" | b"false"),
        };
        if !is_empty && self.others.len() < MANY_NAMES && self.others.last().is_none_or(|last| last != name) {
            self.others.push(name.to_owned());
        }
    }

    /// The members of `params` if there are no counters. A log-in, which may be in the same reply, has nothing
    /// that is usage.
    pub fn unread(&self) -> Vec<&str> {
        let is_session = |name: &String| name.eq_ignore_ascii_case("sessionId");
        if self.id.eq_ignore_ascii_case("auth") || self.others.iter().any(is_session) {
            return Vec::new();
        }
        let times = self.times.as_ref().filter(|times| times.len() > 0).map(|_| "ts");
        let total = self.total.as_ref().filter(|(total, _)| *total != Decimal::ZERO).map(|_| "total");
        self.others.iter().map(String::as_str).chain(total).chain(times).collect()
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
        // A faulty number still takes a place, so that the indices of the others are right.
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
        times.push(stamp.as_ref().ok());
        stamp.map(drop).map_err(|expected| stamp_fault(element, expected))
    }
}
