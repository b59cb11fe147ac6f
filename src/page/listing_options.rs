//! The options of a listing and of its pages.

use crate::model::error::Error;
use crate::model::time::Instant;
use crate::options::members::{self, any_of, flag, function, missing, refuse, span, text};
use crate::options::read::{Defined, OptionReader, answered_request};
use crate::options::request::Request;
use crate::options::{READING, ReadOptions};
use crate::output::TextFormat;

/// The output of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// A table of all records, at the end.
    Table,
    /// Text of the records as soon as they are complete; they are not stored.
    Text(TextFormat),
}

/// How to read a listing.
#[derive(Clone, Debug, Default)]
pub struct ListingOptions {
    /// How to read each of its pages.
    pub read: ReadOptions,
    /// Rows that start outside [start, end) are left out. Rows without a time are included.
    pub between: Option<(Instant, Instant)>,
    /// Drops and counts records that were read before on any page, as a table always does. Default false.
    ///
    /// It needs about 50 bytes of memory for each record. For Wasabi and OnApp, whose rows have many records, it needs as much for
    /// each row; there, two rows of one resource and period that share a metric must be identical.
    pub distinct: bool,
}

/// The options of one page of a listing. For an option that is `None`, [`ListingOptions::read`] applies.
#[derive(Clone, Debug, Default)]
pub struct PageContext {
    /// The request that was answered.
    pub request: Option<Request>,
    /// The reply's `Content-Type`.
    pub content_type: Option<String>,
    /// The period of rows that have no time of their own.
    pub period: Option<(Instant, Instant)>,
    /// Like [`ListingOptions::between`], for a listing that is requested in slices. What `distinct` has stored of the slice before is
    /// then dropped.
    pub between: Option<(Instant, Instant)>,
}

/// The options of a page.
const PAGE: &[&str] = &["contentType", "request", "period", "between"];

/// The options of a listing, beside those of reading.
const LISTING: &[&str] = &["to", "between", "distinct", "onIssue"];

/// The options of a stream, beside those of reading.
const STREAM: &[&str] = &["to", "onIssue", "trailer"];

/// The outputs. A stream has all but the first.
const OUTPUTS: [&str; 4] = ["table", "ndjson", "csv", "records"];

impl ListingOptions {
    /// Reads the options of the npm package's `Listing` as JSON: those of [`ReadOptions::from_json`], `between`, `distinct`, and `to`,
    /// the output. Records that are not stored are limited only by a `maxRecords` that is given.
    ///
    /// # Errors
    /// `invalid-option`, naming the option that is unknown, has a wrong value, or is missing.
    pub fn from_json(json: &str) -> Result<(Self, Keep), Error> {
        Self::from_json_with(json, &|_| None)
    }

    /// Reads options as [`ListingOptions::from_json`] does, with the formats that the caller has defined.
    pub(crate) fn from_json_with(json: &str, defined: Defined<'_>) -> Result<(Self, Keep), Error> {
        Self::of_json(json, LISTING, &OUTPUTS, defined)
    }

    /// Checks the options of the npm package's `normalizeStream`, as [`ListingOptions::from_json`] does.
    ///
    /// # Errors
    /// `invalid-option`, naming the option that is unknown, has a wrong value, or is missing.
    pub fn check_stream(json: &str) -> Result<(), Error> {
        Self::check_stream_with(json, &|_| None)
    }

    /// Checks options as [`ListingOptions::check_stream`] does, with the formats that the caller has defined.
    pub(crate) fn check_stream_with(json: &str, defined: Defined<'_>) -> Result<(), Error> {
        Self::of_json(json, STREAM, &OUTPUTS[1..], defined).map(|_| ())
    }

