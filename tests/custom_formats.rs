//! Property test: a random descriptor of the language, and bodies that are generated from it. What is written is what is read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use meterglot::{FormatDescriptor, NormalizeStream, OnError, ReadOptions, Request, TextFormat, explain, normalize};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A decimal number as a provider may write it, and as a record has it.
#[derive(Clone, Debug)]
struct Number {
    whole: u64,
    fraction: String,
    is_negative: bool,
    is_text: bool,
}

impl Number {
    fn written(&self, is_xml: bool) -> String {
        let digits = self.digits(&self.fraction);
        if self.is_text && !is_xml { format!("\"{digits}\"") } else { digits }
    }

    fn record(&self) -> String {
        let text = self.digits(self.fraction.trim_end_matches('0'));
        if text == "-0" { "0".to_owned() } else { text }
    }

    fn digits(&self, fraction: &str) -> String {
        let (sign, point) = (if self.is_negative { "-" } else { "" }, if fraction.is_empty() { "" } else { "." });
        format!("{sign}{}{point}{fraction}", self.whole)
    }
}

fn number() -> impl Strategy<Value = Number> {
    (any::<u64>(), 0..64_u32, "[0-9]{0,12}", any::<bool>(), any::<bool>()).prop_map(
        |(whole, shift, fraction, is_negative, is_text)| Number {
            whole: whole >> shift,
            fraction,
            is_negative,
            is_text,
        },
    )
}

/// How the time of a row is written.
#[derive(Clone, Copy, Debug)]
enum Time {
    /// `from` and `to`, RFC 3339.
    Bounds,
    /// A date in UTC, and a day.
    Day,
    /// Seconds, and an hour.
    Seconds,
    /// Only in the request.
    Request,
    /// The option `period`; none is given.
    Unknown,
}

/// Where the account stands.
#[derive(Clone, Copy, Debug)]
enum Account {
    Constant,
    /// In the envelope, before the rows or behind them.
    Before,
    Behind,
    Row,
    Query,
    None,
}

/// A random descriptor of the language.
#[derive(Clone, Debug)]
struct Shape {
    is_xml: bool,
    /// Rows in an object of names, which are the regions; else in a list.
    by_region: bool,
    depth: usize,
    time: Time,
    account: Account,
    /// Metrics in an object of the row.
    is_deep: bool,
    has_pattern: bool,
    has_cost: bool,
    has_cases: bool,
    has_nested: bool,
    mapped: bool,
}

fn shape() -> impl Strategy<Value = Shape> {
    let time =
        prop_oneof![Just(Time::Bounds), Just(Time::Day), Just(Time::Seconds), Just(Time::Request), Just(Time::Unknown)];
    let account = prop_oneof![
        Just(Account::Constant),
        Just(Account::Before),
        Just(Account::Behind),
        Just(Account::Row),
        Just(Account::Query),
        Just(Account::None)
    ];
    let flags = proptest::array::uniform8(any::<bool>());
    (flags, 0..3_usize, time, account).prop_map(|(flags, depth, time, account)| {
        let [is_xml, by_region, is_deep, has_pattern, has_cost, has_cases, has_nested, mapped] = flags;
        Shape {
            is_xml,
            by_region: by_region && !is_xml,
            depth,
            time,
            account,
            is_deep,
            has_pattern,
            has_cost,
            has_cases,
            has_nested,
            mapped,
        }
    })
}

/// The values of a row.
#[derive(Clone, Debug)]
struct Row {
    id: String,
    zone: String,
    kind: usize,
    day: u32,
    bytes: Option<Number>,
    calls: Option<Number>,
    price: Option<Number>,
    parts: Vec<(String, Number)>,
    /// The order of the fields.
    order: u64,
    other: String,
}

fn row() -> impl Strategy<Value = Row> {
    // Texts that every encoding has to escape.
    let text = || "[a-zäß0-9 <>&'\"/~]{1,12}".prop_filter("it is trimmed", |text| text.trim() == text);
    let some = || proptest::option::weighted(0.8, number());
    let parts = proptest::collection::vec(("[a-z]{1,4}", number()), 0..3);
    (text(), text(), 0..3_usize, 1..28_u32, some(), some(), some(), parts, any::<u64>(), text()).prop_map(
        |(id, zone, kind, day, bytes, calls, price, parts, order, other)| Row {
            id,
            zone,
            kind,
            day,
            bytes,
            calls,
            price,
            parts,
            order,
            other,
        },
    )
}

const KINDS: [&str; 3] = ["disk", "traffic_in", "traffic_out"];
const URL: &str = "https://api.acme.example/v1/usage?account=a-query&from=2026-03-01&to=2026-04-01";

