//! The steps of the data flow of one body, natively: `cargo bench`. `cargo xtask bench` measures the package.

#![allow(missing_docs, reason = "the macros of criterion have none")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use meterglot::{AggregateSpec, IanaZones, ReadOptions, UsageTable, aggregate, normalize};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::de::IgnoredAny;

const ROWS: usize = 5_000;
const BUCKETS: usize = 20;

/// Days of buckets, as Wasabi's page writes them.
fn wasabi_daily() -> Vec<u8> {
    let mut body = String::from("[\n");
    for row in 0..ROWS {
        let (bucket, day) = (row % BUCKETS, row / BUCKETS);
        let (month, date) = (1 + day / 28 % 12, 1 + day % 28);
        let comma = if row == 0 { "" } else { ",\n" };
        write!(
            body,
            "{comma}{{\n\"BucketUtilizationNum\": {},\n\"AcctNum\": 101430,\n\"AcctPlanNum\": 0,\n\"BucketNum\": {},\n\
             \"StartTime\": \"2023-{month:02}-{date:02}T00:00:00Z\",\n\"EndTime\": \"2023-{month:02}-{date:02}T23:59:59Z\",\n\
             \"CreateTime\": \"2024-01-27T08:11:14Z\",\n\"NumBillableObjects\": {row},\n\"NumBillableDeletedObjects\": 0,\n\
             \"RawStorageSizeBytes\": {},\n\"PaddedStorageSizeBytes\": {},\n\"MetadataStorageSizeBytes\": 48,\n\
             \"DeletedStorageSizeBytes\": 0,\n\"OrphanedStorageSizeBytes\": 0,\n\"NumAPICalls\": 88,\n\
             \"UploadBytes\": 716963101,\n\"DownloadBytes\": 76027,\n\"StorageWroteBytes\": 714354119,\n\
             \"StorageReadBytes\": 0,\n\"NumGETCalls\": 0,\n\"NumPUTCalls\": 0,\n\"NumDELETECalls\": 0,\n\
             \"NumLISTCalls\": 0,\n\"NumHEADCalls\": 0,\n\"DeleteBytes\": 0,\n\"Bucket\": \"media-{bucket}\",\n\
             \"Region\": \"us-west-1\"\n}}",
            6_947_981 + row,
            1_011_096 + bucket,
            1_073_741_824 + row * 7919,
            1_073_741_824 + row * 7927,
        )
        .expect("a String takes it");
    }
    body.push_str("\n]");
    body.into_bytes()
}

/// Hours of a user, as OnApp's page writes them.
fn onapp_hours() -> Vec<u8> {
    let mut body = String::from("<user_stats type=\"array\"> ");
    for hour in 0..ROWS {
        let (day, hour_of_day) = (hour / 24, hour % 24);
        let (year, month, date) = (2012 + day / 336, 1 + day / 28 % 12, 1 + day % 28);
        write!(
            body,
            "<user_stat> <backup_cost type=\"decimal\">{hour}.25</backup_cost> \
             <user_resources_cost type=\"decimal\">0.0</user_resources_cost> <currency_code>USD</currency_code> \
             <total_cost type=\"decimal\">{hour}.000419699</total_cost> <user_id type=\"integer\">4</user_id> \
             <stat_time type=\"datetime\">{year}-{month:02}-{date:02}T{hour_of_day:02}:43:36Z</stat_time> \
             <vm_cost type=\"integer\">0</vm_cost> <vm_stats type=\"array\"/> </user_stat> "
        )
        .expect("a String takes it");
    }
    body.push_str("</user_stats>");
    body.into_bytes()
}

fn table_of(body: &[u8]) -> UsageTable {
    normalize(&[body], &ReadOptions::default()).expect("a sound body")
}

fn spec_of(json: &str) -> AggregateSpec {
    AggregateSpec::from_json(json).expect("a sound spec")
}

fn parts(criterion: &mut Criterion) {
    let json = wasabi_daily();
    let xml = onapp_hours();

    let mut scan = criterion.benchmark_group("scan");
    scan.throughput(Throughput::Bytes(json.len() as u64));
    scan.bench_function("json", |bencher| {
        bencher.iter(|| serde_json::from_slice::<IgnoredAny>(black_box(&json)).expect("sound JSON"));
    });
    scan.throughput(Throughput::Bytes(xml.len() as u64));
    scan.bench_function("xml", |bencher| {
        bencher.iter(|| {
            let mut reader = Reader::from_str(str::from_utf8(black_box(&xml)).expect("UTF-8"));
            while !matches!(reader.read_event().expect("sound XML"), Event::Eof) {}
        });
    });
    scan.finish();

    let mut reading = criterion.benchmark_group("normalize");
    for (name, body) in [("wasabi", &json), ("onapp", &xml)] {
        reading.throughput(Throughput::Bytes(body.len() as u64));
        // Results are dropped outside the measured time.
        reading.bench_function(name, |bencher| {
            bencher.iter_batched(|| (), |()| table_of(black_box(body)), BatchSize::LargeInput);
        });
    }
    reading.finish();

    let mut aggregating = criterion.benchmark_group("aggregate");
    let questions =
        [("wasabi", &json, r#"{"by":["resource"],"window":"month"}"#), ("onapp", &xml, r#"{"window":"day"}"#)];
    for (name, body, spec) in questions {
        let table = table_of(body);
        let spec = spec_of(spec);
        aggregating.throughput(Throughput::Elements(table.len() as u64));
        aggregating.bench_function(name, |bencher| {
            bencher.iter(|| aggregate(&[black_box(&table)], &spec, &IanaZones).expect("it can be added"));
        });
    }
    aggregating.finish();

    let mut writing = criterion.benchmark_group("ndjson");
    let table = table_of(&json);
    writing.throughput(Throughput::Elements(table.len() as u64));
    writing.bench_function("wasabi", |bencher| bencher.iter(|| black_box(&table).to_ndjson()));
    writing.finish();
}

criterion_group!(benches, parts);
criterion_main!(benches);
