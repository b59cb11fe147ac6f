//! Wasabi utilizations: a bucket's or an account's day, or a bucket's invoice period (docs/formats.md#wasabi; provider-docs 003).

mod fields;
mod pages;

use self::fields::{Meaning, meaning};
use self::pages::Pages;
use super::code_cache::CodeCache;
use crate::format::error_reply;
use crate::format::faults::{no_usage, optional_id, stamp_fault};
use crate::format::head::Head;
use crate::format::row_reader::{Context, ProviderFormats, RowReader};
use crate::model::error::Fault;
use crate::model::provider::{Detection, Encoding, Format, Provider};
use crate::model::record::Notes;
use crate::model::time::{Instant, Stamp};
use crate::number::decimal::{Decimal, SMALL_DIGITS};
use crate::options::ReadOptions;
use crate::read::{Element, Item, KeyTable, Opening, Path, Plan, TemplatePlans, ValueType, escape_pointer};
use crate::table::{Field, Locator, Measures, Period, ResourceKey, RowCodes, Text, dimensions};

pub(crate) struct Wasabi;

impl ProviderFormats for Wasabi {
    fn provider(&self) -> Provider {
        Provider::Wasabi
    }

    fn recognize(&self, head: &Head, _options: &ReadOptions) -> Option<Format> {
        if head.encoding != Encoding::Json {
            return None;
        }
        if let Some(at) = ["/~", "/Records/~"].into_iter().find(|at| is_row(head, at)) {
            return format_of_row(head, at);
        }
        let empty = head.complete && head.has("/PageInfo") && head.has("/Records") && !head.has("/Records/~");
        empty.then_some(Format::WasabiBucketDaily)
    }

    fn lone_row(&self, head: &Head) -> Option<Format> {
        let is_timed = head.has("/StartTime") && head.has("/EndTime");
        if is_timed && is_row(head, "") { format_of_row(head, "") } else { None }
    }

    /// `Msg`, a gateway's `message` without other fields, and the failures of WACM Connect (docs/formats.md#wasabi-errors).
    fn is_error(&self, head: &Head) -> bool {
        if head.encoding != Encoding::Json || head.root != Some(Opening::Object) || error_reply::is_ok(head) {
            return false;
        }
        let is_message = |name: &str| name.eq_ignore_ascii_case("message");
        let alone = |name: &str| is_message(name) || ["code", "requestId", "statusCode"].contains(&name);
        let message = head.below("").any(|(name, _)| is_message(name));
        head.has("/Msg") || message && (head.success().is_some() || head.below("").all(|(name, _)| alone(name)))
    }

    fn open(&self, detection: Detection, head: &Head, options: &ReadOptions) -> Box<dyn RowReader> {
        let request = options.request.as_ref();
        Box::new(Utilizations {
            format: detection.format,
            is_lone_row: is_row(head, ""),
            account: request
                .and_then(|request| request.segment_after(&["accounts"]))
                .map(|(_, account)| account.into())
                .or_else(|| options.account.as_deref().map(Text::from)),
            invoice: request.and_then(|request| request.parameter("invoice")),
            names: KeyTable::default(),
            script: TemplatePlans::default(),
            regional: KeyTable::default(),
            resource_keys: CodeCache::default(),
            periods: CodeCache::default(),
            locator: None,
            pages: Pages::new(request),
        })
    }

    /// The path of the request decides what an empty list would contain.
    fn format_of_empty_list(&self, options: &ReadOptions) -> Option<Format> {
        let request = options.request.as_ref().filter(|request| request.path_contains("/utilizations"))?;
        Some(match (request.path_contains("/utilizations/bucket"), request.parameter("invoice")) {
            (true, Some(_)) => Format::WasabiBucketInvoice,
            (true, None) => Format::WasabiBucketDaily,
            (false, _) => Format::WasabiAccountDaily,
        })
    }
}

/// Whether the value at a path is a row, as far as it was read.
fn is_row(head: &Head, at: &str) -> bool {
    ["AcctNum", "BucketNum", "UtilizationNum", "BucketUtilizationNum"].iter().any(|name| head.has_below(at, name))
}

/// The format of the row at a path; `None` if the part that was read does not show it.
fn format_of_row(head: &Head, at: &str) -> Option<Format> {
    if head.below(at).any(|(name, _)| name.ends_with("GBDays")) {
        return Some(Format::WasabiBucketInvoice);
    }
    let is_bucket = ["BucketNum", "Bucket", "BucketUtilizationNum"].iter().any(|name| head.has_below(at, name));
    let format = if is_bucket { Format::WasabiBucketDaily } else { Format::WasabiAccountDaily };
    head.is_left(at).then_some(format)
}

