//! The times of a reply, stored as numbers, because there may be as many of them as values.

use super::column::NumberColumn;
use crate::model::time::{Instant, Stamp, Step};
use crate::table::Cell;

/// The documented series other than a day.
pub const HOUR: Step = Step::Nanos(3_600_000_000_000);

/// The shortest distance of two days, in seconds: a day with a change to summer time, written in one offset.
const NEARLY_A_DAY: i64 = 23 * 3600;

#[derive(Debug, Default)]
pub struct Times {
    /// Seconds since the epoch; unknown for a faulty element.
    seconds: NumberColumn,
    /// Index and nanoseconds of the times that have a fraction.
    nanos: Vec<(u32, u32)>,
    /// The offset of the times from each index on.
    runs: Vec<(u32, u32)>,
    /// Offsets in seconds and as written.
    offsets: Vec<(i32, Box<str>)>,
    pub is_closed: bool,
}

/// One time: the instant, its offset in seconds, and the offset as written.
pub type Written<'t> = (Instant, i32, &'t str);

impl Times {
    /// A complete list without times.
    pub fn empty() -> Self {
        Self { is_closed: true, ..Self::default() }
    }

    pub fn len(&self) -> usize {
        self.seconds.len()
    }

    /// Appends a time, or a placeholder for a faulty one.
    pub fn push(&mut self, stamp: Option<&Stamp<'_>>) {
        let Some(stamp) = stamp else {
            return self.seconds.push(None);
        };
        let index = self.len() as u32;
        if stamp.instant.nanos != 0 {
            self.nanos.push((index, stamp.instant.nanos));
        }
        let last = self.runs.last().map(|(_, offset)| *offset);
        if last.is_none_or(|last| *self.offsets[last as usize].1 != *stamp.offset) {
            let known = self.offsets.iter().position(|(_, text)| **text == *stamp.offset);
            let offset = known.unwrap_or_else(|| {
                self.offsets.push((stamp.offset_seconds, Box::from(stamp.offset)));
                self.offsets.len() - 1
            });
            self.runs.push((index, offset as u32));
        }
        self.seconds.push_small(stamp.instant.seconds, 0);
    }

    /// The list is complete.
    pub fn close(&mut self) {
        self.is_closed = true;
        self.seconds.close();
    }

    /// The time at an index; `None` if it is faulty.
    pub fn get(&self, index: usize) -> Option<Written<'_>> {
        let Cell::Small(seconds, _) = self.seconds.small(index) else {
            return None;
        };
        let index = index as u32;
        let nanos = self.nanos.binary_search_by_key(&index, |(at, _)| *at).map_or(0, |at| self.nanos[at].1);
        let run = self.runs.partition_point(|(from, _)| *from <= index).checked_sub(1)?;
        let (offset_seconds, offset) = &self.offsets[self.runs[run].1 as usize];
        Some((Instant { seconds, nanos }, *offset_seconds, offset))
    }

    pub fn iter(&self) -> impl Iterator<Item = Written<'_>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// The length of the periods, inferred from their starts: a day if no two are nearer than 23 hours in written local
    /// time, otherwise an hour (docs/design.md#metrics-devicewise). A longer distance is a gap.
    pub fn series(&self) -> Step {
        let starts = || self.iter().map(|(instant, offset, _)| instant.seconds + i64::from(offset));
        let shortest = if starts().is_sorted() {
            starts().zip(starts().skip(1)).map(|(one, next)| next - one).filter(|step| *step > 0).min()
        } else {
            let mut sorted: Vec<i64> = starts().collect();
            sorted.sort_unstable();
            sorted.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > 0).min()
        };
        match shortest {
            Some(step) if step >= NEARLY_A_DAY => Step::Days(1),
            _ => HOUR,
        }
    }
}
