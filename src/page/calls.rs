//! The public calls that read whole bodies: `detect`, `parse`, `normalize`, `next_request`.

use std::sync::Arc;

use crate::model::error::{Error, ErrorCode, Issue};
use crate::model::provider::Detection;
use crate::model::record::PageInfo;
use crate::options::ReadOptions;
use crate::page::next::ProviderRequest;
use crate::page::reader::{PageReader, Purpose};
use crate::page::table_reader::TableReader;
use crate::read::Value;
use crate::table::{TableBuilder, UsageTable};

/// A reply with the provider's own fields.
#[derive(Clone, Debug)]
pub struct ParsedDocument {
    /// The provider, format and encoding of the reply.
    pub detection: Detection,
    /// The provider's rows, each an object with every field as it was sent. A row of deviceWISE is one command.
    pub rows: Vec<Value>,
    /// The position of the page in its listing.
    pub page: Option<PageInfo>,
    /// Every fault that was found (`onError: "collect"`).
    pub issues: Vec<Issue>,
}

/// Reads a reply with the provider's own fields. No field is dropped, and numbers stay exact.
///
/// # Errors
/// The first fault, or with `onError: "collect"` only a fault that prevents the detection of the format.
pub fn parse(body: &[u8], options: &ReadOptions) -> Result<ParsedDocument, Error> {
    let mut reading = TableReader::new(Purpose::Parse, TableBuilder::new(options.limits.max_records, false));
    let detection = reading.whole(body, &Arc::new(options.clone()))?;
    match detection {
        Some(detection) => {
            Ok(ParsedDocument { detection, rows: reading.rows, page: reading.listing.page, issues: reading.issues })
        }
        None => Err(reading.issues.into_iter().next().map_or_else(
            || {
                Error::new(
                    ErrorCode::UnknownFormat,
                    "expected a list with rows, found an empty one, which does not show its format: pass `provider` and `request`",
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
/// The first fault; with `onError: "collect"` none, because faults are issues of the table. `invalid-option` if
/// the numbers of [`ReadOptions::requests`] and bodies differ.
pub fn normalize<B: AsRef<[u8]>>(bodies: &[B], options: &ReadOptions) -> Result<UsageTable, Error> {
    let mut reading = TableReader::new(Purpose::Records, TableBuilder::new(options.limits.max_records, true));
    for (body, options) in bodies.iter().zip(options.of_each(bodies.len())?) {
        reading.whole(body.as_ref(), &options)?;
    }
    Ok(reading.into_table())
}

/// The request that follows `body`, the reply to `options.request`. `None` at the end of the listing.
///
/// It has the origin of that request: of a link in the reply, only the page is used.
///
/// # Errors
/// `invalid-option` if `request` is missing or not absolute, and every fault of the body.
pub fn next_request(body: &[u8], options: &ReadOptions) -> Result<Option<ProviderRequest>, Error> {
    options.of_one_body()?;
    let request = options
        .request
        .as_ref()
        .ok_or_else(|| Error::option("request", "expected the request that was answered, found none"))?;
    if !request.is_absolute() {
        return Err(Error::option("request", "expected an absolute http or https URL"));
    }
    let mut reading = TableReader::new(Purpose::Records, TableBuilder::new(options.limits.max_records, false));
    reading.whole(body, &Arc::new(options.clone()))?;
    Ok(reading.next_request())
}

/// The number of bytes that [`detect`] reads: the first, and if they are not enough, the second.
pub(crate) const DETECTION_BYTES: [usize; 2] = [64 << 10, 256 << 10];

/// Detects the provider and format of a body from its beginning. `None` for any other body, also for error replies.
///
/// Reads at most the first 256 KiB. For a body that does not show its format by then (for example because its first row is
/// that long) the result is `None` too; other calls may still read it.
pub fn detect(body: &[u8], options: &ReadOptions) -> Option<Detection> {
    detect_in(options, |most| (&body[..body.len().min(most)], body.len() <= most))
}

/// The same for a body whose beginning is given by `beginning`: a function that returns at most so many bytes, and whether they are the whole body.
pub(crate) fn detect_in<B: AsRef<[u8]>>(
    options: &ReadOptions,
    beginning: impl Fn(usize) -> (B, bool),
) -> Option<Detection> {
    let options = Arc::new(options.clone());
    for most in DETECTION_BYTES {
        let (bytes, is_whole) = beginning(most);
        let mut reader = PageReader::new(Arc::clone(&options), Purpose::Records, 0);
        if reader.detect(bytes.as_ref(), is_whole).ok()? || is_whole {
            return reader.detection();
        }
    }
    None
}
