//! Instants, written offsets, and the calendar steps of the providers.

use std::fmt;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime};

/// A point in time: whole seconds since 1970-01-01T00:00:00Z and the nanoseconds beyond them.
///
/// Its text form is RFC 3339 in UTC, with a fraction only where it is not zero. Years 0000 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant {
    /// Whole seconds since the epoch, rounded down.
    pub seconds: i64,
    /// 0 to 999,999,999.
    pub nanos: u32,
}

const YEAR_0000: i64 = -62_167_219_200;
const YEAR_10000: i64 = 253_402_300_800;

/// Why a text is not a time. The message says what was expected.
pub type TimeError = &'static str;

impl Instant {
    /// The instant of a whole second; `None` outside the years 0000 to 9999.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        (YEAR_0000..YEAR_10000).contains(&seconds).then_some(Self { seconds, nanos: 0 })
    }

    /// This instant and so many seconds; `None` outside the years 0000 to 9999.
    pub fn plus_seconds(self, seconds: i64) -> Option<Self> {
        let mut sum = Self::from_seconds(self.seconds.checked_add(seconds)?)?;
        sum.nanos = self.nanos;
        Some(sum)
    }

    /// This instant and so many nanoseconds; `None` outside the years 0000 to 9999.
    pub fn plus_nanos(self, nanos: i128) -> Option<Self> {
        let total = i128::from(self.nanos) + nanos;
        let seconds = i64::try_from(total.div_euclid(1_000_000_000)).ok()?;
        let mut sum = Self::from_seconds(self.seconds.checked_add(seconds)?)?;
        sum.nanos = total.rem_euclid(1_000_000_000) as u32;
        Some(sum)
    }

    /// Reads an RFC 3339 time, e.g. `2011-01-01T00:00:00-05:00`. The offset is applied and not stored.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        Stamp::parse(text).map(|stamp| stamp.instant)
    }

    /// Reads a time in the common form, `YYYY-MM-DDTHH:MM:SSZ`. `None` means another form or an invalid time.
    #[inline]
    pub(crate) fn plain(text: &[u8]) -> Option<Self> {
        let seconds = plain_utc(text.try_into().ok()?)?;
        Some(Self { seconds, nanos: 0 })
    }

    /// Milliseconds since the epoch, as `columns()` gives them.
    #[expect(clippy::float_arithmetic, reason = "a time is not a quantity; the engine never reads it back")]
    pub fn epoch_millis(self) -> f64 {
        self.seconds as f64 * 1e3 + f64::from(self.nanos) / 1e6
    }

    pub(crate) fn local(self, offset_seconds: i32) -> NaiveDateTime {
        DateTime::from_timestamp(self.seconds + i64::from(offset_seconds), self.nanos).unwrap_or_default().naive_utc()
    }

    pub(crate) fn from_local(local: NaiveDateTime, offset_seconds: i32) -> Option<Self> {
        let utc = local.and_utc();
        let mut instant = Self::from_seconds(utc.timestamp() - i64::from(offset_seconds))?;
        instant.nanos = utc.timestamp_subsec_nanos();
        Some(instant)
    }
}

impl Instant {
    /// Appends the text form.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        if (YEAR_0000..YEAR_10000).contains(&self.seconds) {
            let (year, month, day) = civil_of(self.seconds.div_euclid(86_400));
            let [[y1, y2], [y3, y4]] = [year / 100, year % 100].map(two_digits);
            let [[m1, m2], [d1, d2]] = [month, day].map(two_digits);
            out.extend_from_slice(&[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2]);
        } else {
            // Only the edge of a window can be outside these years.
            let date = self.local(0).date();
            out.extend_from_slice(format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day()).as_bytes());
        }
        let in_day = self.seconds.rem_euclid(86_400) as u32;
        let [[h1, h2], [m1, m2], [s1, s2]] = [in_day / 3600, in_day / 60 % 60, in_day % 60].map(two_digits);
        out.extend_from_slice(&[b'T', h1, h2, b':', m1, m2, b':', s1, s2]);
        if self.nanos != 0 {
            let digits = format!("{:09}", self.nanos);
            out.push(b'.');
            out.extend_from_slice(digits.trim_end_matches('0').as_bytes());
        }
        out.push(b'Z');
    }
}

fn two_digits(number: u32) -> [u8; 2] {
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}

