//! Totals and their breakdowns (docs/design.md#totals): one of the two counts, never both.

use super::group::Groups;
use super::plan::{FieldPlan, Plans};
use super::series::resource;
use super::timeline::Timeline;
use crate::collections::{Codes, Pairs};
use crate::table::Columns;

/// For each record: whether another record counts instead. Empty if none is replaced.
///
/// The regions of an account count if `by` has regions; otherwise the account itself counts. A breakdown without
/// a total counts, and so does a total without a breakdown.
pub(super) fn replaced(columns: &Columns, timeline: &Timeline, plans: &Plans, groups: &Groups) -> Vec<bool> {
    let mut broken_down = Vec::new();
    for field in plans.fields.iter().flatten().filter(|field| field.breaks_down) {
        broken_down.resize(broken_down.len().max(field.metric as usize + 1), false);
        broken_down[field.metric as usize] = true;
    }
    if broken_down.is_empty() {
        return Vec::new();
    }
    let mut resources = Codes::default();
    // What a total and its breakdown have in common: resource, time, metric and kind.
    let mut whole_of = |record: &BreakdownRecord, field: &FieldPlan| {
        let (resource, _) =
            resources.of(|key| resource(key, field.provider, &columns.resource_keys[record.resource_key as usize]));
        let rank = timeline.moments[record.period as usize].rank;
        (u64::from(resource) << 32 | u64::from(rank), u64::from(field.metric) << 2 | field.kind as u64)
    };
    let mut codes = Pairs::default();
    // Whether the breakdown of a total counts: a key of `by` separates it from its total, or it has none.
    let mut breakdown_counts: Vec<bool> = Vec::new();
    // The group keys of the totals.
    let mut keys = Pairs::default();
    // Totals come first, so that each breakdown finds its own.
    for breaks_down in [false, true] {
        each(columns, plans, groups, &mut |record, field| {
            if field.breaks_down != breaks_down || broken_down.get(field.metric as usize) != Some(&true) {
                return;
            }
            let (a, b) = whole_of(&record, field);
            let next = breakdown_counts.len() as u32;
            let code = codes.of(a, b, next);
            if code == next {
                breakdown_counts.push(false);
            }
            let (of_resource_key, of_field) = groups.key(record.resource_key, field);
            let key = u64::from(of_resource_key) << 32 | u64::from(of_field);
            if breaks_down {
                breakdown_counts[code as usize] |= keys.get(code.into(), key).is_none();
            } else {
                keys.of(code.into(), key, 0);
            }
        });
    }
    let mut replaced = vec![false; columns.records];
    each(columns, plans, groups, &mut |record, field| {
        let (a, b) = whole_of(&record, field);
        if let Some(code) = codes.get(a, b) {
            replaced[record.number as usize] = field.breaks_down != breakdown_counts[code as usize];
        }
    });
    replaced
}

struct BreakdownRecord {
    number: u32,
    resource_key: u32,
    period: u32,
}

fn each<'p>(
    columns: &Columns,
    plans: &'p Plans,
    groups: &Groups,
    visit: &mut dyn FnMut(BreakdownRecord, &'p FieldPlan),
) {
    for row in columns.rows.iter().filter(|row| groups.counts(row.resource_key)) {
        for (slot, &field) in columns.shapes[row.shape as usize].iter().enumerate() {
            if let Some(plan) = &plans.fields[field as usize] {
                visit(
                    BreakdownRecord {
                        number: row.first_record + slot as u32,
                        resource_key: row.resource_key,
                        period: row.period,
                    },
                    plan,
                );
            }
        }
    }
}
