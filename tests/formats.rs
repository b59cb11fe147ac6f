//! Formats of the caller: detection, error replies, and the records that they give.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use meterglot::{
    Detection, ErrorCode, FormatDescriptor, NormalizeStream, OnError, ReadOptions, Request, TextFormat, UsageRecord,
    detect, next_request, normalize,
};

const ACME: &str = r#"{
  "descriptor": 1, "provider": "acme", "format": "acme.usage", "title": "Acme usage",
  "detect": [{ "has": "/account/id", "row": { "has": ["resource", "quantity"] } }],
  "errors": [{ "when": { "has": "/error/message" }, "codes": "/error/code", "messages": "/error/message" }],
  "rows": [{ "at": "/items/*" }],
  "required": ["resource", "day", "quantity"],
  "account": { "field": "/account/id" },
  "currency": { "field": "/account/currency" },
  "resource": { "id": { "field": "resource" }, "type": { "field": "type" } },
  "period": { "start": { "field": "day", "zone": "UTC" }, "step": "P1D" },
  "metrics": {
    "quantity": {
      "metric": "acme.{type}", "cost": "price", "by": "type",
      "cases": [
        { "is": ["volume"], "kind": "gauge", "unit": "GiBy" },
        { "is": ["traffic", "traffic_*"], "kind": "delta", "unit": "By" }
      ]
    }
  },
  "next": { "by": "cursor", "at": "/next", "parameter": "cursor" }
}"#;

const ACME_BODY: &str = r#"{"account":{"id":"a-7","currency":"EUR"},
 "items":[{"resource":"vol-1","type":"volume","day":"2025-03-01","quantity":"12.50","price":"0.0175"},
          {"resource":"lb-1","type":"traffic_out","day":"2025-03-01","quantity":9007199254740993}],
 "next":"c2"}"#;

const NORD: &str = r#"{
  "descriptor": 1, "provider": "nord", "format": "nord.servers", "title": "Nord server hours", "encodings": ["xml"],
  "detect": [{ "has": ["/report/@customer", "/report/server"] }],
  "errors": [{ "when": { "is": { "/failure/@state": ["fatal*"] }, "lacks": "/failure/retry" }, "codes": "/failure/@code", "messages": "/failure/reason" }],
  "rows": [{ "at": "/report/server" }],
  "account": { "field": "/report/@customer" }, "currency": "SEK",
  "resource": { "id": { "field": "@id" }, "type": "server" }, "region": { "field": "zone" },
  "metrics": {},
  "nested": [{
    "at": "usage",
    "period": { "start": { "field": "@day", "zone": "UTC" }, "step": "P1D" },
    "metrics": {
      "@hours": { "metric": "compute.hours", "kind": "integral", "unit": "{unit}.h", "cost": "@charge" },
      "*_fee": { "metric": "cost.*", "kind": "delta", "holds": "cost" }
    }
  }]
}"#;

const NORD_BODY: &str = r#"<report customer="c9"><server id="s1" zone="eu"><usage day="2025-03-01" hours="24" charge="0.48"><setup_fee>5</setup_fee></usage></server></report>"#;

const EDGELINE: &str = r#"{
  "descriptor": 1, "provider": "edgeline", "format": "edgeline.counters", "title": "Edgeline counters",
  "detect": [{ "has": ["/hours", "/series"] }],
  "rows": [{ "at": "", "columns": [{ "at": "series/{region}/{counter}", "name": "series.{counter}" }] }],
  "account": { "segmentAfter": ["zones"] }, "region": { "capture": "region" },
  "period": { "start": { "column": "hours" }, "step": [
    { "from": { "query": "step" }, "cases": { "hour": "PT1H", "day": "P1D" } },
    { "smallestGap": { "of": ["PT1H", "P1D"], "else": "PT1H" } }] },
  "metrics": {
    "requests": { "metric": "api.calls", "kind": "delta", "unit": "{call}" },
    "cached": { "metric": "api.calls.cached", "kind": "delta", "unit": "{call}", "partOf": "api.calls" }
  },
  "checks": [{ "name": "total", "stated": "total", "of": "values" }]
}"#;

const EDGELINE_BODY: &str = r#"{"hours":["2025-03-01T00:00:00Z","2025-03-01T01:00:00Z"],"series":{"eu":{"requests":[5,7],"cached":[1,null]},"us":{"requests":[2,3]}},"total":18}"#;

const ALL: [(&str, &str); 3] = [(ACME, ACME_BODY), (NORD, NORD_BODY), (EDGELINE, EDGELINE_BODY)];

