//! What a parser and its visitor exchange: bytes at hand, plans, faults and limits.

use super::limits::{DEEPEST, Limits};
use super::path::Path;
use super::tape::Item;
use crate::model::error::{ErrorCode, Fault};

/// The bytes at hand, where they start in the body, and whether they are its end.
#[derive(Clone, Copy, Debug)]
pub struct Input<'w> {
    pub bytes: &'w [u8],
    /// Offset of the first byte in the whole body.
    pub base: u64,
    pub last: bool,
}

impl<'w> Input<'w> {
    /// The input up to so many bytes after `at`. Where there are as many, what is left is not the end of the body: a stream
    /// that has received them does not know yet whether more follow.
    #[inline]
    pub fn up_to(self, at: usize, bytes: usize) -> Self {
        let end = at.saturating_add(bytes);
        self.bytes.get(..end).map_or(self, |bytes| Self { bytes, last: false, ..self })
    }
}

/// What a value is, before it has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    Object,
    Array,
    Scalar,
    /// Any XML element.
    Element,
}

/// What to do with the next value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Go into the container and ask again at each of its values. A scalar is taken instead.
    Enter,
    /// Take it whole, as a row of the listing.
    Row,
    /// Take it whole, as a part of the envelope.
    Member,
}

/// Why a parser stopped before the end.
#[derive(Debug)]
pub enum Halt {
    Fault(Fault),
    /// The visitor has seen what it wanted.
    Enough,
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The visitor that drives a parser.
pub trait Visitor {
    fn plan(&mut self, path: &Path, opening: Opening) -> Plan;
    /// A container is entered, at this byte of the body.
    fn enter(&mut self, _path: &Path, _opening: Opening, _offset: u64) -> Result<(), Halt> {
        Ok(())
    }
    /// A value was taken whole.
    fn take(&mut self, path: &Path, plan: Plan, item: &Item<'_>) -> Result<(), Halt>;
    /// Takes an element of a list by its value alone, or leaves it (`false`): it is then taken as an item.
    fn take_integer(&mut self, _value: i64) -> bool {
        false
    }
    /// A container that was entered is complete.
    fn leave(&mut self, _path: &Path) -> Result<(), Halt> {
        Ok(())
    }
    /// Whether to pause: the parser then stops after a complete step.
    fn is_paused(&self) -> bool {
        false
    }
    /// Text between the elements of a container: XML only. It ends nothing.
    fn stray_text(&mut self, path: &Path, offset: u64, text: &str) -> Result<(), Halt>;
}

/// What the scanner of one value says when it cannot go on.
#[derive(Debug)]
pub enum Scan {
    /// The input ends before the value does, and more may follow.
    NeedMore,
    Fault(Fault),
}

impl From<Fault> for Scan {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Why a step of a parser did not end.
pub enum Stop {
    Halt(Halt),
    Scan(Scan),
}

impl From<Scan> for Stop {
    fn from(scan: Scan) -> Self {
        Self::Scan(scan)
    }
}

/// The limits of a parser.
#[derive(Clone, Copy, Debug)]
pub struct ParserLimits {
    pub depth: usize,
    pub row_bytes: u64,
}

impl From<&Limits> for ParserLimits {
    fn from(limits: &Limits) -> Self {
        Self { depth: limits.max_depth.min(DEEPEST) as usize, row_bytes: limits.max_row_bytes.min(u64::from(u32::MAX)) }
    }
}

/// A parser looks at this many bytes at least before it refuses what it has to hold whole: enough for every punctuation.
const FEWEST_AT_HAND: usize = 16;

impl ParserLimits {
    /// Bytes that a parser looks at to read one thing: a row, a part of the envelope, a name. What is not complete by then is
    /// too large, and what is wrong after them is not met. So one body has one answer, however it is cut.
    #[inline]
    pub fn at_hand(&self) -> usize {
        // One more than the thing may have: a number ends only where another byte follows.
        (self.row_bytes as usize).saturating_add(1).max(FEWEST_AT_HAND)
    }

    /// Whether what begins at `at` has not ended within the bytes that are looked at.
    pub fn is_passed(&self, input: &Input<'_>, at: usize) -> bool {
        input.bytes.len() - at >= self.at_hand()
    }

    pub fn too_deep(&self) -> Fault {
        Fault::new(ErrorCode::LimitExceeded, format!("nested deeper than maxDepth ({})", self.depth))
    }

    pub fn head_too_large(&self) -> Fault {
        Fault::new(
            ErrorCode::LimitExceeded,
            format!("expected a format to show within maxRowBytes ({}) and 1 MiB, found none", self.row_bytes),
        )
    }

    pub fn too_large(&self) -> Fault {
        Fault::new(
            ErrorCode::LimitExceeded,
            format!("a row or a part of the envelope is larger than maxRowBytes ({})", self.row_bytes),
        )
    }
}
