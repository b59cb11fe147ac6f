//! Faults and optional fields that several formats share.

use std::borrow::Cow;

use crate::model::error::{ErrorCode, Fault, shortened};
use crate::read::Element;

/// Reads a time with an offset, with the fault it makes otherwise.
pub(crate) fn stamp_fault(element: &Element<'_>, expected: &str) -> Fault {
    element.fault(ErrorCode::InvalidTimestamp, expected.trim_start_matches("expected "))
}

/// An optional id or name that may come as a text or a number.
pub(crate) fn optional_id(element: Option<Element<'_>>) -> Result<Option<Cow<'_, str>>, Fault> {
    element.filter(|e| !e.is_null()).map(|e| e.id_text()).transpose()
}

/// Members that a message names.
const NAMED: usize = 5;

/// Names in a message: the first of them, each shortened, and how many more there are.
pub(crate) fn listed<'n>(names: impl Iterator<Item = Cow<'n, str>>) -> String {
    let (mut out, mut more) = (String::new(), 0);
    for (i, name) in names.enumerate() {
        if i >= NAMED {
            more += 1;
            continue;
        }
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(&shortened(&name));
    }
    match more {
        0 if out.is_empty() => "nothing".to_owned(),
        0 => out,
        more => format!("{out} and {more} more"),
    }
}

/// The fault of a row that holds data but no usage: names what it holds.
#[cold]
pub(crate) fn no_usage(row: &Element<'_>, expected: &str) -> Fault {
    let found = listed(row.children().map(|field| field.name()));
    Fault::new(ErrorCode::UnexpectedShape, format!("expected {expected}, found only {found}"))
        .at(row.offset())
        .in_item(row.path())
}