fn descriptor(text: &str) -> FormatDescriptor {
    FormatDescriptor::from_json(text).unwrap()
}

/// A descriptor of the provider `test` with these tests and rules.
fn tested(name: &str, detect: &str, more: &str) -> FormatDescriptor {
    descriptor(&format!(
        r#"{{"descriptor":1,"provider":"test","format":"test.{name}","title":"Test","encodings":["json","xml"],"detect":{detect},
        "rows":[{{"at":["/items/*","/*"]}}],"metrics":{{"n":{{"metric":"api.calls","kind":"delta","unit":"{{call}}"}}}}{more}}}"#
    ))
}

fn with_formats(formats: &[&FormatDescriptor]) -> ReadOptions {
    ReadOptions { formats: formats.iter().map(|format| (*format).clone()).collect(), ..ReadOptions::default() }
}

fn with_format(format: &FormatDescriptor) -> ReadOptions {
    ReadOptions { format: Some(format.clone()), ..ReadOptions::default() }
}

fn asked(options: &ReadOptions, url: &str) -> ReadOptions {
    ReadOptions { request: Some(Request::new(url, None).unwrap()), ..options.clone() }
}

fn found(body: &str, options: &ReadOptions) -> Option<String> {
    detect(body.as_bytes(), options).map(|Detection { format, .. }| format.as_str().to_owned())
}

fn records(body: &str, options: &ReadOptions) -> Vec<UsageRecord> {
    let table = normalize(&[body.as_bytes()], options).unwrap();
    table.records(0, table.len())
}

#[test]
fn the_examples_are_detected_beside_the_built_in_formats_and_read() {
    let formats = ALL.map(|(text, _)| descriptor(text));
    let options = with_formats(&formats.each_ref());
    for (format, (_, body)) in formats.iter().zip(ALL) {
        assert_eq!(found(body, &options).as_deref(), Some(format.format()));
    }
    for (format, (_, body)) in formats.iter().zip(ALL) {
        let read = records(body, &options);
        assert_eq!(read, records(body, &with_format(format)));
        assert!(
            read.iter().all(
                |record| record.format.as_str() == format.format() && record.provider.as_str() == format.provider()
            )
        );
    }
    let acme = records(ACME_BODY, &options);
    assert_eq!(acme.len(), 2);
    assert_eq!(
        (acme[0].metric.as_str(), acme[0].quantity.as_deref(), acme[0].cost.as_deref()),
        ("acme.volume", Some("12.5"), Some("0.0175"))
    );
    assert_eq!((acme[0].currency.as_deref(), acme[0].end.as_deref()), (Some("EUR"), Some("2025-03-02T00:00:00Z")));
    assert_eq!(
        (acme[1].metric.as_str(), acme[1].quantity.as_deref(), acme[1].cost.as_deref()),
        ("acme.traffic_out", Some("9007199254740993"), None)
    );
    let edgeline = normalize(&[EDGELINE_BODY], &options).unwrap();
    let read = edgeline.records(0, edgeline.len());
    let values: Vec<_> = read
        .iter()
        .map(|it| (it.metric.as_str(), it.region.as_deref(), it.quantity.as_deref(), it.provider_field.as_str()))
        .collect();
    let field = "series.requests";
    assert_eq!(
        values,
        [
            ("api.calls", Some("eu"), Some("5"), field),
            ("api.calls", Some("eu"), Some("7"), field),
            ("api.calls.cached", Some("eu"), Some("1"), "series.cached"),
            ("api.calls", Some("us"), Some("2"), field),
            ("api.calls", Some("us"), Some("3"), field),
        ]
    );
    assert_eq!(
        (read[1].start.as_deref(), read[1].end.as_deref()),
        (Some("2025-03-01T01:00:00Z"), Some("2025-03-01T02:00:00Z"))
    );
    assert_eq!(edgeline.checks().iter().map(|check| (&*check.name, check.ok)).collect::<Vec<_>>(), [("total", true)]);
    let nord = records(NORD_BODY, &options);
    assert_eq!(
        nord.iter().map(|record| record.pointer.as_str()).collect::<Vec<_>>(),
        ["/report/server[1]/usage[1]/@hours", "/report/server[1]/usage[1]/setup_fee"]
    );
}

