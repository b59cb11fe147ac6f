//! Kinds: which values may be added.

use crate::model::names::names;

names! {
    /// How a quantity relates to time: what may be added over it.
    Kind {
        /// An amount that occurred within [start, end): can be added over time and over resources.
        Delta = "delta",
        /// A level: can be added over resources at one time, never over time.
        Gauge = "gauge",
        /// Level × time over [start, end): can be added over both.
        Integral = "integral",
    }
}
