//! An aggregation whose records arrive in pieces.

use std::sync::Arc;

use super::spec::AggregateSpec;
use super::zone::ZoneRules;
use super::{AggregateRow, RowColumns, run, state};
use crate::model::error::Error;
use crate::model::record::UsageRecord;
use crate::table::{Columns, UsageTable, merge};

/// Aggregates the records of many tables and machines. Neither their order nor their division changes the
/// result.
///
/// Usage that two pieces report is refused, as in [`super::aggregate`]. Read the pages of a listing together with [`crate::normalize`], so that
/// duplicates are dropped.
///
/// ```
/// # use meterglot::{AggregateSpec, Aggregator, IanaZones};
/// let mut here = Aggregator::new(AggregateSpec::from_json(r#"{"window":"month"}"#)?);
/// let there = Aggregator::new(AggregateSpec::from_json(r#"{"window":"month"}"#)?);
/// here.merge(&there.state())?;
/// assert!(here.finish(&IanaZones)?.is_empty());
/// # Ok::<(), meterglot::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Aggregator {
    spec: AggregateSpec,
    tables: Vec<Arc<UsageTable>>,
    /// Records that were passed as values or came from other machines.
    others: Columns,
}

impl Aggregator {
    /// An aggregator without records. [`AggregateSpec::check`] says beforehand whether the spec is valid.
    pub fn new(spec: AggregateSpec) -> Self {
        Self { spec, tables: Vec::new(), others: Columns::default() }
    }

    /// Adds a table, without copying it.
    pub fn push(&mut self, table: Arc<UsageTable>) {
        self.tables.push(table);
    }

    /// Adds records.
    ///
    /// # Errors
    /// `invalid-option`, naming the record and the field (`[3].quantity`). None of the records is added then.
    pub fn push_records(&mut self, records: &[UsageRecord]) -> Result<(), Error> {
        self.others.append_table(&Columns::from_records(records)?);
        Ok(())
    }

    /// Everything that was added, for another aggregator with the same spec. Equal records give equal bytes.
    pub fn state(&self) -> Vec<u8> {
        state::encode(&merge(&self.parts()), &self.spec)
    }

    /// Adds the state of another aggregator.
    ///
    /// # Errors
    /// `invalid-option`, naming `state`, for a state of another version or spec, or for other bytes. Nothing
    /// is added then.
    pub fn merge(&mut self, state: &[u8]) -> Result<(), Error> {
        self.others.append_table(&state::decode(state, &self.spec)?);
        Ok(())
    }

    /// The rows so far, sorted by key, metric and window. More records may be added afterwards.
    ///
    /// # Errors
    /// The errors of [`super::aggregate`].
    pub fn finish(&self, zones: &dyn ZoneRules) -> Result<Vec<AggregateRow>, Error> {
        let mut rows = Vec::new();
        run::run(&merge(&self.parts()), &self.spec, zones, &mut |row| rows.push(row))?;
        Ok(rows)
    }

    /// The same rows as columns.
    ///
    /// # Errors
    /// The errors of [`super::aggregate`].
    pub fn finish_columns(&self, zones: &dyn ZoneRules) -> Result<RowColumns, Error> {
        let mut columns = RowColumns::default();
        run::run(&merge(&self.parts()), &self.spec, zones, &mut |row| columns.push(row))?;
        Ok(columns)
    }

    fn parts(&self) -> Vec<&Columns> {
        // Fields without records are needed too: their metrics are known names.
        let others = (!self.others.fields.is_empty()).then_some(&self.others);
        self.tables.iter().map(|table| &table.columns).chain(others).collect()
    }
}
