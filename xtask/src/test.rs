//! Every test in every runtime: each step with its time, then one closing line.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Result, bail, ensure};

use crate::bench;
use crate::consumer::Consumer;
use crate::package;
use crate::run;
use crate::stamp::files_below;
use crate::tally::{self, Runner, Tally};
use crate::toolchain::{self, WASM_TARGET};
use crate::workspace::Workspace;

const DENY_WARNINGS: [&str; 3] = ["--", "--deny", "warnings"];
const NODE_TEST: [&str; 4] = ["--expose-gc", "--test", "--test-reporter=tap", "--test-timeout=120000"];
/// A whole file of tests against servers may take minutes: they wait for time-outs, and large bodies.
const SERVER_TEST: [&str; 4] = ["--expose-gc", "--test", "--test-reporter=tap", "--test-timeout=900000"];

/// Runs everything. The exit code is a failure where any step or test failed.
pub fn test(workspace: &Workspace) -> Result<ExitCode> {
    let mut session = Session { workspace, total: Tally::default() };
    session.rust();
    if session
        .step("build the package", || package::build(workspace, package::Profile::Release).map(|()| Tally::default()))
    {
        session.step("build what the benchmark measures", || bench::build(workspace).map(|_| Tally::default()));
        session.types();
        session.runtimes();
        session.edge();
        session.portal();
        session.packed();
    }
    let Tally { passed, failed } = session.total;
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Session<'a> {
    workspace: &'a Workspace,
    total: Tally,
}

