//! Bodies that are not usage replies: empty, in another encoding, an HTML page, or another known or unknown endpoint.

use super::candidates::Candidates;
use super::head::{ITEM, TYPE};
use super::neighbours::{Neighbour, endpoints, neighbour, wasabi_csv};
use crate::descriptor::FormatDescriptor;
use crate::format::head::Head;
use crate::model::error::{ErrorCode, Fault, quoted, shortened};
use crate::model::provider::Encoding;
use crate::options::ReadOptions;
use crate::read::Opening;

/// The most names of a body's root that a message shows.
const SHOWN: usize = 5;
/// The number of first bytes that distinguish bodies other than JSON and XML.
const SIGNATURE: usize = 64;

#[cold]
pub fn empty(offset: u64) -> Fault {
    Fault::new(ErrorCode::UnknownFormat, "expected a usage reply, found an empty body").at(offset)
}

/// The fault of a complete body in JSON or XML that no provider recognises.
#[cold]
pub fn nothing_known(head: &Head, options: &ReadOptions) -> Fault {
    let request = options.request.as_ref();
    match neighbour(head, request) {
        Some(neighbour) => instead_of(neighbour),
        None => unknown(&found(head), options),
    }
}

fn instead_of(Neighbour { name, instead }: Neighbour) -> Fault {
    let message = format!("expected a usage reply, found {name}, which is not supported: use {instead}");
    Fault::new(ErrorCode::UnknownFormat, message)
}

fn unknown(found: &str, options: &ReadOptions) -> Fault {
    let sender = Candidates::new(options).sender();
    let described = |format: &FormatDescriptor| {
        let encodings: Vec<_> = format.encodings().iter().map(|encoding| encoding.as_str().to_uppercase()).collect();
        format!("{} in {}", format.format(), encodings.join(" or "))
    };
    let others = match &options.formats[..] {
        [] => String::new(),
        formats => {
            let names: Vec<_> = formats.iter().take(SHOWN).map(FormatDescriptor::format).collect();
            format!(", or of the format {}{}", names.join(", "), if formats.len() > SHOWN { " and more" } else { "" })
        }
    };
    let message = match (&options.format, sender) {
        (Some(format), _) => format!("expected a usage reply of {}, found {found}", described(format)),
        (None, Some(sender)) => {
            let endpoints = endpoints(sender, &options.formats);
            format!("expected a usage reply of {} ({endpoints}){others}, found {found}", sender.as_str())
        }
        (None, None) => {
            format!("expected a usage reply of {} in JSON or XML{others}, found {found}", built_in_providers())
        }
    };
    Fault::new(ErrorCode::UnknownFormat, message)
}

/// The names of the built-in providers, as a message lists them.
fn built_in_providers() -> String {
    let mut names: Vec<&str> = Vec::new();
    for format in FormatDescriptor::built_in_formats() {
        let name = format.rules().provider_title.as_deref().unwrap_or(format.provider());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => names.join(", "),
    }
}

/// Describes a body by its type and its first names.
fn found(head: &Head) -> String {
    let names = |at: &str| {
        let named = head.below(at).filter(|(name, _)| name.strip_prefix('@') != Some(TYPE));
        let mut all = named.map(|(name, _)| name.replace("~1", "/").replace("~0", "~"));
        let shown: Vec<_> = all.by_ref().take(SHOWN).map(|name| quoted(&name)).collect();
        let more = if all.next().is_some() { " and more" } else { "" };
        if shown.is_empty() { None } else { Some(format!("{}{more}", shown.join(", "))) }
    };
    match (head.encoding, head.root) {
        (Encoding::Xml, _) => {
            let root = head.root_name();
            let within = names(&format!("/{root}")).map_or(String::new(), |names| format!(" with {names}"));
            format!("the XML element <{}>{within}", shortened(root))
        }
        (_, Some(Opening::Array)) => match names(&format!("/{ITEM}")) {
            Some(names) => format!("a list of objects with {names}"),
            None => "a list without rows".to_owned(),
        },
        _ => names("").map_or("an empty object".to_owned(), |names| format!("an object with {names}")),
    }
}

