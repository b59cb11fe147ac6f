//! Measures the package side by side with other programs.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::package::{self, Engine, GLUE};
use crate::run;
use crate::workspace::Workspace;

/// `cargo xtask bench [--quick]`: builds what is measured, measures it, and writes `target/bench.json`.
pub fn bench(workspace: &Workspace) -> Result<()> {
    package::build(workspace, package::Profile::Release)?;
    let measured = build(workspace)?;
    let mut package = OsString::from("--package=");
    package.push(measured);
    let mut node = run::node();
    // Garbage collection runs between benchmarks; a million groups need memory.
    node.args(["--expose-gc", "--max-old-space-size=8192"]);
    node.arg(workspace.root.join("benches/run.mjs")).arg(package).args(std::env::args_os().skip(2));
    run::run(node.current_dir(&workspace.root))
}

/// The built package around a module that also has the bare scans, so that both are measured in one module.
pub fn build(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.root.join("target/bench");
    let package = folder.join("package");
    fs::create_dir_all(&package)?;
    Engine {
        profile: package::Profile::Release,
        features: &["bench"],
        cargo_folder: folder.join("cargo"),
        module: package.join("meterglot.wasm"),
        glue: package.join(GLUE),
        types: folder.join("glue.d.ts"),
        state: folder.clone(),
    }
    .build(workspace)?;
    for entry in fs::read_dir(&workspace.pkg)? {
        let file = entry?.path();
        let name = file.file_name().context("a file has a name")?;
        if name == "package.json" || (name != GLUE && file.extension().is_some_and(|extension| extension == "js")) {
            fs::copy(&file, package.join(name))?;
        }
    }
    Ok(package)
}

/// Builds the published module a second time, in the folder of the benchmark, where nothing of the first build is used, and
/// compares the bytes.
///
/// # Errors
/// If the two builds differ: then the package could not be verified by building it from its sources.
pub fn build_again(workspace: &Workspace) -> Result<()> {
    let folder = workspace.root.join("target/bench");
    let published = package::engine(workspace, package::Profile::Release);
    let again = Engine {
        cargo_folder: folder.join("cargo"),
        module: folder.join("again/meterglot.wasm"),
        glue: folder.join("again").join(GLUE),
        types: folder.join("again/glue.d.ts"),
        state: folder.join("again"),
        ..package::engine(workspace, package::Profile::Release)
    };
    published.build(workspace)?;
    again.build(workspace)?;
    for (one, other) in [(&published.module, &again.module), (&published.glue, &again.glue)] {
        ensure!(
            fs::read(one)? == fs::read(other)?,
            "expected {} and {} to be the same bytes",
            one.display(),
            other.display()
        );
    }
    Ok(())
}