impl Session<'_> {
    fn rust(&mut self) {
        self.step("find rustfmt and clippy", || toolchain::lints().map(|()| Tally::default()));
        self.step("find the wasm target", || toolchain::wasm_target().map(|()| Tally::default()));
        self.check("rustfmt", || Ok(cargo(["fmt", "--all", "--check"])));
        for package in ["meterglot", "xtask"] {
            self.check(&format!("clippy of {package}"), || {
                let mut cargo = cargo(["clippy", "--quiet", "--all-targets", "--package", package]);
                cargo.args(DENY_WARNINGS);
                Ok(cargo)
            });
        }
        self.check("clippy of meterglot for wasm", || {
            let mut cargo = cargo(["clippy", "--quiet", "--lib", "--package", "meterglot", "--target", WASM_TARGET]);
            cargo.arg("--all-features").args(DENY_WARNINGS);
            Ok(cargo)
        });
        for package in ["meterglot", "xtask"] {
            self.tests(&format!("cargo test of {package}"), Runner::Cargo, || {
                Ok(cargo(["test", "--no-fail-fast", "--package", package]))
            });
        }
    }

    /// The package's types as a strict consumer sees them, and against the public contract where that is at hand.
    fn types(&mut self) {
        let workspace = self.workspace;
        let tsc = |config: &str| {
            let mut tsc = run::node();
            tsc.arg(workspace.tool("typescript", "bin/tsc"))
                .arg("--project")
                .arg(workspace.root.join("tests/package/types").join(config));
            tsc
        };
        self.check("types, the front against the reviewed file", || Ok(tsc("tsconfig.front.json")));
        self.check("types, seen by a strict consumer", || Ok(tsc("tsconfig.json")));
        self.check("types, seen through a bundler", || Ok(tsc("tsconfig.bundler.json")));
        if workspace.root.join("../shared/api.d.ts").exists() {
            self.check("types, against ../shared/api.d.ts", || Ok(tsc("tsconfig.shared.json")));
        } else {
            println!("  -      types, against ../shared/api.d.ts: no such file here, nothing to compare");
        }
    }

    /// The promises of the package in Node, then every rule in every runtime.
    fn runtimes(&mut self) {
        let workspace = self.workspace;
        let runtimes = workspace.root.join("tests/runtimes");
        self.tests("package in Node", Runner::Node, || {
            let mut node = run::node();
            node.args(NODE_TEST).args(test_files(workspace, "package")?);
            // Where the native program is that the package is held against.
            node.env("CARGO_TARGET_DIR", &workspace.target);
            Ok(node)
        });
        self.tests("rules in Node", Runner::Node, || {
            let mut node = run::node();
            node.args(NODE_TEST).arg(runtimes.join("node.test.mjs"));
            Ok(node)
        });
        self.tests("rules in Deno", Runner::Deno, || {
            let mut deno = Command::new(workspace.tool(".bin", "deno"));
            deno.args(["test", "--no-check", "--no-lock", "--node-modules-dir=manual", "--allow-read", "--allow-env"]);
            deno.arg(runtimes.join("deno.test.mjs"));
            Ok(deno)
        });
        self.tests("rules in Bun", Runner::Bun, || {
            let mut bun = Command::new(workspace.tool(".bin", "bun"));
            bun.args(["test", "--timeout", "120000"]).arg(runtimes.join("bun.test.mjs"));
            Ok(bun)
        });
        self.tests("rules in workerd", Runner::Plain, || {
            let mut node = run::node();
            node.arg(runtimes.join("workerd.mjs"));
            Ok(node)
        });
        self.tests("rules in Chromium", Runner::Plain, || {
            let mut node = run::node();
            node.arg(runtimes.join("chromium.mjs")).arg(toolchain::chromium(workspace)?);
            Ok(node)
        });
    }

    /// The clients, the providers they are tested against, and the worker before them in workerd.
    fn edge(&mut self) {
        let workspace = self.workspace;
        for (name, folder) in [
            ("providers to test against", "providers"),
            ("clients against the providers", "sources"),
            ("edge worker in workerd", "worker"),
        ] {
            self.tests(name, Runner::Node, || {
                let mut node = run::node();
                node.args(SERVER_TEST).args(test_files(workspace, folder)?);
                Ok(node)
            });
        }
        self.tests("clients in Chromium", Runner::Plain, || {
            let mut node = run::node();
            node.arg(workspace.root.join("tests/sources/chromium.mjs")).arg(toolchain::chromium(workspace)?);
            Ok(node)
        });
    }

    /// The portal as a person meets it, in two browsers. It is built once; one file runs at a time, because some measure time.
    fn portal(&mut self) {
        let workspace = self.workspace;
        let folder = workspace.root.join("www/portal");
        self.check("types of the portal", || {
            let mut tsc = run::node();
            tsc.arg(workspace.tool("typescript", "bin/tsc")).arg("--project").arg(&folder);
            Ok(tsc)
        });
        self.check("build the portal", || {
            let mut vite = run::node();
            vite.arg(workspace.tool("vite", "bin/vite.js")).args(["build", "--logLevel", "warn"]);
            vite.current_dir(&folder).env("METERGLOT_EDGE", "");
            Ok(vite)
        });
        const OF_FIREFOX: &str = "firefox";
        const OF_A_COPY: &str = "copy";
        // What begins with none of these is for Chromium.
        let tests = |of: Option<&str>| -> Result<Command> {
            let mut files = test_files(workspace, "portal")?;
            files.retain(|file| {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                of == [OF_FIREFOX, OF_A_COPY].into_iter().find(|first| name.starts_with(first))
            });
            let mut node = run::node();
            node.args(SERVER_TEST).arg("--test-concurrency=1").args(files).env("METERGLOT_PORTAL_BUILT", "1");
            Ok(node)
        };
        self.tests("portal in Chromium", Runner::Node, || {
            let mut node = tests(None)?;
            node.env("CHROMIUM", toolchain::chromium(workspace)?);
            Ok(node)
        });
        self.tests("a copy of the portal, outside this tree", Runner::Node, || {
            let mut node = tests(Some(OF_A_COPY))?;
            node.env("CHROMIUM", toolchain::chromium(workspace)?);
            Ok(node)
        });
        match toolchain::firefox() {
            Ok(firefox) => self.tests("portal in Firefox", Runner::Node, || {
                let mut node = tests(Some(OF_FIREFOX))?;
                node.env("FIREFOX", firefox);
                Ok(node)
            }),
            Err(reason) => println!("  -      portal in Firefox, skipped: {reason:#}"),
        }
    }

    /// The tarball, in a project that has nothing else.
    fn packed(&mut self) {
        let workspace = self.workspace;
        let mut consumer = None;
        self.tests("packed package in a tiny project", Runner::Node, || {
            let project = consumer.insert(Consumer::with(workspace, &workspace.root.join("tests/package/packed"))?);
            let mut node = run::node();
            node.args(NODE_TEST).current_dir(&project.folder);
            Ok(node)
        });
    }

    /// A step that holds or does not, with no tests of its own to count.
    fn check(&mut self, name: &str, command: impl FnOnce() -> Result<Command>) {
        let workspace = self.workspace;
        self.step(name, || {
            let (ended_well, output) = run::captured(in_root(workspace, &mut command()?))?;
            if !ended_well {
                bail!("{output}");
            }
            Ok(Tally::default())
        });
    }

    /// A step that runs tests; what it printed is shown where one failed.
    fn tests(&mut self, name: &str, runner: Runner, command: impl FnOnce() -> Result<Command>) {
        let workspace = self.workspace;
        self.step(name, || {
            let (ended_well, output) = run::captured(in_root(workspace, &mut command()?))?;
            let mut tally = runner.tally(&output);
            if tally == Tally::default() {
                bail!("no test was run\n{output}");
            }
            if !ended_well && tally.failed == 0 {
                tally.failed = 1;
            }
            if tally.failed > 0 {
                println!("{}", runner.without_passes(&output));
            }
            for figure in tally::figures(&output) {
                println!("         {figure}");
            }
            Ok(tally)
        });
    }

    /// Runs one step, prints its time and counts, and adds them up. A step that cannot be done counts as one failure.
    fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Tally>) -> bool {
        let start = Instant::now();
        let tally = work().unwrap_or_else(|error| {
            println!("{error:#}");
            Tally { passed: 0, failed: 1 }
        });
        let counts = match tally {
            Tally { passed: 0, failed: 0 } => String::new(),
            Tally { passed, failed } => format!(": {passed} passed, {failed} failed"),
        };
        let verdict = if tally.failed == 0 { "ok" } else { "FAILED" };
        println!("  {verdict:<6} {name}{counts} ({:.1} s)", start.elapsed().as_secs_f32());
        self.total += tally;
        tally.failed == 0
    }
}

fn cargo<const N: usize>(args: [&str; N]) -> Command {
    let mut cargo = run::cargo();
    cargo.args(args);
    cargo
}

/// Every program runs in the project's root, without colours, so that what it prints can be read.
fn in_root<'a>(workspace: &Workspace, command: &'a mut Command) -> &'a mut Command {
    if command.get_current_dir().is_none() {
        command.current_dir(&workspace.root);
    }
    command.env("NO_COLOR", "1").env_remove("FORCE_COLOR")
}

/// The test files directly in a folder of tests.
fn test_files(workspace: &Workspace, folder: &str) -> Result<Vec<PathBuf>> {
    let folder = workspace.root.join("tests").join(folder);
    let mut files: Vec<_> = files_below(&folder)?.into_iter().collect();
    files.retain(|file| file.parent() == Some(&folder) && file.to_string_lossy().ends_with(".test.mjs"));
    // Given no file, Node would look for tests by itself, and find others.
    ensure!(!files.is_empty(), "there are no tests in {}", folder.display());
    Ok(files)
}
