//! Builds, runs and tests the project: `cargo xtask build | demo | test | bench | docs | fuzz | names | size | load`.
//!
//! `build` makes the npm package in `pkg/`, `demo` runs it with its edge worker and the portal, `test` runs every test
//! in every runtime, `bench` measures the package and `load` the worker. Each installs what it needs and repeats only
//! what has changed.

mod bench;
mod consumer;
mod demo;
mod docs;
mod documents;
mod edge;
mod formats;
mod fuzz;
mod inventory;
mod names;
mod package;
mod run;
mod size;
mod stamp;
mod test;
mod toolchain;
mod types;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

const USAGE: &str = "usage: cargo xtask <command>

  build   make the npm package in pkg/ and print the size of its module; with --quick a larger, slower module, compiled in seconds
  demo    build, pack, install the package and show it at work on the providers' documented replies, then
          the edge worker before five test providers, and the portal; at a terminal, or with --serve, these go on
          until they are ended
  test    everything: Rust, Node, Deno, Bun, workerd, Chromium, Firefox, lints, types, the packed package;
          with names of suites only these, with one word more only tests whose name contains it
  bench   hold the package against JavaScript, side by side; with --quick on small bodies
  docs    build the documentation site in target/docs
  fuzz    [target] [seconds]: libFuzzer over the engine, each of six targets for 60 seconds where nothing else is named
  names   write the lists of names that are generated from the engine; with --check compare them
  size    build the module and print what each part of the engine costs, with --quick for the module of `build --quick`;
          with --check fail where the module in pkg/ is larger than recorded, with --record record its size
  load    ask the edge worker for 60 seconds, on loopback alone; --seconds <n> for another time";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let done = Workspace::open().and_then(|workspace| match command.as_str() {
        "build" => package::build(&workspace, build_profile()).map(|()| ExitCode::SUCCESS),
        "bench" => bench::bench(&workspace).map(|()| ExitCode::SUCCESS),
        "demo" => demo::demo(&workspace).map(|()| ExitCode::SUCCESS),
        "docs" => docs::docs(&workspace).map(|()| ExitCode::SUCCESS),
        "fuzz" => fuzz::fuzz(&workspace, &std::env::args().skip(2).collect::<Vec<_>>()).map(|()| ExitCode::SUCCESS),
        "size" => size::size(&workspace).map(|()| ExitCode::SUCCESS),
        "names" => names::command(&workspace).map(|()| ExitCode::SUCCESS),
        "load" => edge::load(&workspace).map(|()| ExitCode::SUCCESS),
        "test" => test::test(&workspace, &std::env::args().skip(2).collect::<Vec<_>>()),
        _ => {
            eprintln!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    });
    done.unwrap_or_else(|error| {
        eprintln!("cargo xtask {command}: {error:#}");
        ExitCode::FAILURE
    })
}

fn build_profile() -> package::Profile {
    if std::env::args().skip(2).any(|flag| flag == "--quick") {
        package::Profile::Quick
    } else {
        package::Profile::Release
    }
}
