//! The request that follows a reply (docs/design.md#context; docs/formats.md on each provider's paging).

use serde::Serialize;

use crate::format::Follow;
use crate::format::hooks::tr50_resume;
use crate::model::provider::Encoding;
use crate::options::request::Request;
use crate::read::Value;

/// A request to send. It has no credentials; add your own headers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Absolute, with the origin of the answered request.
    pub url: String,
    /// `Accept`, and `Content-Type` of a body.
    pub headers: std::collections::BTreeMap<&'static str, &'static str>,
    /// The body of a `POST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// The request after the reply to `request`, which must be absolute.
pub(crate) fn request_after(request: &Request, follow: Follow, encoding: Encoding) -> Option<ProviderRequest> {
    match follow {
        Follow::Parameter(name, value) => Some(get(request.url_with(&name, &value), encoding)),
        Follow::Resume(commands) => Some(post(request, &tr50_resume::next_body(request.json()?, &commands)?)),
    }
}

fn get(url: String, encoding: Encoding) -> ProviderRequest {
    let accept = match encoding {
        Encoding::Json => "application/json",
        Encoding::Xml => "application/xml",
    };
    ProviderRequest { method: "GET", url, headers: [("Accept", accept)].into(), body: None }
}

fn post(request: &Request, body: &Value) -> ProviderRequest {
    ProviderRequest {
        method: "POST",
        url: request.url(),
        headers: [("Accept", "application/json"), ("Content-Type", "application/json")].into(),
        body: Some(body.to_string()),
    }
}
