//! Checks that a format of the caller names: a metric of a row, compared with the sum of others of that row.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use meterglot::{Check, FormatDescriptor, Keep, ListingOptions, ListingReader, PageContext, ReadOptions, normalize};

/// Rows that state a total, and its parts.
fn stating(checks: &str) -> FormatDescriptor {
    FormatDescriptor::from_json(&format!(
        r#"{{"descriptor":1,"provider":"acme","format":"acme.bill","title":"Acme bill","encodings":["json","xml"],
        "detect":[{{"has":"/bill"}}],"rows":[{{"at":{{"json":"/bill/*","xml":"/bill/line"}}}}],"repeated":"occurrence",
        "resource":{{"id":{{"field":"id"}}}},"currency":"EUR",
        "metrics":{{
          "total":{{"metric":"cost.total","kind":"delta","holds":"cost"}},
          "*_fee":{{"metric":"cost.*","kind":"delta","holds":"cost","partOf":"cost.total"}},
          "hours":{{"metric":"compute.hours","kind":"integral","unit":"{{unit}}.h"}},
          "day":{{"metric":"compute.day","kind":"integral","unit":"{{unit}}.h","cost":"day_price"}},
          "night":{{"metric":"compute.night","kind":"integral","unit":"{{unit}}.h","cost":"night_price"}}
        }},"checks":{checks}}}"#
    ))
    .unwrap()
}

/// The checks of a body, whole and as pages of a listing that come in small pieces, each as one line.
fn checks(format: &FormatDescriptor, body: &str) -> Vec<String> {
    let line = |check: Check| {
        let Check { name, expected, actual, ok, pointer } = check;
        format!("{name} {} {expected} {actual} {}", if ok { "=" } else { "!" }, pointer.unwrap_or_default())
    };
    let options = ReadOptions { format: Some(format.clone()), ..ReadOptions::default() };
    let whole: Vec<_> = normalize(&[body.as_bytes()], &options).unwrap().checks().into_iter().map(line).collect();
    let mut listing = ListingReader::new(ListingOptions { read: options, ..ListingOptions::default() }, Keep::Table);
    listing.begin(PageContext::default());
    for piece in body.as_bytes().chunks(5) {
        listing.push(piece, &mut Vec::new()).unwrap();
    }
    listing.end(&mut Vec::new()).unwrap();
    let paged: Vec<_> = listing.finish().checks().into_iter().map(line).collect();
    assert_eq!(whole, paged);
    whole
}

#[test]
fn a_metric_of_a_row_is_compared_with_the_sum_of_others() {
    let exact = stating(
        r#"[{"name":"total","metric":"cost.total","of":["cost.setup","cost.use"]},
            {"name":"hours","metric":"compute.hours","of":["compute.day","compute.night"]},
            {"name":"priced","metric":"cost.total","of":["compute.day","compute.night"]}]"#,
    );
    let body = r#"{"bill":[
        {"id":1,"total":"0.3","setup_fee":0.1,"use_fee":0.2},
        {"id":2,"use_fee":2,"total":3,"setup_fee":2},
        {"id":3,"total":18014398509481985,"setup_fee":9007199254740993,"use_fee":"9007199254740992.0"},
        {"id":4,"setup_fee":1,"use_fee":1},
        {"id":5,"total":null,"setup_fee":1,"use_fee":1},
        {"id":6,"total":1,"use_fee":1},
        {"id":7,"hours":24,"day":15,"day_price":1.5,"night":9,"night_price":0.25,"total":1.75},
        {"id":8,"hours":24,"day":null,"day_price":1.5,"night":9,"night_price":0.25}
    ]}"#;
    assert_eq!(
        checks(&exact, body),
        [
            "total = 0.3 0.3 /bill/0/total",
            "total ! 3 4 /bill/1/total",
            "total = 18014398509481985 18014398509481985 /bill/2/total",
            "hours = 24 24 /bill/6/hours",
            "priced = 1.75 1.75 /bill/6/total",
        ]
    );
    let body = r#"<bill><line id="1" total="3"><setup_fee>1</setup_fee><use_fee>2</use_fee></line>
        <line id="2"><use_fee>2.50</use_fee><total>3</total><setup_fee>0.5</setup_fee></line>
        <line id="3"><use_fee>2</use_fee><setup_fee>1</setup_fee></line>
        <line id="4" total="3"><setup_fee>1</setup_fee><use_fee>1</use_fee></line></bill>"#;
    assert_eq!(
        checks(&exact, body),
        ["total = 3 3 /bill/line[1]/@total", "total = 3 3 /bill/line[2]/total", "total ! 3 2 /bill/line[4]/@total",]
    );
}

