//! The request that follows a reply (docs/design.md#context; docs/formats.md on each provider's paging).

use serde::Serialize;

use crate::format::Follow;
use crate::model::provider::Encoding;
use crate::model::time::Instant;
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
        Follow::Split(commands) => split(request, &commands),
    }
}

fn get(url: String, encoding: Encoding) -> ProviderRequest {
    let accept = match encoding {
        Encoding::Json => "application/json",
        Encoding::Xml => "application/xml",
    };
    ProviderRequest { method: "GET", url, headers: [("Accept", accept)].into(), body: None }
}

/// The same commands, each from the time at which its reply was cut. Only commands that name their end can be continued:
/// "the last 24 hours" would now be other hours.
fn split(request: &Request, commands: &[(String, Instant)]) -> Option<ProviderRequest> {
    let Value::Object(asked) = request.json()? else {
        return None;
    };
    let mut next: Vec<(String, Value)> = commands.iter().filter_map(|(id, start)| go_on(&asked, id, *start)).collect();
    if next.is_empty() {
        return None;
    }
    next.extend(asked.into_iter().find(|(name, _)| name == "auth"));
    Some(ProviderRequest {
        method: "POST",
        url: request.url(),
        headers: [("Accept", "application/json"), ("Content-Type", "application/json")].into(),
        body: Some(Value::Object(next).to_string()),
    })
}

/// A command from the time at which its reply was cut, unless that is its end.
fn go_on(asked: &[(String, Value)], id: &str, start: Instant) -> Option<(String, Value)> {
    let (name, mut command) = asked.iter().find(|(name, _)| name == id)?.clone();
    let Value::Object(parameters) = field(&mut command, "params")? else {
        return None;
    };
    let end = parameters.iter().find(|(name, _)| name == "end")?.1.as_text()?;
    let goes_on = Instant::parse(end).is_ok_and(|end| start < end);
    parameters.iter_mut().find(|(name, _)| name == "start")?.1 = Value::Text(start.to_string());
    goes_on.then_some((name, command))
}

fn field<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    let Value::Object(fields) = value else {
        return None;
    };
    fields.iter_mut().find(|(own, _)| own == name).map(|(_, value)| value)
}
