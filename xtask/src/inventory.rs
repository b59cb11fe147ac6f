//! Third-party code in the npm package: a software bill of materials (CycloneDX), and the licences.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::run;
use crate::toolchain::WASM_TARGET;
use crate::workspace::Workspace;

const BILL: &str = "sbom.cdx.json";
const LICENSES: &str = "THIRD-PARTY-LICENSES.txt";

/// Writes both files into `pkg/`. `build` is the command that has built the module: cargo lists each crate that it used.
pub fn write(workspace: &Workspace, build: &mut Command) -> Result<()> {
    let mut metadata = run::cargo();
    metadata.args(["metadata", "--locked", "--format-version", "1"]).current_dir(&workspace.root);
    let metadata: Value = serde_json::from_str(&run::output(&mut metadata)?)?;
    let used = crates_of(&run::output(build.arg("--message-format=json"))?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let crates: Vec<&Value> = packages
        .iter()
        .filter(|package| package["name"] != "meterglot" && package["id"].as_str().is_some_and(|id| used.contains(id)))
        .collect();
    fs::write(workspace.pkg.join(BILL), format!("{}\n", serde_json::to_string_pretty(&bill(workspace, &crates)?)?))?;
    fs::write(workspace.pkg.join(LICENSES), licenses(&crates)?)?;
    Ok(())
}

/// The ids of the crates that were compiled for WebAssembly: neither build scripts nor macros, which run on the machine that builds.
fn crates_of(messages: &str) -> Result<BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    for line in messages.lines() {
        let message: Value = serde_json::from_str(line)?;
        let is_for_wasm = |file: &Value| {
            file.as_str().is_some_and(|file| Path::new(file).components().any(|part| part.as_os_str() == WASM_TARGET))
        };
        if message["reason"] == "compiler-artifact"
            && message["filenames"].as_array().is_some_and(|files| files.iter().any(is_for_wasm))
        {
            ids.insert(message["package_id"].as_str().context("an artifact of no package")?.to_owned());
        }
    }
    Ok(ids)
}

/// CycloneDX 1.6, without a serial number or a time: the same package has the same bill.
fn bill(workspace: &Workspace, crates: &[&Value]) -> Result<Value> {
    let mut components = Vec::new();
    for package in crates {
        let (name, version) = name_and_version(package)?;
        components.push(json!({
            "type": "library",
            "bom-ref": format!("pkg:cargo/{name}@{version}"),
            "name": name,
            "version": version,
            "purl": format!("pkg:cargo/{name}@{version}"),
            "licenses": [{ "expression": package["license"].as_str().context("a crate without a licence")? }],
        }));
    }
    let manifest: Value = serde_json::from_str(&fs::read_to_string(workspace.root.join("pkg.json"))?)?;
    for name in manifest["dependencies"].as_object().into_iter().flat_map(|list| list.keys()) {
        let installed = workspace.tool(name, "package.json");
        let package: Value = serde_json::from_str(&fs::read_to_string(installed)?)?;
        let (name, version) = name_and_version(&package)?;
        components.push(json!({
            "type": "library",
            "bom-ref": format!("pkg:npm/{name}@{version}"),
            "name": name,
            "version": version,
            "description": "Installed beside the package by npm, not contained in it.",
            "purl": format!("pkg:npm/{name}@{version}"),
            "licenses": [{ "expression": package["license"] }],
        }));
    }
    let own = format!("pkg:npm/meterglot@{}", workspace.version);
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": { "type": "library", "bom-ref": own, "name": "meterglot", "version": workspace.version, "purl": own },
        },
        "components": components,
    }))
}

/// Each licence text once, after the crates that carry it.
fn licenses(crates: &[&Value]) -> Result<String> {
    let mut list = String::new();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in crates {
        let (name, version) = name_and_version(package)?;
        let license = package["license"].as_str().unwrap_or_default();
        list.push_str(&format!("{name} {version}: {license}\n"));
        let manifest = PathBuf::from(package["manifest_path"].as_str().context("a crate without a manifest")?);
        for file in license_files(manifest.parent().context("a manifest without a folder")?)? {
            let text = String::from_utf8_lossy(&fs::read(file)?).replace("\r\n", "\n");
            texts.entry(text).or_default().push(format!("{name} {version}"));
        }
    }
    let mut by_crate: Vec<_> = texts.into_iter().map(|(text, names)| (names.join(", "), text)).collect();
    by_crate.sort();
    let texts: Vec<_> =
        by_crate.iter().map(|(names, text)| format!("{}\n{names}\n\n{}\n", "-".repeat(80), text.trim())).collect();
    Ok(format!(
        "meterglot.wasm contains these crates. The licence of meterglot itself is in LICENSE.\n\n{list}\n{}",
        texts.join("\n")
    ))
}

/// The files of a crate that hold its licence.
fn license_files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_uppercase();
        if path.is_file()
            && ["LICENSE", "LICENCE", "COPYING", "UNLICENSE", "NOTICE"].iter().any(|it| name.starts_with(it))
        {
            files.insert(path);
        }
    }
    Ok(files)
}

fn name_and_version(package: &Value) -> Result<(&str, &str)> {
    let text = |name: &str| package[name].as_str().with_context(|| format!("a package without a {name}"));
    Ok((text("name")?, text("version")?))
}
