//! Metrics that a spec names: the vocabulary or the data has them, or they are a mistake.

use meterglot::{Aggregator, ErrorCode, IanaZones, UsageRecord};
use serde_json::json;

use crate::support::*;

fn newer() -> UsageRecord {
    UsageRecord { metric: "cost.quantum".into(), ..cost("15", "16", "3", Some("USD")) }
}

#[test]
fn an_unknown_metric_is_refused_with_the_nearest_names() {
    let records = [level("15", "16", "5"), calls("15", "16", "5")];
    for (json, words) in [
        (r#"{"where":{"metric":["storage"]}}"#, ["where.metric", "`storage`", "`storage.stored`"]),
        (
            r#"{"where":{"metric":["api.calls","storage.sotred"]}}"#,
            ["where.metric", "`storage.sotred`", "`storage.stored`"],
        ),
        (r#"{"units":{"Storage.Stored":"GiBy"}}"#, ["units", "`Storage.Stored`", "`storage.stored`"]),
        (r#"{"reduce":{"calls":"max"}}"#, ["reduce", "`calls`", "`api.calls`"]),
        (r#"{"reduce":{"gauges":"max"}}"#, ["reduce", "`gauges`", "a metric"]),
        (r#"{"where":{"metric":[""]}}"#, ["where.metric", "``", "a metric"]),
    ] {
        for records in [&records[..], &[]] {
            let (code, message) = refusal(records, json);
            assert_eq!(code, ErrorCode::InvalidOption, "{json}");
            assert!(words.iter().all(|word| message.contains(word)), "{json}: {message}");
        }
    }
    let long = format!(r#"{{"where":{{"metric":["{}"]}}}}"#, "ä".repeat(100_000));
    assert!(refusal(&records, &long).1.len() < 300);
}

#[test]
fn a_metric_of_the_vocabulary_may_be_absent_and_one_of_the_data_may_be_new() {
    let known = r#"{"where":{"metric":["burst.cpu","cost.vm.total"]},"units":{"storage.padded":"GiBy"},"reduce":{"api.calls.get":"max"}}"#;
    assert!(aggregate(&[calls("15", "16", "5")], known).is_empty());
    let asked = r#"{"where":{"metric":["cost.quantum"]},"reduce":{"cost.quantum":"max"}}"#;
    assert_eq!(
        json!(fields(&aggregate(&[newer(), calls("15", "16", "5")], asked), &["metric", "cost"])),
        json!([["cost.quantum", "3"]])
    );
    assert_eq!(refusal(&[calls("15", "16", "5")], asked).0, ErrorCode::InvalidOption);
}

#[test]
fn what_the_data_has_is_known_wherever_it_was_read_and_filtered() {
    // No record of the metric passes the filter, but the aggregator still records that the metric was read.
    for json in [
        r#"{"where":{"metric":["api.calls"]},"reduce":{"cost.quantum":"max"}}"#,
        r#"{"where":{"resource":["8"],"metric":["cost.quantum"]}}"#,
        r#"{"where":{"provider":["wasabi"]},"units":{"cost.quantum":"By"}}"#,
    ] {
        let whole = fed(&[calls("15", "16", "5"), newer()], &spec(json));
        let due = whole.finish(&IanaZones).unwrap();
        let mut merged = Aggregator::new(spec(json));
        merged.merge(&fed(&[newer()], &spec(json)).state()).unwrap();
        let mut again = Aggregator::new(spec(json));
        again.merge(&merged.state()).unwrap();
        again.merge(&fed(&[calls("15", "16", "5")], &spec(json)).state()).unwrap();
        assert_eq!(again.finish(&IanaZones).unwrap(), due, "{json}");
        assert_eq!(again.state(), whole.state(), "{json}");
        assert!(fed(&[calls("15", "16", "5")], &spec(json)).finish(&IanaZones).is_err());
    }
}
