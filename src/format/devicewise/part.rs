//! The position of a value in a reply.

use crate::read::Path;

/// The meaning of a path. Elements of lists have none.
#[derive(Debug, PartialEq, Eq)]
pub enum ReplyPart {
    Root,
    Command,
    Params,
    Counters,
    /// A counter or an organisation of counters, by the number of names below `counters`.
    Counter(usize),
    Times,
    Total,
    Success,
    /// Another member of `params`, or a value in it.
    Param,
    Other,
}

/// The meaning of a path. Names are case-insensitive (docs/formats.md#devicewise-errors). `is_lone`: the command has no id around it.
pub fn part_at(path: &Path, is_lone: bool) -> ReplyPart {
    let missing = usize::from(is_lone);
    let depth = path.depth() + missing;
    let is = |at: usize, name: &str| path.name(at - missing).eq_ignore_ascii_case(name);
    match depth {
        0 => ReplyPart::Root,
        1 => ReplyPart::Command,
        2 if is(1, "params") => ReplyPart::Params,
        2 if is(1, "success") => ReplyPart::Success,
        3 if is(1, "params") && is(2, "counters") => ReplyPart::Counters,
        3 if is(1, "params") && is(2, "ts") => ReplyPart::Times,
        3 if is(1, "params") && is(2, "total") => ReplyPart::Total,
        4 | 5 if is(1, "params") && is(2, "counters") => ReplyPart::Counter(depth - 3),
        3.. if is(1, "params") && !is(2, "counters") && !is(2, "ts") => ReplyPart::Param,
        _ => ReplyPart::Other,
    }
}
