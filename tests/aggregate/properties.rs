//! What holds for any records, in any order, in any pieces.

use meterglot::{
    AggregateSpec, Aggregator, Decimal, Error, Format, IanaZones, Instant, Kind, Overlap, Provider, UsageRecord,
};
use num_bigint::BigInt;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::*;

const WINDOWS: [&str; 7] = ["hour", "day", "week", "month", "quarter", "year", "all"];
const ZONES: [&str; 6] = ["UTC", "source", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"];
const OFFSETS: [&str; 6] = ["Z", "-05:00", "-04:00", "+09:30", "-12:00", "+14:00"];
/// Units of which some do not divide evenly.
const UNITS: [&str; 6] = ["", "MiBy.h", "By.d", "kBy.5.min", "GiBy", "KiBy.s"];

/// Records of few series that meet often, over some days around the change of the clock in New York.
fn any_record() -> impl Strategy<Value = UsageRecord> {
    let time = (0i64..600, prop_oneof![Just(0i64), Just(1800), Just(1)])
        .prop_map(|(hours, beyond)| 1_710_000_000 / 3600 * 3600 + hours * 3600 + beyond);
    let period = prop_oneof![
        8 => (time.clone(), prop_oneof![Just(1i64), Just(3600), Just(86_400), Just(700_000)]).prop_map(|(start, length)| (Some(start), Some(start + length))),
        3 => time.clone().prop_map(|start| (Some(start), None)),
        1 => time.prop_map(|start| (Some(start), Some(start))),
        1 => Just((None, None)),
    ];
    let number =
        (any::<i32>(), 0u32..6).prop_map(|(mantissa, scale)| Decimal::from_parts(mantissa.into(), scale).to_string());
    let kind = prop_oneof![
        Just((Kind::Delta, "{call}")),
        Just((Kind::Gauge, "By")),
        Just((Kind::Gauge, "KiBy")),
        Just((Kind::Integral, "By.s"))
    ];
    (
        (period, 0..OFFSETS.len(), kind),
        (
            prop::option::weighted(0.9, number.clone()),
            prop::option::weighted(0.3, number),
            prop::option::of(Just("USD")),
        ),
        (0u8..3, prop::option::of(0u8..2), 0..4usize, prop::option::of(0u8..2), 0u8..8),
    )
        .prop_map(
            |(
                ((start, end), offset, (kind, unit)),
                (quantity, cost, currency),
                (resource, region, provider, service, part),
            )| {
                let text = |t: i64| Instant::from_seconds(t).unwrap().to_string();
                let format = [
                    Format::WasabiBucketDaily,
                    Format::WasabiBucketDaily,
                    Format::OnappUserStatistics,
                    Format::WasabiBucketInvoice,
                ][provider];
                let provider = format.provider();
                UsageRecord {
                    provider,
                    format,
                    resource_id: Some(resource.to_string()),
                    resource_type: (part == 1).then(|| "user".to_owned()),
                    region: region.map(|region| region.to_string()),
                    dimensions: service
                        .into_iter()
                        .map(|service| ("service".to_owned(), service.to_string()))
                        .collect(),
                    part_of: (part == 0 && region.is_some()).then(|| "m".to_owned()),
                    metric: "m".into(),
                    kind,
                    unit: Some(unit.into()),
                    quantity,
                    cost,
                    currency: currency.map(str::to_owned),
                    start: start.map(text),
                    end: end.map(text),
                    utc_offset: Some(OFFSETS[offset].into()),
                    ..record()
                }
            },
        )
}

fn any_spec() -> impl Strategy<Value = AggregateSpec> {
    let by =
        prop::sample::subsequence(vec!["resource", "region", "resourceType", "provider", "dimensions.service"], 0..3);
    let reducers = (
        prop::sample::select(vec!["sum", "mean", "max", "min", "first", "last", "count"]),
        prop::sample::select(vec!["mean", "max", "min", "first", "last", "count", "integral"]),
        prop::sample::select(vec!["sum", "mean", "count"]),
    );
    let range = prop::option::weighted(0.3, 0i64..500);
    let overlap = prop::sample::select(vec!["error", "keep"]);
    let precision = (0..UNITS.len(), prop::sample::select(vec![0u32, 1, 3, 20]));
    (by, 0..WINDOWS.len(), 0..ZONES.len(), reducers, (any::<bool>(), overlap), range, precision).prop_map(|(by, window, zone, (delta, gauge, integral), (proportional, overlap), range, (unit, digits))| {
        let mut spec = spec(
            &serde_json::json!({
                "by": by, "window": WINDOWS[window], "timeZone": ZONES[zone], "split": if proportional { "proportional" } else { "start" },
                "reduce": {"delta": delta, "gauge": gauge, "integral": integral}, "overlap": overlap, "units": units(unit), "fractionDigits": digits,
            })
            .to_string(),
        );
        spec.filter.start = range.and_then(|hours| Instant::from_seconds(1_710_000_000 + hours * 3600 + 7));
        spec.filter.end = spec.filter.start.and_then(|start| start.plus_seconds(400_000));
        spec
    })
}

fn try_rows(records: &[UsageRecord], spec: &AggregateSpec) -> Result<Vec<meterglot::AggregateRow>, Error> {
    fed(records, spec).finish(&IanaZones)
}

/// The option that asks for a unit of the only metric.
fn units(unit: usize) -> Value {
    if unit == 0 { serde_json::json!({}) } else { serde_json::json!({"m": UNITS[unit]}) }
}

fn rows(records: &[UsageRecord], spec: &AggregateSpec) -> Vec<meterglot::AggregateRow> {
    try_rows(records, spec).unwrap()
}

/// More fraction digits than any decimal here has.
const PLACES: usize = 60;

/// A decimal times 10^`PLACES`.
fn raised(text: &str) -> BigInt {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<PLACES$}").parse().unwrap()
}

