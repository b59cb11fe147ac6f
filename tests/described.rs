//! Descriptors read the replies of the built-in formats as the readers that were written by hand do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{collecting, fixtures, streamed_with};
use meterglot::{ReadOptions, Request, TextFormat, next_request, normalize, parse, read_described};

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

fn assert_same(name: &str, body: &[u8], options: &ReadOptions) -> usize {
    read_described(false);
    let by_hand = all(body, options);
    read_described(true);
    let described = all(body, options);
    read_described(false);
    if by_hand == described {
        return 0;
    }
    let (one, other): (Vec<&str>, Vec<&str>) = (by_hand.lines().collect(), described.lines().collect());
    println!("== {name} {:?}", options.request.as_ref().map(|request| format!("{request:?}")));
    for (line, (one, other)) in one.iter().zip(&other).enumerate().filter(|(_, (one, other))| one != other).take(4) {
        println!("{line}\n  by hand:   {one}\n  described: {other}");
    }
    if one.len() != other.len() {
        println!("  {} lines instead of {}", other.len(), one.len());
    }
    1
}

fn assert_provider(provider: &str) {
    let mut differing = 0;
    for (name, body) in fixtures().into_iter().filter(|(name, _)| provider_of(name) == provider) {
        for request in requests(provider) {
            for (account, currency) in [(None, None), (Some("own".to_owned()), Some("EUR".to_owned()))] {
                let options = ReadOptions { request: request.clone(), account, currency, ..collecting() };
                differing += assert_same(&name, &body, &options);
            }
        }
        for period in [Some(("2020-01-01T00:00:00Z", "2020-02-01T00:00:00Z"))] {
            let time = |text| meterglot::Instant::parse(text).unwrap();
            let period = period.map(|(start, end)| (time(start), time(end)));
            // With the option a row may lack its time.
            if name.contains("two-faults") {
                continue;
            }
            for request in requests(provider) {
                differing += assert_same(&name, &body, &ReadOptions { period, request, ..collecting() });
            }
        }
        let options = collecting();
        let short = |described: bool, body: &[u8]| {
            read_described(described);
            let table = normalize(&[body], &options).unwrap();
            read_described(false);
            (String::from_utf8(table.to_ndjson()).unwrap(), format!("{:?}", table.issues()))
        };
        let streamed = |described: bool, cut: usize| {
            read_described(described);
            let streamed = streamed_with(&options, &[&body[..cut], &body[cut..]], TextFormat::Ndjson);
            read_described(false);
            streamed
        };
        for cut in (0..body.len()).step_by(1 + body.len() / 60) {
            if short(false, &body[..cut]) != short(true, &body[..cut]) {
                differing += assert_same(&format!("{name} up to {cut}"), &body[..cut], &options).max(1);
            }
            if streamed(false, cut) != streamed(true, cut) {
                println!("== {name} cut at {cut}");
                differing += 1;
            }
            if differing > 20 {
                break;
            }
        }
    }
    assert_eq!(differing, 0);
}

#[test]
fn wasabi_is_read_alike() {
    assert_provider("wasabi");
}

#[test]
fn cloudsigma_is_read_alike() {
    assert_provider("cloudsigma");
}

#[test]
fn barracuda_is_read_alike() {
    assert_provider("barracuda");
}

#[test]
fn onapp_is_read_alike() {
    assert_provider("onapp");
}
