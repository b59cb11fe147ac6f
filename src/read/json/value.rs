//! Records one JSON value on a tape.

use std::borrow::Cow;

use super::Scanner;
use super::plain::{plain_integer, plain_string};
use crate::read::keys::{Key, Keys};
use crate::read::literal::begins_with;
use crate::read::path::escape;
use crate::read::tape::{NO_MANTISSA, Node, Tape, TypeHint, ValueType};
use crate::read::text::unescape_json;
use crate::read::visitor::{ParserLimits, Scan};

impl Scanner<'_> {
    /// Records the value that starts here on the tape.
    pub fn value(&mut self, keys: &mut Keys, tape: &mut Tape, depth: usize, limits: &ParserLimits) -> Result<(), Scan> {
        let origin = self.at;
        let mut value = ValueScan { origin, tape, open: Vec::new(), due: None };
        value.tape.nodes.clear();
        let result = value.run(self, keys, depth, limits);
        if let Err(Scan::Fault(fault)) = result {
            let tail = value.open_path(self.input.bytes);
            return Err(Scan::Fault(fault.in_item(tail)));
        }
        result
    }
}

/// A value that is being recorded on a tape.
struct ValueScan<'t> {
    origin: usize,
    tape: &'t mut Tape,
    /// The containers that are not closed yet.
    open: Vec<Open>,
    /// The name of the next value, if it has one.
    due: Option<(u32, u32)>,
}

/// A container that is not closed yet.
struct Open {
    node: u32,
    is_object: bool,
    /// The field that was read last in the container.
    key: Key,
}

#[inline]
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

