//! Why a body is read as it is: a second, slow pass for the author of a descriptor.

use std::sync::Arc;

use serde::Serialize;

use crate::descriptor::FormatDescriptor;
use crate::format::described::{self, Explained};
use crate::format::{Candidates, Head};
use crate::model::error::{Error, Issue};
use crate::model::provider::Detection;
use crate::model::record::{PageInfo, UsageRecord};
use crate::options::{OnError, ReadOptions};
use crate::page::reader::Purpose;
use crate::page::table_reader::TableReader;
use crate::read::{Halt, Input, Item, JsonParser, Opening, ParserLimits, Path, Plan, Visitor, XmlParser};
use crate::table::TableBuilder;

/// Records that are returned, at most.
const MOST_RECORDS: usize = 20;

/// Why a body is read as it is.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// `None`: the body is of no known format.
    pub detection: Option<Detection>,
    /// Every test of `detect` and `errors` of the formats that were tried. Empty where the body is no JSON or XML.
    pub tests: Vec<ExplainedTest>,
    /// The rows of each rule, in their order, then those that no rule fits.
    pub rows: Vec<ExplainedRows>,
    /// Fields that nothing reads, at most 1,000.
    pub unread: Vec<UnreadField>,
    /// Parts of the descriptor that found nothing: pointers of metrics, sources and rules of periods.
    pub unused: Vec<String>,
    /// The first records, at most 20.
    pub records: Vec<UsageRecord>,
    /// The position of the page in its listing.
    pub page: Option<PageInfo>,
    /// Every fault.
    pub issues: Vec<Issue>,
}

/// A test of a descriptor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedTest {
    /// The format of the descriptor.
    pub format: String,
    /// JSON Pointer of the test in the descriptor.
    pub pointer: String,
    /// Whether the body passes it.
    pub holds: bool,
    /// The paths and texts that it lacks.
    pub missing: Vec<String>,
}

/// The rows that a rule reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedRows {
    /// JSON Pointer of the rule in the descriptor; `None`: no rule fits these rows.
    pub pointer: Option<String>,
    /// The rows.
    pub count: u64,
    /// Those of them that have a fault.
    pub faulty: u64,
}

/// A field that nothing reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnreadField {
    /// Its path from the row; from the root, with `/` at its beginning, where it is in no row.
    pub field: String,
    /// The rows that it is in.
    pub rows: u64,
    /// Where it stands first in the body.
    pub pointer: String,
}

/// Says why a body is read as it is. Reads it whole and twice; faults are collected, whatever `on_error` is.
///
/// # Errors
/// `invalid-option`; faults of the body are issues.
pub fn explain(body: &[u8], options: &ReadOptions) -> Result<Explanation, Error> {
    options.of_one_body()?;
    let options = ReadOptions { on_error: OnError::Collect, ..options.clone() };
    let mut reading = TableReader::new(Purpose::Records, TableBuilder::new(options.limits.max_records, true));
    let detection = reading.whole(body, &Arc::new(options.clone()))?;
    let table = reading.into_table();
    let mut explanation = Explanation {
        detection,
        tests: Vec::new(),
        rows: Vec::new(),
        unread: Vec::new(),
        unused: Vec::new(),
        records: table.records(0, MOST_RECORDS.min(table.len())),
        page: table.page().cloned(),
        issues: table.issues().to_vec(),
    };
    if body.len() as u64 <= options.limits.max_bytes {
        take_whole(body, options.limits.max_depth, &mut |path, item| explanation.add(path, item, &options));
    }
    Ok(explanation)
}

impl Explanation {
    /// Adds what the second pass finds.
    fn add(&mut self, path: &Path, item: &Item<'_>, options: &ReadOptions) {
        let candidates = Candidates::new(options);
        let head = Head::of_value(path, item.root());
        self.tests = candidates
            .explain(&head)
            .map(|(format, node, holds, missing)| ExplainedTest {
                format: format.format().to_owned(),
                pointer: format.pointer(node),
                holds,
                missing,
            })
            .collect();
        let Some(detection) = self.detection else { return };
        let mut described = options.format.iter().chain(&options.formats);
        let own = described.find(|format| format.name() == detection.format).cloned();
        let Some(descriptor) = own.or_else(|| FormatDescriptor::built_in(detection.format.as_str())) else { return };
        let faults = self.issues.iter().filter_map(|issue| issue.pointer.as_deref());
        let Explained { rows, unread, unused } = described::explain(&descriptor, item.root(), options, faults);
        let of_rule = |(node, count, faulty): (Option<_>, u64, u64)| ExplainedRows {
            pointer: node.map(|node| descriptor.pointer(node)),
            count,
            faulty,
        };
        self.rows = rows.into_iter().map(of_rule).collect();
        let field = |unread: described::UnreadField| UnreadField {
            field: unread.field,
            rows: unread.rows,
            pointer: unread.pointer,
        };
        self.unread = unread.into_iter().map(field).collect();
        self.unused = unused.into_iter().map(|node| descriptor.pointer(node)).collect();
    }
}

/// Takes the root of a body whole. What is no JSON or XML is not taken: its fault is known.
fn take_whole(body: &[u8], max_depth: u64, take: &mut dyn FnMut(&Path, &Item<'_>)) {
    let start = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let input = Input { bytes: start, base: (body.len() - start.len()) as u64, last: true };
    let limits = ParserLimits { depth: max_depth as usize, row_bytes: u64::from(u32::MAX) };
    let mut root = Root(take);
    let _ = match start.trim_ascii_start().first() {
        Some(b'<') => XmlParser::new(limits).parse(input, &mut root),
        _ => JsonParser::new(limits).parse(input, &mut root),
    };
}

struct Root<'t>(&'t mut dyn FnMut(&Path, &Item<'_>));

impl Visitor for Root<'_> {
    fn plan(&mut self, _path: &Path, _opening: Opening) -> Plan {
        Plan::Member
    }

    fn take(&mut self, path: &Path, _plan: Plan, item: &Item<'_>) -> Result<(), Halt> {
        (self.0)(path, item);
        Err(Halt::Enough)
    }

    fn stray_text(&mut self, _path: &Path, _offset: u64, _text: &str) -> Result<(), Halt> {
        Ok(())
    }
}
