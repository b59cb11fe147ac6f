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
pub const TARGETS: [&str; 6] = ["normalize", "stream", "aggregate", "state", "request", "descriptor"];

/// Seconds for each target, by default.
const SECONDS: u32 = 60;

/// The compiler flags of `cargo fuzz` without the sanitizers, which need a nightly compiler. The fuzzer is guided by coverage.
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
        run::run(&mut command(workspace, target, seconds, Inputs::New)?)?;
    }
    Ok(())
}

/// Compiles every target.
pub fn build(workspace: &Workspace) -> Result<()> {
    let mut cargo = run::cargo();
    cargo.args(["build", "--quiet", "--release", "--package", "meterglot-fuzz", "--bins", "--features", "libfuzzer"]);
    // With a target named, the flags are for it alone and not for build scripts.
    cargo
        .arg("--target")
        .arg(toolchain::host()?)
        .arg("--target-dir")
        .arg(cargo_folder(workspace))
        .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\u{1f}"));
    // The engine's own profile optimizes across crates, which takes long to compile and gains little here.
    cargo.envs([("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")]);
    cargo.env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only");
    run::run(cargo.current_dir(&workspace.root)).context("the fuzz targets need a C++ compiler, such as Debian's g++")
}

/// Where the inputs of a run come from.
#[derive(Clone, Copy)]
pub enum Inputs {
    /// The same in each run, so that a test that fails does so because of a change.
    Same,
    /// New ones in each run.
    New,
}

/// Runs a target: first all seeds and all inputs that once failed, then new inputs for some seconds.
pub fn command(workspace: &Workspace, target: &str, seconds: u32, inputs: Inputs) -> Result<Command> {
    let folder = workspace.state.join("fuzz").join(target);
    let corpus = folder.join("corpus");
    fs::create_dir_all(&corpus)?;
    let seeds = seeds(workspace, target, &folder)?;
    let program = cargo_folder(workspace).join(toolchain::host()?).join("release").join(target);
    let mut fuzzer = if cfg!(unix) {
        // It uses all available time, and other tests run at the same time.
        let mut nice = Command::new("nice");
        nice.args(["-n", "10"]).arg(program);
        nice
    } else {
        Command::new(program)
    };
    // The first folder receives new inputs; an input that fails is written to a folder of its own.
    fuzzer.arg(&corpus).arg(seeds);
    let regressions = workspace.root.join("fuzz/regressions").join(target);
    if regressions.exists() {
        fuzzer.arg(&regressions);
    }
    fuzzer.arg(format!("-max_total_time={seconds}")).args([
        "-timeout=30",
        "-rss_limit_mb=2048",
        "-max_len=65536",
        "-print_final_stats=1",
    ]);
    fuzzer.arg(format!("-artifact_prefix={}/", folder.display()));
    if let Inputs::Same = inputs {
        fuzzer.arg("-seed=1");
    }
    Ok(fuzzer)
}

/// Inputs of the target `request`: a URL and a body, or a quantity, two units and a number of digits.
const REQUEST_SEEDS: [&str; 9] = [
    "1.5\nGiBy.d\nBy.s\n20",
    "-0.07\nMHz.5.min\nGHz.h\n0",
    "12345678901234567890123456789\n{call}\n{call}\n256",
    "https://api.intronis.com/v1/partners/acme/usage_history?resolution=MONTH&page=1",
    "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/?limit=1&offset=0",
    "https://stats.wasabisys.com/v1/standalone/utilizations/bucket?pageNum=0&pageSize=1",
    "https://partner.wasabisys.com/v1/accounts/1/utilizations?from=2024-01-01&to=2024-02-01&invoice=5",
    "https://onapp.example/users/7/user_statistics.json?period[startdate]=2024-01-01+00:30&page=1",
    "https://api.devicewise.com/api\n{\"1\":{\"command\":\"usage.api.history\",\"params\":{\"series\":\"day\"}}}",
];

/// The fixtures, as inputs of a target, each with the usual options: zeros for `CHOICE_BYTES` in `fuzz/src/choices.rs`.
fn seeds(workspace: &Workspace, target: &str, folder: &Path) -> Result<PathBuf> {
    let mut choices = [0; 32];
    let seeds = folder.join("seeds");
    fs::create_dir_all(&seeds)?;
    if target == "request" {
        for (number, seed) in REQUEST_SEEDS.iter().enumerate() {
            fs::write(seeds.join(number.to_string()), seed)?;
        }
        return Ok(seeds);
    }
    let fixtures = files_below(&workspace.root.join("tests/fixtures"))?;
    ensure!(!fixtures.is_empty(), "there are no fixtures");
    for (number, fixture) in fixtures.iter().enumerate() {
        let body = fs::read(fixture)?;
        // Large seeds add little coverage and slow every run down.
        if body.len() <= 20_000 {
            if target == "descriptor" {
                // The number of the built-in descriptor, after nine options and the length of the pieces.
                choices[10] = number as u8;
            }
            fs::write(seeds.join(number.to_string()), [body.as_slice(), &choices].concat())?;
        }
    }
    Ok(seeds)
}

fn cargo_folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("target/fuzz")
}
