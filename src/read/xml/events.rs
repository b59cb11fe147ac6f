//! The events of one input and their faults.

use std::io::BufRead;

use quick_xml::errors::{Error as XmlError, IllFormedError, SyntaxError};
use quick_xml::escape::{EscapeError, resolve_predefined_entity};
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;

use crate::model::error::{ErrorCode, Fault, shortened};
use crate::read::text::not_utf8;
use crate::read::visitor::{Input, Scan};

/// The events of one input, with their positions.
pub struct Events<'w> {
    pub input: Input<'w>,
    reader: Reader<&'w [u8]>,
    /// Offset of the input in what the quick-xml reader reads.
    lead: usize,
    /// Whether the reader is right after markup. Only there it may skip bytes.
    behind_markup: bool,
}

/// An element that is read before the input, because the reader would skip a byte order mark at its start.
const LEAD: &[u8] = b"<a/>";

impl<'w> Events<'w> {
    pub fn new(input: Input<'w>) -> Self {
        let mut reader = Reader::from_reader(LEAD);
        let config = reader.config_mut();
        // The parser has its own stack, which outlives the input.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.check_comments = true;
        let behind_markup = reader.read_event().is_ok();
        *reader.get_mut() = input.bytes;
        Self { input, reader, lead: LEAD.len(), behind_markup }
    }

    /// Skips white space after markup, and returns the next bytes, at most so many.
    #[inline]
    pub fn advance(&mut self, whole: Input<'w>, at_hand: usize) {
        let rest = &whole.bytes[self.at()..];
        *self.reader.get_mut() = rest;
        if self.behind_markup {
            self.skip(rest.len() - rest.trim_ascii_start().len());
        }
        let at = self.at();
        self.input = whole.up_to(at, at_hand);
        *self.reader.get_mut() = &self.input.bytes[at..];
    }

    #[inline]
    pub fn at(&self) -> usize {
        self.reader.buffer_position() as usize - self.lead
    }

    /// The bytes that are not read yet, if they may be read in another way.
    #[inline]
    pub fn rest(&self) -> Option<&'w [u8]> {
        self.behind_markup.then(|| &self.input.bytes[self.at()..])
    }

    /// Continues after so many bytes of the rest, which must end with markup.
    #[inline]
    pub fn skip(&mut self, count: usize) {
        self.reader.stream().consume(count);
    }

    pub fn offset(&self, at: usize) -> u64 {
        self.input.base + at as u64
    }

    /// The next event and its offset.
    pub fn next(&mut self) -> Result<(Event<'w>, usize), Scan> {
        let start = self.at();
        let event = self.reader.read_event();
        self.behind_markup =
            matches!(event, Ok(Event::Start(_) | Event::Empty(_) | Event::End(_) | Event::Comment(_) | Event::PI(_)));
        match event {
            // Text that reaches the end of the input may continue in the next one.
            Ok(Event::Text(_) | Event::Eof) if !self.input.last && self.at() == self.input.bytes.len() => {
                Err(Scan::NeedMore)
            }
            Ok(event) => Ok((event, start)),
            Err(error) => Err(self.error(error, start)),
        }
    }

    #[cold]
    fn error(&self, error: XmlError, start: usize) -> Scan {
        let at = (self.reader.error_position() as usize).saturating_sub(self.lead).max(start);
        let rest = &self.input.bytes[start.min(self.input.bytes.len())..];
        let unfinished = matches!(
            error,
            XmlError::Syntax(
                SyntaxError::UnclosedPI
                    | SyntaxError::UnclosedXmlDecl
                    | SyntaxError::UnclosedComment
                    | SyntaxError::UnclosedDoctype
                    | SyntaxError::UnclosedCData
                    | SyntaxError::UnclosedTag
                    | SyntaxError::UnclosedSingleQuotedAttributeValue
                    | SyntaxError::UnclosedDoubleQuotedAttributeValue
            )
        ) || (matches!(error, XmlError::Syntax(SyntaxError::InvalidBangMarkup)) && rest.len() < 9)
            || (matches!(error, XmlError::IllFormed(IllFormedError::UnclosedReference)) && !rest.contains(&b'<'));
        if unfinished && !self.input.last {
            return Scan::NeedMore;
        }
        if let Err(bad) = std::str::from_utf8(rest) {
            let bad_at = start + bad.valid_up_to();
            let cut = bad.error_len().is_none();
            if cut && !self.input.last {
                return Scan::NeedMore;
            }
            if !cut && (matches!(error, XmlError::Encoding(_)) || unfinished) {
                return Scan::Fault(not_utf8(self.offset(bad_at)));
            }
        }
        let end = self.offset(self.input.bytes.len());
        if unfinished || matches!(error, XmlError::Encoding(_)) {
            let fault = Fault::new(ErrorCode::InvalidXml, format!("expected well-formed XML, found its end: {error}"));
            return Scan::Fault(fault.at(end));
        }
        let fault = Fault::new(ErrorCode::InvalidXml, format!("expected well-formed XML: {error}"));
        Scan::Fault(fault.at(self.offset(at)))
    }

    #[cold]
    pub fn ended(&self, expected: &str) -> Scan {
        let message = format!("expected {expected}, found the end of the body");
        Scan::Fault(Fault::new(ErrorCode::InvalidXml, message).at(self.offset(self.input.bytes.len())))
    }
}

