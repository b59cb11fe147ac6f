//! The structure of `src/` (docs/ARCHITECTURE.md#modules): its folders do not use each other in a circle, and only
//! `model/`, `format/` and the list of built-in descriptors name providers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The Rust files below a folder, each with its code: without comments and unit tests.
fn code_below(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("src/ can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(code_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a text");
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
            files.push((path, lines.collect::<Vec<_>>().join("\n")));
        }
    }
    files
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The top-level module that a file belongs to.
fn module_of(path: &Path) -> String {
    let first = path.strip_prefix(src()).expect("below src/").iter().next().expect("a name");
    first.to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// By top-level module: those that it uses. `lib.rs`, which only names them, is left out.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, code) in code_below(&src()) {
        let module = module_of(&path);
        if module == "lib" {
            continue;
        }
        let used = uses.entry(module.clone()).or_default();
        for rest in code.split("crate::").skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            // The FFI is the crate's caller: it uses the public items.
            if module != "ffi" && !name.is_empty() {
                assert!(
                    name.starts_with(|c: char| c.is_lowercase()),
                    "expected {} to name the module of `crate::{name}`, found the name at the root of the crate",
                    path.display()
                );
            }
            if name != module {
                used.insert(name);
            }
        }
    }
    uses
}

#[test]
fn folders_do_not_use_each_other_in_a_circle() {
    let mut left = uses();
    assert!(left.len() >= 10 && left["page"].contains("format"), "expected the modules of src/, found {left:?}");
    // Takes away what uses nothing that is left, until nothing is; a circle stays.
    loop {
        let names: BTreeSet<String> = left.keys().cloned().collect();
        let before = left.len();
        left.retain(|_, used| !used.is_disjoint(&names));
        if left.len() == before {
            break;
        }
    }
    assert!(left.is_empty(), "expected no circle between the folders of src/, found one among {left:?}");
}

#[test]
fn only_model_and_format_and_the_list_of_descriptors_name_providers() {
    for (path, code) in code_below(&src()) {
        let module = module_of(&path);
        if module == "model" || module == "format" || path.ends_with("descriptor/built_in.rs") {
            continue;
        }
        let code = code.to_lowercase();
        for provider in meterglot::Provider::ALL {
            let name = provider.as_str();
            assert!(!code.contains(name), "expected {} to name no provider, found `{name}`", path.display());
        }
    }
}
