//! libFuzzer's program of the target `descriptor`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| meterglot_fuzz::descriptor(input));
