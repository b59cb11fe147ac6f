//! deviceWISE TR50 `usage.api.history`: calls by service and period (docs/formats.md#devicewise; provider-docs 001).

use crate::format::head::Head;
use crate::format::row_reader::ProviderFormats;
use crate::model::provider::{Encoding, Format, Provider};
use crate::options::ReadOptions;
use crate::options::request::Request;
use crate::read::{Opening, Value};

pub(crate) struct Devicewise;

impl ProviderFormats for Devicewise {
    fn provider(&self) -> Provider {
        Provider::Devicewise
    }

    /// A command is recognised by its content: its id is the caller's own (docs/formats.md#devicewise-requests).
    fn recognize(&self, head: &Head, _options: &ReadOptions) -> Option<Format> {
        if head.encoding != Encoding::Json || head.root != Some(Opening::Object) {
            return None;
        }
        let is = |path: &str, depth: usize, tail: &str| {
            let (parent, last) = path.rsplit_once('/').unwrap_or_default();
            last.eq_ignore_ascii_case(tail) && parent.matches('/').count() + 1 == depth
        };
        let is_command = head.paths().any(|path| is(path, 2, "success") || is(path, 3, "counters"));
        is_command.then_some(Format::DevicewiseApiHistory)
    }

    fn lone_row(&self, head: &Head) -> Option<Format> {
        let mut below = head.below("/params").chain(head.below("/Params"));
        let is_history = below.any(|(name, _)| name.eq_ignore_ascii_case("counters"));
        (is_history && head.success() != Some(false)).then_some(Format::DevicewiseApiHistory)
    }

    /// The root reports a failure of the whole reply (docs/formats.md#devicewise-errors).
    fn is_error(&self, head: &Head) -> bool {
        if head.encoding != Encoding::Json {
            return false;
        }
        let says_why = head.below("").any(|(name, opening)| is_failure_field(name) && opening != Opening::Object);
        let says_otherwise = || head.below("").any(|(name, _)| name.eq_ignore_ascii_case("message"));
        says_why || head.success() == Some(false) && !says_otherwise()
    }
}

/// Whether a request has a TR50 command, with or without `requests` around it (docs/formats.md#devicewise-requests).
pub(super) fn asks_command(request: &Request) -> bool {
    let Some(Value::Object(root)) = request.json() else {
        return false;
    };
    let commands = match get(&root, "requests") {
        Some(Value::Object(wrapped)) => wrapped,
        _ => &root,
    };
    commands.iter().any(|(_, command)| command.as_fields().is_some_and(|fields| get(fields, "command").is_some()))
}

fn get<'v>(object: &'v [(String, Value)], name: &str) -> Option<&'v Value> {
    object.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn is_failure_field(name: &str) -> bool {
    let known = ["errorcodes", "errorcode", "errormessages", "errormessage"];
    known.iter().any(|known| name.eq_ignore_ascii_case(known))
}
