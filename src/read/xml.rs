//! Going through the elements of an XML body, in as many windows as it comes in.

use std::borrow::Cow;

use quick_xml::errors::{Error as XmlError, IllFormedError, SyntaxError};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::json::not_utf8;
use super::keys::{Key, Keys};
use super::path::{Path, Segment};
use super::tape::{Item, NO_INTEGER, Node, Shape, Tape, TypeHint};
use super::{Halt, Opening, Plan, Scan, Visitor, WalkLimits, Window};
use crate::error::{ErrorCode, Fault};
use crate::provider::Encoding;

/// Walks an XML body. Stands still wherever a window ends and goes on in the next.
///
/// A DOCTYPE is refused, so there are no entities but the five of XML itself and character references.
#[derive(Debug)]
pub struct XmlWalker {
    path: Path,
    /// For each open element: how often each child's name was met.
    counts: Vec<Vec<(String, u32)>>,
    root_seen: bool,
    keys: Keys,
    tape: Tape,
    limits: WalkLimits,
}

/// Events of one window, with their places.
struct Events<'w> {
    window: Window<'w>,
    reader: Reader<&'w [u8]>,
}

impl<'w> Events<'w> {
    fn new(window: Window<'w>) -> Self {
        let mut reader = Reader::from_reader(window.bytes);
        let config = reader.config_mut();
        // The walker keeps its own stack, which outlives the window.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        Self { window, reader }
    }

    fn at(&self) -> usize {
        self.reader.buffer_position() as usize
    }

    fn offset(&self, at: usize) -> u64 {
        self.window.base + at as u64
    }

    /// The next event and where it starts.
    fn next(&mut self) -> Result<(Event<'w>, usize), Scan> {
        let start = self.at();
        match self.reader.read_event() {
            // Text that reaches the window's end may go on in the next.
            Ok(Event::Text(_) | Event::Eof) if !self.window.last && self.at() == self.window.bytes.len() => {
                Err(Scan::NeedMore)
            }
            Ok(event) => Ok((event, start)),
            Err(error) => Err(self.error(error, start)),
        }
    }

    #[cold]
    fn error(&self, error: XmlError, start: usize) -> Scan {
        let at = (self.reader.error_position() as usize).max(start);
        let rest = &self.window.bytes[start.min(self.window.bytes.len())..];
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
        if unfinished && !self.window.last {
            return Scan::NeedMore;
        }
        if let Err(bad) = std::str::from_utf8(rest) {
            let bad_at = start + bad.valid_up_to();
            let cut = bad.error_len().is_none();
            if cut && !self.window.last {
                return Scan::NeedMore;
            }
            if !cut && (matches!(error, XmlError::Encoding(_)) || unfinished) {
                return Scan::Fault(not_utf8(self.offset(bad_at)));
            }
        }
        let end = self.offset(self.window.bytes.len());
        if unfinished || matches!(error, XmlError::Encoding(_)) {
            let fault = Fault::new(ErrorCode::InvalidXml, format!("expected well-formed XML, found its end: {error}"));
            return Scan::Fault(fault.at(end));
        }
        let fault = Fault::new(ErrorCode::InvalidXml, format!("expected well-formed XML: {error}"));
        Scan::Fault(fault.at(self.offset(at)))
    }

    #[cold]
    fn ended(&self, expected: &str) -> Scan {
        let message = format!("expected {expected}, found the end of the body");
        Scan::Fault(Fault::new(ErrorCode::InvalidXml, message).at(self.offset(self.window.bytes.len())))
    }
}

impl XmlWalker {
    pub fn new(limits: WalkLimits) -> Self {
        Self {
            path: Path::default(),
            counts: vec![Vec::new()],
            root_seen: false,
            keys: Keys::default(),
            tape: Tape::default(),
            limits,
        }
    }

    /// Whether the root element is complete.
    pub fn is_done(&self) -> bool {
        self.root_seen && self.path.0.is_empty()
    }

