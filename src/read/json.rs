//! Scanning one JSON value (RFC 8259) onto a tape.

use std::borrow::Cow;

use super::digits::{HIGH_BITS, eight, every, small_number};
use super::keys::{Key, Keys};
use super::literal::begins_with;
use super::path::escape;
use super::skeleton::Skeletons;
use super::tape::{NO_MANTISSA, Node, Shape, Tape, TypeHint};
use super::{Scan, WalkLimits, Window};
use crate::decimal::SMALL_DIGITS;
use crate::error::{ErrorCode, Fault};

/// Reads JSON tokens from a window. Positions count from the window's first byte.
#[derive(Clone, Copy)]
pub struct Scanner<'w> {
    pub window: Window<'w>,
    pub at: usize,
}

impl<'w> Scanner<'w> {
    pub fn new(window: Window<'w>, at: usize) -> Self {
        Self { window, at }
    }

    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.window.bytes.get(self.at).copied()
    }

    #[inline]
    pub fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// The next byte that is no white space.
    #[inline]
    pub fn token(&mut self, expected: &str) -> Result<u8, Scan> {
        self.skip_space();
        self.peek().ok_or_else(|| self.ended(expected))
    }

    /// The window is used up: the body ends too early, or more is to come.
    #[cold]
    pub fn ended(&self, expected: &str) -> Scan {
        if !self.window.last {
            return Scan::NeedMore;
        }
        let end = self.window.base + self.window.bytes.len() as u64;
        Scan::Fault(
            Fault::new(ErrorCode::InvalidJson, format!("expected {expected}, found the end of the body")).at(end),
        )
    }

    /// A fault at the current byte.
    #[cold]
    pub fn unexpected(&self, expected: &str) -> Scan {
        let rest = &self.window.bytes[self.at..];
        let offset = self.window.base + self.at as u64;
        if rest.is_empty() {
            return self.ended(expected);
        }
        let sample = &rest[..rest.len().min(4)];
        let found = match std::str::from_utf8(sample) {
            Ok(text) => text.chars().next(),
            Err(error) if error.valid_up_to() > 0 => {
                std::str::from_utf8(&sample[..error.valid_up_to()]).unwrap_or_default().chars().next()
            }
            Err(error) if error.error_len().is_none() && rest.len() < 4 => {
                return if self.window.last { self.ended(expected) } else { Scan::NeedMore };
            }
            Err(_) => return Scan::Fault(not_utf8(offset)),
        };
        let found = match found {
            Some(c) if c.is_control() || (c.is_whitespace() && c != ' ') => format!("U+{:04X}", u32::from(c)),
            Some(c) => format!("'{c}'"),
            None => "nothing".to_owned(),
        };
        Scan::Fault(Fault::new(ErrorCode::InvalidJson, format!("expected {expected}, found {found}")).at(offset))
    }

    /// A string, at its opening quote: the span between the quotes, and whether it has escapes.
    pub fn string(&mut self) -> Result<((usize, usize), bool), Scan> {
        let start = self.at + 1;
        let bytes = self.window.bytes;
        let (mut at, mut escaped, mut high) = (start, false, 0u8);
        loop {
            let Some(&byte) = bytes.get(at) else {
                if let Err(error) = std::str::from_utf8(&bytes[start..])
                    && error.error_len().is_some()
                {
                    return Err(Scan::Fault(not_utf8(self.window.base + (start + error.valid_up_to()) as u64)));
                }
                return Err(self.ended("the closing quote of a string"));
            };
            match byte {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    at += 2;
                }
                0..0x20 => {
                    if let Err(error) = std::str::from_utf8(&bytes[start..at]) {
                        return Err(Scan::Fault(not_utf8(self.window.base + (start + error.valid_up_to()) as u64)));
                    }
                    self.at = at;
                    return Err(self.unexpected("a character that may stand in a string"));
                }
                _ => {
                    high |= byte;
                    at += 1;
                }
            }
        }
        let text = &bytes[start..at];
        if (high >= 0x80 || escaped)
            && let Err(error) = std::str::from_utf8(text)
        {
            return Err(Scan::Fault(not_utf8(self.window.base + (start + error.valid_up_to()) as u64)));
        }
        if escaped
            && let Ok(text) = std::str::from_utf8(text)
            && let Err(at) = super::escape::unescape(text)
        {
            let fault = Fault::new(ErrorCode::InvalidJson, "expected a valid escape in a string");
            return Err(Scan::Fault(fault.at(self.window.base + (start + at) as u64)));
        }
        self.at = at + 1;
        Ok(((start, at), escaped))
    }

    /// A number, at its first byte: its span.
    pub fn number(&mut self) -> Result<(usize, usize), Scan> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.skip_digits(),
            _ => return Err(self.unexpected("a digit")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        if self.at == self.window.bytes.len() && !self.window.last {
            return Err(Scan::NeedMore);
        }
        Ok((start, self.at))
    }

    fn digits(&mut self) -> Result<(), Scan> {
        match self.peek() {
            Some(b'0'..=b'9') => self.skip_digits(),
            _ => return Err(self.unexpected("a digit")),
        }
        Ok(())
    }

    #[inline]
    fn skip_digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    /// `true`, `false` or `null`, at its first byte.
    pub fn word(&mut self) -> Result<Shape, Scan> {
        let (word, shape) = match self.peek() {
            Some(b't') => ("true", Shape::Bool),
            Some(b'f') => ("false", Shape::Bool),
            Some(b'n') => ("null", Shape::Null),
            _ => return Err(self.unexpected("a value")),
        };
        for expected in word.bytes() {
            match self.peek() {
                Some(byte) if byte == expected => self.at += 1,
                _ => return Err(self.unexpected(word)),
            }
        }
        Ok(shape)
    }

    /// Lays the value that starts here on the tape.
    pub fn value(&mut self, keys: &mut Keys, tape: &mut Tape, depth: usize, limits: &WalkLimits) -> Result<(), Scan> {
        let origin = self.at;
        let mut value = ValueScan { origin, tape, open: Vec::new(), due: None };
        value.tape.nodes.clear();
        let result = value.run(self, keys, depth, limits);
        if let Err(Scan::Fault(fault)) = result {
            let tail = value.open_path(self.window.bytes);
            return Err(Scan::Fault(fault.in_item(tail)));
        }
        result
    }
}

