//! Functions that only the benchmark uses (feature `bench`): the bare scans that reading is compared with.

use js_sys::Uint8Array;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::de::IgnoredAny;
use wasm_bindgen::prelude::*;

use crate::{Error, ReadOptions};

/// Copies a body in and scans its JSON without using it. Returns the number of bytes that were read.
#[wasm_bindgen(js_name = benchScanJson)]
pub fn bench_scan_json(body: &Uint8Array) -> Result<usize, JsValue> {
    let bytes = body.to_vec();
    serde_json::from_slice::<IgnoredAny>(&bytes).map_err(|error| JsValue::from_str(&error.to_string()))?;
    Ok(bytes.len())
}

/// Copies a body in and reads the events of its XML. Returns the number of elements that were opened.
#[wasm_bindgen(js_name = benchScanXml)]
pub fn bench_scan_xml(body: &Uint8Array) -> Result<usize, JsValue> {
    let bytes = body.to_vec();
    let text = std::str::from_utf8(&bytes).map_err(|error| JsValue::from_str(&error.to_string()))?;
    let mut reader = Reader::from_str(text);
    let mut elements = 0;
    loop {
        match reader.read_event().map_err(|error| JsValue::from_str(&error.to_string()))? {
            Event::Start(_) | Event::Empty(_) => elements += 1,
            Event::Eof => return Ok(elements),
            _ => {}
        }
    }
}

/// The bytes that the columns of a body's table take.
#[wasm_bindgen(js_name = benchColumnBytes)]
pub fn bench_column_bytes(body: &Uint8Array, options: &str) -> Result<usize, JsValue> {
    let thrown = |error: Error| JsValue::from_str(&error.to_json());
    let options = ReadOptions::from_json(options).map_err(thrown)?;
    Ok(crate::normalize(&[body.to_vec()], &options).map_err(thrown)?.column_bytes())
}
