//! Writes the engine's closed lists of names where others need them: the npm package, its types, the portal, the docs.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail, ensure};
use meterglot::{Encoding, ErrorCode, GroupKey, Kind, Note, OnError, Overlap, Reducer, Split, Unit, WeekStart, Window};

use crate::formats::{self, Described};
use crate::workspace::Workspace;

const COMMAND: &str = "cargo xtask names";

/// A closed list of names.
struct List {
    /// Its type in `js/api.d.ts`.
    type_name: &'static str,
    /// The constant that holds its names.
    constant: &'static str,
    /// Each name with its description.
    names: Vec<(String, String)>,
    /// What the type allows beside the names.
    rest: Option<&'static str>,
}

/// The list of an enum.
macro_rules! list {
    ($name:ident, $constant:literal) => {
        List {
            type_name: stringify!($name),
            constant: $constant,
            names: $name::ALL.map(|name| (name.as_str().to_owned(), one_line(name.description()))).to_vec(),
            rest: None,
        }
    };
}

/// All lists, in the order of `js/api.d.ts`.
fn lists(formats: &[&Described]) -> Vec<List> {
    const OTHERS: Option<&str> = Some("(string & {})");
    let providers = formats::providers(formats.iter().copied());
    let named = |one: &&Described| (one.provider.clone(), format!("{}.", one.provider_title));
    vec![
        List {
            type_name: "Provider",
            constant: "PROVIDERS",
            names: providers.iter().map(named).collect(),
            rest: OTHERS,
        },
        List {
            type_name: "Format",
            constant: "FORMATS",
            names: formats.iter().map(|one| (one.format.clone(), one.description())).collect(),
            rest: OTHERS,
        },
        list!(OnError, "ON_ERROR"),
        list!(Encoding, "ENCODINGS"),
        list!(Kind, "KINDS"),
        list!(Note, "NOTES"),
        list!(ErrorCode, "ERROR_CODES"),
        list!(Window, "WINDOWS"),
        List {
            type_name: "GroupKey",
            constant: "GROUP_KEYS",
            names: GroupKey::NAMED.map(|(_, name, description)| (name.to_owned(), description.to_owned())).to_vec(),
            rest: Some("`dimensions.${string}`"),
        },
        list!(Reducer, "REDUCERS"),
        list!(WeekStart, "WEEK_STARTS"),
        list!(Split, "SPLITS"),
        list!(Overlap, "OVERLAPS"),
    ]
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes every generated list; with `--check` it only compares them.
pub fn command(workspace: &Workspace) -> Result<()> {
    match std::env::args().nth(2).as_deref() {
        None => write(workspace),
        Some("--check") => check(workspace),
        Some(other) => bail!("expected no argument or --check, found {other}"),
    }
}

/// Writes every generated list where it has changed.
pub fn write(workspace: &Workspace) -> Result<()> {
    for (path, was, is) in files(workspace)? {
        if was != is {
            fs::write(workspace.root.join(path), is).with_context(|| format!("cannot write {path}"))?;
            println!("{path}: names written");
        }
    }
    Ok(())
}

/// # Errors
/// Where a generated list is not that of the engine.
pub fn check(workspace: &Workspace) -> Result<()> {
    let stale: Vec<_> = files(workspace)?.into_iter().filter(|(_, was, is)| was != is).map(|(path, ..)| path).collect();
    ensure!(
        stale.is_empty(),
        "expected the names of the engine, found others in {}: run `{COMMAND}` and commit what it writes",
        stale.join(", ")
    );
    Ok(())
}

/// Each file with a generated list: its path, its text, and the text that is due.
fn files(workspace: &Workspace) -> Result<Vec<(&'static str, String, String)>> {
    let described = formats::described(workspace)?;
    let formats = formats::in_public_order(workspace, &described)?;
    let lists = lists(&formats);
    let in_portal = lists.iter().filter(|list| PORTAL.contains(&list.constant));
    let of = |path: &'static str, due: &dyn Fn(&str) -> Result<String>| -> Result<_> {
        let was = fs::read_to_string(workspace.root.join(path)).unwrap_or_default();
        let is = due(&was).with_context(|| format!("in {path}"))?;
        Ok((path, was, is))
    };
    Ok(vec![
        of("js/names.ts", &|_| Ok(constants(lists.iter())))?,
        of("www/portal/src/names.ts", &|_| Ok(constants(in_portal.clone()) + &titles(&formats) + &unit_constants()))?,
        of("js/api.d.ts", &|text| lists.iter().try_fold(text.to_owned(), |text, list| with_type(&text, list)))?,
        of("docs/design.md", &|text| between(text, "units", &unit_table()))?,
        of(formats::ENUMS, &|text| within(text, &formats::enums(text, &described)))?,
        of(formats::EMBEDDED, &|text| within(text, &formats::embedded(text, &described)))?,
    ])
}

/// The lists that the portal uses. It has a file of its own, because it is made to be copied out of this repository.
const PORTAL: [&str; 4] = ["PROVIDERS", "WINDOWS", "GROUP_KEYS", "REDUCERS"];

