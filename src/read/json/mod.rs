//! JSON tokens (RFC 8259).

mod parser;
mod plain;
mod template;
mod value;

pub use self::parser::JsonParser;
pub use self::plain::plain_integer;
pub use self::template::{add_template, template_row};
use super::tape::ValueType;
use super::text::{json_escapes, not_utf8};
use crate::model::error::{ErrorCode, Fault};
use crate::read::visitor::{Input, Scan};

/// Reads JSON tokens from an input. Positions count from the input's first byte.
#[derive(Clone, Copy)]
pub struct Scanner<'w> {
    pub input: Input<'w>,
    pub at: usize,
}

impl<'w> Scanner<'w> {
    pub fn new(input: Input<'w>, at: usize) -> Self {
        Self { input, at }
    }

    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.input.bytes.get(self.at).copied()
    }

    #[inline]
    pub fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// The next byte that is not white space.
    #[inline]
    pub fn token(&mut self, expected: &str) -> Result<u8, Scan> {
        self.skip_space();
        self.peek().ok_or_else(|| self.ended(expected))
    }

    /// The input is used up: the body is cut, or more bytes will arrive.
    #[cold]
    pub fn ended(&self, expected: &str) -> Scan {
        if !self.input.last {
            return Scan::NeedMore;
        }
        let end = self.input.base + self.input.bytes.len() as u64;
        Scan::Fault(
            Fault::new(ErrorCode::InvalidJson, format!("expected {expected}, found the end of the body")).at(end),
        )
    }

    /// A fault at the current byte.
    #[cold]
    pub fn unexpected(&self, expected: &str) -> Scan {
        let rest = &self.input.bytes[self.at..];
        let offset = self.input.base + self.at as u64;
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
                return if self.input.last { self.ended(expected) } else { Scan::NeedMore };
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
        let bytes = self.input.bytes;
        let (mut at, mut escaped, mut high) = (start, false, 0u8);
        loop {
            let Some(&byte) = bytes.get(at) else {
                if let Err(error) = std::str::from_utf8(&bytes[start..])
                    && error.error_len().is_some()
                {
                    return Err(Scan::Fault(not_utf8(self.input.base + (start + error.valid_up_to()) as u64)));
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
                        return Err(Scan::Fault(not_utf8(self.input.base + (start + error.valid_up_to()) as u64)));
                    }
                    self.at = at;
                    return Err(self.unexpected("a character that is allowed in a string"));
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
            return Err(Scan::Fault(not_utf8(self.input.base + (start + error.valid_up_to()) as u64)));
        }
        if escaped
            && let Ok(text) = std::str::from_utf8(text)
            && let Err(at) = json_escapes(text)
        {
            let fault = Fault::new(ErrorCode::InvalidJson, "expected a valid escape in a string");
            return Err(Scan::Fault(fault.at(self.input.base + (start + at) as u64)));
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
        if self.at == self.input.bytes.len() && !self.input.last {
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
    pub fn word(&mut self) -> Result<ValueType, Scan> {
        let (word, value_type) = match self.peek() {
            Some(b't') => ("true", ValueType::Bool),
            Some(b'f') => ("false", ValueType::Bool),
            Some(b'n') => ("null", ValueType::Null),
            _ => return Err(self.unexpected("a value")),
        };
        for expected in word.bytes() {
            match self.peek() {
                Some(byte) if byte == expected => self.at += 1,
                _ => return Err(self.unexpected(word)),
            }
        }
        Ok(value_type)
    }
}