    /// Reads on. Gives back how many bytes of the window are done with; the rest must come again, with more.
    pub fn walk(&mut self, window: Window<'_>, visitor: &mut dyn Visitor) -> Result<usize, Halt> {
        let mut events = Events::new(window);
        loop {
            let checkpoint = events.at();
            match self.step(&mut events, visitor) {
                Ok(true) => {}
                Ok(false) => return Ok(events.at()),
                Err(Stop::Halt(halt)) => return Err(halt),
                Err(Stop::Scan(Scan::NeedMore)) => return Ok(checkpoint),
                Err(Stop::Scan(Scan::Fault(fault))) => {
                    return Err(Halt::Fault(fault.within(|| self.path.pointer())));
                }
            }
        }
    }

    fn step(&mut self, events: &mut Events<'_>, visitor: &mut dyn Visitor) -> Result<bool, Stop> {
        let (event, start) = events.next()?;
        match event {
            Event::Start(tag) => self.element(events, visitor, &tag, start, false)?,
            Event::Empty(tag) => self.element(events, visitor, &tag, start, true)?,
            Event::End(tag) => {
                let expected = self.path.0.last().map_or("", Segment::name);
                check_end(tag.name().as_ref(), expected, events.offset(start))?;
                visitor.leave(&self.path).map_err(Stop::Halt)?;
                self.path.0.pop();
                self.counts.pop();
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                let text = &events.window.bytes[start..events.at()];
                let blank = text
                    .iter()
                    .take_while(|b| b.is_ascii_whitespace() || **b == 0xEF || **b == 0xBB || **b == 0xBF)
                    .count();
                if blank < text.len() {
                    let offset = events.offset(start + blank);
                    if self.path.0.is_empty() {
                        return Err(Scan::Fault(outside(offset)).into());
                    }
                    let text = String::from_utf8_lossy(&text[blank..]);
                    visitor.stray_text(&self.path, offset, text.trim_end()).map_err(Stop::Halt)?;
                }
            }
            Event::DocType(_) => return Err(Scan::Fault(doctype(events.offset(start))).into()),
            Event::Eof if !self.is_done() => {
                let expected = match self.path.0.last() {
                    Some(open) => format!("</{}>", open.name()),
                    None => "an element".to_owned(),
                };
                return Err(events.ended(&expected).into());
            }
            Event::Eof => return Ok(false),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
        Ok(true)
    }

    fn element(
        &mut self,
        events: &mut Events<'_>,
        visitor: &mut dyn Visitor,
        tag: &BytesStart<'_>,
        start: usize,
        empty: bool,
    ) -> Result<(), Stop> {
        let offset = events.offset(start);
        if self.path.0.is_empty() && self.root_seen {
            return Err(Scan::Fault(outside(offset)).into());
        }
        if self.path.0.len() >= self.limits.depth {
            return Err(Scan::Fault(self.limits.too_deep().at(offset)).into());
        }
        let name = tag.name();
        let index = self.count(name.as_ref(), 1);
        self.path.0.push(Segment::Element(name.as_ref().to_owned(), index));
        let plan = visitor.plan(&self.path, Opening::Element);
        let depth = self.path.0.len();
        self.tape.nodes.clear();
        let mut row =
            RowScan { origin: start, depth, keys: &mut self.keys, tape: &mut self.tape, limits: &self.limits };
        if plan == Plan::Enter {
            row.attributes_only(events, tag, start).map_err(|scan| scan.into_stop())?;
            self.root_seen = true;
            visitor.enter(&self.path, Opening::Element, offset).map_err(Stop::Halt)?;
            self.take(events, visitor, Plan::Member, start)?;
            if empty {
                visitor.leave(&self.path).map_err(Stop::Halt)?;
                self.path.0.pop();
            } else {
                self.counts.push(Vec::new());
            }
            return Ok(());
        }
        if let Err(scan) = row.element(events, tag, start, empty) {
            if matches!(scan, Scan::NeedMore) {
                self.path.0.pop();
                self.uncount(name.as_ref());
            }
            return Err(scan.into());
        }
        self.root_seen = true;
        if (events.at() - start) as u64 > self.limits.row_bytes {
            return Err(Scan::Fault(self.limits.too_large().at(offset)).into());
        }
        self.take(events, visitor, plan, start)?;
        self.path.0.pop();
        Ok(())
    }

    fn take(&mut self, events: &Events<'_>, visitor: &mut dyn Visitor, plan: Plan, start: usize) -> Result<(), Stop> {
        let item = Item {
            nodes: &self.tape.nodes,
            bytes: &events.window.bytes[start..events.at()],
            at: events.offset(start),
            encoding: Encoding::Xml,
        };
        visitor.take(&self.path, plan, &item).map_err(Stop::Halt)
    }

    /// Counts a child of the innermost element: which of its name it is.
    fn count(&mut self, name: &str, by: u32) -> u32 {
        let Some(counts) = self.counts.last_mut() else {
            return 1;
        };
        match counts.iter_mut().find(|(known, _)| known == name) {
            Some((_, count)) => {
                *count += by;
                *count
            }
            None => {
                // A hostile body may have a million names; past a few they are counted as one.
                if counts.len() >= 64 {
                    return 1;
                }
                counts.push((name.to_owned(), by));
                by
            }
        }
    }

    fn uncount(&mut self, name: &str) {
        if let Some((_, count)) = self.counts.last_mut().and_then(|c| c.iter_mut().find(|(known, _)| known == name)) {
            *count -= 1;
        }
    }
}

/// One element on its way onto a tape.
struct RowScan<'s> {
    origin: usize,
    depth: usize,
    keys: &'s mut Keys,
    tape: &'s mut Tape,
    limits: &'s WalkLimits,
}

