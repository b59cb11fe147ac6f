//! Exact numbers: decimals, sums and fractions, big integers, and the conversion of units.

pub(crate) mod convert;
pub(crate) mod decimal;
pub(crate) mod exact;
pub(crate) mod wide;
