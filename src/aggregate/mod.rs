//! From records to one number for each group and window (docs/design.md#aggregation).
//!
//! The rows of a table are grouped by series and sorted by time ([`series`]). Series with the same times, such as the
//! metrics of a bucket's days, are reduced together, others one by one ([`lane`]). Each record is added to its
//! windows: a level by the time for which it applies ([`hold`]), any other by `split` ([`flow`]). Rows of one window
//! are added together ([`run`]). The number of a series in a window is then added exactly to the row of its group
//! ([`totals`]). The row is rounded once, when it is complete.

mod aggregator;
mod breakdown;
mod bundle;
mod columns;
mod cover;
mod derive;
mod flow;
mod group;
mod hold;
mod lane;
mod names;
mod overlap;
mod pass;
mod places;
mod plan;
mod reduce;
mod row;
mod row_batch;
mod run;
mod series;
mod spec;
mod state;
mod timeline;
mod totals;
mod window;
mod work;
mod zone;

pub use aggregator::Aggregator;
pub use columns::RowColumns;
pub use row::{AggregateRow, GroupHead, Key};
pub use spec::{AggregateSpec, Filter, GroupKey, Overlap, Reducer, Split, TimeZone, WeekStart, Window};
#[cfg(target_arch = "wasm32")]
pub(crate) use zone::Clock;
#[cfg(not(target_arch = "wasm32"))]
pub use zone::IanaZones;
pub use zone::ZoneRules;

use crate::model::error::Error;
use crate::table::{Columns, UsageTable};

/// Groups the records of tables, puts them into windows and reduces them.
///
/// Rows are sorted by key, metric and start of the window. Neither the order of the records nor their division into tables
/// changes the result.
///
/// # Errors
/// `invalid-option` for a spec that is not valid; `incompatible-aggregation` for a reducer that a metric's kind does
/// not allow, for usage that is reported twice (unless [`Overlap::Keep`] is set), and, with [`Split::Error`], for a
/// record that crosses the edge of a window; `limit-exceeded` for more than a million rows, and for
/// more windows or digits than the work limit allows for these records.
pub fn aggregate(
    tables: &[&UsageTable],
    spec: &AggregateSpec,
    zones: &dyn ZoneRules,
) -> Result<Vec<AggregateRow>, Error> {
    let parts: Vec<&Columns> = tables.iter().map(|table| &table.columns).collect();
    let mut rows = Vec::new();
    run::run(&crate::table::merge(&parts), spec, zones, &mut |row| rows.push(row))?;
    Ok(rows)
}
