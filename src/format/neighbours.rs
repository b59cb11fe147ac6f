//! Replies of other endpoints of the five providers, each with its name and the request to send instead
//! (docs/design.md#nothing-is-silent).

use super::head::ITEM;
use crate::descriptor::FormatDescriptor;
use crate::format::head::Head;
use crate::model::provider::{Encoding, Provider};
use crate::options::request::Request;
use crate::read::Opening;

/// The name of the reply, and the right request.
#[derive(Clone, Debug)]
pub(crate) struct Neighbour {
    pub name: &'static str,
    pub instead: String,
}

/// What to request of a provider, as the descriptors of its formats say it.
pub(crate) fn endpoints(provider: Provider, own: &[FormatDescriptor]) -> String {
    let mut formats: Vec<&FormatDescriptor> = own.iter().collect();
    for format in FormatDescriptor::built_in_formats() {
        formats.push(format);
    }
    let mut endpoints: Vec<&str> = Vec::new();
    for format in formats.into_iter().filter(|format| format.provider() == provider.as_str()) {
        let endpoint = format.rules().endpoint.as_deref();
        endpoints.extend(endpoint.filter(|endpoint| !endpoints.contains(endpoint)));
    }
    match endpoints.split_last() {
        None => "one that the `detect` of its descriptor recognises".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
    }
}

/// Wasabi's billing API in CSV, by its first bytes (docs/formats.md#wasabi-records).
pub(crate) fn wasabi_csv() -> Neighbour {
    Neighbour { name: "the CSV of Wasabi's billing API", instead: endpoints(Provider::Wasabi, &[]) }
}

/// The related reply that a complete head belongs to.
pub(crate) fn neighbour(head: &Head, request: Option<&Request>) -> Option<Neighbour> {
    let of = |provider, name| Some(Neighbour { name, instead: endpoints(provider, &[]) });
    let row = format!("/{ITEM}");
    let has = |at: &str, name: &str| head.has_below(at, name);
    let asked = |part: &str| request.is_some_and(|request| request.path_contains(part));
    if head.encoding == Encoding::Xml {
        let root = head.root_name();
        let at = format!("/{root}");
        return match root {
            "response" | "objects" if has(&at, "objects") || has(&at, "object") => {
                of(Provider::Cloudsigma, "CloudSigma's XML")
            }
            _ if head.has(&format!("{at}/link/@rel")) => of(Provider::Barracuda, "another resource of Barracuda's API"),
            _ => {
                // OnApp uses a tag for several things, so the children are examined first (docs/formats.md#onapp-envelopes).
                let bills = has("/vm_stats/vm_stat", "month");
                let name = if bills { "OnApp's monthly bills" } else { hourly(head.below("").chain(head.below(&at)))? };
                of(Provider::Onapp, name)
            }
        };
    }
    let rows = ["/objects/~", "/objects"];
    let any = |name: &str| rows.iter().any(|at| has(at, name));
    let is_record = |at: &str| ["provider", "format", "metric", "kind", "pointer"].iter().all(|name| has(at, name));
    let host = || request.map(Request::host).unwrap_or_default();
    if is_record("") || is_record(&row) {
        return Some(Neighbour {
            name: "records of this package",
            instead: "`aggregate`, which takes records".to_owned(),
        });
    }
    let is_success = head.success() == Some(true) || host().starts_with("api.wacm.");
    if head.success() != Some(false) && (head.has("/data/items") || is_success && head.has("/data")) {
        return of(Provider::Wasabi, "another resource of Wasabi's WACM Connect");
    }
    if any("billing_cycle") || any("human_interval") || head.has("/objects") && asked("/ledger/") {
        return of(Provider::Cloudsigma, "CloudSigma's /ledger/");
    }
    if head.has("/balance/balance") || has("", "balance") && has("", "currency") {
        return of(Provider::Cloudsigma, "CloudSigma's /currentusage/ or /balance/");
    }
    if any("subscribed_object") || head.has("/objects") && asked("/subscriptions/") {
        return of(Provider::Cloudsigma, "CloudSigma's /subscriptions/");
    }
    if let Some(name) = hourly(head.below("").chain(head.below(&row))) {
        return of(Provider::Onapp, name);
    }
    if head.root == Some(Opening::Array) && has(&row, "month") && has(&row, "cost") {
        return of(Provider::Onapp, "OnApp's monthly bills");
    }
    if head.has("/links") && (has("", "username") || has("/links/~", "rel") && has("/links/~", "href")) {
        return of(Provider::Barracuda, "another resource of Barracuda's API");
    }
    None
}

/// OnApp's statistics of machines, disks and networks, by the name of an element.
fn hourly<'h>(mut names: impl Iterator<Item = (&'h str, Opening)>) -> Option<&'static str> {
    names.find_map(|(name, _)| match name {
        "vm_stat" | "vm_stats" => Some("OnApp's statistics of virtual machines in another form"),
        "usage_statistics" | "usage_statistic" => Some("OnApp's usage_statistics"),
        "disk_hourly_stat" | "net_hourly_stat" | "cdn_hourly_stat" => {
            Some("OnApp's hourly statistics of another resource")
        }
        _ => None,
    })
}
