//! CloudSigma 2.0 `burstusage` and `dailyburstusage` (docs/formats.md#cloudsigma; provider-docs 002).

use crate::format::head::Head;
use crate::format::row_reader::ProviderFormats;
use crate::model::provider::{Encoding, Format, Provider};
use crate::options::ReadOptions;
use crate::read::Opening;

pub(crate) struct Cloudsigma;

impl ProviderFormats for Cloudsigma {
    fn provider(&self) -> Provider {
        Provider::Cloudsigma
    }

    fn recognize(&self, head: &Head, options: &ReadOptions) -> Option<Format> {
        if head.encoding != Encoding::Json {
            return None;
        }
        let has = |at: &str, name: &str| head.has_below(at, name);
        let is_row = |at: &&&str| {
            let (kind, usage, amount) = (has(at, "resource_type"), has(at, "usage"), has(at, "amount"));
            (kind && (usage || amount)) || (usage && amount)
        };
        let asked = |path: &str| options.request.as_ref().is_some_and(|request| request.path_contains(path));
        let format = |dated: bool| {
            let daily = asked("/dailyburstusage") || (dated && !asked("/burstusage"));
            Some(if daily { Format::CloudsigmaDailyBurstUsage } else { Format::CloudsigmaBurstUsage })
        };
        if let Some(at) = ["/objects/~", "/objects", ""].iter().find(is_row) {
            let is_known = has(at, "date") || head.is_left(at);
            return match is_known {
                true => format(has(at, "date") || (head.has("/meta") && !has(at, "uuid"))),
                false => None,
            };
        }
        let empty = matches!(head.opening("/objects"), Some(Opening::Array | Opening::Scalar))
            && head.below("/objects").next().is_none();
        // An empty listing of another endpoint looks the same; if the request names one, this is not usage.
        let asks_other = asked("/api/2.0/") && !asked("burstusage");
        if head.complete && empty && !asks_other { format(head.has("/meta")) } else { None }
    }

    /// A success body is never a list (docs/formats.md#cloudsigma-errors).
    fn is_error(&self, head: &Head) -> bool {
        ["error_type", "error_message", "error_point"].iter().any(|name| head.has_below("/~", name))
    }
}
