//! Time zones, represented only by their offset at an instant.

use std::ops::{Range, RangeInclusive};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};

use crate::model::error::Error;

/// The rules of time zones: natively the IANA database, in JavaScript the host's `Intl`.
pub trait ZoneRules {
    /// Seconds east of UTC that the zone's clocks show at an instant, given in seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// `invalid-option`, naming `timeZone`, for a zone that is not known.
    fn offset_seconds(&self, zone: &str, epoch_seconds: i64) -> Result<i32, Error>;
}

/// The zones of the IANA database that is compiled in.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct IanaZones;

#[cfg(not(target_arch = "wasm32"))]
impl ZoneRules for IanaZones {
    fn offset_seconds(&self, zone: &str, epoch_seconds: i64) -> Result<i32, Error> {
        use chrono::{DateTime, Offset, TimeZone};
        let known = zone
            .parse::<chrono_tz::Tz>()
            .ok()
            .or_else(|| chrono_tz::TZ_VARIANTS.into_iter().find(|known| known.name().eq_ignore_ascii_case(zone)));
        let known = known.ok_or_else(|| {
            Error::option("timeZone", format!("{} is not in the IANA database", crate::model::error::shortened(zone)))
        })?;
        let utc = DateTime::from_timestamp(epoch_seconds, 0).unwrap_or_default().naive_utc();
        Ok(known.offset_from_utc_datetime(&utc).fix().local_minus_utc())
    }
}

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// The largest offset of any zone: Manila was 15:56:08 behind UTC until 1844.
pub(super) const FARTHEST: i64 = 16 * HOUR;

/// The time on both sides of a year that its table also covers, so that a window of a day at its edge is found in it.
const MARGIN: i64 = 3 * DAY;

/// No zone changed its offset before this year: all earlier years are read from the year before it.
const FIRST_YEAR: i32 = 1800;

/// From this year on, every zone either follows a rule of the Gregorian calendar or does not change its offset.
const FIRST_YEAR_OF_RULES: i32 = 2100;

/// These years include one for each combination of first weekday and length.
const YEARS_OF_EACH_KIND: RangeInclusive<i32> = 2101..=2128;

/// The seconds between samples in a year. They are fewer than between any two changes in the IANA database of which the
/// second reverts the first, so that no change is missed. Summer time began after 1900. The closest such changes in the first
/// half of that century are 95 hours apart (Freetown in 1939), the closest later ones 167 hours (Boa Vista in 2000, Gaza in 2040).
const fn step(year: i32) -> i64 {
    match year {
        ..1900 => 400 * DAY,
        1900..1950 => 3 * DAY,
        1950..FIRST_YEAR_OF_RULES => 6 * DAY,
        _ => 32 * DAY,
    }
}

/// The offsets of one zone over time.
///
/// # Design
/// The rules give the offset at single instants only, and each call of a host takes microseconds. So a year is sampled every
/// [`step`] when it is first needed, and searched between two samples that differ. The result is stored as spans of one offset.
/// A rule of the calendar gives the same changes in all years that begin with the same weekday and have the same length, so
/// years from 2100 on are read from one of [`YEARS_OF_EACH_KIND`]. The table has at most 330 years, however far apart
/// instants are.
pub(crate) struct Clock<'z> {
    ask: Box<dyn Fn(i64) -> Result<i32, Error> + 'z>,
    /// The spans of each year and of [`MARGIN`] on both sides, in the order of years.
    years: Vec<(i32, Vec<OffsetSpan>)>,
    /// The last span that was found, and the part of it that is in its year.
    last: Option<(OffsetSpan, Range<i64>)>,
}

/// A time in which the offset does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OffsetSpan {
    pub from: i64,
    pub to: i64,
    pub offset: i64,
}

impl<'z> Clock<'z> {
    /// Creates a clock from a function that returns the offset at an instant.
    pub fn new(ask: impl Fn(i64) -> Result<i32, Error> + 'z) -> Self {
        Self { ask: Box::new(ask), years: Vec::new(), last: None }
    }

