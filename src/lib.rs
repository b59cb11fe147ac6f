//! Meterglot reads the usage and billing replies of five providers and turns them into one exact usage model.

#![warn(missing_docs)]

mod decimal;
mod error;
mod exact;
mod format;
mod kind;
mod limits;
mod provider;
mod record;
mod table;
mod time;
mod unit;

pub use decimal::{Decimal, NumberError};
pub use error::{Error, ErrorCode, ErrorParts, Issue, Position};
pub use kind::Kind;
pub use limits::Limits;
pub use provider::{Detection, Encoding, Format, Provider};
pub use record::{Check, Note, PageInfo, UsageRecord};
pub use table::UsageTable;
pub use time::Instant;
pub use unit::Unit;
