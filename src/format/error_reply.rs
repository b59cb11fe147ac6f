//! Reads the codes and messages of an error reply of any provider (docs/formats.md).

use super::candidates::ErrorFormat;
use super::described::Names;
use super::head::ITEM;
use crate::descriptor::model::ErrorRule;
use crate::descriptor::path::Path;
use crate::format::head::Head;
use crate::model::error::{Fault, shortened};
use crate::model::provider::Encoding;
use crate::read::{Element, Opening, ValueType};

/// The most messages of an error reply that its fault quotes.
const QUOTED: usize = 3;

/// Names of an error's texts, the most specific first. Compared without case, hyphens and underscores.
const MESSAGES: [&str; 15] = [
    "msg",
    "message",
    "messages",
    "errormessage",
    "errormessages",
    "errordescription",
    "errors",
    "error",
    "fault",
    "exception",
    "title",
    "description",
    "detail",
    "details",
    "reason",
];
const CODES: [&str; 6] = ["code", "errorcode", "errorcodes", "errortype", "statuscode", "codes"];
/// Those names that may also have an object with further texts.
const NESTED: [&str; 4] = ["error", "errors", "fault", "exception"];

/// The codes and messages of an error reply.
#[derive(Debug, Default)]
pub(crate) struct ProviderError {
    pub codes: Vec<String>,
    pub messages: Vec<String>,
}

impl ErrorFormat {
    /// What the reply says, as a fault.
    pub fn fault(&self, reply: Element<'_>) -> Fault {
        let error = match self.rule() {
            Some(rule) => ProviderError::described(reply, rule, self.ignores_case()),
            None => ProviderError::read(reply),
        };
        error.into_fault(self.provider().as_str())
    }
}

impl ProviderError {
    pub fn into_fault(self, whose: &str) -> Fault {
        let mut message = format!("{whose} sent an error reply");
        for (i, text) in self.messages.iter().take(QUOTED).enumerate() {
            message.push_str(if i == 0 { ": " } else { "; " });
            message.push_str(&shortened(text));
        }
        if let Some(more @ 1..) = self.messages.len().checked_sub(QUOTED) {
            message.push_str(&format!(" and {more} more"));
        }
        Fault::provider(message, self.codes, self.messages)
    }

    /// Adds the texts of a value: a string, a list of strings, or an object of lists.
    pub fn add_messages(&mut self, element: Element<'_>) {
        add_texts(element, &mut self.messages);
    }

    pub fn add_codes(&mut self, element: Element<'_>) {
        add_texts(element, &mut self.codes);
    }

    /// Reads a reply, or one error of several.
    pub fn read(reply: Element<'_>) -> Self {
        let mut error = Self::default();
        error.add(reply);
        // Some errors have other names, or none: `<error>…`.
        if error.messages.is_empty() && error.codes.is_empty() {
            error.add_messages(reply);
        }
        error
    }

    /// Reads a reply by a rule of a descriptor; one that names no places means all customary ones.
    pub fn described(reply: Element<'_>, rule: &ErrorRule, ignore_case: bool) -> Self {
        if rule.has_no_places() {
            return Self::read(reply);
        }
        let encoding = reply.encoding();
        let names = Names { ignore_case };
        let mut error = Self::default();
        let mut each = |places: &[Path], add: fn(&mut Self, Element<'_>)| {
            for path in places {
                let steps = match (encoding, path.steps.split_first()) {
                    (Encoding::Json, _) | (Encoding::Xml, None) => &path.steps[..],
                    // The root element is the first step.
                    (Encoding::Xml, Some((root, rest))) if names.is_step(root, reply) => rest,
                    (Encoding::Xml, Some(_)) => continue,
                };
                names.each(reply, steps, &mut Vec::new(), &mut |element, _| add(&mut error, element));
            }
        };
        each(rule.codes.of(encoding), Self::add_codes);
        each(rule.messages.of(encoding), Self::add_messages);
        error
    }

    fn add(&mut self, reply: Element<'_>) {
        match reply.value_type() {
            ValueType::Array if reply.encoding() == Encoding::Json => {
                for entry in reply.children() {
                    match entry.value_type() {
                        ValueType::Object => self.add(entry),
                        _ => self.add_messages(entry),
                    }
                }
            }
            ValueType::Object | ValueType::Array => self.add_fields(reply),
            _ => {}
        }
    }

    fn add_fields(&mut self, reply: Element<'_>) {
        let before = self.messages.len();
        let mut kind = None;
        for name in MESSAGES {
            for field in reply.children().filter(|field| is_named(&field.name(), &[name])) {
                let says_more = |part: Element<'_>| is_named(&part.name(), &MESSAGES) || is_named(&part.name(), &CODES);
                match field.value_type() {
                    ValueType::Bool => {}
                    // An object `errors` has the messages for each field of a form.
                    ValueType::Object
                        if NESTED.contains(&name) && name != "errors" && field.children().any(says_more) =>
                    {
                        self.add(field);
                    }
                    ValueType::Array if NESTED.contains(&name) => self.add(field),
                    _ if name == "error" && field.is_text() && reply.encoding() == Encoding::Json => kind = Some(field),
                    _ => self.add_messages(field),
                }
            }
        }
        // The `error` of RFC 6749 is a code if the reply also has a text.
        match kind {
            Some(kind) if self.messages.len() > before => self.add_codes(kind),
            Some(kind) => self.add_messages(kind),
            None => {}
        }
        for field in reply.children().filter(|field| is_named(&field.name(), &CODES)) {
            self.add_codes(field);
        }
    }
}

fn add_texts(element: Element<'_>, out: &mut Vec<String>) {
    match element.value_type() {
        ValueType::Null | ValueType::Bool => {}
        ValueType::Object | ValueType::Array => element.children().for_each(|child| add_texts(child, out)),
        _ if element.raw().is_empty() => {}
        _ => out.push(element.text().into_owned()),
    }
}

/// Whether a name is one of these, written as `error_message`, `errorMessage` or `Error-Message`.
fn is_named(name: &str, names: &[&str]) -> bool {
    let plain = || name.bytes().filter(|byte| !matches!(byte, b'_' | b'-')).map(|byte| byte.to_ascii_lowercase());
    names.iter().any(|known| plain().eq(known.bytes()))
}

/// Whether a reply has any of the forms of an error. This is enough only if the provider is known from the
/// option or the request.
pub(crate) fn is_error(head: &Head) -> bool {
    if head.success() == Some(false) {
        return true;
    }
    let has_message = |at: &str| head.below(at).any(|(name, _)| is_named(name, &MESSAGES));
    match (head.encoding, head.root) {
        (Encoding::Json, Some(Opening::Object)) => has_message("") && !is_ok(head),
        (Encoding::Json, _) => has_message(&format!("/{ITEM}")),
        (Encoding::Xml, _) => {
            let root = head.root_name();
            is_named(root, &NESTED) || has_message(&format!("/{root}"))
        }
    }
}

/// Wasabi reports success in the form of an error: `{"Msg":"OK"}` (docs/formats.md#wasabi-errors).
pub(crate) fn is_ok(head: &Head) -> bool {
    head.text("msg").is_some_and(|text| text.eq_ignore_ascii_case("ok"))
}
