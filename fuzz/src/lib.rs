//! What the fuzz targets share: an input is a body, and after it some bytes that choose the options.
//!
//! The choices stand at the end, so that every fixture is a seed as it is and the fuzzer changes bodies in place.

use meterglot::{AggregateSpec, OnError, ReadOptions};

/// The bytes of an input that choose, read from its end.
pub struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    /// Takes an input apart: the body, and `count` bytes of choices. A shorter input is all body.
    pub fn split(input: &'a [u8], count: usize) -> (&'a [u8], Self) {
        match input.len().checked_sub(count) {
            Some(at) => (&input[..at], Self(&input[at..])),
            None => (input, Self(&[])),
        }
    }

    /// The next byte; zero when all are used.
    pub fn byte(&mut self) -> u8 {
        let (&first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        first
    }

    /// One of some values.
    pub fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[usize::from(self.byte()) % values.len()]
    }
}

/// Bytes that [`options`] takes.
pub const OPTION_BYTES: usize = 7;

const REQUESTS: [&str; 8] = [
    "",
    "https://api.intronis.com/v1/partners/acme/usage_history?resolution=MONTH&page=2",
    "https://zrh.cloudsigma.com/api/2.0/burstusage/?date__gte=2024-01-01&date__lt=2024-02-01",
    "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/?limit=2&offset=2",
    "https://partner.wasabisys.com/v1/accounts/1/utilizations/buckets?from=2024-01-01&to=2024-02-01",
    "https://stats.wasabisys.com/v1/standalone/utilizations/bucket?pageNum=1&pageSize=2",
    "https://onapp.example/users/7/user_statistics.json?period[startdate]=2024-01-01+00:30",
    "https://api.devicewise.com/api",
];

/// Options of reading, out of seven choices.
pub fn options(choices: &mut Choices) -> ReadOptions {
    let mut json = serde_json::Map::new();
    let provider = choices.one_of(&["", "", "barracuda", "devicewise", "cloudsigma", "wasabi", "onapp"]);
    let request = choices.one_of(&REQUESTS);
    for (name, value) in [("provider", provider), ("request", request)] {
        if !value.is_empty() {
            json.insert(name.to_owned(), value.into());
        }
    }
    let bits = choices.byte();
    if bits & 1 != 0 {
        json.insert("account".to_owned(), "1".into());
    }
    if bits & 2 != 0 {
        json.insert("currency".to_owned(), "CHF".into());
    }
    if bits & 4 != 0 {
        json.insert(
            "period".to_owned(),
            serde_json::json!({ "start": "2024-01-01T00:00:00Z", "end": "2024-02-01T00:00:00Z" }),
        );
    }
    let mut limits = serde_json::Map::new();
    for (name, values) in [
        ("maxRowBytes", [1 << 20, 1 << 20, 64, 3]),
        ("maxDepth", [64, 64, 3, 1]),
        ("maxRecords", [100_000, 100_000, 5, 1]),
        ("maxDigits", [76, 76, 10, 1]),
    ] {
        limits.insert(name.to_owned(), choices.one_of(&values).into());
    }
    json.insert("limits".to_owned(), limits.into());
    let mut options =
        ReadOptions::from_json(&serde_json::Value::from(json).to_string()).expect("these options are sound");
    if bits & 8 == 0 {
        options.on_error = OnError::Collect;
    }
    options
}

/// Bytes that [`spec`] takes.
pub const SPEC_BYTES: usize = 8;

const WINDOWS: [&str; 7] = ["all", "hour", "day", "week", "month", "quarter", "year"];

/// What to aggregate, out of eight choices. `window` is one of [`windows`].
pub fn spec(choices: &mut Choices) -> serde_json::Value {
    let reducers = ["sum", "mean", "count", "max", "min", "first", "last", "integral"];
    let mut reduce = serde_json::Map::new();
    for (kind, allowed) in [("delta", &reducers[..7]), ("gauge", &reducers[1..]), ("integral", &reducers[..3])] {
        reduce.insert(kind.to_owned(), choices.one_of(allowed).into());
    }
    let by: &[&[&str]] =
        &[&[], &["resource"], &["provider", "format"], &["region", "account"], &["dimensions.service"]];
    serde_json::json!({
        "window": choices.one_of(&WINDOWS),
        "by": choices.one_of(by),
        "timeZone": choices.one_of(&["UTC", "source", "America/New_York", "Pacific/Apia"]),
        "split": choices.one_of(&["start", "proportional"]),
        "fractionDigits": choices.one_of(&[20, 0, 1, 256]),
        "overlap": "keep",
        "reduce": reduce,
    })
}

/// The spec that a JSON value says.
pub fn parsed(spec: &serde_json::Value) -> AggregateSpec {
    AggregateSpec::from_json(&spec.to_string()).expect("this spec is sound")
}
