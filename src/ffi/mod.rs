//! The foreign function interface (FFI) to JavaScript: the only file that uses wasm-bindgen. It only converts values.
//!
//! Bodies come in as bytes; small results go out as text (JSON), columns as typed arrays, outputs as bytes. Options
//! are the JSON of the fields that were set. An error is thrown as a string, the JSON of [`Error`]; the TypeScript
//! front end in `js/` converts it to an error object, and is the only caller of these functions.

#[cfg(feature = "bench")]
mod bench;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use js_sys::{
    Array, BigInt, Float64Array, Function, Int32Array, JSON, JsString, Object, Reflect, Uint8Array, Uint32Array,
};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::table::record_input::records_from_json;
use crate::{
    AggregateSpec, Detection, DictionaryColumn, Error, FormatDescriptor, Issue, Keep, Limits, ListingOptions,
    PageContext, PageInfo, ReadOptions, TextFormat, UsageRecord, UsageTable, Value, ZoneRules,
};

type Answer<T> = Result<T, JsValue>;

fn thrown(error: Error) -> JsValue {
    JsValue::from_str(&error.to_json())
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("what leaves here has text keys and writes itself without fail")
}

std::thread_local! {
    /// The caller's formats, each checked and compiled once. The front end decides which format has which place.
    static FORMATS: RefCell<Vec<Option<FormatDescriptor>>> = const { RefCell::new(Vec::new()) };
}

/// Formats that are known at a time.
const MOST_FORMATS: usize = 64;

/// Makes a descriptor, or the built-in format of a name, known as the format of a place; `format` and `formats` of options name it by
/// that number.
#[wasm_bindgen(js_name = setFormat)]
pub fn set_format(place: u32, source: &str) -> Answer<()> {
    let format = match FormatDescriptor::built_in(source) {
        Some(format) => format,
        None => FormatDescriptor::from_json(source).map_err(thrown)?,
    };
    FORMATS.with_borrow_mut(|formats| {
        let place = (place as usize).min(MOST_FORMATS - 1);
        formats.resize(formats.len().max(place + 1), None);
        formats[place] = Some(format);
    });
    Ok(())
}

fn read_options(json: &str) -> Answer<ReadOptions> {
    let format = |place: u64| FORMATS.with_borrow(|formats| formats.get(usize::try_from(place).ok()?)?.clone());
    ReadOptions::from_json_with(json, &format).map_err(thrown)
}

/// Copies a body in. Of one that is over the limit no more is copied than shows that it is.
fn body(bytes: &Uint8Array, limits: &Limits) -> Vec<u8> {
    let enough = u32::try_from(limits.max_bytes.saturating_add(1)).unwrap_or(u32::MAX);
    if bytes.length() > enough { bytes.subarray(0, enough).to_vec() } else { bytes.to_vec() }
}

/// `detect`: the JSON of a `Detection`, or nothing. No more of the body is copied in than is looked at.
#[wasm_bindgen]
pub fn detect(bytes: &Uint8Array, options: &str) -> Answer<Option<String>> {
    let options = read_options(options)?;
    let beginning = |most: usize| {
        let is_whole = bytes.length() as usize <= most;
        (if is_whole { bytes.to_vec() } else { bytes.subarray(0, most as u32).to_vec() }, is_whole)
    };
    Ok(crate::page::calls::detect_in(&options, beginning).as_ref().map(json))
}

/// `parse`: a `ParsedDocument`.
#[wasm_bindgen]
pub fn parse(bytes: &Uint8Array, options: &str) -> Answer<JsValue> {
    let options = read_options(options)?;
    let document = crate::parse(&body(bytes, &options.limits), &options).map_err(thrown)?;

    #[derive(Serialize)]
    struct Head<'a> {
        #[serde(flatten)]
        detection: Detection,
        /// Holds the place of the rows, which are values JSON has no words for.
        rows: [(); 0],
        page: Option<&'a PageInfo>,
        issues: &'a [Issue],
    }
    let head = Head { detection: document.detection, rows: [], page: document.page.as_ref(), issues: &document.issues };
    let parsed = JSON::parse(&json(&head))?;
    let mut names = Names::default();
    let rows: Array = document.rows.iter().map(|row| value(row, &mut names)).collect::<Answer<_>>()?;
    Reflect::set(&parsed, &"rows".into(), &rows)?;
    Ok(parsed)
}

/// Field names as JavaScript strings: rows share them.
#[derive(Default)]
struct Names(HashMap<String, JsString>);

impl Names {
    fn name(&mut self, name: &str) -> JsString {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        self.0.entry(name.to_owned()).or_insert_with(|| name.into()).clone()
    }
}