#[test]
fn a_body_cut_anywhere_gives_the_same_records() {
    for (text, body) in ALL {
        let format = descriptor(text);
        for options in [with_format(&format), with_formats(&[&format])] {
            let whole = normalize(&[body], &options).unwrap().to_ndjson();
            for cut in 0..=body.len() {
                let mut stream = NormalizeStream::new(options.clone(), TextFormat::Ndjson);
                let mut out = Vec::new();
                let (one, other) = body.as_bytes().split_at(cut);
                for piece in [one, other] {
                    stream.push(piece, &mut out).unwrap();
                }
                stream.finish(&mut out).unwrap();
                assert!(out == whole, "{} at {cut}", format.format());
            }
        }
    }
}

#[test]
fn built_in_formats_are_detected_as_without_formats() {
    let acme = descriptor(ACME);
    let body = r#"[{"AcctNum":1,"BucketNum":2,"StartTime":"2024-01-01T00:00:00Z","EndTime":"2024-01-02T00:00:00Z","NumAPICalls":3}]"#;
    assert_eq!(found(body, &with_formats(&[&acme])).as_deref(), Some("wasabi.bucket-daily"));
    // A provider that was named limits the candidates.
    let options = ReadOptions { provider: Some(acme_provider()), ..with_formats(&[&acme]) };
    assert_eq!(found(body, &options), None);
    let error = normalize(&[body], &options).unwrap_err();
    assert_eq!(error.code(), ErrorCode::UnknownFormat);
    assert!(error.to_string().contains("acme") && error.to_string().contains("wasabi"), "{error}");
    assert_eq!(found(ACME_BODY, &options).as_deref(), Some("acme.usage"));
}

fn acme_provider() -> meterglot::Provider {
    meterglot::Provider::from_name("acme").unwrap()
}

