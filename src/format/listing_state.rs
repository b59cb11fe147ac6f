//! What is known of a listing over its pages: counts, checks, collected faults, and what the next request is made of.

use super::counts::Counts;
use crate::model::error::Fault;
use crate::model::record::{Check, PageInfo};
use crate::model::time::Instant;

/// Faults that are collected of one body. One with more is no reply that is worth reading on.
pub(crate) const MOST_FAULTS: u64 = 10_000;

/// What is known of listings over their pages.
#[derive(Debug, Default)]
pub(crate) struct ListingState {
    /// Where the last page stands.
    pub page: Option<PageInfo>,
    pub counts: Counts,
    /// Rows of this page: distinct or not, valid or faulty.
    pub page_rows: u64,
    pub checks: Vec<Check>,
    /// Faults of this page that were collected.
    pub faults: u64,
    /// Faults beside the one that a call gave back.
    pub later_faults: Vec<Fault>,
    /// What the next request is made of.
    pub follow: Option<Follow>,
}

impl ListingState {
    /// A fault that a call does not give back, because others may follow. They are noted in their order.
    pub fn fault_later(&mut self, fault: Fault) {
        // One more than the most ends the body.
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

    /// The check of whole listings, then those of single bodies.
    pub fn checks_of_listing(&mut self) -> Vec<Check> {
        self.counts.check().into_iter().chain(std::mem::take(&mut self.checks)).collect()
    }
}

/// What the next request is made of.
#[derive(Debug)]
pub(crate) enum Follow {
    /// A parameter and its value; the rest of the query is the caller's own.
    Parameter(String, String),
    /// TR50 commands whose reply was cut, and where each goes on.
    Split(Vec<(String, Instant)>),
}
