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
/// The first fault; with `onError: "collect"` none: faults are issues of the table. `invalid-option` where
/// [`ReadOptions::requests`] are not as many as the bodies.
pub fn normalize<B: AsRef<[u8]>>(bodies: &[B], options: &ReadOptions) -> Result<UsageTable, Error> {
    let mut reading = TableReader::new(Purpose::Records, TableBuilder::new(options.limits.max_records, true));
    for (body, options) in bodies.iter().zip(options.of_each(bodies.len())?) {
        reading.whole(body.as_ref(), &options)?;
    }
    Ok(reading.into_table())
}

/// The request that follows `body`, the reply to `options.request`; `None` at the end.
///
/// It never leaves the origin of that request: of a link in the reply only the page is taken.
///
/// # Errors
/// `invalid-option` where `request` is missing or not absolute, and every fault of the body.
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

/// Bytes of a body that [`detect`] looks at: first few, and more where these do not settle it.
pub(crate) const DETECTION_BYTES: [usize; 2] = [64 << 10, 256 << 10];

/// What a body is, from its beginning alone. `None` for what is none of the formats, error replies among them.
///
/// At most the first 256 KiB are looked at. A body that does not show by then what it is (because of a first row as long as
/// that, say) is `None` too, and may be read all the same.
pub fn detect(body: &[u8], options: &ReadOptions) -> Option<Detection> {
    detect_in(options, |most| (&body[..body.len().min(most)], body.len() <= most))
}

/// The same for a body of which `beginning` gives at most so many bytes, and whether these are all.
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
