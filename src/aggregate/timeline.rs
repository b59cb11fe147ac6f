//! The periods of a table as integers on one time axis.

use crate::collections::ordered;
use crate::model::time::Instant;
use crate::number::decimal::Decimal;
use crate::table::{Columns, Period};

/// An instant or a length of time: in seconds, or in nanoseconds if any time has a fraction.
pub(super) type Ticks = i128;

const NANOS: i128 = 1_000_000_000;

/// The times of each period code.
pub(super) struct Timeline {
    per_second: i128,
    pub moments: Vec<Moment>,
}

/// A period on the time axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// `None` for a record without a time.
    pub start: Option<Ticks>,
    /// `None` for an instant. Never before the start.
    pub end: Option<Ticks>,
    /// The offset that the provider wrote, in seconds east of UTC.
    pub offset: i32,
    /// Its rank among all periods by start and end; periods without a time or without an end come first. Equal times have equal ranks.
    pub rank: u32,
}

impl Timeline {
    pub fn new(columns: &Columns, bounds: [Option<Instant>; 2]) -> Self {
        let times = columns.periods.iter().flat_map(|period| [period.start, period.end]).chain(bounds);
        let whole = times.flatten().all(|t| t.nanos == 0);
        let mut line = Self { per_second: if whole { 1 } else { NANOS }, moments: Vec::new() };
        line.moments = columns.periods.iter().map(|period| line.moment(period)).collect();
        line.rank();
        line
    }

    fn moment(&self, period: &Period) -> Moment {
        let start = period.start.map(|t| self.ticks(t));
        Moment {
            start,
            end: start.and_then(|start| Some(self.ticks(period.end?).max(start))),
            offset: period.offset_seconds,
            rank: 0,
        }
    }

    fn rank(&mut self) {
        let time = |moments: &[Moment], i: u32| (moments[i as usize].start, moments[i as usize].end);
        let order = ordered(self.moments.len(), &|a, b| time(&self.moments, a).cmp(&time(&self.moments, b)));
        let mut rank = 0;
        for (place, &i) in order.iter().enumerate() {
            if place > 0 && time(&self.moments, i) != time(&self.moments, order[place - 1]) {
                rank += 1;
            }
            self.moments[i as usize].rank = rank;
        }
    }

    pub fn per_second(&self) -> i128 {
        self.per_second
    }

    pub fn ticks(&self, t: Instant) -> Ticks {
        i128::from(t.seconds) * self.per_second + i128::from(t.nanos) * self.per_second / NANOS
    }

    /// A whole second in ticks.
    pub fn of_seconds(&self, seconds: i64) -> Ticks {
        i128::from(seconds) * self.per_second
    }

    /// The whole second that a time is in.
    pub fn second(&self, t: Ticks) -> i64 {
        if self.per_second == 1 { t as i64 } else { t.div_euclid(self.per_second) as i64 }
    }

    pub fn instant(&self, t: Ticks) -> Instant {
        let nanos = t.rem_euclid(self.per_second) * (NANOS / self.per_second);
        Instant { seconds: self.second(t), nanos: nanos as u32 }
    }

    /// A length in seconds, exact.
    pub fn length(&self, ticks: Ticks) -> Decimal {
        match i64::try_from(ticks) {
            Ok(seconds) if self.per_second == 1 => Decimal::from(seconds),
            _ => Decimal::from_parts(ticks, if self.per_second == 1 { 0 } else { 9 }),
        }
    }
}
