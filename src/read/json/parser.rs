//! A pull parser for the containers of a JSON body that arrives in chunks.

use super::{Scanner, add_template, plain_integer, template_row};
use crate::model::provider::Encoding;
use crate::read::keys::Keys;
use crate::read::path::{Path, Segment};
use crate::read::row_template::RowTemplates;
use crate::read::tape::{Item, Tape};
use crate::read::text::unescape_json;
use crate::read::visitor::{Halt, Input, Opening, ParserLimits, Plan, Scan, Stop, Visitor};

/// What the innermost container expects next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Value,
    /// After `{`.
    NameOrEnd,
    /// After `,` in an object.
    Name,
    /// After the name of a member: `:`.
    Colon,
    /// After `[`.
    ItemOrEnd,
    /// After a value: `,` or the end of the container.
    Separator,
    /// After the root value.
    Nothing,
}

/// Parses a JSON body. It pauses where an input ends, and continues in the next one.
#[derive(Debug)]
pub struct JsonParser {
    path: Path,
    /// For each open container: whether it is an object.
    open: Vec<bool>,
    due: Due,
    /// The member whose colon is expected (`Due::Colon`).
    name: String,
    keys: Keys,
    tape: Tape,
    templates: RowTemplates,
    limits: ParserLimits,
}

impl JsonParser {
    pub fn new(limits: ParserLimits) -> Self {
        Self {
            path: Path::default(),
            open: Vec::new(),
            due: Due::Value,
            name: String::new(),
            keys: Keys::default(),
            tape: Tape::default(),
            templates: RowTemplates::default(),
            limits,
        }
    }

    /// Parses the input. Returns the number of bytes that were consumed; pass the rest again, followed by more.
    pub fn parse(&mut self, input: Input<'_>, visitor: &mut dyn Visitor) -> Result<usize, Halt> {
        let mut scanner = Scanner::new(input, 0);
        while !visitor.is_paused() {
            scanner.input = input;
            scanner.skip_space();
            let checkpoint = scanner.at;
            scanner.input = input.up_to(checkpoint, self.limits.at_hand());
            match self.step(&mut scanner, visitor) {
                Ok(true) => {}
                Ok(false) => return Ok(scanner.at),
                Err(Stop::Halt(halt)) => return Err(halt),
                Err(Stop::Scan(Scan::NeedMore)) if self.limits.is_passed(&scanner.input, checkpoint) => {
                    let fault = self.limits.too_large().at(input.base + checkpoint as u64);
                    return Err(Halt::Fault(fault.within(|| self.path.pointer())));
                }
                Err(Stop::Scan(Scan::NeedMore)) => return Ok(checkpoint),
                Err(Stop::Scan(Scan::Fault(fault))) => {
                    return Err(Halt::Fault(fault.within(|| self.path.pointer())));
                }
            }
        }
        Ok(scanner.at)
    }