#[test]
fn the_first_format_wins_and_a_test_of_the_request_beats_it() {
    let [one, two] = ["one", "two"].map(|name| tested(name, r#"[{"row":{"has":"n"}}]"#, ""));
    let asking = tested(
        "asking",
        r#"[{"row":{"has":"n"},"request":{"host":["*.acme.com"],"path":["v1/usage*"],"query":{"step":["*"],"page":[null]}}}]"#,
        "",
    );
    let body = r#"[{"n":1}]"#;
    assert_eq!(found(body, &with_formats(&[&one, &two])).as_deref(), Some("test.one"));
    assert_eq!(found(body, &with_formats(&[&two, &one])).as_deref(), Some("test.two"));
    let options = with_formats(&[&one, &asking]);
    for (url, due) in [
        ("https://API.acme.com:8443/x/V1/usage-now?Step=1", "test.asking"),
        ("https://acme.com/v1/usage?step=1", "test.one"),
        ("https://api.acme.com/v1/x/usage?step=1", "test.one"),
        ("https://api.acme.com/v1/usage", "test.one"),
        ("https://api.acme.com/v1/usage?step=1&page=2", "test.one"),
    ] {
        assert_eq!(found(body, &asked(&options, url)).as_deref(), Some(due), "{url}");
    }
    assert_eq!(found(body, &options).as_deref(), Some("test.one"));
}

#[test]
fn tests_see_names_texts_and_absence() {
    let cases = [
        (r#"[{"has":["/a","/b/c"]}]"#, r#"{"a":1,"b":{"c":2}}"#, r#"{"a":1,"b":{"d":2}}"#),
        (r#"[{"hasOne":["/a","/b"]}]"#, r#"{"b":1}"#, r#"{"c":1}"#),
        (r#"[{"has":"/a","lacks":["/b","/c/d"]}]"#, r#"{"a":1,"c":{"e":1}}"#, r#"{"a":1,"c":{"e":1,"d":null}}"#),
        (r#"[{"empty":"/a"}]"#, r#"{"a":[]}"#, r#"{"a":[1]}"#),
        (r#"[{"empty":"/a"}]"#, r#"{"a":null}"#, r#"{"a":{}}"#),
        (r#"[{"is":{"/state":["ok*","done"]}}]"#, r#"{"state":"okay"}"#, r#"{"state":"failed"}"#),
        (r#"[{"is":{"/a/b":["1.50"]}}]"#, r#"{"a":{"b":1.50}}"#, r#"{"a":{"b":1.5}}"#),
        (r#"[{"has":"/x","is":{"/a":[null]}}]"#, r#"{"x":1}"#, r#"{"x":1,"a":0}"#),
        (r#"[{"has":"/x","is":{"/a":[null]}}]"#, r#"{"x":1,"a":null}"#, r#"{"x":1,"a":"null"}"#),
        (r#"[{"row":{"has":"*_cost","lacks":"id"}}]"#, r#"[{"vm_cost":1}]"#, r#"[{"vm_cost":1,"id":2}]"#),
        (r#"[{"row":[{"has":"n"},{"is":{"k":["v"]}}]}]"#, r#"{"items":[{"k":"v"}]}"#, r#"{"items":[{"k":"w"}]}"#),
        (r#"[{"has":"/a~1b"}]"#, r#"{"a/b":1}"#, r#"{"a":{"b":1}}"#),
        (r#"[{"has":"/*/n"}]"#, r#"[{"n":1}]"#, r#"{"x":{"n":1}}"#),
        (r#"[{"encoding":"xml","has":"/r/@id","lacks":"/r/x"}]"#, r#"<r id="1"><y/></r>"#, r#"<r id="1"><x/></r>"#),
        (r#"[{"encoding":"xml","empty":"/r"}]"#, r#"<r id="1"></r>"#, "<r><x/></r>"),
        (
            r#"[{"encoding":"xml","is":{"/r/state":["ok"],"/r/@v":["2"]}}]"#,
            r#"<r v="2"><state>ok</state></r>"#,
            r#"<r v="2"><state>no</state></r>"#,
        ),
        (r#"[{"encoding":"xml","has":"/*/b"}]"#, "<a><b/></a>", "<a><c/></a>"),
    ];
    for (detect, yes, no) in cases {
        let options = with_formats(&[&tested("case", detect, "")]);
        assert_eq!(found(yes, &options).as_deref(), Some("test.case"), "{detect} {yes}");
        assert_ne!(found(no, &options).as_deref(), Some("test.case"), "{detect} {no}");
    }
}

#[test]
fn absence_is_decided_only_where_what_would_hold_it_is_complete() {
    let format = tested("case", r#"[{"has":"/a","lacks":"/z"}]"#, "");
    let options = with_formats(&[&format]);
    // The name stands behind rows that do not fit in the beginning.
    let rows = format!("[{}]", vec![r#"{"n":1}"#; 50].join(","));
    assert_eq!(found(&format!(r#"{{"a":1,"items":{rows},"z":1}}"#), &options), None);
    assert_eq!(found(&format!(r#"{{"a":1,"items":{rows}}}"#), &options).as_deref(), Some("test.case"));
}

#[test]
fn a_named_test_counts_where_the_caller_names_provider_or_format() {
    let format = tested("case", r#"[{"row":{"has":"n"},"named":true}]"#, "");
    let body = r#"[{"n":1}]"#;
    assert_eq!(found(body, &with_formats(&[&format])), None);
    let named = ReadOptions { provider: meterglot::Provider::from_name("test"), ..with_formats(&[&format]) };
    assert_eq!(found(body, &named).as_deref(), Some("test.case"));
    assert_eq!(found(body, &with_format(&format)).as_deref(), Some("test.case"));
}

#[test]
fn an_error_reply_gives_its_codes_and_messages() {
    let acme = descriptor(ACME);
    let body = r#"{"error":{"code":["E7",{"inner":12}],"message":{"a":"no such account","b":["x"]}},"items":null}"#;
    for options in [with_formats(&[&acme]), with_format(&acme)] {
        let error = normalize(&[body], &options).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ProviderError);
        let parts = error.parts();
        assert_eq!(parts.provider.map(|provider| provider.as_str().to_owned()).as_deref(), Some("acme"));
        assert_eq!(
            (&parts.provider_codes[..], &parts.provider_messages[..]),
            (&["E7".to_owned(), "12".to_owned()][..], &["no such account".to_owned(), "x".to_owned()][..])
        );
    }
    let nord = descriptor(NORD);
    let body = r#"<failure state="fatal-2" code="9"><reason>gone</reason></failure>"#;
    let parts = normalize(&[body], &with_formats(&[&nord])).unwrap_err().parts().clone();
    assert_eq!(
        (&parts.provider_codes[..], &parts.provider_messages[..]),
        (&["9".to_owned()][..], &["gone".to_owned()][..])
    );
    let body = r#"<failure state="fatal-2" code="9"><retry/></failure>"#;
    assert_eq!(normalize(&[body], &with_formats(&[&nord])).unwrap_err().code(), ErrorCode::UnknownFormat);
}

#[test]
fn an_error_that_the_envelope_reports_behind_its_rows_ends_the_body() {
    let acme = descriptor(ACME);
    let body = ACME_BODY.replace(r#""next":"c2""#, r#""error":{"message":["cut","off"],"code":7}"#);
    for cut in 0..=body.len() {
        let options = ReadOptions { on_error: OnError::Collect, ..with_formats(&[&acme]) };
        let mut stream = NormalizeStream::new(options, TextFormat::Ndjson);
        let mut out = Vec::new();
        for piece in [&body.as_bytes()[..cut], &body.as_bytes()[cut..]] {
            stream.push(piece, &mut out).unwrap();
        }
        stream.finish(&mut out).unwrap();
        assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 2, "at {cut}");
    }
    let error = normalize(&[&body], &with_formats(&[&acme])).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ProviderError);
    let parts = error.parts();
    assert_eq!(
        (&parts.provider_codes[..], &parts.provider_messages[..]),
        (&["7".to_owned()][..], &["cut".to_owned(), "off".to_owned()][..])
    );
    assert_eq!(parts.pointer.as_deref(), Some("/error"));
    let nord = descriptor(
        &NORD
            .replace(
                r#""is": { "/failure/@state": ["fatal*"] }, "lacks": "/failure/retry" }"#,
                r#""has": "/report/failure", "is": { "/report/@customer": ["c9"] } }"#,
            )
            .replace("/failure/reason", "/report/failure/reason")
            .replace("/failure/@code", "/report/failure/@code"),
    );
    let body = NORD_BODY.replace("</report>", r#"<failure code="x1"><reason>gone</reason></failure></report>"#);
    let parts = normalize(&[&body], &with_format(&nord)).unwrap_err().parts().clone();
    assert_eq!(
        (&parts.provider_codes[..], &parts.provider_messages[..]),
        (&["x1".to_owned()][..], &["gone".to_owned()][..])
    );
    assert_eq!(records(NORD_BODY, &with_format(&nord)).len(), 2);
}

#[test]
fn with_format_the_body_is_of_it_whatever_its_tests_say() {
    let format = tested("case", r#"[{"has":"/never"}]"#, "");
    let options = with_format(&format);
    for body in [r#"[{"n":1}]"#, r#"{"x":1,"items":[{"n":1}],"y":2}"#] {
        assert_eq!(found(body, &options).as_deref(), Some("test.case"), "{body}");
        assert_eq!(records(body, &options).len(), 1, "{body}");
    }
    for body in ["[]", r#"{"items":[]}"#] {
        let table = normalize(&[body], &options).unwrap();
        assert_eq!(
            (table.len(), table.format().map(|format| format.as_str().to_owned()).as_deref()),
            (0, Some("test.case")),
            "{body}"
        );
    }
    // Of another encoding it cannot be.
    let acme = with_format(&descriptor(ACME));
    assert_eq!(normalize(&["<a/>"], &acme).unwrap_err().code(), ErrorCode::UnknownFormat);
    // A row that is wrong is a fault of the row.
    let collect = ReadOptions { on_error: OnError::Collect, ..options };
    let table = normalize(&[r#"[{"n":"x"},{"n":2}]"#], &collect).unwrap();
    assert_eq!((table.len(), table.issues().len()), (1, 1));
}

#[test]
fn an_empty_list_is_of_the_only_format_of_the_named_provider_that_has_one() {
    let one = tested("one", r#"[{"has":"/never"}]"#, "");
    let provider = meterglot::Provider::from_name("test");
    let format_of = |formats: &[&FormatDescriptor], provider| {
        let table = normalize(&["[]"], &ReadOptions { provider, ..with_formats(formats) }).unwrap();
        table.format().map(|format| format.as_str().to_owned())
    };
    assert_eq!(format_of(&[&one], provider).as_deref(), Some("test.one"));
    assert_eq!(format_of(&[&one], None), None);
    assert_eq!(format_of(&[&one, &tested("two", r#"[{"has":"/never"}]"#, "")], provider), None);
    let claiming = tested("two", r#"[{"empty":"","request":{"path":["two"]}}]"#, "");
    let options = asked(&with_formats(&[&one, &claiming]), "https://test.example/two");
    assert_eq!(found("[]", &options).as_deref(), Some("test.two"));
}

#[test]
fn the_next_page_is_requested_by_its_cursor() {
    let options = asked(&with_format(&descriptor(ACME)), "https://api.acme.com/usage?day=1&cursor=c1");
    let next = next_request(ACME_BODY.as_bytes(), &options).unwrap().unwrap();
    assert_eq!(next.url, "https://api.acme.com/usage?day=1&cursor=c2");
    let last = ACME_BODY.replace(r#""c2""#, "null");
    assert_eq!(next_request(last.as_bytes(), &options).unwrap(), None);
}