/// An element that is not closed yet.
struct Open {
    node: usize,
    /// The name in the window.
    name: (usize, usize),
    /// Start and end of its text, the first event to the last, and whether it must be unescaped.
    text: Option<(usize, usize, bool)>,
    has_children: bool,
    last_key: Key,
}

impl RowScan<'_> {
    /// Lays an element and all below it on the tape; its start tag has been read.
    fn element(
        &mut self,
        events: &mut Events<'_>,
        tag: &BytesStart<'_>,
        start: usize,
        empty: bool,
    ) -> Result<(), Scan> {
        let mut open: Vec<Open> = Vec::new();
        self.start(events, tag, start, &mut open)?;
        if empty {
            self.end(&mut open, events.at())?;
        }
        while !open.is_empty() {
            let (event, start) = events.next()?;
            match event {
                Event::Start(tag) => self.start(events, &tag, start, &mut open)?,
                Event::Empty(tag) => {
                    self.start(events, &tag, start, &mut open)?;
                    self.end(&mut open, events.at())?;
                }
                Event::End(tag) => {
                    if let Some(innermost) = open.last() {
                        let expected = &events.window.bytes[innermost.name.0..innermost.name.1];
                        if tag.name().as_ref().as_bytes() != expected {
                            let expected = String::from_utf8_lossy(expected);
                            check_end(tag.name().as_ref(), &expected, events.offset(start))?;
                        }
                    }
                    self.end(&mut open, events.at())?;
                }
                Event::Text(_) => Self::text(&mut open, events, start, false),
                Event::CData(_) => Self::text(&mut open, events, start, true),
                Event::GeneralRef(reference) => {
                    check_reference(&reference, events.offset(start))?;
                    Self::text(&mut open, events, start, true);
                }
                Event::DocType(_) => return Err(Scan::Fault(doctype(events.offset(start)))),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {
                    // It may stand in the middle of a text; the text is then put together when it is asked for.
                    if let Some(Open { text: Some(text), .. }) = open.last_mut() {
                        text.2 = true;
                    }
                }
                Event::Eof => return Err(events.ended("the end tag of an element")),
            }
        }
        Ok(())
    }

    /// Lays an element's attributes alone on the tape, as the fields of an object.
    fn attributes_only(&mut self, events: &Events<'_>, tag: &BytesStart<'_>, start: usize) -> Result<(), Scan> {
        let mut open = Vec::new();
        self.start(events, tag, start, &mut open)?;
        if let Some(open) = open.first() {
            self.tape.nodes[open.node].shape = Shape::Object;
            self.tape.nodes[open.node].next = self.tape.nodes.len() as u32;
            self.tape.nodes[open.node].span.1 = self.relative(events.at());
        }
        Ok(())
    }

    fn start(
        &mut self,
        events: &Events<'_>,
        tag: &BytesStart<'_>,
        start: usize,
        open: &mut Vec<Open>,
    ) -> Result<(), Scan> {
        if self.depth + open.len() > self.limits.depth {
            return Err(self.limits.too_deep().at(events.offset(start)).into());
        }
        let name = tag.name();
        let name_at = (start + 1, start + 1 + name.as_ref().len());
        let previous = match open.last_mut() {
            Some(parent) => {
                parent.has_children = true;
                parent.last_key
            }
            None => Key::NONE,
        };
        let key = match self.keys.guess_name(previous) {
            Some((key, guessed)) if guessed == name.as_ref() => key,
            _ => {
                check_name(name.as_ref(), events.offset(start))?;
                self.keys.key(name.as_ref(), previous)
            }
        };
        if let Some(parent) = open.last_mut() {
            parent.last_key = key;
        }
        let node = self.tape.nodes.len();
        self.tape.nodes.push(Node {
            key,
            shape: Shape::Text,
            hint: TypeHint::None,
            name: (self.relative(name_at.0), self.relative(name_at.1)),
            span: (self.relative(start), self.relative(start)),
            next: node as u32 + 1,
            integer: NO_INTEGER,
        });
        let mut opened = Open { node, name: name_at, text: None, has_children: false, last_key: Key::NONE };
        if tag.attributes_raw().bytes().any(|b| b == b'=') {
            self.attributes(events, tag, start, &mut opened)?;
        }
        open.push(opened);
        Ok(())
    }

    fn attributes(
        &mut self,
        events: &Events<'_>,
        tag: &BytesStart<'_>,
        start: usize,
        open: &mut Open,
    ) -> Result<(), Scan> {
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| {
                let fault = Fault::new(ErrorCode::InvalidXml, format!("expected an attribute: {error}"));
                Scan::Fault(fault.at(events.offset(start + 1 + place_of(&error))))
            })?;
            let value: &str = &attribute.value;
            match (attribute.key.as_ref(), value) {
                ("nil" | "xsi:nil", "true" | "1") => self.tape.nodes[open.node].shape = Shape::Null,
                ("nil" | "xsi:nil", _) => {}
                ("type", "array") => self.tape.nodes[open.node].shape = Shape::Array,
                ("type", "integer" | "decimal" | "float") => self.tape.nodes[open.node].hint = TypeHint::Number,
                ("type", _) => self.tape.nodes[open.node].hint = TypeHint::Other,
                (name, value) => {
                    // The attribute borrows from the window: its place follows from where it lies in memory.
                    let within = |part: &str| {
                        let at = part.as_ptr() as usize - events.window.bytes.as_ptr() as usize;
                        (self.relative(at), self.relative(at + part.len()))
                    };
                    let escaped = value.contains('&');
                    if escaped {
                        check_references(value, events.offset(start))?;
                    }
                    let node = Node {
                        key: Key::UNLISTED,
                        shape: if escaped { Shape::EscapedText } else { Shape::Text },
                        hint: TypeHint::None,
                        name: within(name),
                        span: within(value),
                        next: self.tape.nodes.len() as u32 + 1,
                        integer: NO_INTEGER,
                    };
                    open.has_children = true;
                    self.tape.nodes.push(node);
                }
            }
        }
        Ok(())
    }

    fn text(open: &mut [Open], events: &Events<'_>, start: usize, escaped: bool) {
        let Some(innermost) = open.last_mut() else {
            return;
        };
        let end = events.at();
        let raw = &events.window.bytes[start..end];
        let blank = !escaped && raw.iter().all(u8::is_ascii_whitespace);
        match &mut innermost.text {
            Some(text) => {
                text.1 = end;
                text.2 = true;
            }
            None if blank => {}
            None if escaped => innermost.text = Some((start, end, true)),
            None => {
                let lead = raw.len() - raw.trim_ascii_start().len();
                innermost.text = Some((start + lead, start + lead + raw.trim_ascii().len(), false));
            }
        }
    }

    fn end(&mut self, open: &mut Vec<Open>, end: usize) -> Result<(), Scan> {
        let Some(closed) = open.pop() else {
            return Ok(());
        };
        let relative = |at: usize| (at - self.origin) as u32;
        let next = self.tape.nodes.len() as u32;
        let node = &mut self.tape.nodes[closed.node];
        node.next = next;
        match (node.shape, closed.has_children) {
            (Shape::Null, false) => {}
            (Shape::Array, _) => node.span.1 = relative(end),
            (_, true) => {
                node.shape = Shape::Object;
                node.span.1 = relative(end);
            }
            (_, false) => match closed.text {
                None => node.span = (relative(end), relative(end)),
                Some((start, end, escaped)) => {
                    node.shape = if escaped { Shape::EscapedText } else { Shape::Text };
                    node.span = (relative(start), relative(end));
                }
            },
        }
        Ok(())
    }

    fn relative(&self, at: usize) -> u32 {
        (at - self.origin) as u32
    }
}

