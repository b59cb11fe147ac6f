//! The usage table: all records, in columns. Record objects are created only on demand.
//!
//! Values that rows share are in dictionaries (resource key, period, fields, place). A number takes 64 bits. A row of
//! 23 metrics takes 28 bytes and its 23 numbers.

mod builder;
mod cells;
mod checks;
mod columns;
mod distinct;
mod identity;
mod import;
mod merge;
mod parts;
#[cfg(any(test, target_arch = "wasm32"))]
pub(crate) mod record_input;
mod seen;
mod usage_table;
mod view;

pub(crate) use builder::{ColumnCodes, RowCodes, TableBuilder};
pub(crate) use cells::{Cell, Cells};
pub(crate) use checks::RowSum;
pub(crate) use columns::Columns;
pub(crate) use distinct::Distinct;
pub(crate) use identity::{FieldPart, ID_DIGITS, Ids};
pub(crate) use merge::merge;
pub(crate) use parts::{
    Dictionary, Dimensions, Field, FieldList, Locator, Measures, Period, ResourceKey, Row, Text, dimensions,
};
pub use usage_table::UsageTable;
pub(crate) use view::{RecordView, merged};
