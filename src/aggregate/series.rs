//! Groups rows by series and sorts them by time.

use super::group::Groups;
use super::plan::{Accumulation, FieldPlan, Plans};
use super::timeline::Timeline;
use crate::collections::{Codes, Grouped, KeyBytes, sort};
use crate::model::kind::Kind;
use crate::table::{Columns, Measures, ResourceKey};

const NONE: u32 = u32::MAX;

/// Encodes what identifies a resource: code of the provider, account, and its own id.
pub(super) fn resource<'k>(key: &'k mut KeyBytes, provider: u32, resource_key: &ResourceKey) -> &'k mut KeyBytes {
    key.number(provider.into()).text(resource_key.account.as_deref()).text(resource_key.resource_id.as_deref())
}

/// The rows that count. Those of one (provider, account, resource, region, dimensions of the resource key) are together, in
/// order of time.
pub(super) struct SeriesOrder {
    rows: Grouped,
    by_resource: Grouped,
    resource_of: Vec<u32>,
}

impl SeriesOrder {
    pub fn new(
        columns: &Columns,
        timeline: &Timeline,
        groups: &Groups,
        shapes: &[ShapePlan],
        providers: usize,
    ) -> Self {
        let (mut series, mut resources) = (Codes::default(), Codes::default());
        let mut resource_of: Vec<u32> = Vec::new();
        // By resource key and provider: nearly always one provider a table.
        let mut known = vec![NONE; columns.resource_keys.len() * providers];
        let mut of_row = vec![NONE; columns.rows.len()];
        for (row, of_row) in columns.rows.iter().zip(&mut of_row) {
            let Some(provider) = shapes[row.shape as usize].provider else { continue };
            if !groups.counts(row.resource_key) {
                continue;
            }
            // Rows of a derived metric are separate, so that the rows of each series have the same fields as when they were read.
            let derived = shapes[row.shape as usize].derived;
            let code = &mut known[row.resource_key as usize * providers + provider as usize];
            if *code == NONE || derived != 0 {
                let resource_key = &columns.resource_keys[row.resource_key as usize];
                let (resource, _) = resources.of(|key| resource(key, provider, resource_key));
                let (series, is_new) = series.of(|key| {
                    let dimensions =
                        resource_key.dimensions.iter().flat_map(|(name, value)| [Some(&**name), Some(&**value)]);
                    key.number(resource.into())
                        .number(derived.into())
                        .text(resource_key.region.as_deref())
                        .texts(dimensions)
                });
                if is_new {
                    resource_of.push(resource);
                }
                if derived != 0 {
                    *of_row = series;
                    continue;
                }
                *code = series;
            }
            *of_row = *code;
        }
        let mut rows = Grouped::new(&of_row, resource_of.len());
        let by_resource = Grouped::new(&resource_of, resource_of.len());
        let rank = |row: u32| timeline.moments[columns.rows[row as usize].period as usize].rank;
        for series in 0..rows.groups() {
            let rows = rows.of_mut(series);
            if !rows.is_sorted_by_key(|row| rank(*row)) {
                sort(rows, &|a, b| rank(a).cmp(&rank(b)));
            }
        }
        Self { rows, by_resource, resource_of }
    }

    /// The rows of each resource key's series, and the code of (provider, account, resource). The keys of one resource
    /// are consecutive.
    pub fn resource_keys(&self) -> impl Iterator<Item = (&[u32], u32)> {
        self.by_resource.all().iter().map(|&series| (self.rows.of(series as usize), self.resource_of[series as usize]))
    }
}

/// The plan of the rows of one shape: its fields that count.
#[derive(Debug, Default)]
pub(super) struct ShapePlan {
    /// Code of the provider.
    pub provider: Option<u32>,
    /// Code of the derived metric that a row of its own holds, plus one; 0 of all other rows.
    pub derived: u32,
    /// Levels, which apply until another record ends them.
    pub levels: Vec<Column>,
    /// Numbers of a period.
    pub flows: Vec<Column>,
    /// Whether a reducer of a flow depends on the order of its readings.
    pub flows_in_order: bool,
    /// Fields that have a quantity and a cost.
    pub both: Vec<Column>,
    /// Whether a series occurs twice in one row.
    pub repeats: bool,
}

/// A field of a shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub field: u32,
    /// Index among the records of a row.
    pub slot: u32,
    /// Index among the numbers of a row.
    pub cell: u32,
    pub step: Accumulation,
    /// The factor of its numbers: [`FieldPlan::factor`], or 1 for a cost.
    pub factor: i128,
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
                plan.derived = if of_field.is_derived { of_field.metric + 1 } else { 0 };
                plan.place(field, slot as u32, cell, of_field);
                series.push(of_field.series);
            }
            cell += columns.fields[field as usize].measures.cells() as u32;
        }
        sort(&mut series, &|a, b| a.cmp(&b));
        plan.repeats = series.windows(2).any(|pair| pair[0] == pair[1]);
        plan
    }

    fn place(&mut self, field: u32, slot: u32, cell: u32, plan: &FieldPlan) {
        let is_cost = plan.measures == Measures::Cost;
        let (step, factor) = if is_cost { (Accumulation::Add, 1) } else { (plan.step, plan.factor) };
        let column = Column { field, slot, cell, step, factor, is_cost };
        match (plan.measures, plan.kind) {
            (Measures::Both, _) => self.both.push(column),
            (Measures::Quantity, Kind::Gauge) => self.levels.push(column),
            _ => {
                self.flows_in_order |= matches!(step, Accumulation::First | Accumulation::Last);
                self.flows.push(column);
            }
        }
    }

    /// Every field that counts.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.levels.iter().chain(&self.flows).chain(&self.both)
    }
}
