//! Intronis / Barracuda `usage_history`: stored bytes over time (docs/formats.md#barracuda; provider-docs 000).

use crate::format::error_reply;
use crate::format::head::Head;
use crate::format::row_reader::ProviderFormats;
use crate::model::provider::{Encoding, Format, Provider};
use crate::options::ReadOptions;
use crate::read::Opening;

pub(crate) struct Barracuda;

impl ProviderFormats for Barracuda {
    fn provider(&self) -> Provider {
        Provider::Barracuda
    }

    fn recognize(&self, head: &Head, _options: &ReadOptions) -> Option<Format> {
        let is = match head.encoding {
            Encoding::Xml => {
                let envelope =
                    ["/list/@page", "/list/@count", "/list/usage", "/list/link"].iter().any(|path| head.has(path));
                head.has("/list") && (envelope || head.complete && head.below("/list").next().is_none())
            }
            Encoding::Json => {
                let paging = head.has("/page") || head.has("/page_size") || head.has("/count");
                let rows = |at: &str| head.has_below(at, "date") && head.has_below(at, "bytes");
                let listed = head.has("/list") && (paging || head.has("/links") || rows("/list/0") || rows("/list"));
                listed || head.complete && paging && head.has("/links") && !head.has("/objects")
            }
        };
        is.then_some(Format::BarracudaUsageHistory)
    }

    fn lone_row(&self, head: &Head) -> Option<Format> {
        let at = match head.encoding {
            Encoding::Json => "",
            Encoding::Xml => "/usage",
        };
        (head.has_below(at, "date") && head.has_below(at, "bytes")).then_some(Format::BarracudaUsageHistory)
    }

    /// RFC 6749, as the token endpoint answers, and the list that the API has in `error` (docs/formats.md#barracuda-errors).
    fn is_error(&self, head: &Head) -> bool {
        let is_token_error = |error: &str| TOKEN_ERRORS.contains(&error);
        head.encoding == Encoding::Json
            && (head.has("/error") && head.has("/error_description")
                || head.opening("/error") == Some(Opening::Array)
                || head.text("error").is_some_and(is_token_error))
    }

    /// The fields of the error object are not documented, so anything but a list is an error (docs/formats.md#barracuda-errors).
    fn is_error_of_its_own(&self, head: &Head) -> bool {
        error_reply::is_error(head)
            || match head.encoding {
                Encoding::Json => head.root == Some(Opening::Object) && !head.has("/list"),
                Encoding::Xml => !head.has("/list"),
            }
    }
}

/// The codes of RFC 6749, 5.2, and RFC 6750, 3.1.
const TOKEN_ERRORS: [&str; 8] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "invalid_token",
    "unauthorized_client",
    "unsupported_grant_type",
    "insufficient_scope",
];
