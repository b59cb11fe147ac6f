//! Time zones, represented only by their offset at an instant.

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

const DAY: i64 = 86_400;

/// The greatest distance from UTC of any clock: Manila was 15:56:08 behind until 1844.
pub(super) const FARTHEST: i64 = 16 * 3600;

/// How far apart samples are. The closest two changes of the IANA database that cancel each other are 7 days apart
/// (Boa Vista in 2000, Gaza in 2040), so none are missed.
const STEP: i64 = 4 * DAY;

/// What is sampled around an instant, so that a window of a day finds its edges.
const MARGIN: i64 = 3 * DAY;

/// 1800-01-01: no zone has changed its clock before.
const EARLIEST: i64 = -5_364_662_400;

/// 2100-01-01: from here on every zone follows a rule of the Gregorian calendar, or none.
const RULES_FROM: i64 = 4_102_444_800;

/// 400 years, after which the Gregorian calendar repeats, weekdays included.
const CYCLE: i64 = 146_097 * DAY;

/// The clock of one zone: which offset it has when.
///
/// # Design
/// The rules answer for single instants only. They are sampled every [`STEP`], and searched between two samples that
/// differ; what was found is stored as a table of spans of one offset, which grows towards whatever instant is asked for.
/// Before 1800 and after 2500 nothing is sampled, so the table has at most 700 years, however far apart instants are.
pub(super) struct Clock<'z> {
    zone: &'z str,
    rules: &'z dyn ZoneRules,
    /// Contiguous and in order of time. The first and the last may go on beyond what was sampled.
    spans: Vec<OffsetSpan>,
    /// The place of the span found last.
    last: usize,
}

/// A time in which the offset does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OffsetSpan {
    pub from: i64,
    pub to: i64,
    pub offset: i64,
}

impl OffsetSpan {
    fn contains(&self, t: i64) -> bool {
        self.from <= t && t < self.to
    }
}

impl<'z> Clock<'z> {
    pub fn new(zone: &'z str, rules: &'z dyn ZoneRules) -> Self {
        Self { zone, rules, spans: Vec::new(), last: 0 }
    }

    fn ask(&self, t: i64) -> Result<i64, Error> {
        let offset = i64::from(self.rules.offset_seconds(self.zone, t)?);
        if offset.abs() > FARTHEST {
            return Err(Error::option("timeZone", format!("{} is {offset} seconds from UTC", self.zone)));
        }
        Ok(offset)
    }

    /// The span around an instant. Edges within three days of it are changes of the clock; others may be where
    /// sampling ended.
    #[inline]
    pub fn span(&mut self, t: i64) -> Result<OffsetSpan, Error> {
        let cycles = if t < RULES_FROM + CYCLE { 0 } else { (t - RULES_FROM) / CYCLE };
        if cycles == 0 {
            return self.sampled(t);
        }
        let shift = cycles * CYCLE;
        let OffsetSpan { from, to, offset } = self.sampled(t - shift)?;
        Ok(OffsetSpan { from: from + shift, to: to + shift, offset })
    }

    #[inline]
    fn sampled(&mut self, t: i64) -> Result<OffsetSpan, Error> {
        let known = self.spans.first().zip(self.spans.last()).map(|(first, last)| (first.from, last.to));
        if !known.is_some_and(|(from, to)| from <= t - MARGIN && t + MARGIN < to) {
            self.grow(t)?;
        }
        if !self.spans[self.last].contains(t) {
            self.last = self.spans.partition_point(|span| span.to <= t);
        }
        Ok(self.spans[self.last])
    }

    /// Samples as far as an instant and the margin around it.
    #[cold]
    fn grow(&mut self, t: i64) -> Result<(), Error> {
        if self.spans.is_empty() {
            let from = t.max(EARLIEST).div_euclid(STEP) * STEP;
            self.spans.push(OffsetSpan { from, to: from, offset: self.ask(from)? });
        }
        while self.spans[0].from > t - MARGIN {
            let first = self.spans[0];
            if first.from <= EARLIEST {
                self.spans[0].from = i64::MIN;
                break;
            }
            let from = first.from - STEP;
            let mut spans = vec![OffsetSpan { from, to: from, offset: self.ask(from)? }];
            self.search(&mut spans, first.from, first.offset)?;
            // Both hold the offset at the edge between them.
            if let Some(last) = spans.pop() {
                self.spans[0].from = last.from;
            }
            self.last = 0;
            self.spans.splice(..0, spans);
        }
        while let Some(last) = self.spans.last().filter(|last| last.to <= t + MARGIN) {
            let to = last.to + STEP;
            let offset = self.ask(to)?;
            let mut spans = std::mem::take(&mut self.spans);
            let searched = self.search(&mut spans, to, offset);
            self.spans = spans;
            searched?;
        }
        Ok(())
    }

