//! Rows brought together by series and put in order of time.

use super::group::Groups;
use super::plan::{FieldPlan, Plans, Step};
use super::timeline::Timeline;
use crate::kind::Kind;
use crate::provider::Provider;
use crate::table::{Columns, Dictionary, Dimensions, Holds, Subject};

const NONE: u32 = u32::MAX;

/// What a resource is told from others by: provider, account, and its own id.
pub(super) type Resource<'t> = (Provider, Option<&'t str>, Option<&'t str>);

pub(super) fn resource(provider: Provider, subject: &Subject) -> Resource<'_> {
    (provider, subject.account.as_deref(), subject.resource_id.as_deref())
}

/// The rows that count: those of one subject's series together, in order of time.
pub(super) struct SeriesOrder {
    pub rows: Vec<u32>,
    pub subjects: Vec<SubjectSeries>,
}

/// The rows of one (provider, account, resource, region, dimensions of the subject): a slice of
/// [`SeriesOrder::rows`]. Subjects of one resource follow each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct SubjectSeries {
    pub from: usize,
    pub to: usize,
    /// Code of (provider, account, resource).
    pub resource: u32,
}

impl SeriesOrder {
    pub fn new(columns: &Columns, timeline: &Timeline, groups: &Groups, shapes: &[ShapePlan]) -> Self {
        let mut series: Dictionary<(Resource, Option<&str>, &Dimensions)> = Dictionary::default();
        let mut resources: Dictionary<Resource> = Dictionary::default();
        let mut resource_of: Vec<u32> = Vec::new();
        let mut counts: Vec<usize> = Vec::new();
        // By subject and provider: nearly always one provider a table.
        let mut known: Vec<[u32; Provider::ALL.len()]> = vec![[NONE; Provider::ALL.len()]; columns.subjects.len()];
        let mut of_row = vec![NONE; columns.rows.len()];
        for (row, of_row) in columns.rows.iter().zip(&mut of_row) {
            let Some(provider) = shapes[row.shape as usize].provider else { continue };
            if !groups.counts(row.subject) {
                continue;
            }
            let code = &mut known[row.subject as usize][provider as usize];
            if *code == NONE {
                let subject = &columns.subjects[row.subject as usize];
                let resource = resource(provider, subject);
                let (i, new) = series.insert_full((resource, subject.region.as_deref(), &subject.dimensions));
                *code = i as u32;
                if new {
                    resource_of.push(resources.insert_full(resource).0 as u32);
                    counts.push(0);
                }
            }
            *of_row = *code;
            counts[*code as usize] += 1;
        }
        let mut order: Vec<usize> = (0..counts.len()).collect();
        order.sort_by_key(|&i| resource_of[i]);
        let (mut subjects, mut at, mut total) = (Vec::with_capacity(counts.len()), counts.clone(), 0);
        for i in order {
            subjects.push(SubjectSeries { from: total, to: total + counts[i], resource: resource_of[i] });
            at[i] = total;
            total += counts[i];
        }
        let mut rows = vec![0; total];
        for (row, of_row) in of_row.iter().enumerate().filter(|(_, of_row)| **of_row != NONE) {
            rows[at[*of_row as usize]] = row as u32;
            at[*of_row as usize] += 1;
        }
        let rank = |row: &u32| timeline.moments[columns.rows[*row as usize].period as usize].rank;
        for subject in &subjects {
            let rows = &mut rows[subject.from..subject.to];
            if !rows.is_sorted_by_key(rank) {
                rows.sort_by_key(rank);
            }
        }
        Self { rows, subjects }
    }
}

/// What the rows of one shape hold that counts.
#[derive(Debug, Default)]
pub(super) struct ShapePlan {
    pub provider: Option<Provider>,
    /// Levels, which hold until something ends them.
    pub levels: Vec<Column>,
    /// Numbers of a period.
    pub flows: Vec<Column>,
    /// Whether a reducer of a flow looks at the order of its readings.
    pub flows_in_order: bool,
    /// Fields that hold a quantity and a cost.
    pub both: Vec<Column>,
    /// Whether a series occurs twice in one row.
    pub repeats: bool,
}

/// A field of a shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub field: u32,
    /// Place among the records of a row.
    pub slot: u32,
    /// Place among the numbers of a row.
    pub cell: u32,
    pub step: Step,
    /// Whether the number is a cost.
    pub is_cost: bool,
}

impl ShapePlan {
    /// The plans of all shapes, by code.
    pub fn all(columns: &Columns, plans: &Plans) -> Vec<Self> {
        columns.shapes.iter().map(|shape| Self::new(columns, shape, plans)).collect()
    }

    fn new(columns: &Columns, shape: &[u32], plans: &Plans) -> Self {
        let mut plan = Self::default();
        let mut series = Vec::new();
        let mut cell = 0;
        for (slot, &field) in shape.iter().enumerate() {
            if let Some(of_field) = &plans.fields[field as usize] {
                plan.provider = Some(of_field.provider);
                plan.place(field, slot as u32, cell, of_field);
                series.push(of_field.series);
            }
            cell += columns.fields[field as usize].holds.cells() as u32;
        }
        series.sort_unstable();
        plan.repeats = series.windows(2).any(|pair| pair[0] == pair[1]);
        plan
    }

    fn place(&mut self, field: u32, slot: u32, cell: u32, plan: &FieldPlan) {
        let is_cost = plan.holds == Holds::Cost;
        let step = if is_cost { Step::Add } else { plan.step };
        let column = Column { field, slot, cell, step, is_cost };
        match (plan.holds, plan.kind) {
            (Holds::Both, _) => self.both.push(column),
            (Holds::Quantity, Kind::Gauge) => self.levels.push(column),
            _ => {
                self.flows_in_order |= matches!(step, Step::First | Step::Last);
                self.flows.push(column);
            }
        }
    }

    /// Every field that counts.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.levels.iter().chain(&self.flows).chain(&self.both)
    }
}