/// The offset of a faulty attribute in its tag.
pub fn place_of(error: &AttrError) -> usize {
    match error {
        AttrError::ExpectedEq(at)
        | AttrError::ExpectedValue(at)
        | AttrError::UnquotedValue(at)
        | AttrError::ExpectedQuote(at, _)
        | AttrError::Duplicated(at, _) => *at,
    }
}

/// Checks the name of a tag. The reader accepts any bytes up to `>` as a tag, so a `<` that starts none shows in the name.
pub fn check_name(name: &str, offset: u64) -> Result<(), Scan> {
    let may_start = |c: char| c.is_alphabetic() || matches!(c, '_' | ':');
    let may_follow = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.' | '\u{B7}');
    let mut chars = name.chars();
    if chars.next().is_some_and(may_start) && chars.all(may_follow) {
        return Ok(());
    }
    let message = format!("expected an element, found <{}", shortened(name));
    Err(Scan::Fault(Fault::new(ErrorCode::InvalidXml, message).at(offset)))
}

pub fn check_reference(reference: &BytesRef<'_>, offset: u64) -> Result<(), Scan> {
    let known = match reference.resolve_char_ref() {
        Ok(Some(_)) => true,
        Ok(None) => resolve_predefined_entity(&reference.clone().into_inner()).is_some(),
        Err(_) => false,
    };
    if known {
        return Ok(());
    }
    let name = reference.clone().into_inner();
    let message = format!("expected one of XML's own entities, found &{};", shortened(&name));
    Err(Scan::Fault(Fault::new(ErrorCode::InvalidXml, message).at(offset)))
}

pub fn check_references(value: &str, offset: u64) -> Result<(), Scan> {
    quick_xml::escape::unescape(value).map(drop).map_err(|error| {
        let found = match error {
            EscapeError::UnrecognizedEntity(_, name) => format!("found &{};", shortened(&name)),
            other => format!("found one that is broken: {other}"),
        };
        let message = format!("expected one of XML's own entities, {found}");
        Scan::Fault(Fault::new(ErrorCode::InvalidXml, message).at(offset))
    })
}

pub fn check_end(found: &str, expected: &str, offset: u64) -> Result<(), Scan> {
    if found == expected && !expected.is_empty() {
        return Ok(());
    }
    let expected = if expected.is_empty() { "no end tag".to_owned() } else { format!("</{}>", shortened(expected)) };
    let message = format!("expected {expected}, found </{}>", shortened(found));
    Err(Scan::Fault(Fault::new(ErrorCode::InvalidXml, message).at(offset)))
}

#[cold]
pub fn doctype(offset: u64) -> Fault {
    Fault::new(ErrorCode::InvalidXml, "expected XML without a DOCTYPE, found one").at(offset)
}

#[cold]
pub fn outside(offset: u64) -> Fault {
    Fault::new(ErrorCode::InvalidXml, "expected one root element, found something beside it").at(offset)
}
