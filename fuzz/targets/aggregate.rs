//! The records of any body: windows add up to the whole, and the order of the records changes nothing.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use meterglot::{AggregateRow, Aggregator, IanaZones, UsageRecord, normalize};
use meterglot_fuzz::{Choices, OPTION_BYTES, SPEC_BYTES, options, parsed, spec};

fuzz_target!(|input: &[u8]| {
    let (body, mut choices) = Choices::split(input, OPTION_BYTES + SPEC_BYTES);
    let options = options(&mut choices);
    let mut spec = spec(&mut choices);
    let Ok(table) = normalize(&[body], &options) else {
        return;
    };
    let records = table.records(0, table.len().min(400));
    let rows = aggregated(&[&records], &spec);
    let reversed: Vec<_> = records.iter().rev().cloned().collect();
    let (left, right) = reversed.split_at(reversed.len() / 3);
    assert_eq!(rows, aggregated(&[left, right], &spec), "order and pieces change nothing");

    // Numbers that are added: each window's share, and the whole.
    for kind in ["delta", "integral"] {
        spec["reduce"][kind] = "sum".into();
    }
    spec["reduce"]["gauge"] = "integral".into();
    let parts = aggregated(&[&records], &spec);
    spec["window"] = "all".into();
    let whole = aggregated(&[&records], &spec);
    if let (Some(parts), Some(whole)) = (parts, whole) {
        assert_eq!(totals(&parts), totals(&whole), "windows add up to the whole");
    }
});

/// The rows of some records in pieces; `None` where the aggregation is refused.
fn aggregated(pieces: &[&[UsageRecord]], spec: &serde_json::Value) -> Option<Vec<AggregateRow>> {
    let mut aggregator = Aggregator::new(parsed(spec));
    for piece in pieces {
        aggregator.push_records(piece).expect("records of a table are records");
    }
    aggregator.finish(&IanaZones).ok()
}

/// By group: the sums of quantities and of costs, as integers of the smallest fraction.
fn totals(rows: &[AggregateRow]) -> BTreeMap<String, [String; 2]> {
    let mut sums: BTreeMap<String, [Vec<String>; 2]> = BTreeMap::new();
    for row in rows {
        let row = serde_json::to_value(row).expect("a row is JSON");
        let group = sums
            .entry(format!("{} {} {} {} {}", row["key"], row["metric"], row["kind"], row["unit"], row["currency"]))
            .or_default();
        for (sums, name) in group.iter_mut().zip(["quantity", "cost"]) {
            sums.extend(row[name].as_str().map(str::to_owned));
        }
    }
    sums.into_iter().map(|(group, sums)| (group, sums.map(|numbers| added(&numbers)))).collect()
}

/// Decimals added digit by digit, from the last: slow, and independent of the engine's arithmetic.
fn added(numbers: &[String]) -> String {
    let places = numbers
        .iter()
        .filter_map(|number| number.split_once('.'))
        .map(|(_, fraction)| fraction.len())
        .max()
        .unwrap_or(0);
    let width = places
        + numbers
            .iter()
            .map(|number| number.trim_start_matches('-').split('.').next().map_or(0, str::len))
            .max()
            .unwrap_or(1);
    let mut digits = vec![0i64; width];
    for number in numbers {
        let (sign, number) = number.strip_prefix('-').map_or((1, number.as_str()), |number| (-1, number));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        for (at, digit) in format!("{whole}{fraction:0<places$}").bytes().rev().enumerate() {
            digits[at] += sign * i64::from(digit - b'0');
        }
    }
    // One form for one value: the digits of its absolute value, behind its sign.
    let negative = carried(&mut digits);
    if negative {
        digits.iter_mut().for_each(|digit| *digit = -*digit);
        carried(&mut digits);
    }
    let text: String = digits.iter().rev().map(i64::to_string).collect();
    let (whole, fraction) = text.split_at(text.len() - places);
    format!("{}{}.{}", if negative { "-" } else { "" }, whole.trim_start_matches('0'), fraction.trim_end_matches('0'))
}

/// Carries between digits until each is below ten. Whether the number is negative, and then its digits are not final.
fn carried(digits: &mut Vec<i64>) -> bool {
    let mut carry = 0;
    for digit in digits.iter_mut() {
        let sum = *digit + carry;
        *digit = sum.rem_euclid(10);
        carry = sum.div_euclid(10);
    }
    while carry > 0 {
        digits.push(carry % 10);
        carry /= 10;
    }
    if carry < 0 {
        // Ten's complement: what is missing to the next power of ten, below zero.
        digits.push(carry);
        return true;
    }
    false
}
