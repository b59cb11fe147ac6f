//! Windows: half-open, in the asked zone or in the calendar that was written.

use meterglot::{ErrorCode, UsageRecord};
use serde_json::{Value, json};

use crate::support::*;

fn edges(records: &[UsageRecord], json: &str) -> Value {
    json!(fields(&aggregate(records, json), &["start", "end", "quantity"]))
}

/// Calls of an hour each, 1, 2, 4 …, from these instants on.
fn hourly(starts: &[&str]) -> Vec<UsageRecord> {
    let record = |(i, start): (usize, &&str)| UsageRecord {
        quantity: Some((1u64 << i).to_string()),
        ..written(start, record())
    };
    starts.iter().enumerate().map(record).map(|record| UsageRecord { utc_offset: None, ..record }).collect()
}

/// Levels of a day each as their provider wrote them, ending where nothing says.
fn written_levels(days: &[&str]) -> Vec<UsageRecord> {
    let record = |(i, day): (usize, &&str)| written(day, reading("15", &(10 * (i + 1)).to_string()));
    days.iter().enumerate().map(record).collect()
}

#[test]
fn windows_are_half_open() {
    let records = hourly(&["2024-01-15T23:59:59Z", "2024-01-16T00:00:00Z"]);
    assert_eq!(
        edges(&records, r#"{"window":"day"}"#),
        json!([
            ["2024-01-15T00:00:00Z", "2024-01-16T00:00:00Z", "1"],
            ["2024-01-16T00:00:00Z", "2024-01-17T00:00:00Z", "2"]
        ])
    );
}

#[test]
fn weeks_begin_on_monday_or_on_sunday() {
    let records = hourly(&["2024-01-14T12:00:00Z", "2024-01-15T12:00:00Z", "2024-01-21T12:00:00Z"]);
    assert_eq!(
        edges(&records, r#"{"window":"week"}"#),
        json!([
            ["2024-01-08T00:00:00Z", "2024-01-15T00:00:00Z", "1"],
            ["2024-01-15T00:00:00Z", "2024-01-22T00:00:00Z", "6"]
        ])
    );
    assert_eq!(
        edges(&records, r#"{"window":"week","weekStart":"sunday"}"#),
        json!([
            ["2024-01-14T00:00:00Z", "2024-01-21T00:00:00Z", "3"],
            ["2024-01-21T00:00:00Z", "2024-01-28T00:00:00Z", "4"]
        ])
    );
}

#[test]
fn months_quarters_and_years_follow_the_calendar() {
    let records = hourly(&["2023-12-31T23:00:00Z", "2024-02-29T12:00:00Z", "2024-04-01T00:00:00Z"]);
    assert_eq!(
        edges(&records, r#"{"window":"month"}"#),
        json!([
            ["2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z", "1"],
            ["2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z", "2"],
            ["2024-04-01T00:00:00Z", "2024-05-01T00:00:00Z", "4"]
        ])
    );
    assert_eq!(
        edges(&records, r#"{"window":"quarter"}"#),
        json!([
            ["2023-10-01T00:00:00Z", "2024-01-01T00:00:00Z", "1"],
            ["2024-01-01T00:00:00Z", "2024-04-01T00:00:00Z", "2"],
            ["2024-04-01T00:00:00Z", "2024-07-01T00:00:00Z", "4"]
        ])
    );
    assert_eq!(
        edges(&records, r#"{"window":"year"}"#),
        json!([
            ["2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z", "1"],
            ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "6"]
        ])
    );
}

#[test]
fn a_day_has_23_or_25_hours_where_the_clock_is_changed() {
    let records =
        hourly(&["2024-03-10T05:00:00Z", "2024-03-11T03:59:00Z", "2024-11-03T04:00:00Z", "2024-11-04T04:59:00Z"]);
    assert_eq!(
        edges(&records, r#"{"window":"day","timeZone":"America/New_York"}"#),
        json!([
            ["2024-03-10T05:00:00Z", "2024-03-11T04:00:00Z", "3"],
            ["2024-11-03T04:00:00Z", "2024-11-04T05:00:00Z", "12"]
        ])
    );
}

#[test]
fn all_runs_from_the_earliest_start_to_the_latest_end_of_its_group() {
    let records = [calls("20", "21", "1"), calls("15", "25", "2"), of_resource("8", calls("14", "16", "4"))];
    let keep = r#"{"overlap":"keep"}"#;
    assert_eq!(edges(&records, keep), json!([["2024-01-14T00:00:00Z", "2024-01-25T00:00:00Z", "7"]]));
    let rows = aggregate(&records, keep);
    assert_eq!(json!(fields(&rows, &["coveredSeconds", "gapSeconds"])), json!([[12 * 86400, 10 * 86400]]));
}

#[test]
fn a_source_day_is_the_day_that_was_written() {
    let spring =
        written_levels(&["2024-03-09T00:00:00-05:00", "2024-03-10T00:00:00-05:00", "2024-03-11T00:00:00-04:00"]);
    assert_eq!(
        summary(&spring, r#"{"window":"day","timeZone":"source"}"#),
        json!([
            ["2024-03-09T05:00:00Z", "2024-03-10T05:00:00Z", "10", 86400, 0],
            ["2024-03-10T05:00:00Z", "2024-03-11T04:00:00Z", "20", 82800, 0],
            ["2024-03-11T04:00:00Z", "2024-03-12T04:00:00Z", "30", 82800, 3600]
        ])
    );
    let autumn =
        written_levels(&["2024-11-02T00:00:00-04:00", "2024-11-03T00:00:00-04:00", "2024-11-04T00:00:00-05:00"]);
    assert_eq!(
        summary(&autumn, r#"{"window":"day","timeZone":"source"}"#)[1],
        json!(["2024-11-03T04:00:00Z", "2024-11-04T05:00:00Z", "20", 90000, 0])
    );
}

#[test]
fn a_source_month_begins_and_ends_by_the_offsets_written_there() {
    let days = [
        "2024-03-01T00:00:00-05:00",
        "2024-03-10T00:00:00-05:00",
        "2024-03-11T00:00:00-04:00",
        "2024-03-31T00:00:00-04:00",
    ];
    let ended = |i: usize, day: &str| UsageRecord { quantity: Some((1 << i).to_string()), ..written(day, record()) };
    let records: Vec<_> = days.iter().enumerate().map(|(i, day)| ended(i, day)).collect();
    assert_eq!(
        edges(&records, r#"{"window":"month","timeZone":"source"}"#),
        json!([["2024-03-01T05:00:00Z", "2024-04-01T04:00:00Z", "15"]])
    );
}

#[test]
fn source_windows_are_one_row_a_label_whatever_the_offset() {
    let records: Vec<_> = [
        "2024-03-10T01:00:00-05:00",
        "2024-03-10T03:00:00-04:00",
        "2024-03-11T00:00:00-04:00",
        "2024-03-10T12:00:00+09:00",
    ]
    .iter()
    .enumerate()
    .map(|(i, at)| UsageRecord {
        quantity: Some((1 << i).to_string()),
        ..written(at, of_resource(&at[19..], record()))
    })
    .collect();
    assert_eq!(quantities(&records, r#"{"window":"day","timeZone":"source"}"#), ["11", "4"]);
}

#[test]
fn the_edges_of_a_source_window_do_not_depend_on_the_order_of_records() {
    let mut records = ["2024-01-15T12:00:00Z", "2024-01-15T13:00:00+01:00", "2024-01-15T14:00:00+02:00"]
        .map(|at| written(at, record()));
    for _ in 0..3 {
        records.rotate_left(1);
        let rows = edges(&records, r#"{"window":"day","timeZone":"source","overlap":"keep"}"#);
        assert_eq!(rows, json!([["2024-01-15T00:00:00Z", "2024-01-15T22:00:00Z", "15"]]));
    }
}

#[test]
fn a_source_window_never_ends_before_it_starts() {
    // The long record reaches 18 January, as its offset writes it, 26 hours after the short one does.
    let long =
        UsageRecord { end: Some("2024-01-20T00:00:00Z".into()), ..written("2024-01-15T00:00:00-12:00", record()) };
    let short =
        UsageRecord { end: Some("2024-01-17T11:00:00Z".into()), ..written("2024-01-18T00:00:00+14:00", record()) };
    for records in [[long.clone(), short.clone()], [short, long]] {
        let rows = edges(
            &records,
            r#"{"window":"day","timeZone":"source","split":"proportional","overlap":"keep","fractionDigits":0}"#,
        );
        assert_eq!(rows[2], json!(["2024-01-17T10:00:00Z", "2024-01-19T12:00:00Z", "6"]));
    }
}

#[test]
fn source_is_utc_where_nothing_was_written() {
    let records = hourly(&["2024-01-15T23:30:00Z"]);
    assert_eq!(
        aggregate(&records, r#"{"window":"day","timeZone":"source"}"#),
        aggregate(&records, r#"{"window":"day"}"#)
    );
}

#[test]
fn a_level_with_its_own_end_stays_in_its_own_written_day() {
    // The next reading, half a year later, has another offset and nothing to say about this day.
    let day = |at: &str, end: &str| UsageRecord { end: Some(end.into()), ..written(at, reading("15", "1")) };
    let records = [
        day("2024-01-15T00:00:00-05:00", "2024-01-16T05:00:00Z"),
        day("2024-07-15T00:00:00-04:00", "2024-07-16T04:00:00Z"),
    ];
    let rows = aggregate(&records, r#"{"window":"day","timeZone":"source"}"#);
    assert_eq!(json!(fields(&rows, &["coveredSeconds", "gapSeconds"])), json!([[86400, 0], [86400, 0]]));
}

#[test]
fn an_interval_of_more_windows_than_rows_are_allowed_is_refused() {
    let ages = UsageRecord {
        start: Some("0001-01-01T00:00:00Z".into()),
        end: Some("9999-01-01T00:00:00Z".into()),
        ..level("15", "15", "1")
    };
    assert_eq!(refusal(std::slice::from_ref(&ages), r#"{"window":"hour"}"#).0, ErrorCode::LimitExceeded);
    assert_eq!(aggregate(std::slice::from_ref(&ages), r#"{"window":"year"}"#).len(), 9998);
    let spread = UsageRecord { kind: meterglot::Kind::Delta, ..ages };
    assert_eq!(
        refusal(std::slice::from_ref(&spread), r#"{"window":"hour","split":"proportional"}"#).0,
        ErrorCode::LimitExceeded
    );
    assert_eq!(quantities(&[spread], r#"{"window":"hour"}"#), ["1"]);
}

#[test]
fn the_edges_of_time_itself_are_no_trap() {
    for (start, end) in
        [("0000-01-01T00:00:00Z", "0000-01-01T01:00:00Z"), ("9999-12-31T23:00:00Z", "9999-12-31T23:59:59.999999999Z")]
    {
        let record = UsageRecord { start: Some(start.into()), end: Some(end.into()), ..level("15", "15", "1") };
        for window in ["hour", "day", "week", "month", "quarter", "year", "all"] {
            for zone in ["UTC", "source", "Pacific/Kiritimati", "America/New_York"] {
                let rows = aggregate(
                    std::slice::from_ref(&record),
                    &format!(r#"{{"window":"{window}","timeZone":"{zone}"}}"#),
                );
                assert_eq!(rows[0]["quantity"], "1", "{window} {zone}");
            }
        }
    }
}