/// Why a step did not end.
enum Stop {
    Halt(Halt),
    Scan(Scan),
}

impl From<Scan> for Stop {
    fn from(scan: Scan) -> Self {
        Self::Scan(scan)
    }
}

impl Scan {
    fn into_stop(self) -> Stop {
        Stop::Scan(self)
    }
}

/// The text of an element with references, CDATA or comments in it. The walker has checked it.
pub fn unescape(raw: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut reader = Reader::from_str(raw);
    loop {
        match reader.read_event() {
            Ok(Event::Text(text)) => out.push_str(&text.xml10_content()),
            Ok(Event::CData(text)) => out.push_str(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(c)) => out.push(c),
                _ => out.push_str(resolve_predefined_entity(&reference.into_inner()).unwrap_or_default()),
            },
            Ok(Event::Eof) | Err(_) => return Cow::Owned(out),
            Ok(_) => {}
        }
    }
}

/// Where in a tag an attribute is wrong.
fn place_of(error: &AttrError) -> usize {
    match error {
        AttrError::ExpectedEq(at)
        | AttrError::ExpectedValue(at)
        | AttrError::UnquotedValue(at)
        | AttrError::ExpectedQuote(at, _)
        | AttrError::Duplicated(at, _) => *at,
    }
}

/// The reader takes anything up to `>` for a tag; a `<` that is none shows in its name.
fn check_name(name: &str, offset: u64) -> Result<(), Scan> {
    let may_start = |c: char| c.is_alphabetic() || matches!(c, '_' | ':');
    let may_follow = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.' | '\u{B7}');
    let mut chars = name.chars();
    if chars.next().is_some_and(may_start) && chars.all(may_follow) {
        return Ok(());
    }
    let found: String = name.chars().take(40).collect();
    Err(Scan::Fault(Fault::new(ErrorCode::InvalidXml, format!("expected an element, found <{found}")).at(offset)))
}