    fn offset(&self, t: i64) -> Result<i64, Error> {
        let offset = i64::from((self.ask)(t)?);
        if offset.abs() > FARTHEST {
            return Err(Error::option(
                "timeZone",
                format!("expected a clock within 16 hours of UTC, found one {offset} seconds from it"),
            ));
        }
        Ok(offset)
    }

    /// The span around an instant. Edges within three days of it are changes of the clock; others may be where the
    /// table of a year ends.
    #[inline]
    pub fn span(&mut self, t: i64) -> Result<OffsetSpan, Error> {
        match &self.last {
            Some((span, part)) if part.contains(&t) => Ok(*span),
            _ => self.look_up(t),
        }
    }

    fn look_up(&mut self, t: i64) -> Result<OffsetSpan, Error> {
        let year = DateTime::from_timestamp(t, 0).unwrap_or_default().year();
        let (start, end) = (start_of(year), start_of(year + 1));
        let like = year_like(year, start, end);
        let shift = start - start_of(like);
        let place = match self.years.binary_search_by_key(&like, |(year, _)| *year) {
            Ok(place) => place,
            Err(place) => {
                let spans = self.sample(like)?;
                self.years.insert(place, (like, spans));
                place
            }
        };
        let spans = &self.years[place].1;
        let at = spans.partition_point(|span| span.to <= t - shift).min(spans.len() - 1);
        let OffsetSpan { from, to, offset } = spans[at];
        let span = OffsetSpan { from: from + shift, to: to + shift, offset };
        self.last = Some((span, span.from.max(start)..span.to.min(end)));
        Ok(span)
    }

    /// The spans of a year.
    #[cold]
    fn sample(&self, year: i32) -> Result<Vec<OffsetSpan>, Error> {
        let (from, end) = (start_of(year) - MARGIN, start_of(year + 1) + MARGIN);
        let mut spans = vec![OffsetSpan { from, to: from, offset: self.offset(from)? }];
        let mut to = from;
        while to < end {
            to = end.min(to + step(year));
            let offset = self.offset(to)?;
            self.search(&mut spans, to, offset)?;
        }
        // A change at the very end begins a span of no length.
        spans.retain(|span| span.from < span.to);
        Ok(spans)
    }

    /// Continues the spans to an instant with this offset. If both ends have the same offset, so has the time between.
    fn search(&self, spans: &mut Vec<OffsetSpan>, to: i64, offset: i64) -> Result<(), Error> {
        let Some(last) = spans.last_mut() else { return Ok(()) };
        let from = last.to;
        if last.offset == offset || to - from == 1 {
            last.to = to;
            if last.offset != offset {
                spans.push(OffsetSpan { from: to, to, offset });
            }
            return Ok(());
        }
        let between = likely_between(from, to);
        let of_between = self.offset(between)?;
        self.search(spans, between, of_between)?;
        self.search(spans, to, offset)
    }

    /// The first instant at which local time is `local` or later. For a midnight that does not exist this is the first second
    /// after it; for one that occurs twice, the first.
    pub fn first_at(&mut self, local: i64) -> Result<i64, Error> {
        let mut span = self.span(local - FARTHEST)?;
        loop {
            let at = (local - span.offset).max(span.from);
            if at < span.to {
                return Ok(at);
            }
            span = self.span(span.to)?;
        }
    }
}

/// The instant to sample next, to find a change after `from` and not after `to`. Most changes are on the hour, or else on the
/// quarter of an hour, so these instants and the second before them are tried first.
fn likely_between(from: i64, to: i64) -> i64 {
    let middle = from + (to - from) / 2;
    for unit in [HOUR, HOUR / 4] {
        let below = middle.div_euclid(unit) * unit;
        let round = if below > from { below } else { below + unit };
        if round < to {
            return round;
        }
        if to % unit == 0 {
            return to - 1;
        }
    }
    middle
}

