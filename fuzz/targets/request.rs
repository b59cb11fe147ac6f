//! libFuzzer's program of the target `request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| meterglot_fuzz::request(input));
