//! The row of each group and window.

use crate::collections::Pairs;

const NONE: u32 = u32::MAX;

/// The rows of every group, by label.
///
/// # Design
/// The windows of a series come in order, and mostly they are the same for the next series of a group. So the row is
/// nearly always the last one, the one after it, the first, or a new one at the end. Only groups with
/// another order need a hash.
#[derive(Default)]
pub(super) struct Places {
    /// By group code.
    groups: Vec<GroupRows>,
    rows: Vec<LabelRow>,
    /// By group and label: the rows of groups that did not come in order.
    index: Pairs,
}

#[derive(Clone, Copy)]
struct GroupRows {
    first: u32,
    /// The row that was found last.
    met: u32,
    /// The row that was created last.
    last: u32,
    greatest: i64,
    is_indexed: bool,
}

const EMPTY: GroupRows = GroupRows { first: NONE, met: NONE, last: NONE, greatest: i64::MIN, is_indexed: false };

#[derive(Clone, Copy)]
struct LabelRow {
    label: i64,
    /// The row of the same group that was created next.
    after: u32,
}

impl Places {
    /// The row of a group and a label. If there is none yet, it is the number of rows so far.
    pub fn row(&mut self, group: u32, label: i64) -> u32 {
        if group as usize >= self.groups.len() {
            self.groups.resize(group as usize + 1, EMPTY);
        }
        let of_group = self.groups[group as usize];
        let row = match self.near(&of_group, label) {
            Some(row) => row,
            None if of_group.first == NONE || label > of_group.greatest => self.add(group, label),
            None => self.far(group, label),
        };
        self.groups[group as usize].met = row;
        row
    }

    fn near(&self, group: &GroupRows, label: i64) -> Option<u32> {
        if group.met == NONE {
            return None;
        }
        let candidates = [group.met, self.rows[group.met as usize].after, group.first];
        candidates.into_iter().find(|&row| row != NONE && self.rows[row as usize].label == label)
    }

    fn far(&mut self, group: u32, label: i64) -> u32 {
        let of_group = &mut self.groups[group as usize];
        if !of_group.is_indexed {
            of_group.is_indexed = true;
            let mut row = of_group.first;
            while row != NONE {
                let LabelRow { label, after } = self.rows[row as usize];
                self.index.of(group.into(), label as u64, row);
                row = after;
            }
        }
        match self.index.get(group.into(), label as u64) {
            Some(row) => row,
            None => self.add(group, label),
        }
    }

    fn add(&mut self, group: u32, label: i64) -> u32 {
        let row = self.rows.len() as u32;
        self.rows.push(LabelRow { label, after: NONE });
        let of_group = &mut self.groups[group as usize];
        match of_group.last {
            NONE => of_group.first = row,
            last => self.rows[last as usize].after = row,
        }
        of_group.last = row;
        of_group.greatest = of_group.greatest.max(label);
        if of_group.is_indexed {
            self.index.of(group.into(), label as u64, row);
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn every_group_and_label_has_one_row(asked in prop::collection::vec((0u32..3, -5i64..5), 0..200)) {
            let (mut places, mut due) = (Places::default(), HashMap::new());
            for (group, label) in asked {
                let next = due.len() as u32;
                let row = *due.entry((group, label)).or_insert(next);
                prop_assert_eq!(places.row(group, label), row);
            }
        }
    }
}
