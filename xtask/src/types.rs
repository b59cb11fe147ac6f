//! The package's type declarations: those that its entry points lead to, and no others.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::documents::normal;
use crate::stamp::files_below;

/// The declarations that the manifest names, from the package's folder.
const ENTRIES: [&str; 3] = ["index.d.ts", "sources/index.d.ts", "worker/index.d.ts"];
const SUFFIX: &str = ".d.ts";

/// Removes the declarations that no entry point imports. Fails where one imports a declaration that is not there.
pub fn keep_reachable(pkg: &Path) -> Result<()> {
    let mut pending: Vec<PathBuf> = ENTRIES.iter().map(|entry| pkg.join(entry)).collect();
    let mut reachable = BTreeSet::new();
    while let Some(file) = pending.pop() {
        if !reachable.insert(file.clone()) {
            continue;
        }
        let text = fs::read_to_string(&file)
            .with_context(|| format!("the published types need {}, which is not there", file.display()))?;
        let folder = file.parent().context("a file has a folder")?;
        pending.extend(imports(&text).map(|import| normal(&folder.join(import))));
    }
    for file in files_below(pkg)? {
        if file.to_string_lossy().ends_with(SUFFIX) && !reachable.contains(&file) {
            fs::remove_file(&file)?;
        }
    }
    Ok(())
}

/// The declarations that a file imports by a relative path, as TypeScript prints imports: `from "./a.js"`, `import("./a.js")`.
fn imports(text: &str) -> impl Iterator<Item = String> {
    text.split('"')
        .filter(|path| path.starts_with("./") || path.starts_with("../"))
        .filter_map(|path| path.strip_suffix(".js"))
        .map(|path| format!("{path}{SUFFIX}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_relative_modules_in_quotes() {
        let text = r#"import { a } from "./a.js"; import type { b } from "b"; export declare const c: import("../c.js").C; type D = "./d.json";"#;
        assert_eq!(imports(text).collect::<Vec<_>>(), ["./a.d.ts", "../c.d.ts"]);
    }
}
