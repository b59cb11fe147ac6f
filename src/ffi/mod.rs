//! The foreign function interface (FFI) to JavaScript: the only file that uses wasm-bindgen. It only converts values.
//!
//! Bodies are passed in as bytes. Small results are returned as text (JSON), columns as typed arrays, outputs as bytes. Options
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

use crate::aggregate::Clock;
use crate::table::record_input::records_from_json;
use crate::{
    AggregateSpec, Detection, DictionaryColumn, Error, FormatDescriptor, Issue, Limits, ListingOptions, PageContext,
    PageInfo, ReadOptions, TextFormat, UsageRecord, UsageTable, Value, ZoneRules,
};

type Answer<T> = Result<T, JsValue>;

fn thrown(error: Error) -> JsValue {
    JsValue::from_str(&error.to_json())
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("results have text keys, and writing to memory cannot fail")
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
    ReadOptions::from_json_with(json, &defined_format).map_err(thrown)
}

/// The format of a place.
fn defined_format(place: u64) -> Option<FormatDescriptor> {
    FORMATS.with_borrow(|formats| formats.get(usize::try_from(place).ok()?)?.clone())
}

/// Copies a body in. Of one that is over the limit no more is copied than shows that it is.
fn body(bytes: &Uint8Array, limits: &Limits) -> Vec<u8> {
    let enough = u32::try_from(limits.max_bytes.saturating_add(1)).unwrap_or(u32::MAX);
    if bytes.length() > enough { bytes.subarray(0, enough).to_vec() } else { bytes.to_vec() }
}

