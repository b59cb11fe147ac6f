//! libFuzzer's program of the target `normalize`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| meterglot_fuzz::normalize(input));
