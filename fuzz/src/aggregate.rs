use std::collections::BTreeMap;

use meterglot::{AggregateRow, Aggregator, ErrorCode, IanaZones, UsageRecord, normalize};
use num_bigint::BigInt;
use serde_json::Value;

use crate::choices::{Choices, parsed};

/// The most records of one input: more take time without new coverage.
const RECORDS: usize = 400;

/// The records of any body: the order of the records changes nothing, and windows add up to the whole.
pub fn aggregate(input: &[u8]) {
    let (body, mut choices) = Choices::split(input);
    let options = choices.options();
    let mut spec = choices.spec();
    let Ok(table) = normalize(&[body], &options) else {
        return;
    };
    let records = table.records(0, table.len().min(RECORDS));
    let reversed: Vec<_> = records.iter().rev().cloned().collect();
    let (left, right) = choices.cut(&reversed);
    assert_eq!(aggregated(&[&records], &spec), aggregated(&[left, right], &spec), "order and pieces change nothing");

    // Sums and costs are conserved, and so is a level times its seconds.
    for kind in ["delta", "integral"] {
        spec["reduce"][kind] = "sum".into();
    }
    spec["reduce"]["gauge"] = "integral".into();
    let windows = aggregated(&[&records], &spec);
    spec["window"] = "all".into();
    let whole = aggregated(&[&records], &spec);
    if let (Ok(windows), Ok(whole)) = (windows, whole) {
        assert_eq!(totals(&windows), totals(&whole), "windows add up to the whole");
    }
}

/// The rows of some records in pieces, or why the aggregation is refused.
fn aggregated(pieces: &[&[UsageRecord]], spec: &Value) -> Result<Vec<AggregateRow>, ErrorCode> {
    let mut aggregator = Aggregator::new(parsed(spec));
    for piece in pieces {
        aggregator.push_records(piece).expect("records of a table are valid");
    }
    aggregator.finish(&IanaZones).map_err(|error| error.code())
}

/// By group: the sum of the quantities and the sum of the costs; without an entry where none is known.
fn totals(rows: &[AggregateRow]) -> BTreeMap<String, Total> {
    let mut totals: BTreeMap<String, Total> = BTreeMap::new();
    for row in rows {
        let row = serde_json::to_value(row).expect("a row is JSON");
        for name in ["quantity", "cost"] {
            if let Some(number) = row[name].as_str() {
                let of = ["key", "metric", "kind", "unit", "currency"].map(|part| row[part].to_string()).join(" ");
                totals.entry(format!("{name} {of}")).or_default().add(number);
            }
        }
    }
    totals
}

/// A sum of decimals, as an integer of the smallest fraction that any result has.
#[derive(Debug, Default, PartialEq)]
struct Total(BigInt);

impl Total {
    fn add(&mut self, decimal: &str) {
        // More fraction digits than the engine returns for these options.
        const PLACES: usize = 600;
        let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
        let digits: BigInt = format!("{whole}{fraction:0<PLACES$}").parse().expect("a decimal without exponent");
        assert!(fraction.len() <= PLACES, "{decimal}");
        self.0 += digits;
    }
}
