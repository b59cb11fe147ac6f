//! Time zones, known by nothing but the offset they have at an instant.

use crate::codes::Pairs;
use crate::error::Error;

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
        let known = known.ok_or_else(|| Error::option("timeZone", format!("{zone} is not in the IANA database")))?;
        let utc = DateTime::from_timestamp(epoch_seconds, 0).unwrap_or_default().naive_utc();
        Ok(known.offset_from_utc_datetime(&utc).fix().local_minus_utc())
    }
}

const DAY: i64 = 86_400;

/// No clock on Earth was ever farther from UTC: Manila was 15:56:08 behind until 1844.
const FARTHEST: i32 = 16 * 3600;

/// The clock of one zone: when it shows what.
///
/// # Design
/// An offset is asked for at the edges of days only. Where both edges agree the day is taken as even; where they
/// do not, the change is searched between them. So a year of days costs 366 questions and 17 more a change.
pub(super) struct Clock<'z> {
    zone: &'z str,
    rules: &'z dyn ZoneRules,
    /// Days since the epoch, in UTC, that are known.
    codes: Pairs,
    days: Vec<Day>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Day {
    /// The offset at its first second.
    first: Option<i32>,
    /// Its change, if it has one.
    change: Option<Option<Change>>,
}

/// The first second at which the clock shows another offset than at the start of the day.
#[derive(Clone, Copy, Debug)]
struct Change {
    at: i64,
    after: i32,
}

/// A time in which the offset does not change, as far as one looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Even {
    pub from: i64,
    pub to: i64,
    pub offset: i32,
}

impl<'z> Clock<'z> {
    pub fn new(zone: &'z str, rules: &'z dyn ZoneRules) -> Self {
        Self { zone, rules, codes: Pairs::default(), days: Vec::new() }
    }

    fn ask(&self, t: i64) -> Result<i32, Error> {
        let offset = self.rules.offset_seconds(self.zone, t)?;
        if offset.abs() > FARTHEST {
            return Err(Error::option("timeZone", format!("{} is {offset} seconds from UTC", self.zone)));
        }
        Ok(offset)
    }

    fn day(&mut self, day: i64) -> &mut Day {
        let next = self.days.len() as u32;
        let code = self.codes.of(day as u64, 0, next);
        if code == next {
            self.days.push(Day::default());
        }
        &mut self.days[code as usize]
    }

    fn sample(&mut self, day: i64) -> Result<i32, Error> {
        if let Some(offset) = self.day(day).first {
            return Ok(offset);
        }
        let offset = self.ask(day * DAY)?;
        self.day(day).first = Some(offset);
        Ok(offset)
    }

    fn change(&mut self, day: i64) -> Result<Option<Change>, Error> {
        if let Some(change) = self.day(day).change {
            return Ok(change);
        }
        let (before, after) = (self.sample(day)?, self.sample(day + 1)?);
        let mut change = None;
        if before != after {
            let (mut low, mut high) = (day * DAY, (day + 1) * DAY);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if self.ask(middle)? == before { low = middle } else { high = middle }
            }
            change = Some(Change { at: high, after });
        }
        self.day(day).change = Some(change);
        Ok(change)
    }

    /// The stretches of one offset from the day of `from` to the day of `to`.
    pub fn stretches(&mut self, from: i64, to: i64) -> Result<Vec<Even>, Error> {
        let (first, last) = (from.div_euclid(DAY), to.div_euclid(DAY));
        let mut open = Even { from: first * DAY, to: (last + 1) * DAY, offset: self.sample(first)? };
        let mut stretches = Vec::with_capacity(1);
        for day in first..=last {
            if let Some(change) = self.change(day)? {
                stretches.push(Even { to: change.at, ..open });
                open = Even { from: change.at, offset: change.after, ..open };
            }
        }
        stretches.push(open);
        Ok(stretches)
    }

    /// What the clock shows at `t`: seconds since the epoch as if it were UTC.
    pub fn local(&mut self, t: i64) -> Result<i64, Error> {
        let day = t.div_euclid(DAY);
        let offset = match self.change(day)? {
            Some(change) if t >= change.at => change.after,
            _ => self.sample(day)?,
        };
        Ok(t + i64::from(offset))
    }

    /// The first instant at which the clock shows `local` or later: a midnight that is left out begins with the
    /// first second after it, one that comes twice with its first coming.
    pub fn first_at(&mut self, local: i64) -> Result<i64, Error> {
        let farthest = i64::from(FARTHEST);
        let stretches = self.stretches(local - farthest, local + farthest)?;
        let reached = stretches.iter().find_map(|even| {
            let at = (local - i64::from(even.offset)).max(even.from);
            (at < even.to).then_some(at)
        });
        reached.map_or_else(|| Ok(local), Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Instant;

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
        assert_eq!(error.code(), crate::ErrorCode::InvalidOption);
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
    fn a_year_of_days_costs_about_a_question_a_day() {
        let counting = Counting(0.into());
        let mut clock = Clock::new("Europe/Zurich", &counting);
        let start = seconds("2024-01-01T00:00:00Z");
        for day in 0..366 {
            clock.first_at(start + day * DAY).unwrap();
        }
        assert!(counting.0.get() < 420, "{}", counting.0.get());
    }
}
