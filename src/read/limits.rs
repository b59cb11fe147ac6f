//! Limits on a body.

/// The highest value of `max_depth`. Nested values are read recursively, and the stack is finite.
pub(crate) const DEEPEST: u64 = 512;

/// Limits of memory and time. Exceeding one is `limit-exceeded` (`max_digits`: `number-out-of-range`). Nothing is truncated silently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one whole body. Default 64 MiB. It does not limit a stream.
    pub max_bytes: u64,
    /// Bytes of one row, and of anything else that must be in memory as a whole. Default 1 MiB.
    pub max_row_bytes: u64,
    /// Nesting of JSON containers or XML elements. Default 64, at most 512.
    pub max_depth: u64,
    /// Records of one table, over all its pages. A row that could exceed it is refused, even if it is a duplicate. Default 5,000,000.
    pub max_records: u64,
    /// Significant digits of one number. Default 76.
    pub max_digits: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_row_bytes: 1 << 20, max_depth: 64, max_records: 5_000_000, max_digits: 76 }
    }
}
