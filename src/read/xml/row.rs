//! Records one element and its content on a tape.

use quick_xml::events::{BytesStart, Event};

use super::events::{Events, check_end, check_name, check_reference, check_references, doctype, place_of};
use crate::model::error::{ErrorCode, Fault};
use crate::read::keys::{Key, Keys};
use crate::read::tape::{NO_MANTISSA, Node, Tape, TypeHint, ValueType};
use crate::read::visitor::{ParserLimits, Scan};

/// An element that is being recorded on a tape.
pub struct RowScan<'s> {
    pub origin: usize,
    pub depth: usize,
    pub keys: &'s mut Keys,
    pub tape: &'s mut Tape,
    pub limits: &'s ParserLimits,
}

/// An element that is not closed yet.
struct Open {
    node: usize,
    /// The name in the input.
    name: (usize, usize),
    /// Start and end of its text, from the first event to the last, and whether it must be unescaped.
    text: Option<(usize, usize, bool)>,
    has_children: bool,
    last_key: Key,
}

impl RowScan<'_> {
    /// Records an element and its content on the tape. Its start tag has been read.
    pub fn element(
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
                        let expected = &events.input.bytes[innermost.name.0..innermost.name.1];
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
                    // It may be in the middle of a text. The parts of the text are then joined when it is requested.
                    if let Some(Open { text: Some(text), .. }) = open.last_mut() {
                        text.2 = true;
                    }
                }
                Event::Eof => return Err(events.ended("the end tag of an element")),
            }
        }
        Ok(())
    }

    /// Records only the attributes of an element on the tape, as the fields of an object.
    pub fn attributes_only(&mut self, events: &Events<'_>, tag: &BytesStart<'_>, start: usize) -> Result<(), Scan> {
        let mut open = Vec::new();
        self.start(events, tag, start, &mut open)?;
        if let Some(open) = open.first() {
            // A root of type array may be all of a listing, so it remains a list.
            if self.tape.nodes[open.node].value_type != ValueType::Array {
                self.tape.nodes[open.node].value_type = ValueType::Object;
            }
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
            value_type: ValueType::Text,
            hint: TypeHint::None,
            name: (self.relative(name_at.0), self.relative(name_at.1)),
            span: (self.relative(start), self.relative(start)),
            next: node as u32 + 1,
            mantissa: NO_MANTISSA,
            scale: 0,
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
                ("nil" | "xsi:nil", "true" | "1") => self.tape.nodes[open.node].value_type = ValueType::Null,
                ("nil" | "xsi:nil", _) => {}
                ("type", "array") => self.tape.nodes[open.node].value_type = ValueType::Array,
                ("type", "integer" | "decimal" | "float") => self.tape.nodes[open.node].hint = TypeHint::Number,
                ("type", _) => self.tape.nodes[open.node].hint = TypeHint::Other,
                (name, value) => {
                    // The attribute borrows from the input, so its address gives its offset.
                    let within = |part: &str| {
                        let at = part.as_ptr() as usize - events.input.bytes.as_ptr() as usize;
                        (self.relative(at), self.relative(at + part.len()))
                    };
                    let escaped = value.contains('&');
                    if escaped {
                        check_references(value, events.offset(start))?;
                    }
                    let node = Node {
                        value_type: if escaped { ValueType::EscapedText } else { ValueType::Text },
                        hint: TypeHint::None,
                        name: within(name),
                        span: within(value),
                        next: self.tape.nodes.len() as u32 + 1,
                        mantissa: NO_MANTISSA,
                        scale: 0,
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
        let raw = &events.input.bytes[start..end];
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
        match (node.value_type, closed.has_children) {
            (ValueType::Null, false) => {}
            (ValueType::Array, _) => node.span.1 = relative(end),
            (_, true) => {
                node.value_type = ValueType::Object;
                node.span.1 = relative(end);
            }
            (_, false) => match closed.text {
                None => node.span = (relative(end), relative(end)),
                Some((start, end, escaped)) => {
                    node.value_type = if escaped { ValueType::EscapedText } else { ValueType::Text };
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
