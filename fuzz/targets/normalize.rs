//! Any bytes, with any options: no panic, and what is told of one body agrees with itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use meterglot::{OnError, ReadOptions, detect, normalize, parse};
use meterglot_fuzz::{Choices, OPTION_BYTES, options};

fuzz_target!(|input: &[u8]| {
    let (body, mut choices) = Choices::split(input, OPTION_BYTES);
    let options = options(&mut choices);
    let detected = detect(body, &options);
    let document = parse(body, &options);
    if let (Some(detected), Ok(document)) = (detected, &document) {
        assert_eq!(document.detection, detected, "detect and parse agree");
    }
    let Ok(table) = normalize(&[body], &options) else {
        return;
    };
    let lines = table.to_ndjson();
    assert_eq!(lines.iter().filter(|&&byte| byte == b'\n').count(), table.len(), "one line a record");
    assert!(lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).all(|line| {
        serde_json::from_slice::<serde_json::Value>(line).is_ok_and(|record| record["pointer"].is_string())
    }));
    table.to_csv();
    table.checks();
    for issue in table.issues() {
        assert!(issue.message.len() < 2000, "a message is short: {}", issue.message);
        assert!(issue.position.is_none_or(|position| position.offset <= body.len() as u64), "an offset is in the body");
    }
    if options.on_error == OnError::Collect {
        let thrown = normalize(&[body], &ReadOptions { on_error: OnError::Throw, ..options });
        assert_eq!(thrown.is_err(), !table.issues().is_empty(), "what is collected is what would be thrown");
        if let (Err(error), Some(issue)) = (thrown, table.issues().first()) {
            assert_eq!(error.code(), issue.code);
        }
    }
});
