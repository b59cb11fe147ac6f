//! Any text as a request, and as the arguments of a conversion.

#![no_main]

use libfuzzer_sys::fuzz_target;
use meterglot::{ReadOptions, Request, convert, next_request};

/// Replies that have a next page, one a provider that pages.
const PAGES: [&[u8]; 3] = [
    br#"{"page":1,"page_size":1,"count":3,"links":[{"rel":"next","href":"https://api.intronis.com/v1/partners/acme/usage_history?page=2"}],"list":[{"date":"2024-03-09T00:00:00-05:00","bytes":10}]}"#,
    br#"{"meta":{"limit":1,"offset":0,"total_count":3},"objects":[{"amount":"0.1","date":"2024-03-09","resource_type":"mem","usage":"1"}]}"#,
    br#"{"PageInfo":{"RecordCount":3,"PageCount":3,"PageSize":1,"PageNum":0},"Records":[{"AcctNum":1,"BucketNum":2,"StartTime":"2024-01-01T00:00:00Z","EndTime":"2024-01-02T00:00:00Z","NumAPICalls":3}]}"#,
];

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (url, rest) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(request) = Request::new(url, (!rest.is_empty()).then_some(rest)) {
        for page in PAGES {
            let options = ReadOptions { request: Some(request.clone()), ..ReadOptions::default() };
            if let Ok(Some(next)) = next_request(page, &options) {
                let origin = |url: &str| url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/").to_ascii_lowercase();
                assert_eq!(origin(&next.url), origin(url), "a next request stays at its origin");
                assert!(!next.url.chars().any(char::is_control));
            }
        }
    }
    let mut parts = rest.splitn(3, '\n');
    let (from, to, digits) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
    let digits = digits.and_then(|digits| digits.parse().ok());
    if let Ok(there) = convert(url, from, to, digits) {
        assert!(!there.contains(['e', 'E', '+']), "a decimal in canonical form");
        if let Ok(back) = convert(&there, to, from, digits) {
            assert!(!back.is_empty());
        }
    }
});