    /// Parses one token of a container, or one whole value. Returns `false` at the end of the body.
    fn step(&mut self, s: &mut Scanner<'_>, visitor: &mut dyn Visitor) -> Result<bool, Stop> {
        match self.due {
            Due::Value => self.value(s, visitor)?,
            Due::NameOrEnd if s.token("a field name or '}'")? == b'}' => self.leave(s, visitor)?,
            Due::NameOrEnd => self.name(s, "a field name or '}'")?,
            Due::Name => self.name(s, "a field name after ','")?,
            Due::Colon if s.token("':'")? == b':' => {
                s.at += 1;
                self.path.0.push(Segment::Name(std::mem::take(&mut self.name)));
                self.due = Due::Value;
            }
            Due::Colon => return Err(s.unexpected("':'").into()),
            Due::ItemOrEnd if s.token("a value or ']'")? == b']' => self.leave(s, visitor)?,
            Due::ItemOrEnd => {
                self.path.0.push(Segment::Index(0));
                self.due = Due::Value;
            }
            Due::Separator => self.separator(s, visitor)?,
            Due::Nothing => {
                s.skip_space();
                if s.at < s.input.bytes.len() {
                    return Err(s.unexpected("the end of the body").into());
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn value(&mut self, s: &mut Scanner<'_>, visitor: &mut dyn Visitor) -> Result<(), Stop> {
        let opening = match s.token("a value")? {
            b'{' => Opening::Object,
            b'[' => Opening::Array,
            _ => Opening::Scalar,
        };
        if opening == Opening::Scalar && self.open.last() == Some(&false) && self.integers(s, visitor) {
            return Ok(());
        }
        let plan = visitor.plan(&self.path, opening);
        if plan == Plan::Enter && opening != Opening::Scalar {
            if self.open.len() >= self.limits.depth {
                let offset = s.input.base + s.at as u64;
                return Err(Scan::Fault(self.limits.too_deep().at(offset)).into());
            }
            visitor.enter(&self.path, opening, s.input.base + s.at as u64).map_err(Stop::Halt)?;
            s.at += 1;
            self.open.push(opening == Opening::Object);
            self.due = if opening == Opening::Object { Due::NameOrEnd } else { Due::ItemOrEnd };
            return Ok(());
        }
        let (start, depth) = (s.at, self.open.len());
        let matched = plan == Plan::Row && template_row(s, &mut self.templates, depth);
        if !matched {
            s.value(&mut self.keys, &mut self.tape, depth, &self.limits)?;
        }
        let (bytes, at) = (&s.input.bytes[start..s.at], s.input.base + start as u64);
        if bytes.len() as u64 > self.limits.row_bytes {
            return Err(Scan::Fault(self.limits.too_large().at(at)).into());
        }
        let item = if matched {
            self.templates.item(bytes, at, Encoding::Json)
        } else {
            let template =
                if plan == Plan::Row { add_template(&mut self.templates, &self.tape, bytes, depth) } else { 0 };
            Item { nodes: &self.tape.nodes, bytes, names: bytes, at, encoding: Encoding::Json, template }
        };
        visitor.take(&self.path, plan, &item).map_err(Stop::Halt)?;
        self.due = if self.open.is_empty() { Due::Nothing } else { Due::Separator };
        Ok(())
    }

    /// Reads elements as long as they are integers that the visitor takes by value, as in a column.
    fn integers(&mut self, s: &mut Scanner<'_>, visitor: &mut dyn Visitor) -> bool {
        let (mut next, mut taken) = (*s, 0);
        while let Some(b'-' | b'0'..=b'9') = next.peek() {
            let Some((value, end)) = plain_integer(s.input.bytes, next.at) else { break };
            if (end - next.at) as u64 > self.limits.row_bytes || !visitor.take_integer(value) {
                break;
            }
            (s.at, next.at) = (end, end);
            taken += 1;
            next.skip_space();
            if next.peek() != Some(b',') {
                break;
            }
            next.at += 1;
            next.skip_space();
        }
        if let Some(Segment::Index(index)) = self.path.0.last_mut().filter(|_| taken > 0) {
            *index += taken - 1;
            self.due = Due::Separator;
        }
        taken > 0
    }

    fn name(&mut self, s: &mut Scanner<'_>, expected: &str) -> Result<(), Stop> {
        if s.token(expected)? != b'"' {
            return Err(s.unexpected(expected).into());
        }
        let (span, escaped) = s.string()?;
        let raw = std::str::from_utf8(&s.input.bytes[span.0..span.1]).unwrap_or_default();
        self.name = if escaped { unescape_json(raw).into_owned() } else { raw.to_owned() };
        self.due = Due::Colon;
        Ok(())
    }

    fn separator(&mut self, s: &mut Scanner<'_>, visitor: &mut dyn Visitor) -> Result<(), Stop> {
        let is_object = self.open.last() == Some(&true);
        let (close, expected) = if is_object { (b'}', "',' or '}'") } else { (b']', "',' or ']'") };
        let byte = s.token(expected)?;
        if byte == close {
            self.path.0.pop();
            return self.leave(s, visitor);
        }
        if byte != b',' {
            let stop = s.unexpected(expected);
            if matches!(stop, Scan::Fault(_)) {
                // The container is wrong here, not the value before it.
                self.path.0.pop();
            }
            return Err(stop.into());
        }
        s.at += 1;
        if is_object {
            self.path.0.pop();
            self.due = Due::Name;
        } else {
            if let Some(Segment::Index(index)) = self.path.0.last_mut() {
                *index += 1;
            }
            self.due = Due::Value;
        }
        Ok(())
    }

    fn leave(&mut self, s: &mut Scanner<'_>, visitor: &mut dyn Visitor) -> Result<(), Stop> {
        visitor.leave(&self.path).map_err(Stop::Halt)?;
        s.at += 1;
        self.open.pop();
        self.due = if self.open.is_empty() { Due::Nothing } else { Due::Separator };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::read::limits::Limits;
    use crate::read::recorder::{bodies, in_pieces, read};

    fn assert_read_alike(body: &[u8], piece: usize) {
        // Rows are compared with a template; parts of the envelope are not.
        let read = |plan| {
            let mut parser = JsonParser::new(ParserLimits::from(&Limits { max_depth: 5, ..Limits::default() }));
            read(|input, recorder| parser.parse(input, recorder), body, piece, plan).0
        };
        assert_eq!(read(Plan::Row), read(Plan::Member), "{:?}", String::from_utf8_lossy(body));
    }

    const VALUES: [&str; 28] = [
        "0",
        "7",
        "-12",
        "012",
        "12345678",
        "999999999999999999",
        "1234567890123456789",
        "1.50",
        "1.",
        "2e3",
        "-",
        "null",
        "nul",
        "true",
        "false",
        "\"\"",
        "\"text of some length\"",
        "\"a\\\"b\"",
        "\"\\q\"",
        "\"æøå\"",
        "\"tab\t\"",
        "{}",
        "[]",
        "[1,{\"d\":2}]",
        "{\"e\":[[1]]}",
        "",
        " 5",
        "\"x\",\"b\":1",
    ];

    const ROWS: [&str; 5] = [
        "{\n\"a\": #,\n\"b\": #\n}",
        "{\"a\":#,\"in b\":{\"c\":[#,#],\"empty\":{}},\"~/\":#}",
        "{\"a\\n\" : # , \"a\" : #}",
        "[#,[#],{}]",
        "#",
    ];

    #[test]
    fn a_row_that_matches_a_template_reads_as_if_it_were_the_only_row() {
        for row in ROWS {
            for value in VALUES {
                let rows = [row.replace('#', "1"), row.replace('#', value), row.replace('#', "\"end\"")];
                assert_read_alike(format!("[{}]", rows.join(",")).as_bytes(), usize::MAX / 2);
                assert_read_alike(format!("{{\"in\":[{}]}}", rows.join(" ,")).as_bytes(), usize::MAX / 2);
                // Nested deeper than the row before, and finally too deep.
                assert_read_alike(format!("[{},{{\"in\":[{}]}}]", rows[0], rows.join(",")).as_bytes(), 50);
            }
        }
    }

    #[test]
    fn a_row_too_large_for_a_template_is_followed_by_one_that_is_not_compared_with_it() {
        let large = format!("{{\"a\":1,\"b\":\"{}\"}}", "x".repeat(100_000));
        assert_read_alike(format!("[{{\"a\":1,\"b\":2}},{large},{{\"a\":1,\"b\":2}}]").as_bytes(), 60_000);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn rows_are_read_alike_after_any_other_rows_and_wherever_they_are_cut(
            (body, piece) in bodies(ROWS.to_vec(), &VALUES, 3, |rows| format!("[{}]", rows.join(",\n"))),
        ) {
            assert_read_alike(&body, piece);
        }
    }

    /// Records the elements of lists: integers by value if `by_value` is set, anything else with its offset.
    struct Elements {
        by_value: bool,
        notes: String,
    }

    impl Visitor for Elements {
        fn plan(&mut self, _path: &Path, _opening: Opening) -> Plan {
            Plan::Enter
        }

        fn take(&mut self, path: &Path, _plan: Plan, item: &Item<'_>) -> Result<(), Halt> {
            let element = item.root();
            self.notes += &match element.small_number(18) {
                Some((value, 0)) => format!("{value}\n"),
                _ => format!("{} {:?} at {}\n", path.pointer(), element.raw(), item.at),
            };
            Ok(())
        }

        fn take_integer(&mut self, value: i64) -> bool {
            if self.by_value {
                self.notes += &format!("{value}\n");
            }
            self.by_value
        }

        fn stray_text(&mut self, _path: &Path, _offset: u64, _text: &str) -> Result<(), Halt> {
            Ok(())
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn integers_taken_by_their_value_are_those_that_items_hold(
            (body, piece) in bodies(vec!["[#,#,#]", "[ # , #,\n# ]", "[#]"], &VALUES, 5, |rows| format!("[{},[]]", rows.join(","))),
            row_bytes in prop::sample::select(vec![2, 100]),
        ) {
            let read = |by_value| {
                let mut parser = JsonParser::new(ParserLimits { depth: 5, row_bytes });
                let mut elements = Elements { by_value, notes: String::new() };
                let end = in_pieces(&body, piece, |input| parser.parse(input, &mut elements));
                (elements.notes, end.map_err(|halt| format!("{halt:?}")))
            };
            prop_assert_eq!(read(true), read(false), "{:?}", String::from_utf8_lossy(&body));
        }
    }
}