/// The exact sum of some decimals.
fn sum<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let total: BigInt = texts.map(raised).sum();
    Decimal::parse(&format!("{total}e-{PLACES}"), 10_000).unwrap().to_string()
}

/// By group: the sum of a field over all its rows.
fn totals(rows: &[Value], field: &str) -> std::collections::BTreeMap<String, String> {
    let mut groups: std::collections::BTreeMap<String, Vec<&str>> = Default::default();
    for row in rows {
        if let Some(value) = row[field].as_str() {
            let group = format!("{} {} {} {}", row["key"], row["kind"], row["unit"], row["currency"]);
            groups.entry(group).or_default().push(value);
        }
    }
    groups.into_iter().map(|(group, values)| (group, sum(values.into_iter()))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn sums_and_costs_over_windows_of_any_size_add_up_to_all(
        records in prop::collection::vec(any_record(), 0..14), split in 0..2usize, zone in 0..ZONES.len(), digits in 0u32..4,
        range in prop::option::weighted(0.3, 0i64..500), unit in 0..UNITS.len(),
    ) {
        // Integrals of levels add up as well: a level is cut exactly.
        let range = range.map_or(String::new(), |hours| {
            let at = |t: i64| Instant::from_seconds(1_710_000_000 + t).unwrap();
            format!(r#","where":{{"start":"{}","end":"{}"}}"#, at(hours * 3600 + 7), at(hours * 3600 + 900_000))
        });
        let json = |window: &str| format!(
            r#"{{"window":"{window}","by":["resource"],"timeZone":"{}","split":"{}","overlap":"keep","fractionDigits":{digits},"units":{},"reduce":{{"gauge":"integral"}}{range}}}"#,
            ZONES[zone], ["start", "proportional"][split], units(unit),
        );
        // Refused only where no record is of the unit's dimension.
        let Ok(all) = try_aggregate(&records, &json("all")) else { return Ok(()) };
        for window in &WINDOWS[..6] {
            let windows = aggregate(&records, &json(window));
            for field in ["quantity", "cost"] {
                prop_assert_eq!(totals(&windows, field), totals(&all, field), "{} {}", window, field);
            }
        }
    }

    #[test]
    fn order_pieces_and_machines_change_nothing(records in prop::collection::vec(any_record(), 0..14), spec in any_spec(), seed: u64, cut in 0..14usize) {
        // What is refused is refused in the same words.
        let due = try_rows(&records, &spec);
        for row in due.iter().flatten() {
            prop_assert!(row.start <= row.end && (spec.window == meterglot::Window::All || row.start.is_none() || row.start < row.end), "{row:?}");
        }
        let mut shuffled = records.clone();
        let mut random = seed;
        for i in (1..shuffled.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, (random >> 33) as usize % (i + 1));
        }
        prop_assert_eq!(&try_rows(&shuffled, &spec), &due, "order");
        let (left, right) = shuffled.split_at(cut.min(shuffled.len()));
        let mut pieces = fed(left, &spec);
        pieces.push_records(right).unwrap();
        prop_assert_eq!(&pieces.finish(&IanaZones), &due, "pieces");
        let mut merged = Aggregator::new(spec.clone());
        merged.merge(&fed(right, &spec).state()).unwrap();
        merged.merge(&fed(left, &spec).state()).unwrap();
        prop_assert_eq!(&merged.finish(&IanaZones), &due, "machines");
        prop_assert_eq!(merged.state(), fed(&records, &spec).state());
    }

    #[test]
    fn the_mean_of_a_level_lies_between_its_least_and_its_greatest(records in prop::collection::vec(any_record(), 1..10), spec in any_spec()) {
        let one: Vec<_> = records.into_iter().map(|record| UsageRecord {
            kind: Kind::Gauge, unit: Some("By".into()), region: None, part_of: None, resource_id: None, dimensions: Default::default(),
            provider: Provider::Wasabi, format: Format::WasabiBucketDaily, ..record
        }).collect();
        let of = |reducer: &str| {
            let mut spec = AggregateSpec { by: Vec::new(), units: Vec::new(), fraction_digits: 40, overlap: Overlap::Keep, ..spec.clone() };
            spec.reduce = vec![("gauge".to_owned(), meterglot::Reducer::from_name(reducer).unwrap())];
            rows(&one, &spec)
        };
        let (least, mean, greatest) = (of("min"), of("mean"), of("max"));
        prop_assert_eq!(least.len(), mean.len());
        for ((least, mean), greatest) in least.iter().zip(&mean).zip(&greatest) {
            let value = |row: &meterglot::AggregateRow| row.quantity.as_ref().map(|quantity| raised(&quantity.to_string()));
            prop_assert_eq!(least.quantity.is_some(), mean.quantity.is_some());
            if mean.quantity.is_some() {
                prop_assert!(value(least) <= value(mean) && value(mean) <= value(greatest), "{:?} {:?} {:?}", least, mean, greatest);
            }
        }
    }

    #[test]
    fn what_is_covered_and_what_is_not_make_up_the_window(records in prop::collection::vec(any_record(), 0..10), window in 0..6usize, zone in 0..ZONES.len()) {
        let one: Vec<_> = records.into_iter().map(|record| UsageRecord {
            kind: Kind::Gauge, unit: Some("By".into()), cost: None, currency: None, region: None, resource_id: None, part_of: None, resource_type: None, ..record
        }).collect();
        let spec = spec(&format!(r#"{{"by":["provider","dimensions.service"],"window":"{}","timeZone":"{}","overlap":"keep"}}"#, WINDOWS[window], ZONES[zone]));
        for row in rows(&one, &spec) {
            let (Some(start), Some(end)) = (row.start, row.end) else { continue };
            let length = Decimal::from(end.seconds - start.seconds).to_string();
            let made_up = sum([row.covered_seconds.to_string(), row.gap_seconds.to_string()].iter().map(String::as_str));
            prop_assert_eq!(length, made_up, "{:?}", row);
        }
    }
}