impl Shape {
    fn descriptor(&self) -> Value {
        let mut path: Vec<String> = (0..self.depth).map(|at| format!("level{at}")).collect();
        if self.is_xml {
            path.insert(0, "reply".to_owned());
        }
        let list = path.join("/");
        path.push("items".to_owned());
        path.push(
            if self.is_xml {
                "item"
            } else if self.by_region {
                "{region}"
            } else {
                "*"
            }
            .to_owned(),
        );
        let rows = format!("/{}", path.join("/"));
        let envelope = |name: &str| match (self.is_xml, list.is_empty()) {
            (true, _) => format!("/reply/{name}"),
            (false, _) => format!("/{name}"),
        };
        let deep = |name: &str| if self.is_deep { format!("stats/{name}") } else { name.to_owned() };
        let mut bytes = json!({ "metric": "acme.bytes", "kind": "gauge", "unit": "By" });
        if self.has_cases {
            bytes = json!({
                "metric": "acme.{kind}", "by": "kind",
                "cases": [
                    { "is": ["disk"], "kind": "gauge", "unit": "GiBy" },
                    { "is": ["traffic_*"], "kind": "delta", "unit": "By" },
                    { "is": ["traffic_out"], "skip": true },
                ],
            });
        }
        if self.has_cost {
            bytes["cost"] = json!(deep("price"));
        }
        let mut metrics = json!({ deep("bytes"): bytes });
        let calls = if self.has_pattern {
            json!({ "metric": "acme.*.count", "kind": "delta", "unit": "{call}" })
        } else {
            json!({ "metric": "acme.calls.count", "kind": "delta", "unit": "{call}" })
        };
        metrics[deep(if self.has_pattern { "*_total" } else { "calls_total" })] = calls;
        let mut out = json!({
            "descriptor": 1, "provider": "acme", "format": "acme.usage", "title": "Acme usage",
            "encodings": [if self.is_xml { "xml" } else { "json" }],
            "detect": [{ "named": true, "row": { "has": "id" } }],
            "rows": [{ "at": rows }],
            "resource": { "id": { "field": "id" } },
            "currency": "EUR",
            "metrics": metrics,
        });
        out["dimensions"] = match self.mapped {
            true => json!({ "class": { "field": "kind", "map": { "disk": "storage", "traffic_*": "net-*" } } }),
            false => json!({ "class": { "field": "kind" } }),
        };
        out["region"] = if self.by_region { json!({ "capture": "region" }) } else { json!({ "field": "zone" }) };
        match self.account {
            Account::Constant => out["account"] = json!("a-constant"),
            Account::Before => out["account"] = json!({ "field": envelope("first") }),
            Account::Behind => out["account"] = json!({ "field": envelope("last") }),
            Account::Row => out["account"] = json!({ "field": "owner" }),
            Account::Query => out["account"] = json!([{ "field": "nothing" }, { "query": "account" }]),
            Account::None => {}
        }
        match self.time {
            Time::Bounds => out["period"] = json!({ "start": { "field": "from" }, "end": { "field": "to" } }),
            Time::Day => out["period"] = json!({ "start": { "field": "day", "zone": "UTC" }, "step": "P1D" }),
            Time::Seconds => out["period"] = json!({ "start": { "field": "at", "as": "unix" }, "step": "PT1H" }),
            Time::Request => out["period"] = json!({ "start": { "query": "from" }, "end": { "query": "to" } }),
            Time::Unknown => {}
        }
        if self.has_nested {
            let at = if self.is_xml { "part" } else { "parts/*" };
            out["nested"] = json!([{
                "at": at,
                "dimensions": { "part": { "field": "name" } },
                "metrics": { "size": { "metric": "acme.part", "kind": "gauge", "unit": "By" } },
            }]);
        }
        out
    }

    /// A field of a row.
    fn field(&self, name: &str, text: &str) -> String {
        if self.is_xml {
            return format!("<{name}>{}</{name}>", escaped(text));
        }
        format!("{}:{}", json!(name), json!(text))
    }

    fn number(&self, name: &str, number: &Number) -> String {
        let text = number.written(self.is_xml);
        if self.is_xml { format!("<{name}>{text}</{name}>") } else { format!("\"{name}\":{text}") }
    }

