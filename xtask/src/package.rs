//! Builds the npm package in `pkg/`: the engine, its glue, the TypeScript front end, the manifest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;
use wasm_bindgen_cli_support::Bindgen;

use crate::documents;
use crate::inventory;
use crate::names;
use crate::run;
use crate::stamp::{Inputs, files_below};
use crate::toolchain::{self, WASM_TARGET};
use crate::types;
use crate::workspace::Workspace;

/// What every engine since Node 20 reads. Named one by one: "all" lets the optimizer use encodings that Node 20 cannot load.
const WASM_FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// The compiler has already inlined. Further inlining by wasm-opt makes the compressed module larger.
const WASM_OPT: [&str; 7] = [
    "-O3",
    "--always-inline-max-function-size=0",
    "--flexible-inline-max-function-size=0",
    "--one-caller-inline-max-function-size=0",
    STRIP_NAMES,
    "--strip-producers",
    "--strip-target-features",
];

const STRIP_NAMES: &str = "--strip-debug";

/// Generated JavaScript that the TypeScript compiler does not write.
pub const GLUE: &str = "glue.js";
const VERSION: &str = "version.js";
/// The module as text, for `meterglot/inline` and for bundles.
const EMBEDDED: &str = "embedded-module.js";
/// The JSON Schema of format descriptors, for editors.
const SCHEMA: &str = "descriptor.schema.json";

/// How the module is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// As it is published.
    Release,
    /// For development: larger and slower, compiled in seconds.
    Quick,
}

impl Profile {
    /// The name of the profile in Cargo.toml.
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Quick => "quick",
        }
    }
}

pub fn build(workspace: &Workspace, profile: Profile) -> Result<()> {
    toolchain::wasm_target()?;
    toolchain::npm_packages(workspace)?;
    names::write(workspace)?;
    let engine = engine(workspace, profile);
    engine.build(workspace)?;
    inventory::write(workspace, &mut engine.cargo(workspace))?;
    embed(workspace)?;
    front(workspace)?;
    manifest(workspace)?;
    link(workspace)?;
    print_size(workspace)
}

/// Packs `pkg/` as npm would publish it.
pub fn pack(workspace: &Workspace) -> Result<PathBuf> {
    let mut npm = run::npm();
    npm.args(["pack", "--json", "--loglevel=error", "--pack-destination"])
        .arg(&workspace.state)
        .current_dir(&workspace.pkg);
    let packed: Value = serde_json::from_str(&run::output(&mut npm)?)?;
    // npm 11 prints a list; later versions print an object keyed by the package's name.
    let entry = packed.get(0).or_else(|| packed.get("meterglot")).context("npm pack names no file")?;
    Ok(workspace.state.join(entry["filename"].as_str().context("npm pack names no file")?))
}

/// The types of the FFI. They are for the compiler, and are not published.
fn ffi_types(workspace: &Workspace) -> PathBuf {
    workspace.state.join("ffi")
}

/// The module as it is published.
pub fn engine(workspace: &Workspace, profile: Profile) -> Engine<'static> {
    Engine {
        profile,
        features: &[],
        cargo_folder: workspace.target.clone(),
        module: workspace.pkg.join("meterglot.wasm"),
        glue: workspace.pkg.join(GLUE),
        types: ffi_types(workspace).join("glue.d.ts"),
        state: workspace.state.clone(),
    }
}

/// One way to build the module and its glue.
pub struct Engine<'a> {
    pub profile: Profile,
    /// Additional features of the crate.
    pub features: &'a [&'a str],
    /// Where cargo builds it.
    pub cargo_folder: PathBuf,
    pub module: PathBuf,
    pub glue: PathBuf,
    /// The glue's types.
    pub types: PathBuf,
    /// The folder for files that later runs use.
    pub state: PathBuf,
}

