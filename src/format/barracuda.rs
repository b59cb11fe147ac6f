//! Intronis / Barracuda `usage_history`: stored bytes over time (docs/formats.md#barracuda; provider-docs 000).

use crate::format::counts::PagePosition;
use crate::format::error_reply;
use crate::format::faults::{Unknown, stamp_fault};
use crate::format::head::Head;
use crate::format::listing_state::Follow;
use crate::format::row_reader::{Context, ProviderFormats, RowReader};
use crate::model::error::{ErrorCode, Fault, Position};
use crate::model::kind::Kind;
use crate::model::provider::{Detection, Encoding, Format, Provider};
use crate::model::record::{Notes, PageInfo};
use crate::model::time::{Stamp, Step};
use crate::model::unit::Unit;
use crate::number::decimal::Decimal;
use crate::options::ReadOptions;
use crate::options::request::Request;
use crate::read::{Element, Item, KeyTable, Opening, Path, Plan, Value};
use crate::table::{Field, Locator, Measures, Period, ResourceKey, RowCodes, Text};

pub(crate) struct Barracuda;

impl ProviderFormats for Barracuda {
    fn provider(&self) -> Provider {
        Provider::Barracuda
    }

    fn recognize(&self, head: &Head, _options: &ReadOptions) -> Option<Format> {
        let is = match head.encoding {
            Encoding::Xml => {
                let envelope =
                    ["/list/@page", "/list/@count", "/list/usage", "/list/link"].iter().any(|path| head.has(path));
                head.has("/list") && (envelope || head.complete && head.below("/list").next().is_none())
            }
            Encoding::Json => {
                let paging = head.has("/page") || head.has("/page_size") || head.has("/count");
                let rows = |at: &str| head.has_below(at, "date") && head.has_below(at, "bytes");
                let listed = head.has("/list") && (paging || head.has("/links") || rows("/list/0") || rows("/list"));
                listed || head.complete && paging && head.has("/links") && !head.has("/objects")
            }
        };
        is.then_some(Format::BarracudaUsageHistory)
    }

    fn lone_row(&self, head: &Head) -> Option<Format> {
        let at = match head.encoding {
            Encoding::Json => "",
            Encoding::Xml => "/usage",
        };
        (head.has_below(at, "date") && head.has_below(at, "bytes")).then_some(Format::BarracudaUsageHistory)
    }

    /// RFC 6749, as the token endpoint answers, and the list that the API has in `error` (docs/formats.md#barracuda-errors).
    fn is_error(&self, head: &Head) -> bool {
        let is_token_error = |error: &str| TOKEN_ERRORS.contains(&error);
        head.encoding == Encoding::Json
            && (head.has("/error") && head.has("/error_description")
                || head.opening("/error") == Some(Opening::Array)
                || head.text("error").is_some_and(is_token_error))
    }

    /// The fields of the error object are not documented, so anything but a list is an error (docs/formats.md#barracuda-errors).
    fn is_error_of_its_own(&self, head: &Head) -> bool {
        error_reply::is_error(head)
            || match head.encoding {
                Encoding::Json => head.root == Some(Opening::Object) && !head.has("/list"),
                Encoding::Xml => !head.has("/list"),
            }
    }

    fn open(&self, detection: Detection, head: &Head, options: &ReadOptions) -> Box<dyn RowReader> {
        Box::new(UsageHistory {
            encoding: detection.encoding,
            is_lone_row: !head.has("/list") && self.lone_row(head).is_some(),
            owner: options.request.as_ref().and_then(owner),
            step: options.request.as_ref().and_then(step),
            fields: KeyTable::default(),
            page: PageInfo::default(),
            next: None,
            held: Vec::new(),
            unknown: Unknown::default(),
            has_links: false,
            codes: None,
        })
    }
}

/// The codes of RFC 6749, 5.2, and RFC 6750, 3.1.
const TOKEN_ERRORS: [&str; 8] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "invalid_token",
    "unauthorized_client",
    "unsupported_grant_type",
    "insufficient_scope",
];

/// Rows that are buffered until a link names their owner: many times the largest page (`page_size` is at most 90).
const MOST_HELD: usize = 10_000;

