//! The fuzz targets as plain tests: on the fixtures, and on every input that once failed (`fuzz/regressions`).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use meterglot_fuzz::{CHOICE_BYTES, TARGETS};

/// The files below a folder; none where there is no folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Runs each target on its inputs. All faults are shown, not only the first.
fn check(inputs: impl Fn(&str) -> Vec<(PathBuf, Vec<u8>)>) -> usize {
    let (mut runs, mut failed) = (0, Vec::new());
    for (name, target) in TARGETS {
        for (path, input) in inputs(name) {
            runs += 1;
            if std::panic::catch_unwind(|| target(&input)).is_err() {
                failed.push(format!("{name}: {}", path.display()));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    runs
}

#[test]
fn every_input_that_once_failed_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let runs = check(|target| {
        files(&folder.join(target)).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    });
    assert_eq!(runs, files(&folder).len(), "each folder of regressions is named for a target");
}

#[test]
fn every_fixture_passes_every_target() {
    let fixtures = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures"));
    assert!(fixtures.len() > 50, "the fixtures are gone");
    check(|_| {
        let body = |path: &Path| [fs::read(path).unwrap().as_slice(), &[0; CHOICE_BYTES]].concat();
        fixtures.iter().map(|path| (path.clone(), body(path))).collect()
    });
}