/// The first bytes of encodings that must be decoded first.
const ENCODED: [(&[u8], &str, &str); 19] = [
    (b"\x1F\x8B", "gzip", DECOMPRESS),
    (b"\x28\xB5\x2F\xFD", "zstd", DECOMPRESS),
    (b"\x78\x01", "zlib (deflate)", DECOMPRESS),
    (b"\x78\x5E", "zlib (deflate)", DECOMPRESS),
    (b"\x78\x9C", "zlib (deflate)", DECOMPRESS),
    (b"\x78\xDA", "zlib (deflate)", DECOMPRESS),
    (b"\x1F\x9D", "compress (LZW)", DECOMPRESS),
    (b"BZh", "bzip2", DECOMPRESS),
    (b"PK\x03\x04", "zip", DECOMPRESS),
    (b"\xFD7zXZ\x00", "xz", DECOMPRESS),
    (b"\x04\x22\x4D\x18", "lz4", DECOMPRESS),
    (b"\xFF\xFE", "UTF-16 (little-endian)", RECODE),
    (b"\xFE\xFF", "UTF-16 (big-endian)", RECODE),
    (b"{\x00", "UTF-16 (little-endian)", RECODE),
    (b"[\x00", "UTF-16 (little-endian)", RECODE),
    (b"<\x00", "UTF-16 (little-endian)", RECODE),
    (b"\x00{", "UTF-16 (big-endian)", RECODE),
    (b"\x00[", "UTF-16 (big-endian)", RECODE),
    (b"\x00<", "UTF-16 (big-endian)", RECODE),
];
const DECOMPRESS: &str = "decompress the body first, as its Content-Encoding says";
const RECODE: &str = "decode it and pass a string, or encode it as UTF-8";

/// Whether a body's first bytes are neither JSON, XML nor text, and its fault. `None`: too few bytes.
pub fn foreign(bytes: &[u8], last: bool) -> Option<Option<Fault>> {
    if let Some((_, name, advice)) = ENCODED.iter().find(|(start, ..)| bytes.starts_with(start)) {
        let message = format!("expected UTF-8, found {name}: {advice}");
        return Some(Some(Fault::new(ErrorCode::InvalidEncoding, message).at(0)));
    }
    let may_become = ENCODED.iter().any(|(start, ..)| start.len() > bytes.len() && start.starts_with(bytes));
    if may_become && !last && !bytes.is_empty() { None } else { Some(None) }
}

/// Text that is neither JSON nor XML, by its first line; `None`: it is not complete.
pub fn text(bytes: &[u8], last: bool, options: &ReadOptions) -> Option<Fault> {
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    // The bytes after the line end are examined, too.
    if bytes.len() < SIGNATURE.min(line.len() + 3) && !last {
        return None;
    }
    let line = &line[..line.len().min(SIGNATURE * 4)];
    let Ok(line) = std::str::from_utf8(line).or_else(|error| match error.valid_up_to() {
        0 => Err(error),
        valid => std::str::from_utf8(&line[..valid]),
    }) else {
        let message =
            "expected UTF-8, found an invalid byte: if the body has a Content-Encoding such as br, decode it first";
        return Some(Fault::new(ErrorCode::InvalidEncoding, message));
    };
    let columns = line.replace('"', "");
    if columns.starts_with("StartTime,EndTime")
        || columns.starts_with("AcctNum,")
        || columns.contains(",StartTime,EndTime")
    {
        return Some(instead_of(wasabi_csv()));
    }
    let after = &bytes[line.len()..];
    let is_chunk = line.len() <= 8 && line.bytes().all(|byte| byte.is_ascii_hexdigit()) && after.starts_with(b"\r\n");
    Some(if line.starts_with("HTTP/") {
        unknown("an HTTP response with its status line and headers: pass its body alone", options)
    } else if is_chunk && matches!(after.get(2), Some(b'{' | b'[' | b'<')) {
        unknown("a body in the chunks of HTTP: decode Transfer-Encoding first", options)
    } else if line.starts_with("\"{") || line.starts_with("\"[") {
        unknown("JSON within a JSON string: parse the string first", options)
    } else {
        unknown(&format!("the text {}", quoted(line)), options)
    })
}

