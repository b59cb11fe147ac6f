//! Deltas, integrals and costs: what adds up over time, and how it is split.

use meterglot::{ErrorCode, Kind, UsageRecord};
use serde_json::json;

use crate::support::*;

fn hours(values: &[&str]) -> Vec<UsageRecord> {
    values
        .iter()
        .enumerate()
        .map(|(i, value)| calls(&format!("15T{i:02}"), &format!("15T{:02}", i + 1), value))
        .collect()
}

#[test]
fn a_delta_may_be_reduced_to_anything_but_an_integral() {
    for (reducer, due) in
        [("sum", "14"), ("mean", "3.5"), ("max", "8"), ("min", "1"), ("first", "4"), ("last", "1"), ("count", "4")]
    {
        let rows = aggregate(&hours(&["4", "8", "1", "1"]), &format!(r#"{{"reduce":{{"delta":"{reducer}"}}}}"#));
        let unit = if reducer == "count" { json!(null) } else { json!("{call}") };
        assert_eq!(json!(fields(&rows, &["quantity", "reducer", "unit"])), json!([[due, reducer, unit]]));
    }
    let (code, message) = refusal(&hours(&["1"]), r#"{"reduce":{"api.calls":"integral"}}"#);
    assert_eq!(code, ErrorCode::IncompatibleAggregation);
    assert!(message.contains("sum"), "{message}");
}

#[test]
fn an_integral_may_be_added_averaged_and_counted_and_nothing_else() {
    let records = [integral("15", "16", "3"), integral("20", "21", "6")];
    for (reducer, due, unit) in
        [("sum", "9", json!("GiBy.d")), ("mean", "4.5", json!("GiBy")), ("count", "2", json!(null))]
    {
        let rows = aggregate(&records, &format!(r#"{{"reduce":{{"integral":"{reducer}"}}}}"#));
        assert_eq!(
            json!(fields(&rows, &["quantity", "unit", "coveredSeconds", "gapSeconds"])),
            json!([[due, unit, 172800, 345600]])
        );
    }
    for reducer in ["max", "min", "first", "last", "integral"] {
        let (code, message) = refusal(&records, &format!(r#"{{"reduce":{{"integral":"{reducer}"}}}}"#));
        assert_eq!(code, ErrorCode::IncompatibleAggregation);
        assert!(message.contains("mean"), "{message}");
    }
}

#[test]
fn the_mean_of_an_integral_may_be_in_another_unit() {
    let records = [integral("15", "16", "3")];
    for asked in ["MiBy", "MiBy.h"] {
        let rows = aggregate(
            &records,
            &format!(r#"{{"reduce":{{"integral":"mean"}},"units":{{"storage.stored":"{asked}"}}}}"#),
        );
        assert_eq!(json!(fields(&rows, &["quantity", "unit"])), json!([["3072", "MiBy"]]));
    }
}

#[test]
fn the_mean_of_an_integral_that_covers_nothing_is_unknown() {
    let instant = UsageRecord { end: None, ..integral("15", "15", "3") };
    assert_eq!(quantities(std::slice::from_ref(&instant), r#"{"reduce":{"integral":"mean"}}"#), [json!(null)]);
    assert_eq!(quantities(&[instant], "{}"), ["3"]);
}

#[test]
fn what_is_reduced_by_order_is_reduced_by_time() {
    let mut records = hours(&["4", "8", "1", "2"]);
    records.reverse();
    assert_eq!(quantities(&records, r#"{"reduce":{"delta":"first"}}"#), ["4"]);
    assert_eq!(quantities(&records, r#"{"reduce":{"delta":"last"}}"#), ["2"]);
}

#[test]
fn a_record_counts_where_it_starts_with_all_its_seconds() {
    let rows = summary(&[calls("15T23", "16T02", "10")], r#"{"window":"day"}"#);
    assert_eq!(rows, json!([["2024-01-15T00:00:00Z", "2024-01-16T00:00:00Z", "10", 10800, 75600]]));
    let longer = summary(&[calls("15T12", "18", "10")], r#"{"window":"day"}"#);
    assert_eq!(longer, json!([["2024-01-15T00:00:00Z", "2024-01-16T00:00:00Z", "10", 216000, 0]]));
}

#[test]
fn the_last_piece_takes_the_remainder() {
    let record = [calls("15T22", "16T01", "10")];
    assert_eq!(
        quantities(&record, r#"{"window":"hour","split":"proportional"}"#),
        ["3.33333333333333333333", "3.33333333333333333333", "3.33333333333333333334"]
    );
    assert_eq!(
        quantities(&record, r#"{"window":"hour","split":"proportional","fractionDigits":1}"#),
        ["3.3", "3.3", "3.4"]
    );
    assert_eq!(
        quantities(&[calls("15T20", "16T04", "1")], r#"{"window":"hour","split":"proportional","fractionDigits":0}"#),
        ["0.125"; 8]
    );
}

/// A gibibyte over the week from 30 January on. One that has a cost is reduced alone, others side by side.
fn gibibyte(cost: Option<&str>) -> UsageRecord {
    UsageRecord {
        metric: "transfer.upload".into(),
        unit: Some("GiBy".into()),
        cost: cost.map(str::to_owned),
        end: Some("2024-02-06T00:00:00Z".into()),
        ..calls("30", "30", "1")
    }
}

#[test]
fn a_record_is_converted_to_its_unit_before_it_is_split() {
    let months = |unit: &str, digits: u32| {
        format!(
            r#"{{"window":"month","split":"proportional","units":{{"transfer.upload":"{unit}"}},"fractionDigits":{digits}}}"#
        )
    };
    for cost in [None, Some("1")] {
        let record = [gibibyte(cost)];
        assert_eq!(quantities(&record, &months("By", 0)), ["306783378", "766958446"]);
        assert_eq!(quantities(&record, &months("KiBy", 0)), ["299593", "748983"]);
        assert_eq!(quantities(&record, &months("GiBy", 2)), ["0.29", "0.71"]);
        assert_eq!(quantities(&record, &months("kBy", 4)), ["306783.3783", "766958.4457"]);
    }
    let both = [gibibyte(None), of_resource("8", gibibyte(Some("1")))];
    assert_eq!(quantities(&both, &months("By", 0)), ["613566756", "1533916892"]);
}

#[test]
fn the_mean_of_an_integral_that_is_split_is_its_level_in_every_window() {
    let week = |cost: Option<&str>| UsageRecord { kind: Kind::Integral, unit: Some("GiBy.d".into()), ..gibibyte(cost) };
    for record in [week(None), week(Some("1"))] {
        for (window, digits, due) in [("month", 20, "0.14285714285714285714"), ("hour", 3, "0.143"), ("day", 0, "0")] {
            let json = format!(
                r#"{{"window":"{window}","split":"proportional","reduce":{{"integral":"mean"}},"fractionDigits":{digits}}}"#
            );
            let means = quantities(std::slice::from_ref(&record), &json);
            assert!(means.len() > 1 && means.iter().all(|mean| mean == due), "{window} {digits} {means:?}");
        }
    }
}

#[test]
fn rows_in_a_unit_that_does_not_divide_evenly_add_up_to_the_whole() {
    let second = |day: &str, next: &str| UsageRecord { unit: Some("By.s".into()), ..integral(day, next, "1") };
    let records = [second("15", "16"), second("16", "17"), second("17", "18")];
    let json =
        |window: &str| format!(r#"{{"window":"{window}","units":{{"storage.stored":"By.min"}},"fractionDigits":2}}"#);
    assert_eq!(quantities(&records, &json("day")), ["0.02", "0.02", "0.01"]);
    assert_eq!(quantities(&records, &json("all")), ["0.05"]);
}

#[test]
fn pieces_are_readings_of_their_windows() {
    let records = [calls("15T22", "16T02", "8"), calls("16T02", "16T03", "1")];
    assert_eq!(quantities(&records, r#"{"window":"day","split":"proportional","reduce":{"delta":"max"}}"#), ["4", "4"]);
    assert_eq!(
        quantities(&records, r#"{"window":"day","split":"proportional","reduce":{"delta":"mean"}}"#),
        ["4", "2.5"]
    );
    assert_eq!(
        quantities(&records, r#"{"window":"day","split":"proportional","reduce":{"delta":"last"}}"#),
        ["4", "1"]
    );
    assert_eq!(
        quantities(&records, r#"{"window":"day","split":"proportional","reduce":{"delta":"count"}}"#),
        ["1", "2"]
    );
}

#[test]
fn a_record_that_crosses_an_edge_may_be_refused() {
    let record = [calls("15T23", "16T02", "10")];
    let (code, message) = refusal(&record, r#"{"window":"day","split":"error"}"#);
    assert_eq!(code, ErrorCode::IncompatibleAggregation);
    assert!(message.contains("api.calls") && message.contains("proportional"), "{message}");
    for fine in [r#"{"window":"month","split":"error"}"#, r#"{"split":"error"}"#] {
        assert_eq!(quantities(&record, fine), ["10"]);
    }
    assert_eq!(quantities(&[calls("15", "16", "1")], r#"{"window":"day","split":"error"}"#), ["1"]);
    assert_eq!(
        refusal(&record, r#"{"split":"error","where":{"end":"2024-01-16T00:00:00Z"}}"#).0,
        ErrorCode::IncompatibleAggregation
    );
}

#[test]
fn time_is_not_covered_twice() {
    let records = [calls("15", "15T04", "1"), calls("15T02", "15T06", "1"), calls("15T03", "15T04", "1")];
    for split in ["start", "proportional"] {
        let json = format!(r#"{{"window":"day","split":"{split}","overlap":"keep"}}"#);
        assert_eq!(summary(&records, &json)[0][3], 21600);
    }
}

#[test]
fn a_record_of_no_length_counts_in_the_window_of_its_instant() {
    let instant = UsageRecord { end: None, ..calls("16", "16", "3") };
    for records in [[instant], [calls("16", "16", "3")]] {
        for split in ["start", "proportional", "error"] {
            let json = format!(r#"{{"window":"day","split":"{split}"}}"#);
            assert_eq!(
                summary(&records, &json),
                json!([["2024-01-16T00:00:00Z", "2024-01-17T00:00:00Z", "3", 0, 86400]])
            );
        }
    }
}

#[test]
fn costs_add_up_by_currency_and_an_unknown_cost_is_never_zero() {
    let records = [
        cost("15", "16", "0.1", Some("USD")),
        cost("16", "17", "0.2", Some("USD")),
        cost("15", "16", "5", Some("EUR")),
        cost("15", "16", "7", None),
    ];
    let rows = fields(&aggregate(&records, "{}"), &["currency", "cost", "quantity", "unit", "records"]);
    assert_eq!(
        json!(rows),
        json!([[null, "7", null, null, 1], ["EUR", "5", null, null, 1], ["USD", "0.3", null, null, 2]])
    );
    assert_eq!(aggregate(&hours(&["1"]), "{}")[0]["cost"], json!(null));
}

#[test]
fn cost_adds_up_whatever_becomes_of_the_quantity() {
    let paid = |from, to, quantity| UsageRecord {
        cost: Some("0.25".into()),
        currency: Some("CHF".into()),
        ..calls(from, to, quantity)
    };
    let records = [paid("15", "16", "4"), paid("16", "17", "8"), calls("15", "16", "9")];
    for (reducer, due) in [("sum", "12"), ("mean", "6"), ("max", "8"), ("last", "8"), ("count", "2")] {
        let rows = aggregate(&records, &format!(r#"{{"reduce":{{"delta":"{reducer}"}}}}"#));
        assert_eq!(
            json!(fields(&rows[1..], &["currency", "quantity", "cost"])),
            json!([["CHF", due, "0.5"]]),
            "{reducer}"
        );
        assert_eq!(json!(fields(&rows[..1], &["currency", "cost"])), json!([[null, null]]));
    }
}

#[test]
fn of_known_and_unknown_numbers_the_known_are_added() {
    let unknown = UsageRecord { quantity: None, ..calls("16", "17", "") };
    let rows = aggregate(&[calls("15", "16", "5"), unknown], "{}");
    assert_eq!(json!(fields(&rows, &["quantity", "records"])), json!([["5", 2]]));
    let no_price =
        |day, next, cost: Option<&str>| UsageRecord { cost: cost.map(str::to_owned), ..calls(day, next, "5") };
    let rows = aggregate(&[no_price("15", "16", Some("2")), no_price("16", "17", None)], "{}");
    assert_eq!(json!(fields(&rows, &["quantity", "cost", "currency"])), json!([["10", "2", null]]));
}

#[test]
fn sums_are_exact_at_any_size() {
    let huge = "9".repeat(76);
    let records =
        [calls("15", "16", &huge), calls("16", "17", "0.00000000000000000001"), calls("17", "18", &format!("-{huge}"))];
    assert_eq!(quantities(&records, "{}"), ["0.00000000000000000001"]);
}

#[test]
fn an_unknown_integral_is_neither_in_the_mean_nor_in_its_time() {
    let unknown = UsageRecord { quantity: None, ..integral("16", "20", "") };
    let json = r#"{"reduce":{"integral":"mean"}}"#;
    let rows = aggregate(&[integral("15", "16", "6"), unknown.clone()], json);
    assert_eq!(json!(fields(&rows, &["quantity", "unit", "coveredSeconds"])), json!([["6", "GiBy", 5 * 86_400]]));
    assert_eq!(quantities(&[unknown], json), [json!(null)]);
}

#[test]
fn the_mean_of_integrals_is_over_the_time_that_any_series_covers() {
    let json = r#"{"reduce":{"integral":"mean"}}"#;
    let one_after_another = [integral("15", "17", "4"), of_resource("8", integral("17", "19", "4"))];
    assert_eq!(quantities(&one_after_another, json), ["2"]);
    let at_once = [integral("15", "17", "4"), of_resource("8", integral("15", "17", "4"))];
    assert_eq!(quantities(&at_once, json), ["4"]);
    // The mean level of an integral over an empty period is undefined.
    assert_eq!(quantities(&[integral("15", "15", "4")], json), [json!(null)]);
}
