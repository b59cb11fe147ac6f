//! Bodies that are no usage reply: nothing at all, something unknown, an HTML page.

use crate::error::{ErrorCode, Fault};

#[cold]
pub fn nothing_known() -> Fault {
    Fault::new(
        ErrorCode::UnknownFormat,
        "expected a usage reply of Barracuda, deviceWISE, CloudSigma, Wasabi or OnApp in JSON or XML, found something else",
    )
}

#[cold]
pub fn empty(offset: u64) -> Fault {
    Fault::new(ErrorCode::UnknownFormat, "expected a usage reply, found an empty body").at(offset)
}

/// Whether markup is an HTML page. `None`: too short to tell.
pub fn html(markup: &[u8], last: bool) -> Option<bool> {
    let mut rest = markup.trim_ascii_start();
    while let Some(comment) = rest.strip_prefix(b"<!--") {
        match memchr::memmem::find(comment, b"-->") {
            Some(end) => rest = comment[end + 3..].trim_ascii_start(),
            None => return if last || markup.len() >= HTML_HEAD { Some(false) } else { None },
        }
    }
    let starts = |prefix: &[u8]| rest.len() >= prefix.len() && rest[..prefix.len()].eq_ignore_ascii_case(prefix);
    let could_become = |prefix: &[u8]| rest.len() < prefix.len() && prefix[..rest.len()].eq_ignore_ascii_case(rest);
    if starts(b"<!doctype html") || starts(b"<html") {
        return Some(true);
    }
    let short = could_become(b"<!doctype html") || could_become(b"<html");
    if short && !last { None } else { Some(false) }
}

/// Bytes of an HTML page in which its heading is looked for.
pub const HTML_HEAD: usize = 4096;

/// An HTML page where JSON or XML was due; its title and heading are the message.
#[cold]
pub fn html_page(bytes: &[u8]) -> Fault {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(HTML_HEAD)]);
    let lower = text.to_ascii_lowercase();
    let between = |tag: &str| {
        let start = lower.find(&format!("<{tag}"))?;
        let start = start + lower[start..].find('>')? + 1;
        let end = start + lower[start..].find(&format!("</{tag}"))?;
        let found = text.get(start..end)?.trim();
        (!found.is_empty()).then(|| found.to_owned())
    };
    let mut headings: Vec<String> = ["title", "h1"].into_iter().filter_map(between).collect();
    headings.dedup();
    let message = match headings.is_empty() {
        true => "expected JSON or XML, found an HTML page".to_owned(),
        false => format!("expected JSON or XML, found an HTML page: {}", headings.join(", ")),
    };
    Fault::provider(message, Vec::new(), headings).within(String::new)
}
