//! Windows: the one that contains an instant, and its edges.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime};

use super::spec::{AggregateSpec, TimeZone, WeekStart, Window};
use super::zone::{Clock, FARTHEST, OffsetSpan, ZoneRules};
use crate::model::error::Error;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// A window, half-open, in seconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// Distinguishes the window's row from others: the window's start, or for a `source` window the start as written.
    pub label: i64,
    pub from: i64,
    pub to: i64,
}

impl Span {
    /// The window `all`: all records that have a time.
    pub const ALL: Self = Self { label: 0, from: i64::MIN, to: i64::MAX };

    /// The window of records without a time.
    pub const TIMELESS: Self = Self { label: i64::MIN, from: 0, to: 0 };
}

/// The windows of an aggregation.
pub(super) struct Windows<'z> {
    calendar: Calendar,
    clock: Option<Clock<'z>>,
    source: bool,
    last: Option<Span>,
}

impl<'z> Windows<'z> {
    pub fn new(spec: &'z AggregateSpec, rules: &'z dyn ZoneRules) -> Self {
        let clock = match &spec.time_zone {
            TimeZone::Named(zone) => Some(Clock::new(|t| rules.offset_seconds(zone, t))),
            TimeZone::Utc | TimeZone::Source => None,
        };
        Self {
            calendar: Calendar { window: spec.window, week_start: spec.week_start },
            clock,
            source: spec.time_zone == TimeZone::Source,
            last: None,
        }
    }

    /// Whether there is only one window.
    pub fn is_all(&self) -> bool {
        self.calendar.window == Window::All
    }

    /// Whether windows depend on the offset that a record was written with.
    pub fn is_source(&self) -> bool {
        self.source
    }

    /// The usual minimum length of a window of this size, in seconds.
    pub fn usual_seconds(&self) -> i64 {
        match self.calendar.window {
            Window::Hour => HOUR,
            Window::Day => DAY,
            Window::Week => 7 * DAY,
            Window::Month => 28 * DAY,
            Window::Quarter => 90 * DAY,
            Window::Year => 365 * DAY,
            Window::All => i64::MAX,
        }
    }

    /// The window that contains the second `t`. `written_offset` is the record's own offset; only `source` windows use it.
    pub fn at(&mut self, t: i64, written_offset: i32) -> Result<Span, Error> {
        if self.is_all() {
            return Ok(Span::ALL);
        }
        if self.clock.is_some() {
            let last = self.last.filter(|last| (last.from..last.to).contains(&t));
            let span = last.map_or_else(|| self.of_zone(t), Ok)?;
            self.last = Some(span);
            return Ok(span);
        }
        let offset = if self.source { i64::from(written_offset) } else { 0 };
        let (from, to) = self.calendar.around(t + offset);
        let label = if self.source { from } else { from - offset };
        Ok(Span { label, from: from - offset, to: to - offset })
    }

    /// The window in the zone that contains `t`.
    fn of_zone(&mut self, t: i64) -> Result<Span, Error> {
        let Self { calendar, clock: Some(clock), .. } = self else { return Ok(Span::ALL) };
        let span = clock.span(t)?;
        if calendar.window == Window::Hour {
            return Ok(hour_of_zone(span, t));
        }
        let mut local = calendar.around(t + span.offset);
        // No clock before this span can have shown the window's start, and the window ends before the clock changes.
        if local.0 >= span.from.saturating_add(FARTHEST) && local.1 - span.offset < span.to {
            let from = local.0 - span.offset;
            return Ok(Span { label: from, from, to: local.1 - span.offset });
        }
        loop {
            let to = clock.first_at(local.1)?;
            // If a midnight occurs twice, the new day begins at the first one, although the clock then shows
            // the old day again.
            if t < to {
                let from = clock.first_at(local.0)?;
                return Ok(Span { label: from, from, to });
            }
            local = calendar.around(local.1);
        }
    }
}

/// The calendar, in local time: seconds since the epoch as if a clock showed UTC.
#[derive(Clone, Copy, Debug)]
struct Calendar {
    window: Window,
    week_start: WeekStart,
}

impl Calendar {
    /// Start and end of the window around a local time.
    fn around(self, local: i64) -> (i64, i64) {
        let even = |length: i64, shift: i64| {
            let from = (local - shift).div_euclid(length) * length + shift;
            (from, from + length)
        };
        match self.window {
            Window::Hour => even(HOUR, 0),
            Window::Day => even(DAY, 0),
            // The epoch was a Thursday.
            Window::Week if self.week_start == WeekStart::Monday => even(7 * DAY, -3 * DAY),
            Window::Week => even(7 * DAY, -4 * DAY),
            Window::Month => months(local, 1),
            Window::Quarter => months(local, 3),
            Window::Year => months(local, 12),
            Window::All => (i64::MIN, i64::MAX),
        }
    }
}

