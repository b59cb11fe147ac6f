//! Records by hand, and rows as JSON.

use std::collections::BTreeMap;

use meterglot::{AggregateSpec, Aggregator, Error, ErrorCode, Format, IanaZones, Instant, Kind, Provider, UsageRecord};
use serde_json::{Value, json};

/// A delta of Wasabi bucket `7`: five API calls without a time.
pub fn record() -> UsageRecord {
    UsageRecord {
        id: String::new(),
        provider: Provider::Wasabi,
        format: Format::WasabiBucketDaily,
        account: Some("1".into()),
        resource_id: Some("7".into()),
        resource_name: Some("jk".into()),
        resource_type: Some("bucket".into()),
        region: Some("eu".into()),
        metric: "api.calls".into(),
        provider_field: "NumAPICalls".into(),
        dimensions: BTreeMap::new(),
        kind: Kind::Delta,
        quantity: Some("5".into()),
        unit: Some("{call}".into()),
        cost: None,
        currency: None,
        start: None,
        end: None,
        utc_offset: None,
        part_of: None,
        pointer: String::new(),
        page: 0,
        notes: Vec::new(),
    }
}

/// Calls within a period of January 2024, `"15T06"` to `"15T07:30"`.
pub fn calls(from: &str, to: &str, quantity: &str) -> UsageRecord {
    UsageRecord { start: Some(january(from)), end: Some(january(to)), quantity: Some(quantity.into()), ..record() }
}

/// A level within a period of January 2024.
pub fn level(from: &str, to: &str, quantity: &str) -> UsageRecord {
    UsageRecord {
        metric: "storage.stored".into(),
        kind: Kind::Gauge,
        unit: Some("By".into()),
        ..calls(from, to, quantity)
    }
}

/// A level read at an instant of January 2024.
pub fn reading(at: &str, quantity: &str) -> UsageRecord {
    UsageRecord { end: None, ..level(at, at, quantity) }
}

/// A level times a time within a period of January 2024, in `GiBy.d`.
pub fn integral(from: &str, to: &str, quantity: &str) -> UsageRecord {
    UsageRecord { kind: Kind::Integral, unit: Some("GiBy.d".into()), ..level(from, to, quantity) }
}

/// Money within a period of January 2024.
pub fn cost(from: &str, to: &str, amount: &str, currency: Option<&str>) -> UsageRecord {
    UsageRecord {
        provider: Provider::Onapp,
        format: Format::OnappUserStatistics,
        metric: "cost.vm".into(),
        quantity: None,
        unit: None,
        cost: Some(amount.into()),
        currency: currency.map(str::to_owned),
        ..calls(from, to, "")
    }
}

pub fn of_resource(id: &str, record: UsageRecord) -> UsageRecord {
    UsageRecord { resource_id: Some(id.into()), ..record }
}

/// The record with a time as it was written, its instant and its offset: `2024-03-10T00:00:00-05:00`.
pub fn written(at: &str, record: UsageRecord) -> UsageRecord {
    let offset = if at.ends_with('Z') { "Z" } else { &at[at.len() - 6..] };
    UsageRecord { start: Some(Instant::parse(at).unwrap().to_string()), utc_offset: Some(offset.into()), ..record }
}

/// `15T06` is the instant 2024-01-15T06:00:00Z.
pub fn january(text: &str) -> String {
    let full = "00T00:00:00";
    format!("2024-01-{text}{}Z", &full[text.len()..])
}

pub fn spec(json: &str) -> AggregateSpec {
    AggregateSpec::from_json(json).unwrap()
}

pub fn fed(records: &[UsageRecord], spec: &AggregateSpec) -> Aggregator {
    let mut aggregator = Aggregator::new(spec.clone());
    aggregator.push_records(records).unwrap();
    aggregator
}

pub fn try_aggregate(records: &[UsageRecord], json: &str) -> Result<Vec<Value>, Error> {
    let rows = fed(records, &spec(json)).finish(&IanaZones)?;
    Ok(rows.iter().map(|row| serde_json::to_value(row).unwrap()).collect())
}

pub fn aggregate(records: &[UsageRecord], json: &str) -> Vec<Value> {
    try_aggregate(records, json).unwrap()
}

/// The code of the error that an aggregation ends in, and its message.
pub fn refusal(records: &[UsageRecord], json: &str) -> (ErrorCode, String) {
    let error = match AggregateSpec::from_json(json) {
        Ok(spec) => fed(records, &spec).finish(&IanaZones).unwrap_err(),
        Err(error) => error,
    };
    (error.code(), error.to_string())
}

/// Some fields of every row.
pub fn fields(rows: &[Value], names: &[&str]) -> Vec<Value> {
    rows.iter().map(|row| names.iter().map(|name| row[*name].clone()).collect()).collect()
}

/// The quantities of all rows.
pub fn quantities(records: &[UsageRecord], json: &str) -> Vec<Value> {
    aggregate(records, json).into_iter().map(|row| row["quantity"].clone()).collect()
}

/// Start, end, quantity, covered and gap seconds of every row.
pub fn summary(records: &[UsageRecord], json: &str) -> Value {
    json!(fields(&aggregate(records, json), &["start", "end", "quantity", "coveredSeconds", "gapSeconds"]))
}
