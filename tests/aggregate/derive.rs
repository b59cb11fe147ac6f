//! Metrics that are sums of others (docs/design.md#derived-metrics).

use meterglot::{Aggregator, ErrorCode, Format, IanaZones, Provider, UsageRecord};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::*;

const BILLED: &str = r#""derive":{"storage.billed":["storage.padded","storage.metadata","storage.deleted"]}"#;
const PARTS: [&str; 3] = ["storage.padded", "storage.metadata", "storage.deleted"];

fn part(metric: &str, from: &str, to: &str, quantity: &str) -> UsageRecord {
    UsageRecord { metric: metric.into(), ..level(from, to, quantity) }
}

/// The rows of the derived metric.
fn billed(records: &[UsageRecord], more: &str, names: &[&str]) -> Vec<Value> {
    let rows = aggregate(records, &format!("{{{BILLED}{more}}}"));
    fields(&rows.into_iter().filter(|row| row["metric"] == "storage.billed").collect::<Vec<_>>(), names)
}

#[test]
fn a_derived_metric_is_the_exact_sum_of_its_parts_beside_them() {
    let day = |from: &str, to: &str, [a, b, c]: [&str; 3]| {
        [part(PARTS[0], from, to, a), part(PARTS[1], from, to, b), part(PARTS[2], from, to, c)]
    };
    let records =
        [day("15", "16", ["1", "0.25", "99999999999999999999"]), day("16", "17", ["10", "20", "30"])].concat();
    let rows = aggregate(&records, &format!("{{{BILLED}}}"));
    let metrics: Vec<_> = rows.iter().map(|row| row["metric"].clone()).collect();
    assert_eq!(metrics, ["storage.billed", "storage.deleted", "storage.metadata", "storage.padded"]);
    assert_eq!(
        json!(fields(&rows[..1], &["kind", "reducer", "unit", "quantity", "records", "resources", "coveredSeconds"])),
        json!([["gauge", "mean", "By", "50000000000000000030.125", 2, 1, 172_800]])
    );
    // It is reduced like any other: the greatest sum, and not the sum of the greatest.
    let records = [day("15", "16", ["1", "20", "3"]), day("16", "17", ["10", "2", "3"])].concat();
    assert_eq!(billed(&records, r#","reduce":{"gauge":"max"}"#, &["quantity"]), [json!(["24"])]);
    assert_eq!(
        billed(
            &records,
            r#","reduce":{"storage.billed":"last"},"units":{"storage.billed":"kBy"}"#,
            &["quantity", "unit"]
        ),
        [json!(["0.015", "kBy"])]
    );
    assert_eq!(billed(&records, r#","window":"day""#, &["quantity"]), [json!(["24"]), json!(["15"])]);
}

#[test]
fn where_may_name_the_derived_metric_alone_or_leave_it_out() {
    let records = PARTS.map(|metric| part(metric, "15", "16", "5"));
    let rows = aggregate(&records, &format!(r#"{{{BILLED},"where":{{"metric":["storage.billed"]}}}}"#));
    assert_eq!(json!(fields(&rows, &["metric", "quantity"])), json!([["storage.billed", "15"]]));
    let rows = aggregate(&records, &format!(r#"{{{BILLED},"where":{{"metric":["storage.padded"]}}}}"#));
    assert_eq!(json!(fields(&rows, &["metric"])), json!([["storage.padded"]]));
}

#[test]
fn a_part_that_is_absent_or_unknown_makes_the_sum_unknown_and_never_zero() {
    let unknown = UsageRecord { quantity: None, ..part(PARTS[2], "15", "16", "") };
    let two = || vec![part(PARTS[0], "15", "16", "5"), part(PARTS[1], "15", "16", "5")];
    assert_eq!(billed(&two(), "", &["quantity", "records", "coveredSeconds"]), [json!([null, 1, 86400])]);
    assert_eq!(billed(&[two(), vec![unknown]].concat(), "", &["quantity"]), [json!([null])]);
    // Of another time, another resource or another region it is absent.
    for other in [part(PARTS[2], "15", "15T12", "5"), of_resource("8", part(PARTS[2], "15", "16", "5"))] {
        assert!(billed(&[two(), vec![other]].concat(), "", &["quantity"]).iter().all(|row| row[0].is_null()));
    }
    assert!(billed(&[level("15", "16", "5")], "", &["quantity"]).is_empty());
}

#[test]
fn parts_come_together_whatever_rows_they_were_in() {
    let json = format!("{{{BILLED}}}");
    let due = billed(&PARTS.map(|metric| part(metric, "15", "16", "5")), "", &["quantity"]);
    let mut merged = Aggregator::new(spec(&json));
    for metric in PARTS {
        merged.merge(&fed(&[part(metric, "15", "16", "5")], &spec(&json)).state()).unwrap();
    }
    let rows = merged.finish(&IanaZones).unwrap();
    assert_eq!(json!([[rows[0].quantity.as_ref().unwrap().to_string()]]), json!(due));
}

#[test]
fn units_of_one_dimension_are_brought_together() {
    let kib = UsageRecord { unit: Some("KiBy".into()), ..part(PARTS[1], "15", "16", "2") };
    let records = [part(PARTS[0], "15", "16", "1"), kib, part(PARTS[2], "15", "16", "3")];
    assert_eq!(billed(&records, "", &["quantity", "unit"]), [json!(["2052", "By"])]);
}

#[test]
fn costs_are_added_as_well() {
    let of =
        |metric: &str, amount: &str| UsageRecord { metric: metric.into(), ..cost("15", "16", amount, Some("USD")) };
    let json = r#"{"derive":{"cost.ours":["cost.vm","cost.user_resources"]},"where":{"metric":["cost.ours"]}}"#;
    let rows = aggregate(&[of("cost.vm", "1.5"), of("cost.user_resources", "2")], json);
    assert_eq!(
        json!(fields(&rows, &["metric", "quantity", "cost", "currency"])),
        json!([["cost.ours", null, "3.5", "USD"]])
    );
    let rows = aggregate(&[of("cost.vm", "1.5")], json);
    assert_eq!(json!(fields(&rows, &["cost"])), json!([[null]]));
}

#[test]
fn a_derived_breakdown_breaks_down_the_derived_total() {
    let of = |region: Option<&str>, metric: &str, quantity: &str| UsageRecord {
        region: region.map(str::to_owned),
        part_of: region.map(|_| metric.to_owned()),
        resource_id: None,
        ..part(metric, "15", "16", quantity)
    };
    let records: Vec<_> = PARTS
        .iter()
        .flat_map(|metric| [of(None, metric, "9"), of(Some("eu"), metric, "4"), of(Some("us"), metric, "5")])
        .collect();
    assert_eq!(billed(&records, "", &["quantity"]), [json!(["27"])]);
    assert_eq!(billed(&records, r#","by":["region"]"#, &["quantity"]), [json!(["12"]), json!(["15"])]);
}

#[test]
fn usage_of_parts_that_is_reported_twice_is_reported_twice_by_the_sum() {
    let mut records = PARTS.map(|metric| part(metric, "15", "16", "5")).to_vec();
    records.extend(records.clone());
    let alone = |overlap: &str| {
        format!(
            r#"{{{BILLED},"where":{{"metric":["storage.billed"]}},"overlap":"{overlap}","reduce":{{"gauge":"count"}}}}"#
        )
    };
    assert_eq!(refusal(&records, &alone("error")).0, ErrorCode::IncompatibleAggregation);
    assert_eq!(quantities(&records, &alone("keep")), ["2"]);
    let deltas: Vec<_> =
        records.iter().map(|record| UsageRecord { kind: meterglot::Kind::Delta, ..record.clone() }).collect();
    assert_eq!(billed(&deltas, r#","overlap":"keep""#, &["quantity"]), [json!(["30"])]);
}

#[test]
fn what_cannot_be_derived_is_refused_by_name() {
    let records = [
        part("storage.padded", "15", "16", "5"),
        part("storage.metadata", "15", "16", "5"),
        calls("15", "16", "5"),
        UsageRecord { metric: "storage.objects".into(), unit: Some("{object}".into()), ..level("15", "16", "5") },
        UsageRecord { metric: "cost.quantum".into(), ..cost("15", "16", "5", None) },
    ];
    for (derive, code, words) in [
        (
            r#"{"x":["storage.padded","api.calls"]}"#,
            ErrorCode::IncompatibleAggregation,
            vec!["storage.padded", "gauge", "api.calls", "delta"],
        ),
        (r#"{"x":["storage.padded","storage.objects"]}"#, ErrorCode::IncompatibleAggregation, vec!["By", "{object}"]),
        (r#"{"storage.stored":["storage.padded"]}"#, ErrorCode::InvalidOption, vec![r#"derive["storage.stored"]"#]),
        (r#"{"cost.quantum":["cost.vm"]}"#, ErrorCode::InvalidOption, vec![r#"derive["cost.quantum"]"#]),
        (r#"{"x":["y"],"y":["x"]}"#, ErrorCode::InvalidOption, vec![r#"derive["x"]"#, "`y`"]),
        (r#"{"x":["x"]}"#, ErrorCode::InvalidOption, vec![r#"derive["x"]"#]),
        (r#"{"x":["storage.padded","storage.padded"]}"#, ErrorCode::InvalidOption, vec!["twice"]),
        (r#"{"x":[]}"#, ErrorCode::InvalidOption, vec![r#"derive["x"]"#]),
        (r#"{"":["storage.padded"]}"#, ErrorCode::InvalidOption, vec![r#"derive[""]"#]),
        (r#"{"gauge":["storage.padded"]}"#, ErrorCode::InvalidOption, vec![r#"derive["gauge"]"#]),
        (r#"{"x":["api.calls.get","api.calls"]}"#, ErrorCode::InvalidOption, vec!["api.calls", "api.calls.get"]),
        (r#"{"x":["cost.total","cost.backup"]}"#, ErrorCode::InvalidOption, vec!["cost.total", "cost.backup"]),
        (r#"{"x":["storage.paded"]}"#, ErrorCode::InvalidOption, vec!["derive", "storage.padded"]),
        (r#"{"x":"storage.padded"}"#, ErrorCode::InvalidOption, vec![r#"derive["x"]"#]),
        (r#"["storage.padded"]"#, ErrorCode::InvalidOption, vec!["derive"]),
    ] {
        let (found, message) = refusal(&records, &format!(r#"{{"derive":{derive}}}"#));
        assert_eq!(found, code, "{derive}: {message}");
        assert!(words.iter().all(|word| message.contains(word)), "{derive}: {message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn order_pieces_and_machines_change_no_derived_row(
        list in prop::collection::vec((0..3usize, 0u32..6, 0u32..3, -50i64..50, any::<bool>(), prop::sample::select(vec!["By", "KiBy"])), 0..24),
        cut in 0..24usize, seed: u64, keep: bool, how in 0..4usize,
    ) {
        let records: Vec<_> = list.into_iter().map(|(metric, day, resource, quantity, invoice, unit)| {
            let format = if invoice { Format::WasabiBucketInvoice } else { Format::WasabiBucketDaily };
            let base = part(PARTS[metric], &format!("{}", 15 + day), &format!("{}", 16 + day), &quantity.to_string());
            of_resource(&resource.to_string(), UsageRecord {
                provider: Provider::Wasabi, format, unit: Some(unit.into()), quantity: (quantity != 7).then(|| quantity.to_string()), ..base
            })
        }).collect();
        let more = [r#","where":{"metric":["storage.billed"]}"#, r#","window":"day","by":["resource","format"]"#, r#","reduce":{"gauge":"max"}"#, ""][how];
        let spec = spec(&format!(r#"{{{BILLED}{more},"overlap":"{}"}}"#, if keep { "keep" } else { "error" }));
        let due = fed(&records, &spec).finish(&IanaZones);
        let mut shuffled = records.clone();
        let mut random = seed;
        for i in (1..shuffled.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, (random >> 33) as usize % (i + 1));
        }
        prop_assert_eq!(&fed(&shuffled, &spec).finish(&IanaZones), &due, "order");
        let (left, right) = shuffled.split_at(cut.min(shuffled.len()));
        let mut merged = Aggregator::new(spec.clone());
        merged.merge(&fed(right, &spec).state()).unwrap();
        merged.merge(&fed(left, &spec).state()).unwrap();
        prop_assert_eq!(&merged.finish(&IanaZones), &due, "machines");
        prop_assert_eq!(merged.state(), fed(&records, &spec).state());
    }
}
