//! The size of the module: what each part of the engine costs, and whether it has grown.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::package::{self, Profile};
use crate::workspace::Workspace;

/// Where the size is recorded, with brotli.
const RECORD: &str = "xtask/module-size.json";

/// The growth that is not reported, in percent.
const GROWTH: u64 = 2;

/// Parts below this share of the code, in thousandths, are added up.
const SMALLEST_SHARE: u64 = 5;

/// `cargo xtask size [--quick | --check | --record]`.
pub fn size(workspace: &Workspace) -> Result<()> {
    let flag = std::env::args().nth(2);
    match flag.as_deref() {
        None => parts(workspace, Profile::Release),
        Some("--quick") => parts(workspace, Profile::Quick),
        Some("--check") => check(workspace),
        Some("--record") => record(workspace),
        Some(other) => bail!("expected --quick, --check or --record, found {other}"),
    }
}

/// Fails where the module in `pkg/` is larger than recorded.
pub fn check(workspace: &Workspace) -> Result<()> {
    let path = workspace.root.join(RECORD);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let record: Value = serde_json::from_str(&text)?;
    let recorded = record["brotli"].as_u64().with_context(|| format!("{RECORD}: expected a number `brotli`"))?;
    let most = recorded + recorded * GROWTH / 100;
    let found = package::compressed(&module(workspace))?;
    if found > most {
        bail!(
            "expected a module of at most {most} bytes with brotli ({GROWTH} % above the {recorded} in {RECORD}), found {found}: \
             make it smaller (`cargo xtask size` prints its parts), or record its size with `cargo xtask size --record`"
        );
    }
    println!("meterglot.wasm: {found} bytes with brotli, {recorded} recorded");
    Ok(())
}

fn record(workspace: &Workspace) -> Result<()> {
    let brotli = package::compressed(&module(workspace))?;
    let text = serde_json::to_string_pretty(&json!({ "brotli": brotli }))?;
    fs::write(workspace.root.join(RECORD), text + "\n")?;
    println!("{RECORD}: {brotli} bytes with brotli");
    Ok(())
}

fn module(workspace: &Workspace) -> std::path::PathBuf {
    workspace.pkg.join("meterglot.wasm")
}

/// Builds the module with the names of its functions, and prints what each part costs.
fn parts(workspace: &Workspace, profile: Profile) -> Result<()> {
    let engine = package::engine(workspace, profile);
    engine.build(workspace)?;
    let sizes = Sizes::read(&engine.named(workspace)?)?;
    let total = sizes.code + sizes.data;
    let share = |bytes: u64| bytes * 1000 / total.max(1);
    let mut parts: Vec<(&String, &u64)> = sizes.parts.iter().collect();
    parts.sort_by_key(|(name, bytes)| (std::cmp::Reverse(**bytes), *name));
    let print = |name: &str, bytes: u64| {
        println!("{bytes:>9}  {:>3}.{} %  {name}", share(bytes) / 10, share(bytes) % 10);
    };
    let mut others = 0;
    for (name, bytes) in parts {
        if share(*bytes) < SMALLEST_SHARE { others += bytes } else { print(name, *bytes) }
    }
    print("smaller parts", others);
    print("data: texts, tables, descriptors", sizes.data);
    println!("{total:>9}  code and data; {} bytes with brotli", package::compressed(&module(workspace))?);
    Ok(())
}

/// The bytes of a module, by part: a module of the crate with its first submodule, or another crate.
#[derive(Default)]
struct Sizes {
    parts: BTreeMap<String, u64>,
    code: u64,
    data: u64,
}

impl Sizes {
    fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let (mut imported, mut bodies, mut names) = (0, Vec::new(), BTreeMap::new());
        let mut sizes = Self::default();
        for payload in Parser::new(0).parse_all(&bytes) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => bodies.push(body.range().len() as u64),
                Payload::DataSection(data) => sizes.data += data.range().len() as u64,
                Payload::CustomSection(section) => {
                    let KnownCustom::Name(subsections) = section.as_known() else { continue };
                    for subsection in subsections {
                        let Name::Function(functions) = subsection? else { continue };
                        for function in functions {
                            let function = function?;
                            names.insert(function.index, part_of(function.name));
                        }
                    }
                }
                _ => {}
            }
        }
        for (index, bytes) in (imported..).zip(bodies) {
            sizes.code += bytes;
            let part = names.get(&index).cloned().unwrap_or_else(|| "without a name".to_owned());
            *sizes.parts.entry(part).or_default() += bytes;
        }
        Ok(sizes)
    }
}

/// The part that a function belongs to. Generic code of another crate belongs to the module whose types it was compiled for.
fn part_of(function: &str) -> String {
    // Crates have a hash in brackets behind their names.
    let mut plain = String::new();
    let mut depth = 0u32;
    for c in function.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    if let Some((_, behind)) = plain.split_once("meterglot::") {
        let mut names = behind.split("::").map(|name| name.split(|c| !is_name(c)).next().unwrap_or_default());
        let is_module = |name: &&str| name.starts_with(|c: char| c.is_lowercase());
        let module: Vec<&str> = names.by_ref().take(2).take_while(is_module).collect();
        return if module.is_empty() { "meterglot".to_owned() } else { module.join("::") };
    }
    let start = plain.find(is_name).unwrap_or(0);
    let name: String = plain[start..].chars().take_while(|c| is_name(*c)).collect();
    format!("crate {}", if name.is_empty() { "unknown" } else { &name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_belong_to_the_module_that_they_were_compiled_for() {
        for (function, part) in [
            ("meterglot::format::described::row::Reading::read", "format::described"),
            ("<meterglot[2f]::read::tape::Tape as core[1a]::clone::Clone>::clone", "read::tape"),
            ("core[1a]::slice::sort::<meterglot[2f]::table::parts::Row>", "table::parts"),
            ("<alloc[3c]::string::String as core[c5]::fmt::Write>::write_str", "crate alloc"),
            ("dlmalloc::Dlmalloc::malloc", "crate dlmalloc"),
            ("meterglot::normalize", "normalize"),
        ] {
            assert_eq!(part_of(function), part, "{function}");
        }
    }
}
