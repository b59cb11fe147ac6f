//! The public calls that read whole bodies: `detect`, `parse`, `normalize`.

use std::sync::Arc;

use crate::model::error::{Error, ErrorCode, Issue};
use crate::model::provider::Detection;
use crate::model::record::PageInfo;
use crate::options::ReadOptions;
use crate::page::reader::Purpose;
use crate::page::reading::Reading;
use crate::read::Value;
use crate::table::{TableBuilder, UsageTable};

pub use crate::page::reader::detect;

/// A reply in the provider's own fields.
#[derive(Clone, Debug)]
pub struct ParsedDocument {
    /// What it was recognised as.
    pub detection: Detection,
    /// The provider's rows, every field as it was sent: each an object. Of deviceWISE a row is one command.
    pub rows: Vec<Value>,
    /// Where it stands in its listing.
    pub page: Option<PageInfo>,
    /// Every fault that was met (`onError: "collect"`).
    pub issues: Vec<Issue>,
}

/// Reads a reply in the provider's own fields: none is dropped, numbers stay exact.
///
/// # Errors
/// The first fault, or with `onError: "collect"` only one that prevents the detection of the format.
pub fn parse(body: &[u8], options: &ReadOptions) -> Result<ParsedDocument, Error> {
    let mut reading = Reading::new(Purpose::Parse, TableBuilder::new(options.limits.max_records, false));
    let detection = reading.whole(body, &Arc::new(options.clone()))?;
    match detection {
        Some(detection) => {
            Ok(ParsedDocument { detection, rows: reading.rows, page: reading.listing.page, issues: reading.issues })
        }
        None => Err(reading.issues.into_iter().next().map_or_else(
            || {
                Error::new(
                    ErrorCode::UnknownFormat,
                    "an empty list does not tell whose it is: name the provider and the request",
                )
            },
            |issue| Error::from_issue(issue, options.provider),
        )),
    }
}

/// Reads one body, or the pages of one listing in order, into one table.
///
/// ```
/// let body = br#"[{"AcctNum":7363,"BucketNum":18232,"Bucket":"jk","Region":"us-east-1",
///   "StartTime":"2019-12-25T00:00:00Z","EndTime":"2019-12-26T00:00:00Z","NumAPICalls":78}]"#;
/// let table = meterglot::normalize(&[body], &meterglot::ReadOptions::default())?;
/// let record = &table.records(0, 1)[0];
/// assert_eq!((record.metric.as_str(), record.quantity.as_deref()), ("api.calls", Some("78")));
/// # Ok::<(), meterglot::Error>(())
/// ```
///
/// # Errors
/// The first fault; with `onError: "collect"` none: faults are issues of the table. `invalid-option` where
/// [`ReadOptions::requests`] are not as many as the bodies.
pub fn normalize<B: AsRef<[u8]>>(bodies: &[B], options: &ReadOptions) -> Result<UsageTable, Error> {
    let mut reading = Reading::new(Purpose::Records, TableBuilder::new(options.limits.max_records, true));
    for (body, options) in bodies.iter().zip(options.of_each(bodies.len())?) {
        reading.whole(body.as_ref(), &options)?;
    }
    Ok(reading.into_table())
}
