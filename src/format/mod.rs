//! The detection of formats by their descriptors, and the readers of their rows.

mod asked;
mod candidates;
mod code_cache;
mod counts;
pub(crate) mod described;
pub(crate) mod detection;
mod error_reply;
mod faults;
mod head;
mod head_tests;
pub(crate) mod hooks;
mod listing_state;
mod metric_names;
mod missing;
pub(crate) mod neighbours;
mod request_test;
mod row_reader;
pub(crate) mod unknown;

pub(crate) use candidates::{Candidates, ErrorFormat};
pub(crate) use head::Head;
pub(crate) use listing_state::{Follow, ListingState, MOST_FAULTS};
pub(crate) use metric_names::is_metric;
pub(crate) use row_reader::{Context, RowReader, open};
