//! Gauges: levels, which hold and are never added over time.

use meterglot::{ErrorCode, UsageRecord};
use serde_json::json;

use crate::support::*;

#[test]
fn a_level_is_never_added_over_time() {
    for json in [r#"{"reduce":{"gauge":"sum"}}"#, r#"{"reduce":{"storage.stored":"sum"}}"#] {
        let (code, message) = refusal(&[level("15", "16", "1")], json);
        assert_eq!(code, ErrorCode::IncompatibleAggregation);
        assert!(message.contains("mean") && message.contains("integral"), "{message}");
    }
}

#[test]
fn the_mean_of_a_level_is_weighted_by_the_time_for_which_it_applies() {
    let records = [level("15", "15T06", "10"), level("15T06", "16", "30")];
    assert_eq!(quantities(&records, "{}"), ["25"]);
    assert_eq!(
        quantities(&[level("15", "15T01", "1"), level("15T01", "15T03", "2")], "{}"),
        ["1.66666666666666666667"]
    );
}

#[test]
fn each_series_is_reduced_first_and_the_series_then_added() {
    let two = [
        level("15", "15T12", "10"),
        level("15T12", "16", "2"),
        of_resource("8", level("15", "15T12", "5")),
        of_resource("8", level("15T12", "16", "7")),
    ];
    for (reducer, due) in [
        ("max", "17"),
        ("min", "7"),
        ("first", "15"),
        ("last", "9"),
        ("mean", "12"),
        ("count", "4"),
        ("integral", "1036800"),
    ] {
        assert_eq!(quantities(&two, &format!(r#"{{"reduce":{{"gauge":"{reducer}"}}}}"#)), [due], "{reducer}");
    }
}

#[test]
fn series_are_added_as_exact_fractions_and_rounded_once() {
    let third = |id: &str| [of_resource(id, level("15", "15T01", "1")), of_resource(id, level("15T01", "15T03", "0"))];
    let thirds = [third("1"), third("2"), third("3")].concat();
    assert_eq!(quantities(&thirds, "{}"), ["1"]);
}

#[test]
fn a_level_is_cut_exactly_at_the_edges_of_windows_whatever_the_split() {
    let records = [level("15T22", "16T02", "6"), level("16T02", "17", "17")];
    for split in ["start", "proportional", "error"] {
        let json = format!(r#"{{"window":"day","split":"{split}"}}"#);
        let rows = fields(&aggregate(&records, &json), &["quantity", "coveredSeconds", "gapSeconds", "records"]);
        assert_eq!(json!(rows), json!([["6", 7200, 79200, 1], ["16.08333333333333333333", 86400, 0, 2]]));
    }
}

#[test]
fn a_level_that_began_earlier_is_the_first_of_its_window() {
    let records = [level("15T22", "16T02", "6"), level("16T02", "17", "17")];
    assert_eq!(quantities(&records, r#"{"window":"day","reduce":{"gauge":"first"}}"#), ["6", "6"]);
    assert_eq!(quantities(&records, r#"{"window":"day","reduce":{"gauge":"last"}}"#), ["6", "17"]);
    assert_eq!(quantities(&records, r#"{"window":"day","reduce":{"gauge":"max"}}"#), ["6", "17"]);
    assert_eq!(quantities(&records, r#"{"window":"day","reduce":{"gauge":"min"}}"#), ["6", "6"]);
}

#[test]
fn an_instant_applies_until_the_next_and_the_last_as_long_as_the_one_before() {
    let records = [reading("15", "1"), reading("15T06", "2"), reading("15T08", "4")];
    assert_eq!(summary(&records, "{}"), json!([["2024-01-15T00:00:00Z", "2024-01-15T10:00:00Z", "1.8", 36000, 0]]));
}

#[test]
fn a_single_instant_is_just_its_value_and_covers_nothing() {
    for reducer in ["mean", "max", "min", "first", "last"] {
        let json = format!(r#"{{"window":"day","reduce":{{"gauge":"{reducer}"}}}}"#);
        assert_eq!(
            summary(&[reading("15T06", "7")], &json),
            json!([["2024-01-15T00:00:00Z", "2024-01-16T00:00:00Z", "7", 0, 86400]])
        );
    }
    assert_eq!(
        summary(&[reading("15T06", "7")], "{}"),
        json!([["2024-01-15T06:00:00Z", "2024-01-15T06:00:00Z", "7", 0, 0]])
    );
}

#[test]
fn what_a_single_instant_adds_up_to_over_time_is_unknown() {
    assert_eq!(quantities(&[reading("15T06", "7")], r#"{"reduce":{"gauge":"integral"}}"#), [json!(null)]);
}

#[test]
fn a_level_applies_to_its_end_or_to_the_next_reading_whichever_comes_first() {
    let records = [level("15", "16", "10"), level("15T23", "16T23", "12"), level("18", "19", "14")];
    assert_eq!(
        summary(&records, "{}"),
        json!([["2024-01-15T00:00:00Z", "2024-01-19T00:00:00Z", "12.02816901408450704225", 255600, 90000]])
    );
}

#[test]
fn readings_of_another_series_end_nothing() {
    let records = [
        reading("15", "1"),
        reading("15T10", "1"),
        of_resource("8", reading("15T05", "2")),
        of_resource("8", reading("15T06", "2")),
    ];
    let rows = fields(&aggregate(&records, r#"{"by":["resource"]}"#), &["key", "coveredSeconds"]);
    assert_eq!(json!(rows), json!([[{"resource": "7"}, 72000], [{"resource": "8"}, 7200]]));
}

#[test]
fn of_two_readings_at_one_time_the_longer_applies_and_then_the_greater() {
    let records = [level("15", "15T06", "9"), level("15", "15T12", "3"), level("15", "15T12", "2")];
    let rows = aggregate(&records, r#"{"reduce":{"gauge":"max"},"overlap":"keep"}"#);
    assert_eq!(json!(fields(&rows, &["quantity", "records", "coveredSeconds"])), json!([["3", 3, 43200]]));
    assert_eq!(quantities(&records, r#"{"overlap":"keep"}"#), ["3"]);
}

#[test]
fn which_of_two_readings_applies_does_not_depend_on_their_order() {
    let two = [level("15", "16", "9"), level("15", "16", "3")];
    let keep = r#"{"overlap":"keep"}"#;
    assert_eq!(quantities(&two, keep), ["9"]);
    for [a, b] in [[0, 1], [1, 0]] {
        let mut aggregator = fed(&two[a..=a], &spec(keep));
        aggregator.push_records(&two[b..=b]).unwrap();
        let rows = aggregator.finish(&meterglot::IanaZones).unwrap();
        assert_eq!((rows.len(), rows[0].quantity.as_ref().unwrap().to_string().as_str(), rows[0].records), (1, "9", 2));
    }
}

#[test]
fn the_integral_of_a_level_is_in_its_unit_times_seconds() {
    let records = [level("15", "15T06", "10"), level("15T06", "16", "30")];
    let rows = aggregate(&records, r#"{"reduce":{"gauge":"integral"}}"#);
    assert_eq!(json!(fields(&rows, &["quantity", "unit"])), json!([["2160000", "By.s"]]));
    let by_day = aggregate(&records, r#"{"reduce":{"gauge":"integral"},"units":{"storage.stored":"By.d"}}"#);
    assert_eq!(json!(fields(&by_day, &["quantity", "unit"])), json!([["25", "By.d"]]));
    let in_kilobytes = aggregate(&records, r#"{"reduce":{"gauge":"integral"},"units":{"storage.stored":"kBy"}}"#);
    assert_eq!(json!(fields(&in_kilobytes, &["quantity", "unit"])), json!([["2160", "kBy.s"]]));
}

#[test]
fn fractions_of_seconds_are_exact() {
    let with_nanos = |from: &str, to: &str, quantity: &str| UsageRecord {
        start: Some(format!("2024-01-15T00:00:{from}Z")),
        end: Some(format!("2024-01-15T00:00:{to}Z")),
        ..level("15", "15", quantity)
    };
    let records = [with_nanos("00", "00.25", "8"), with_nanos("00.25", "01.000000001", "4")];
    let [row] = &aggregate(&records, r#"{"reduce":{"gauge":"integral"}}"#)[..] else { panic!() };
    assert_eq!((row["quantity"].clone(), row["coveredSeconds"].clone()), (json!("5.000000004"), json!(1.000000001)));
    let [day] = &aggregate(&records, r#"{"window":"day"}"#)[..] else { panic!() };
    assert_eq!(
        (day["quantity"].clone(), day["gapSeconds"].clone()),
        (json!("4.999999999000000001"), json!(86398.999999999))
    );
}

#[test]
fn a_level_held_for_ages_in_nanoseconds_does_not_overflow() {
    let ages = UsageRecord {
        start: Some("0001-01-01T00:00:00.5Z".into()),
        end: Some("9999-01-01T00:00:00Z".into()),
        ..level("15", "15", "999999999999999999")
    };
    // (315,506,361,600 − 0.5) seconds.
    assert_eq!(quantities(&[ages], r#"{"reduce":{"gauge":"integral"}}"#), ["315506361599499999684493638400.5"]);
}

#[test]
fn a_level_without_a_time_has_a_row_of_its_own() {
    let timeless = |quantity: &str| UsageRecord { start: None, end: None, ..level("15", "15", quantity) };
    let records = [timeless("3"), level("15", "16", "10"), of_resource("8", timeless("5"))];
    for window in ["hour", "day", "week", "month", "quarter", "year", "all"] {
        let rows = aggregate(&records, &format!(r#"{{"window":"{window}","reduce":{{"gauge":"mean"}}}}"#));
        assert_eq!(
            json!(fields(&rows[..1], &["start", "end", "quantity", "records", "coveredSeconds", "gapSeconds"])),
            json!([[null, null, "8", 2, 0, 0]])
        );
        assert!(rows[1..].iter().all(|row| row["quantity"] == "10"));
    }
}

#[test]
fn an_unknown_level_is_never_zero() {
    let unknown = UsageRecord { quantity: None, ..level("15T12", "16", "") };
    let rows = aggregate(&[level("15", "15T12", "10"), unknown.clone()], "{}");
    assert_eq!(json!(fields(&rows, &["quantity", "records", "coveredSeconds"])), json!([["10", 2, 86400]]));
    assert_eq!(quantities(&[unknown], "{}"), [json!(null)]);
}

#[test]
fn the_cost_of_a_level_is_split_like_any_cost() {
    let paid = UsageRecord { cost: Some("3".into()), currency: Some("CHF".into()), ..level("15T12", "17", "6") };
    let rows = |split: &str| {
        let rows = aggregate(std::slice::from_ref(&paid), &format!(r#"{{"window":"day","split":"{split}"}}"#));
        json!(fields(&rows, &["quantity", "cost", "records", "coveredSeconds"]))
    };
    assert_eq!(rows("start"), json!([["6", "3", 1, 43200], ["6", null, 1, 86400]]));
    assert_eq!(rows("proportional"), json!([["6", "1", 1, 43200], ["6", "2", 1, 86400]]));
}

/// A level of one of several resources, by days of January.
fn held(id: &str, from: u32, to: u32, quantity: &str) -> UsageRecord {
    of_resource(id, level(&format!("{from:02}"), &format!("{to:02}"), quantity))
}

#[test]
fn the_mean_of_a_group_is_over_the_time_that_any_of_its_series_covers() {
    const TEBIBYTE: &str = "1099511627776";
    // Ten buckets of 1 TiB one after another, some of them on two days, in no order.
    let one_after_another: Vec<_> =
        [3, 1, 9, 4, 10, 2, 8, 5, 7, 6].into_iter().map(|day| held(&day.to_string(), day, day + 1, TEBIBYTE)).collect();
    let spec = r#"{"window":"month","units":{"storage.stored":"TiBy"}}"#;
    let rows = aggregate(&one_after_another, spec);
    assert_eq!(
        json!(fields(&rows, &["quantity", "unit", "resources", "coveredSeconds", "gapSeconds"])),
        json!([["1", "TiBy", 10, 864_000, 10 * 31 * 86_400 - 864_000]])
    );
    // Side by side they are ten.
    let at_once: Vec<_> = (0..10).map(|id| held(&id.to_string(), 1, 11, TEBIBYTE)).collect();
    assert_eq!(quantities(&at_once, spec), ["10"]);
    // One that covers a part of the time counts for that part: (4 × 10 + 1 × 20) ÷ 4 days.
    let parts = [held("1", 1, 5, "10"), held("2", 2, 3, "20")];
    assert_eq!(quantities(&parts, "{}"), ["15"]);
    // Only days that a record covers count in the mean: (2 × 10 + 2 × 30) ÷ 4.
    assert_eq!(quantities(&[held("1", 1, 3, "10"), held("2", 8, 10, "30")], "{}"), ["20"]);
}

#[test]
fn a_single_instant_adds_its_value_to_the_mean_of_its_group() {
    assert_eq!(quantities(&[held("1", 1, 3, "10"), of_resource("2", reading("02", "5"))], "{}"), ["15"]);
    let instants = [of_resource("1", reading("01", "4")), of_resource("2", reading("05", "5"))];
    assert_eq!(quantities(&instants, "{}"), ["9"]);
}

#[test]
fn an_unknown_level_is_neither_in_the_mean_of_a_group_nor_in_its_time() {
    let unknown = |id: &str, from, to| UsageRecord { quantity: None, ..held(id, from, to, "") };
    // Known are: bucket 1 on the first two days, bucket 2 on the third.
    let records = [held("1", 1, 3, "10"), unknown("1", 3, 5), unknown("2", 1, 3), held("2", 3, 4, "40")];
    let rows = aggregate(&records, "{}");
    assert_eq!(json!(fields(&rows, &["quantity", "coveredSeconds"])), json!([["20", 7 * 86_400]]));
}

#[test]
fn a_total_is_unchanged_whatever_breakdown_of_the_same_level_it_meets_in_whatever_order() {
    // Both are of one series: what tells them apart is only that one breaks the other down.
    let total = level("15", "16", "9");
    let part = UsageRecord { part_of: Some("storage.stored".into()), ..total.clone() };
    for quantity in ["9", "3", "12"] {
        let part = UsageRecord { quantity: Some(quantity.into()), ..part.clone() };
        for json in ["{}", r#"{"reduce":{"gauge":"max"}}"#, r#"{"reduce":{"gauge":"last"},"window":"day"}"#] {
            for [a, b] in [[&total, &part], [&part, &total]] {
                let records = [a.clone(), b.clone()];
                let rows = aggregate(&records, json);
                assert_eq!(json!(fields(&rows, &["quantity", "records"])), json!([["9", 1]]), "{quantity} {json}");
                let mut merged = fed(&records[..1], &spec(json));
                merged.merge(&fed(&records[1..], &spec(json)).state()).unwrap();
                let rows: Vec<_> = merged.finish(&meterglot::IanaZones).unwrap();
                assert_eq!(rows[0].quantity.as_ref().unwrap().to_string(), "9", "{quantity} {json}");
            }
        }
    }
}