fn check_reference(reference: &BytesRef<'_>, offset: u64) -> Result<(), Scan> {
    let known = match reference.resolve_char_ref() {
        Ok(Some(_)) => true,
        Ok(None) => resolve_predefined_entity(&reference.clone().into_inner()).is_some(),
        Err(_) => false,
    };
    if known {
        return Ok(());
    }
    let name = reference.clone().into_inner();
    let message = format!("expected one of XML's own entities, found &{name};");
    Err(Scan::Fault(Fault::new(ErrorCode::InvalidXml, message).at(offset)))
}

fn check_references(value: &str, offset: u64) -> Result<(), Scan> {
    quick_xml::escape::unescape(value).map(|_| ()).map_err(|error| {
        Scan::Fault(
            Fault::new(ErrorCode::InvalidXml, format!("expected one of XML's own entities: {error}")).at(offset),
        )
    })
}

fn check_end(found: &str, expected: &str, offset: u64) -> Result<(), Scan> {
    if found == expected && !expected.is_empty() {
        return Ok(());
    }
    let expected = if expected.is_empty() { "no end tag".to_owned() } else { format!("</{expected}>") };
    Err(Scan::Fault(Fault::new(ErrorCode::InvalidXml, format!("expected {expected}, found </{found}>")).at(offset)))
}

#[cold]
fn doctype(offset: u64) -> Fault {
    Fault::new(ErrorCode::InvalidXml, "expected XML without a DOCTYPE, found one").at(offset)
}

#[cold]
fn outside(offset: u64) -> Fault {
    Fault::new(ErrorCode::InvalidXml, "expected one root element, found something beside it").at(offset)
}
