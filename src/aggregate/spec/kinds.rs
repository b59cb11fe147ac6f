//! The reducers that each kind allows (docs/design.md#aggregation).

use super::values::Reducer;
use crate::model::error::{Error, ErrorCode, shortened};
use crate::model::kind::Kind;

/// The default reducer of a kind.
pub(super) const fn default_reducer(kind: Kind) -> Reducer {
    match kind {
        Kind::Delta | Kind::Integral => Reducer::Sum,
        Kind::Gauge => Reducer::Mean,
    }
}

/// Refuses a reducer that the kind does not allow. The message names the allowed ones.
pub(super) fn check(reducer: Reducer, kind: Kind, metric: Option<&str>) -> Result<(), Error> {
    use Reducer::{Count, First, Integral, Last, Max, Mean, Min, Sum};
    let why = match (kind, reducer) {
        (Kind::Delta, Sum | Mean | Max | Min | First | Last | Count)
        | (Kind::Gauge, Mean | Max | Min | First | Last | Count | Integral)
        | (Kind::Integral, Sum | Mean | Count) => return Ok(()),
        (Kind::Gauge, _) => "a level is never added over time: use mean, max, min, first, last or integral",
        (Kind::Delta, _) => {
            "an amount within a period is not a level, so it has no integral: use sum, mean, max, min, first or last"
        }
        (Kind::Integral, _) => "an integral is not a level: use sum, mean (the level itself) or count",
    };
    let of =
        metric.map_or_else(|| kind.as_str().to_owned(), |metric| format!("{} ({})", shortened(metric), kind.as_str()));
    Err(Error::new(ErrorCode::IncompatibleAggregation, format!("`{}` of {of}: {why}", reducer.as_str())))
}
