//! The request that follows a reply (design.md, CONTEXT; formats.md on each provider's paging).

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::error::Error;
use crate::options::ReadOptions;
use crate::page::Purpose;
use crate::provider::Encoding;
use crate::reading::Reading;
use crate::request::Request;
use crate::table::TableBuilder;
use crate::time::Instant;

/// What the next request is made of.
#[derive(Debug)]
pub(crate) enum Follow {
    /// The `page` of a link: the rest of the query is the caller's own.
    Page(String),
    /// Rows read so far.
    Offset(u64),
    /// A page number that counts from 0.
    PageNumber(u64),
    /// TR50 commands whose reply was cut, and where each goes on.
    Split(Vec<(String, Instant)>),
}

/// A request to send next. Credentials are the caller's to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Of the same origin as the request that was answered.
    pub url: String,
    /// What the reply's own encoding asks for.
    pub headers: std::collections::BTreeMap<&'static str, &'static str>,
    /// The body of a `POST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// The request that follows `body`, the reply to `options.request`; `None` at the end.
///
/// It never leaves the origin of that request: of a link in the reply only the page is taken.
///
/// # Errors
/// `invalid-option` where `request` is missing or not absolute, and every fault of the body.
pub fn next_request(body: &[u8], options: &ReadOptions) -> Result<Option<ProviderRequest>, Error> {
    let request = options
        .request
        .as_ref()
        .ok_or_else(|| Error::option("request", "expected the request that was answered, found none"))?;
    if !request.is_absolute() {
        return Err(Error::option("request", "expected an absolute http or https URL"));
    }
    let mut reading = Reading::new(Purpose::Records, TableBuilder::new(options.limits.max_records, false));
    reading.whole(body, &Arc::new(options.clone()))?;
    Ok(reading.next_request())
}

/// The request after the reply to `request`, which is absolute.
pub(crate) fn request_after(request: &Request, follow: Follow, encoding: Encoding) -> Option<ProviderRequest> {
    match follow {
        Follow::Page(page) => Some(get(request.url_with("page", &page), encoding)),
        Follow::Offset(offset) => Some(get(request.url_with("offset", &offset.to_string()), encoding)),
        Follow::PageNumber(number) => Some(get(request.url_with("pageNum", &number.to_string()), encoding)),
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

/// The same commands from where their replies were cut. Only those that name their end can go on:
/// "the last 24 hours" would be others by now.
fn split(request: &Request, commands: &[(String, Instant)]) -> Option<ProviderRequest> {
    let Value::Object(asked) = request.json()? else {
        return None;
    };
    let mut next = serde_json::Map::new();
    for (id, start) in commands {
        let Some(mut command) = asked.get(id).cloned() else {
            continue;
        };
        let Some(parameters) = command.get_mut("params").and_then(Value::as_object_mut) else {
            continue;
        };
        let end = parameters.get("end").and_then(Value::as_str).and_then(|end| Instant::parse(end).ok());
        if parameters.contains_key("start") && end.is_some_and(|end| *start < end) {
            parameters.insert("start".to_owned(), Value::String(start.to_string()));
            next.insert(id.clone(), command);
        }
    }
    if next.is_empty() {
        return None;
    }
    if let Some(auth) = asked.get("auth") {
        next.insert("auth".to_owned(), auth.clone());
    }
    Some(ProviderRequest {
        method: "POST",
        url: request.url(),
        headers: [("Accept", "application/json"), ("Content-Type", "application/json")].into(),
        body: Some(Value::Object(next).to_string()),
    })
}
