//! Rows of an aggregation as columns: a few large values cross the FFI faster than many small ones.

use std::sync::Arc;

use super::row::{AggregateRow, GroupHead};
use crate::collections::Pairs;
use crate::model::time::Instant;
use crate::number::decimal::Decimal;

/// [`AggregateRow`]s as columns. Values that many rows share occur once.
#[derive(Clone, Debug, Default)]
pub struct RowColumns {
    /// What rows of one group share.
    pub heads: Vec<Arc<GroupHead>>,
    /// For each row: its index in `heads`.
    pub head: Vec<u32>,
    /// Every start and end, once: RFC 3339 in UTC.
    pub times: Vec<String>,
    /// For each row: the index of the window's start in `times`; -1 for records without a time.
    pub start: Vec<i32>,
    /// For each row: the index of the window's end in `times`; -1 for records without a time.
    pub end: Vec<i32>,
    /// One line of ASCII for each row; empty if the quantity is unknown.
    pub quantity: Vec<u8>,
    /// One line of ASCII for each row; empty if the cost is unknown.
    pub cost: Vec<u8>,
    /// For each row: the number of records.
    pub records: Vec<f64>,
    /// For each row: the number of resources.
    pub resources: Vec<f64>,
    /// For each row, as the nearest double.
    pub covered_seconds: Vec<f64>,
    /// For each row, as the nearest double.
    pub gap_seconds: Vec<f64>,
    /// `times` as instants.
    instants: Vec<Instant>,
    /// The indices of the first `indexed` instants.
    places: Pairs,
    indexed: usize,
    latest: Option<Instant>,
    last_time: usize,
}

impl RowColumns {
    /// Appends a row. The rows of one group must be consecutive.
    pub(super) fn push(&mut self, row: AggregateRow) {
        let start = row.start.map_or(-1, |time| self.time(time));
        let end = row.end.map_or(-1, |time| self.time(time));
        self.start.push(start);
        self.end.push(end);
        line(&mut self.quantity, row.quantity.as_ref());
        line(&mut self.cost, row.cost.as_ref());
        self.records.push(row.records as f64);
        self.resources.push(row.resources as f64);
        self.covered_seconds.push(row.covered_seconds.to_f64());
        self.gap_seconds.push(row.gap_seconds.to_f64());
        let head = self.head_of(row);
        self.head.push(head);
    }

    fn head_of(&mut self, row: AggregateRow) -> u32 {
        // Rows with the same key and metric are consecutive; their groups, which differ in unit or currency, alternate.
        let near =
            self.heads.iter().rev().take_while(|head| head.metric == row.group.metric && head.key == row.group.key);
        if let Some(back) = near.map(|head| Arc::ptr_eq(head, &row.group)).position(|is_it| is_it) {
            return (self.heads.len() - 1 - back) as u32;
        }
        self.heads.push(row.group);
        self.heads.len() as u32 - 1
    }

    fn find(&mut self, time: Instant) -> Option<u32> {
        for (place, time) in self.instants.iter().enumerate().skip(self.indexed) {
            self.places.of(time.seconds as u64, time.nanos.into(), place as u32);
        }
        self.indexed = self.instants.len();
        self.places.get(time.seconds as u64, time.nanos.into())
    }

    /// The index of a time. Windows are consecutive, so it is mostly that of the last time, or the next.
    fn time(&mut self, time: Instant) -> i32 {
        let is_it = |place: &usize| self.instants.get(*place) == Some(&time);
        let near = [self.last_time, self.last_time + 1, 0].into_iter().find(is_it);
        let place = near.unwrap_or_else(|| {
            let next = self.instants.len() as u32;
            // Windows come in order, so a time after all others is new and needs no hash.
            let is_latest = self.latest.is_none_or(|latest| time > latest);
            let place = if is_latest { next } else { self.find(time).unwrap_or(next) };
            if place == next {
                self.latest = self.latest.max(Some(time));
                self.instants.push(time);
                self.times.push(time.to_string());
            }
            place as usize
        });
        self.last_time = place;
        place as i32
    }
}

fn line(out: &mut Vec<u8>, number: Option<&Decimal>) {
    if let Some(number) = number {
        number.write(out);
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::{AggregateSpec, Aggregator, IanaZones};

    #[test]
    fn columns_have_the_values_of_rows() {
        let record = |metric: &str, quantity: &str, cost: &str, day: u32| {
            let currency = if cost == "null" { "null" } else { "\"USD\"" };
            let text = format!(
                r#"{{"id":"","provider":"onapp","format":"onapp.user-statistics","account":"1","resourceId":"7","resourceName":null,"resourceType":null,
                "region":null,"metric":"{metric}","providerField":"","dimensions":{{}},"kind":"delta","quantity":{quantity},"unit":"By","cost":{cost},
                "currency":{currency},"start":"2024-01-{day:02}T00:00:00Z","end":"2024-01-{day:02}T12:00:00Z","utcOffset":null,"partOf":null,"pointer":"","page":0,"notes":[]}}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        let records = [
            record("a", "\"1.5\"", "null", 1),
            record("a", "\"2\"", "\"0.25\"", 1),
            record("a", "\"3\"", "null", 2),
            record("b", "null", "\"4\"", 2),
        ];
        let mut aggregator = Aggregator::new(AggregateSpec::from_json(r#"{"window":"day","by":["account"]}"#).unwrap());
        aggregator.push_records(&records).unwrap();
        let rows = aggregator.finish(&IanaZones).unwrap();
        let columns = aggregator.finish_columns(&IanaZones).unwrap();
        let lines = |text: &[u8]| std::str::from_utf8(text).unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
        let (quantities, costs) = (lines(&columns.quantity), lines(&columns.cost));
        assert_eq!((rows.len(), columns.heads.len(), columns.times.len()), (4, 3, 3));
        for (i, ((row, quantity), cost)) in rows.iter().zip(quantities).zip(costs).enumerate() {
            let head = &columns.heads[columns.head[i] as usize];
            let text = |number: &Option<Decimal>| number.as_ref().map(ToString::to_string).unwrap_or_default();
            assert_eq!(*head, row.group);
            assert_eq!((text(&row.quantity), text(&row.cost)), (quantity, cost));
            assert_eq!(row.start.map(|t| t.to_string()).as_ref(), columns.times.get(columns.start[i] as usize));
            assert_eq!(row.end.map(|t| t.to_string()).as_ref(), columns.times.get(columns.end[i] as usize));
            assert_eq!(row.covered_seconds.to_f64(), columns.covered_seconds[i]);
        }
    }
}
