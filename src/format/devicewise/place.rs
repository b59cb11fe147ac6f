//! The position of a value in a reply.

use crate::read::Path;

/// What a path stands for. Elements of lists have none.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    Root,
    Command,
    Params,
    Counters,
    /// A counter or an organisation of counters: how many names deep.
    Counter(usize),
    Times,
    Total,
    Success,
    /// Another member of `params`, or what stands in it.
    Param,
    Other,
}

/// The place of a path; names in any case (docs/formats.md#devicewise-errors). `is_lone`: of a command without its id around it.
pub fn place(path: &Path, is_lone: bool) -> Place {
    let missing = usize::from(is_lone);
    let depth = path.depth() + missing;
    let is = |at: usize, name: &str| path.name(at - missing).eq_ignore_ascii_case(name);
    match depth {
        0 => Place::Root,
        1 => Place::Command,
        2 if is(1, "params") => Place::Params,
        2 if is(1, "success") => Place::Success,
        3 if is(1, "params") && is(2, "counters") => Place::Counters,
        3 if is(1, "params") && is(2, "ts") => Place::Times,
        3 if is(1, "params") && is(2, "total") => Place::Total,
        4 | 5 if is(1, "params") && is(2, "counters") => Place::Counter(depth - 3),
        3.. if is(1, "params") && !is(2, "counters") && !is(2, "ts") => Place::Param,
        _ => Place::Other,
    }
}
