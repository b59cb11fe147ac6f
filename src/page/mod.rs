//! Reads bodies and listings: one page, several pages, a stream; and the request for the next page.

pub(crate) mod calls;
pub(crate) mod explain;
pub(crate) mod listing;
pub(crate) mod listing_options;
pub(crate) mod next;
pub(crate) mod reader;
pub(crate) mod stream;
pub(crate) mod table_reader;