fn value(value: &Value, names: &mut Names) -> Answer<JsValue> {
    Ok(match value {
        Value::Null => JsValue::NULL,
        Value::Bool(value) => JsValue::from_bool(*value),
        // Exact: the engine calls nothing an integer that a double cannot hold.
        Value::Integer(number) => JsValue::from_f64(*number as f64),
        Value::BigInteger(digits) => BigInt::new(&JsValue::from_str(digits))?.into(),
        Value::Decimal(decimal) => JsValue::from_str(&decimal.to_string()),
        Value::Text(text) => JsValue::from_str(text),
        Value::Array(values) => values.iter().map(|item| self::value(item, names)).collect::<Answer<Array>>()?.into(),
        Value::Object(fields) => {
            let object = Object::new();
            for (name, field) in fields {
                let field = self::value(field, names)?;
                if name == "__proto__" {
                    // To set it would change what the object is.
                    let own = JSON::parse(r#"{"configurable":true,"enumerable":true,"writable":true}"#)?;
                    Reflect::set(&own, &"value".into(), &field)?;
                    Reflect::define_property(&object, &name.as_str().into(), own.unchecked_ref())?;
                } else {
                    Reflect::set(&object, &names.name(name), &field)?;
                }
            }
            object.into()
        }
    })
}

/// `normalize`: one body a page.
#[wasm_bindgen]
pub fn normalize(pages: Vec<Uint8Array>, options: &str) -> Answer<Table> {
    let options = read_options(options)?;
    let bodies: Vec<_> = pages.iter().map(|page| body(page, &options.limits)).collect();
    crate::normalize(&bodies, &options).map(|table| Table(Arc::new(table))).map_err(thrown)
}

/// `nextRequest`: the JSON of a `ProviderRequest`, or nothing.
#[wasm_bindgen(js_name = nextRequest)]
pub fn next_request(bytes: &Uint8Array, options: &str) -> Answer<Option<String>> {
    let options = read_options(options)?;
    let next = crate::next_request(&body(bytes, &options.limits), &options).map_err(thrown)?;
    Ok(next.as_ref().map(json))
}

/// `convert`.
#[wasm_bindgen]
pub fn convert(quantity: &str, from: &str, to: &str, fraction_digits: Option<u32>) -> Answer<String> {
    crate::convert(quantity, from, to, fraction_digits).map_err(thrown)
}

/// `defineFormat`: the JSON of a `UsageFormat`, or of `{ problems }`.
#[wasm_bindgen(js_name = defineFormat)]
pub fn define_format(text: &str) -> String {
    #[derive(Serialize)]
    struct Refused {
        problems: Vec<crate::DescriptorProblem>,
    }
    match FormatDescriptor::check(text) {
        Ok(format) => format_json(&format),
        Err(problems) => json(&Refused { problems }),
    }
}

/// `builtInFormat`: the JSON of a `UsageFormat`, or nothing.
#[wasm_bindgen(js_name = builtInFormat)]
pub fn built_in_format(name: &str) -> Option<String> {
    FormatDescriptor::built_in(name).as_ref().map(format_json)
}

/// The JSON of a `UsageFormat`; its descriptor is a text of its own.
fn format_json(format: &FormatDescriptor) -> String {
    #[derive(Serialize)]
    struct UsageFormat<'f> {
        provider: &'f str,
        format: &'f str,
        title: &'f str,
        encodings: &'f [crate::Encoding],
        descriptor: String,
        fingerprint: String,
    }
    json(&UsageFormat {
        provider: format.provider(),
        format: format.format(),
        title: format.title(),
        encodings: format.encodings(),
        descriptor: format.to_json(),
        fingerprint: format.fingerprint(),
    })
}

/// What a `UsageTable` holds. Shared, because an aggregator keeps the tables it was given.
#[wasm_bindgen]
pub struct Table(Arc<UsageTable>);

#[wasm_bindgen]
impl Table {
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> usize {
        self.0.len()
    }

