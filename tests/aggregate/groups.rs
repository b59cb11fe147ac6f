//! What is added to what, what is filtered out, and in which order rows come.

use meterglot::{ErrorCode, Format, Provider, UsageRecord};
use serde_json::json;

use crate::support::*;

fn with_service(service: &str, record: UsageRecord) -> UsageRecord {
    UsageRecord { dimensions: [("service".to_owned(), service.to_owned())].into(), ..record }
}

fn in_region(region: Option<&str>, record: UsageRecord) -> UsageRecord {
    let part_of = region.map(|_| record.metric.clone());
    UsageRecord { region: region.map(str::to_owned), part_of, resource_id: None, ..record }
}

#[test]
fn rows_come_sorted_by_key_null_first_then_metric_then_window() {
    let mut records = vec![
        of_resource("b", calls("16", "17", "1")),
        of_resource("b", calls("15", "16", "2")),
        of_resource("a", calls("15", "16", "3")),
        of_resource("a", level("15", "16", "4")),
        UsageRecord { resource_id: None, ..calls("15", "16", "5") },
    ];
    let due = json!([
        [null, "api.calls", "5"],
        ["a", "api.calls", "3"],
        ["a", "storage.stored", "4"],
        ["b", "api.calls", "2"],
        ["b", "api.calls", "1"]
    ]);
    for _ in 0..5 {
        records.rotate_left(1);
        let rows = aggregate(&records, r#"{"by":["resource"],"window":"day"}"#);
        let rows: Vec<_> =
            rows.iter().map(|row| json!([row["key"]["resource"], row["metric"], row["quantity"]])).collect();
        assert_eq!(json!(rows), due);
    }
}

#[test]
fn every_key_is_in_the_row_in_the_requested_order() {
    let rows = aggregate(
        &[with_service("location", calls("15", "16", "1"))],
        r#"{"by":["dimensions.service","provider","format","account","resource","resourceType","region","dimensions.none"]}"#,
    );
    let text = serde_json::to_string(&rows[0]["key"]).unwrap();
    let due = json!({"dimensions.service": "location", "provider": "wasabi", "format": "wasabi.bucket-daily", "account": "1", "resource": "7",
        "resourceType": "bucket", "region": "eu", "dimensions.none": null});
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), due);
}

#[test]
fn kind_unit_and_currency_always_separate_groups() {
    let records = [
        level("15", "16", "1"),
        integral("15", "16", "2"),
        of_resource("8", UsageRecord { unit: Some("GiBy".into()), ..level("15", "16", "3") }),
        of_resource(
            "9",
            UsageRecord { cost: Some("1".into()), currency: Some("USD".into()), ..level("15", "16", "4") },
        ),
    ];
    let rows = fields(&aggregate(&records, "{}"), &["kind", "unit", "currency", "quantity"]);
    assert_eq!(
        json!(rows),
        json!([
            ["gauge", "By", null, "1"],
            ["gauge", "By", "USD", "4"],
            ["gauge", "GiBy", null, "3"],
            ["integral", "GiBy.d", null, "2"]
        ])
    );
}

