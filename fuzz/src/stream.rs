use std::collections::HashSet;

use meterglot::{ErrorCode, Limits, NormalizeStream, OnError, ReadOptions, TextFormat, UsageTable, normalize};

use crate::choices::Choices;

/// Any bytes in any pieces: a stream gives what one call gives.
pub fn stream(input: &[u8]) {
    let (body, mut choices) = Choices::split(input);
    let options = choices.options();
    // A stream bounds neither the bytes of a body nor, as a table does, the records without their duplicates.
    let limits = Limits { max_bytes: u64::MAX, max_records: u64::MAX, ..options.limits };
    let options = ReadOptions { on_error: OnError::Collect, limits, ..options };
    let (to, of_table): (_, fn(&UsageTable) -> Vec<u8>) = match choices.byte() % 3 {
        1 => (TextFormat::Csv, UsageTable::to_csv),
        _ => (TextFormat::Ndjson, UsageTable::to_ndjson),
    };
    let step = usize::from(choices.byte()).max(1);
    let (first, rest) = choices.cut(body);
    let pieces: Vec<&[u8]> = std::iter::once(first).chain(rest.chunks(step)).collect();
    let whole = streamed(&[body], &options, to);
    assert!(streamed(&pieces, &options, to) == whole, "pieces of {step} bytes after {}", first.len());

    let table = normalize(&[body], &options).expect("faults are collected");
    let (text, issues) = whole;
    // A stream forgets the records that it has written, so it finds no conflict, and has the duplicates and the older rows too.
    let found = table.issues().iter().filter(|issue| issue.code != ErrorCode::ConflictingRecord);
    assert_eq!(found.map(|issue| format!("{issue:?}")).collect::<Vec<_>>(), issues, "the issues of one call");
    let of_table = of_table(&table);
    if issues.len() == table.issues().len() && text.len() == of_table.len() {
        assert!(text == of_table, "the text of one call");
    }
    if to == TextFormat::Ndjson {
        let lines: HashSet<&[u8]> = text.split(|&byte| byte == b'\n').collect();
        assert!(of_table.split(|&byte| byte == b'\n').all(|line| lines.contains(line)), "each line of one call");
        let records = text.iter().filter(|&&byte| byte == b'\n').count();
        assert!(records >= table.len() + table.duplicates() as usize, "each record and each duplicate");
    }
}

/// The text of a stream and its issues.
pub(crate) fn streamed(pieces: &[&[u8]], options: &ReadOptions, to: TextFormat) -> (Vec<u8>, Vec<String>) {
    let mut stream = NormalizeStream::new(options.clone(), to);
    let mut out = Vec::new();
    for piece in pieces {
        stream.push(piece, &mut out).expect("faults are collected");
    }
    stream.finish(&mut out).expect("faults are collected");
    (out, stream.take_issues().iter().map(|issue| format!("{issue:?}")).collect())
}