fn constants<'l>(lists: impl Iterator<Item = &'l List>) -> String {
    let mut text = format!("// Generated from the engine by `{COMMAND}`. Do not edit.\n");
    for List { constant, names, .. } in lists {
        let names: Vec<_> = names.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let line = format!("export const {constant} = [{}] as const;", names.join(", "));
        // As Biome formats it.
        if line.len() <= 160 {
            let _ = write!(text, "\n{line}\n");
        } else {
            let _ = write!(text, "\nexport const {constant} = [\n  {},\n] as const;\n", names.join(",\n  "));
        }
    }
    text
}

/// A union type, each name with its description, in the place of the one that is there.
fn with_type(text: &str, List { type_name, names, rest, .. }: &List) -> Result<String> {
    let start = format!("export type {type_name} =");
    let at = text.find(&start).with_context(|| format!("expected `{start}`, found none"))? + start.len();
    let end = at + text[at..].find(";\n").with_context(|| format!("expected an end of the type {type_name}"))?;
    let mut union = format!("\n  // Generated from the engine by `{COMMAND}`.");
    for (name, description) in names {
        let _ = write!(union, "\n  /** {description} */\n  | \"{name}\"");
    }
    if let Some(rest) = rest {
        let _ = write!(union, "\n  | {rest}");
    }
    Ok(format!("{}{union}{}", &text[..at], &text[end..]))
}

/// The text between two comments of Markdown.
fn between(text: &str, name: &str, content: &str) -> Result<String> {
    let (start, end) = (format!("<!-- {name}: generated by {COMMAND} -->\n"), format!("<!-- end of {name} -->"));
    let at = text.find(&start).with_context(|| format!("expected `{}`, found none", start.trim_end()))? + start.len();
    let until = at + text[at..].find(&end).with_context(|| format!("expected `{end}`, found none"))?;
    Ok(format!("{}\n{content}\n{}", &text[..at], &text[until..]))
}

/// The text between two comments of Rust.
fn within(text: &str, content: &str) -> Result<String> {
    let (start, end) = (format!("// formats: generated by {COMMAND}\n"), "// end of formats\n");
    let at = text.find(&start).with_context(|| format!("expected `{}`, found none", start.trim_end()))? + start.len();
    let until = at + text[at..].find(end).with_context(|| format!("expected `{}`, found none", end.trim_end()))?;
    Ok(format!("{}{content}{}", &text[..at], &text[until..]))
}

/// The names for people of providers and formats.
fn titles(formats: &[&Described]) -> String {
    let mut text = "\n/** By provider: its name for people. */\n\
        export const PROVIDER_TITLES: Readonly<Record<string, string>> = {\n"
        .to_owned();
    for one in formats::providers(formats.iter().copied()) {
        let _ = writeln!(text, "  {}: {:?},", one.provider, one.provider_title);
    }
    text.push_str("};\n\n/** By format: its name for people. */\nexport const FORMAT_TITLES: Readonly<Record<string, string>> = {\n");
    for one in formats {
        let _ = writeln!(text, "  {:?}: {:?},", one.format, one.title);
    }
    text + "};\n"
}

/// The units that no time is multiplied in.
fn levels() -> impl Iterator<Item = Unit> {
    Unit::all().filter(|unit| unit.seconds().is_none())
}

/// The times that a level can be multiplied by, each with its seconds.
fn times() -> Vec<(String, u64)> {
    let code = |unit: Unit| Some((unit.to_string().split_once('.')?.1.to_owned(), unit.seconds()?));
    Unit::all().take_while(|unit| unit.level() == Unit::BYTES).filter_map(code).collect()
}

fn unit_table() -> String {
    let mut table = "| unit | is |\n|---|---|\n".to_owned();
    for unit in levels() {
        if unit.base() == unit {
            let _ = writeln!(table, "| `{unit}` | a base |");
        } else {
            let _ = writeln!(table, "| `{unit}` | {} `{}` |", unit.factor(), unit.base());
        }
    }
    table.push_str("\n| time | seconds |\n|---|---|\n");
    for (time, seconds) in times() {
        let _ = writeln!(table, "| `{time}` | {seconds} |");
    }
    table
}

fn unit_constants() -> String {
    let mut text = "\n/** By unit: what it is a multiple of, and how many of that it is. */\n\
        export const UNITS: Readonly<Record<string, { base: string; factor: bigint }>> = {\n"
        .to_owned();
    for unit in levels() {
        let code = unit.to_string();
        let key = if code.starts_with('{') { format!("\"{code}\"") } else { code };
        let _ = writeln!(text, "  {key}: {{ base: \"{}\", factor: {}n }},", unit.base(), unit.factor());
    }
    text.push_str(
        "};\n\n/** By time that a unit can be multiplied by: its seconds. */\n\
         export const TIMES: Readonly<Record<string, bigint>> = {\n",
    );
    for (time, seconds) in times() {
        let key = if time.starts_with(|c: char| c.is_ascii_digit()) { format!("\"{time}\"") } else { time };
        let _ = writeln!(text, "  {key}: {seconds}n,");
    }
    text + "};\n"
}
