//! Usage reported twice (docs/design.md#reported-twice).

use meterglot::{Aggregator, ErrorCode, Format, IanaZones, Provider, UsageRecord};
use proptest::prelude::*;

use crate::support::*;

fn of_format(format: Format, record: UsageRecord) -> UsageRecord {
    UsageRecord { provider: format.provider(), format, ..record }
}

fn is_reported_twice(records: &[UsageRecord], json: &str) -> bool {
    match try_aggregate(records, json) {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.code(), ErrorCode::IncompatibleAggregation);
            assert!(error.to_string().contains("reported twice"), "{error}");
            true
        }
    }
}

#[test]
fn records_of_one_series_report_the_same_if_more_than_half_of_the_shorter_is_in_both() {
    let day = calls("15", "16", "5");
    for (other, due) in [
        (calls("15", "16", "7"), true),
        (calls("15T12", "16T12", "7"), false),
        (calls("15T11", "16T11", "7"), true),
        (calls("15T06", "15T07", "7"), true),
        (calls("15T23", "16T01", "7"), false),
        (calls("14", "20", "7"), true),
        (calls("16", "17", "7"), false),
        (calls("15", "15", "7"), true),
        (calls("15T06", "15T06", "7"), false),
        (of_resource("8", day.clone()), false),
        (UsageRecord { region: Some("us".into()), ..day.clone() }, false),
        (UsageRecord { account: Some("2".into()), ..day.clone() }, false),
        (UsageRecord { dimensions: [("service".to_owned(), "a".to_owned())].into(), ..day.clone() }, false),
        (UsageRecord { metric: "api.calls.get".into(), ..day.clone() }, false),
        (UsageRecord { start: None, end: None, ..day.clone() }, false),
    ] {
        for records in [[day.clone(), other.clone()], [other.clone(), day.clone()]] {
            for json in
                ["{}", r#"{"window":"hour","split":"proportional"}"#, r#"{"window":"month","reduce":{"delta":"max"}}"#]
            {
                assert_eq!(is_reported_twice(&records, json), due, "{:?} to {:?} {json}", other.start, other.end);
            }
            assert!(!is_reported_twice(&records, r#"{"overlap":"keep"}"#));
        }
    }
}

#[test]
fn the_rule_is_the_same_for_levels_instants_integrals_costs_and_records_without_a_time() {
    for (a, b, due) in [
        (level("15", "16", "5"), level("15", "16", "5"), true),
        (level("15", "16", "5"), level("15T23", "16T23", "5"), false),
        (reading("15", "5"), reading("15", "6"), true),
        (reading("15", "5"), reading("15T01", "6"), false),
        (reading("15", "5"), level("15", "16", "6"), true),
        (integral("15", "25", "5"), integral("18", "19", "5"), true),
        (cost("15", "16", "5", Some("USD")), cost("15", "16", "5", Some("USD")), true),
        (record(), record(), true),
        (record(), of_resource("8", record()), false),
    ] {
        assert_eq!(is_reported_twice(&[a.clone(), b.clone()], "{}"), due, "{a:?} {b:?}");
        assert_eq!(is_reported_twice(&[b, a], r#"{"window":"day"}"#), due);
    }
}

#[test]
fn the_rule_applies_within_a_group() {
    // Two units, two currencies and two values of a key are never added.
    let day = calls("15", "16", "5");
    let typed = |name: &str| UsageRecord { resource_type: Some(name.into()), ..day.clone() };
    for (a, b, json) in [
        (level("15", "16", "5"), UsageRecord { unit: Some("GiBy".into()), ..level("15", "16", "5") }, "{}"),
        (cost("15", "16", "5", Some("USD")), cost("15", "16", "5", None), "{}"),
        (typed("bucket"), typed("account"), r#"{"by":["resourceType"]}"#),
    ] {
        assert!(!is_reported_twice(&[a, b], json));
    }
    assert!(is_reported_twice(&[typed("bucket"), typed("account")], "{}"));
}

#[test]
fn a_small_overlap_between_long_records_hides_none_between_others() {
    // The last one meets neither of its neighbours but the long one before them.
    let records =
        [calls("15", "20", "1"), calls("19T20", "22", "1"), calls("16", "16", "1"), calls("21", "21T12", "1")];
    assert!(is_reported_twice(&records, "{}"));
    assert!(!is_reported_twice(&records[..3], "{}"));
}

#[test]
fn only_usage_that_counts_is_reported_twice() {
    let records = [calls("15", "16", "5"), calls("15", "16", "5"), calls("17", "18", "5")];
    let from = |day: u32| format!(r#"{{"where":{{"start":"2024-01-{day}T00:00:00Z"}}}}"#);
    assert!(is_reported_twice(&records, &from(15)));
    assert!(!is_reported_twice(&records, &from(16)));
    // A level is cut at the edge of the period that is asked for.
    let levels = [level("15", "18", "5"), level("15", "18", "5")];
    assert!(is_reported_twice(&levels, &from(17)));
    assert!(!is_reported_twice(&levels, &from(18)));
    assert!(!is_reported_twice(&records, r#"{"where":{"resource":["8"]}}"#));
    assert!(!is_reported_twice(&records, r#"{"where":{"metric":["storage.stored"]}}"#));
}

#[test]
fn a_total_and_its_breakdown_are_not_usage_reported_twice_but_two_breakdowns_are() {
    let total = || UsageRecord { region: None, resource_id: None, ..calls("15", "16", "9") };
    let part = || UsageRecord { region: Some("eu".into()), part_of: Some("api.calls".into()), ..total() };
    for json in ["{}", r#"{"by":["region"]}"#] {
        assert!(!is_reported_twice(&[total(), part()], json));
        assert!(is_reported_twice(&[total(), part(), total(), part()], json));
    }
    assert!(!is_reported_twice(&[total(), part(), part()], "{}"), "the total counts, its breakdowns do not");
    assert!(is_reported_twice(&[total(), part(), part()], r#"{"by":["region"]}"#));
    assert!(is_reported_twice(&[part(), part()], "{}"));
}

#[test]
fn formats_of_one_provider_that_report_one_account_over_one_time_are_not_added() {
    let bucket = calls("15", "16", "5");
    let of_account = |record: UsageRecord| UsageRecord {
        resource_id: None,
        region: None,
        ..of_format(Format::WasabiAccountDaily, record)
    };
    let account = of_account(bucket.clone());
    let by_format = r#"{"by":["format"]}"#;
    for (other, due) in [
        (account.clone(), true),
        (of_account(calls("15T23", "17", "5")), true),
        (of_account(calls("16", "17", "5")), false),
        (of_format(Format::WasabiBucketInvoice, calls("1", "31", "5")), true),
        (UsageRecord { account: Some("2".into()), ..account.clone() }, false),
        (of_account(level("15", "16", "5")), false),
        (of_format(Format::OnappUserStatistics, bucket.clone()), false),
        (of_account(record()), false),
    ] {
        for records in [[bucket.clone(), other.clone()], [other.clone(), bucket.clone()]] {
            // Whatever windows they are in: the times of the records count.
            for json in ["{}", r#"{"window":"hour"}"#, r#"{"by":["account","provider"]}"#] {
                assert_eq!(is_reported_twice(&records, json), due, "{other:?} {json}");
            }
            assert!(!is_reported_twice(&records, by_format));
            assert!(!is_reported_twice(&records, r#"{"overlap":"keep"}"#));
            assert!(!is_reported_twice(&records, r#"{"where":{"format":["wasabi.bucket-daily"]}}"#));
        }
    }
    // A key that sets them apart is as good.
    assert!(!is_reported_twice(&[bucket.clone(), account.clone()], r#"{"by":["resource"]}"#));
    let (code, message) = refusal(&[bucket, account], "{}");
    assert_eq!(code, ErrorCode::IncompatibleAggregation);
    for word in ["wasabi.bucket-daily", "wasabi.account-daily", "api.calls", "where.format", "`by`", "overlap"] {
        assert!(message.contains(word), "{word}: {message}");
    }
}

#[test]
fn where_keeps_formats_and_providers() {
    let records = [
        calls("15", "16", "1"),
        of_format(Format::WasabiBucketInvoice, calls("15", "16", "2")),
        of_format(Format::DevicewiseApiHistory, calls("15", "16", "4")),
    ];
    for (filter, due) in [
        (r#"{"format":["wasabi.bucket-daily"]}"#, vec!["1"]),
        (r#"{"format":["wasabi.bucket-invoice","devicewise.api-history"]}"#, vec!["6"]),
        (r#"{"format":[]}"#, vec![]),
        (r#"{"provider":["devicewise"]}"#, vec!["4"]),
        (r#"{"provider":["onapp"]}"#, vec![]),
    ] {
        let json = format!(r#"{{"where":{filter}}}"#);
        assert_eq!(quantities(&records, &json), due, "{filter}");
        let mut merged = Aggregator::new(spec(&json));
        merged.merge(&fed(&records, &spec(&json)).state()).unwrap();
        assert_eq!(merged.finish(&IanaZones).unwrap(), fed(&records, &spec(&json)).finish(&IanaZones).unwrap());
    }
}

#[test]
fn the_message_names_both_records_and_the_solution() {
    let records = [calls("15", "16", "5"), calls("15T06", "15T07", "1")];
    let (code, message) = refusal(&records, "{}");
    assert_eq!(code, ErrorCode::IncompatibleAggregation);
    for word in [
        "api.calls",
        "wasabi.bucket-daily",
        "resource 7",
        "account 1",
        "2024-01-15T00:00:00Z to 2024-01-16T00:00:00Z",
        "2024-01-15T06:00:00Z to 2024-01-15T07:00:00Z",
        "id ",
        "overlap",
    ] {
        assert!(message.contains(word), "{word}: {message}");
    }
    let long = of_resource(&"é".repeat(100_000), calls("15", "16", "5"));
    assert!(refusal(&[long.clone(), long], "{}").1.len() < 600);
}

#[test]
fn a_table_pushed_twice_is_reported_twice_in_the_wide_and_the_narrow_form() {
    for body in [
        &include_bytes!("../fixtures/provider-docs/wasabi-bucket-daily.json")[..],
        include_bytes!("../fixtures/provider-docs/barracuda-usage-history.json"),
        include_bytes!("../fixtures/provider-docs/cloudsigma-daily-burst-usage.json"),
        include_bytes!("../fixtures/made/onapp-duplicate-elements.xml"),
        include_bytes!("../fixtures/made/devicewise-hourly.json"),
    ] {
        let table = std::sync::Arc::new(meterglot::normalize(&[body], &meterglot::ReadOptions::default()).unwrap());
        let mut once = Aggregator::new(spec("{}"));
        once.push(table.clone());
        once.finish(&IanaZones).unwrap();
        let mut merged = once.clone();
        merged.merge(&once.state()).unwrap();
        once.push(table);
        let error = once.finish(&IanaZones).unwrap_err();
        assert_eq!(error.code(), ErrorCode::IncompatibleAggregation);
        assert_eq!(merged.finish(&IanaZones).unwrap_err(), error);
    }
}

/// Periods of one series, by hours.
fn periods() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((0u32..60, 0u32..12), 1..12)
        .prop_map(|list| list.into_iter().map(|(start, length)| (start, start + length)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_is_what_comparing_all_pairs_finds(list in periods(), cut in 0..12usize) {
        let hour = |h: u32| format!("{:02}T{:02}", 15 + h / 24, h % 24);
        let records: Vec<_> = list.iter().map(|(a, b)| calls(&hour(*a), &hour(*b), "1")).collect();
        let due = list.iter().enumerate().any(|(i, a)| list[..i].iter().any(|b| {
            let overlap = a.1.min(b.1) as i64 - a.0.max(b.0) as i64;
            a.0 == b.0 || 2 * overlap.max(0) > i64::from((a.1 - a.0).min(b.1 - b.0))
        }));
        let whole = try_aggregate(&records, "{}");
        prop_assert_eq!(whole.is_err(), due);
        let (left, right) = records.split_at(cut.min(records.len()));
        let mut merged = fed(right, &spec("{}"));
        merged.merge(&fed(left, &spec("{}")).state()).unwrap();
        let merged = merged.finish(&IanaZones);
        prop_assert_eq!(merged.as_ref().err(), whole.as_ref().err());
        // Beside another metric the rows are no longer alike, and each series is looked at by itself.
        let mut beside = records.clone();
        beside.push(level("15", "16", "1"));
        prop_assert_eq!(try_aggregate(&beside, "{}").err(), whole.err());
    }

    #[test]
    fn two_formats_are_found_where_any_two_of_their_records_overlap(a in periods(), b in periods()) {
        let hour = |h: u32| format!("{:02}T{:02}", 15 + h / 24, h % 24);
        let record = |format, (i, (from, to)): (usize, &(u32, u32))| {
            of_resource(&i.to_string(), of_format(format, calls(&hour(*from), &hour(*to), "1")))
        };
        let mut records: Vec<_> = a.iter().enumerate().map(|it| record(Format::WasabiBucketDaily, it)).collect();
        records.extend(b.iter().enumerate().map(|it| record(Format::WasabiBucketInvoice, it)));
        let due = a.iter().any(|a| b.iter().any(|b| a.0 == b.0 || a.0.max(b.0) < a.1.min(b.1)
            || (a.0 == a.1 && b.0 < a.0 && a.0 < b.1) || (b.0 == b.1 && a.0 < b.0 && b.0 < a.1)));
        prop_assert_eq!(try_aggregate(&records, "{}").is_err(), due);
        records.reverse();
        prop_assert_eq!(try_aggregate(&records, "{}").is_err(), due);
        prop_assert_eq!(records[0].provider, Provider::Wasabi);
    }
}
