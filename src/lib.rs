//! Meterglot reads the usage and billing replies of five providers into one exact usage model.

mod aggregate;
mod collections;
mod descriptor;
#[cfg(target_arch = "wasm32")]
mod ffi;
mod format;
mod model;
mod number;
mod options;
mod output;
mod page;
mod read;
mod table;

#[cfg(not(target_arch = "wasm32"))]
pub use aggregate::IanaZones;
pub use aggregate::{
    AggregateRow, AggregateSpec, Aggregator, Filter, GroupHead, GroupKey, Key, Overlap, Reducer, RowColumns, Split,
    TimeZone, WeekStart, Window, ZoneRules, aggregate,
};
pub use descriptor::{DescriptorProblem, FormatDescriptor};
pub use model::convert::convert;
pub use model::error::{Error, ErrorCode, ErrorParts, Issue, Position};
pub use model::kind::Kind;
pub use model::provider::{Detection, Encoding, Format, FormatName, Provider, ProviderName};
pub use model::record::{Check, Note, PageInfo, UsageRecord};
pub use model::time::Instant;
pub use model::unit::Unit;
pub use number::decimal::{Decimal, NumberError};
pub use options::request::Request;
pub use options::{OnError, ReadOptions};
pub use output::{ColumnArrays, DictionaryColumn, TextFormat};
pub use page::calls::{ParsedDocument, detect, next_request, normalize, parse};
pub use page::explain::{ExplainedRows, ExplainedTest, Explanation, UnreadField, explain};
pub use page::listing::{ListingReader, PageOutcome};
pub use page::listing_options::{Keep, ListingOptions, PageContext};
pub use page::next::ProviderRequest;
pub use page::stream::NormalizeStream;
pub use read::Value;
pub use read::limits::Limits;
pub use table::UsageTable;
