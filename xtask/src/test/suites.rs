//! The suites of `cargo xtask test`: their names, what each runs, and what each may run beside.

mod portal;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use super::tally::Report;
use crate::bench;
use crate::consumer::Consumer;
use crate::docs;
use crate::fuzz;
use crate::names;
use crate::run;
use crate::size;
use crate::stamp::files_below;
use crate::toolchain::{self, WASM_TARGET};
use crate::workspace::Workspace;

/// A named part of the tests.
pub struct Suite {
    pub name: &'static str,
    pub about: &'static str,
    /// Runs against the built package.
    pub needs_package: bool,
    pub company: Company,
    pub run: fn(&mut Steps),
}

/// What a suite may run beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// Any other suite.
    Any,
    /// Any but a suite of its own sort: cargo locks its output folder.
    Cargo,
    /// None: it measures time.
    Alone,
}

/// All suites, in the order in which they start. The first that needs the package builds it, beside suites that do without; then the longest come
/// first, so that none is left over at the end.
pub const SUITES: &[Suite] = &[
    Suite {
        name: "lint",
        about: "generated lists of names, rustfmt, clippy natively and for WebAssembly, Biome (format, lint, import circles)",
        needs_package: false,
        company: Company::Cargo,
        run: lint,
    },
    Suite { name: "rust", about: "cargo test", needs_package: false, company: Company::Cargo, run: rust },
    Suite {
        name: "portal",
        about: "the portal in Chromium, and a copy of it outside this tree",
        needs_package: true,
        company: Company::Any,
        run: portal::in_chromium,
    },
    Suite {
        name: "fuzz",
        about: "each fuzz target for some seconds, on the same inputs in each run",
        needs_package: false,
        company: Company::Any,
        run: fuzz,
    },
    Suite {
        name: "docs",
        about: "the documentation site: its links, the reference, rustdoc",
        needs_package: false,
        company: Company::Any,
        run: |steps| {
            let workspace = steps.workspace;
            steps.add("build the documentation", Work::Do(Box::new(move || docs::docs(workspace))));
        },
    },
    Suite {
        name: "portal-firefox",
        about: "the portal in Firefox",
        needs_package: true,
        company: Company::Any,
        run: portal::in_firefox,
    },
    Suite {
        name: "sources",
        about: "the clients against the test providers",
        needs_package: true,
        company: Company::Any,
        run: |steps| steps.server_tests("sources", "sources", |_| true),
    },
    Suite {
        name: "installs",
        about: "the tarball in real projects: bundlers, runtimes, test runners, TypeScript",
        needs_package: true,
        company: Company::Any,
        run: installs,
    },
    Suite {
        name: "worker",
        about: "the edge worker in workerd",
        needs_package: true,
        company: Company::Any,
        run: |steps| steps.server_tests("worker", "worker", |file| !is_timed(file)),
    },
    Suite {
        name: "package",
        about: "the npm package in Node",
        needs_package: true,
        company: Company::Any,
        run: package,
    },
    Suite {
        name: "rules-chromium",
        about: "the rules in Chromium",
        needs_package: true,
        company: Company::Any,
        run: |steps| steps.chromium_program("rules in Chromium", "runtimes/chromium.mjs"),
    },
    Suite {
        name: "rules-node",
        about: "the rules in Node",
        needs_package: true,
        company: Company::Any,
        run: |steps| {
            let mut node = run::node();
            node.arg("--expose-gc");
            steps.rules("rules in Node", node, "here.mjs");
        },
    },
    Suite {
        name: "rules-deno",
        about: "the rules in Deno",
        needs_package: true,
        company: Company::Any,
        run: |steps| {
            let mut deno = Command::new(steps.workspace.tool(".bin", "deno"));
            deno.args(["run", "--no-check", "--no-lock", "--node-modules-dir=manual", "--allow-read", "--allow-env"]);
            steps.rules("rules in Deno", deno, "here.mjs");
        },
    },
    Suite {
        name: "rules-bun",
        about: "the rules in Bun",
        needs_package: true,
        company: Company::Any,
        run: |steps| steps.rules("rules in Bun", Command::new(steps.workspace.tool(".bin", "bun")), "here.mjs"),
    },
    Suite {
        name: "rules-workerd",
        about: "the rules in workerd",
        needs_package: true,
        company: Company::Any,
        run: |steps| steps.rules("rules in workerd", run::node(), "workerd.mjs"),
    },
    Suite {
        name: "sources-chromium",
        about: "the clients in Chromium",
        needs_package: true,
        company: Company::Any,
        run: |steps| steps.chromium_program("clients in Chromium", "sources/chromium.mjs"),
    },
    Suite {
        name: "providers",
        about: "the test providers themselves",
        needs_package: true,
        company: Company::Any,
        run: |steps| steps.server_tests("providers", "providers", |_| true),
    },
    Suite {
        name: "types",
        about: "the package's types, as strict consumers see them, and those of the test providers",
        needs_package: true,
        company: Company::Any,
        run: types,
    },
    Suite {
        name: "size",
        about: "the size of the module, compared with the recorded one",
        needs_package: true,
        company: Company::Any,
        run: |steps| {
            let workspace = steps.workspace;
            steps.add("size of the module", Work::Do(Box::new(move || size::check(workspace))));
        },
    },
    Suite {
        name: "packed",
        about: "the tarball in a project that has nothing else",
        needs_package: true,
        company: Company::Any,
        run: packed,
    },
    Suite {
        name: "worker-timed",
        about: "the edge worker: what depends on how long something takes",
        needs_package: true,
        company: Company::Alone,
        run: |steps| steps.server_tests("worker-timed", "worker", is_timed),
    },
    Suite {
        name: "portal-timed",
        about: "the portal: how long its tasks take, in Chromium and Firefox",
        needs_package: true,
        company: Company::Alone,
        run: portal::timed,
    },
];

