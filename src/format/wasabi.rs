//! Wasabi utilizations: a bucket's or an account's day, or a bucket's invoice period (docs/formats.md#wasabi; provider-docs 003).

use crate::format::error_reply;
use crate::format::head::Head;
use crate::format::row_reader::ProviderFormats;
use crate::model::provider::{Encoding, Format, Provider};
use crate::options::ReadOptions;
use crate::read::Opening;

pub(crate) struct Wasabi;

impl ProviderFormats for Wasabi {
    fn provider(&self) -> Provider {
        Provider::Wasabi
    }

    fn recognize(&self, head: &Head, _options: &ReadOptions) -> Option<Format> {
        if head.encoding != Encoding::Json {
            return None;
        }
        if let Some(at) = ["/~", "/Records/~"].into_iter().find(|at| is_row(head, at)) {
            return format_of_row(head, at);
        }
        let empty = head.complete && head.has("/PageInfo") && head.has("/Records") && !head.has("/Records/~");
        empty.then_some(Format::WasabiBucketDaily)
    }

    fn lone_row(&self, head: &Head) -> Option<Format> {
        let is_timed = head.has("/StartTime") && head.has("/EndTime");
        if is_timed && is_row(head, "") { format_of_row(head, "") } else { None }
    }

    /// `Msg`, a gateway's `message` that stands alone, and what WACM Connect says of a failure (docs/formats.md#wasabi-errors).
    fn is_error(&self, head: &Head) -> bool {
        if head.encoding != Encoding::Json || head.root != Some(Opening::Object) || error_reply::is_ok(head) {
            return false;
        }
        let is_message = |name: &str| name.eq_ignore_ascii_case("message");
        let alone = |name: &str| is_message(name) || ["code", "requestId", "statusCode"].contains(&name);
        let message = head.below("").any(|(name, _)| is_message(name));
        head.has("/Msg") || message && (head.success().is_some() || head.below("").all(|(name, _)| alone(name)))
    }

    /// The path of the request decides what an empty list would have contained.
    fn format_of_empty_list(&self, options: &ReadOptions) -> Option<Format> {
        let request = options.request.as_ref().filter(|request| request.path_contains("/utilizations"))?;
        Some(match (request.path_contains("/utilizations/bucket"), request.parameter("invoice")) {
            (true, Some(_)) => Format::WasabiBucketInvoice,
            (true, None) => Format::WasabiBucketDaily,
            (false, _) => Format::WasabiAccountDaily,
        })
    }
}

/// Whether what stands at a path is a row, as far as it was read.
fn is_row(head: &Head, at: &str) -> bool {
    ["AcctNum", "BucketNum", "UtilizationNum", "BucketUtilizationNum"].iter().any(|name| head.has_below(at, name))
}

/// The format of the row at a path; none where what was read of it does not settle it.
fn format_of_row(head: &Head, at: &str) -> Option<Format> {
    if head.below(at).any(|(name, _)| name.ends_with("GBDays")) {
        return Some(Format::WasabiBucketInvoice);
    }
    let is_bucket = ["BucketNum", "Bucket", "BucketUtilizationNum"].iter().any(|name| head.has_below(at, name));
    let format = if is_bucket { Format::WasabiBucketDaily } else { Format::WasabiAccountDaily };
    head.is_left(at).then_some(format)
}
