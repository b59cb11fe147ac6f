//! Kinds: which values may be added.

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
    /// Every kind.
    pub(crate) const ALL: [Self; 3] = [Self::Delta, Self::Gauge, Self::Integral];

    /// The name in the public contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delta => "delta",
            Self::Gauge => "gauge",
            Self::Integral => "integral",
        }
    }

    /// The kind of that name.
    #[cfg(any(test, target_arch = "wasm32"))]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}
