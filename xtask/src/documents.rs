//! The files of the package other than code: its pages, with links that work on npm, and the folder that deploys the worker.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace::Workspace;

/// Where files of the repository that are not packed can be read.
const REPOSITORY: &str = "https://github.com/meterglot/meterglot";
const WORKER_TEMPLATE: &str = "worker-template";

/// Copies the licence, the pages and the worker's folder into `pkg/`.
pub fn copy(workspace: &Workspace) -> Result<()> {
    let Workspace { root, pkg, .. } = workspace;
    fs::copy(root.join("LICENSE"), pkg.join("LICENSE"))?;
    let docs = root.join("docs");
    let mut pages = vec![PathBuf::from("README.md"), PathBuf::from("CHANGELOG.md")];
    for entry in fs::read_dir(&docs)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path.strip_prefix(root)?.to_owned());
        }
    }
    let _ = fs::remove_dir_all(pkg.join("docs"));
    fs::create_dir_all(pkg.join("docs"))?;
    for page in &pages {
        let text = fs::read_to_string(root.join(page)).with_context(|| format!("cannot read {}", page.display()))?;
        fs::write(pkg.join(page), with_links(&text, page, &pages))?;
    }
    worker_template(workspace)
}

/// `www/worker` as a user needs it: with the package from npm instead of the local one.
fn worker_template(workspace: &Workspace) -> Result<()> {
    let from = workspace.root.join("www/worker");
    let to = workspace.pkg.join(WORKER_TEMPLATE);
    let _ = fs::remove_dir_all(&to);
    fs::create_dir_all(to.join("src"))?;
    for file in ["wrangler.jsonc", "src/index.ts", ".dev.vars.example"] {
        fs::copy(from.join(file), to.join(file)).with_context(|| format!("cannot copy www/worker/{file}"))?;
    }
    let mut manifest: Value = serde_json::from_str(&fs::read_to_string(from.join("package.json"))?)?;
    manifest["dependencies"]["meterglot"] = Value::from(workspace.version.as_str());
    fs::write(to.join("package.json"), format!("{}\n", serde_json::to_string_pretty(&manifest)?))?;
    Ok(())
}

/// A page whose relative links to files that are not packed lead to the repository.
fn with_links(text: &str, page: &Path, packed: &[PathBuf]) -> String {
    let folder = page.parent().unwrap_or(Path::new(""));
    let mut pieces = text.split("](");
    let mut rewritten = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let target = piece.split([')', '#', ' ']).next().unwrap_or_default();
        let is_image = rewritten.rsplit_once('[').is_some_and(|(before, _)| before.ends_with('!'));
        rewritten.push_str("](");
        let path = normal(&folder.join(target));
        if !target.is_empty() && !target.contains(':') && !packed.contains(&path) {
            let view = if is_image { "raw" } else { "blob" };
            let address = path.to_string_lossy().replace('\\', "/");
            rewritten.push_str(&format!("{REPOSITORY}/{view}/main/{address}{}", &piece[target.len()..]));
        } else {
            rewritten.push_str(piece);
        }
    }
    rewritten
}

/// A path without `.` and `..`.
pub fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_what_is_not_packed_lead_to_the_repository() {
        let packed = [PathBuf::from("docs/EDGE.md"), PathBuf::from("README.md")];
        let text = "[a](EDGE.md#x) [b](../src/lib.rs#y) ![c](portal/year.png) [d](#e) [f](https://example.com) [g](../README.md)";
        assert_eq!(
            with_links(text, Path::new("docs/A.md"), &packed),
            format!(
                "[a](EDGE.md#x) [b]({REPOSITORY}/blob/main/src/lib.rs#y) ![c]({REPOSITORY}/raw/main/docs/portal/year.png) [d](#e) [f](https://example.com) [g](../README.md)"
            )
        );
    }
}