impl Engine<'_> {
    /// The command that compiles the crate.
    pub fn cargo(&self, workspace: &Workspace) -> Command {
        let mut cargo = run::cargo();
        cargo.args(["build", "--quiet", "--package", "meterglot", "--lib", "--target", WASM_TARGET]);
        cargo.args(["--profile", self.profile.name()]);
        cargo.arg("--features").arg(self.features.join(",")).arg("--target-dir").arg(&self.cargo_folder);
        cargo.env("CARGO_ENCODED_RUSTFLAGS", plain_paths());
        cargo.current_dir(&workspace.root);
        cargo
    }

    /// Cargo, then wasm-bindgen, then wasm-opt.
    pub fn build(&self, workspace: &Workspace) -> Result<()> {
        run::run(&mut self.cargo(workspace))?;

        let Self { module, glue, types, .. } = self;
        let compiled = self.cargo_folder.join(WASM_TARGET).join(self.profile.name()).join("meterglot.wasm");
        let optimizer = workspace.tool("binaryen", "bin/wasm-opt");
        Inputs::new((WASM_FEATURES, WASM_OPT, self.profile.name()))
            .path(&compiled)?
            .path(workspace.tool("binaryen", "package.json"))?
            .unless_stamped(&self.state.join("engine.stamp"), &[module.clone(), glue.clone(), types.clone()], || {
                let mut output = Bindgen::new()
                    .input_path(&compiled)
                    .web(true)?
                    .omit_default_module_path(true)
                    .reset_state_function(true)
                    .remove_producers_section(true)
                    .typescript(true)
                    .generate_output()?;
                write(glue, output.js())?;
                write(types, output.ts().unwrap_or_default())?;
                let bound = self.state.join("bound.wasm");
                write(&bound, output.wasm_mut().emit_wasm())?;
                if self.profile == Profile::Quick {
                    fs::copy(&bound, module)?;
                    return Ok(());
                }
                optimize(&optimizer, &WASM_OPT, &bound, module)
            })?;
        Ok(())
    }

    /// The module that was built last, with the names of its functions.
    pub fn named(&self, workspace: &Workspace) -> Result<PathBuf> {
        let bound = self.state.join("bound.wasm");
        if self.profile == Profile::Quick {
            return Ok(bound);
        }
        let named = self.state.join("named.wasm");
        let mut flags = WASM_OPT.to_vec();
        flags.retain(|flag| *flag != STRIP_NAMES);
        flags.push("--debuginfo");
        optimize(&workspace.tool("binaryen", "bin/wasm-opt"), &flags, &bound, &named)?;
        Ok(named)
    }
}

fn optimize(optimizer: &Path, flags: &[&str], from: &Path, to: &Path) -> Result<()> {
    let mut optimize = run::node();
    optimize.arg(optimizer).args(flags).args(WASM_FEATURES).arg(from).arg("--output").arg(to);
    run::run(&mut optimize)
}

/// Writes the module into a JavaScript file, as base64: a text that every bundler leaves as it is.
///
/// It is not compressed: a server compresses the file nearly as well, and no runtime can decompress synchronously.
fn embed(workspace: &Workspace) -> Result<()> {
    let module = workspace.pkg.join("meterglot.wasm");
    let embedded = workspace.pkg.join(EMBEDDED);
    let script = "const { readFileSync, writeFileSync } = require('node:fs'); const [, from, to] = process.argv; \
                  writeFileSync(to, `export const base64 = \"${readFileSync(from, 'base64')}\";\\n`)";
    Inputs::new(script).path(&module)?.unless_stamped(
        &workspace.state.join("embedded.stamp"),
        std::slice::from_ref(&embedded),
        || run::run(run::node().args(["--eval", script]).arg(&module).arg(&embedded)),
    )?;
    Ok(())
}

/// Flags that remove the paths of the build machine from the positions in panics.
fn plain_paths() -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    home.map_or_else(String::new, |home| format!("--remap-path-prefix={}=", home.join("registry/src").display()))
}

