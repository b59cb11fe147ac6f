use meterglot::{Limits, OnError, ReadOptions, UsageTable, detect, normalize as read, parse};
use serde_json::Value;

use crate::choices::Choices;

/// Any bytes with any options: the calls that read one body agree with each other.
pub fn normalize(input: &[u8]) {
    let (body, mut choices) = Choices::split(input);
    let options = choices.options();
    let detected = detect(body, &options);
    let document = parse(body, &options);
    if let (Some(detected), Ok(document)) = (detected, &document) {
        assert_eq!(document.detection, detected, "detect and parse agree");
    }
    let Ok(table) = read(&[body], &options) else {
        return;
    };
    check_outputs(&table);
    for issue in table.issues() {
        assert!(issue.message.len() < 2000, "a message is short: {}", issue.message);
        assert!(issue.position.is_none_or(|position| position.offset <= body.len() as u64), "an offset is in the body");
    }
    if options.on_error == OnError::Collect {
        let thrown = read(&[body], &ReadOptions { on_error: OnError::Throw, ..options.clone() });
        assert_eq!(thrown.is_err(), !table.issues().is_empty(), "what is collected is what would be thrown");
        if let (Err(error), Some(issue)) = (thrown, table.issues().first()) {
            assert_eq!(error.code(), issue.code);
        }
    }
    check_pages(body, &table, options);
}

/// Each output has each record once.
fn check_outputs(table: &UsageTable) {
    let lines = table.to_ndjson();
    let lines: Vec<Value> = lines
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("a line is JSON"))
        .collect();
    assert_eq!(lines.len(), table.len(), "one line for each record");
    let records: Vec<Value> =
        serde_json::from_slice(&table.to_json(0, table.len())).expect("an array of records is JSON");
    assert!(records == lines, "an array has the records of the lines");
    assert!(lines.iter().all(|record| record["pointer"].is_string()), "each record has its place in the body");
    table.to_csv();
    table.to_columns();
    table.to_packed(0, table.len());
    table.checks();
}

/// A page that is read twice, each time with the same request, adds duplicates only.
fn check_pages(body: &[u8], table: &UsageTable, options: ReadOptions) {
    if !table.issues().is_empty() {
        return;
    }
    let requests = options.request.clone().map(|request| vec![request.clone(), request]);
    // A row that could pass `maxRecords` is refused before it is compared with the rows of the table.
    let limits = Limits { max_records: u64::MAX, ..options.limits };
    let options = ReadOptions { request: None, requests, limits, ..options };
    let twice = read(&[body, body], &options).expect("a second page repeats the first");
    assert!(twice.to_ndjson() == table.to_ndjson(), "a repeated page adds no record");
    // At least one for each record: what a later row of the page replaces is older on the second page, and no duplicate.
    let least = table.duplicates() + table.len() as u64;
    assert!(twice.duplicates() >= least, "a repeated page adds duplicates: {} < {least}", twice.duplicates());
}
