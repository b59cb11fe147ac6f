//! Columnar groups: lists of values beside a list of times (docs/DESCRIPTORS.md#columns).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::streamed_with;
use meterglot::{ErrorCode, FormatDescriptor, Note, OnError, ReadOptions, Request, TextFormat, UsageTable, normalize};

/// A descriptor whose group is an object `/data` with lists in `counters`, and what a test changes of it.
fn format(changes: &[(&str, serde_json::Value)]) -> FormatDescriptor {
    let mut descriptor = serde_json::json!({
        "descriptor": 1, "provider": "test", "format": "test.columns", "title": "Test",
        "detect": [{ "has": "/data" }],
        "rows": [{ "at": "/data", "columns": [{ "at": "counters/{name}" }] }],
        "dimensions": { "name": { "capture": "name" } },
        "period": { "start": { "column": "ts" }, "step": "PT1H" },
        "metrics": { "*": { "metric": "api.calls", "kind": "delta", "unit": "{call}" } },
    });
    for (name, value) in changes {
        descriptor[*name] = value.clone();
    }
    FormatDescriptor::from_json(&descriptor.to_string()).unwrap()
}

fn options(changes: &[(&str, serde_json::Value)]) -> ReadOptions {
    ReadOptions { format: Some(format(changes)), on_error: OnError::Collect, ..ReadOptions::default() }
}

fn read(body: &str, options: &ReadOptions) -> UsageTable {
    let table = normalize(&[body], options).unwrap();
    // However a body is cut, it reads the same.
    for cut in 0..=body.len() {
        let (out, issues) =
            streamed_with(options, &[&body.as_bytes()[..cut], &body.as_bytes()[cut..]], TextFormat::Ndjson);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        assert_eq!((text(out), issues), (text(table.to_ndjson()), issues_of(&table)), "{body} cut at {cut}");
    }
    table
}

fn issues_of(table: &UsageTable) -> Vec<String> {
    table.issues().iter().map(|issue| format!("{issue:?}")).collect()
}

/// Name, quantity, start and end of each record.
fn values(table: &UsageTable) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let of = |record: meterglot::UsageRecord| {
        let name = record.dimensions.values().next().cloned().unwrap_or_default();
        format!("{name} {} {} {}", text(&record.quantity), text(&record.start), text(&record.end))
    };
    table.records(0, table.len()).into_iter().map(of).collect()
}

/// Code and pointer of each issue.
fn faults(table: &UsageTable) -> Vec<(ErrorCode, &str)> {
    table.issues().iter().map(|issue| (issue.code, issue.pointer.as_deref().unwrap_or("none"))).collect()
}

const HOURS: [&str; 2] = ["2025-03-01T00:00:00Z 2025-03-01T01:00:00Z", "2025-03-01T01:00:00Z 2025-03-01T02:00:00Z"];
const TS: &str = r#""ts":["2025-03-01T00:00:00Z","2025-03-01T01:00:00Z"]"#;