/// The TypeScript front end, checked against the types of the FFI and the public contract, compiled into `pkg/`.
fn front(workspace: &Workspace) -> Result<()> {
    let sources = workspace.root.join("js");
    let contract = sources.join("api.d.ts");
    // The first compiles everything; the second writes the types of the entry points that have no reviewed file of their own.
    let configs = ["tsconfig.json", "tsconfig.declarations.json"].map(|name| workspace.root.join(name));
    let ffi_types = ffi_types(workspace);
    write_if_changed(&ffi_types.join("version.d.ts"), "export declare const version: string;\n")?;
    write_if_changed(&ffi_types.join("embedded-module.d.ts"), "export declare const base64: string;\n")?;
    let published = workspace.pkg.join("index.d.ts");
    Inputs::new(&workspace.version)
        .path(&sources)?
        .path(&configs[0])?
        .path(&configs[1])?
        .path(&ffi_types)?
        .path(workspace.tool("typescript", "package.json"))?
        .unless_stamped(
            &workspace.state.join("front.stamp"),
            &[workspace.pkg.join("index.js"), published.clone()],
            || {
                remove_compiled(&workspace.pkg)?;
                write(&workspace.pkg.join(VERSION), format!("export const version = \"{}\";\n", workspace.version))?;
                for config in &configs {
                    let mut compile = run::node();
                    compile.arg(workspace.tool("typescript", "bin/tsc")).arg("--project").arg(config);
                    run::run(compile.current_dir(&workspace.root)).context("the TypeScript front does not compile")?;
                }
                fs::copy(&contract, &published)?;
                types::keep_reachable(&workspace.pkg)
            },
        )?;
    Ok(())
}

/// Removes the files of an earlier compilation, so that a renamed file does not stay in the package.
fn remove_compiled(pkg: &Path) -> Result<()> {
    for path in files_below(pkg)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if ![GLUE, EMBEDDED].contains(&name.as_str()) && (name.ends_with(".js") || name.ends_with(".d.ts")) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// The manifest with the crate's version, and the documents that go with the package.
fn manifest(workspace: &Workspace) -> Result<()> {
    let source = workspace.root.join("pkg.json");
    let text = fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    let mut manifest: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", source.display()))?;
    manifest["version"] = Value::from(workspace.version.as_str());
    write_if_changed(&workspace.pkg.join("package.json"), &format!("{}\n", serde_json::to_string_pretty(&manifest)?))?;
    let schema = workspace.root.join("formats").join(SCHEMA);
    let text = fs::read_to_string(&schema).with_context(|| format!("cannot read {}", schema.display()))?;
    write_if_changed(&workspace.pkg.join(SCHEMA), &text)?;
    documents::copy(workspace)
}

/// Lets the tests import the package by its name, through its own `exports`.
fn link(workspace: &Workspace) -> Result<()> {
    let name = workspace.root.join("node_modules/meterglot");
    if name.exists() {
        return Ok(());
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("../pkg", &name)?;
    #[cfg(windows)]
    std::os::windows::fs::symlink_dir("..\\pkg", &name)?;
    Ok(())
}

fn print_size(workspace: &Workspace) -> Result<()> {
    let module = workspace.pkg.join("meterglot.wasm");
    let raw = fs::metadata(&module)?.len();
    println!("meterglot.wasm: {raw} bytes, {} bytes with brotli", compressed(&module)?);
    Ok(())
}

/// The bytes of a file, compressed with brotli.
pub fn compressed(file: &Path) -> Result<u64> {
    let script = "const { readFileSync } = require('node:fs'); const { brotliCompressSync } = require('node:zlib'); \
                  console.log(brotliCompressSync(readFileSync(process.argv[1])).length)";
    let brotli = run::output(run::node().args(["--eval", script]).arg(file))?;
    Ok(brotli.trim().parse()?)
}

fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

fn write_if_changed(path: &Path, content: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|last| last == content) {
        return Ok(());
    }
    write(path, content)
}
