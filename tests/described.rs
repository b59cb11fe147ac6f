//! What is read of every fixture, as it was read by the readers that the descriptors took the place of.
//!
//! `tests/golden/` has a hash of everything that is read of a body: records as NDJSON and CSV, issues, checks, page, rows of
//! `parse`, next request; with and without a request and options, and of the body cut anywhere. `BLESS=1` writes it anew: only
//! where a change of what is read is meant.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fmt::Write;
use std::path::Path;

use common::{collecting, fixtures, streamed_with};
use meterglot::{ReadOptions, Request, TextFormat, next_request, normalize, parse};
use twox_hash::XxHash3_128;

/// Requests that say something of the replies of each provider; the first: none.
fn requests(provider: &str) -> Vec<Option<Request>> {
    let urls: &[(&str, Option<&str>)] = match provider {
        "barracuda" => &[
            ("https://api.intronis.com/v1/partners/acme/usage_history?resolution=WEEK&page=2", None),
            ("https://api.intronis.com/v1/accounts/a%20b/usage_history?resolution=CUSTOM&custom=7", None),
            ("https://api.intronis.com/v1/partners/acme/usage_history?resolution=custom", None),
            ("https://api.intronis.com/v1/partners/acme/usage_history?resolution=MONTH", None),
            ("https://api.intronis.com/v1/partners/acme/usage_history?resolution=CUSTOM&custom=61", None),
        ],
        "cloudsigma" => &[
            ("https://zrh.cloudsigma.com/api/2.0/burstusage/?date__gte=2014-07-01&date__lt=2014-08-01&limit=2", None),
            ("https://www.cloudsigma.com/api/2.0/dailyburstusage/?date__gt=2014-07-01&offset=20", None),
            ("https://zrh.cloudsigma.com/api/2.0/burstusage/?date=2014-07-01&limit=0", None),
            ("https://zrh.cloudsigma.com/api/2.0/burstusage/?date__gt=2014-07-01T00:00&date__lte=2014-07-03", None),
            ("https://zrh.cloudsigma.com/api/2.0/burstusage/?date__gte=2014-08-01&date__lt=2014-07-01", None),
            ("https://zrh.cloudsigma.com/api/2.0/burstusage/?date__gte=nonsense&date__lt=2014-07-01", None),
        ],
        "wasabi" => &[
            ("https://partner.wasabisys.com/v1/accounts/77/utilizations/buckets?invoice=41", None),
            ("https://partner.wasabisys.com/v1/accounts/77/utilizations", None),
            ("https://stats.wasabisys.com/v1/standalone/utilizations?pageNum=3&pageSize=2", None),
            ("https://stats.wasabisys.com/v1/standalone/utilizations/bucket?pageSize=1", None),
        ],
        "onapp" => &[
            ("https://cloud.example/users/4/user_statistics.json?hourly_stats", None),
            (
                "https://cloud.example/users/4/user_statistics.xml?period[startdate]=2024-01-01&period[enddate]=2024-02-01+12:30",
                None,
            ),
            (
                "https://cloud.example/users/4/user_statistics.xml?period[startdate]=2024-01-01&period[enddate]=2024-02-01&period[use_local_time]=1",
                None,
            ),
            ("https://cloud.example/users/4/user_statistics.xml?period[startdate]=x&period[enddate]=2024-02-01", None),
        ],
        "devicewise" => &[
            (
                "https://api.devicewise.com/api",
                Some(
                    r#"{"1":{"command":"usage.api.history","params":{"start":"2024-01-01T00:00:00Z","end":"2024-02-01T00:00:00Z","series":"day"}}}"#,
                ),
            ),
            (
                "https://api.devicewise.com/api",
                Some(
                    r#"{"requests":{"get":{"command":"usage.api.history","params":{"start":"2024-01-01T00:00:00Z","end":"2024-02-01T00:00:00Z","dimension":"org"}}}}"#,
                ),
            ),
            ("https://api.devicewise.com/api", Some(r#"{"1":{"command":"usage.thing.history","params":{}}}"#)),
        ],
        _ => &[],
    };
    let with = |(url, body): &(&str, Option<&str>)| Some(Request::new(url, *body).unwrap());
    std::iter::once(None).chain(urls.iter().map(with)).collect()
}

/// Everything that is read of a body.
fn all(body: &[u8], options: &ReadOptions) -> String {
    let table = normalize(&[body], options).unwrap();
    let twice = normalize(&[body, body], options).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let parsed = parse(body, options).map(|document| {
        let rows: Vec<String> = document.rows.iter().map(ToString::to_string).collect();
        format!("{}\n{:?} {:?}", rows.join("\n"), document.page, document.issues)
    });
    let mut out = text(table.to_ndjson()) + &text(table.to_csv());
    out += &format!("{:#?}\n{:?}\n{:?}\n", table.issues(), table.checks(), table.page());
    out += &format!("twice: {:?} {} {:?}\n", twice.checks(), twice.duplicates(), twice.issues());
    out += &format!("{}\n", parsed.unwrap_or_else(|error| error.to_string()));
    if options.request.is_some() {
        out += &format!("{:?}\n", next_request(body, options));
    }
    out
}

fn provider_of(name: &str) -> &str {
    name.rsplit('/').next().and_then(|name| name.split(['-', '.']).next()).unwrap_or_default()
}

fn hash(text: &str) -> String {
    format!("{:032x}", XxHash3_128::oneshot(text.as_bytes()))
}

/// A line for each fixture and each way to read it.
fn lines(provider: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, body) in fixtures().into_iter().filter(|(name, _)| provider_of(name) == provider) {
        for (number, request) in requests(provider).into_iter().enumerate() {
            let options = ReadOptions { request, ..collecting() };
            lines.push(format!("{name} request {number}: {}", hash(&all(&body, &options))));
            let own = (Some("own".to_owned()), Some("EUR".to_owned()));
            let options = ReadOptions { account: own.0, currency: own.1, ..options };
            lines.push(format!("{name} request {number}, account and currency: {}", hash(&all(&body, &options))));
            // With the option a row may lack its time.
            if !name.contains("two-faults") && !name.contains("null-and-missing") {
                let time = |text| meterglot::Instant::parse(text).unwrap();
                let period = Some((time("2020-01-01T00:00:00Z"), time("2020-02-01T00:00:00Z")));
                let options = ReadOptions { period, ..options };
                lines.push(format!("{name} request {number}, period: {}", hash(&all(&body, &options))));
            }
        }
        let mut cuts = String::new();
        for cut in (0..body.len()).step_by(1 + body.len() / 100) {
            let table = normalize(&[&body[..cut]], &collecting()).unwrap();
            let _ = writeln!(cuts, "{}{:?}", String::from_utf8(table.to_ndjson()).unwrap(), table.issues());
            let streamed = streamed_with(&collecting(), &[&body[..cut], &body[cut..]], TextFormat::Ndjson);
            let _ = writeln!(cuts, "{}{:?}", String::from_utf8(streamed.0).unwrap(), streamed.1);
        }
        lines.push(format!("{name} cut: {}", hash(&cuts)));
    }
    lines
}

fn assert_golden(provider: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{provider}.txt"));
    let read = lines(provider);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, read.join("\n") + "\n").unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap();
    let differing: Vec<&str> = golden.lines().filter(|line| !read.iter().any(|read| read == line)).collect();
    assert!(differing.is_empty(), "read in another way:\n{}", differing.join("\n"));
    assert!(golden.lines().count() > 50);
}

#[test]
fn wasabi_is_read_as_before() {
    assert_golden("wasabi");
}

#[test]
fn cloudsigma_is_read_as_before() {
    assert_golden("cloudsigma");
}

#[test]
fn barracuda_is_read_as_before() {
    assert_golden("barracuda");
}

#[test]
fn onapp_is_read_as_before() {
    assert_golden("onapp");
}

#[test]
fn devicewise_is_read_as_before() {
    assert_golden("devicewise");
}
