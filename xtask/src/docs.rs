//! `cargo xtask docs`: the documentation site in `target/docs`, from the pages of `docs/`, the TypeScript contract, and rustdoc.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::run;
use crate::stamp::files_below;
use crate::toolchain;
use crate::workspace::Workspace;

/// Builds the site. A link between its pages that leads nowhere is an error, and so is a public item of the package or the crate without documentation.
pub fn docs(workspace: &Workspace) -> Result<()> {
    let folder = workspace.root.join("docs");
    toolchain::npm_install(&folder)?;
    let tool = |program: &str| {
        let mut node = run::node();
        node.arg(folder.join("node_modules").join(program)).current_dir(&folder);
        node
    };
    // The reference, from the reviewed types.
    output(&mut tool("typedoc/bin/typedoc"))?;
    output(tool("vitepress/bin/vitepress.js").args(["build", "."]))?;
    rustdoc(workspace)?;
    println!("documentation: {}", workspace.root.join("target/docs/index.html").display());
    Ok(())
}

/// The crate's own documentation, below `/rust`.
fn rustdoc(workspace: &Workspace) -> Result<()> {
    let mut cargo = run::cargo();
    cargo.args(["doc", "--quiet", "--no-deps", "--package", "meterglot", "--lib", "--target-dir"]);
    cargo.arg(workspace.root.join("target/rustdoc")).env("RUSTDOCFLAGS", "--deny warnings");
    run::output(cargo.current_dir(&workspace.root))?;
    let from = workspace.root.join("target/rustdoc/doc");
    for file in files_below(&from)? {
        let to = workspace.root.join("target/docs/rust").join(file.strip_prefix(&from)?);
        fs::create_dir_all(to.parent().context("a file has a folder")?)?;
        fs::copy(&file, &to)?;
    }
    Ok(())
}

/// Runs a command; all it printed goes into the error where it fails.
fn output(command: &mut Command) -> Result<()> {
    let (succeeded, output) = run::captured(command)?;
    anyhow::ensure!(succeeded, "`{}` failed\n{output}", run::shown(command));
    Ok(())
}