#[test]
fn a_group_reads_alike_whatever_order_its_members_have() {
    let counters = r#""counters":{"a":[1,2.5],"b":["3",null]}"#;
    let expected: Vec<String> =
        [("a 1", 0), ("a 2.5", 1), ("b 3", 0)].map(|(value, hour)| format!("{value} {}", HOURS[hour])).into();
    for members in [[TS, counters, r#""x":[{"y":[1,[]]}]"#], [counters, r#""x":null"#, TS], [r#""x":1"#, counters, TS]]
    {
        let table = read(&format!(r#"{{"data":{{{}}}}}"#, members.join(",")), &options(&[]));
        assert_eq!((values(&table), faults(&table)), (expected.clone(), vec![]));
    }
}

#[test]
fn a_faulty_list_is_left_out_and_the_others_are_read() {
    let body = format!(r#"{{"data":{{"counters":{{"a":[1],"b":[1,2],"c":[1,2,3],"d":[]}},{TS}}}}}"#);
    let table = read(&body, &options(&[]));
    assert_eq!(values(&table), HOURS.map(|hour| format!("b {} {hour}", 1 + usize::from(hour == HOURS[1]))));
    let mismatch = |name| (ErrorCode::LengthMismatch, name);
    assert_eq!(
        faults(&table),
        [mismatch("/data/counters/a"), mismatch("/data/counters/c"), mismatch("/data/counters/d")]
    );
}

#[test]
fn a_faulty_value_is_left_out_alone_and_a_faulty_time_with_its_values() {
    let body = r#"{"data":{"counters":{"a":[1,true,3],"b":[4,5,6]},"ts":["2025-03-01T00:00:00Z","2025-03-01T01:00:00Z","soon"]}}"#;
    let table = read(body, &options(&[]));
    assert_eq!(values(&table), [format!("a 1 {}", HOURS[0]), format!("b 4 {}", HOURS[0]), format!("b 5 {}", HOURS[1])]);
    assert_eq!(
        faults(&table),
        [(ErrorCode::UnexpectedShape, "/data/counters/a/1"), (ErrorCode::InvalidTimestamp, "/data/ts/2")]
    );
    let null = read(r#"{"data":{"counters":{"a":[1]},"ts":[null]}}"#, &options(&[]));
    assert_eq!((values(&null).len(), faults(&null)), (0, vec![(ErrorCode::InvalidTimestamp, "/data/ts/0")]));
}

#[test]
fn values_need_times_and_a_group_needs_containers() {
    let of = |data: &str| {
        let table = read(&format!(r#"{{"data":{data}}}"#), &options(&[]));
        assert_eq!(table.len(), 0, "{data}");
        faults(&table).into_iter().map(|(code, pointer)| (code, pointer.to_owned())).collect::<Vec<_>>()
    };
    let one = |code, pointer: &str| vec![(code, pointer.to_owned())];
    assert_eq!(of(r#"{"counters":{"a":[1]}}"#), one(ErrorCode::MissingField, "/data"));
    assert_eq!(of(r#"{"counters":{"a":[1]},"ts":null}"#), one(ErrorCode::LengthMismatch, "/data/counters/a"));
    assert_eq!(of(r#"{"other":{"a":[1]},"ts":["2025-03-01T00:00:00Z"]}"#), one(ErrorCode::UnexpectedShape, "/data"));
    assert_eq!(of(r#"{"counters":[1]}"#), one(ErrorCode::UnexpectedShape, "/data/counters"));
    assert_eq!(of(r#"{"counters":{"a":5},"ts":[]}"#), one(ErrorCode::UnexpectedShape, "/data/counters/a"));
    assert_eq!(of(r#"{"counters":{},"ts":5}"#), one(ErrorCode::UnexpectedShape, "/data/ts"));
    assert_eq!(of("[1]"), one(ErrorCode::UnexpectedShape, "/data"));
    for sound in [
        "null",
        "{}",
        r#"{"counters":null}"#,
        r#"{"counters":{},"ts":[]}"#,
        r#"{"counters":{"a":null}}"#,
        r#"{"n":0,"ts":[]}"#,
    ] {
        assert_eq!(of(sound), [], "{sound}");
    }
}

#[test]
fn lists_that_are_no_metric_are_not_read_and_one_must_be() {
    let options = options(&[(
        "metrics",
        serde_json::json!({ "a": { "metric": "api.calls", "kind": "delta", "unit": "{call}" }, "b": null }),
    )]);
    let table = read(&format!(r#"{{"data":{{"counters":{{"b":[1],"a":[1,2],"c":["x"]}},{TS}}}}}"#), &options);
    assert_eq!((table.len(), faults(&table)), (2, vec![]));
    let none = read(&format!(r#"{{"data":{{"counters":{{"b":[1],"c":["x"]}},{TS}}}}}"#), &options);
    assert_eq!((none.len(), faults(&none)), (0, vec![(ErrorCode::UnexpectedShape, "/data")]));
}

#[test]
fn the_length_of_a_period_is_the_longest_that_no_gap_is_shorter_than() {
    let ends = |step: serde_json::Value, times: &[&str]| {
        let step = serde_json::json!({ "start": { "column": "ts" }, "step": { "smallestGap": step } });
        let list: Vec<String> = times.iter().map(|time| format!("{time:?}")).collect();
        let ones = vec!["1"; times.len()].join(",");
        let body = format!(r#"{{"data":{{"counters":{{"a":[{ones}]}},"ts":[{}]}}}}"#, list.join(","));
        let table = read(&body, &options(&[("period", step)]));
        let records = table.records(0, table.len());
        assert!(records.iter().all(|record| record.notes == [Note::ResolutionInferred]));
        records[0].end.clone().unwrap()
    };
    let of = serde_json::json!({ "of": ["PT1H", "P1D", "P1M"], "else": "PT5M" });
    let from = "2025-03-01T00:00:00Z";
    assert_eq!(ends(of.clone(), &[from]), "2025-03-01T00:05:00Z");
    assert_eq!(ends(of.clone(), &[from, "2025-03-01T00:30:00Z"]), "2025-03-01T00:05:00Z");
    assert_eq!(ends(of.clone(), &[from, "2025-03-01T03:00:00Z", "2025-03-01T02:00:00Z"]), "2025-03-01T01:00:00Z");
    assert_eq!(ends(of.clone(), &["2025-03-30T00:00:00+01:00", "2025-03-30T23:00:00+01:00"]), "2025-03-30T23:00:00Z");
    assert_eq!(ends(of, &["2025-02-01T00:00:00Z", "2025-03-01T00:00:00Z"]), "2025-03-01T00:00:00Z");
    assert_eq!(ends(serde_json::json!({ "else": "P1D" }), &[from, "2025-03-01T00:07:00Z"]), "2025-03-01T00:07:00Z");
    assert_eq!(ends(serde_json::json!({ "else": "P1D" }), &[from]), "2025-03-02T00:00:00Z");
}

#[test]
fn times_are_read_as_the_descriptor_says_and_may_have_ends_of_their_own() {
    let period = serde_json::json!({ "start": { "column": "from", "as": "unix" }, "end": { "column": "until", "zone": "UTC", "inclusive": true } });
    let options = options(&[("period", period)]);
    let body = r#"{"data":{"until":["2025-03-01","2025-03-03","2025-03-01T12:00:00Z"],"counters":{"a":[1,2,3]},"from":[1740787200,"1740873600.5",1740960000]}}"#;
    let table = read(body, &options);
    assert_eq!(
        values(&table),
        ["a 1 2025-03-01T00:00:00Z 2025-03-02T00:00:00Z", "a 2 2025-03-02T00:00:00.5Z 2025-03-04T00:00:00Z"]
    );
    assert_eq!(table.records(0, 1)[0].notes, [Note::AssumedUtc]);
    assert_eq!(faults(&table), [(ErrorCode::InvalidTimestamp, "/data/from/2")]);
    let short = read(r#"{"data":{"until":["2025-03-01"],"counters":{"a":[1,2]},"from":[0,1]}}"#, &options);
    assert_eq!(faults(&short), [(ErrorCode::LengthMismatch, "/data/counters/a")]);
}

#[test]
fn a_time_whose_period_ends_after_the_last_year_is_faulty() {
    let table = read(
        r#"{"data":{"counters":{"a":[1,2]},"ts":["9999-12-31T23:00:00Z","9999-12-31T23:30:00Z"]}}"#,
        &options(&[("period", serde_json::json!({ "start": { "column": "ts" }, "step": "PT30M" }))]),
    );
    assert_eq!(values(&table), ["a 1 9999-12-31T23:00:00Z 9999-12-31T23:30:00Z"]);
    assert_eq!(faults(&table), [(ErrorCode::InvalidTimestamp, "/data/ts/1")]);
}

#[test]
fn the_first_column_rule_that_fits_reads_a_list_and_single_numbers_have_no_times() {
    let rows = serde_json::json!([{ "at": "/data", "columns": [
        { "at": "counters/{name}/{part}", "name": "{name}-{part}" },
        { "at": "counters/{name}", "name": "by request", "when": { "request": { "query": { "by": ["name"] } } } },
        { "at": "counters/{name}", "name": "by shape", "when": { "shape": { "name": "object-id" } } },
        { "at": "counters/{name}", "name": "by text", "when": { "is": { "{name}": ["a*"] } } },
        { "at": "counters/{name}", "name": "total", "single": true },
    ] }]);
    let period = serde_json::json!([
        { "start": { "column": "ts" }, "step": "PT1H" },
        { "start": { "query": "from" }, "end": { "query": "to" } },
    ]);
    let mut options = options(&[("rows", rows), ("period", period)]);
    let id = "560ef49c681fdc7d1f015605";
    let body = format!(
        r#"{{"data":{{"counters":{{"a":[1,2],"n":7,"o":{{"p":[3,4]}},"{id}":[5,6],"z":["no rule reads this"]}},{TS}}}}}"#
    );
    let fields = |table: &UsageTable| {
        let of = |record: meterglot::UsageRecord| format!("{} {}", record.provider_field, record.quantity.unwrap());
        table.records(0, table.len()).into_iter().map(of).collect::<Vec<_>>()
    };
    let table = read(&body, &options);
    assert_eq!(fields(&table), ["by text 1", "by text 2", "total 7", "o-p 3", "o-p 4", "by shape 5", "by shape 6"]);
    assert_eq!(values(&table)[2], "n 7 - -");
    options.request = Some(Request::new("/v1?by=name&from=2025-03-01&to=2025-04-01", None).unwrap());
    let body = body.replace(r#""no rule reads this""#, "8,9");
    let table = read(&body, &options);
    assert_eq!(fields(&table)[..2], ["by request 1", "by request 2"]);
    assert_eq!(fields(&table)[7..], ["by request 8", "by request 9"]);
    assert_eq!(values(&table)[2], "n 7 2025-03-01T00:00:00Z 2025-04-01T00:00:00Z");
    assert_eq!(table.records(2, 3)[0].notes, [Note::PeriodFromRequest]);
}

#[test]
fn groups_of_a_list_wait_for_the_envelope_and_fail_by_themselves() {
    let changes = [
        (
            "rows",
            serde_json::json!([
                { "at": "/data/*", "when": { "is": { "kind": ["empty"] } }, "skip": true, "dimensions": {} },
                { "at": "/data/*", "when": { "is": { "kind": ["row"] } }, "dimensions": {}, "period": { "start": { "field": "day", "zone": "UTC" } },
                  "metrics": { "n": { "metric": "api.calls", "kind": "delta", "unit": "{call}" } } },
                { "at": "/data/*", "required": ["id"], "columns": [{ "at": "series/{part}/{name}" }] },
            ]),
        ),
        (
            "rowErrors",
            serde_json::json!([{ "when": { "has": "error" }, "codes": "error/code", "messages": "error/text" }]),
        ),
        ("account", serde_json::json!({ "field": "/account/id" })),
        ("resource", serde_json::json!({ "id": { "field": "id" } })),
        ("detect", serde_json::json!([{ "has": "/data" }])),
        ("ignoreCase", serde_json::json!(true)),
        ("dimensions", serde_json::json!({ "name": { "capture": "name" } })),
    ];
    let group = |more: &str| format!(r#"{{{more}"SERIES":{{"x":{{"a":[1,2]}},"y":{{"b":[3,4]}}}},{TS}}}"#);
    let body = format!(
        r#"{{"data":[{},{},{{"kind":"empty","x":[1]}},{{"error":{{"code":[5],"text":"no \"1\""}}}},{{"kind":"row","ID":"r","n":9,"day":"2025-03-01"}},{{"kind":"x"}}],"account":{{"id":"acc"}}}}"#,
        group(r#""id":"one","#),
        group("")
    );
    let table = read(&body, &options(&changes));
    let of = |record: meterglot::UsageRecord| {
        format!(
            "{} {} {} {}",
            record.account.unwrap(),
            record.resource_id.unwrap(),
            record.quantity.unwrap(),
            record.pointer
        )
    };
    let mut read_records: Vec<String> = table.records(0, table.len()).into_iter().map(of).collect();
    read_records.sort_unstable();
    assert_eq!(
        read_records,
        [
            "acc one 1 /data/0/SERIES/x/a/0",
            "acc one 2 /data/0/SERIES/x/a/1",
            "acc one 3 /data/0/SERIES/y/b/0",
            "acc one 4 /data/0/SERIES/y/b/1",
            "acc r 9 /data/4/n",
        ]
    );
    assert_eq!(
        faults(&table),
        [
            (ErrorCode::MissingField, "/data/1"),
            (ErrorCode::ProviderError, "/data/3"),
            (ErrorCode::MissingField, "/data/5"),
        ]
    );
    assert!(table.issues()[1].message.ends_with("no \"1\""), "{}", table.issues()[1].message);
}

#[test]
fn a_total_is_compared_with_the_values_of_its_group() {
    let checks = serde_json::json!([{ "name": "sum", "stated": "sum", "of": "values" }]);
    let options = options(&[("checks", checks)]);
    let check = |sum: &str| {
        let table = read(&format!(r#"{{"data":{{"sum":{sum},"counters":{{"a":[1,0.5],"b":[3,4]}},{TS}}}}}"#), &options);
        let of = |check: &meterglot::Check| format!("{} {} {} {}", check.name, check.expected, check.actual, check.ok);
        table.checks().iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(check("8.5"), ["sum 8.5 8.5 true"]);
    assert_eq!(check("\"9\""), ["sum 9 8.5 false"]);
    assert_eq!(check("null"), [""; 0]);
}

#[test]
fn what_a_group_cannot_have_is_refused() {
    let problems = |changes: &[(&str, serde_json::Value)]| {
        let mut descriptor: serde_json::Value = serde_json::from_str(&format(&[]).to_json()).unwrap();
        changes.iter().for_each(|(name, value)| descriptor[*name] = value.clone());
        FormatDescriptor::problems(&descriptor.to_string()).into_iter().map(|it| it.pointer).collect::<Vec<_>>()
    };
    assert_eq!(problems(&[]), [""; 0]);
    assert_eq!(problems(&[("encodings", serde_json::json!(["json", "xml"]))]), ["/rows/0"]);
    let cost = serde_json::json!({ "*": { "metric": "api.calls", "kind": "delta", "unit": "{call}", "cost": "c" } });
    assert_eq!(problems(&[("metrics", cost)]), ["/metrics/*"]);
    assert_eq!(problems(&[("nested", serde_json::json!([{ "at": "parts/*" }]))]), ["/nested/0"]);
}