/// The role of a field of a row.
#[derive(Clone, Copy, Debug)]
enum Name {
    /// A metric: its code in the table.
    Metric(u32),
    Account,
    BucketNumber,
    Bucket,
    Region,
    Start,
    End,
    Created,
    Regions,
    /// Only read by `parse`: plan numbers, record numbers.
    Other,
}

#[derive(Debug)]
struct Utilizations {
    format: Format,
    /// A row without a list around it.
    is_lone_row: bool,
    account: Option<Text>,
    invoice: Option<String>,
    names: KeyTable<Name>,
    script: TemplatePlans<Nodes>,
    /// Codes of the fields of a region. They are a breakdown.
    regional: KeyTable<Option<u32>>,
    /// Codes by their bytes in the row.
    resource_keys: CodeCache,
    periods: CodeCache,
    /// The code of the rows' position, and their depth.
    locator: Option<(usize, u32)>,
    pages: Pages,
}

/// The places of the fields in a row, by role.
#[derive(Debug, Default)]
struct Nodes {
    metrics: Vec<u32>,
    /// The codes of `metrics`, and of all of them together.
    codes: Vec<u32>,
    shape: u32,
    about: About<u32>,
}

/// The fields of a row other than its metrics. If a field occurs twice, the last one is used.
#[derive(Clone, Copy, Debug)]
struct About<F> {
    account: Option<F>,
    bucket_number: Option<F>,
    bucket: Option<F>,
    region: Option<F>,
    start: Option<F>,
    end: Option<F>,
    created: Option<F>,
    regions: Option<F>,
}

impl<F> Default for About<F> {
    fn default() -> Self {
        Self {
            account: None,
            bucket_number: None,
            bucket: None,
            region: None,
            start: None,
            end: None,
            created: None,
            regions: None,
        }
    }
}

impl About<u32> {
    fn of<'w>(&self, item: &'w Item<'w>) -> About<Element<'w>> {
        let element = |node: Option<u32>| node.map(|node| item.element(node));
        About {
            account: element(self.account),
            bucket_number: element(self.bucket_number),
            bucket: element(self.bucket),
            region: element(self.region),
            start: element(self.start),
            end: element(self.end),
            created: element(self.created),
            regions: element(self.regions),
        }
    }
}

/// A region, and the numbers of its fields.
type RegionNumbers<'w> = (Element<'w>, Vec<(u32, Decimal)>);

/// The bytes of an id, which distinguishes rows. `None`: it is not an id.
fn id_bytes<'w>(id: Option<Element<'w>>) -> Option<&'w [u8]> {
    match id {
        // A text has no quote that is not escaped.
        None => Some(b"\""),
        Some(id) => match id.value_type() {
            ValueType::Null => Some(b"\"\""),
            ValueType::Number | ValueType::Text | ValueType::EscapedText => Some(id.raw()),
            ValueType::Bool | ValueType::Object | ValueType::Array => None,
        },
    }
}

impl Utilizations {
    fn name(names: &mut KeyTable<Name>, format: Format, cx: &mut Context<'_>, field: &Element<'_>) -> Name {
        names.get_or(field.key(), || match &*field.name() {
            "AcctNum" => Name::Account,
            "BucketNum" => Name::BucketNumber,
            "Bucket" => Name::Bucket,
            "Region" => Name::Region,
            "StartTime" => Name::Start,
            "EndTime" => Name::End,
            "CreateTime" => Name::Created,
            "RegionalUtilizations" => Name::Regions,
            name => match meaning(name) {
                Some(meaning) => Name::Metric(cx.out.field(table_field(format, name, meaning, false))),
                None => Name::Other,
            },
        })
    }

    /// The numbers of each region. All are read before any is stored.
    fn regions<'w>(&mut self, cx: &mut Context<'_>, regions: Element<'w>) -> Result<Vec<RegionNumbers<'w>>, Fault> {
        let format = self.format;
        if !matches!(regions.value_type(), ValueType::Object | ValueType::Null) {
            return Err(regions.unexpected("an object of regions"));
        }
        let mut all = Vec::new();
        for region in regions.children() {
            if region.value_type() != ValueType::Object {
                return Err(region.unexpected("an object of metrics"));
            }
            let mut numbers = Vec::new();
            for field in region.children().filter(|field| !field.is_null()) {
                let code = self.regional.get_or(field.key(), || {
                    let name = field.name();
                    Some(cx.out.field(table_field(format, &name, meaning(&name)?, true)))
                });
                if let Some(code) = code {
                    numbers.push((code, field.number(cx.max_digits())?));
                }
            }
            all.push((region, numbers));
        }
        Ok(all)
    }

