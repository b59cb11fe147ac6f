//! The request that was answered: what its URL and body contain (docs/design.md#context).

use std::borrow::Cow;

use crate::model::error::{Error, quoted};
use crate::read::Value;

/// The parts of a request's URL, and its body.
///
/// Absolute http and https URLs; or paths (`/v1/partners/acme/usage_history?page=1`), if only account, period and so on are
/// read from it. Names of query parameters are case-insensitive.
#[derive(Clone, Debug)]
pub struct Request {
    /// Scheme and authority, e.g. `https://api.intronis.com`; empty for a path.
    origin: String,
    path: String,
    query: Option<String>,
    body: Option<String>,
}

impl Request {
    /// Splits a URL into its parts.
    ///
    /// # Errors
    /// `invalid-option` if it is neither an absolute http(s) URL nor a path that starts with `/`.
    pub fn new(url: &str, body: Option<&str>) -> Result<Self, Error> {
        let refuse =
            || Error::option("request", format!("expected an absolute http or https URL, found {}", quoted(url)));
        if url.chars().any(char::is_control) {
            return Err(refuse());
        }
        let without_fragment = url.split('#').next().unwrap_or_default();
        let (origin, rest) = match without_fragment.split_once("://") {
            _ if without_fragment.starts_with('/') => ("", without_fragment),
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") => {
                let authority = scheme.len() + 3;
                let end =
                    without_fragment[authority..].find(['/', '?']).map_or(without_fragment.len(), |at| authority + at);
                let host = &without_fragment[authority..end];
                if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c == '\\') {
                    return Err(refuse());
                }
                without_fragment.split_at(end)
            }
            _ => return Err(refuse()),
        };
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (rest, None),
        };
        Ok(Self { origin: origin.to_owned(), path: path.to_owned(), query, body: body.map(str::to_owned) })
    }

    /// Whether the URL has a scheme and a host.
    pub(crate) fn is_absolute(&self) -> bool {
        !self.origin.is_empty()
    }

    /// The host name in lower case, without port and user.
    pub(crate) fn host(&self) -> String {
        let authority = self.origin.split_once("://").map_or("", |(_, authority)| authority);
        let host = authority.rsplit('@').next().unwrap_or_default();
        let host = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => host,
        };
        host.to_ascii_lowercase()
    }

    /// The path's segments, percent-decoded.
    pub(crate) fn segments(&self) -> Vec<String> {
        let decoded = |segment: &str| {
            // In a path a plus is a plus; the decoder of queries would make it a space.
            let shielded = format!("s={}", segment.replace('+', "%2B").replace('&', "%26"));
            let first = form_urlencoded::parse(shielded.as_bytes()).next();
            first.map_or_else(String::new, |(_, value)| value.into_owned())
        };
        self.path.split('/').filter(|s| !s.is_empty()).map(decoded).collect()
    }

    /// The segment after one of these names: the account in `/partners/acme/usage_history`.
    pub(crate) fn segment_after(&self, names: &[&str]) -> Option<(String, String)> {
        let segments = self.segments();
        let at = segments.iter().position(|s| names.iter().any(|name| s.eq_ignore_ascii_case(name)))?;
        Some((segments[at].to_ascii_lowercase(), segments.get(at + 1)?.clone()))
    }

    pub(crate) fn path_contains(&self, part: &str) -> bool {
        self.path.to_ascii_lowercase().contains(part)
    }

    /// The query's parameters, decoded.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        form_urlencoded::parse(self.query.as_deref().unwrap_or_default().as_bytes())
    }

    /// The last parameter with this name, case-insensitive.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.parameters().filter(|(own, _)| own.eq_ignore_ascii_case(name)).last().map(|(_, value)| value.into_owned())
    }

    /// The parameter with this name, if it is a whole number.
    pub(crate) fn count(&self, name: &str) -> Option<u64> {
        self.parameter(name)?.trim().parse().ok()
    }

    /// The body, if it is JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        Value::from_json(self.body.as_deref()?).ok()
    }

    /// The whole URL.
    pub(crate) fn url(&self) -> String {
        match &self.query {
            Some(query) => format!("{}{}?{query}", self.origin, self.path),
            None => format!("{}{}", self.origin, self.path),
        }
    }

    /// The URL with one parameter changed; the others stay as they were written.
    pub(crate) fn url_with(&self, name: &str, value: &str) -> String {
        let kept = self.query.as_deref().unwrap_or_default().split('&').filter(|pair| {
            let own = form_urlencoded::parse(pair.as_bytes()).next();
            !pair.is_empty() && own.is_none_or(|(own, _)| !own.eq_ignore_ascii_case(name))
        });
        let mut query: Vec<Cow<'_, str>> = kept.map(Cow::Borrowed).collect();
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        query.push(format!("{name}={encoded}").into());
        format!("{}{}?{}", self.origin, self.path, query.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let request =
            Request::new("https://user@zrh.CloudSigma.com:443/api/2.0/burstusage/?Date__GTE=2014-07-01#x", None)
                .unwrap();
        assert_eq!(request.host(), "zrh.cloudsigma.com");
        assert_eq!(request.parameter("date__gte").as_deref(), Some("2014-07-01"));
        assert!(request.path_contains("/burstusage/"));
    }

    #[test]
    fn a_parameter_is_set_and_the_others_are_kept_as_written() {
        let request = Request::new("http://h/p?a=1&page=1&period[startdate]=x+y", None).unwrap();
        assert_eq!(request.url_with("page", "2"), "http://h/p?a=1&period[startdate]=x+y&page=2");
    }

    #[test]
    fn an_account_in_the_path_is_decoded() {
        let request = Request::new("/v1/partners/a%20b+c/usage_history", None).unwrap();
        assert_eq!(request.segment_after(&["partners"]).unwrap().1, "a b+c");
    }

    #[test]
    fn what_is_no_http_url_is_refused() {
        for url in ["", "ftp://x/", "https://", "x/y", "javascript:alert(1)", "https://a b/", "https://a/\r\nb"] {
            assert!(Request::new(url, None).is_err(), "{url}");
        }
    }
}
