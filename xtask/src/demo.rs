//! Runs the packed package on the providers' documented replies, the edge worker with test providers, and the portal.

use anyhow::Result;

use crate::consumer::Consumer;
use crate::edge;
use crate::package;
use crate::run;
use crate::workspace::Workspace;

pub fn demo(workspace: &Workspace) -> Result<()> {
    package::build(workspace, package::Profile::Release)?;
    let consumer = Consumer::with(workspace, &workspace.root.join("examples"))?;
    let mut node = run::node();
    node.arg("demo.mjs").arg(workspace.root.join("tests/fixtures")).current_dir(&consumer.folder);
    run::run(&mut node)?;
    edge::demo(workspace)
}
