//! Skips steps whose inputs have not changed.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A digest of everything a step reads: file names, file bytes, and settings.
#[derive(Default)]
pub struct Inputs(DefaultHasher);

impl Inputs {
    pub fn new(settings: impl Hash) -> Self {
        let mut inputs = Self::default();
        settings.hash(&mut inputs.0);
        inputs
    }

    /// Adds a file, or every file below a folder, to the digest. An absent path is recorded as absent.
    pub fn path(mut self, path: impl AsRef<Path>) -> Result<Self> {
        for file in files_below(path.as_ref())? {
            file.hash(&mut self.0);
            fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?.hash(&mut self.0);
        }
        Ok(self)
    }

    /// Does the work, unless it was done for the same inputs and the outputs still exist. Returns whether it was done.
    pub fn unless_stamped(self, stamp: &Path, outputs: &[PathBuf], work: impl FnOnce() -> Result<()>) -> Result<bool> {
        let digest = format!("{:016x}", self.0.finish());
        let fresh =
            fs::read_to_string(stamp).is_ok_and(|last| last == digest) && outputs.iter().all(|path| path.exists());
        if fresh {
            return Ok(false);
        }
        let _ = fs::remove_file(stamp);
        work()?;
        if let Some(folder) = stamp.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(stamp, digest).with_context(|| format!("cannot write {}", stamp.display()))?;
        Ok(true)
    }
}

/// Every file at or below a path, in one fixed order.
pub fn files_below(path: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let mut pending = vec![path.to_owned()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path).with_context(|| format!("cannot list {}", path.display()))? {
                pending.push(entry?.path());
            }
        } else if path.exists() {
            files.insert(path);
        }
    }
    Ok(files)
}
