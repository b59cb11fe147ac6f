//! Why a body is read as it is: tests, rows, and what is read or not, for the author of a descriptor.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use meterglot::{ExplainedRows, ExplainedTest, FormatDescriptor, ReadOptions, Request, UnreadField, explain};
use serde_json::{Value, json};

fn acme() -> Value {
    json!({
        "descriptor": 1, "provider": "acme", "format": "acme.usage", "title": "Acme usage",
        "detect": [
            { "has": ["/account/id", "/items"], "row": { "has": ["resource", "quantity"] } },
            { "encoding": "json", "named": true, "is": { "/kind": ["usage", "bill*"] }, "request": { "host": ["*.acme.com"] } },
        ],
        "errors": [{ "when": { "has": "/error/message" }, "codes": "/error/code", "messages": "/error/message" }],
        "rows": [{ "at": "/items/*", "when": { "lacks": "total" } }, { "at": "/items/*", "when": { "has": "summary" }, "skip": true }],
        "account": [{ "field": "/account/id" }, { "query": "account" }],
        "currency": { "field": "/account/currency" },
        "resource": { "id": { "field": "resource" }, "name": { "field": "label" }, "type": { "field": "type", "map": { "disk": "volume" } } },
        "period": [
            { "start": { "field": "from" }, "end": { "field": "to" } },
            { "start": { "field": "day", "zone": "UTC" }, "step": "P1D" },
        ],
        "metrics": {
            "quantity": { "metric": "acme.volume", "kind": "gauge", "unit": "GiBy", "cost": "price" },
            "requests": { "metric": "acme.requests", "kind": "delta", "unit": "{call}" },
            "debug_*": null,
        },
        "page": { "total": "/meta/total" },
    })
}

fn options(descriptor: &Value) -> ReadOptions {
    let format = FormatDescriptor::from_json(&descriptor.to_string()).unwrap();
    ReadOptions { formats: vec![format], ..ReadOptions::default() }
}

fn unread(field: &str, rows: u64, pointer: &str) -> UnreadField {
    UnreadField { field: field.to_owned(), rows, pointer: pointer.to_owned() }
}

fn rows(pointer: Option<&str>, count: u64, faulty: u64) -> ExplainedRows {
    ExplainedRows { pointer: pointer.map(str::to_owned), count, faulty }
}

const BODY: &str = r#"{"account":{"id":"a-7","owner":{"name":"me"}},"meta":{"total":4,"took":"3ms"},"items":[
  {"resource":"v1","day":"2025-03-01","quantity":"1.5","price":"0.1","zone":"eu","tags":{"a":1},"type":"disk","debug_1":0},
  {"resource":"v2","day":"2025-03-01","quantity":"many","zone":"us","type":"tape","parts":[{"size":1},{"size":2}]},
  {"summary":true,"total":3,"note":"x"},
  {"resource":"v3","total":1}]}"#;

#[test]
fn what_is_read_and_what_is_not_is_named() {
    let explained = explain(BODY.as_bytes(), &options(&acme())).unwrap();
    assert_eq!(explained.detection.unwrap().format.as_str(), "acme.usage");
    assert_eq!(explained.rows, [rows(Some("/rows/0"), 2, 1), rows(Some("/rows/1"), 1, 0), rows(None, 1, 1)]);
    assert_eq!(
        explained.unread,
        [
            unread("/account/owner", 0, "/account/owner"),
            unread("/meta/took", 0, "/meta/took"),
            unread("zone", 2, "/items/0/zone"),
            unread("tags", 1, "/items/0/tags"),
            unread("parts", 1, "/items/1/parts"),
        ]
    );
    assert_eq!(
        explained.unused,
        [
            "/account/1",
            "/currency",
            "/metrics/requests",
            "/period/0",
            "/period/0/end",
            "/period/0/start",
            "/resource/name",
        ]
    );
    assert_eq!(explained.records.len(), 1);
    assert_eq!(explained.page.unwrap().total_rows, Some(4));
    let pointers: Vec<_> = explained.issues.iter().map(|issue| issue.pointer.as_deref().unwrap()).collect();
    assert_eq!(pointers, ["/items/1/quantity", "/items/3"]);
}