/// `detect`: the JSON of a `Detection`, or nothing. Only the bytes that are examined are copied in.
#[wasm_bindgen]
pub fn detect(bytes: &Uint8Array, options: &str) -> Answer<Option<String>> {
    let options = ReadOptions::hints_from_json_with(options, &defined_format).map_err(thrown)?;
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
        /// Stands for the rows, which have values that JSON cannot express.
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

/// Field names as JavaScript strings, shared by all rows.
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
        // Exact: the engine calls a value an integer only if a double can represent it.
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
                    // Assigning `__proto__` would change the prototype of the object instead.
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

/// `normalize`: each body is a page.
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

/// `explain`: the JSON of an `Explanation`.
#[wasm_bindgen]
pub fn explain(bytes: &Uint8Array, options: &str) -> Answer<String> {
    let options = read_options(options)?;
    crate::explain(&body(bytes, &options.limits), &options).map(|explanation| json(&explanation)).map_err(thrown)
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

    /// The number of bytes that [`Table::text`] writes. `to` is `"ndjson"` or `"csv"`.
    #[wasm_bindgen(js_name = textLength)]
    pub fn text_length(&self, to: &str) -> f64 {
        text_format(to).length(&self.0.columns) as f64
    }

    /// Writes all records as text into an array of exactly that length, piece by piece: WebAssembly memory never shrinks, and the text may be
    /// many times larger than the table.
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

/// The most zones whose clocks are kept.
const ZONES: usize = 8;

thread_local! {
    /// The clocks of the zones that were used last, in that order: each call of the host takes microseconds.
    static CLOCKS: RefCell<Vec<(String, Clock<'static>)>> = const { RefCell::new(Vec::new()) };
}

/// The time zones of the host: the front end asks `Intl`.
struct HostZones {
    offset_seconds: Function,
}

impl HostZones {
    fn clock(&self, zone: &str) -> Clock<'static> {
        let offset_seconds = self.offset_seconds.clone();
        let (zone, name) = (zone.to_owned(), JsValue::from_str(zone));
        Clock::new(move |t| {
            // Instants are within the years 0 to 9999, so a double represents their seconds exactly.
            let answer = offset_seconds.call2(&JsValue::UNDEFINED, &name, &JsValue::from_f64(t as f64));
            let seconds = answer.ok().and_then(|seconds| seconds.as_f64()).filter(|seconds| seconds.is_finite());
            seconds.map(|seconds| seconds as i32).ok_or_else(|| {
                Error::option(
                    "timeZone",
                    format!("expected an IANA time zone of this host, found {}", crate::model::error::quoted(&zone)),
                )
            })
        })
    }
}

impl ZoneRules for HostZones {
    fn offset_seconds(&self, zone: &str, epoch_seconds: i64) -> Result<i32, Error> {
        // Taken out while it is in use, because a patched host could call the engine from here.
        let kept = CLOCKS.with_borrow_mut(|clocks| {
            let at = clocks.iter().rposition(|(name, _)| name == zone)?;
            Some(clocks.remove(at))
        });
        let (name, mut clock) = kept.unwrap_or_else(|| (zone.to_owned(), self.clock(zone)));
        let span = clock.span(epoch_seconds)?;
        CLOCKS.with_borrow_mut(|clocks| {
            if clocks.len() == ZONES {
                clocks.remove(0);
            }
            clocks.push((name, clock));
        });
        Ok(span.offset as i32)
    }
}

/// The engine's part of an `Aggregator`.
#[wasm_bindgen]
pub struct Aggregator {
    aggregator: crate::Aggregator,
    zones: HostZones,
}

#[wasm_bindgen]
impl Aggregator {
    /// `offset_seconds(zone, epochSeconds)` returns the offset of a zone from UTC, in seconds, positive to the east.
    #[wasm_bindgen(constructor)]
    pub fn new(spec: &str, offset_seconds: Function) -> Answer<Aggregator> {
        let spec = AggregateSpec::from_json(spec).map_err(thrown)?;
        let zones = HostZones { offset_seconds };
        spec.check(&zones).map_err(thrown)?;
        Ok(Self { aggregator: crate::Aggregator::new(spec), zones })
    }

    pub fn push(&mut self, table: &Table) {
        self.aggregator.push(Arc::clone(&table.0));
    }

    /// Adds records: one or more JSON arrays, one after another. Either all records are added or none.
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

    /// The `AggregateRow`s as columns, as in [`crate::RowColumns`]; `heads` and `times` as JSON.
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

/// Checks the options of `normalizeStream`.
#[wasm_bindgen(js_name = checkStream)]
pub fn check_stream(options: &str) -> Answer<()> {
    ListingOptions::check_stream_with(options, &defined_format).map_err(thrown)
}

/// The pages of a listing, passed in pieces.
#[wasm_bindgen]
pub struct Listing {
    reader: crate::ListingReader,
    /// The last piece of output. Its memory is reused.
    piece: Vec<u8>,
}

#[wasm_bindgen]
impl Listing {
    /// With `to: "records"`, each output that is not empty is packed records.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Answer<Listing> {
        let (options, keep) = ListingOptions::from_json_with(options, &defined_format).map_err(thrown)?;
        Ok(Self { reader: crate::ListingReader::new(options, keep), piece: Vec::new() })
    }

    /// Begins the next page. `options` are the options of this page.
    pub fn begin(&mut self, options: &str) -> Answer<()> {
        self.reader.begin(PageContext::from_json(options).map_err(thrown)?);
        Ok(())
    }

    /// Adds the next bytes of the page. Returns the first piece of the output that is now complete, if any. Take the other pieces
    /// before the next call.
    pub fn push(&mut self, piece: &[u8]) -> Answer<Option<Uint8Array>> {
        self.reader.feed(piece).map_err(thrown)?;
        self.take()
    }

    /// The next piece of the output that is complete, if any.
    pub fn take(&mut self) -> Answer<Option<Uint8Array>> {
        self.piece.clear();
        let is_piece = self.reader.take(&mut self.piece).map_err(thrown)?;
        Ok(is_piece.then(|| Uint8Array::from(self.piece.as_slice())))
    }

    /// Ends the page. Returns the first piece of the remaining output, if any.
    pub fn end(&mut self) -> Answer<Option<Uint8Array>> {
        self.reader.close().map_err(thrown)?;
        self.take()
    }

    /// The JSON of a `PageOutcome`, once all pieces have been taken.
    pub fn outcome(&mut self) -> String {
        json(&self.reader.outcome())
    }

    /// The text before the first record, for a listing without pages.
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

    /// The JSON of the `Issue`s found since the last call.
    #[wasm_bindgen(js_name = takeIssues)]
    pub fn take_issues(&mut self) -> String {
        json(&self.reader.take_issues())
    }
}
