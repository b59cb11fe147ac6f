//! CloudSigma 2.0 `burstusage` and `dailyburstusage` (docs/formats.md#cloudsigma; provider-docs 002).

use crate::format::asked::{AskedPeriod, AskedTime, period_of};
use crate::format::counts::PagePosition;
use crate::format::faults::{optional_id, stamp_fault};
use crate::format::head::Head;
use crate::format::listing_state::Follow;
use crate::format::row_reader::{Context, ProviderFormats, RowReader};
use crate::model::error::Fault;
use crate::model::kind::Kind;
use crate::model::provider::{Detection, Encoding, Format, Provider};
use crate::model::record::{Note, Notes, PageInfo};
use crate::model::time::{Stamp, Step, parse_without_offset};
use crate::model::unit::Unit;
use crate::options::ReadOptions;
use crate::options::request::Request;
use crate::read::{Element, Item, Opening, Path, Plan, ValueType};
use crate::table::{Field, Locator, Measures, Period, ResourceKey, RowCodes, Text, dimensions};

pub(crate) struct Cloudsigma;

impl ProviderFormats for Cloudsigma {
    fn provider(&self) -> Provider {
        Provider::Cloudsigma
    }

    fn recognize(&self, head: &Head, options: &ReadOptions) -> Option<Format> {
        if head.encoding != Encoding::Json {
            return None;
        }
        let has = |at: &str, name: &str| head.has_below(at, name);
        let is_row = |at: &&&str| {
            let (kind, usage, amount) = (has(at, "resource_type"), has(at, "usage"), has(at, "amount"));
            (kind && (usage || amount)) || (usage && amount)
        };
        let asked = |path: &str| options.request.as_ref().is_some_and(|request| request.path_contains(path));
        let format = |dated: bool| {
            let daily = asked("/dailyburstusage") || (dated && !asked("/burstusage"));
            Some(if daily { Format::CloudsigmaDailyBurstUsage } else { Format::CloudsigmaBurstUsage })
        };
        if let Some(at) = ["/objects/~", "/objects", ""].iter().find(is_row) {
            let is_known = has(at, "date") || head.is_left(at);
            return match is_known {
                true => format(has(at, "date") || (head.has("/meta") && !has(at, "uuid"))),
                false => None,
            };
        }
        let empty = matches!(head.opening("/objects"), Some(Opening::Array | Opening::Scalar))
            && head.below("/objects").next().is_none();
        // An empty listing of another endpoint looks the same; if the request names one, this is not usage.
        let asks_other = asked("/api/2.0/") && !asked("burstusage");
        if head.complete && empty && !asks_other { format(head.has("/meta")) } else { None }
    }

    /// A success body is never a list (docs/formats.md#cloudsigma-errors).
    fn is_error(&self, head: &Head) -> bool {
        ["error_type", "error_message", "error_point"].iter().any(|name| head.has_below("/~", name))
    }

    /// Most resource types form families, so their metrics cannot be listed.
    fn is_metric(&self, name: &str) -> bool {
        name.strip_prefix("burst.").is_some_and(|resource_type| meaning(resource_type).2)
    }

    fn open(&self, detection: Detection, head: &Head, options: &ReadOptions) -> Box<dyn RowReader> {
        let request = options.request.as_ref();
        Box::new(BurstUsage {
            format: detection.format,
            region: request.and_then(region),
            asked: request.map_or(Ok(None), asked),
            is_bare_row: head.has("/resource_type"),
            asked_offset: request.and_then(|request| request.count("offset")),
            asked_limit: request.and_then(|request| request.count("limit")),
            page: None,
        })
    }
}

/// The location in the request's host: `zrh` in `zrh.cloudsigma.com`.
fn region(request: &Request) -> Option<Text> {
    let host = request.host();
    let location = host.strip_suffix(".cloudsigma.com")?;
    (!location.is_empty() && location != "www").then(|| location.into())
}

/// The period that the date filters ask for, half-open (docs/formats.md#cloudsigma-dates).
fn asked(request: &Request) -> AskedPeriod {
    let time = |name: &'static str| request.parameter(name).map(|text| AskedTime::read(name, &text)).transpose();
    if let Some(exact) = time("date")? {
        return period_of(Some(exact), exact.a_day_later());
    }
    let (greater, equal_or_greater) = (time("date__gt")?, time("date__gte")?);
    let (lower, equal_or_lower) = (time("date__lt")?, time("date__lte")?);
    let last_included = equal_or_lower.and_then(|time| if time.is_date { time.a_day_later() } else { Some(time) });
    period_of(equal_or_greater.or(greater), lower.or(last_included))
}

