//! `cargo xtask fuzz [target] [seconds]`: libFuzzer over the engine, natively, on stable Rust.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::run;
use crate::stamp::files_below;
use crate::toolchain;
use crate::workspace::Workspace;

/// The targets, one file each in `fuzz/targets`.
pub const TARGETS: [&str; 5] = ["normalize", "stream", "aggregate", "state", "request"];

/// Seconds a target where none are named.
const SECONDS: u32 = 60;

/// What `cargo fuzz` gives the compiler, but for the sanitizers, which need a nightly one: coverage is what guides the fuzzer.
const COVERAGE: [&str; 8] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
    "-Coverflow-checks",
];

/// Fuzzes one target or each in turn.
pub fn fuzz(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let mut targets = TARGETS.to_vec();
    let mut seconds = SECONDS;
    for argument in arguments {
        match (TARGETS.iter().find(|target| *target == argument), argument.parse()) {
            (Some(target), _) => targets = vec![*target],
            (None, Ok(number)) => seconds = number,
            (None, Err(_)) => {
                bail!("expected a target ({}) or a number of seconds, found {argument:?}", TARGETS.join(", "))
            }
        }
    }
    build(workspace)?;
    for target in targets {
        run::run(&mut command(workspace, target, seconds)?)?;
    }
    Ok(())
}

/// Compiles every target.
pub fn build(workspace: &Workspace) -> Result<()> {
    let mut cargo = run::cargo();
    cargo.args(["build", "--quiet", "--release", "--package", "meterglot-fuzz", "--bins"]);
    // With a target named, the flags are for it alone and not for build scripts.
    cargo
        .arg("--target")
        .arg(toolchain::host()?)
        .arg("--target-dir")
        .arg(cargo_folder(workspace))
        .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\u{1f}"));
    // The engine's own profile optimizes across crates, for a module that is published; here compiling takes longer than it pays.
    cargo.envs([("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")]);
    cargo.env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only");
    run::run(cargo.current_dir(&workspace.root)).context("the fuzz targets need a C++ compiler, such as Debian's g++")
}

/// Runs a target: first every seed and every input that once failed, then new ones for some seconds.
pub fn command(workspace: &Workspace, target: &str, seconds: u32) -> Result<Command> {
    let folder = workspace.shop.join("fuzz").join(target);
    let corpus = folder.join("corpus");
    fs::create_dir_all(&corpus)?;
    let seeds = seeds(workspace, target, &folder)?;
    let mut fuzzer = Command::new(cargo_folder(workspace).join(toolchain::host()?).join("release").join(target));
    // The first folder receives what is found; a crash is written where it can be kept as a test.
    fuzzer.arg(&corpus).arg(seeds);
    let regressions = workspace.root.join("fuzz/regressions").join(target);
    if regressions.exists() {
        fuzzer.arg(&regressions);
    }
    fuzzer.arg(format!("-max_total_time={seconds}")).args([
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-max_len=65536",
        "-print_final_stats=1",
    ]);
    fuzzer.arg(format!("-artifact_prefix={}/", folder.display()));
    Ok(fuzzer)
}

/// The fixtures, as inputs of a target. They have no choices behind them, so zeros are put there: the usual options.
fn seeds(workspace: &Workspace, target: &str, folder: &Path) -> Result<PathBuf> {
    const CHOICES: [u8; 32] = [0; 32];
    let seeds = folder.join("seeds");
    fs::create_dir_all(&seeds)?;
    if target == "request" {
        fs::write(seeds.join("convert"), "1.5\nGiBy.d\nBy.s\n20")?;
        fs::write(seeds.join("url"), "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/?limit=20&offset=0\n{}")?;
        return Ok(seeds);
    }
    let fixtures = files_below(&workspace.root.join("tests/fixtures"))?;
    ensure!(!fixtures.is_empty(), "there are no fixtures");
    for (number, fixture) in fixtures.iter().enumerate() {
        let body = fs::read(fixture)?;
        // Large ones teach little and slow every run down.
        if body.len() <= 20_000 {
            fs::write(seeds.join(number.to_string()), [body.as_slice(), &CHOICES].concat())?;
        }
    }
    Ok(seeds)
}

fn cargo_folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("target/fuzz")
}
