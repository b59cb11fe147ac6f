//! The paths of the repository.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run;

/// The project's folders and the version in its Cargo.toml.
pub struct Workspace {
    pub root: PathBuf,
    /// Cargo's output folder, as configured.
    pub target: PathBuf,
    /// The files that are retained between runs: stamps, logs, the types of the FFI, the packed package.
    pub state: PathBuf,
    /// The npm package as built.
    pub pkg: PathBuf,
    pub version: String,
}

impl Workspace {
    pub fn open() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")?.to_owned();
        let mut command = run::cargo();
        command.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(&root);
        let metadata: Value = serde_json::from_str(&run::output(&mut command)?)?;
        let target = PathBuf::from(metadata["target_directory"].as_str().context("cargo names no target folder")?);
        let version = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|package| package["name"] == "meterglot")
            .and_then(|package| package["version"].as_str())
            .context("Cargo.toml holds no package meterglot")?
            .to_owned();
        // Not below `target`, which may be elsewhere: tsconfig.json names this folder.
        let state = root.join("target/xtask");
        let pkg = root.join("pkg");
        std::fs::create_dir_all(&state)?;
        std::fs::create_dir_all(&pkg)?;
        Ok(Self { root, target, state, pkg, version })
    }

    /// The program an npm package ships, as Node runs it.
    pub fn tool(&self, package: &str, program: &str) -> PathBuf {
        self.root.join("node_modules").join(package).join(program)
    }
}