    /// The fields of a row, in an order of its own.
    fn row(&self, row: &Row) -> String {
        let mut fields = vec![
            self.field("id", &row.id),
            self.field("kind", KINDS[row.kind]),
            self.field("other", &row.other),
            self.field("owner", &format!("o-{}", row.day)),
        ];
        if !self.by_region {
            fields.push(self.field("zone", &row.zone));
        }
        let at = 1_769_904_000 + u64::from(row.day) * 86_400;
        fields.extend(match self.time {
            Time::Bounds => vec![
                self.field("from", &format!("2026-02-{:02}T00:00:00Z", row.day)),
                self.field("to", &format!("2026-02-{:02}T06:00:00+00:00", row.day)),
            ],
            Time::Day => vec![self.field("day", &format!("2026-02-{:02}", row.day))],
            Time::Seconds => vec![self.field("at", &at.to_string())],
            Time::Request | Time::Unknown => Vec::new(),
        });
        let numbers = [("bytes", &row.bytes), ("calls_total", &row.calls), ("price", &row.price)];
        let mut stats: Vec<String> = Vec::new();
        for (name, number) in numbers {
            match number {
                Some(number) => stats.push(self.number(name, number)),
                // Null is no record; absent is none either.
                None if !self.is_xml => stats.push(format!("\"{name}\":null")),
                None => {}
            }
        }
        match (self.is_deep, self.is_xml) {
            (false, _) => fields.extend(stats),
            (true, true) => fields.push(format!("<stats>{}</stats>", stats.concat())),
            (true, false) => fields.push(format!("\"stats\":{{{}}}", stats.join(","))),
        }
        // One of n! orders, by its number.
        let (mut order, mut fields, mut shuffled) = (row.order, fields, Vec::new());
        while !fields.is_empty() {
            let at = (order % fields.len() as u64) as usize;
            order /= 7;
            shuffled.push(fields.swap_remove(at));
        }
        let parts: Vec<String> = row
            .parts
            .iter()
            .map(|(name, size)| {
                let inner = [self.field("name", name), self.number("size", size)];
                if self.is_xml {
                    format!("<part>{}</part>", inner.concat())
                } else {
                    format!("{{{}}}", inner.join(","))
                }
            })
            .collect();
        if self.is_xml {
            return format!("<item>{}{}</item>", shuffled.concat(), parts.concat());
        }
        shuffled.push(format!("\"parts\":[{}]", parts.join(",")));
        format!("{{{}}}", shuffled.join(","))
    }

    fn body(&self, rows: &[Row]) -> String {
        let written: Vec<String> = rows.iter().map(|row| self.row(row)).collect();
        if self.is_xml {
            let (open, close): (String, String) = (
                (0..self.depth).map(|at| format!("<level{at}>")).collect(),
                (0..self.depth).rev().map(|at| format!("</level{at}>")).collect(),
            );
            return format!(
                "<?xml version=\"1.0\"?>\n<reply><first>a-first</first>{open}<items>{}</items>{close}<last>a-last</last></reply>",
                written.concat()
            );
        }
        let items = if self.by_region {
            let named: Vec<String> = written.iter().enumerate().map(|(at, row)| format!("\"r{at}\":{row}")).collect();
            format!("{{{}}}", named.join(","))
        } else {
            format!("[{}]", written.join(","))
        };
        let mut inner = format!("\"items\":{items}");
        for at in (0..self.depth).rev() {
            inner = format!("\"level{at}\":{{{inner}}}");
        }
        format!("{{\"first\":\"a-first\",{inner},\"last\":\"a-last\"}}")
    }

