//! One body has one answer, however it is cut, also where limits are so small that nothing fits.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{collecting, fixtures};
use meterglot::{Limits, NormalizeStream, ReadOptions, TextFormat, normalize};
use proptest::prelude::*;

/// What the tests compare of a body that was read: the text of its rows, and each issue.
type Outcome = (String, Vec<String>);

fn options(limits: Limits) -> ReadOptions {
    ReadOptions { limits, ..collecting() }
}

/// By one call. A restated row is the newer in a table only: `None`.
fn read_at_once(body: &[u8], limits: Limits) -> Option<Outcome> {
    let table = normalize(&[body], &options(limits)).unwrap();
    let is_conflict = |code: &str| code == "conflicting-record";
    if table.duplicates() > 0 || table.issues().iter().any(|issue| is_conflict(issue.code.as_str())) {
        return None;
    }
    let issues = table.issues().iter().map(|issue| format!("{issue:?}")).collect();
    Some((String::from_utf8(table.to_ndjson()).unwrap(), issues))
}

fn read_in_pieces(body: &[u8], limits: Limits, pieces: impl Iterator<Item = usize>) -> Outcome {
    let mut stream = NormalizeStream::new(options(limits), TextFormat::Ndjson);
    let (mut out, mut rest) = (Vec::new(), body);
    for size in pieces {
        if rest.is_empty() {
            break;
        }
        let (piece, more) = rest.split_at(size.clamp(1, rest.len()));
        stream.push(piece, &mut out).unwrap();
        rest = more;
    }
    stream.push(rest, &mut out).unwrap();
    stream.finish(&mut out).unwrap();
    let issues = stream.take_issues().iter().map(|issue| format!("{issue:?}")).collect();
    (String::from_utf8(out).unwrap(), issues)
}

fn limits(max_row_bytes: u64, max_depth: u64) -> Limits {
    Limits { max_row_bytes, max_depth, ..Limits::default() }
}

/// Restated rows are compared by the rules of streams.
fn bodies() -> Vec<(String, Vec<u8>)> {
    fixtures().into_iter().filter(|(name, _)| !name.contains("restated")).collect()
}

#[test]
fn tiny_limits_give_one_result_in_single_bytes_and_at_once() {
    for (name, body) in bodies() {
        for row_bytes in (0..24).chain([40, 64, 100, 150, 230, 400, 1000]) {
            let limits = limits(row_bytes, 64);
            let Some(whole) = read_at_once(&body, limits) else { continue };
            for piece in [1, 7, 50] {
                let cut = read_in_pieces(&body, limits, std::iter::repeat(piece));
                assert!(cut == whole, "{name}, maxRowBytes {row_bytes}, pieces of {piece}: {:?}\n{:?}", cut.1, whole.1);
            }
        }
    }
}

#[test]
fn a_row_is_refused_by_its_own_length_alone() {
    let row = |n: usize| {
        format!(
            r#"{{"AcctNum":1,"BucketNum":{n},"StartTime":"2024-01-01T00:00:00Z","EndTime":"2024-01-02T00:00:00Z","NumAPICalls":3}}"#
        )
    };
    let rows: Vec<String> = (10..99).map(row).collect();
    let body = format!("[{}{}]", " ".repeat(5000), rows.join(" , \n"));
    let length = rows[0].len() as u64;
    for piece in [1, 100, body.len()] {
        let pieces = || std::iter::repeat(piece);
        let (text, issues) = read_in_pieces(body.as_bytes(), limits(length, 64), pieces());
        assert_eq!((text.lines().count(), issues), (89, Vec::new()), "pieces of {piece}");
        let (text, issues) = read_in_pieces(body.as_bytes(), limits(length - 1, 64), pieces());
        assert_eq!((text.lines().count(), issues.len()), (0, 1), "pieces of {piece}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn random_limits_and_cuts_give_one_result(
        which: usize, change in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
        row_bytes in 0u64..300, depth in 1u64..8, sizes in prop::collection::vec(1usize..200, 1..40),
    ) {
        let all = bodies();
        let (name, mut body) = all[which % all.len()].clone();
        if let Some((at, byte)) = change {
            let at = at.index(body.len());
            body[at] = byte;
        }
        let limits = limits(row_bytes, depth);
        let whole = read_at_once(&body, limits);
        prop_assume!(whole.is_some());
        prop_assert_eq!(Some(read_in_pieces(&body, limits, sizes.into_iter().cycle())), whole, "{}", name);
    }
}
