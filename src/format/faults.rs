//! Faults and optional fields that several formats share.

use std::borrow::Cow;

use crate::model::error::{ErrorCode, Fault, Position, shortened};
use crate::read::{Element, Path};

/// The fault of a value that is not a time with an offset.
pub(crate) fn stamp_fault(element: &Element<'_>, expected: &str) -> Fault {
    element.fault(ErrorCode::InvalidTimestamp, expected.trim_start_matches("expected "))
}

/// Members that a message names.
const NAMED: usize = 5;

/// Names for a message: the first ones, each shortened, and the number of others.
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

/// The fault of a row that has data but no usage (docs/design.md#nothing-is-silent). The message names the data.
#[cold]
pub(crate) fn no_usage(row: &Element<'_>, expected: &str) -> Fault {
    let found = listed(row.children().map(|field| field.name()));
    Fault::new(ErrorCode::UnexpectedShape, format!("expected {expected}, found only {found}"))
        .at(row.offset())
        .in_item(row.path())
}

/// Elements next to the rows of an XML list that have no rule. They are ignored, unless the list has nothing else.
#[derive(Debug, Default)]
pub(crate) struct Unknown {
    /// Where the list begins.
    list: Option<(String, Position)>,
    first: Option<String>,
}

impl Unknown {
    /// Called when a container is entered.
    pub fn enter(&mut self, path: &Path, position: &mut dyn FnMut() -> Position) {
        if path.depth() == 1 {
            self.list = Some((path.pointer(), position()));
        }
    }

    /// Records an element without a rule. The attributes of the list are reported as a part of the list itself.
    pub fn note(&mut self, path: &Path) {
        if path.depth() == 2 {
            self.first.get_or_insert_with(|| shortened(path.name(1)).into_owned());
        }
    }

    /// # Errors
    /// `unexpected-shape` if there were elements without a rule, but no rows.
    pub fn check(&self, rows: u64, expected: &str) -> Result<(), Fault> {
        match (&self.first, &self.list) {
            (Some(found), Some((list, position))) if rows == 0 => {
                let message = format!("expected <{expected}> in the list, found only <{found}>");
                let fault = Fault::new(ErrorCode::UnexpectedShape, message);
                Err(fault.at_position(*position).within(|| list.clone()))
            }
            _ => Ok(()),
        }
    }
}