const DENY_WARNINGS: [&str; 3] = ["--", "--deny", "warnings"];
const NODE_TEST: [&str; 4] = ["--expose-gc", "--test", "--test-reporter=tap", "--test-timeout=120000"];
/// A file of tests against servers may take minutes: they wait for time-outs, and read large bodies.
const SERVER_TEST: [&str; 4] = ["--expose-gc", "--test", "--test-reporter=tap", "--test-timeout=900000"];

/// The steps of one suite, collected before any of them runs.
pub struct Steps<'a> {
    pub workspace: &'a Workspace,
    /// Only tests whose name contains this.
    filter: Option<&'a str>,
    pub list: Vec<Step<'a>>,
}

/// One command, or one piece of work that must succeed.
pub struct Step<'a> {
    pub name: String,
    pub work: Work<'a>,
}

/// A command that is ready to run.
pub struct Prepared {
    pub command: Command,
    /// The project that it runs in, where that must be removed afterwards.
    _consumer: Option<Consumer>,
}

impl From<Command> for Prepared {
    fn from(command: Command) -> Self {
        Self { command, _consumer: None }
    }
}

/// Makes a command when its turn has come: what it needs is installed then.
type Prepare<'a> = Box<dyn FnOnce() -> Result<Prepared> + Send + 'a>;