#[test]
fn dimensions_separate_series_and_only_separate_groups_where_asked() {
    let records =
        [with_service("a", calls("15", "16", "3")), with_service("b", calls("15", "16", "4")), calls("15", "16", "5")];
    assert_eq!(quantities(&records, r#"{"reduce":{"delta":"max"}}"#), ["12"]);
    assert_eq!(quantities(&records, r#"{"reduce":{"delta":"max"},"by":["dimensions.service"]}"#), ["5", "3", "4"]);
}

#[test]
fn a_series_is_the_same_whether_it_comes_in_a_table_or_as_records() {
    // In the table the occurrences stand with the fields, in records with everything else.
    let body = include_bytes!("../fixtures/made/onapp-duplicate-elements.xml");
    let table = meterglot::normalize(&[body], &meterglot::ReadOptions::default()).unwrap();
    let records = table.records(0, table.len());
    let spec = spec(r#"{"where":{"metric":["cost.backup"]},"overlap":"keep"}"#);
    let once = fed(&records, &spec).finish(&meterglot::IanaZones).unwrap();
    let mut twice = fed(&records, &spec);
    twice.push(std::sync::Arc::new(table));
    assert_eq!(fed(&[records.clone(), records].concat(), &spec).state(), twice.state());
    let twice = twice.finish(&meterglot::IanaZones).unwrap();
    assert_eq!((once.len(), once[0].records * 2), (twice.len(), twice[0].records));
    // A series covers the same time, even if its records are pushed twice.
    assert_eq!(once[0].covered_seconds, twice[0].covered_seconds);
}

#[test]
fn resources_are_distinct_by_provider_account_and_id() {
    let records = [
        calls("15", "16", "1"),
        calls("16", "17", "1"),
        UsageRecord { region: Some("us".into()), ..calls("15", "16", "1") },
        UsageRecord { account: Some("2".into()), ..calls("15", "16", "1") },
        UsageRecord { provider: Provider::Devicewise, format: Format::DevicewiseApiHistory, ..calls("15", "16", "1") },
        of_resource("8", calls("15", "16", "1")),
    ];
    let rows = aggregate(&records, "{}");
    assert_eq!(json!(fields(&rows, &["records", "resources"])), json!([[6, 4]]));
}

#[test]
fn a_filter_lets_through_what_it_names() {
    let records = [
        calls("15", "16", "1"),
        of_resource("8", calls("15", "16", "2")),
        UsageRecord { account: None, ..calls("15", "16", "4") },
    ];
    for (filter, due) in [
        (r#"{"resource":["8"]}"#, vec!["2"]),
        (r#"{"resource":["7","8"]}"#, vec!["7"]),
        (r#"{"account":["1"]}"#, vec!["3"]),
        (r#"{"metric":["api.calls"]}"#, vec!["7"]),
        (r#"{"metric":["storage.stored"]}"#, vec![]),
        (r#"{"region":[]}"#, vec![]),
    ] {
        assert_eq!(quantities(&records, &format!(r#"{{"where":{filter}}}"#)), due, "{filter}");
    }
}

#[test]
fn a_period_that_is_asked_for_cuts_levels_and_takes_records_that_start_in_it() {
    let records = [
        calls("15", "15T12", "1"),
        calls("15T12", "16T12", "2"),
        calls("16T12", "17", "4"),
        level("15", "17", "6"),
        record(),
    ];
    let json = r#"{"where":{"start":"2024-01-15T12:00:00Z","end":"2024-01-16T12:00:00Z"}}"#;
    let rows = fields(&aggregate(&records, json), &["metric", "start", "end", "quantity", "records", "coveredSeconds"]);
    assert_eq!(
        json!(rows),
        json!([
            ["api.calls", "2024-01-15T12:00:00Z", "2024-01-16T12:00:00Z", "2", 1, 86400],
            ["storage.stored", "2024-01-15T12:00:00Z", "2024-01-16T12:00:00Z", "6", 1, 86400]
        ])
    );
    let half = r#"{"split":"proportional","where":{"start":"2024-01-16T00:00:00Z"}}"#;
    assert_eq!(quantities(&records[..3], half), ["5"]);
}

#[test]
fn gaps_are_those_of_the_requested_period() {
    let json = r#"{"window":"day","where":{"start":"2024-01-15T12:00:00Z"}}"#;
    assert_eq!(
        summary(&[level("15", "15T18", "6")], json),
        json!([["2024-01-15T00:00:00Z", "2024-01-16T00:00:00Z", "6", 21600, 21600]])
    );
}

#[test]
fn a_level_read_before_the_period_applies_in_it() {
    let records = [reading("15", "6"), reading("16", "8"), reading("17", "9")];
    let json = r#"{"where":{"start":"2024-01-15T12:00:00Z","end":"2024-01-16T12:00:00Z"}}"#;
    assert_eq!(summary(&records, json), json!([["2024-01-15T12:00:00Z", "2024-01-16T12:00:00Z", "7", 86400, 0]]));
}

#[test]
fn a_breakdown_counts_where_its_key_is_asked_for_and_else_its_total() {
    let day = || calls("15", "16", "10");
    let records = [
        in_region(None, day()),
        in_region(Some("eu"), calls("15", "16", "4")),
        in_region(Some("us"), calls("15", "16", "5")),
        in_region(None, calls("16", "17", "20")),
    ];
    assert_eq!(quantities(&records, "{}"), ["30"]);
    assert_eq!(quantities(&records, r#"{"by":["account"]}"#), ["30"]);
    let rows = aggregate(&records, r#"{"by":["region"]}"#);
    assert_eq!(
        json!(fields(&rows, &["key", "quantity", "records"])),
        json!([[{"region": null}, "20", 1], [{"region": "eu"}, "4", 1], [{"region": "us"}, "5", 1]])
    );
    assert_eq!(quantities(&records[1..3], "{}"), ["9"]);
    assert_eq!(quantities(&records, r#"{"where":{"region":["eu"]}}"#), ["4"]);
}

#[test]
fn a_breakdown_of_levels_ends_and_counts_like_its_total() {
    let at = |day: &str, region: Option<&str>, quantity: &str| in_region(region, reading(day, quantity));
    let records = [
        at("15", None, "10"),
        at("16", None, "20"),
        at("17", None, "30"),
        at("16", Some("eu"), "7"),
        at("16", Some("us"), "9"),
    ];
    let rows = aggregate(&records, r#"{"by":["region"],"window":"day"}"#);
    let rows: Vec<_> = rows.iter().map(|row| json!([row["key"]["region"], row["start"], row["quantity"]])).collect();
    // The account's level of the 16th is reported by its regions; it still ends that of the 15th.
    assert_eq!(
        json!(rows),
        json!([
            [null, "2024-01-15T00:00:00Z", "10"],
            [null, "2024-01-17T00:00:00Z", "30"],
            ["eu", "2024-01-16T00:00:00Z", "7"],
            ["us", "2024-01-16T00:00:00Z", "9"]
        ])
    );
    assert_eq!(quantities(&records, r#"{"window":"day"}"#), ["10", "20", "30"]);
}

#[test]
fn quantities_are_in_the_requested_unit() {
    let records =
        [level("15", "16", "1073741824"), UsageRecord { unit: Some("MiBy".into()), ..level("16", "17", "3072") }];
    let rows = aggregate(&records, r#"{"units":{"storage.stored":"GiBy"}}"#);
    assert_eq!(json!(fields(&rows, &["quantity", "unit"])), json!([["2", "GiBy"]]));
    let (code, message) = refusal(&records, r#"{"units":{"storage.stored":"MHz"}}"#);
    assert_eq!((code, message.contains(r#"units["storage.stored"]"#)), (ErrorCode::InvalidOption, true));
}

#[test]
fn a_unit_is_asked_for_where_a_metric_has_it_and_leaves_its_other_kinds_alone() {
    let records = [level("15", "16", "1073741824"), integral("16", "17", "5")];
    let rows = aggregate(&records, r#"{"units":{"storage.stored":"GiBy"}}"#);
    assert_eq!(
        json!(fields(&rows, &["kind", "quantity", "unit"])),
        json!([["gauge", "1", "GiBy"], ["integral", "5", "GiBy.d"]])
    );
}

#[test]
fn a_reducer_of_a_metric_that_is_filtered_out_is_not_looked_at() {
    let records = [calls("15", "16", "5"), level("15", "16", "7")];
    assert_eq!(quantities(&records, r#"{"reduce":{"storage.stored":"sum"},"where":{"metric":["api.calls"]}}"#), ["5"]);
}

#[test]
fn nothing_gives_no_rows() {
    assert!(aggregate(&[], r#"{"window":"day","timeZone":"Europe/Zurich"}"#).is_empty());
    assert_eq!(refusal(&[], r#"{"timeZone":"Mars/Olympus"}"#).0, ErrorCode::InvalidOption);
}
