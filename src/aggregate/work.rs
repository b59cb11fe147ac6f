//! Limits the work of an aggregation, so that a small body cannot cause much of it (docs/design.md#aggregation-cost).

use crate::model::error::{Error, ErrorCode};

/// The work that every aggregation may do. A unit is one number in one window: about two microseconds, with the JavaScript row that it
/// becomes.
const BASE: u64 = 400_000;

/// The work that each number adds: enough for the hours of a month. At most [`MOST_FOR_LENGTH`] in total.
const FOR_LENGTH: u64 = 1024;

/// Some seconds of work.
const MOST_FOR_LENGTH: u64 = 1 << 24;

/// The work that each number adds without a total limit, so that a large table may be divided into days or hours.
const FOR_EACH: u64 = 64;

/// The work that is left.
pub(super) struct Work {
    left: u64,
}

impl Work {
    /// The work that a table of so many numbers may ask for.
    pub fn new(numbers: usize) -> Self {
        let numbers = numbers as u64;
        Self { left: BASE + (FOR_LENGTH * numbers).min(MOST_FOR_LENGTH) + FOR_EACH * numbers }
    }

    /// # Errors
    /// `limit-exceeded` if the requested work is more than what is left.
    #[inline]
    pub fn charge(&mut self, units: u64) -> Result<(), Error> {
        match self.left.checked_sub(units) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(too_much()),
        }
    }
}

/// The additional work of a big integer: it is added limb by limb, and written in quadratic time.
#[inline]
pub(super) fn weight(bits: u64) -> u64 {
    bits / 64 + (bits / 512).pow(2)
}

#[cold]
fn too_much() -> Error {
    let message = "expected an aggregation in proportion to its records, found too many windows or digits: \
                   use longer windows, fewer keys or fewer `fractionDigits`, or a shorter period in `where`";
    Error::new(ErrorCode::LimitExceeded, message)
}