/// Reads the row that starts here as the rows before it were read, if it looks like them.
///
/// `false`: it does not, or is not complete, or is not sound; nothing was read of it.
pub fn familiar_row(s: &mut Scanner<'_>, skeletons: &mut Skeletons, depth: usize) -> bool {
    let row = Window { bytes: &s.window.bytes[s.at..], base: s.window.base + s.at as u64, last: s.window.last };
    let end = skeletons.fit(row.bytes, depth, |node, bytes, at| {
        if bytes.get(at) == Some(&b'"') {
            if let Some(end) = plain_string_of_words(bytes, at + 1) {
                node.shape = Shape::Text;
                node.span = (at as u32 + 1, end as u32);
                node.mantissa = NO_MANTISSA;
                return Some(end + 1);
            }
        } else if let Some((number, end)) = small_number(bytes, at) {
            node.shape = Shape::Number;
            node.span = (at as u32, end as u32);
            node.mantissa = number.mantissa;
            node.scale = number.scale;
            return Some(end);
        }
        other_scalar(node, row, at)
    });
    s.at += end.unwrap_or(0);
    end.is_some()
}

/// Reads a scalar that is no small number and no plain text into its node.
fn other_scalar(node: &mut Node, row: Window<'_>, at: usize) -> Option<usize> {
    let mut s = Scanner::new(row, at);
    let ((start, end), shape) = match s.peek()? {
        b'"' => {
            let (span, escaped) = s.string().ok()?;
            (span, if escaped { Shape::EscapedText } else { Shape::Text })
        }
        b'-' | b'0'..=b'9' => (s.number().ok()?, Shape::Number),
        _ => {
            let shape = s.word().ok()?;
            ((at, s.at), shape)
        }
    };
    *node = Node { shape, span: (start as u32, end as u32), mantissa: NO_MANTISSA, scale: 0, ..*node };
    Some(s.at)
}

