//! Totals and their breakdowns (design.md, TOTALS): one of the two counts, never both.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::group::Groups;
use super::plan::Plans;
use super::series::{Resource, resource};
use super::timeline::Timeline;
use crate::kind::Kind;
use crate::table::{Columns, Dictionary};

/// What a total and its breakdown have in common: (provider, account, resource), time, metric and kind.
type Whole = (u32, u32, u32, Kind);

#[derive(Default)]
struct Parts {
    has_total: bool,
    is_broken_down: bool,
    /// Whether a key that was asked for tells the breakdown from its total.
    is_asked_for: bool,
}

/// By number of record: whether another record counts in its place. Empty where none is replaced.
///
/// A region of an account counts where `by` asks for regions, else the account itself does. A breakdown without
/// its total counts, and so does a total that nobody breaks down.
pub(super) fn replaced(columns: &Columns, timeline: &Timeline, plans: &Plans, groups: &Groups) -> Vec<bool> {
    let broken_down: HashSet<u32, RandomState> =
        plans.fields.iter().flatten().filter(|field| field.breaks_down).map(|field| field.metric).collect();
    if broken_down.is_empty() {
        return Vec::new();
    }
    let mut resources: Dictionary<Resource> = Dictionary::default();
    let mut wholes: HashMap<Whole, Parts, RandomState> = HashMap::default();
    // The keys of the groups that totals are in.
    let mut keys: HashSet<(Whole, (u32, u32)), RandomState> = HashSet::default();
    // Totals first, so that each breakdown finds its own.
    for breaks_down in [false, true] {
        each(columns, plans, groups, &mut |record, field| {
            if field.breaks_down != breaks_down || !broken_down.contains(&field.metric) {
                return;
            }
            let subject = &columns.subjects[record.subject as usize];
            let resource = resources.insert_full(resource(field.provider, subject)).0 as u32;
            let whole = (resource, timeline.moments[record.period as usize].rank, field.metric, field.kind);
            let key = (whole, groups.key(record.subject, field));
            let parts = wholes.entry(whole).or_default();
            if breaks_down {
                parts.is_broken_down = true;
                parts.is_asked_for |= !keys.contains(&key);
            } else {
                parts.has_total = true;
                keys.insert(key);
            }
        });
    }
    let mut replaced = vec![false; columns.records];
    each(columns, plans, groups, &mut |record, field| {
        let subject = &columns.subjects[record.subject as usize];
        let Some(resource) = resources.get_index_of(&resource(field.provider, subject)) else {
            return;
        };
        let rank = timeline.moments[record.period as usize].rank;
        if let Some(parts) = wholes.get(&(resource as u32, rank, field.metric, field.kind)) {
            let both = parts.is_broken_down && parts.has_total;
            replaced[record.number as usize] = both && field.breaks_down != parts.is_asked_for;
        }
    });
    replaced
}

struct Record {
    number: u32,
    subject: u32,
    period: u32,
}

fn each<'p>(
    columns: &Columns,
    plans: &'p Plans,
    groups: &Groups,
    visit: &mut dyn FnMut(Record, &'p super::plan::FieldPlan),
) {
    for row in columns.rows.iter().filter(|row| groups.counts(row.subject)) {
        for (slot, &field) in columns.shapes[row.shape as usize].iter().enumerate() {
            if let Some(plan) = &plans.fields[field as usize] {
                visit(
                    Record { number: row.first_record + slot as u32, subject: row.subject, period: row.period },
                    plan,
                );
            }
        }
    }
}
