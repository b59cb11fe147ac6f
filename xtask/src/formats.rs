//! The built-in formats as their descriptors name them: `formats/<provider>/<name>.json`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::workspace::Workspace;

/// What lists of formats say of one.
pub struct Described {
    pub provider: String,
    /// Its whole name.
    pub format: String,
    pub title: String,
    pub provider_title: String,
    /// How its replies are written, in capitals.
    encodings: Vec<String>,
}

/// Every descriptor, in alphabetical order.
pub fn described(workspace: &Workspace) -> Result<Vec<Described>> {
    let root = workspace.root.join("formats");
    let mut all = Vec::new();
    for provider in entries(&root)?.filter(|path| path.is_dir()) {
        for file in entries(&provider)?.filter(|path| path.extension().is_some_and(|ext| ext == "json")) {
            all.push(read(&file).with_context(|| format!("in {}", file.display()))?);
        }
    }
    // A format that extends another has what it lacks from there.
    let titles: Vec<_> = all.iter().map(|one| (one.provider.clone(), one.provider_title.clone())).collect();
    for one in all.iter_mut().filter(|one| one.provider_title == one.provider) {
        let known = titles.iter().find(|(provider, title)| *provider == one.provider && title != provider);
        known.into_iter().for_each(|(_, title)| one.provider_title.clone_from(title));
    }
    all.sort_by(|a, b| a.format.cmp(&b.format));
    Ok(all)
}

fn entries(folder: &Path) -> Result<impl Iterator<Item = std::path::PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    Ok(entries.filter_map(|entry| Some(entry.ok()?.path())))
}

fn read(file: &Path) -> Result<Described> {
    let descriptor: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    let text = |name: &str| descriptor.get(name).and_then(Value::as_str).map(str::to_owned);
    let of = |name: &str| text(name).with_context(|| format!("expected the member `{name}`, found none"));
    let (provider, format) = (of("provider")?, of("format")?);
    let own: Vec<_> = file.iter().rev().take(2).filter_map(|part| part.to_str()).collect();
    let due = format!("{}.{}", own[1], own[0].trim_end_matches(".json"));
    ensure!(format == due, "expected the format `{due}`, as the file is named, found `{format}`");
    let encodings = descriptor.get("encodings").and_then(Value::as_array);
    let encodings = encodings
        .map_or(vec!["JSON".to_owned()], |all| all.iter().filter_map(Value::as_str).map(str::to_uppercase).collect());
    let provider_title = text("providerTitle").unwrap_or_else(|| provider.clone());
    Ok(Described { provider, format, title: of("title")?, provider_title, encodings })
}

impl Described {
    pub fn description(&self) -> String {
        format!("{}. {}.", self.title.trim_end_matches('.'), self.encodings.join(" and "))
    }

    fn variant(name: &str) -> String {
        let mut out = String::new();
        for part in name.split(['.', '-']) {
            let mut letters = part.chars();
            out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
            out.push_str(letters.as_str());
        }
        out
    }
}

/// The formats in the order in which a text names them; those that it does not name come last.
fn in_order_of<'f>(text: &str, formats: &'f [Described]) -> Vec<&'f Described> {
    let place = |format: &Described| text.find(&format!("\"{}\"", format.format)).unwrap_or(usize::MAX);
    let mut all: Vec<_> = formats.iter().collect();
    all.sort_by_key(|format| place(format));
    all
}

/// The providers of formats, each once.
pub fn providers<'f>(formats: impl IntoIterator<Item = &'f Described>) -> Vec<&'f Described> {
    let mut providers: Vec<&Described> = Vec::new();
    for format in formats {
        if providers.iter().all(|known| known.provider != format.provider) {
            providers.push(format);
        }
    }
    providers
}

/// The formats in the order of the public contract.
pub fn in_public_order<'f>(workspace: &Workspace, formats: &'f [Described]) -> Result<Vec<&'f Described>> {
    Ok(in_order_of(&fs::read_to_string(workspace.root.join(ENUMS))?, formats))
}

/// Where the enums of providers and formats are.
pub const ENUMS: &str = "src/model/provider.rs";
/// Where the descriptors are embedded.
pub const EMBEDDED: &str = "src/descriptor/built_in.rs";

/// The enums of providers and formats.
pub fn enums(text: &str, formats: &[Described]) -> String {
    let formats = in_order_of(text, formats);
    let mut out = "names! {\n    open ProviderName:\n    /// A provider: one that is built in, or one that a format descriptor names.\n    Provider {\n".to_owned();
    for one in providers(formats.iter().copied()) {
        let variant = Described::variant(&one.provider);
        let _ = writeln!(out, "        /// {}.\n        {variant} = \"{}\",", one.provider_title, one.provider);
    }
    out += "    }\n}\n\nnames! {\n    open FormatName:\n    /// A format of a provider's replies: one that is built in, or one that a descriptor defines.\n    Format {\n";
    for one in formats {
        let variant = Described::variant(&one.format);
        let _ = writeln!(out, "        /// {}\n        {variant} = \"{}\",", one.description(), one.format);
    }
    out + "    }\n}\n"
}

/// The list of embedded descriptors, in the order of detection.
pub fn embedded(text: &str, formats: &[Described]) -> String {
    let mut out = format!("#[rustfmt::skip]\nconst FORMATS: [(&str, &str); {}] = [\n", formats.len());
    for one in in_order_of(text, formats) {
        let file = one.format.replacen('.', "/", 1);
        let _ = writeln!(out, "    (\"{}\", include_str!(\"../../formats/{file}.json\")),", one.format);
    }
    out + "];\n"
}