#[test]
fn a_stated_sum_agrees_within_its_digits() {
    let format = |digits: u32| {
        stating(&format!(
            r#"[{{"name":"total","metric":"cost.total","of":["cost.setup","cost.use"],"digits":{digits}}}]"#
        ))
    };
    let body = r#"{"bill":[{"id":1,"total":"10.66","setup_fee":"5.3333","use_fee":"5.3333"}]}"#;
    assert_eq!(checks(&format(4), body), ["total = 10.66 10.6666 /bill/0/total"]);
    assert_eq!(checks(&format(5), body), ["total ! 10.66 10.6666 /bill/0/total"]);
    let body = r#"<bill><line id="1"><total>10.67</total><setup_fee>5.3333</setup_fee><use_fee>5.3333</use_fee></line></bill>"#;
    assert_eq!(checks(&format(4), body), ["total = 10.67 10.6666 /bill/line[1]/total"]);
    assert_eq!(checks(&format(6), body), ["total ! 10.67 10.6666 /bill/line[1]/total"]);
}

#[test]
fn of_a_repeated_metric_the_last_is_in_the_sum() {
    let format = stating(r#"[{"name":"total","metric":"cost.total","of":["cost.setup","cost.use"]}]"#);
    let body = r#"{"bill":[{"id":1,"total":7,"setup_fee":1,"use_fee":5,"use_fee":2,"total":3}]}"#;
    assert_eq!(checks(&format, body), ["total = 3 3 /bill/0/total"]);
    let body = "<bill><line id=\"1\"><use_fee>5</use_fee><total>3</total><setup_fee>1</setup_fee><use_fee>2</use_fee></line></bill>";
    assert_eq!(checks(&format, body), ["total = 3 3 /bill/line[1]/total"]);
}

#[test]
fn checks_are_bounded_and_name_each_metric_once() {
    let problems = |checks: &str| {
        let text = serde_json::json!({
            "descriptor": 1, "provider": "acme", "format": "acme.bill", "title": "Acme bill", "detect": [{ "has": "/bill" }],
            "rows": [{ "at": "/bill/*" }], "metrics": { "n": { "metric": "a.n", "kind": "delta", "unit": "By" } },
            "checks": serde_json::from_str::<serde_json::Value>(checks).unwrap(),
        });
        let found = FormatDescriptor::problems(&text.to_string());
        found.into_iter().map(|problem| format!("{}: {}", problem.pointer, problem.message)).collect::<Vec<_>>()
    };
    assert_eq!(
        problems(r#"[{"name":"n","metric":"a.n","of":["a.b","a.n","a.b"]}]"#),
        [
            "/checks/0/of/1: expected each metric of a check once, found \"a.n\" again",
            "/checks/0/of/2: expected each metric of a check once, found \"a.b\" again",
        ]
    );
    let many = |count: usize| format!("[{}]", vec![r#"{"name":"n","metric":"a.n","of":["a.b"]}"#; count].join(","));
    assert!(problems(&many(64)).is_empty());
    assert_eq!(problems(&many(66)), ["/checks/64: expected at most 64 checks, found more"]);
}