/// The owner of the usage: `partner` or `account`, and the username.
type Owner = (&'static str, String);

/// The owner in a path such as `/v1/partners/acme/usage_history`. The singular is a mistake in the vendor's docs (docs/formats.md#barracuda-requests).
fn owner(request: &Request) -> Option<Owner> {
    let (kind, name) = request.segment_after(&["partners", "accounts", "partner", "account"])?;
    Some((if kind.starts_with('p') { "partner" } else { "account" }, name))
}

/// The length of a period, if the request has it.
fn step(request: &Request) -> Option<Step> {
    Some(match request.parameter("resolution")?.to_ascii_uppercase().as_str() {
        "DAY" => Step::Days(1),
        "WEEK" => Step::Days(7),
        "MONTH" => Step::Months(1),
        "CUSTOM" => {
            let days = request.parameter("custom").map_or(Some(1), |days| days.parse().ok());
            Step::Days(days.filter(|days| (1..=60).contains(days))?)
        }
        _ => return None,
    })
}

#[derive(Clone, Copy, Debug)]
enum Name {
    Date,
    Bytes,
    Other,
}

#[derive(Debug)]
struct UsageHistory {
    encoding: Encoding,
    /// A row without a list around it.
    is_lone_row: bool,
    owner: Option<Owner>,
    step: Option<Step>,
    fields: KeyTable<Name>,
    page: PageInfo,
    /// The `page` of the link `next`.
    next: Option<String>,
    /// Rows that were read before a link named their owner.
    held: Vec<StoredBytes>,
    unknown: Unknown,
    /// Whether a link was read. Later links have the same owner.
    has_links: bool,
    /// ResourceKey, field and locator of this page.
    codes: Option<(u32, u32, u32)>,
}

#[derive(Debug)]
struct StoredBytes {
    period: Period,
    bytes: Option<Decimal>,
    /// `None` for a listing of one object instead of a list.
    index: Option<u32>,
}

impl UsageHistory {
    fn commit(&mut self, cx: &mut Context<'_>, reading: StoredBytes) -> Result<(), Fault> {
        let (resource_key, field, locator) = match self.codes {
            Some(codes) if reading.index.is_some() => codes,
            _ => self.codes(cx, reading.index.is_some()),
        };
        if let Some(bytes) = &reading.bytes {
            cx.out.cell(field, bytes);
        }
        let period = cx.out.period(reading.period);
        cx.commit(RowCodes { resource_key, period, locator, index: reading.index.unwrap_or(0), version: None })
    }

    fn codes(&mut self, cx: &mut Context<'_>, indexed: bool) -> (u32, u32, u32) {
        let name = self.owner.as_ref().map(|(_, name)| Text::from(name.as_str()));
        let account = name.clone().or_else(|| cx.options.account.as_deref().map(Text::from));
        let resource_key = cx.out.resource_key(ResourceKey {
            resource_id: account.clone(),
            account,
            resource_type: self.owner.as_ref().map(|(kind, _)| Text::from(*kind)),
            ..ResourceKey::default()
        });
        let field = cx.out.field(Field {
            format: Format::BarracudaUsageHistory,
            metric: "storage.stored".into(),
            provider_field: "bytes".into(),
            leaf: "/bytes".into(),
            dimensions: Box::default(),
            kind: Kind::Gauge,
            measures: Measures::Quantity,
            unit: Some(Unit::BYTES),
            part_of: None,
            notes: Notes::NONE,
        });
        let (before, after) = match (self.encoding, indexed) {
            (Encoding::Json, _) if self.is_lone_row => ("", ""),
            (Encoding::Xml, _) if self.is_lone_row => ("/usage", ""),
            (Encoding::Json, true) => ("/list/", ""),
            (Encoding::Json, false) => ("/list", ""),
            (Encoding::Xml, _) => ("/list/usage[", "]"),
        };
        let locator = cx.out.locator(Locator { page: cx.page, before: before.into(), indexed, after: after.into() });
        if indexed {
            self.codes = Some((resource_key, field, locator));
        }
        (resource_key, field, locator)
    }

    fn flush(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        let mut first = Ok(());
        for reading in std::mem::take(&mut self.held) {
            let result = self.commit(cx, reading);
            first = first.and(result);
        }
        first
    }

    /// A link: its path has the owner's name, its query has the next page.
    fn link(&mut self, link: &Element<'_>) {
        self.has_links = true;
        let is_next = link.child("rel").is_some_and(|rel| rel.is_text() && rel.text().eq_ignore_ascii_case("next"));
        self.page.has_next |= is_next;
        let Some(href) = link.child("href").filter(Element::is_text) else {
            return;
        };
        let href = href.text();
        // Only owner and page are needed, and a relative reference has these too.
        let Ok(request) = Request::new(&href, None).or_else(|_| Request::new(&format!("/{href}"), None)) else {
            return;
        };
        if self.owner.is_none() {
            self.owner = owner(&request);
        }
        if is_next {
            self.next = request.parameter("page");
        }
    }

    fn envelope(&mut self, name: &str, value: &Element<'_>) -> Result<(), Fault> {
        let field = match name {
            "page" => &mut self.page.number,
            "page_size" => &mut self.page.size,
            "count" => &mut self.page.total_rows,
            _ => return Ok(()),
        };
        *field = value.count();
        if field.is_none() && !value.is_null() { Err(value.unexpected("a whole number")) } else { Ok(()) }
    }
}

impl RowReader for UsageHistory {
    fn plan(&self, path: &Path, opening: Opening) -> Plan {
        match (self.encoding, path.depth(), opening) {
            _ if self.is_lone_row => Plan::Row,
            (Encoding::Json, 0, _) | (Encoding::Xml, 1, _) => Plan::Enter,
            (Encoding::Json, 1, Opening::Array) if path.name(0) == "list" => Plan::Enter,
            (Encoding::Json, 1, Opening::Object) if path.name(0) == "list" => Plan::Row,
            (Encoding::Json, 2, _) => Plan::Row,
            (Encoding::Xml, _, _) if path.name(1) == "usage" => Plan::Row,
            _ => Plan::Member,
        }
    }

    fn enter(&mut self, _cx: &mut Context<'_>, path: &Path, _opening: Opening, at: &mut dyn FnMut() -> Position) {
        if self.encoding == Encoding::Xml {
            self.unknown.enter(path, at);
        }
    }

    fn row(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        let root = item.root();
        if root.value_type() != crate::read::ValueType::Object {
            return Err(root.unexpected("an object with date and bytes"));
        }
        let (mut date, mut bytes) = (None, None);
        for field in root.children() {
            let name = self.fields.get_or(field.key(), || match &*field.name() {
                "date" => Name::Date,
                "bytes" => Name::Bytes,
                _ => Name::Other,
            });
            match name {
                Name::Date => date = Some(field.same_as(date)?),
                Name::Bytes => bytes = Some(field.same_as(bytes)?),
                Name::Other => {}
            }
        }
        let date = date.filter(|d| !d.is_null()).ok_or_else(|| root.missing("date"))?;
        let bytes = bytes.ok_or_else(|| root.missing("bytes"))?;
        let bytes = if bytes.is_null() { None } else { Some(bytes.number(cx.max_digits())?) };
        if !date.is_text() {
            return Err(date.unexpected("a text with an RFC 3339 time"));
        }
        let text = date.text();
        let stamp = Stamp::parse(&text).map_err(|expected| stamp_fault(&date, expected))?;
        let end = match self.step {
            None => None,
            Some(step) => Some(
                step.end_after(stamp.instant, stamp.offset_seconds)
                    .ok_or_else(|| stamp_fault(&date, "expected a period that ends before the year 10000"))?,
            ),
        };
        let period = Period {
            start: Some(stamp.instant),
            end,
            offset: Some(stamp.offset.into()),
            offset_seconds: stamp.offset_seconds,
            notes: Notes::NONE,
        };
        let indexed = path.depth() == 2;
        let reading = StoredBytes { period, bytes, index: indexed.then(|| path.last_index()) };
        if self.owner.is_none() && !self.has_links {
            if self.held.len() >= MOST_HELD {
                let message = format!(
                    "expected a link that names the account within {MOST_HELD} rows, found none: pass `request`"
                );
                return Err(Fault::new(ErrorCode::LimitExceeded, message));
            }
            self.held.push(reading);
            return Ok(());
        }
        self.commit(cx, reading)
    }

    fn member(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        let root = item.root();
        match (self.encoding, path.name(path.depth().saturating_sub(1))) {
            (Encoding::Json, "list") if !root.is_null() => return Err(root.unexpected("a list")),
            (Encoding::Json, "links") => root.children().for_each(|link| self.link(&link)),
            (Encoding::Json, name) => self.envelope(name, &root)?,
            (Encoding::Xml, "link") => self.link(&root),
            (Encoding::Xml, _) if path.depth() == 1 => {
                root.children().try_for_each(|attribute| self.envelope(&attribute.name(), &attribute))?;
            }
            // Anything else next to the rows is ignored, like members of JSON.
            (Encoding::Xml, _) => self.unknown.note(path),
        }
        if self.has_links && !self.held.is_empty() {
            return self.flush(cx);
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        let result = self.flush(cx);
        if let Some(count) = self.page.total_rows {
            let pointer = if self.encoding == Encoding::Json { "/count" } else { "/list/@count" };
            cx.listing.counts.state(count, pointer);
        }
        if self.page.number == Some(1) {
            cx.listing.counts.place(PagePosition::First);
        }
        cx.listing.follow = self.next.take().map(Follow::Page);
        cx.listing.page = Some(self.page.clone());
        result.and(self.unknown.check(cx.listing.page_rows, "usage"))
    }

    fn forget_codes(&mut self) {
        self.codes = None;
    }

    fn parse_row(&self, _path: &Path, item: &Item<'_>, max_digits: u64) -> Result<Value, Fault> {
        Value::read(&item.root(), |name| name == "bytes", max_digits)
    }
}