/// The default number of rows per page (docs/formats.md#cloudsigma-requests).
const DEFAULT_LIMIT: u64 = 20;

/// Types whose usage is stored bytes.
const DISKS: [&str; 6] = ["dssd", "ssd", "hdd", "nvme", "zadara", "object_storage"];

/// Types that are counted rather than measured, and families whose names begin so.
const COUNTED: [&str; 3] = ["ip", "vlan", "sms"];
const COUNTED_FAMILIES: [&str; 4] = ["vlan_", "msft_", "vrouter_", "dedicated_"];

/// What `usage` is a sum of, and whether the type is known (docs/formats.md#cloudsigma-replies; docs/design.md#metrics-cloudsigma).
fn meaning(resource_type: &str) -> (Kind, Unit, bool) {
    let base = resource_type.strip_suffix("_vmware").unwrap_or(resource_type);
    if base.ends_with("mem") || DISKS.contains(&base) {
        (Kind::Integral, Unit::BYTES_5_MIN, true)
    } else if base.starts_with("tx") || base.starts_with("rx") {
        (Kind::Delta, Unit::BYTES, true)
    } else if COUNTED.contains(&base) || COUNTED_FAMILIES.iter().any(|family| base.starts_with(family)) {
        (Kind::Integral, Unit::UNITS_5_MIN, true)
    } else if base == "cpu" || base.ends_with("_cpu") {
        (Kind::Integral, Unit::MEGAHERTZ_5_MIN, true)
    } else {
        (Kind::Integral, Unit::UNITS_5_MIN, false)
    }
}

#[derive(Debug)]
struct BurstUsage {
    format: Format,
    region: Option<Text>,
    asked: AskedPeriod,
    /// A single row that a client library extracted from its list (docs/formats.md#cloudsigma-replies).
    is_bare_row: bool,
    /// `offset` and `limit` of the request, for a reply whose `meta` lacks them.
    asked_offset: Option<u64>,
    asked_limit: Option<u64>,
    page: Option<PageInfo>,
}

impl BurstUsage {
    /// [date, date + 1 day) of a daily row; the request's period of a burst row.
    fn period(&mut self, cx: &mut Context<'_>, date: Option<Element<'_>>) -> Result<Period, Fault> {
        let Some(date) = date.filter(|d| !d.is_null()) else {
            return Ok(match self.format {
                Format::CloudsigmaBurstUsage => cx.period_asked(&mut self.asked),
                _ => cx.given_period().unwrap_or_default(),
            });
        };
        if !date.is_text() {
            return Err(date.unexpected("a text with a date"));
        }
        let text = date.text();
        let (start, offset, offset_seconds) = match Stamp::parse(&text) {
            Ok(stamp) => (stamp.instant, Some(stamp.offset), stamp.offset_seconds),
            Err(_) => (parse_without_offset(&text).map_err(|expected| stamp_fault(&date, expected))?, None, 0),
        };
        let end = Step::Days(1)
            .end_after(start, offset_seconds)
            .ok_or_else(|| stamp_fault(&date, "expected a day before the year 10000"))?;
        Ok(Period {
            start: Some(start),
            end: Some(end),
            offset: offset.map(Box::from),
            offset_seconds,
            notes: Notes::NONE.with_if(offset.is_none(), Note::AssumedUtc),
        })
    }
}

impl RowReader for BurstUsage {
    fn plan(&self, path: &Path, opening: Opening) -> Plan {
        match (path.depth(), opening) {
            (0, _) if self.is_bare_row => Plan::Row,
            (0, _) => Plan::Enter,
            (1, Opening::Array) if path.name(0) == "objects" => Plan::Enter,
            (1, Opening::Object) if path.name(0) == "objects" => Plan::Row,
            (2, _) => Plan::Row,
            _ => Plan::Member,
        }
    }

