//! Runs the edge worker in workerd on this machine, with the test providers.

use anyhow::Result;

use crate::package;
use crate::run;
use crate::workspace::Workspace;

/// `cargo xtask load [--seconds n]`: sends requests to the worker for a limited time and prints the results.
pub fn load(workspace: &Workspace) -> Result<()> {
    package::build(workspace, package::Profile::Release)?;
    play(workspace, "load.mjs")
}

/// Calls through the worker and the providers, printed, and the portal built for them. At a terminal, or with `--serve`, all go on
/// until they are ended.
pub fn demo(workspace: &Workspace) -> Result<()> {
    play(workspace, "demo.mjs")
}

fn play(workspace: &Workspace, script: &str) -> Result<()> {
    let mut node = run::node();
    node.arg(workspace.root.join("www/worker/local").join(script)).args(std::env::args_os().skip(2));
    run::run(node.current_dir(&workspace.root))
}
