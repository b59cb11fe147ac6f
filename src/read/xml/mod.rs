//! A pull parser for the elements of an XML body that arrives in chunks.

mod events;
mod row;
mod template;

use std::collections::HashMap;

use foldhash::fast::RandomState;
use quick_xml::events::{BytesStart, Event};

use self::events::{Events, check_end, check_reference, doctype, outside};
use self::row::RowScan;
use self::template::{add_template, template_row};
use super::keys::Keys;
use super::path::{Path, Segment};
use super::row_template::RowTemplates;
use super::tape::{Item, Tape};
use crate::model::provider::Encoding;
use crate::read::visitor::{Halt, Input, Opening, ParserLimits, Plan, Scan, Stop, Visitor};

/// Parses an XML body. It pauses where an input ends, and continues in the next one.
///
/// A DOCTYPE is refused, so the only entities are the five of XML itself and character references.
#[derive(Debug)]
pub struct XmlParser {
    path: Path,
    counts: Counts,
    root_seen: bool,
    keys: Keys,
    tape: Tape,
    templates: RowTemplates,
    /// The name of the last row that matched a template.
    row_name: String,
    limits: ParserLimits,
}

impl XmlParser {
    pub fn new(limits: ParserLimits) -> Self {
        Self {
            path: Path::default(),
            counts: Counts(vec![HashMap::default()]),
            root_seen: false,
            keys: Keys::default(),
            tape: Tape::default(),
            templates: RowTemplates::default(),
            row_name: String::new(),
            limits,
        }
    }

    /// Whether the root element is complete.
    pub fn is_done(&self) -> bool {
        self.root_seen && self.path.0.is_empty()
    }

    /// Parses the input. Returns the number of bytes that were consumed; pass the rest again, followed by more.
    pub fn parse(&mut self, input: Input<'_>, visitor: &mut dyn Visitor) -> Result<usize, Halt> {
        let mut events = Events::new(input);
        while !visitor.is_paused() {
            events.advance(input, self.limits.at_hand());
            let checkpoint = events.at();
            match self.step(&mut events, visitor) {
                Ok(true) => {}
                Ok(false) => return Ok(events.at()),
                Err(Stop::Halt(halt)) => return Err(halt),
                Err(Stop::Scan(Scan::NeedMore)) if self.limits.is_passed(&events.input, checkpoint) => {
                    let fault = self.limits.too_large().at(events.offset(checkpoint));
                    return Err(Halt::Fault(fault.within(|| self.path.pointer())));
                }
                Err(Stop::Scan(Scan::NeedMore)) => return Ok(checkpoint),
                Err(Stop::Scan(Scan::Fault(fault))) => {
                    return Err(Halt::Fault(fault.within(|| self.path.pointer())));
                }
            }
        }
        Ok(events.at())
    }

