//! No input may cause a panic or be dropped silently.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{collect, fixtures};
use meterglot::{ReadOptions, detect, normalize, parse};
use proptest::prelude::*;

#[test]
fn every_row_before_a_cut_is_kept_and_one_issue_reports_it() {
    for (name, body) in fixtures() {
        let whole = collect(&body);
        if !whole.issues().is_empty() || whole.is_empty() {
            continue;
        }
        let lines =
            |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8").lines().map(str::to_owned).collect::<Vec<_>>();
        let all = lines(whole.to_ndjson());
        let mut kept_before = 0;
        for cut in 0..body.len() {
            let table = collect(&body[..cut]);
            // After the root only white space and comments may follow, and need not.
            let rest = body[cut..].trim_ascii_start();
            let is_comment = rest.starts_with(b"<!--") && !rest.windows(2).any(|pair| pair == b"</");
            let complete = rest.is_empty() || is_comment;
            assert_eq!(table.issues().len(), usize::from(!complete), "{name} cut at {cut}: {:?}", table.issues());
            let kept = lines(table.to_ndjson());
            assert!(kept.len() >= kept_before, "{name} cut at {cut}: a longer body lost rows");
            assert!(kept.len() <= all.len(), "{name} cut at {cut}");
            kept_before = kept.len();
        }
    }
}

#[test]
fn a_fault_has_its_place_in_the_body() {
    for (name, body) in fixtures() {
        for cut in 1..body.len().min(1500) {
            for issue in collect(&body[..cut]).issues() {
                let at = issue.position.unwrap_or_else(|| panic!("{name} cut at {cut}: {issue:?} has no place"));
                let before = &body[..at.offset as usize];
                let line = 1 + before.iter().filter(|b| **b == b'\n').count() as u64;
                let column = 1 + before.iter().rev().take_while(|b| **b != b'\n').count() as u64;
                assert_eq!((at.line, at.column), (line, column), "{name} cut at {cut}: {issue:?}");
            }
        }
    }
}

fn survives(body: &[u8]) {
    let options = ReadOptions::default();
    let _ = detect(body, &options);
    let _ = parse(body, &options);
    let _ = normalize(&[body], &options);
    let table = collect(body);
    let _ = (table.to_ndjson(), table.to_csv(), table.checks(), table.records(0, 10));
    let _ = parse(body, &common::collecting());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_never_panic(body: Vec<u8>) {
        survives(&body);
    }

    #[test]
    fn arbitrary_json_and_xml_like_text_never_panics(body in r#"[\[\]{}<>/="',:0-9eE.a-z&;\\u\-! ]{0,200}"#) {
        survives(body.as_bytes());
    }

    #[test]
    fn a_fixture_with_bytes_changed_never_panics(which: usize, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let all = fixtures();
        let mut body = all[which % all.len()].1.clone();
        if !body.is_empty() {
            for (at, byte) in changes {
                let at = at.index(body.len());
                body[at] = byte;
            }
        }
        survives(&body);
    }

    #[test]
    fn a_fixture_with_a_part_repeated_or_left_out_never_panics(which: usize, from: prop::sample::Index, to: prop::sample::Index, twice: bool) {
        let all = fixtures();
        let body = &all[which % all.len()].1;
        if !body.is_empty() {
            let (mut from, mut to) = (from.index(body.len()), to.index(body.len()));
            if from > to {
                std::mem::swap(&mut from, &mut to);
            }
            let middle: &[u8] = if twice { &body[from..to] } else { &[] };
            survives(&[&body[..to], middle, &body[to..]].concat());
            survives(&[&body[..from], &body[to..]].concat());
        }
    }
}
