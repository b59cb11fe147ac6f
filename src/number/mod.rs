//! Exact numbers: decimals, sums and fractions, big integers.

pub(crate) mod decimal;
pub(crate) mod exact;
pub(crate) mod wide;
