//! Detects the provider from the request: host and path take precedence over the form of an error reply (docs/design.md#context).

use super::devicewise;
use crate::model::provider::Provider;
use crate::options::request::Request;

/// The domains of the four providers that have one. OnApp may be on any host (docs/formats.md).
const DOMAINS: [(&str, Provider); 4] = [
    ("intronis.com", Provider::Barracuda),
    ("devicewise.com", Provider::Devicewise),
    ("cloudsigma.com", Provider::Cloudsigma),
    ("wasabisys.com", Provider::Wasabi),
];

/// Segments that occur only in the paths of one provider.
const SEGMENTS: [(&str, Provider); 10] = [
    ("usage_history", Provider::Barracuda),
    ("partners", Provider::Barracuda),
    ("tr50", Provider::Devicewise),
    ("burstusage", Provider::Cloudsigma),
    ("dailyburstusage", Provider::Cloudsigma),
    ("utilizations", Provider::Wasabi),
    ("utilization", Provider::Wasabi),
    ("standalone", Provider::Wasabi),
    ("user_statistics", Provider::Onapp),
    ("users", Provider::Onapp),
];

/// The provider that answers a request: by its host, otherwise by its body (a TR50 command) or its path, as behind a proxy.
pub(crate) fn provider_of(request: &Request) -> Option<Provider> {
    let host = request.host();
    let is_of = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if let Some((_, provider)) = DOMAINS.into_iter().find(|(domain, _)| is_of(domain)) {
        return Some(provider);
    }
    if devicewise::asks_command(request) {
        return Some(Provider::Devicewise);
    }
    let segments = request.segments();
    let has = |name: &str| {
        // OnApp appends the encoding to the name: `user_statistics.json`.
        segments.iter().any(|own| own.split('.').next().is_some_and(|own| own.eq_ignore_ascii_case(name)))
    };
    let own = SEGMENTS.into_iter().find(|(name, _)| has(name)).map(|(_, provider)| provider);
    own.or_else(|| segments.windows(2).any(|pair| pair == ["api", "2.0"]).then_some(Provider::Cloudsigma))
        .or_else(|| (has("oauth2") && has("token")).then_some(Provider::Barracuda))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_provider_of_a_request_is_detected_by_host_body_and_path() {
        let of = |url: &str, body: Option<&str>| provider_of(&Request::new(url, body).unwrap());
        for (url, provider) in [
            ("https://api.intronis.com/v1/partners/acme/usage_history", Some(Provider::Barracuda)),
            ("https://auth.echo.intronis.com/oauth2/token", Some(Provider::Barracuda)),
            ("https://API-DE.devicewise.com/api", Some(Provider::Devicewise)),
            ("https://hnl.cloudsigma.com/api/2.0/ledger/", Some(Provider::Cloudsigma)),
            ("https://partner.wasabisys.com/v1/users/4", Some(Provider::Wasabi)),
            ("https://stats.wasabisys.com/v1/standalone/utilizations", Some(Provider::Wasabi)),
            ("https://billing.wasabisys.com/utilization/bucket/", Some(Provider::Wasabi)),
            ("https://cloud.example/users/4/user_statistics.json?hourly_stats", Some(Provider::Onapp)),
            ("https://cloud.example/users/4", Some(Provider::Onapp)),
            ("http://127.0.0.1:8080/v1/accounts/acme/usage_history", Some(Provider::Barracuda)),
            ("http://127.0.0.1:8080/v1/accounts/7/utilizations/buckets", Some(Provider::Wasabi)),
            ("/api/2.0/dailyburstusage/", Some(Provider::Cloudsigma)),
            ("/api/2.0/balance/", Some(Provider::Cloudsigma)),
            ("/rest/hdc/tr50/v1/request", Some(Provider::Devicewise)),
            ("https://notintronis.com/", None),
            ("/", None),
        ] {
            assert_eq!(of(url, None), provider, "{url}");
        }
        let command = r#"{"1":{"command":"usage.api.history","params":{}}}"#;
        assert_eq!(of("http://localhost/api", Some(command)), Some(Provider::Devicewise));
        assert_eq!(of("http://localhost/api", Some("{}")), None);
    }
}