/// The type of a body with markup, by its root element.
#[derive(Debug, PartialEq, Eq)]
pub enum Markup {
    Xml,
    /// An HTML page, whose root or DOCTYPE begins at this offset.
    Html(usize),
    /// Too few bytes.
    TooShort,
}

/// Elements that HTML pages begin with.
const HTML: [&[u8]; 5] = [b"html", b"head", b"body", b"h1", b"center"];

/// The number of bytes of an HTML page in which its heading is searched.
pub const HTML_HEAD: usize = 4096;

/// Detects an HTML page: `<html>` in any case, with or without an XML declaration, comments and a DOCTYPE before it.
pub fn markup(bytes: &[u8], last: bool) -> Markup {
    let unfinished = if last { Markup::Xml } else { Markup::TooShort };
    let mut at = 0;
    loop {
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let rest = &bytes[at..];
        let length = if rest.starts_with(b"<?") {
            memchr::memmem::find(rest, b"?>").map(|end| end + 2)
        } else if rest.starts_with(b"<!--") {
            memchr::memmem::find(rest, b"-->").map(|end| end + 3)
        } else if rest.starts_with(b"<!") {
            if is_tag(&rest[1..], b"!doctype html") {
                return Markup::Html(at);
            }
            doctype_length(rest)
        } else {
            let Some(name) = rest.strip_prefix(b"<") else {
                return if rest.is_empty() { unfinished } else { Markup::Xml };
            };
            let Some(length) = name.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
            else {
                // A page that is cut inside its first tag is still a page.
                let is_html = last && name.len() >= 4 && is_tag(name, b"html");
                return if is_html {
                    Markup::Html(at)
                } else if name.len() > SIGNATURE {
                    Markup::Xml
                } else {
                    unfinished
                };
            };
            let local = name[..length].rsplit(|byte| *byte == b':').next().unwrap_or_default();
            let is_html = HTML.iter().any(|known| local.eq_ignore_ascii_case(known));
            return if is_html { Markup::Html(at) } else { Markup::Xml };
        };
        match length {
            Some(length) => at += length,
            None => return unfinished,
        }
    }
}

fn is_tag(bytes: &[u8], name: &[u8]) -> bool {
    bytes.len() >= name.len() && bytes[..name.len()].eq_ignore_ascii_case(name)
}

/// The length of a DOCTYPE with all its declarations.
fn doctype_length(bytes: &[u8]) -> Option<usize> {
    let (mut quote, mut depth) = (None, 0_usize);
    for (at, &byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'[') => depth += 1,
            (None, b']') => depth = depth.saturating_sub(1),
            (None, b'>') if depth == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The fault of an HTML page in place of JSON or XML. Its title and heading are the message.
#[cold]
pub fn html_page(bytes: &[u8]) -> Fault {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(HTML_HEAD)]);
    let lower = text.to_ascii_lowercase();
    let between = |tag: &str| {
        let start = lower.find(&format!("<{tag}"))?;
        let start = start + lower[start..].find('>')? + 1;
        let end = start + lower[start..].find(&format!("</{tag}"))?;
        let found = plain_text(text.get(start..end)?);
        (!found.is_empty()).then_some(found)
    };
    let mut headings: Vec<String> = ["title", "h1"].into_iter().filter_map(between).collect();
    headings.dedup();
    let shown: Vec<_> = headings.iter().map(|heading| shortened(heading)).collect();
    let message = match shown.is_empty() {
        true => "expected JSON or XML, found an HTML page".to_owned(),
        false => format!("expected JSON or XML, found an HTML page: {}", shown.join(", ")),
    };
    Fault::provider(message, Vec::new(), headings).within(String::new)
}

/// Text without tags, with white space reduced to single spaces.
fn plain_text(markup: &str) -> String {
    let mut out = String::new();
    for (i, part) in markup.split('<').enumerate() {
        let text = if i == 0 { part } else { part.split_once('>').map_or("", |(_, text)| text) };
        out.push(' ');
        out.push_str(text);
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}
