//! What a parser and its visitor exchange: the input, plans, faults and limits.

use super::limits::{DEEPEST, Limits};
use super::path::Path;
use super::tape::Item;
use crate::model::error::{ErrorCode, Fault};

/// The bytes that are available, their offset in the body, and whether the body ends with them.
#[derive(Clone, Copy, Debug)]
pub struct Input<'w> {
    pub bytes: &'w [u8],
    /// Offset of the first byte in the whole body.
    pub base: u64,
    pub last: bool,
}

impl<'w> Input<'w> {
    /// The input, cut so many bytes after `at`. If it has that many, the cut input is not the end of the body: a stream
    /// that received only these bytes cannot know whether more follow.
    #[inline]
    pub fn up_to(self, at: usize, bytes: usize) -> Self {
        let end = at.saturating_add(bytes);
        self.bytes.get(..end).map_or(self, |bytes| Self { bytes, last: false, ..self })
    }
}

/// How a value begins, before it is read.
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
    /// Enter the container and ask again for each of its values. A scalar is taken instead.
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
    /// The visitor needs no more of the body.
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
    /// Called when a container is entered, with its offset in the body.
    fn enter(&mut self, _path: &Path, _opening: Opening, _offset: u64) -> Result<(), Halt> {
        Ok(())
    }
    /// Called when a value was taken whole.
    fn take(&mut self, path: &Path, plan: Plan, item: &Item<'_>) -> Result<(), Halt>;
    /// Takes an element of a list by value. If it returns `false`, the element is taken as an item instead.
    fn take_integer(&mut self, _value: i64) -> bool {
        false
    }
    /// Called when a container that was entered is complete.
    fn leave(&mut self, _path: &Path) -> Result<(), Halt> {
        Ok(())
    }
    /// Whether to pause: the parser then stops after a complete step.
    fn is_paused(&self) -> bool {
        false
    }
    /// Called for text between the elements of a container, in XML only. Parsing continues after it.
    fn stray_text(&mut self, path: &Path, offset: u64, text: &str) -> Result<(), Halt>;
}

/// Why the scanner of one value stopped.
#[derive(Debug)]
pub enum Scan {
    /// The input ends before the value does, and more input may follow.
    NeedMore,
    Fault(Fault),
}

impl From<Fault> for Scan {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Why a step of a parser was not completed.
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

/// The fewest bytes that a parser reads before it refuses an item as too large: enough for any punctuation.
const FEWEST_AT_HAND: usize = 16;

impl ParserLimits {
    /// The input for one item: a row, a part of the envelope, or a name. An item that is not complete within it is too large,
    /// and faults after it are not found. So one body has one result, however it is cut (docs/design.md#streaming-limits).
    #[inline]
    pub fn at_hand(&self) -> usize {
        // One byte more than the limit: a number ends only where another byte follows.
        (self.row_bytes as usize).saturating_add(1).max(FEWEST_AT_HAND)
    }

    /// Whether the item that begins at `at` is longer than the limit.
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
