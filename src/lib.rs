//! Meterglot reads the usage and billing replies of five providers into one exact usage model.

mod aggregate;
mod codes;
mod convert;
mod decimal;
mod engine;
mod error;
mod exact;
mod format;
#[cfg(any(test, target_arch = "wasm32"))]
mod given;
mod kind;
mod limits;
mod listing;
mod next;
mod options;
mod output;
mod page;
mod provider;
mod read;
mod reading;
mod record;
mod request;
mod stream;
mod table;
mod time;
mod unit;
#[cfg(target_arch = "wasm32")]
mod wasm;
#[cfg(all(target_arch = "wasm32", feature = "bench"))]
mod wasm_bench;
mod wide;

#[cfg(not(target_arch = "wasm32"))]
pub use aggregate::IanaZones;
pub use aggregate::{
    AggregateRow, AggregateSpec, Aggregator, Filter, GroupHead, GroupKey, Key, Overlap, Reducer, RowColumns, Split,
    TimeZone, WeekStart, Window, ZoneRules, aggregate,
};
pub use convert::convert;
pub use decimal::{Decimal, NumberError};
pub use engine::{ParsedDocument, detect, normalize, parse};
pub use error::{Error, ErrorCode, ErrorParts, Issue, Position};
pub use kind::Kind;
pub use limits::Limits;
pub use listing::{Keep, ListingOptions, ListingReader, PageContext, PageOutcome};
pub use next::{ProviderRequest, next_request};
pub use options::{OnError, ReadOptions};
pub use output::{ColumnArrays, DictionaryColumn, TextFormat};
pub use provider::{Detection, Encoding, Format, Provider};
pub use read::Value;
pub use record::{Check, Note, PageInfo, UsageRecord};
pub use request::Request;
pub use stream::NormalizeStream;
pub use table::UsageTable;
pub use time::Instant;
pub use unit::Unit;
