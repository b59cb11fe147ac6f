//! The state of an aggregator: the same readings give the same bytes, and no other bytes are believed.

use meterglot::{AggregateSpec, Aggregator, ErrorCode, IanaZones, UsageRecord};

use crate::support::*;

fn some() -> Vec<UsageRecord> {
    let mut records = vec![
        calls("15", "16", "5"),
        calls("15", "16", "5"),
        calls("15", "16", "7"),
        level("15", "16", "0.125"),
        reading("16", "-7"),
        integral("15", "20", &"9".repeat(70)),
        cost("15", "16", "-0.25", Some("USD")),
        cost("15", "16", "3", None),
        record(),
        UsageRecord { quantity: None, ..calls("17", "18", "") },
        UsageRecord { cost: Some("1".into()), currency: Some("CHF".into()), ..level("18", "19", "3") },
        UsageRecord { dimensions: [("service".to_owned(), "a".to_owned())].into(), ..calls("15", "16", "6") },
        written("2024-01-15T00:00:00.5-05:00", reading("15", "8")),
    ];
    records.push(UsageRecord {
        region: Some("us".into()),
        part_of: Some("api.calls".into()),
        ..calls("15", "16", "2")
    });
    records
}

#[test]
fn the_same_readings_in_any_order_and_any_pieces_give_the_same_bytes() {
    let spec = AggregateSpec::default();
    let mut records = some();
    let due = fed(&records, &spec).state();
    for cut in 0..records.len() {
        records.rotate_left(1);
        let mut pieces = fed(&records[..cut], &spec);
        pieces.push_records(&records[cut..]).unwrap();
        assert_eq!(pieces.state(), due);
        let mut merged = fed(&records[cut..], &spec);
        merged.merge(&fed(&records[..cut], &spec).state()).unwrap();
        assert_eq!(merged.state(), due);
    }
}

#[test]
fn a_state_has_everything_that_was_pushed() {
    for json in [
        r#"{"overlap":"keep"}"#,
        r#"{"overlap":"keep","window":"day","timeZone":"source","by":["region","dimensions.service"]}"#,
        r#"{"overlap":"keep","window":"hour","split":"proportional"}"#,
    ] {
        let spec = spec(json);
        let whole = fed(&some(), &spec);
        let mut other = Aggregator::new(spec);
        other.merge(&whole.state()).unwrap();
        assert_eq!(other.finish(&IanaZones).unwrap(), whole.finish(&IanaZones).unwrap());
    }
}

#[test]
fn a_state_holds_only_what_passes_the_filter() {
    let spec = spec(r#"{"where":{"metric":["cost.vm"],"account":["1"]}}"#);
    assert_eq!(fed(&some(), &spec).state(), fed(&some()[6..8], &spec).state());
}

#[test]
fn a_state_of_another_spec_or_version_is_refused_and_changes_nothing() {
    let mut aggregator = fed(&some(), &AggregateSpec::default());
    let due = aggregator.state();
    let other = fed(&some(), &spec(r#"{"window":"day"}"#)).state();
    let mut newer = due.clone();
    newer[4] += 1;
    for state in [other, newer] {
        let error = aggregator.merge(&state).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidOption);
        assert!(error.to_string().contains("state"));
    }
    assert_eq!(aggregator.state(), due);
}

#[test]
fn bytes_that_are_no_state_are_refused() {
    let spec = AggregateSpec::default();
    let state = fed(&some(), &spec).state();
    let refused =
        |bytes: &[u8]| Aggregator::new(spec.clone()).merge(bytes).unwrap_err().code() == ErrorCode::InvalidOption;
    for length in 0..state.len() {
        assert!(refused(&state[..length]), "cut at {length}");
        let mut spoilt = state.clone();
        spoilt[length] ^= 0x41;
        assert!(refused(&spoilt), "spoilt at {length}");
    }
    assert!(refused(&[state.clone(), vec![0]].concat()));
    assert!(refused(&[0xff; 1000]));
}
