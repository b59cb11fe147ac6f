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

    /// Most resource types form families, so their metrics cannot be listed.
    fn is_metric(&self, name: &str) -> bool {
        name.strip_prefix("burst.").is_some_and(is_known)
    }
}

/// Types whose usage is stored bytes.
const DISKS: [&str; 6] = ["dssd", "ssd", "hdd", "nvme", "zadara", "object_storage"];

/// Types that are counted rather than measured, and families whose names begin so.
const COUNTED: [&str; 3] = ["ip", "vlan", "sms"];
const COUNTED_FAMILIES: [&str; 4] = ["vlan_", "msft_", "vrouter_", "dedicated_"];

/// Whether a type of resource is known (docs/formats.md#cloudsigma-replies; docs/design.md#metrics-cloudsigma).
fn is_known(resource_type: &str) -> bool {
    let base = resource_type.strip_suffix("_vmware").unwrap_or(resource_type);
    base.ends_with("mem")
        || DISKS.contains(&base)
        || base.starts_with("tx")
        || base.starts_with("rx")
        || COUNTED.contains(&base)
        || COUNTED_FAMILIES.iter().any(|family| base.starts_with(family))
        || base == "cpu"
        || base.ends_with("_cpu")
}