    fn step(&mut self, events: &mut Events<'_>, visitor: &mut dyn Visitor) -> Result<bool, Stop> {
        if self.template_row(events, visitor)? {
            return Ok(true);
        }
        let (event, start) = events.next()?;
        match event {
            Event::Start(tag) => self.element(events, visitor, &tag, start, false)?,
            Event::Empty(tag) => self.element(events, visitor, &tag, start, true)?,
            Event::End(tag) => {
                let expected = self.path.0.last().map_or("", Segment::name);
                check_end(tag.name().as_ref(), expected, events.offset(start))?;
                visitor.leave(&self.path).map_err(Stop::Halt)?;
                self.path.0.pop();
                self.counts.0.pop();
            }
            Event::GeneralRef(ref reference) => {
                check_reference(reference, events.offset(start))?;
                self.stray(events, visitor, start)?;
            }
            Event::Text(_) | Event::CData(_) => self.stray(events, visitor, start)?,
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

    /// Text between elements: white space is ignored, anything else is reported.
    fn stray(&mut self, events: &Events<'_>, visitor: &mut dyn Visitor, start: usize) -> Result<(), Stop> {
        let text = &events.input.bytes[start..events.at()];
        let blank = text.len() - text.trim_ascii_start().len();
        if blank == text.len() {
            return Ok(());
        }
        let offset = events.offset(start + blank);
        if self.path.0.is_empty() {
            return Err(Scan::Fault(outside(offset)).into());
        }
        let text = String::from_utf8_lossy(&text[blank..]);
        visitor.stray_text(&self.path, offset, text.trim_end()).map_err(Stop::Halt)
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
        let index = self.counts.count(name.as_ref());
        self.path.0.push(Segment::Element(name.as_ref().to_owned(), index));
        let plan = visitor.plan(&self.path, Opening::Element);
        let depth = self.path.0.len();
        self.tape.nodes.clear();
        let mut row =
            RowScan { origin: start, depth, keys: &mut self.keys, tape: &mut self.tape, limits: &self.limits };
        if plan == Plan::Enter {
            row.attributes_only(events, tag, start)?;
            self.root_seen = true;
            visitor.enter(&self.path, Opening::Element, offset).map_err(Stop::Halt)?;
            self.take(events, visitor, Plan::Member, start, 0)?;
            if empty {
                visitor.leave(&self.path).map_err(Stop::Halt)?;
                self.path.0.pop();
            } else {
                self.counts.0.push(HashMap::default());
            }
            return Ok(());
        }
        if let Err(scan) = row.element(events, tag, start, empty) {
            if matches!(scan, Scan::NeedMore) {
                if self.limits.is_passed(&events.input, start) {
                    return Err(Scan::Fault(self.limits.too_large().at(offset)).into());
                }
                self.path.0.pop();
                self.counts.uncount(name.as_ref());
            }
            return Err(scan.into());
        }
        self.root_seen = true;
        if (events.at() - start) as u64 > self.limits.row_bytes {
            return Err(Scan::Fault(self.limits.too_large().at(offset)).into());
        }
        let row = &events.input.bytes[start..events.at()];
        // A root element has no siblings.
        let is_listed = plan == Plan::Row && depth > 1;
        let template = if is_listed { add_template(&mut self.templates, &self.tape, row, depth) } else { 0 };
        self.take(events, visitor, plan, start, template)?;
        self.path.0.pop();
        Ok(())
    }

    /// Reads the next row by a row template, if one matches.
    fn template_row(&mut self, events: &mut Events<'_>, visitor: &mut dyn Visitor) -> Result<bool, Stop> {
        let depth = self.path.0.len() + 1;
        let Some(row) = events.rest() else {
            return Ok(false);
        };
        let Some(length) = template_row(&mut self.templates, row, depth) else {
            return Ok(false);
        };
        let offset = events.offset(events.at());
        let item = self.templates.item(&row[..length], offset, Encoding::Xml);
        let (name, mut step) = (item.root().name(), std::mem::take(&mut self.row_name));
        if step != name {
            step = name.to_string();
        }
        let index = self.counts.count(&name);
        self.path.0.push(Segment::Element(step, index));
        if visitor.plan(&self.path, Opening::Element) != Plan::Row {
            self.counts.uncount(&name);
            self.path.0.pop();
            return Ok(false);
        }
        if length as u64 > self.limits.row_bytes {
            return Err(Scan::Fault(self.limits.too_large().at(offset)).into());
        }
        events.skip(length);
        visitor.take(&self.path, Plan::Row, &item).map_err(Stop::Halt)?;
        if let Some(Segment::Element(name, _)) = self.path.0.pop() {
            self.row_name = name;
        }
        Ok(true)
    }

    fn take(
        &mut self,
        events: &Events<'_>,
        visitor: &mut dyn Visitor,
        plan: Plan,
        start: usize,
        template: u32,
    ) -> Result<(), Stop> {
        let bytes = &events.input.bytes[start..events.at()];
        let item = Item {
            nodes: &self.tape.nodes,
            bytes,
            names: bytes,
            at: events.offset(start),
            encoding: Encoding::Xml,
            template,
        };
        visitor.take(&self.path, plan, &item).map_err(Stop::Halt)
    }
}

/// For each open element: how often each name occurred among its children.
#[derive(Debug)]
struct Counts(Vec<HashMap<Box<str>, u32, RandomState>>);

impl Counts {
    /// Counts a child of the innermost element. Returns its number among the children of that name.
    fn count(&mut self, name: &str) -> u32 {
        let Some(counts) = self.0.last_mut() else {
            return 1;
        };
        if let Some(count) = counts.get_mut(name) {
            *count += 1;
            return *count;
        }
        counts.insert(name.into(), 1);
        1
    }

    fn uncount(&mut self, name: &str) {
        if let Some(count) = self.0.last_mut().and_then(|counts| counts.get_mut(name)) {
            *count -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::read::limits::Limits;
    use crate::read::recorder::{bodies, read};

    /// Returns how many rows matched a template.
    fn assert_read_alike(body: &[u8], piece: usize) -> usize {
        let limits = Limits { max_depth: 5, max_row_bytes: 400, ..Limits::default() };
        let read = |piece, plan| {
            let mut parser = XmlParser::new(ParserLimits::from(&limits));
            read(|input, recorder| parser.parse(input, recorder), body, piece, plan)
        };
        let ((read_as_rows, matched), whole) = (read(piece, Plan::Row), read(usize::MAX, Plan::Member));
        assert_eq!((read_as_rows, 0), whole, "{:?}", String::from_utf8_lossy(body));
        matched
    }

    const VALUES: [&str; 30] = [
        "0",
        "7",
        "-12.50",
        "2024-01-20T08:00:00Z",
        "",
        " 7",
        "7 ",
        "\n7\n",
        "012",
        "999999999999999999",
        "1234567890123456789",
        "1.",
        "2e3",
        "two words",
        "two\nlines",
        "æøå",
        "\u{a0}",
        "]]>",
        "\"quoted'",
        "A&amp;B",
        "A&B",
        "&#48;",
        "<![CDATA[7]]>",
        "<!-- 7 -->",
        "7<!-- 7 -->",
        "<?p 7?>7",
        "<d>7</d>",
        "<d/>",
        "</a>",
        "\u{feff}",
    ];

    /// Forms of a row, and whether rows of that form match one template with any plain text in them.
    const ROWS: [(&str, bool); 8] = [
        ("<r>\n <a type=\"decimal\">#</a>\n <b>#</b>\n</r>", true),
        ("<r><a>#</a><a>#</a><b/><c nil=\"true\"/></r>", true),
        ("<r x=\"#\"><a y='1'>#</a></r>", false),
        ("<r><l type=\"array\"><e><f>#</f></e><e><f> # </f></e></l></r>", true),
        ("<r>#</r>", true),
        ("<r> # <a>#</a> # </r>", false),
        ("<!-- # --><r><a>#</a></r>", true),
        ("#<r><a>#</a></r>", false),
    ];

    #[test]
    fn a_row_that_matches_a_template_reads_as_if_it_were_the_only_row() {
        for (row, looks_alike) in ROWS {
            let mut matched = 0;
            for value in VALUES {
                let rows =
                    [row.replace('#', "1"), row.replace('#', value), row.replace('#', "end"), row.replace('#', "5")];
                for between in ["", "\n", "\u{feff}text", "<in></in>"] {
                    let listed = rows.join(between);
                    for body in [
                        format!("<list>{listed}</list>"),
                        format!("<list>{listed}<in>{listed}<in>{listed}<in>{listed}</in></in></in>{listed}</list>"),
                        listed,
                    ] {
                        matched += assert_read_alike(body.as_bytes(), usize::MAX);
                        assert_read_alike(body.as_bytes(), 41);
                    }
                }
            }
            assert_eq!(matched > VALUES.len(), looks_alike, "{row}: {matched}");
        }
    }

    #[test]
    fn rows_that_alternate_between_a_few_forms_all_match_a_template() {
        let forms = ["<r><a>#</a></r>", "<r><a>#</a><b>#</b></r>", "<s><a>#</a></s>"];
        for (count, matched) in [(1, 11), (2, 10), (3, 9)] {
            let rows: Vec<String> = (0..12).map(|i| forms[i % count].replace('#', &i.to_string())).collect();
            assert_eq!(assert_read_alike(format!("<l>{}</l>", rows.concat()).as_bytes(), usize::MAX), matched);
        }
    }

    #[test]
    fn a_row_that_is_too_large_is_refused_even_if_it_matches_a_template() {
        let row = |value: &str| format!("<r><a>{value}</a></r>");
        assert_read_alike(format!("<l>{}{}{}</l>", row("1"), row(&"9".repeat(395)), row("1")).as_bytes(), usize::MAX);
        assert_eq!(assert_read_alike(format!("<l>{0}{0}{0}</l>", row("1")).as_bytes(), usize::MAX), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn rows_are_read_alike_after_any_other_rows_and_wherever_they_are_cut(
            (body, piece) in bodies(ROWS.map(|(form, _)| form).to_vec(), &VALUES, 4, |rows| format!("<list>{}</list>", rows.join("\n"))),
        ) {
            assert_read_alike(&body, piece);
        }
    }
}
