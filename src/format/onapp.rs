//! OnApp `user_statistics`: a user's costs, hourly or as a summary (docs/formats.md#onapp; provider-docs 004).

use crate::format::head::Head;
use crate::format::row_reader::ProviderFormats;
use crate::model::provider::{Encoding, Format, Provider};
use crate::options::ReadOptions;
use crate::read::Opening;

pub(crate) struct Onapp;

impl ProviderFormats for Onapp {
    fn provider(&self) -> Provider {
        Provider::Onapp
    }

    /// By the children, not by the root's name: OnApp uses its tags for several things (docs/formats.md#onapp-envelopes).
    fn recognize(&self, head: &Head, _options: &ReadOptions) -> Option<Format> {
        let is = match head.encoding {
            Encoding::Xml => {
                let root = head.root_name();
                matches!(root, "user_stats" | "user_stat") || head.has(&format!("/{root}/user_stat"))
            }
            Encoding::Json => {
                let bare = |at: &str| {
                    let costs = head.below(at).filter(|(name, _)| name.ends_with("_cost")).count();
                    let whose = head.has_below(at, "user_id") || head.has_below(at, "stat_time");
                    // An hour of a machine looks the same but for its id.
                    let is_machine = head.has_below(at, "virtual_machine_id");
                    !is_machine && ((costs > 0 && whose) || (costs > 1 && head.has_below(at, "total_cost")))
                };
                head.has("/~/user_stat") || head.has("/user_stat") || bare("/~") || bare("")
            }
        };
        is.then_some(Format::OnappUserStatistics)
    }

    /// Rails wraps what was no object in XML into a `hash` (docs/formats.md#onapp-errors).
    fn is_error(&self, head: &Head) -> bool {
        match head.encoding {
            Encoding::Xml => {
                let root = head.root_name();
                matches!(root, "errors" | "error")
                    || root == "hash" && (head.has("/hash/error") || head.has("/hash/errors"))
            }
            Encoding::Json => {
                matches!(head.opening("/errors"), Some(Opening::Array | Opening::Object))
                    || head.opening("/error") == Some(Opening::Scalar)
            }
        }
    }

    fn format_of_empty_list(&self, options: &ReadOptions) -> Option<Format> {
        let named = options.provider == Some(Provider::Onapp);
        let asked = options.request.as_ref().is_some_and(|request| request.path_contains("/user_statistics"));
        (named || asked).then_some(Format::OnappUserStatistics)
    }
}
