//! Prints the records of the bodies in the files named, the pages of one listing, as NDJSON; issues and checks go to
//! standard error, each a line of JSON.
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
        eprintln!("{}", serde_json::to_string(issue)?);
    }
    for check in table.checks() {
        eprintln!("{}", serde_json::to_string(&check)?);
    }
    Ok(())
}