    fn of_json(json: &str, own: &[&str], outputs: &[&str], defined: Defined<'_>) -> Result<(Self, Keep), Error> {
        let mut options = Self::default();
        let mut reader = OptionReader::new(defined);
        let (mut to, mut trailer, mut is_limited) = (None, false, false);
        members::options(json, &[READING, own].concat(), &mut |name, path, value| {
            match name {
                "to" => {
                    let name = outputs.iter().find(|output| Some(**output) == value.as_text());
                    to = Some(*name.ok_or_else(|| refuse(path, &any_of(outputs), value))?);
                }
                "between" => options.between = Some(span(path, value)?),
                "distinct" => options.distinct = flag(path, value)?,
                "onIssue" => function(path, value)?,
                "trailer" => trailer = flag(path, value)?,
                _ => {
                    let has_limit = |(limit, _): &(String, _)| limit == "maxRecords";
                    is_limited |=
                        name == "limits" && value.as_fields().is_some_and(|limits| limits.iter().any(has_limit));
                    return reader.read(name, path, value);
                }
            }
            Ok(true)
        })?;
        options.read = reader.finish()?;
        options.read.of_one_body()?;
        let keep = match to.ok_or_else(|| missing("to", &any_of(outputs)))? {
            "table" => Keep::Table,
            "ndjson" => Keep::Text(TextFormat::Ndjson),
            "csv" => Keep::Text(TextFormat::Csv),
            _ => Keep::Text(TextFormat::Packed),
        };
        if trailer && keep != Keep::Text(TextFormat::Ndjson) {
            return Err(Error::option("trailer", "expected true only where `to` is \"ndjson\", found true"));
        }
        if keep != Keep::Table && !options.distinct && !is_limited {
            options.read.limits.max_records = u64::MAX;
        }
        Ok((options, keep))
    }
}

impl PageContext {
    /// Reads the options of a page in the names of the public contract, as JSON. An empty text has none.
    ///
    /// # Errors
    /// `invalid-option`, naming the option that is unknown or has a wrong value.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let mut page = Self::default();
        members::options(json, PAGE, &mut |name, path, value| {
            match name {
                "contentType" => page.content_type = Some(text(path, value)?.to_owned()),
                "request" => page.request = Some(answered_request(path, value)?),
                "period" => page.period = Some(span(path, value)?),
                "between" => page.between = Some(span(path, value)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_is_not_known_or_of_the_wrong_type_is_named() {
        for (json, name) in [
            ("{}", "to"),
            (r#"{"to":"xml"}"#, "to"),
            (r#"{"to":"csv","between":{"start":"2024-01-01T00:00:00Z"}}"#, "between.end"),
            (r#"{"to":"csv","distinct":1}"#, "distinct"),
            (r#"{"to":"csv","onIssue":"log"}"#, "onIssue"),
            (r#"{"to":"csv","trailer":true}"#, "trailer"),
            (r#"{"to":"csv","request":["/a"]}"#, "request"),
            (r#"{"to":"csv","limits":{"maxDepth":513}}"#, "limits.maxDepth"),
        ] {
            let error = ListingOptions::from_json(json).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`")), "{json}: {error}");
        }
        for (json, name) in [
            (r#"{"to":"table"}"#, "to"),
            (r#"{"to":"csv","distinct":true}"#, "distinct"),
            (r#"{"to":"csv","trailer":true}"#, "trailer"),
        ] {
            let error = ListingOptions::check_stream(json).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`")), "{json}: {error}");
        }
        ListingOptions::check_stream(r#"{"to":"ndjson","trailer":true,"onIssue":{"not JSON":"a function"}}"#).unwrap();
        for (json, name) in [(r#"{"to":"csv"}"#, "to"), (r#"{"request":["/a"]}"#, "request")] {
            let error = PageContext::from_json(json).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`")), "{json}: {error}");
        }
    }

    #[test]
    fn records_that_are_not_stored_are_limited_only_where_it_is_asked_for() {
        let most = |json: &str| ListingOptions::from_json(json).unwrap().0.read.limits.max_records;
        let default = ReadOptions::default().limits.max_records;
        assert_eq!(most(r#"{"to":"csv"}"#), u64::MAX);
        assert_eq!(most(r#"{"to":"csv","limits":{"maxDepth":9}}"#), u64::MAX);
        assert_eq!(most(r#"{"limits":{"maxRecords":5},"to":"csv"}"#), 5);
        assert_eq!(most(r#"{"to":"csv","distinct":true}"#), default);
        assert_eq!(most(r#"{"to":"table"}"#), default);
    }
}
