//! The problems of a descriptor, in its order.

use super::document::NodeId;
use crate::collections::sort_values;

/// The most problems that are reported.
const MOST: usize = 100;
/// The most that are gathered before the last ones are dropped.
const MOST_GATHERED: usize = 4096;

/// A problem at a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Problem {
    pub node: NodeId,
    pub message: String,
}

/// Problems in the order they were found.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub fn add(&mut self, node: NodeId, message: String) {
        if self.0.len() == MOST_GATHERED {
            self.keep_first();
        }
        self.0.push(Problem { node, message });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps the first ones of the descriptor. A rule that others share may have the same problem for each.
    fn keep_first(&mut self) {
        sort_values(&mut self.0, &|one, other| one.node.cmp(&other.node));
        self.0.dedup();
        self.0.truncate(MOST);
    }

    /// The first problems in the order of the descriptor.
    pub fn first(mut self) -> Vec<Problem> {
        self.keep_first();
        self.0
    }
}