/// Year, month and day of a day number since 1970-01-01, for the years 0000 to 9999.
///
/// Days are counted from the 1st of March, in cycles of 400 years, so that the leap day comes last. This is done by hand because every output
/// writes times, and a calendar library takes three times as long.
fn civil_of(day: i64) -> (u32, u32, u32) {
    const MARCH_BEFORE_YEAR_0: i64 = -719_468 - 146_097;
    let day = (day - MARCH_BEFORE_YEAR_0) as u32;
    let (cycle, of_cycle) = (day / 146_097, day % 146_097);
    let year = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5;
    let year = cycle * 400 + year;
    if month < 10 { (year - 400, month + 3, of_month + 1) } else { (year - 399, month - 9, of_month + 1) }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(32);
        self.write(&mut text);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// A time as it was written: the instant and its offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// The point in time.
    pub instant: Instant,
    /// The offset as written: `Z`, `-05:00`.
    pub offset: &'a str,
    /// The same offset in seconds east of UTC.
    pub offset_seconds: i32,
}

impl<'a> Stamp<'a> {
    /// Reads an RFC 3339 time. A leap second `:60` is the next minute's first second.
    ///
    /// # Errors
    /// A sentence that says what was expected, if the text is not an RFC 3339 time, has more than nine significant
    /// fraction digits, or is outside the years 0000 to 9999.
    pub fn parse(text: &'a str) -> Result<Self, TimeError> {
        const EXPECTED: TimeError = "expected an RFC 3339 time such as 2024-01-20T08:00:00-05:00";
        if let Some(instant) = Instant::plain(text.as_bytes()) {
            return Ok(Self { instant, offset: &text[19..], offset_seconds: 0 });
        }
        if let Some(stamp) = Self::plain(text) {
            return Ok(stamp);
        }
        let (date, time, rest) = civil(text).ok_or(EXPECTED)?;
        let (nanos, offset) = fraction(rest)?;
        let offset_seconds = offset_seconds(offset).ok_or(EXPECTED)?;
        let (time, leap) = match time {
            (h, m, 60) => ((h, m, 59), 1),
            other => (other, 0),
        };
        let local = date.and_time(NaiveTime::from_hms_opt(time.0, time.1, time.2).ok_or(EXPECTED)?);
        let seconds = local.and_utc().timestamp() + leap - i64::from(offset_seconds);
        let mut instant = Instant::from_seconds(seconds).ok_or("the year is outside 0000 to 9999")?;
        instant.nanos = nanos;
        Ok(Self { instant, offset, offset_seconds })
    }
}

impl<'a> Stamp<'a> {
    /// Reads a time in the form `YYYY-MM-DDTHH:MM:SS+hh:mm`. `None` means another form or an invalid time.
    fn plain(text: &'a str) -> Option<Self> {
        let (local, offset) = text.split_at_checked(19)?;
        let mut utc = [b'Z'; 20];
        utc[..19].copy_from_slice(local.as_bytes());
        let offset_seconds = offset_seconds(offset)?;
        let instant = Instant::from_seconds(plain_utc(&utc)? - i64::from(offset_seconds))?;
        Some(Self { instant, offset, offset_seconds })
    }
}

/// The form of eight bytes: digits where it has '0', and the same bytes elsewhere.
struct Form {
    bytes: u64,
    /// Added to a byte that is greater than the form allows, this sets the byte's highest bit.
    room: u64,
}

impl Form {
    const fn new(form: &[u8; 8]) -> Self {
        let (mut room, mut at) = ([0x7F; 8], 0);
        while at < form.len() {
            if form[at] == b'0' {
                room[at] = 0x76;
            }
            at += 1;
        }
        Self { bytes: u64::from_le_bytes(*form), room: u64::from_le_bytes(room) }
    }

    /// The eight bytes minus '0' each, if they have this form.
    #[inline]
    fn of(&self, text: &[u8; 20], from: usize) -> Option<[u8; 8]> {
        let digits = u64::from_le_bytes(*text[from..].first_chunk()?) ^ self.bytes;
        let beyond = (digits.wrapping_add(self.room) | digits) & 0x8080_8080_8080_8080;
        (beyond == 0).then_some(digits.to_le_bytes())
    }
}

/// Seconds since the epoch of `YYYY-MM-DDTHH:MM:SSZ`, the form of nearly all times. `None` for another form, an invalid
/// time, or a rare case such as a leap second.
fn plain_utc(text: &[u8; 20]) -> Option<i64> {
    const DATE: Form = Form::new(b"0000-00-");
    const HOUR: Form = Form::new(b"00T00:00");
    const SECOND: Form = Form::new(b"0:00:00Z");
    let (a, b, c) = (DATE.of(text, 0)?, HOUR.of(text, 8)?, SECOND.of(text, 12)?);
    let pair = |tens: u8, ones: u8| i64::from(tens) * 10 + i64::from(ones);
    let (year, month) = (pair(a[0], a[1]) * 100 + pair(a[2], a[3]), pair(a[5], a[6]));
    let (day, hour, minute, second) = (pair(b[0], b[1]), pair(b[3], b[4]), pair(b[6], b[7]), pair(c[5], c[6]));
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last_day = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last_day).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Years from March on: the leap day is then the last day, and the lengths of the months repeat every five months (153 days).
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day
            - DAYS_BEFORE_EPOCH;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