impl ValueScan<'_> {
    fn run(&mut self, s: &mut Scanner<'_>, keys: &mut Keys, depth: usize, limits: &ParserLimits) -> Result<(), Scan> {
        let (mut key, mut name) = (Key::NONE, (0, 0));
        loop {
            if let Some(open) = self.open.last_mut() {
                open.key = key;
            }
            // A value is expected here.
            self.due = Some(name);
            let byte = s.token("a value")?;
            let start = s.at;
            match byte {
                b'{' | b'[' => {
                    if depth + self.open.len() >= limits.depth {
                        return Err(limits.too_deep().at(s.input.base + start as u64).into());
                    }
                    let is_object = byte == b'{';
                    let (value_type, close) =
                        if is_object { (ValueType::Object, b'}') } else { (ValueType::Array, b']') };
                    s.at += 1;
                    self.open.push(Open { node: self.tape.nodes.len() as u32, is_object, key: Key::NONE });
                    self.push(name, value_type, (start, start));
                    self.due = None;
                    if s.token("a value or the end of the container")? != close {
                        (key, name) = match is_object {
                            true => self.name(s, keys, Key::NONE, "a field name or '}'")?,
                            false => (Key::NONE, (0, 0)),
                        };
                        continue;
                    }
                    s.at += 1;
                    self.close(s.at);
                }
                b'"' => {
                    let (span, value_type) = match plain_string(s.input.bytes, start + 1) {
                        Some(end) => {
                            s.at = end + 1;
                            ((start + 1, end), ValueType::Text)
                        }
                        None => {
                            let (span, escaped) = s.string()?;
                            (span, if escaped { ValueType::EscapedText } else { ValueType::Text })
                        }
                    };
                    self.push(name, value_type, span);
                }
                b'-' | b'0'..=b'9' => match plain_integer(s.input.bytes, start) {
                    Some((value, end)) => {
                        s.at = end;
                        self.push_integer(name, value, (start, end));
                    }
                    None => {
                        let span = s.number()?;
                        self.push(name, ValueType::Number, span);
                    }
                },
                _ => {
                    let value_type = s.word()?;
                    self.push(name, value_type, (start, s.at));
                }
            }
            // The value is complete here. What follows it?
            self.due = None;
            loop {
                let Some(&Open { is_object, key: previous, .. }) = self.open.last() else {
                    return Ok(());
                };
                let previous = if is_object { self.template_fields(s, keys, previous) } else { previous };
                let (close, expected) = if is_object { (b'}', "',' or '}'") } else { (b']', "',' or ']'") };
                match s.token(expected)? {
                    b',' => {
                        s.at += 1;
                        (key, name) = match is_object {
                            true => self.name(s, keys, previous, "a field name after ','")?,
                            false => (Key::NONE, (0, 0)),
                        };
                        break;
                    }
                    byte if byte == close => {
                        s.at += 1;
                        self.close(s.at);
                    }
                    _ => return Err(s.unexpected(expected)),
                }
            }
        }
    }

    /// Reads fields as long as they have the order of the row before and hold plain numbers and strings. This is the common
    /// case. Returns the field that was read last; the general code reads the rest.
    fn template_fields(&mut self, s: &mut Scanner<'_>, keys: &Keys, mut previous: Key) -> Key {
        let bytes = s.input.bytes;
        let mut done = s.at;
        while let Some((key, quoted)) = keys.guess(previous) {
            let mut at = done;
            if bytes.get(at) != Some(&b',') {
                break;
            }
            at += 1;
            while bytes.get(at).copied().is_some_and(is_space) {
                at += 1;
            }
            if !begins_with(&bytes[at..], quoted.as_bytes()) {
                break;
            }
            let name = self.relative((at + 1, at + quoted.len() - 2));
            at += quoted.len();
            while bytes.get(at).copied().is_some_and(is_space) {
                at += 1;
            }
            match bytes.get(at) {
                Some(b'0'..=b'9') => match plain_integer(bytes, at) {
                    Some((value, end)) => {
                        self.push_integer(name, value, (at, end));
                        done = end;
                    }
                    None => break,
                },
                Some(b'"') => match plain_string(bytes, at + 1) {
                    Some(end) => {
                        self.push(name, ValueType::Text, (at + 1, end));
                        done = end + 1;
                    }
                    None => break,
                },
                _ => break,
            }
            previous = key;
        }
        s.at = done;
        previous
    }

    /// A field's name and the colon after it.
    #[inline]
    fn name(
        &mut self,
        s: &mut Scanner<'_>,
        keys: &mut Keys,
        previous: Key,
        expected: &str,
    ) -> Result<(Key, (u32, u32)), Scan> {
        if s.token(expected)? != b'"' {
            return Err(s.unexpected(expected));
        }
        if let Some((key, quoted)) = keys.guess(previous)
            && begins_with(&s.input.bytes[s.at..], quoted.as_bytes())
        {
            let start = s.at + 1;
            s.at += quoted.len();
            return Ok((key, self.relative((start, s.at - 2))));
        }
        self.new_name(s, keys, previous)
    }

    fn new_name(&mut self, s: &mut Scanner<'_>, keys: &mut Keys, previous: Key) -> Result<(Key, (u32, u32)), Scan> {
        let (span, escaped) = s.string()?;
        let raw = std::str::from_utf8(&s.input.bytes[span.0..span.1]).unwrap_or_default();
        let name = if escaped { unescape_json(raw) } else { Cow::Borrowed(raw) };
        let key = keys.key(&name, previous);
        if s.token("':'")? != b':' {
            return Err(s.unexpected("':'"));
        }
        s.at += 1;
        Ok((key, self.relative(span)))
    }

    fn relative(&self, span: (usize, usize)) -> (u32, u32) {
        ((span.0 - self.origin) as u32, (span.1 - self.origin) as u32)
    }

    #[inline]
    fn push(&mut self, name: (u32, u32), value_type: ValueType, span: (usize, usize)) {
        let next = self.tape.nodes.len() as u32 + 1;
        let span = self.relative(span);
        self.tape.nodes.push(Node {
            value_type,
            hint: TypeHint::None,
            name,
            span,
            next,
            mantissa: NO_MANTISSA,
            scale: 0,
        });
    }

    #[inline]
    fn push_integer(&mut self, name: (u32, u32), mantissa: i64, span: (usize, usize)) {
        let next = self.tape.nodes.len() as u32 + 1;
        let span = self.relative(span);
        self.tape.nodes.push(Node {
            value_type: ValueType::Number,
            hint: TypeHint::None,
            name,
            span,
            next,
            mantissa,
            scale: 0,
        });
    }

    fn close(&mut self, end: usize) {
        if let Some(open) = self.open.pop() {
            let next = self.tape.nodes.len() as u32;
            let node = &mut self.tape.nodes[open.node as usize];
            node.next = next;
            node.span.1 = (end - self.origin) as u32;
        }
    }

    /// The end of the pointer: the path of the expected value, or of the innermost open container.
    fn open_path(&self, bytes: &[u8]) -> String {
        let mut out = String::new();
        for (i, parent) in self.open.iter().enumerate() {
            let next = self.open.get(i + 1).map(|child| child.node as usize);
            let name = next.map(|node| self.tape.nodes[node].name).or(self.due);
            let Some(name) = name else {
                break;
            };
            out.push('/');
            if parent.is_object {
                let span = self.origin + name.0 as usize..self.origin + name.1 as usize;
                escape(&unescape_json(std::str::from_utf8(&bytes[span]).unwrap_or_default()), &mut out);
            } else {
                let end = next.unwrap_or(self.tape.nodes.len());
                out.push_str(&self.children_before(parent.node as usize, end).to_string());
            }
        }
        out
    }

    /// The number of direct children of a node before another node.
    fn children_before(&self, parent: usize, end: usize) -> usize {
        let mut at = parent + 1;
        let mut count = 0;
        while at < end {
            at = self.tape.nodes[at].next as usize;
            count += 1;
        }
        count
    }
}
