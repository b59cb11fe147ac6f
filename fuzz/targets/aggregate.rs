//! libFuzzer's program of the target `aggregate`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| meterglot_fuzz::aggregate(input));