/// A row's nodes and bytes are what the next ones are held against.
pub fn learn_row(skeletons: &mut Skeletons, tape: &Tape, row: &[u8], depth: usize) -> u32 {
    skeletons.learn(&tape.nodes, row, depth, |node| match node.shape {
        Shape::Object | Shape::Array => None,
        Shape::Text | Shape::EscapedText => Some((node.span.0 - 1, node.span.1 + 1)),
        Shape::Null | Shape::Bool | Shape::Number => Some(node.span),
    })
}

/// One value on its way onto a tape.
struct ValueScan<'t> {
    origin: usize,
    tape: &'t mut Tape,
    /// The containers that are not closed yet.
    open: Vec<Open>,
    /// The name of the value that is due, if one is.
    due: Option<(u32, u32)>,
}

/// A container that is not closed yet.
struct Open {
    node: u32,
    is_object: bool,
    /// The field that was read last in it.
    key: Key,
}

/// Bytes that stand in a string for themselves: ASCII without quotes, backslashes and control characters.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0x20;
    while byte < 0x80 {
        plain[byte] = byte != b'"' as usize && byte != b'\\' as usize;
        byte += 1;
    }
    plain
};

/// Value and end of the integer that starts at `at`, if it is a plain one and the window shows what follows it.
#[inline]
fn plain_integer(bytes: &[u8], at: usize) -> Option<(i64, usize)> {
    let negative = bytes[at] == b'-';
    let digits = at + usize::from(negative);
    let (mut end, mut value) = (digits, 0i64);
    loop {
        let digit = bytes.get(end)?.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        end += 1;
    }
    let length = end - digits;
    let well_formed = length == 1 || ((2..=SMALL_DIGITS).contains(&length) && bytes[digits] != b'0');
    let value = if negative { -value } else { value };
    (well_formed && !matches!(bytes[end], b'.' | b'e' | b'E')).then_some((value, end))
}

#[inline]
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Where the string whose first character is at `start` ends, if it is plain ASCII without escapes.
#[inline]
fn plain_string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut end = start;
    while PLAIN[usize::from(*bytes.get(end)?)] {
        end += 1;
    }
    (bytes[end] == b'"').then_some(end)
}

/// The same, eight bytes at a time. `None` also where the end of `bytes` is near.
#[inline]
fn plain_string_of_words(bytes: &[u8], start: usize) -> Option<usize> {
    // The highest bit of the first byte that is zero, counted from the lowest; what is behind that may be wrong.
    let zero = |word: u64| word.wrapping_sub(every(1)) & !word;
    let mut at = start;
    loop {
        let word = eight(bytes, at)?;
        let control = word.wrapping_sub(every(0x20)) & !word;
        let ends = zero(word ^ every(b'"')) | zero(word ^ every(b'\\')) | control | word;
        match ends & HIGH_BITS {
            0 => at += 8,
            ends => {
                let end = at + ends.trailing_zeros() as usize / 8;
                return (bytes[end] == b'"').then_some(end);
            }
        }
    }
}

