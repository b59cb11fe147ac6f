//! The period of a request, for rows without their own time (docs/design.md#context).

use crate::model::error::{ErrorCode, Fault};
use crate::model::time::{Instant, Stamp, parse_without_offset};

/// A time in a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AskedTime {
    /// UTC if no offset is written.
    pub instant: Instant,
    /// A date without a time: its midnight.
    pub is_date: bool,
    pub has_offset: bool,
}

impl AskedTime {
    /// Reads the parameter `name`: a date, or a date and a time of day to the minute or finer, with or without an offset.
    /// Date and time are separated by `T`, a space, or a plus that was encoded.
    pub fn read(name: &str, text: &str) -> Result<Self, Fault> {
        Self::parse(text.trim()).ok_or_else(|| {
            let found = crate::model::error::shortened(text);
            not_readable(format!(
                "expected `{name}` as YYYY-MM-DD, YYYY-MM-DD HH:MM or YYYY-MM-DD HH:MM:SS, found {found:?}"
            ))
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let Some(rest) = rest.strip_prefix(['T', 't', ' ', '+']) else {
            let instant = parse_without_offset(date).ok().filter(|_| rest.is_empty())?;
            return Some(Self { instant, is_date: true, has_offset: false });
        };
        let (minutes, rest) = rest.trim_start().split_at_checked(5)?;
        let seconds = if rest.starts_with(':') { "" } else { ":00" };
        // A plus of an offset that was not percent-encoded has been decoded as a space.
        let time = format!("{date}T{minutes}{seconds}{}", rest.replace(' ', "+"));
        Some(match parse_without_offset(&time) {
            Ok(instant) => Self { instant, is_date: false, has_offset: false },
            Err(_) => Self { instant: Stamp::parse(&time).ok()?.instant, is_date: false, has_offset: true },
        })
    }

    /// Reads a time that is written without an offset, to the minute or finer.
    pub fn parse_local(text: &str) -> Option<Instant> {
        Self::parse(text).filter(|time| !time.has_offset).map(|time| time.instant)
    }

    /// The end of its day, where it is a date.
    pub fn a_day_later(self) -> Option<Self> {
        Some(Self { instant: self.instant.plus_seconds(86_400)?, ..self })
    }
}

#[cold]
pub(crate) fn not_readable(found: String) -> Fault {
    let message = format!("the period of the request: {found}; correct `request`, or pass `period`");
    Fault::new(ErrorCode::InvalidTimestamp, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, bool, bool)> {
        AskedTime::parse(text).map(|time| (time.instant.to_string(), time.is_date, time.has_offset))
    }

    #[test]
    fn a_time_is_read_to_the_minute_or_finer_whatever_stands_between_date_and_time() {
        let time = |text: &str| Some((text.to_owned(), false, false));
        for between in ["T", "t", " ", "+", "  "] {
            assert_eq!(read(&format!("2024-02-01{between}00:30")), time("2024-02-01T00:30:00Z"));
            assert_eq!(read(&format!("2024-02-01{between}00:30:15")), time("2024-02-01T00:30:15Z"));
        }
        assert_eq!(read("2024-02-01"), Some(("2024-02-01T00:00:00Z".to_owned(), true, false)));
        for with_offset in
            ["2024-02-01T02:30:00+02:00", "2024-02-01 02:30:00 02:00", "2024-02-01T02:30+02:00", "2024-02-01T00:30Z"]
        {
            assert_eq!(read(with_offset), Some(("2024-02-01T00:30:00Z".to_owned(), false, true)), "{with_offset}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in [
            "",
            "2024",
            "2024-02-30",
            "2024-02-01 24:00",
            "2024-02-01T",
            "2024-02-01 0:30",
            "01/02/2024",
            "yesterday at noon",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
