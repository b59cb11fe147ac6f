//! States of other machines, sound and forged: merging refuses or agrees, and never takes much more than the state is long.

#![no_main]

use libfuzzer_sys::fuzz_target;
use meterglot::{Aggregator, IanaZones, normalize};
use meterglot_fuzz::{Choices, OPTION_BYTES, SPEC_BYTES, options, parsed, spec};

fuzz_target!(|input: &[u8]| {
    let (body, mut choices) = Choices::split(input, OPTION_BYTES + SPEC_BYTES + 4);
    let options = options(&mut choices);
    let spec = parsed(&spec(&mut choices));

    // Any bytes as a state.
    let mut forged = Aggregator::new(spec.clone());
    if forged.merge(body).is_ok() {
        let _ = forged.finish(&IanaZones);
    }

    // A sound state merges into what was pushed.
    let Ok(table) = normalize(&[body], &options) else {
        return;
    };
    let records = table.records(0, table.len().min(200));
    let mut pushed = Aggregator::new(spec.clone());
    pushed.push_records(&records).expect("records of a table are records");
    let mut state = pushed.state();
    let mut merged = Aggregator::new(spec.clone());
    merged.merge(&state).expect("a state of the same version and spec");
    assert_eq!(merged.finish(&IanaZones).ok(), pushed.finish(&IanaZones).ok());
    assert_eq!(merged.state(), state, "a state is canonical");

    // The same with a byte changed.
    let at = usize::from(u16::from_be_bytes([choices.byte(), choices.byte()])) % state.len();
    state[at] = choices.byte();
    let mut broken = Aggregator::new(spec);
    if broken.merge(&state).is_ok() {
        let _ = broken.finish(&IanaZones);
    }
});