impl ValueScan<'_> {
    fn run(&mut self, s: &mut Scanner<'_>, keys: &mut Keys, depth: usize, limits: &WalkLimits) -> Result<(), Scan> {
        let (mut key, mut name) = (Key::NONE, (0, 0));
        loop {
            if let Some(open) = self.open.last_mut() {
                open.key = key;
            }
            // Here a value is due.
            self.due = Some(name);
            let byte = s.token("a value")?;
            let start = s.at;
            match byte {
                b'{' | b'[' => {
                    if depth + self.open.len() >= limits.depth {
                        return Err(limits.too_deep().at(s.window.base + start as u64).into());
                    }
                    let is_object = byte == b'{';
                    let (shape, close) = if is_object { (Shape::Object, b'}') } else { (Shape::Array, b']') };
                    s.at += 1;
                    self.open.push(Open { node: self.tape.nodes.len() as u32, is_object, key: Key::NONE });
                    self.push(key, name, shape, (start, start));
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
                    let (span, shape) = match plain_string(s.window.bytes, start + 1) {
                        Some(end) => {
                            s.at = end + 1;
                            ((start + 1, end), Shape::Text)
                        }
                        None => {
                            let (span, escaped) = s.string()?;
                            (span, if escaped { Shape::EscapedText } else { Shape::Text })
                        }
                    };
                    self.push(key, name, shape, span);
                }
                b'-' | b'0'..=b'9' => match plain_integer(s.window.bytes, start) {
                    Some((value, end)) => {
                        s.at = end;
                        self.push_integer(key, name, value, (start, end));
                    }
                    None => {
                        let span = s.number()?;
                        self.push(key, name, Shape::Number, span);
                    }
                },
                _ => {
                    let shape = s.word()?;
                    self.push(key, name, shape, (start, s.at));
                }
            }
            // Here a value is complete; what follows it?
            self.due = None;
            loop {
                let Some(&Open { is_object, key: previous, .. }) = self.open.last() else {
                    return Ok(());
                };
                let previous = if is_object { self.familiar_fields(s, keys, previous) } else { previous };
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

    /// Reads on while fields come as they came in the row before and hold plain numbers and texts: the common case,
    /// without a detour. Gives back the field that was read last; whatever else comes is left to the long way.
    fn familiar_fields(&mut self, s: &mut Scanner<'_>, keys: &Keys, mut previous: Key) -> Key {
        let bytes = s.window.bytes;
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
                        self.push_integer(key, name, value, (at, end));
                        done = end;
                    }
                    None => break,
                },
                Some(b'"') => match plain_string(bytes, at + 1) {
                    Some(end) => {
                        self.push(key, name, Shape::Text, (at + 1, end));
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

    /// A field's name and the colon behind it.
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
            && begins_with(&s.window.bytes[s.at..], quoted.as_bytes())
        {
            let start = s.at + 1;
            s.at += quoted.len();
            return Ok((key, self.relative((start, s.at - 2))));
        }
        self.new_name(s, keys, previous)
    }

    fn new_name(&mut self, s: &mut Scanner<'_>, keys: &mut Keys, previous: Key) -> Result<(Key, (u32, u32)), Scan> {
        let (span, escaped) = s.string()?;
        let raw = std::str::from_utf8(&s.window.bytes[span.0..span.1]).unwrap_or_default();
        let name = if escaped { unescape(raw) } else { Cow::Borrowed(raw) };
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
    fn push(&mut self, key: Key, name: (u32, u32), shape: Shape, span: (usize, usize)) {
        let next = self.tape.nodes.len() as u32 + 1;
        let span = self.relative(span);
        self.tape.nodes.push(Node {
            key,
            shape,
            hint: TypeHint::None,
            name,
            span,
            next,
            mantissa: NO_MANTISSA,
            scale: 0,
        });
    }

    #[inline]
    fn push_integer(&mut self, key: Key, name: (u32, u32), mantissa: i64, span: (usize, usize)) {
        let next = self.tape.nodes.len() as u32 + 1;
        let span = self.relative(span);
        self.tape.nodes.push(Node {
            key,
            shape: Shape::Number,
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

    /// The pointer's tail of the value that is due, or of the innermost container that is open.
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
                escape(&unescape(std::str::from_utf8(&bytes[span]).unwrap_or_default()), &mut out);
            } else {
                let end = next.unwrap_or(self.tape.nodes.len());
                out.push_str(&self.children_before(parent.node as usize, end).to_string());
            }
        }
        out
    }

    /// How many values directly below a node stand before another.
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

/// The text of a string that has escapes. The scanner has checked it.
pub fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(super::escape::unescape(raw).unwrap_or_default())
}

#[cold]
pub fn not_utf8(offset: u64) -> Fault {
    Fault::new(ErrorCode::InvalidEncoding, "expected UTF-8, found a byte that cannot stand here").at(offset)
}
