//! The five providers, one file or folder each, and the detection of their replies.

mod asked;
mod barracuda;
mod candidates;
mod cloudsigma;
mod code_cache;
mod counts;
pub(crate) mod described;
pub(crate) mod detection;
mod devicewise;
mod error_reply;
mod faults;
mod head;
mod head_tests;
pub(crate) mod hooks;
mod listing_state;
mod missing;
pub(crate) mod neighbours;
mod onapp;
mod providers;
mod request_test;
mod row_reader;
mod sender;
pub(crate) mod unknown;
mod wasabi;

pub(crate) use candidates::Candidates;
pub(crate) use detection::{ErrorFormat, RowFormat};
pub(crate) use head::Head;
pub(crate) use listing_state::{Follow, ListingState, MOST_FAULTS};
pub(crate) use providers::{PROVIDERS, formats_of, is_metric};
pub(crate) use row_reader::{Context, RowReader};