#[test]
fn each_test_says_what_it_lacks() {
    let test = |pointer: &str, missing: &[&str]| ExplainedTest {
        format: "acme.usage".to_owned(),
        pointer: pointer.to_owned(),
        holds: missing.is_empty(),
        missing: missing.iter().map(|text| (*text).to_owned()).collect(),
    };
    let own = |body: &str, options: &ReadOptions| -> Vec<ExplainedTest> {
        let tests = explain(body.as_bytes(), options).unwrap().tests;
        tests.into_iter().filter(|test| test.format == "acme.usage").collect()
    };
    let mut options = options(&acme());
    let second = ["the option `provider` or `format`", "the request", "/kind \"usage\" or \"bill*\""];
    let error = test("/errors/0/when", &["/error/message"]);
    assert_eq!(own(BODY, &options), [test("/detect/0", &[]), test("/detect/1", &second), error.clone()]);
    assert_eq!(
        own(r#"{"account":{},"items":[{"resource":1,"amount":2}]}"#, &options)[0],
        test("/detect/0", &["/account/id", "row: quantity"])
    );
    assert_eq!(own(r#"{"items":[]}"#, &options)[0], test("/detect/0", &["/account/id", "a row"]));
    assert!(own(r#"{"error":{"message":"no"}}"#, &options)[2].holds);
    assert_eq!(own("<items/>", &options)[2], test("/errors/0/when", &["an encoding of the format", "/error/message"]));

    options.request = Some(Request::new("https://api.acme.com/usage", None).unwrap());
    options.format = Some(options.formats.remove(0));
    assert_eq!(own(r#"{"kind":"billing"}"#, &options)[1], test("/detect/1", &[]));
}

#[test]
fn a_body_that_is_not_recognised_has_tests_and_an_issue_alone() {
    let explained = explain(br#"{"things":[{"a":1}]}"#, &options(&acme())).unwrap();
    assert!(explained.detection.is_none() && explained.rows.is_empty() && explained.unread.is_empty());
    assert!(explained.unused.is_empty() && explained.records.is_empty());
    assert!(explained.tests.iter().all(|test| !test.holds && !test.missing.is_empty()));
    assert_eq!(explained.issues.len(), 1);
    // What is no JSON has its fault.
    let broken = explain(br#"{"things":["#, &options(&acme())).unwrap();
    assert_eq!((broken.tests.len(), broken.issues.len()), (0, 1));
}

#[test]
fn nested_rows_and_attributes_of_xml_are_fields_of_their_row() {
    let descriptor = json!({
        "descriptor": 1, "provider": "nord", "format": "nord.servers", "title": "Nord server hours", "encodings": ["xml"],
        "detect": [{ "has": ["/report/@customer", "/report/server"] }],
        "rows": [{ "at": "/report/server" }],
        "account": { "field": "/report/@customer" }, "currency": "SEK",
        "resource": { "id": { "field": "@id" }, "type": "server" }, "region": { "field": "zone" },
        "metrics": {},
        "nested": [{
            "at": "usage",
            "period": { "start": { "field": "@day", "zone": "UTC" }, "step": "P1D" },
            "metrics": {
                "@hours": { "metric": "compute.hours", "kind": "integral", "unit": "{unit}.h", "cost": "@charge" },
                "*_fee": { "metric": "cost.*", "kind": "delta", "holds": "cost" },
                "disk": { "metric": "compute.disk", "kind": "gauge", "unit": "By" },
            },
        }],
    });
    let body = r#"<report customer="c9" version="2"><server id="s1" zone="eu" name="a"><usage day="2025-03-01" hours="24" charge="0.48"
        plan="x"><setup_fee>5</setup_fee></usage><usage day="2025-03-02" hours="x"/></server><server id="s2" name="b"/></report>"#;
    let explained = explain(body.as_bytes(), &options(&descriptor)).unwrap();
    assert_eq!(explained.rows, [rows(Some("/rows/0"), 2, 1)]);
    assert_eq!(
        explained.unread,
        [
            unread("/report/@version", 0, "/report/@version"),
            unread("@name", 2, "/report/server[1]/@name"),
            unread("usage/@plan", 1, "/report/server[1]/usage[1]/@plan"),
        ]
    );
    assert_eq!(explained.unused, ["/nested/0/metrics/disk"]);
}

#[test]
fn the_columns_of_a_group_are_read_by_their_names() {
    let descriptor = json!({
        "descriptor": 1, "provider": "edgeline", "format": "edgeline.counters", "title": "Edgeline counters",
        "detect": [{ "has": ["/hours", "/series"] }],
        "rows": [{ "at": "", "columns": [{ "at": "series/{region}/{counter}", "name": "series.{counter}" }] }],
        "account": { "segmentAfter": ["zones"] }, "region": { "capture": "region" },
        "period": { "start": { "column": "hours" }, "step": { "smallestGap": { "of": ["PT1H", "P1D"], "else": "PT1H" } } },
        "metrics": {
            "requests": { "metric": "api.calls", "kind": "delta", "unit": "{call}" },
            "cached": { "metric": "api.calls.cached", "kind": "delta", "unit": "{call}", "partOf": "api.calls" },
        },
        "checks": [{ "name": "total", "stated": "total", "of": "values" }],
    });
    let body =
        r#"{"hours":["2025-03-01T00:00:00Z"],"series":{"eu":{"requests":[5],"errors":[0]}},"total":5,"extra":[]}"#;
    let explained = explain(body.as_bytes(), &options(&descriptor)).unwrap();
    assert_eq!(explained.unread, [unread("series/eu/errors", 1, "/series/eu/errors"), unread("extra", 1, "/extra")]);
    assert_eq!(explained.unused, ["/account", "/metrics/cached"]);
    assert_eq!(explained.rows.len(), 1);
}

#[test]
fn a_row_in_an_object_of_its_own_is_found_by_the_longer_path() {
    let mut descriptor = acme();
    descriptor["detect"] = json!([{ "row": { "has": "quantity" } }]);
    descriptor["rows"] = json!([{ "at": ["/*/item", "/*"] }]);
    let body = r#"[{"item":{"resource":"v1","day":"2025-03-01","quantity":1}},{"resource":"v2","day":"2025-03-01","quantity":2,"x":1}]"#;
    let explained = explain(body.as_bytes(), &options(&descriptor)).unwrap();
    assert_eq!(explained.rows, [rows(Some("/rows/0"), 2, 0)]);
    assert_eq!(explained.unread, [unread("x", 1, "/1/x")]);
    assert_eq!(explained.records.len(), 2);
}

#[test]
fn a_list_without_rows_is_read() {
    let format = FormatDescriptor::built_in("onapp.user-statistics");
    let body = br#"<user_stats type="array"><user_stat><vm_stats type="array"/><color>red</color><total_cost>1</total_cost></user_stat></user_stats>"#;
    let explained = explain(body, &ReadOptions { format, ..ReadOptions::default() }).unwrap();
    let fields: Vec<_> = explained.unread.iter().map(|unread| unread.field.as_str()).collect();
    assert_eq!(fields, ["color"]);
    let mut descriptor = acme();
    descriptor["detect"] = json!([{ "has": "/account/id" }]);
    let explained = explain(br#"{"account":{"id":1},"items":[],"things":[]}"#, &options(&descriptor)).unwrap();
    assert_eq!(explained.unread, [unread("/things", 0, "/things")]);
}

#[test]
fn a_built_in_format_is_explained_too_and_a_named_one_is_the_only_one_tried() {
    let body = r#"[{"AcctNum":7,"BucketNum":1,"Bucket":"b","StartTime":"2024-01-01T00:00:00Z","EndTime":"2024-01-02T00:00:00Z","NumAPICalls":1,"Color":"red"}]"#;
    let explained = explain(body.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(explained.unread, [unread("Color", 1, "/0/Color")]);
    assert_eq!(explained.rows.iter().map(|rows| rows.count).sum::<u64>(), 1);
    let format = FormatDescriptor::built_in("wasabi.bucket-daily");
    let named = explain(body.as_bytes(), &ReadOptions { format, ..ReadOptions::default() }).unwrap();
    assert!(!named.tests.is_empty() && named.tests.iter().all(|test| test.format == "wasabi.bucket-daily"));
    assert!(named.tests.iter().any(|test| test.holds));
}

#[test]
fn a_body_with_any_number_of_fields_is_bounded_and_linear() {
    let fields: Vec<String> = (0..20_000).map(|i| format!(r#""f{i}":{i}"#)).collect();
    let row = r#"{"resource":"v","day":"2025-03-01","quantity":1}"#;
    let rows = vec![row; 20_000].join(",");
    let last = format!(r#"{{"resource":"w","day":"2025-03-01","quantity":1,{}}}"#, fields.join(","));
    let body = format!(r#"{{"account":{{"id":1}},"items":[{rows},{last}]}}"#);
    let explained = explain(body.as_bytes(), &options(&acme())).unwrap();
    assert_eq!(explained.unread.len(), 1000);
    assert_eq!(explained.rows[0].count, 20_001);
    assert_eq!(explained.records.len(), 2, "identical rows are one");
}