/// Days from 0000-02-29 to 1970-01-01.
const DAYS_BEFORE_EPOCH: i64 = 719_469;

/// A time written without an offset, read as UTC: a date (`2014-11-17`), or a date and a time
/// (`2010-11-10T03:07:43`, `2012-03-15 06:58:16`).
pub fn parse_without_offset(text: &str) -> Result<Instant, TimeError> {
    const EXPECTED: TimeError = "expected a date such as 2014-11-17, or a date and a time";
    if let Some(date) = civil_date(text).filter(|_| text.len() == 10) {
        return Instant::from_seconds(date.and_time(NaiveTime::MIN).and_utc().timestamp()).ok_or(EXPECTED);
    }
    let (date, (h, m, s), rest) = civil(text).ok_or(EXPECTED)?;
    let (nanos, tail) = fraction(rest)?;
    if !tail.is_empty() {
        return Err(EXPECTED);
    }
    let time = NaiveTime::from_hms_opt(h, m, s).ok_or(EXPECTED)?;
    let mut instant = Instant::from_seconds(date.and_time(time).and_utc().timestamp()).ok_or(EXPECTED)?;
    instant.nanos = nanos;
    Ok(instant)
}

/// The offset of a written zone in seconds east of UTC: `Z`, `z`, `+hh:mm`, `-hh:mm`.
pub fn offset_seconds(text: &str) -> Option<i32> {
    let b = text.as_bytes();
    match b {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hours = two(*h1, *h2).filter(|h| *h < 24)?;
            let minutes = two(*m1, *m2).filter(|m| *m < 60)?;
            let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
            Some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn two(a: u8, b: u8) -> Option<u32> {
    (a.is_ascii_digit() && b.is_ascii_digit()).then(|| u32::from(a - b'0') * 10 + u32::from(b - b'0'))
}

fn civil_date(text: &str) -> Option<NaiveDate> {
    let b = text.as_bytes().get(..10)?;
    if b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    let year = two(b[0], b[1])? * 100 + two(b[2], b[3])?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, two(b[5], b[6])?, two(b[8], b[9])?)
}

/// Date and time of day of `YYYY-MM-DD?HH:MM:SS`, and what follows them.
fn civil(text: &str) -> Option<(NaiveDate, (u32, u32, u32), &str)> {
    let date = civil_date(text)?;
    let b = text.as_bytes().get(10..19)?;
    if !matches!(b[0], b'T' | b't' | b' ') || b[3] != b':' || b[6] != b':' {
        return None;
    }
    let time = (two(b[1], b[2])?, two(b[4], b[5])?, two(b[7], b[8])?);
    Some((date, time, text.get(19..)?))
}

/// Nanoseconds of an optional `.digits`, and what follows.
fn fraction(text: &str) -> Result<(u32, &str), TimeError> {
    let Some(after) = text.strip_prefix('.') else {
        return Ok((0, text));
    };
    let count = after.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = after.split_at(count);
    if digits.is_empty() {
        return Err("expected digits after the decimal point of the seconds");
    }
    let (kept, beyond) = digits.split_at(count.min(9));
    if beyond.bytes().any(|d| d != b'0') {
        return Err("expected a time of nanoseconds at the finest");
    }
    let scale = 10u32.pow(9 - u32::try_from(kept.len()).unwrap_or(9));
    Ok((kept.parse::<u32>().unwrap_or(0) * scale, rest))
}

/// The length of a record's period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A number of nanoseconds.
    Nanos(i128),
    /// A number of days of the written offset.
    Days(i64),
    /// To the same day of a later month, or to the end of that month if it has no such day.
    Months(u32),
}