    /// Everything but the records: `{ format, issues, page, duplicates }`.
    pub fn summary(&self) -> String {
        #[derive(Serialize)]
        struct Summary<'a> {
            format: Option<crate::Format>,
            issues: &'a [Issue],
            page: Option<&'a PageInfo>,
            duplicates: u64,
        }
        json(&Summary {
            format: self.0.format(),
            issues: self.0.issues(),
            page: self.0.page(),
            duplicates: self.0.duplicates(),
        })
    }

    /// Records `start` to `end` (exclusive), packed.
    pub fn records(&self, start: usize, end: usize) -> Vec<u8> {
        self.0.to_packed(start, end)
    }

    /// The columns, as `UsageTable.columns()` gives them.
    pub fn columns(&self) -> Answer<Object> {
        let columns = self.0.to_columns();
        let numbers = |numbers: Vec<f64>| JsValue::from(Float64Array::from(numbers.as_slice()));
        object([
            ("start", numbers(columns.start)),
            ("end", numbers(columns.end)),
            ("quantity", numbers(columns.quantity)),
            ("cost", numbers(columns.cost)),
            ("metric", dictionary(columns.metric)?),
            ("resourceId", dictionary(columns.resource_id)?),
            ("account", dictionary(columns.account)?),
            ("region", dictionary(columns.region)?),
            ("unit", dictionary(columns.unit)?),
            ("currency", dictionary(columns.currency)?),
        ])
    }

    /// How many bytes [`Table::text`] writes. `to` is `"ndjson"` or `"csv"`.
    #[wasm_bindgen(js_name = textLength)]
    pub fn text_length(&self, to: &str) -> f64 {
        text_format(to).length(&self.0.columns) as f64
    }

    /// Writes all records as text into an array of just that length, by pieces: this memory never shrinks, and the text may be
    /// many times the table.
    pub fn text(&self, to: &str, target: &Uint8Array) {
        const BYTES: usize = 512 * 1024;
        let to = text_format(to);
        let (mut out, mut start, mut at) = (Vec::new(), 0, 0);
        to.head(&mut out);
        loop {
            start = to.piece(&self.0.columns, start, BYTES, &mut out);
            let end = at + out.len() as u32;
            target.subarray(at, end).copy_from(&out);
            if start >= self.0.len() {
                return;
            }
            at = end;
            out.clear();
        }
    }

    /// The JSON of the `Check`s.
    pub fn checks(&self) -> String {
        json(&self.0.checks())
    }
}

fn text_format(to: &str) -> TextFormat {
    match to {
        "ndjson" => TextFormat::Ndjson,
        "csv" => TextFormat::Csv,
        _ => TextFormat::Packed,
    }
}

fn object<const N: usize>(fields: [(&str, JsValue); N]) -> Answer<Object> {
    let object = Object::new();
    for (name, field) in fields {
        Reflect::set(&object, &name.into(), &field)?;
    }
    Ok(object)
}

fn dictionary(column: DictionaryColumn) -> Answer<JsValue> {
    let values: Array = column.values.iter().map(|value| JsValue::from_str(value)).collect();
    let codes = Int32Array::from(column.codes.as_slice());
    Ok(object([("values", values.into()), ("codes", codes.into())])?.into())
}

/// The time zones of the host: the front asks `Intl`.
struct HostZones {
    offset_seconds: Function,
    /// The last zone asked for, as JavaScript has it: it is nearly always the same.
    zone: RefCell<(String, JsValue)>,
}

impl ZoneRules for HostZones {
    fn offset_seconds(&self, zone: &str, epoch_seconds: i64) -> Result<i32, Error> {
        let mut last = self.zone.borrow_mut();
        if last.0 != zone {
            *last = (zone.to_owned(), JsValue::from_str(zone));
        }
        // Instants are within the years 0 to 9999: a double holds their seconds.
        let answer = self.offset_seconds.call2(&JsValue::UNDEFINED, &last.1, &JsValue::from_f64(epoch_seconds as f64));
        let seconds = answer.ok().and_then(|seconds| seconds.as_f64()).filter(|seconds| seconds.is_finite());
        seconds.map(|seconds| seconds as i32).ok_or_else(|| {
            Error::option(
                "timeZone",
                format!("expected an IANA time zone of this host, found {}", crate::model::error::quoted(zone)),
            )
        })
    }
}

/// What an `Aggregator` holds.
#[wasm_bindgen]
pub struct Aggregator {
    aggregator: crate::Aggregator,
    zones: HostZones,
}

#[wasm_bindgen]
impl Aggregator {
    /// `offset_seconds(zone, epochSeconds)` gives the seconds that a zone's clocks are ahead of UTC.
    #[wasm_bindgen(constructor)]
    pub fn new(spec: &str, offset_seconds: Function) -> Answer<Aggregator> {
        let spec = AggregateSpec::from_json(spec).map_err(thrown)?;
        let zones = HostZones { offset_seconds, zone: RefCell::default() };
        spec.check(&zones).map_err(thrown)?;
        Ok(Self { aggregator: crate::Aggregator::new(spec), zones })
    }

    pub fn push(&mut self, table: &Table) {
        self.aggregator.push(Arc::clone(&table.0));
    }

    /// Takes records: JSON arrays that follow each other. All are taken, or none.
    #[wasm_bindgen(js_name = pushRecords)]
    pub fn push_records(&mut self, texts: Vec<JsString>) -> Answer<()> {
        let mut records: Vec<UsageRecord> = Vec::new();
        for text in texts {
            records_from_json(&String::from(text), &mut records).map_err(thrown)?;
        }
        self.aggregator.push_records(&records).map_err(thrown)
    }