    fn resource_key(
        &mut self,
        cx: &mut Context<'_>,
        root: &Element<'_>,
        about: &About<Element<'_>>,
    ) -> Result<u32, Fault> {
        let ids = [about.account, about.bucket_number, about.bucket, about.region].map(id_bytes);
        let [Some(account), Some(bucket_number), Some(bucket), Some(region)] = ids else {
            return Ok(cx.out.resource_key(self.make_resource_key(root, about)?));
        };
        let key = [account, bucket_number, bucket, region];
        if let Some(code) = self.resource_keys.get(key) {
            return Ok(code);
        }
        let code = cx.out.resource_key(self.make_resource_key(root, about)?);
        self.resource_keys.insert(key, code);
        Ok(code)
    }

    fn make_resource_key(&self, root: &Element<'_>, about: &About<Element<'_>>) -> Result<ResourceKey, Fault> {
        let text = |part: Option<Element<'_>>| optional_id(part).map(|text| text.map(Text::from));
        let (number, name) = (text(about.bucket_number)?, text(about.bucket)?);
        let is_account = self.format == Format::WasabiAccountDaily;
        match (is_account, about.bucket_number.or(about.bucket), &number) {
            (true, Some(bucket), _) => return Err(bucket.unexpected("a row of an account, which has no bucket")),
            (false, _, None) => return Err(root.missing("BucketNum")),
            _ => {}
        }
        Ok(ResourceKey {
            account: text(about.account)?.or_else(|| self.account.clone()),
            resource_id: number,
            resource_name: name,
            resource_type: Some(if is_account { "account" } else { "bucket" }.into()),
            region: text(about.region)?,
            dimensions: self.invoice.as_ref().map_or_else(Box::default, |invoice| dimensions([("invoice", invoice)])),
            currency: None,
        })
    }

    fn period(&mut self, cx: &mut Context<'_>, root: &Element<'_>, about: &About<Element<'_>>) -> Result<u32, Fault> {
        let present = |part: Option<Element<'_>>| part.is_some_and(|part| !part.is_null());
        let start = about.start.filter(|_| present(about.start)).ok_or_else(|| root.missing("StartTime"))?;
        let end = about.end.filter(|_| present(about.end)).ok_or_else(|| root.missing("EndTime"))?;
        let key = [start.raw(), end.raw()];
        if let Some(code) = self.periods.get(key) {
            return Ok(code);
        }
        if !start.is_text() {
            return Err(start.unexpected("a text with an RFC 3339 time"));
        }
        let text = start.text();
        let first = Stamp::parse(&text).map_err(|expected| stamp_fault(&start, expected))?;
        let last = instant(&end)?;
        if last < first.instant {
            return Err(stamp_fault(&end, "expected a time not before StartTime"));
        }
        let code = cx.out.period(Period {
            start: Some(first.instant),
            end: Some(last),
            offset: Some(first.offset.into()),
            offset_seconds: first.offset_seconds,
            notes: Notes::NONE,
        });
        self.periods.insert(key, code);
        Ok(code)
    }

    /// Finds the fields of a row.
    fn find_fields(&mut self, cx: &mut Context<'_>, item: &Item<'_>) {
        let (names, format) = (&mut self.names, self.format);
        self.script.of(item, |nodes| {
            nodes.metrics.clear();
            nodes.codes.clear();
            nodes.about = About::default();
            for field in item.root().children() {
                let about = &mut nodes.about;
                let slot = match Self::name(names, format, cx, &field) {
                    Name::Metric(code) => {
                        nodes.metrics.push(field.index());
                        nodes.codes.push(code);
                        continue;
                    }
                    Name::Account => &mut about.account,
                    Name::BucketNumber => &mut about.bucket_number,
                    Name::Bucket => &mut about.bucket,
                    Name::Region => &mut about.region,
                    Name::Start => &mut about.start,
                    Name::End => &mut about.end,
                    Name::Created => &mut about.created,
                    Name::Regions => &mut about.regions,
                    Name::Other => continue,
                };
                *slot = Some(field.index());
            }
            nodes.shape = cx.out.shape(&nodes.codes);
        });
    }

    /// The numbers of the metrics. A null gives no record.
    fn numbers(nodes: &Nodes, cx: &mut Context<'_>, item: &Item<'_>) -> Result<(), Fault> {
        let max_digits = cx.max_digits();
        if max_digits >= SMALL_DIGITS as u64 && cx.out.integers(nodes.shape, |out| item.integers(&nodes.metrics, out)) {
            return Ok(());
        }
        for (&node, &code) in nodes.metrics.iter().zip(&nodes.codes) {
            let field = item.element(node);
            if let Some((mantissa, scale)) = field.small_number(max_digits) {
                cx.out.small(code, mantissa, scale);
            } else if !field.is_null() {
                cx.out.cell(code, &field.number(max_digits)?);
            }
        }
        Ok(())
    }

