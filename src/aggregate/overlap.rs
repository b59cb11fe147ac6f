//! Usage reported twice (docs/design.md#reported-twice): by records of one series over the same time, or by formats of one
//! provider for one account. Adding them would count the usage twice.

use super::bundle::Reading;
use super::pass::Pass;
use super::plan::FieldPlan;
use super::series::ShapePlan;
use super::spec::{Overlap, Split};
use super::timeline::{Moment, Ticks};
use crate::collections::{Codes, Pairs, ordered};
use crate::model::error::shortened;
use crate::model::kind::Kind;
use crate::table::{Columns, RecordView};

/// A record: its row and the code of its field.
#[derive(Clone, Copy)]
struct Record {
    row: u32,
    field: u32,
}

/// The records of one series in one group, in order of start and end.
///
/// It is enough to compare each record with the one before it and with the one that ends last. If two periods further apart
/// overlap by more than half of the shorter one, so do two consecutive ones.
#[derive(Clone, Copy, Default)]
struct Chain {
    before: Option<(Record, Moment)>,
    lasting: Option<(Record, Moment)>,
}

impl Chain {
    /// Adds the next record. Returns the earlier record that reports the same usage, if any.
    fn add(&mut self, record: Record, moment: Moment) -> Option<Record> {
        let twice = |(_, earlier): &(Record, Moment)| report_the_same(*earlier, moment);
        let found = self.before.filter(twice).or(self.lasting.filter(twice));
        self.before = Some((record, moment));
        if moment.end > moment.start {
            self.lasting = self.before;
        }
        found.map(|(record, _)| record)
    }
}

/// Whether two records of one series report the same usage: more than half of the shorter period is in both, or both begin
/// at the same time, or neither has a time. `a` must not begin after `b`.
fn report_the_same(a: Moment, b: Moment) -> bool {
    let (Some(a_start), Some(b_start)) = (a.start, b.start) else { return a.start == b.start };
    let (a_end, b_end) = (a.end.unwrap_or(a_start), b.end.unwrap_or(b_start));
    a_start == b_start || 2 * (a_end.min(b_end) - b_start) > (a_end - a_start).min(b_end - b_start)
}