/// The first second of a year in UTC.
fn start_of(year: i32) -> i64 {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc().timestamp()
}

/// The year from whose table a year is read. The year is given with its start and its end.
fn year_like(year: i32, start: i64, end: i64) -> i32 {
    if year < FIRST_YEAR {
        return FIRST_YEAR - 1;
    }
    if year < FIRST_YEAR_OF_RULES {
        return year;
    }
    // Days since a Thursday, as the epoch was one; 2101 begins on a Saturday, and the third year after it is a leap year.
    let kind = ((start / DAY) % 7, end - start == 366 * DAY);
    let kind_of = |n: i32| (i64::from(2 + n + n / 4) % 7, n % 4 == 3);
    YEARS_OF_EACH_KIND.into_iter().find(|like| kind_of(like - YEARS_OF_EACH_KIND.start()) == kind).unwrap_or(year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::Instant;
    use proptest::prelude::*;

    fn seconds(text: &str) -> i64 {
        Instant::parse(text).unwrap().seconds
    }

    fn clock_of(zone: &str) -> Clock<'_> {
        Clock::new(move |t| IanaZones.offset_seconds(zone, t))
    }

    fn first_at(zone: &str, local: &str) -> String {
        let mut clock = clock_of(zone);
        let at = clock.first_at(seconds(&format!("{local}Z"))).unwrap();
        Instant::from_seconds(at).unwrap().to_string()
    }

    #[test]
    fn midnights_are_found_from_offsets_alone() {
        for (zone, local, due) in [
            ("America/New_York", "2024-03-10T00:00:00", "2024-03-10T05:00:00Z"),
            ("America/New_York", "2024-03-11T00:00:00", "2024-03-11T04:00:00Z"),
            ("America/New_York", "2024-11-04T00:00:00", "2024-11-04T05:00:00Z"),
            // Left out: the clock goes from 24:00 to 01:00.
            ("America/Sao_Paulo", "2018-11-04T00:00:00", "2018-11-04T03:00:00Z"),
            // Comes twice: at 00:01 the clock goes back to 23:01.
            ("America/St_Johns", "2006-10-29T00:00:00", "2006-10-29T02:30:00Z"),
            // A day that never was.
            ("Pacific/Apia", "2011-12-30T00:00:00", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2011-12-31T00:00:00", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2012-01-01T00:00:00", "2011-12-31T10:00:00Z"),
            // An offset with seconds: Monrovia was 44 minutes and 30 seconds behind.
            ("Africa/Monrovia", "1971-01-01T00:00:00", "1971-01-01T00:44:30Z"),
            ("Asia/Kolkata", "2024-01-15T00:00:00", "2024-01-14T18:30:00Z"),
        ] {
            assert_eq!(first_at(zone, local), due, "{zone} {local}");
        }
    }

    #[test]
    fn a_zone_that_is_not_known_is_named() {
        let error = IanaZones.offset_seconds("Mars/Olympus", 0).unwrap_err();
        assert_eq!(error.code(), crate::model::error::ErrorCode::InvalidOption);
        assert!(error.to_string().contains("timeZone"));
        assert_eq!(IanaZones.offset_seconds("europe/zurich", 0).unwrap(), 3600);
    }

    /// The number of samples that finding the starts of these days in Zurich takes.
    fn asked(days: impl Iterator<Item = i64>) -> u32 {
        let count = std::cell::Cell::new(0);
        let mut clock = Clock::new(|t| {
            count.set(count.get() + 1);
            IanaZones.offset_seconds("Europe/Zurich", t)
        });
        for day in days {
            clock.first_at(day * DAY).unwrap();
        }
        count.get()
    }

    #[test]
    fn a_year_of_days_asks_for_an_offset_every_six_days_and_at_changes() {
        let start = seconds("2024-01-01T00:00:00Z") / DAY;
        let asked = asked(start + 1..start + 365);
        assert!(asked < 90, "{asked}");
    }

    #[test]
    fn years_that_follow_a_rule_are_asked_for_once_for_each_kind() {
        let [start, end] = ["2100-01-01T00:00:00Z", "9999-12-01T00:00:00Z"].map(|t| seconds(t) / DAY);
        let asked = asked((start..end).step_by(20));
        assert!(asked < 14 * 40, "{asked}");
    }

    #[test]
    fn a_year_of_rules_is_like_one_with_the_same_weekdays() {
        for year in FIRST_YEAR_OF_RULES..3000 {
            let (start, end) = (start_of(year), start_of(year + 1));
            let like = year_like(year, start, end);
            assert!(YEARS_OF_EACH_KIND.contains(&like), "{year}");
            assert_eq!((start - start_of(like)) % (7 * DAY), 0, "{year}");
            assert_eq!(end - start, start_of(like + 1) - start_of(like), "{year}");
        }
    }

    #[test]
    fn however_far_apart_instants_are_the_table_is_bounded() {
        let [start, end] = ["0001-01-01T00:00:00Z", "9999-12-01T00:00:00Z"].map(|t| seconds(t) / DAY);
        let asked = asked((start..end).step_by(20));
        assert!(asked < 20_000, "{asked}");
    }

    /// Central Europe by its rule, for ever: the database that is compiled in ends in 2100.
    struct ByRule;

    impl ZoneRules for ByRule {
        fn offset_seconds(&self, _: &str, t: i64) -> Result<i32, Error> {
            let year = DateTime::from_timestamp(t, 0).unwrap().year();
            let change = |month| {
                let last = NaiveDate::from_ymd_opt(year, month, 31).unwrap();
                let days = i64::from(last.weekday().num_days_from_sunday());
                last.and_hms_opt(1, 0, 0).unwrap().and_utc().timestamp() - days * DAY
            };
            Ok(if (change(3)..change(10)).contains(&t) { 7200 } else { 3600 })
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn an_offset_is_that_of_the_rules_in_whatever_order_instants_come(
            zone in 0..chrono_tz::TZ_VARIANTS.len(), times in prop::collection::vec(-6_000_000_000i64..4_200_000_000, 1..6),
        ) {
            let zone = chrono_tz::TZ_VARIANTS[zone].name();
            let mut clock = clock_of(zone);
            for t in times {
                let span = clock.span(t).unwrap();
                prop_assert!((span.from..span.to).contains(&t));
                for t in [t, span.from.max(t - 900 * DAY), (span.to - 1).min(t + 900 * DAY)] {
                    prop_assert_eq!(span.offset, i64::from(IanaZones.offset_seconds(zone, t).unwrap()), "{} {}", zone, t);
                }
            }
        }

        #[test]
        fn a_rule_goes_on_for_ever(times in prop::collection::vec(-62_000_000_000i64..253_402_300_799, 1..4)) {
            let mut clock = Clock::new(|t| ByRule.offset_seconds("", t));
            // Before 1900 a clock is sampled for changes that stay, and this rule has summer time in every year.
            for t in times.into_iter().map(|t| t.max(start_of(1900))) {
                let span = clock.span(t).unwrap();
                prop_assert!((span.from..span.to).contains(&t));
                prop_assert_eq!(span.offset, i64::from(ByRule.offset_seconds("", t).unwrap()));
            }
        }
    }

    /// Every change of every zone, found among samples of half a day.
    #[test]
    fn no_change_of_any_zone_is_missed() {
        for zone in chrono_tz::TZ_VARIANTS.into_iter().step_by(if cfg!(debug_assertions) { 40 } else { 1 }) {
            let mut clock = clock_of(zone.name());
            let mut t = start_of(FIRST_YEAR);
            while t < start_of(FIRST_YEAR_OF_RULES) {
                let due = IanaZones.offset_seconds(zone.name(), t).unwrap();
                assert_eq!(clock.span(t).unwrap().offset, i64::from(due), "{} {t}", zone.name());
                t += DAY / 2;
            }
        }
    }
}
