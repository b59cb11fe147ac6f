//! libFuzzer's program of the target `stream`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| meterglot_fuzz::stream(input));