impl Pass<'_> {
    fn refuses_twice(&self) -> bool {
        self.spec.overlap == Overlap::Error
    }

    /// Whether each of these rows begins where the one before it ends, or later. This is the usual case.
    pub(super) fn are_apart(&self, rows: &[u32]) -> bool {
        let moment = |row: u32| &self.timeline.moments[self.columns.rows[row as usize].period as usize];
        rows.windows(2).all(|pair| {
            let (a, b) = (moment(pair[0]), moment(pair[1]));
            a.start < b.start && a.end <= b.start
        })
    }

    /// Finds usage reported twice in rows that have the same fields and groups.
    pub(super) fn check_rows(&mut self, rows: &[u32], shape: &ShapePlan) {
        if !self.refuses_twice() {
            return;
        }
        let columns = self.columns;
        for is_level in [true, false] {
            // A row has one time for all its fields; the message names the metric that is first in alphabetical order.
            let fields = shape.columns().map(|column| column.field);
            let of_kind = fields.filter(|field| (columns.fields[*field as usize].kind == Kind::Gauge) == is_level);
            let Some(field) = of_kind.min_by_key(|field| &columns.fields[*field as usize].metric) else { continue };
            let mut chain = Chain::default();
            rows.iter().for_each(|&row| self.add_to(&mut chain, Record { row, field }, is_level));
        }
    }

    /// Finds usage reported twice in the readings of one series, which has this many groups.
    pub(super) fn check_lane(&mut self, readings: &[Reading], groups: usize) {
        if !self.refuses_twice() || readings.len() < 2 {
            return;
        }
        let mut chains = vec![Chain::default(); groups];
        for reading in readings.iter().filter(|reading| !reading.is_replaced) {
            let record = Record { row: reading.row, field: reading.field };
            self.add_to(&mut chains[reading.variant as usize], record, reading.is_level);
        }
    }

    fn add_to(&mut self, chain: &mut Chain, record: Record, is_level: bool) {
        let moment = self.timeline.moments[self.columns.rows[record.row as usize].period as usize];
        if !self.counts(moment, is_level) || self.is_unknown_sum(record) {
            return;
        }
        if let Some(earlier) = chain.add(record, moment) {
            self.twice.note(in_one_series(self.columns, earlier, record));
        }
    }

    /// Whether a record is a sum that lacks a part. Such a record reports no usage.
    fn is_unknown_sum(&self, record: Record) -> bool {
        let first = self.columns.rows[record.row as usize].first_cell as usize;
        let cells = self.columns.fields[record.field as usize].measures.cells();
        self.plans.of(record.field).is_derived && (0..cells).all(|i| self.columns.cells.small(first + i).is_null())
    }

    /// Whether a record at this time is in any row.
    fn counts(&self, moment: Moment, is_level: bool) -> bool {
        let Some(start) = moment.start else { return self.timeless_counts() };
        let end = moment.end.unwrap_or(start);
        let is_cut = is_level || self.spec.split == Split::Proportional;
        self.is_in_range(start) || (is_cut && start < self.range.0 && end > self.range.0)
    }

    /// Finds formats of one provider that report the same metric and kind of one account over the same time, in one
    /// group. Records that are replaced by others do not count.
    pub(super) fn check_formats(&mut self, replaced: &[bool]) {
        if !self.refuses_twice() || !self.has_rivals() {
            return;
        }
        let columns = self.columns;
        let mut accounts = Codes::default();
        let accounts: Vec<u32> = columns
            .resource_keys
            .iter()
            .map(|resource_key| accounts.of(|key| key.text(resource_key.account.as_deref())).0)
            .collect();
        let (mut classes, mut known) = (Pairs::default(), Pairs::default());
        let (mut count, mut reports) = (0, Vec::new());
        for (place, row) in columns.rows.iter().enumerate() {
            if !self.groups.counts(row.resource_key) {
                continue;
            }
            let moment = self.timeline.moments[row.period as usize];
            for (slot, &field) in columns.shapes[row.shape as usize].iter().enumerate() {
                let Some(plan) = self.plans.fields[field as usize].as_ref() else { continue };
                let is_replaced = replaced.get(row.first_record as usize + slot) == Some(&true);
                let record = Record { row: place as u32, field };
                if is_replaced || !self.counts(moment, plan.kind == Kind::Gauge) || self.is_unknown_sum(record) {
                    continue;
                }
                let group = self.groups.code(row.resource_key, plan, plan.measures.has_cost());
                let of_account = u64::from(group) << 32 | u64::from(accounts[row.resource_key as usize]);
                let class = classes.of(of_account, plan.provider.into(), count);
                count = count.max(class + 1);
                let next = reports.len() as u32;
                let of_period = u64::from(plan.format) << 32 | u64::from(row.period);
                if known.of(class.into(), of_period, next) == next {
                    reports.push(Report {
                        class,
                        format: plan.format,
                        field,
                        resource_key: row.resource_key,
                        period: row.period,
                    });
                }
            }
        }
        self.sweep(&reports);
    }

    /// Whether two formats of one provider share a group; otherwise nothing can be reported twice.
    fn has_rivals(&self) -> bool {
        let mut formats = Pairs::default();
        let mut is_rival =
            |plan: &FieldPlan| formats.of(plan.of_group.into(), plan.provider.into(), plan.format) != plan.format;
        self.plans.fields.iter().flatten().any(&mut is_rival)
    }

    fn sweep(&mut self, reports: &[Report]) {
        let span = |report: &Report| {
            let moment = self.timeline.moments[report.period as usize];
            // Records without a time overlap with each other.
            let start = moment.start.unwrap_or(Ticks::MIN);
            (start, moment.end.unwrap_or(start))
        };
        let place = |i: u32| {
            let report = &reports[i as usize];
            (report.class, span(report), report.format)
        };
        let order = ordered(reports.len(), &|a, b| place(a).cmp(&place(b)));
        let mut found = Vec::new();
        for class in order.chunk_by(|a, b| reports[*a as usize].class == reports[*b as usize].class) {
            // By format: the report that ends last.
            let mut latest: Vec<Option<&Report>> = vec![None; self.plans.formats.len()];
            for &i in class {
                let report = &reports[i as usize];
                let (start, end) = span(report);
                let meets = |other: &&Report| {
                    let (other_start, other_end) = span(other);
                    other.format != report.format && (other_start == start || other_end > start)
                };
                if let Some(other) = latest.iter().flatten().copied().find(meets) {
                    found.push((other, report));
                    break;
                }
                let of_format = &mut latest[report.format as usize];
                if of_format.is_none_or(|last| span(last).1 <= end) {
                    *of_format = Some(report);
                }
            }
        }
        for (a, b) in found {
            self.twice.note(by_two_formats(self.columns, a, b));
        }
    }
}

