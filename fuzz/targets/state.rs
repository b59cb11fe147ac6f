//! libFuzzer's program of the target `state`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| meterglot_fuzz::state(input));
