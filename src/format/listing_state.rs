//! The state of a listing over its pages: counts, checks, collected faults, and the parts of the next request.

use super::counts::Counts;
use crate::model::error::Fault;
use crate::model::record::{Check, PageInfo};
use crate::model::time::Instant;
use crate::table::RowSum;

/// The most faults that are collected of one body; reading stops after them.
pub(crate) const MOST_FAULTS: u64 = 10_000;

/// The state of listings over their pages.
#[derive(Debug, Default)]
pub(crate) struct ListingState {
    /// The position of the last page.
    pub page: Option<PageInfo>,
    pub counts: Counts,
    /// Rows of this page: new or repeated, valid or faulty.
    pub page_rows: u64,
    pub checks: Vec<Check>,
    /// What the rows of the formats that were read state.
    pub row_sums: Vec<RowSum>,
    /// Faults of this page that were collected.
    pub faults: u64,
    /// Faults that a call could not return, because it returns only one.
    pub later_faults: Vec<Fault>,
    /// The parts of the next request.
    pub follow: Option<Follow>,
}

impl ListingState {
    /// Records a fault after which the call continues. Such faults are reported in their order.
    pub fn fault_later(&mut self, fault: Fault) {
        // With one more than the limit, reading stops.
        if self.later_faults.len() as u64 <= MOST_FAULTS {
            self.later_faults.push(fault);
        }
    }
}

impl ListingState {
    /// Begins the next page.
    pub fn begin_page(&mut self) {
        self.counts.end_page();
        self.page = None;
        self.page_rows = 0;
        self.faults = 0;
        self.follow = None;
    }

    /// The checks of whole listings, then those of single bodies.
    pub fn checks_of_listing(&mut self) -> Vec<Check> {
        self.counts.check().into_iter().chain(std::mem::take(&mut self.checks)).collect()
    }
}

/// The parts of the next request.
#[derive(Debug)]
pub(crate) enum Follow {
    /// A parameter and its value; the rest of the query is the caller's own.
    Parameter(String, String),
    /// TR50 commands whose reply was cut, and where each goes on.
    Resume(Vec<(String, Instant)>),
}