    /// The records of a row, each as the texts that the test compares. The order within a row is that of its fields.
    fn records(&self, at: usize, row: &Row) -> Vec<[String; 10]> {
        let account = match self.account {
            Account::Constant => "a-constant".to_owned(),
            Account::Before => "a-first".to_owned(),
            Account::Behind => "a-last".to_owned(),
            Account::Row => format!("o-{}", row.day),
            Account::Query => "a-query".to_owned(),
            Account::None => "-".to_owned(),
        };
        let day = row.day;
        let (start, end) = match self.time {
            Time::Bounds => (format!("2026-02-{day:02}T00:00:00Z"), format!("2026-02-{day:02}T06:00:00Z")),
            Time::Day => (format!("2026-02-{day:02}T00:00:00Z"), format!("2026-02-{:02}T00:00:00Z", day + 1)),
            Time::Seconds => (format!("2026-02-{:02}T00:00:00Z", day + 1), format!("2026-02-{:02}T01:00:00Z", day + 1)),
            Time::Request => ("2026-03-01T00:00:00Z".to_owned(), "2026-04-01T00:00:00Z".to_owned()),
            Time::Unknown => ("-".to_owned(), "-".to_owned()),
        };
        let region = if self.by_region { format!("r{at}") } else { row.zone.clone() };
        let kind = KINDS[row.kind];
        let class = match (self.mapped, kind) {
            (false, kind) => kind,
            (true, "disk") => "storage",
            (true, "traffic_in") => "net-in",
            (true, _) => "net-out",
        };
        let text = |number: Option<&Number>| number.map_or_else(|| "-".to_owned(), Number::record);
        let record =
            |metric: &str, unit: &str, quantity: Option<&Number>, cost: Option<&Number>, dimensions: String| {
                let [quantity, cost] = [quantity, cost].map(text);
                let names = [metric.to_owned(), unit.to_owned(), quantity, cost, account.clone()];
                let [metric, unit, quantity, cost, account] = names;
                [
                    row.id.clone(),
                    region.clone(),
                    account,
                    start.clone(),
                    end.clone(),
                    metric,
                    unit,
                    quantity,
                    cost,
                    dimensions,
                ]
            };
        let mut records = Vec::new();
        let cost = row.price.as_ref().filter(|_| self.has_cost);
        let (metric, unit) = match (self.has_cases, kind) {
            (false, _) => ("acme.bytes".to_owned(), "By"),
            (true, "disk") => ("acme.disk".to_owned(), "GiBy"),
            (true, kind) => (format!("acme.{kind}"), "By"),
        };
        let is_skipped = self.has_cases && kind == "traffic_out";
        if !is_skipped && (row.bytes.is_some() || cost.is_some()) {
            records.push(record(&metric, unit, row.bytes.as_ref(), cost, format!("class={class}")));
        }
        if row.calls.is_some() {
            records.push(record("acme.calls.count", "{call}", row.calls.as_ref(), None, format!("class={class}")));
        }
        if self.has_nested {
            for (name, size) in &row.parts {
                records.push(record("acme.part", "By", Some(size), None, format!("class={class},part={name}")));
            }
        }
        records
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn what_is_written_is_what_is_read(
        shape in shape(),
        rows in proptest::collection::vec(row(), 1..8),
        step in 1..200_usize,
    ) {
        // Each row is of a resource of its own, so that no two contradict each other.
        let rows: Vec<Row> = rows
            .into_iter()
            .enumerate()
            .map(|(at, row)| Row { id: format!("{at} {}", row.id).trim().to_owned(), ..row })
            .collect();
        let descriptor = shape.descriptor().to_string();
        prop_assert_eq!(FormatDescriptor::problems(&descriptor), vec![], "{}", descriptor);
        let format = FormatDescriptor::from_json(&descriptor).unwrap();
        let options = ReadOptions {
            format: Some(format),
            request: Some(Request::new(URL, None).unwrap()),
            on_error: OnError::Collect,
            ..ReadOptions::default()
        };
        let body = shape.body(&rows);
        let table = normalize(&[&body], &options).unwrap();

        // A row without any of its metrics is a fault; here it has them, though they may be null.
        let is_faulty = |row: &Row| {
            shape.is_xml && row.bytes.is_none() && row.calls.is_none()
        };
        let mut expected: Vec<[String; 10]> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !is_faulty(row))
            .flat_map(|(at, row)| shape.records(at, row))
            .collect();
        let mut read: Vec<[String; 10]> = table
            .records(0, table.len())
            .into_iter()
            .map(|record| {
                let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
                let dimensions: Vec<String> =
                    record.dimensions.iter().map(|(name, text)| format!("{name}={text}")).collect();
                [
                    or(record.resource_id),
                    or(record.region),
                    or(record.account),
                    or(record.start),
                    or(record.end),
                    record.metric,
                    or(record.unit),
                    or(record.quantity),
                    or(record.cost),
                    dimensions.join(","),
                ]
            })
            .collect();
        expected.sort();
        read.sort();
        if !rows.iter().any(is_faulty) {
            prop_assert!(table.issues().is_empty(), "{:?}\n{}\n{}", table.issues(), descriptor, body);
            prop_assert_eq!(&read, &expected, "{}\n{}", descriptor, body);
        }

        // A stream gives the same, however the body is cut; and an explanation finds the rows.
        let mut stream = NormalizeStream::new(options.clone(), TextFormat::Ndjson);
        let mut text = Vec::new();
        for piece in body.as_bytes().chunks(step) {
            stream.push(piece, &mut text).unwrap();
        }
        stream.finish(&mut text).unwrap();
        prop_assert_eq!(String::from_utf8(text).unwrap(), String::from_utf8(table.to_ndjson()).unwrap());
        let explained = explain(body.as_bytes(), &options).unwrap();
        prop_assert_eq!(explained.rows[0].count, rows.len() as u64);
        prop_assert_eq!(explained.unread.iter().any(|unread| unread.field == "other"), true);
        prop_assert!(explained.unread.iter().all(|unread| unread.field != "id"));
    }
}