impl Step {
    /// The end of a step that starts at `start`, in the calendar of a fixed offset.
    pub fn end_after(self, start: Instant, offset_seconds: i32) -> Option<Instant> {
        match self {
            Self::Nanos(n) => start.plus_nanos(n),
            Self::Days(n) => start.plus_seconds(n.checked_mul(86_400)?),
            Self::Months(n) => {
                let local = start.local(offset_seconds).checked_add_months(Months::new(n))?;
                Instant::from_local(local, offset_seconds)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> String {
        Instant::parse(text).unwrap().to_string()
    }

    /// Why RFC 3339 is parsed here and not by chrono (Cargo.toml).
    #[test]
    fn chrono_drops_digits_beyond_the_nanosecond_and_this_module_refuses_them() {
        let text = "2024-01-20T08:00:00.1234567891Z";
        let read = DateTime::parse_from_rfc3339(text).unwrap();
        assert_eq!(read.timestamp_subsec_nanos(), 123_456_789);
        assert!(Instant::parse(text).is_err());
    }

    #[test]
    fn a_time_leaves_in_utc_with_a_fraction_only_where_it_is_not_zero() {
        assert_eq!(utc("2011-01-01T00:00:00-05:00"), "2011-01-01T05:00:00Z");
        assert_eq!(utc("2014-03-27T00:00:00.000-00:00"), "2014-03-27T00:00:00Z");
        assert_eq!(utc("2024-01-20t08:00:00.340z"), "2024-01-20T08:00:00.34Z");
        assert_eq!(utc("2024-01-20 08:00:00.000000001Z"), "2024-01-20T08:00:00.000000001Z");
        assert_eq!(utc("1969-12-31T23:59:59.5Z"), "1969-12-31T23:59:59.5Z");
    }

    #[test]
    fn a_plain_time_is_the_instant_that_the_calendar_says() {
        let first = NaiveDate::from_ymd_opt(0, 1, 1).unwrap();
        let is_checked = |date: &NaiveDate| matches!(date.year(), 0..=401 | 1899..=2101);
        for (days, date) in
            first.iter_days().take_while(|date| date.year() < 2200).enumerate().filter(|(_, d)| is_checked(d))
        {
            let in_day = (days as u32).wrapping_mul(40_503) % 86_400;
            let time = date.and_time(NaiveTime::from_num_seconds_from_midnight_opt(in_day, 0).unwrap());
            let seconds = time.and_utc().timestamp();
            let text = Instant::from_seconds(seconds).unwrap().to_string();
            assert_eq!(plain_utc(text.as_bytes().try_into().unwrap()), Some(seconds), "{text}");
        }
    }

    #[test]
    fn a_time_that_is_not_plain_takes_the_general_path() {
        for text in [
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2024-02-30T00:00:00Z",
            "2024-04-31T00:00:00Z",
            "2024-00-01T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-01-00T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:60:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01t00:00:00Z",
            "2024-01-01T00:00:00z",
            "2024-01-01T00:00:0:Z",
            "2024/01/01T00:00:00Z",
            "2024-01-01T00:00:00.",
            "/024-01-01T00:00:00Z",
        ] {
            assert_eq!(plain_utc(text.as_bytes().try_into().unwrap()), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_the_calendar_is_written_as_the_calendar_has_it() {
        for day in YEAR_0000 / 86_400..YEAR_10000 / 86_400 {
            let date = Instant { seconds: day * 86_400, nanos: 0 }.local(0).date();
            let expected = (date.year().unsigned_abs(), date.month(), date.day());
            assert_eq!(civil_of(day), expected);
        }
        let beyond = |seconds| Instant { seconds, nanos: 0 }.to_string();
        assert_eq!(beyond(YEAR_0000 - 1), "-001-12-31T23:59:59Z");
        assert_eq!(beyond(YEAR_10000), "10000-01-01T00:00:00Z");
    }

    #[test]
    fn a_leap_second_is_the_next_minutes_first_second() {
        assert_eq!(utc("1990-12-31T23:59:60Z"), "1991-01-01T00:00:00Z");
        assert_eq!(utc("1990-12-31T15:59:60-08:00"), "1991-01-01T00:00:00Z");
    }

    #[test]
    fn what_is_no_rfc_3339_time_is_refused() {
        for text in [
            "",
            "2024",
            "2024-01-20",
            "2024-01-20T08:00:00",
            "2024-02-30T00:00:00Z",
            "2024-01-20T24:00:00Z",
            "2024-01-20T08:00:00.Z",
            "2024-01-20T08:00:00+0500",
            "2024-01-20T08:00:00Zx",
            "20240120T080000Z",
            "2024-01-20T08:00:00.0000000001Z",
            "0000-01-01T00:00:00+01:00",
            "２０２４-01-20T08:00:00Z",
        ] {
            assert!(Instant::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_month_ends_on_the_same_day_of_the_next_clamped_to_its_end() {
        let start = Instant::parse("2024-01-31T00:00:00-05:00").unwrap();
        let end = Step::Months(1).end_after(start, -5 * 3600).unwrap();
        assert_eq!(end.to_string(), "2024-02-29T05:00:00Z");
    }

    #[test]
    fn a_date_without_an_offset_is_read_as_utc() {
        for (text, expected) in [
            ("2014-11-17", "2014-11-17T00:00:00Z"),
            ("2010-11-10T03:07:43", "2010-11-10T03:07:43Z"),
            ("2012-03-15 06:58:16", "2012-03-15T06:58:16Z"),
        ] {
            assert_eq!(parse_without_offset(text).unwrap().to_string(), expected);
        }
        assert!(parse_without_offset("2014-11-17T").is_err());
    }
}
