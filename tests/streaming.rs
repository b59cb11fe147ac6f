//! A stream gives the bytes that one call gives, wherever its pieces are cut.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{collect, collecting, fixtures, streamed, streamed_with};
use meterglot::{Limits, ReadOptions, TextFormat, normalize};
use proptest::prelude::*;

/// Fixtures whose rows stand twice: a stream passes them on, a table drops them.
fn repeats_rows(name: &str, body: &[u8]) -> bool {
    let table = collect(body);
    table.duplicates() > 0
        || table.issues().iter().any(|issue| issue.code.as_str() == "conflicting-record")
        || name.contains("restated")
}

#[test]
fn a_body_cut_in_two_anywhere_gives_the_bytes_and_issues_of_one_call() {
    for (name, body) in fixtures().into_iter().filter(|(name, body)| !repeats_rows(name, body)) {
        let table = collect(&body);
        let issues: Vec<String> = table.issues().iter().map(|issue| format!("{issue:?}")).collect();
        let whole = (table.to_ndjson(), issues);
        for cut in 0..=body.len().min(3000) {
            let (a, b) = body.split_at(cut);
            let got = streamed(&[a, b], TextFormat::Ndjson);
            assert!(got == whole, "{name} cut at {cut}: {:?} instead of {:?}", got.1, whole.1);
        }
    }
}

#[test]
fn a_body_in_single_bytes_gives_the_bytes_of_one_call_as_csv_too() {
    for (name, body) in fixtures().into_iter().filter(|(name, body)| !repeats_rows(name, body)) {
        let pieces: Vec<&[u8]> = body.chunks(1).collect();
        assert!(streamed(&pieces, TextFormat::Csv).0 == collect(&body).to_csv(), "{name}");
        assert!(streamed(&pieces, TextFormat::Ndjson).0 == collect(&body).to_ndjson(), "{name}");
    }
}

#[test]
fn a_value_that_the_end_of_the_body_cuts_has_one_fault_with_any_limit() {
    for (name, body) in fixtures() {
        for max_row_bytes in [1, 15, 16, 40] {
            let limits = Limits { max_row_bytes, ..Limits::default() };
            let options = ReadOptions { limits, ..collecting() };
            for end in 0..body.len().min(300) {
                let body = &body[..end];
                let table = normalize(&[body], &options).expect("faults are collected");
                let issues: Vec<String> = table.issues().iter().map(|issue| format!("{issue:?}")).collect();
                let (_, streamed) = streamed_with(&options, &[body], TextFormat::Ndjson);
                assert_eq!(streamed, issues, "{name} cut at {end}, rows of {max_row_bytes} bytes");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_body_in_pieces_of_any_size_gives_the_bytes_of_one_call(which: usize, sizes in prop::collection::vec(1usize..200, 1..40)) {
        let all = fixtures();
        let (name, body) = &all[which % all.len()];
        prop_assume!(!repeats_rows(name, body));
        let (mut pieces, mut rest, mut sizes) = (Vec::new(), body.as_slice(), sizes.iter().cycle());
        while !rest.is_empty() {
            let (piece, more) = rest.split_at((*sizes.next().unwrap_or(&1)).min(rest.len()));
            pieces.push(piece);
            rest = more;
        }
        prop_assert!(streamed(&pieces, TextFormat::Ndjson).0 == collect(body).to_ndjson(), "{}", name);
    }
}

#[test]
fn a_text_takes_the_room_that_it_needs_and_no_more() {
    for (name, body) in fixtures() {
        let table = collect(&body);
        for text in [table.to_ndjson(), table.to_csv()] {
            assert_eq!(text.len(), text.capacity(), "{name}");
        }
    }
}
