//! Checks for the required tools and installs the missing ones.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};

use crate::run;
use crate::stamp::Inputs;
use crate::workspace::Workspace;

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

const OLDEST_NODE: u32 = 20;

/// Adds the WebAssembly target of the compiler in use, where it is not there yet.
pub fn wasm_target() -> Result<()> {
    let _alone = alone();
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    let folder = PathBuf::from(run::output(&mut rustc)?.trim());
    if folder.exists() {
        return Ok(());
    }
    println!("adding the Rust target {WASM_TARGET}");
    run::run(Command::new("rustup").args(["target", "add", WASM_TARGET])).with_context(|| {
        format!("the Rust target {WASM_TARGET} is missing and rustup could not add it; install Rust through rustup, or add the target by hand")
    })
}

/// The target that this machine's own programs are compiled for.
pub fn host() -> Result<String> {
    let version = run::output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}

/// Adds rustfmt and clippy, where they are not there yet.
pub fn lints() -> Result<()> {
    let _alone = alone();
    for (component, probe) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if !run::succeeds(run::cargo().args([probe, "--version"])) {
            run::run(Command::new("rustup").args(["component", "add", component]))
                .with_context(|| format!("{component} is missing and rustup could not add it"))?;
        }
    }
    Ok(())
}

/// Installs the npm packages of package-lock.json, where `node_modules` is not of that lock file.
pub fn npm_packages(workspace: &Workspace) -> Result<()> {
    let version = run::output(run::node().arg("--version"))
        .context("Node is missing; version 20 or later is needed, with npm")?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node {} is too old: version {OLDEST_NODE} or later is needed", version.trim());
    }
    npm_install(&workspace.root)
}

/// Installs what a folder's package-lock.json names, where its `node_modules` is not of that lock file.
pub fn npm_install(folder: &Path) -> Result<()> {
    let _alone = alone();
    Inputs::new(std::env::consts::ARCH)
        .path(folder.join("package.json"))?
        .path(folder.join("package-lock.json"))?
        .unless_stamped(&folder.join("node_modules/.installed"), &[], || {
            println!("installing the npm packages of {}", folder.join("package-lock.json").display());
            run::run(run::npm().args(["ci", "--no-fund", "--no-audit", "--loglevel=error"]).current_dir(folder))
        })?;
    Ok(())
}

/// A Chromium to test in: the system's, else Playwright's own, installed where neither is there.
pub fn chromium(workspace: &Workspace) -> Result<PathBuf> {
    let _alone = alone();
    if let Some(found) = installed_chromium(workspace) {
        return Ok(found);
    }
    install_by_apt("chromium");
    if installed_chromium(workspace).is_none() {
        println!("installing Playwright's chromium");
        let cli = workspace.tool("playwright-core", "cli.js");
        run::run(run::node().arg(cli).args(["install", "chromium"]))
            .context("no Chromium: install Debian's package `chromium`, or let `npx playwright-core install chromium` reach its server")?;
    }
    installed_chromium(workspace).context("Chromium was installed, yet it is nowhere to be found")
}

/// Suites run side by side; the first that needs something installs it, and the others wait and find it.
fn alone() -> MutexGuard<'static, ()> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    INSTALLING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn installed_chromium(workspace: &Workspace) -> Option<PathBuf> {
    found("CHROMIUM", &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
        .or_else(|| playwright_chromium(workspace).filter(|path| path.is_file()))
}

/// A Firefox to test in: the system's, else Debian's, installed where it can be. Where there is none, an error that says so.
pub fn firefox() -> Result<PathBuf> {
    let _alone = alone();
    let installed = || found("FIREFOX", &["firefox-esr", "firefox"]);
    installed()
        .or_else(|| {
            install_by_apt("firefox-esr");
            installed()
        })
        .context("no Firefox: install Debian's package `firefox-esr`, or name a Firefox in the variable FIREFOX")
}

/// The program that a variable names, else the first of these names on the path.
fn found(variable: &str, names: &[&str]) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let folders: Vec<_> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let on_path = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    named.into_iter().chain(on_path).find(|path| path.is_file())
}

/// Installs one of Debian's packages, if this is Debian and permissions allow it; a failure is reported.
fn install_by_apt(package: &str) {
    let debian = Path::new("/usr/bin/apt-get");
    if !debian.exists() || !run::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0") {
        return;
    }
    println!("installing Debian's package {package} with apt-get, as root");
    let mut update = Command::new(debian);
    update.args(["update", "-qq"]);
    let mut install = Command::new(debian);
    install.args(["install", "-y", "-qq", "--no-install-recommends", package]).env("DEBIAN_FRONTEND", "noninteractive");
    if run::output(&mut update).is_ok()
        && let Err(error) = run::output(&mut install)
    {
        eprintln!("{error:#}");
    }
}

fn playwright_chromium(workspace: &Workspace) -> Option<PathBuf> {
    let script = "import { chromium } from 'playwright-core'; console.log(chromium.executablePath())";
    let mut node = run::node();
    node.args(["--input-type=module", "--eval", script]).current_dir(&workspace.root);
    run::output(&mut node).ok().map(|path| PathBuf::from(path.trim()))
}
