//! What the Rust tests share: the fixtures, and options as the public contract names them.

#![allow(dead_code)] // Each test file uses its own part.

use std::path::{Path, PathBuf};

use meterglot::{NormalizeStream, OnError, ReadOptions, TextFormat, UsageTable, normalize};

/// Every sample body, made or from the providers' pages: its name below `tests/fixtures` and its bytes.
pub fn fixtures() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files: Vec<PathBuf> = ["provider-docs", "made"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).expect("the fixtures are part of the repository"))
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|ext| ext != "md"))
        .collect();
    files.sort();
    assert!(files.len() > 50, "the fixtures are gone");
    let name = |path: &Path| path.strip_prefix(&root).unwrap_or(path).display().to_string();
    files.iter().map(|path| (name(path), std::fs::read(path).expect("a readable file"))).collect()
}

pub fn collecting() -> ReadOptions {
    ReadOptions { on_error: OnError::Collect, ..ReadOptions::default() }
}

pub fn collect(body: &[u8]) -> UsageTable {
    normalize(&[body], &collecting()).expect("faults are collected")
}

/// The output of a stream that is fed these pieces, with its issues as text.
pub fn streamed(pieces: &[&[u8]], to: TextFormat) -> (Vec<u8>, Vec<String>) {
    streamed_with(&collecting(), pieces, to)
}

/// The same with other options, which collect faults.
pub fn streamed_with(options: &ReadOptions, pieces: &[&[u8]], to: TextFormat) -> (Vec<u8>, Vec<String>) {
    let mut stream = NormalizeStream::new(options.clone(), to);
    let mut out = Vec::new();
    for piece in pieces {
        stream.push(piece, &mut out).expect("faults are collected");
    }
    stream.finish(&mut out).expect("faults are collected");
    (out, stream.take_issues().iter().map(|issue| format!("{issue:?}")).collect())
}