    fn row(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        let root = item.root();
        if root.value_type() != ValueType::Object {
            return Err(root.unexpected("an object with resource_type, usage and amount"));
        }
        let resource_type =
            root.field("resource_type")?.filter(|t| !t.is_null()).ok_or_else(|| root.missing("resource_type"))?;
        if !resource_type.is_text() {
            return Err(resource_type.unexpected("a text"));
        }
        let resource_type = resource_type.text();
        let number =
            |name: &str| root.field(name)?.filter(|e| !e.is_null()).map(|e| e.number(cx.max_digits())).transpose();
        let (usage, amount) = (number("usage")?, number("amount")?);
        if root.child("usage").is_none() && root.child("amount").is_none() {
            return Err(root.missing("usage"));
        }
        let uuid = optional_id(root.field("uuid")?)?;
        // Without `usage` the record is the cost, so its pointer is that of the cost.
        let value = if usage.is_none() && root.child("amount").is_some() { "amount" } else { "usage" };
        let (kind, unit, known) = meaning(&resource_type);
        let guessed = !known || self.format == Format::CloudsigmaBurstUsage;
        let metric: Text = format!("burst.{resource_type}").into();
        let period = self.period(cx, root.field("date")?)?;
        let period = cx.out.period(period);
        let resource_key = cx.out.resource_key(ResourceKey {
            account: cx.options.account.as_deref().map(Text::from),
            resource_type: Some(Text::from(&*resource_type)),
            region: self.region.clone(),
            dimensions: uuid.map_or_else(Box::default, |uuid| dimensions([("uuid", &uuid)])),
            currency: cx.options.currency.as_deref().map(Text::from),
            ..ResourceKey::default()
        });
        let field = cx.out.field(Field {
            format: self.format,
            metric,
            provider_field: value.into(),
            leaf: format!("/{value}").into(),
            dimensions: Box::default(),
            kind,
            measures: Measures::Both,
            unit: Some(unit),
            part_of: None,
            notes: Notes::NONE.with_if(guessed, Note::UnitInferred),
        });
        if usage.is_some() || amount.is_some() {
            cx.out.cells(field, usage.as_ref(), amount.as_ref());
        }
        let indexed = path.depth() == 2;
        let before = ["", "/objects", "/objects/"][path.depth().min(2)];
        let locator = cx.out.locator(Locator { page: cx.page, before: before.into(), indexed, after: Box::default() });
        cx.commit(RowCodes { resource_key, period, locator, index: path.last_index(), version: None })
    }

    fn member(&mut self, _cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        let root = item.root();
        match path.name(0) {
            "meta" if path.depth() == 1 => {
                let count = |name: &str| root.child(name).and_then(|value| value.count());
                self.page = Some(PageInfo {
                    number: None,
                    size: count("limit"),
                    offset: count("offset"),
                    total_rows: count("total_count"),
                    has_next: false,
                });
                Ok(())
            }
            "objects" if path.depth() == 1 && !root.is_null() => Err(root.unexpected("a list")),
            _ => Ok(()),
        }
    }

    /// The total may be absent, or less than what was read (docs/formats.md#cloudsigma-replies): a full page then has a next one.
    fn end(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        if self.page.is_none() {
            cx.listing.counts.place(PagePosition::Alone);
        }
        if self.is_bare_row {
            return Ok(());
        }
        let rows = cx.listing.page_rows;
        let mut page = self.page.take().unwrap_or_default();
        page.size = page.size.or(self.asked_limit);
        page.offset = page.offset.or(self.asked_offset);
        let after = page.offset.unwrap_or(0).saturating_add(rows);
        // `limit=0` requests all rows (docs/formats.md#cloudsigma-requests).
        let limit = page.size.unwrap_or(DEFAULT_LIMIT);
        let follows = match page.total_rows.filter(|total| after <= *total) {
            Some(total) => after < total,
            None => rows >= limit,
        };
        page.has_next = limit > 0 && rows > 0 && follows;
        if page.has_next {
            cx.listing.follow = Some(Follow::Offset(after));
        }
        if let Some(total) = page.total_rows {
            cx.listing.counts.state(total, "/meta/total_count");
        }
        if page.offset == Some(0) {
            cx.listing.counts.place(PagePosition::First);
        }
        cx.listing.page = Some(page);
        Ok(())
    }

    fn forget_codes(&mut self) {}
}
