//! A small project outside this repository with the packed package installed, as a user would install it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::package;
use crate::run;
use crate::stamp::files_below;
use crate::workspace::Workspace;

/// The project's folder; it is removed when this is dropped.
pub struct Consumer {
    pub folder: PathBuf,
}

impl Consumer {
    /// Packs `pkg/`, installs the tarball, and copies the files of `sources` beside it.
    pub fn with(workspace: &Workspace, sources: &Path) -> Result<Self> {
        let tarball = package::pack(workspace)?;
        let folder = std::env::temp_dir().join(format!("meterglot-consumer-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let consumer = Self { folder };
        fs::write(consumer.folder.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
        let mut install = run::npm();
        // What the package depends on may be known to the cache by its lock only, which says nothing of its versions.
        install.args(["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]).arg(&tarball);
        run::output(install.current_dir(&consumer.folder)).context("the packed package does not install")?;
        for file in files_below(sources)? {
            let copy = consumer.folder.join(file.strip_prefix(sources)?);
            fs::create_dir_all(copy.parent().context("a file has a folder")?)?;
            fs::copy(&file, &copy)?;
        }
        Ok(consumer)
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
