//! The choices of an input: which options, which spec, where to cut.
//!
//! They are the last bytes of an input, so that a fixture followed by zeros is a seed, and the fuzzer changes the body in place.

use meterglot::{AggregateSpec, Provider, ReadOptions};
use serde_json::{Map, Value, json};

/// Bytes at the end of each input that choose; no target uses more. `xtask` appends as many zeros to each seed.
pub const CHOICE_BYTES: usize = 32;

/// The bytes of an input that choose, read from the first to the last.
pub(crate) struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    /// Divides an input into the body and the choices. A short input is all body, and each choice is zero.
    pub(crate) fn split(input: &'a [u8]) -> (&'a [u8], Self) {
        match input.len().checked_sub(CHOICE_BYTES) {
            Some(at) => (&input[..at], Self(&input[at..])),
            None => (input, Self(&[])),
        }
    }

    /// The next byte; zero when all are used.
    pub(crate) fn byte(&mut self) -> u8 {
        let (&first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        first
    }

    /// One of some values; the first for zero.
    pub(crate) fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[usize::from(self.byte()) % values.len()]
    }

    /// Two pieces of a list: a byte says how much of 256 parts belongs to the first.
    pub(crate) fn cut<'s, T>(&mut self, list: &'s [T]) -> (&'s [T], &'s [T]) {
        list.split_at(list.len() * usize::from(self.byte()) / 256)
    }

    /// Options of reading. The zeros of a seed choose those that the fixture is read with without any.
    pub(crate) fn options(&mut self) -> ReadOptions {
        let mut json = Map::new();
        let providers: Vec<&str> = ["", ""].into_iter().chain(Provider::ALL.iter().map(Provider::as_str)).collect();
        let provider = self.one_of(&providers);
        let (url, body) = self.one_of(&REQUESTS);
        let content_type = self.one_of(&["", "", "application/json", "text/xml; charset=utf-8", "text/html"]);
        for (name, value) in [("provider", provider), ("contentType", content_type)] {
            if !value.is_empty() {
                json.insert(name.to_owned(), value.into());
            }
        }
        if !url.is_empty() {
            let request = if body.is_empty() { url.into() } else { json!({ "url": url, "body": body }) };
            json.insert("request".to_owned(), request);
        }
        let bits = self.byte();
        for (bit, name, value) in [
            (1, "account", json!("1")),
            (2, "currency", json!("CHF")),
            (4, "period", json!({ "start": "2024-01-01T00:00:00Z", "end": "2024-02-01T00:00:00Z" })),
        ] {
            if bits & bit != 0 {
                json.insert(name.to_owned(), value);
            }
        }
        json.insert("onError".to_owned(), if bits & 8 == 0 { "collect" } else { "throw" }.into());
        let mut limits = Map::new();
        for (name, values) in [
            ("maxBytes", [1 << 26, 1 << 26, 500, 1]),
            ("maxRowBytes", [1 << 20, 1 << 20, 64, 3]),
            ("maxDepth", [64, 512, 3, 1]),
            ("maxRecords", [100_000, 100_000, 5, 1]),
            ("maxDigits", [76, 1000, 10, 1]),
        ] {
            limits.insert(name.to_owned(), self.one_of(&values).into());
        }
        json.insert("limits".to_owned(), limits.into());
        ReadOptions::from_json(&Value::from(json).to_string()).expect("these options are valid")
    }

    /// What to aggregate.
    pub(crate) fn spec(&mut self) -> Value {
        let reducers = ["sum", "mean", "count", "max", "min", "first", "last", "integral"];
        let mut reduce = Map::new();
        for (kind, allowed) in [("delta", &reducers[..7]), ("gauge", &reducers[1..]), ("integral", &reducers[..3])] {
            reduce.insert(kind.to_owned(), self.one_of(allowed).into());
        }
        let by: &[&[&str]] =
            &[&[], &["resource"], &["provider", "format"], &["region", "account"], &["dimensions.service"]];
        let (window, by) = (self.one_of(&WINDOWS), self.one_of(by));
        let bits = self.byte();
        let mut filter = Map::new();
        if bits & 1 != 0 {
            filter.insert("start".to_owned(), "2024-01-01T12:30:00+05:45".into());
        }
        if bits & 2 != 0 {
            filter.insert("end".to_owned(), "2024-03-10T02:30:00Z".into());
        }
        json!({
            "window": window,
            "by": by,
            "timeZone": self.one_of(&["UTC", "source", "America/New_York", "Pacific/Apia"]),
            "split": self.one_of(&["start", "proportional"]),
            "fractionDigits": self.one_of(&[20, 0, 1, 256]),
            "weekStart": if bits & 4 == 0 { "monday" } else { "sunday" },
            "overlap": if bits & 8 == 0 { "keep" } else { "error" },
            "where": filter,
            "reduce": reduce,
        })
    }
}

/// A request's URL and body; the first is none.
const REQUESTS: [(&str, &str); 9] = [
    ("", ""),
    ("https://api.intronis.com/v1/partners/acme/usage_history?resolution=MONTH&page=2", ""),
    ("/v1/accounts/1/usage_history?resolution=CUSTOM&custom=3", ""),
    ("https://zrh.cloudsigma.com/api/2.0/burstusage/?date__gte=2024-01-01&date__lt=2024-02-01", ""),
    ("https://zrh.cloudsigma.com/api/2.0/dailyburstusage/?limit=2&offset=2", ""),
    ("https://partner.wasabisys.com/v1/accounts/1/utilizations/buckets?from=2024-01-01&to=2024-02-01", ""),
    ("https://stats.wasabisys.com/v1/standalone/utilizations/bucket?pageNum=1&pageSize=2", ""),
    ("https://onapp.example/users/7/user_statistics.json?period[startdate]=2024-01-01+00:30", ""),
    (
        "https://api.devicewise.com/api",
        r#"{"1":{"command":"usage.api.history","params":{"series":"day","start":"2024-01-01T00:00:00Z","dimension":"org"}}}"#,
    ),
];

const WINDOWS: [&str; 7] = ["all", "hour", "day", "week", "month", "quarter", "year"];

/// The spec that a JSON value describes.
pub(crate) fn parsed(spec: &Value) -> AggregateSpec {
    AggregateSpec::from_json(&spec.to_string()).expect("this spec is valid")
}