/// A period for which a format reports something.
struct Report {
    /// Group, account and provider.
    class: u32,
    /// Place in [`Plans::formats`](super::plan::Plans::formats).
    format: u32,
    field: u32,
    resource_key: u32,
    period: u32,
}

#[cold]
fn in_one_series(columns: &Columns, a: Record, b: Record) -> String {
    let view = |record: Record| {
        let row = &columns.rows[record.row as usize];
        columns.views_of(row).find(|view| view.field_code == record.field)
    };
    let (Some(a), Some(b)) = (view(a), view(b)) else { return String::new() };
    // Records of one time have no order of their own.
    let mut both = [&a, &b].map(|view| format!("{} (id {})", period(columns, view.row.period), view.id()));
    both.sort();
    let [first, second] = both;
    format!(
        "usage is reported twice: records of {}{} are {first} and {second}. Pass each usage once, or set `overlap: \"keep\"`, which adds both",
        named(&a),
        of_whom(&a),
    )
}

#[cold]
fn by_two_formats(columns: &Columns, a: &Report, b: &Report) -> String {
    let field = &columns.fields[a.field as usize];
    let account = account(columns.resource_keys[a.resource_key as usize].account.as_deref());
    let mut both = [a, b].map(|report| (columns.fields[report.field as usize].format, period(columns, report.period)));
    both.sort();
    let [(a, of_a), (b, of_b)] = both;
    format!(
        "usage is reported twice: {} and {} both report {} ({}){account}, {of_a} and {of_b}. Select one with `where.format`, separate them with `format` in `by`, or set `overlap: \"keep\"`, which adds both",
        a.as_str(),
        b.as_str(),
        shortened(&field.metric),
        field.kind.as_str(),
    )
}

fn named(view: &RecordView) -> String {
    let field = view.field();
    format!("{} ({}, {})", shortened(&field.metric), field.kind.as_str(), field.format.as_str())
}

fn of_whom(view: &RecordView) -> String {
    let resource_key = view.resource_key();
    let resource =
        resource_key.resource_id.as_deref().map(|id| format!(" of resource {}", shortened(id))).unwrap_or_default();
    resource + &account(resource_key.account.as_deref())
}

fn account(account: Option<&str>) -> String {
    account.map(|account| format!(" of account {}", shortened(account))).unwrap_or_default()
}

fn period(columns: &Columns, period: u32) -> String {
    let period = &columns.periods[period as usize];
    match (period.start, period.end) {
        (None, _) => "without a time".to_owned(),
        (Some(start), None) => format!("at {start}"),
        (Some(start), Some(end)) => format!("from {start} to {end}"),
    }
}
