//! Any bytes in any pieces: a stream gives what one call gives.

#![no_main]

use libfuzzer_sys::fuzz_target;
use meterglot::{Limits, NormalizeStream, OnError, TextFormat, normalize};
use meterglot_fuzz::{Choices, OPTION_BYTES, options};

const CUTS: usize = 4;

fuzz_target!(|input: &[u8]| {
    let (body, mut choices) = Choices::split(input, OPTION_BYTES + CUTS);
    let mut options = options(&mut choices);
    options.on_error = OnError::Collect;
    // A stream of its own bounds neither the body nor the records.
    options.limits = Limits { max_bytes: u64::MAX, max_records: u64::MAX, ..options.limits };
    let step = usize::from(choices.byte()).max(1);
    let whole = streamed(&[body], options.clone());
    assert_eq!(streamed(&body.chunks(step).collect::<Vec<_>>(), options.clone()), whole, "pieces of {step} bytes");
    let table = normalize(&[body], &options).expect("faults are collected");
    let told: Vec<_> = table.issues().iter().map(|issue| format!("{issue:?}")).collect();
    let restated = table.duplicates() > 0 || told.iter().any(|issue| issue.contains("ConflictingRecord"));
    if !restated && told == whole.1 {
        let rows = |text: &[u8]| text.iter().filter(|&&byte| byte == b'\n').count();
        // A restated row replaces an older one in a table; a stream has given both.
        assert!(rows(&table.to_ndjson()) <= rows(&whole.0));
    }
});

fn streamed(pieces: &[&[u8]], options: meterglot::ReadOptions) -> (Vec<u8>, Vec<String>) {
    let mut stream = NormalizeStream::new(options, TextFormat::Ndjson);
    let mut out = Vec::new();
    for piece in pieces {
        stream.push(piece, &mut out).expect("faults are collected");
    }
    stream.finish(&mut out).expect("faults are collected");
    (out, stream.take_issues().iter().map(|issue| format!("{issue:?}")).collect())
}