    fn read(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        let root = &item.root();
        self.find_fields(cx, item);
        let nodes = self.script.steps();
        let about = nodes.about.of(item);
        let has_metrics = !nodes.metrics.is_empty();
        if !has_metrics && about.regions.is_none_or(|regions| regions.children().next().is_none()) {
            return Err(no_usage(root, "a metric such as RawStorageSizeBytes"));
        }
        Self::numbers(nodes, cx, item)?;
        let period = self.period(cx, root, &about)?;
        let resource_key = self.resource_key(cx, root, &about)?;
        let version = about.created.filter(|c| !c.is_null()).map(|c| instant(&c)).transpose()?;
        let regions = about.regions.map(|regions| self.regions(cx, regions)).transpose()?.unwrap_or_default();
        if !has_metrics && regions.iter().all(|(_, numbers)| numbers.is_empty()) {
            return Err(no_usage(root, "a metric such as RawStorageSizeBytes"));
        }
        let locator = self.locator(cx, path.depth());
        let head = RowCodes { resource_key, period, locator, index: path.last_index(), version };
        cx.commit(head)?;
        for (region, numbers) in regions {
            let name = region.name();
            let mut of_region = self.make_resource_key(root, &about)?;
            of_region.region = Some(Text::from(&*name));
            let resource_key = cx.out.resource_key(of_region);
            let mut after = "/RegionalUtilizations/".to_owned();
            escape_pointer(&name, &mut after);
            let locator = cx.out.locator(place(cx.page, path.depth(), after.into()));
            numbers.iter().for_each(|(code, number)| cx.out.cell(*code, number));
            cx.out.commit(RowCodes { resource_key, locator, ..head })?;
        }
        Ok(())
    }

    fn locator(&mut self, cx: &mut Context<'_>, depth: usize) -> u32 {
        match self.locator {
            Some((known, code)) if known == depth => code,
            _ => {
                let code = cx.out.locator(place(cx.page, depth, Box::default()));
                self.locator = Some((depth, code));
                code
            }
        }
    }
}

/// The position of a row by its depth: alone, in the list of the reply, or in its `Records`.
fn place(page: u32, depth: usize, after: Box<str>) -> Locator {
    Locator { page, before: ["", "/", "/Records/"][depth.min(2)].into(), indexed: depth > 0, after }
}

/// The table's field for a field of the reply. A region's part of a metric is a breakdown, whose total is in the account's own row.
fn table_field(format: Format, name: &str, meaning: Meaning, is_breakdown: bool) -> Field {
    let part_of = if is_breakdown { Some(meaning.metric.clone()) } else { meaning.part_of };
    Field {
        format,
        metric: meaning.metric,
        provider_field: name.into(),
        leaf: {
            let mut leaf = "/".to_owned();
            escape_pointer(name, &mut leaf);
            leaf.into()
        },
        dimensions: Box::default(),
        kind: meaning.kind,
        measures: Measures::Quantity,
        unit: Some(meaning.unit),
        part_of,
        notes: meaning.notes,
    }
}

fn instant(element: &Element<'_>) -> Result<Instant, Fault> {
    if element.value_type() == ValueType::Text
        && let Some(instant) = Instant::plain(element.raw())
    {
        return Ok(instant);
    }
    if !element.is_text() {
        return Err(element.unexpected("a text with an RFC 3339 time"));
    }
    Instant::parse(&element.text()).map_err(|expected| stamp_fault(element, expected))
}

impl RowReader for Utilizations {
    fn plan(&self, path: &Path, opening: Opening) -> Plan {
        match (path.depth(), opening) {
            (0, _) if self.is_lone_row => Plan::Row,
            (0, _) => Plan::Enter,
            (1, Opening::Array) if path.is_root_member("Records") => Plan::Enter,
            (1, _) if path.name(0).is_empty() => Plan::Row,
            (2, _) => Plan::Row,
            _ => Plan::Member,
        }
    }

    fn row(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        let root = item.root();
        if root.value_type() != ValueType::Object {
            return Err(root.unexpected("an object with the metrics of a day"));
        }
        self.read(cx, path, item)
    }

    /// The envelope of the Stats API (docs/formats.md#wasabi-families).
    fn member(&mut self, _cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        let root = item.root();
        if path.is_root_member("Records") && !root.is_null() {
            return Err(root.unexpected("a list"));
        }
        if path.is_root_member("PageInfo") {
            self.pages.state(&root);
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        self.pages.end(cx.listing);
        Ok(())
    }

    fn forget_codes(&mut self) {
        self.names.clear();
        self.script.forget();
        self.locator = None;
        self.regional.clear();
        self.resource_keys.clear();
        self.periods.clear();
    }
}
