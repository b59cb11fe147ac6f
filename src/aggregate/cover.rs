//! The time that records cover, as intervals. The cover of several series is the union of theirs.

use super::timeline::Ticks;
use crate::collections::ordered;

/// A set of times, as half-open intervals. Mostly it is one interval.
#[derive(Clone, Debug)]
pub(super) struct Cover {
    /// The interval that was added last; empty at first.
    last: (Ticks, Ticks),
    /// The intervals before it, in any order. They may overlap.
    others: Vec<(Ticks, Ticks)>,
    /// The number of `others` when they were sorted last.
    merged: usize,
}

/// Intervals are sorted when there are so many, and then each time their number has doubled.
const FEW: usize = 64;

impl Cover {
    pub const NOTHING: Self = Self { last: (0, 0), others: Vec::new(), merged: 0 };

    pub fn is_empty(&self) -> bool {
        self.last.0 == self.last.1
    }

    /// Adds [from, to).
    #[inline]
    pub fn add(&mut self, from: Ticks, to: Ticks) {
        if from == to {
            return;
        }
        if self.is_empty() {
            self.last = (from, to);
        } else if from <= self.last.1 && to >= self.last.0 {
            self.last = (from.min(self.last.0), to.max(self.last.1));
        } else {
            self.others.push(std::mem::replace(&mut self.last, (from, to)));
            if self.others.len() > FEW.max(2 * self.merged) {
                self.others = merged(&self.others);
                self.merged = self.others.len();
            }
        }
    }

    /// Adds the intervals of another cover. If both are equal, nothing is done.
    pub fn join(&mut self, other: &Self) {
        if self.last == other.last && self.others == other.others {
            return;
        }
        other.others.iter().chain([&other.last]).for_each(|&(from, to)| self.add(from, to));
    }

    /// Its length. Times that were added twice count once.
    pub fn length(&self) -> Ticks {
        let length = |stretches: &[(Ticks, Ticks)]| stretches.iter().map(|(from, to)| to - from).sum();
        if self.others.is_empty() {
            return length(&[self.last]);
        }
        let mut all = self.others.clone();
        all.push(self.last);
        length(&merged(&all))
    }
}

/// The same times as sorted intervals with gaps between them.
fn merged(stretches: &[(Ticks, Ticks)]) -> Vec<(Ticks, Ticks)> {
    let mut merged: Vec<(Ticks, Ticks)> = Vec::new();
    for i in ordered(stretches.len(), &|a, b| stretches[a as usize].cmp(&stretches[b as usize])) {
        let (from, to) = stretches[i as usize];
        match merged.last_mut().filter(|last| from <= last.1) {
            Some(last) => last.1 = last.1.max(to),
            None => merged.push((from, to)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_union_counts_each_moment_once(parts in prop::collection::vec(prop::collection::vec((0i128..400, 0i128..9), 0..90), 0..5)) {
            let (mut all, mut due) = (Cover::NOTHING, vec![false; 420]);
            for part in parts {
                let mut cover = Cover::NOTHING;
                for (from, length) in part {
                    cover.add(from, from + length);
                    due[from as usize..(from + length) as usize].fill(true);
                }
                if !cover.is_empty() {
                    all.join(&cover);
                }
            }
            prop_assert_eq!(all.length(), due.iter().filter(|covered| **covered).count() as i128);
        }
    }
}