    pub fn state(&self) -> Vec<u8> {
        self.aggregator.state()
    }

    pub fn merge(&mut self, state: &[u8]) -> Answer<()> {
        self.aggregator.merge(state).map_err(thrown)
    }

    /// The `AggregateRow`s taken apart, as [`crate::RowColumns`] has them; `heads` and `times` as JSON.
    pub fn finish(&self) -> Answer<Object> {
        let columns = self.aggregator.finish_columns(&self.zones).map_err(thrown)?;
        let numbers = |numbers: Vec<f64>| JsValue::from(Float64Array::from(numbers.as_slice()));
        let places = |places: Vec<i32>| JsValue::from(Int32Array::from(places.as_slice()));
        let lines = |ascii: &[u8]| JsValue::from_str(std::str::from_utf8(ascii).expect("numbers are written in ASCII"));
        object([
            ("heads", json(&columns.heads.iter().map(Deref::deref).collect::<Vec<_>>()).into()),
            ("times", json(&columns.times).into()),
            ("head", Uint32Array::from(columns.head.as_slice()).into()),
            ("start", places(columns.start)),
            ("end", places(columns.end)),
            ("quantity", lines(&columns.quantity)),
            ("cost", lines(&columns.cost)),
            ("records", numbers(columns.records)),
            ("resources", numbers(columns.resources)),
            ("coveredSeconds", numbers(columns.covered_seconds)),
            ("gapSeconds", numbers(columns.gap_seconds)),
        ])
    }
}

/// The pages of a listing, pushed in pieces.
#[wasm_bindgen]
pub struct Listing {
    reader: crate::ListingReader,
    /// The last piece of output, kept for its room.
    piece: Vec<u8>,
}

#[wasm_bindgen]
impl Listing {
    /// `to` is `"table"`, `"ndjson"`, `"csv"`, or `"records"`: then each output that is not empty is
    /// records, packed.
    /// `start` and `end` are those of `between`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, to: &str, start: Option<String>, end: Option<String>, distinct: bool) -> Answer<Listing> {
        let read = read_options(options)?;
        let mut options = ListingOptions { read, distinct, ..ListingOptions::default() };
        if let (Some(start), Some(end)) = (start, end) {
            options = options.between(&start, &end).map_err(thrown)?;
        }
        let keep = match to {
            "table" => Keep::Table,
            to => Keep::Text(text_format(to)),
        };
        Ok(Self { reader: crate::ListingReader::new(options, keep), piece: Vec::new() })
    }

    /// Begins the next page; `options` are those that it has for itself, `start` and `end` those of its `between`.
    pub fn begin(&mut self, options: &str, start: Option<String>, end: Option<String>) -> Answer<()> {
        let mut page = PageContext::from(read_options(options)?);
        if let (Some(start), Some(end)) = (start, end) {
            page = page.between(&start, &end).map_err(thrown)?;
        }
        self.reader.begin(page);
        Ok(())
    }

    /// Takes the next bytes of the page, and gives the first piece of what is complete by them, if any. The other pieces are
    /// to be taken before more is pushed.
    pub fn push(&mut self, piece: &[u8]) -> Answer<Option<Uint8Array>> {
        self.reader.feed(piece).map_err(thrown)?;
        self.take()
    }

    /// The next piece of what is complete, if any.
    pub fn take(&mut self) -> Answer<Option<Uint8Array>> {
        self.piece.clear();
        let is_piece = self.reader.take(&mut self.piece).map_err(thrown)?;
        Ok(is_piece.then(|| Uint8Array::from(self.piece.as_slice())))
    }

    /// Says that the page is complete, and gives the first piece of what is left of it, if any.
    pub fn end(&mut self) -> Answer<Option<Uint8Array>> {
        self.reader.close().map_err(thrown)?;
        self.take()
    }

    /// The JSON of a `PageOutcome`, once all pieces have been taken.
    pub fn outcome(&mut self) -> String {
        json(&self.reader.outcome())
    }

    /// What stands before the first record, where no page was begun.
    pub fn head(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        self.reader.head(&mut out);
        out
    }

    /// The table of everything that was read.
    pub fn finish(self) -> Table {
        Table(Arc::new(self.reader.finish()))
    }

    #[wasm_bindgen(getter)]
    pub fn records(&self) -> f64 {
        self.reader.records() as f64
    }

    #[wasm_bindgen(getter)]
    pub fn duplicates(&self) -> f64 {
        self.reader.duplicates() as f64
    }

    /// The JSON of the `Issue`s met since the last call.
    #[wasm_bindgen(js_name = takeIssues)]
    pub fn take_issues(&mut self) -> String {
        json(&self.reader.take_issues())
    }
}