pub enum Work<'a> {
    /// Must succeed; has no tests to count.
    Do(Box<dyn FnOnce() -> Result<()> + Send + 'a>),
    /// A command that must succeed.
    Check(Prepare<'a>),
    /// A command that runs tests.
    Tests(Report, Prepare<'a>),
    /// Cannot be done here, and why.
    Skipped(String),
}

impl<'a> Steps<'a> {
    pub fn of(suite: &Suite, workspace: &'a Workspace, filter: Option<&'a str>) -> Vec<Step<'a>> {
        let mut steps = Steps { workspace, filter, list: Vec::new() };
        (suite.run)(&mut steps);
        steps.list
    }

    fn add(&mut self, name: impl Into<String>, work: Work<'a>) {
        self.list.push(Step { name: name.into(), work });
    }

    fn check(&mut self, name: impl Into<String>, command: impl FnOnce() -> Result<Command> + Send + 'a) {
        self.add(name, Work::Check(Box::new(|| Ok(command()?.into()))));
    }

    fn tests(
        &mut self,
        name: impl Into<String>,
        report: Report,
        command: impl FnOnce() -> Result<Command> + Send + 'a,
    ) {
        self.add(name, Work::Tests(report, Box::new(|| Ok(command()?.into()))));
    }

    /// Node's own test runner over some files.
    fn node_tests(
        &mut self,
        name: impl Into<String>,
        flags: [&'static str; 4],
        command: impl FnOnce(&mut Command) -> Result<()> + Send + 'a,
    ) {
        let filter = self.filter;
        self.tests(name, Report::Tap, move || {
            let mut node = node_test(flags, filter);
            command(&mut node)?;
            Ok(node)
        });
    }

    /// Those tests of a folder that start servers, and are in the files that are wanted.
    fn server_tests(&mut self, name: &'static str, folder: &'static str, wanted: fn(&str) -> bool) {
        let workspace = self.workspace;
        self.node_tests(name, SERVER_TEST, move |node| {
            node.args(test_files(workspace, folder, wanted)?);
            Ok(())
        });
    }

    /// The rules, by a program of `tests/runtimes`.
    fn rules(&mut self, name: &'static str, mut runtime: Command, program: &'static str) {
        runtime.arg(self.workspace.root.join("tests/runtimes").join(program)).args(self.filter);
        self.tests(name, Report::Tap, move || Ok(runtime));
    }

    /// A program that takes the path of Chromium, and a filter.
    fn chromium_program(&mut self, name: &'static str, program: &'static str) {
        let Self { workspace, filter, .. } = *self;
        self.tests(name, Report::Tap, move || {
            let mut node = run::node();
            node.arg(workspace.root.join("tests").join(program)).arg(toolchain::chromium(workspace)?).args(filter);
            Ok(node)
        });
    }
}

fn lint(steps: &mut Steps) {
    steps.add("find rustfmt and clippy", Work::Do(Box::new(toolchain::lints)));
    steps.add("find the wasm target", Work::Do(Box::new(toolchain::wasm_target)));
    let workspace = steps.workspace;
    steps.add("generated lists of names", Work::Do(Box::new(move || names::check(workspace))));
    steps.add("install the npm packages", Work::Do(Box::new(move || toolchain::npm_packages(workspace))));
    steps.check("Biome", move || {
        let mut biome = run::node();
        biome.arg(workspace.tool("@biomejs/biome", "bin/biome")).args(["ci", "--error-on-warnings", "."]);
        biome.current_dir(&workspace.root);
        Ok(biome)
    });
    steps.check("rustfmt", || Ok(cargo(["fmt", "--all", "--check"])));
    for package in ["meterglot", "meterglot-fuzz", "xtask"] {
        steps.check(format!("clippy of {package}"), move || {
            let mut cargo = cargo(["clippy", "--quiet", "--all-targets", "--package", package]);
            cargo.args(DENY_WARNINGS);
            Ok(cargo)
        });
    }
    steps.check("clippy of meterglot for wasm", || {
        let mut cargo = cargo(["clippy", "--quiet", "--lib", "--package", "meterglot", "--target", WASM_TARGET]);
        cargo.arg("--all-features").args(DENY_WARNINGS);
        Ok(cargo)
    });
}

fn rust(steps: &mut Steps) {
    let filter = steps.filter;
    for package in ["meterglot", "meterglot-fuzz", "xtask"] {
        steps.tests(format!("cargo test of {package}"), Report::Cargo, move || {
            let mut cargo = cargo(["test", "--no-fail-fast", "--package", package]);
            cargo.args(filter);
            Ok(cargo)
        });
    }
}

/// Seconds of each fuzz target.
const FUZZ_SECONDS: u32 = 20;

fn fuzz(steps: &mut Steps) {
    let Steps { workspace, filter, .. } = *steps;
    steps.add("build the fuzz targets", Work::Do(Box::new(move || fuzz::build(workspace))));
    for target in fuzz::TARGETS.iter().filter(|target| filter.is_none_or(|filter| target.contains(filter))) {
        steps.tests(format!("fuzz {target}"), Report::LibFuzzer, move || {
            fuzz::command(workspace, target, FUZZ_SECONDS, fuzz::Inputs::Same)
        });
    }
}

/// The package's types as a strict consumer sees them, and against the public contract where that is at hand; and the types of the
/// test providers.
fn types(steps: &mut Steps) {
    let workspace = steps.workspace;
    let tsc = |config: &str| {
        let mut tsc = run::node();
        tsc.arg(workspace.tool("typescript", "bin/tsc"))
            .arg("--project")
            .arg(workspace.root.join("tests").join(config));
        tsc
    };
    for (name, config) in [
        ("types, the front against the reviewed file", "package/types/tsconfig.front.json"),
        ("types, seen by a strict consumer", "package/types/tsconfig.json"),
        ("types, seen through a bundler", "package/types/tsconfig.bundler.json"),
        ("types of the test providers", "providers/tsconfig.json"),
    ] {
        steps.check(name, move || Ok(tsc(config)));
    }
    let name = "types, against ../shared/api.d.ts";
    if workspace.root.join("../shared/api.d.ts").exists() {
        steps.check(name, move || Ok(tsc("package/types/tsconfig.shared.json")));
    } else {
        steps.add(name, Work::Skipped("no such file here, nothing to compare".to_owned()));
    }
}

fn package(steps: &mut Steps) {
    let workspace = steps.workspace;
    steps.add("build what the benchmark measures", Work::Do(Box::new(move || bench::build(workspace).map(|_| ()))));
    let again = "a second build of the module gives the same bytes";
    steps.add(again, Work::Do(Box::new(move || bench::build_again(workspace))));
    steps.node_tests("package in Node", NODE_TEST, move |node| {
        node.args(test_files(workspace, "package", |_| true)?);
        // The folder of the native program that the package is compared with.
        node.env("CARGO_TARGET_DIR", &workspace.target);
        Ok(())
    });
}

/// Files whose tests depend on how long something takes: nothing may run beside them.
fn is_timed(file: &str) -> bool {
    file.ends_with(".timed.test.mjs")
}

/// The tarball, in a project that has nothing else.
fn packed(steps: &mut Steps) {
    let workspace = steps.workspace;
    let filter = steps.filter;
    let prepare = move || {
        let consumer = Consumer::with(workspace, &workspace.root.join("tests/package/packed"))?;
        let mut command = node_test(NODE_TEST, filter);
        command.current_dir(&consumer.folder);
        Ok(Prepared { command, _consumer: Some(consumer) })
    };
    steps.add("packed package in a tiny project", Work::Tests(Report::Tap, Box::new(prepare)));
}

/// The tarball in projects of bundlers, runtimes and test runners; what they need is installed once.
fn installs(steps: &mut Steps) {
    let workspace = steps.workspace;
    steps.check("install the projects", move || {
        let mut node = run::node();
        node.arg(workspace.root.join("tests/installs/install.mjs"));
        Ok(node)
    });
    steps.node_tests("packed package in real projects", SERVER_TEST, move |node| {
        node.arg("--test-concurrency=1").args(test_files(workspace, "installs", |_| true)?);
        node.env("CHROMIUM", toolchain::chromium(workspace)?);
        Ok(())
    });
}

/// Node's own test runner, over the tests whose name contains a text.
fn node_test(flags: [&str; 4], filter: Option<&str>) -> Command {
    let mut node = run::node();
    node.args(flags);
    if let Some(filter) = filter {
        node.arg(format!("--test-name-pattern={}", literal_pattern(filter)));
    }
    node
}

fn cargo<const N: usize>(args: [&str; N]) -> Command {
    let mut cargo = run::cargo();
    cargo.args(args);
    cargo
}

/// The test files directly in a folder of tests whose names are wanted.
fn test_files(workspace: &Workspace, folder: &str, wanted: fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let folder = workspace.root.join("tests").join(folder);
    let mut files: Vec<_> = files_below(&folder)?.into_iter().collect();
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        file.parent() == Some(&folder) && name.ends_with(".test.mjs") && wanted(&name)
    });
    // Given no file, Node would look for tests by itself, and find others.
    ensure!(!files.is_empty(), "there are no such tests in {}", folder.display());
    Ok(files)
}

/// A regular expression that matches a text as it stands.
fn literal_pattern(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_alphanumeric() || c == '_' { vec![c] } else { vec!['\\', c] }).collect()
}
