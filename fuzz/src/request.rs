use meterglot::{ReadOptions, Request, convert, next_request, normalize};

/// Replies that have a next page, one for each provider with pages, and one of deviceWISE, whose request has a body.
const PAGES: [&[u8]; 4] = [
    br#"{"page":1,"page_size":1,"count":3,"links":[{"rel":"next","href":"https://api.intronis.com/v1/partners/acme/usage_history?page=2"}],"list":[{"date":"2024-03-09T00:00:00-05:00","bytes":10}]}"#,
    br#"{"meta":{"limit":1,"offset":0,"total_count":3},"objects":[{"amount":"0.1","date":"2024-03-09","resource_type":"mem","usage":"1"}]}"#,
    br#"{"PageInfo":{"RecordCount":3,"PageCount":3,"PageSize":1,"PageNum":0},"Records":[{"AcctNum":1,"BucketNum":2,"StartTime":"2024-01-01T00:00:00Z","EndTime":"2024-01-02T00:00:00Z","NumAPICalls":3}]}"#,
    br#"{"1":{"success":true,"params":{"counters":{"usage":[1,2]},"total":3,"ts":["2024-01-01T00:00:00Z","2024-01-02T00:00:00Z"]}}}"#,
];

/// Any text as a request (its URL, a line, its body), and as a conversion (a quantity, two units, digits: four lines).
pub fn request(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    check_request(first, rest);
    let mut parts = rest.splitn(3, '\n');
    let (from, to) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    check_conversion(first, from, to, parts.next().and_then(|digits| digits.parse().ok()));
}

/// The request after any request goes to the same origin.
fn check_request(url: &str, body: &str) {
    let Ok(request) = Request::new(url, (!body.is_empty()).then_some(body)) else {
        return;
    };
    let options = ReadOptions { request: Some(request), ..ReadOptions::default() };
    for page in PAGES {
        let _ = normalize(&[page], &options);
        if let Ok(Some(next)) = next_request(page, &options) {
            assert_eq!(origin(&next.url), origin(url), "a next request goes to the origin of the request");
            assert!(!next.url.chars().any(char::is_control), "a URL has no control character: {}", next.url);
            assert!(Request::new(&next.url, None).is_ok(), "a next request is a request: {}", next.url);
        }
    }
}

/// Scheme and authority.
fn origin(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    format!("{scheme}://{}", rest.split(['/', '?']).next().unwrap_or_default()).to_ascii_lowercase()
}

/// A conversion that is not rounded gives the same quantity when it is converted back.
fn check_conversion(quantity: &str, from: &str, to: &str, digits: Option<u32>) {
    const MOST_DIGITS: usize = 256;
    if let Ok(rounded) = convert(quantity, from, to, digits) {
        assert!(is_canonical(&rounded), "a decimal in canonical form: {rounded}");
    }
    let Ok(there) = convert(quantity, from, to, Some(MOST_DIGITS as u32)) else {
        return;
    };
    let is_exact = there.split_once('.').is_none_or(|(_, fraction)| fraction.len() != MOST_DIGITS);
    if is_exact && let Ok(back) = convert(&there, to, from, None) {
        assert_eq!(Ok(back), convert(quantity, from, from, None), "{quantity} {from} is {there} {to}");
    }
}

/// No exponent, no plus sign, no leading or trailing zero, no negative zero.
fn is_canonical(number: &str) -> bool {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "1"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_zero = digits == "0" && !number.contains('.');
    all_digits(digits)
        && all_digits(fraction)
        && (digits == "0" || !digits.starts_with('0'))
        && !fraction.ends_with('0')
        && !(is_zero && whole.starts_with('-'))
}