    /// Continues spans to an instant that has this offset. Where the offset at both ends is the same, so it is between.
    fn search(&self, spans: &mut Vec<OffsetSpan>, to: i64, offset: i64) -> Result<(), Error> {
        let Some(last) = spans.last_mut() else { return Ok(()) };
        let (from, length) = (last.to, to - last.to);
        if last.offset == offset || length == 1 {
            last.to = to;
            if last.offset != offset {
                spans.push(OffsetSpan { from: to, to, offset });
            }
            return Ok(());
        }
        let middle = from + length / 2;
        let of_middle = self.ask(middle)?;
        self.search(spans, middle, of_middle)?;
        self.search(spans, to, offset)
    }

    /// The first instant at which the clock shows `local` or later: a midnight that is left out begins with the
    /// first second after it, one that comes twice with its first coming.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::Instant;
    use proptest::prelude::*;

    fn seconds(text: &str) -> i64 {
        Instant::parse(text).unwrap().seconds
    }

    fn first_at(zone: &str, local: &str) -> String {
        let mut clock = Clock::new(zone, &IanaZones);
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

    struct Counting(std::cell::Cell<u32>);

    impl ZoneRules for Counting {
        fn offset_seconds(&self, zone: &str, t: i64) -> Result<i32, Error> {
            self.0.set(self.0.get() + 1);
            IanaZones.offset_seconds(zone, t)
        }
    }

    #[test]
    fn a_year_of_days_asks_for_an_offset_every_four_days_and_at_changes() {
        let counting = Counting(0.into());
        let mut clock = Clock::new("Europe/Zurich", &counting);
        let start = seconds("2024-01-01T00:00:00Z");
        for day in 0..366 {
            clock.first_at(start + day * DAY).unwrap();
        }
        assert!(counting.0.get() < 150, "{}", counting.0.get());
    }

    #[test]
    fn however_far_apart_instants_are_the_table_is_bounded() {
        let counting = Counting(0.into());
        let mut clock = Clock::new("Europe/Zurich", &counting);
        for t in ["2024-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "5000-01-01T00:00:00Z"] {
            clock.first_at(seconds(t)).unwrap();
        }
        assert!(counting.0.get() < 700 * 366 / 4 + 400 * 40, "{}", counting.0.get());
    }

    /// Central Europe by its rule, for ever: the database that is compiled in ends in 2100.
    struct ByRule;

    impl ZoneRules for ByRule {
        fn offset_seconds(&self, _: &str, t: i64) -> Result<i32, Error> {
            use chrono::{Datelike, NaiveDate};
            let year = chrono::DateTime::from_timestamp(t, 0).unwrap().year();
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
            let mut clock = Clock::new(zone, &IanaZones);
            for t in times {
                let span = clock.span(t).unwrap();
                prop_assert!(span.contains(t));
                for t in [t, span.from.max(t - 900 * DAY), (span.to - 1).min(t + 900 * DAY)] {
                    prop_assert_eq!(span.offset, i64::from(IanaZones.offset_seconds(zone, t).unwrap()), "{} {}", zone, t);
                }
            }
        }

        #[test]
        fn a_rule_goes_on_for_ever(times in prop::collection::vec(-62_000_000_000i64..253_402_300_799, 1..4)) {
            let mut clock = Clock::new("by rule", &ByRule);
            for t in times.into_iter().map(|t| t.max(EARLIEST)) {
                let span = clock.span(t).unwrap();
                prop_assert!(span.contains(t));
                prop_assert_eq!(span.offset, i64::from(ByRule.offset_seconds("", t).unwrap()));
            }
        }
    }

    /// Every change of every zone, found among samples of half a day.
    #[test]
    fn no_change_of_any_zone_is_missed() {
        for zone in chrono_tz::TZ_VARIANTS.into_iter().step_by(if cfg!(debug_assertions) { 40 } else { 1 }) {
            let mut clock = Clock::new(zone.name(), &IanaZones);
            let mut t = EARLIEST;
            while t < RULES_FROM {
                let due = IanaZones.offset_seconds(zone.name(), t).unwrap();
                assert_eq!(clock.span(t).unwrap().offset, i64::from(due), "{} {t}", zone.name());
                t += DAY / 2;
            }
        }
    }
}
