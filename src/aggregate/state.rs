//! The state of an aggregator: its readings in an order of their own, so that the same readings give the same bytes.
//!
//! # Design
//! Readings, and not sums, are what machines can exchange without losing anything: a level that one machine has read
//! may be ended by a reading of another. Layout: magic, version, digest of the spec, then dictionaries (texts, subjects,
//! periods, fields, shapes), rows of codes, and the numbers; last a checksum. Whole numbers are LEB128, signed
//! ones folded (0, −1, 1, −2 …).

mod bytes;
mod decode;
mod encode;

pub(super) use decode::decode;
pub(super) use encode::encode;

/// What every state begins with.
const MAGIC: &[u8; 4] = b"MGlA";

/// The layout described here. Another one is another version.
const VERSION: u8 = 1;

/// Bytes of the digest of the spec, and of the checksum.
const DIGEST: usize = 16;

/// How a number begins. Even: a whole number of 18 digits at most, folded and doubled.
mod number {
    pub const NULL: u64 = 1;
    /// A scale and a folded mantissa follow.
    pub const SCALED: u64 = 3;
    /// A scale, a length and so many bytes of magnitude follow, most significant first.
    pub const WIDE: u64 = 5;
    pub const WIDE_NEGATIVE: u64 = 7;
}

/// Bytes that the magnitude of a number in a state may have. Those of the default limits have 32.
const MAX_MAGNITUDE: usize = 1 << 16;