/// Hours follow the local clock and are cut at a change of offset.
fn hour_of_zone(span: OffsetSpan, t: i64) -> Span {
    let hour = (t + span.offset).div_euclid(HOUR) * HOUR - span.offset;
    let from = hour.max(span.from);
    Span { label: from, from, to: (hour + HOUR).min(span.to) }
}

/// Start and end of the `length` months around a local time.
fn months(local: i64, length: u32) -> (i64, i64) {
    let date = DateTime::from_timestamp(local, 0).unwrap_or_default().date_naive();
    let first = NaiveDate::from_ymd_opt(date.year(), date.month0() / length * length + 1, 1).unwrap_or(date);
    let next = first.checked_add_months(Months::new(length)).unwrap_or(first);
    let second = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc().timestamp();
    (second(first), second(next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::zone::IanaZones;
    use crate::model::time::Instant;
    use proptest::prelude::*;

    fn spec(window: Window, zone: &str) -> AggregateSpec {
        AggregateSpec { window, time_zone: TimeZone::Named(zone.to_owned()), ..AggregateSpec::default() }
    }

    fn window(window: Window, zone: &str, t: &str) -> (String, String) {
        let spec = spec(window, zone);
        let span = Windows::new(&spec, &IanaZones).at(Instant::parse(t).unwrap().seconds, 0).unwrap();
        let text = |t| Instant::from_seconds(t).unwrap().to_string();
        (text(span.from), text(span.to))
    }

    #[test]
    fn a_day_that_is_left_out_is_no_window() {
        let days = [
            ("2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"),
            ("2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
        ];
        for (t, from, to) in days {
            assert_eq!(window(Window::Day, "Pacific/Apia", t), (from.into(), to.into()));
        }
    }

    #[test]
    fn a_midnight_that_comes_twice_begins_the_day_once() {
        // St. John's went back from 00:01 to 23:01 on 28 October 2006.
        let day = ("2006-10-29T02:30:00Z".into(), "2006-10-30T03:30:00Z".into());
        for t in [
            "2006-10-29T02:30:00Z",
            "2006-10-29T02:30:59Z",
            "2006-10-29T02:31:00Z",
            "2006-10-29T03:29:59Z",
            "2006-10-29T03:30:00Z",
        ] {
            assert_eq!(window(Window::Day, "America/St_Johns", t), day, "{t}");
        }
        assert_eq!(window(Window::Day, "America/St_Johns", "2006-10-29T02:29:59Z").1, day.0);
    }

    #[test]
    fn hours_are_cut_where_the_offset_changes() {
        for (t, from, to) in [
            ("2024-04-06T14:59:59Z", "2024-04-06T14:00:00Z", "2024-04-06T15:00:00Z"),
            ("2024-04-06T15:10:00Z", "2024-04-06T15:00:00Z", "2024-04-06T15:30:00Z"),
            ("2024-04-06T15:30:00Z", "2024-04-06T15:30:00Z", "2024-04-06T16:30:00Z"),
        ] {
            assert_eq!(window(Window::Hour, "Australia/Lord_Howe", t), (from.into(), to.into()));
        }
    }

    const ZONES: [&str; 12] = [
        "Europe/Zurich",
        "America/New_York",
        "America/Sao_Paulo",
        "Pacific/Apia",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Africa/Casablanca",
        "Asia/Gaza",
        "Africa/Monrovia",
        "Pacific/Kwajalein",
        "Antarctica/Troll",
    ];
    const SIZES: [Window; 6] = [Window::Hour, Window::Day, Window::Week, Window::Month, Window::Quarter, Window::Year];

    proptest! {
        #[test]
        fn windows_tile_the_line(zone in 0..ZONES.len(), size in 0..SIZES.len(), t in -2_500_000_000i64..3_000_000_000) {
            let spec = spec(SIZES[size], ZONES[zone]);
            let mut windows = Windows::new(&spec, &IanaZones);
            let mut span = windows.at(t, 0).unwrap();
            prop_assert!((span.from..span.to).contains(&t));
            for _ in 0..30 {
                // Computed without a cache, so that no cached value hides a gap.
                let fresh = |t| Windows::new(&spec, &IanaZones).at(t, 0).unwrap();
                let next = windows.at(span.to, 0).unwrap();
                prop_assert_eq!(next.from, span.to);
                prop_assert_eq!(fresh(span.to), next);
                prop_assert_eq!(fresh(span.to - 1), span);
                prop_assert_eq!(fresh(span.from), span);
                span = next;
            }
        }

        #[test]
        fn a_window_begins_where_the_clock_first_shows_it(zone in 0..ZONES.len(), t in 0i64..2_500_000_000) {
            let spec = spec(Window::Day, ZONES[zone]);
            let span = Windows::new(&spec, &IanaZones).at(t, 0).unwrap();
            let local = |t: i64| t + i64::from(IanaZones.offset_seconds(ZONES[zone], t).unwrap());
            let day = local(span.from).div_euclid(DAY);
            prop_assert!(local(span.from - 1).div_euclid(DAY) < day);
            prop_assert!(local(span.to).div_euclid(DAY) > day);
        }
    }
}
