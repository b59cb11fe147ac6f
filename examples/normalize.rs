//! Prints the records of the bodies in the files named, one listing, as NDJSON; faults go to standard error.
//!
//! `cargo run --example normalize -- tests/fixtures/provider-docs/wasabi-bucket-daily.json`

use std::io::Write;

use meterglot::{OnError, ReadOptions, normalize};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bodies = std::env::args().skip(1).map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    let options = ReadOptions { on_error: OnError::Collect, ..ReadOptions::default() };
    let table = normalize(&bodies, &options)?;
    std::io::stdout().write_all(&table.to_ndjson())?;
    for issue in table.issues() {
        eprintln!("{}: {} (page {}, {:?}, {:?})", issue.code, issue.message, issue.page, issue.pointer, issue.position);
    }
    for check in table.checks() {
        eprintln!("check {}: expected {}, read {}, {}", check.name, check.expected, check.actual, check.ok);
    }
    Ok(())
}
