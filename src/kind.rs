//! What may be added to what.

use serde::{Deserialize, Serialize};

/// How a quantity relates to time: what may be added over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Happened within [start, end): adds up over time and across resources.
    Delta,
    /// A level: adds up across resources at one time, never over time.
    Gauge,
    /// Level × time over [start, end): adds up over both.
    Integral,
}

impl Kind {
    /// The name in the public contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delta => "delta",
            Self::Gauge => "gauge",
            Self::Integral => "integral",
        }
    }
}
