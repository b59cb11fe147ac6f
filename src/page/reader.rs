//! Reads one body: detects its format, parses it, and reads its rows into the table.
//!
//! A whole body and a stream use the same code: a whole body is one last chunk.

use std::sync::Arc;

use crate::descriptor::FormatDescriptor;
use crate::format::detection::{HeadVisitor, Recognized, limits_of, recognize};
use crate::format::neighbours::neighbour;
use crate::format::unknown::{HTML_HEAD, Markup, empty, foreign, html_page, markup, nothing_known, text};
use crate::format::{Candidates, Context, ErrorFormat, Head, ListingState, MOST_FAULTS, RowReader, open};
use crate::model::error::{Error, ErrorCode, Fault, Issue, Position, quoted};
use crate::model::provider::{Detection, Encoding, Provider};
use crate::options::ReadOptions;
use crate::read::{Halt, Input, Item, JsonParser, Lines, Opening, ParserLimits, Path, Plan, Value, Visitor, XmlParser};
use crate::table::TableBuilder;

/// What becomes of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// They become records.
    Records,
    /// They stay as the provider wrote them.
    Parse,
}

/// Receives the result of reading.
pub struct Sink<'s> {
    pub out: &'s mut TableBuilder,
    pub listing: &'s mut ListingState,
    pub issues: &'s mut Vec<Issue>,
    /// The provider's own rows ([`Purpose::Parse`]).
    pub rows: &'s mut Vec<Value>,
}

/// Reads one body, passed in pieces.
pub struct PageReader {
    options: Arc<ReadOptions>,
    purpose: Purpose,
    page: u32,
    limits: ParserLimits,
    stage: Stage,
    /// The bytes of the value that is not complete yet.
    rest: Vec<u8>,
    /// Offset of the first byte that is still available.
    base: u64,
    /// Unfinished bytes are scanned again only when there are this many. Otherwise one large row, cut into
    /// single bytes, would be scanned a million times.
    again_at: usize,
    lines: Lines,
    detection: Option<Detection>,
    /// What the body is, once that is known.
    provider: Option<Provider>,
    /// The fault after which reading stopped, if faults are collected.
    fault: Option<Issue>,
}

/// The parser of a body, by its encoding.
#[derive(Debug)]
enum Parser {
    Json(JsonParser),
    Xml(XmlParser),
}

impl Parser {
    fn new(encoding: Encoding, limits: ParserLimits) -> Self {
        match encoding {
            Encoding::Json => Self::Json(JsonParser::new(limits)),
            Encoding::Xml => Self::Xml(XmlParser::new(limits)),
        }
    }

    fn parse(&mut self, input: Input<'_>, visitor: &mut dyn Visitor) -> Result<usize, Halt> {
        match self {
            Self::Json(parser) => parser.parse(input, visitor),
            Self::Xml(parser) => parser.parse(input, visitor),
        }
    }
}

enum Stage {
    /// The format is not detected yet.
    Head,
    /// The rows are being read. `ended`: all bytes were read.
    Rows { parser: Parser, reader: Box<dyn RowReader>, ended: bool },
    /// Reading stopped after a fault, but complete rows are still to be added to the table.
    Broken { reader: Box<dyn RowReader> },
    /// It is an error reply, taken whole.
    ErrorReply { parser: Parser, format: ErrorFormat },
    /// Nothing more is read.
    Done,
}

/// The most bytes before the first row of a body, with the bytes that show its format.
const HEAD_BYTES: usize = 1 << 20;

impl PageReader {
    pub fn new(options: Arc<ReadOptions>, purpose: Purpose, page: u32) -> Self {
        Self {
            provider: options.format.as_ref().map(|format| format.name().provider()).or(options.provider),
            limits: options
                .format
                .as_ref()
                .map_or_else(|| ParserLimits::from(&options.limits), |format| limits_of(format, &options.limits)),
            options,
            purpose,
            page,
            stage: Stage::Head,
            rest: Vec::new(),
            base: 0,
            again_at: 0,
            lines: Lines::default(),
            detection: None,
            fault: None,
        }
    }

    /// The fault after which reading stopped, if faults are collected.
    pub fn fault(&self) -> Option<&Issue> {
        self.fault.as_ref()
    }

    /// The provider, format and encoding of the body.
    pub fn detection(&self) -> Option<Detection> {
        self.detection
    }

    /// Reads the next bytes of the body. `last` means that no more follow.
    ///
    /// It stops when the table is full ([`TableBuilder::is_full`]), and continues at the next call, which may have no bytes.
    ///
    /// # Errors
    /// The first fault, unless faults are collected.
    pub fn feed(&mut self, chunk: &[u8], last: bool, sink: &mut Sink<'_>) -> Result<(), Error> {
        if matches!(self.stage, Stage::Done) {
            return Ok(());
        }
        if let Stage::Broken { reader } = &mut self.stage {
            let mut cx = Context { options: &self.options, out: sink.out, listing: sink.listing, page: self.page };
            // Any error here is a consequence of the fault that was already recorded.
            let ended = reader.resume(&mut cx).is_err();
            sink.listing.later_faults.clear();
            if ended || !sink.out.is_full() {
                self.stage = Stage::Done;
            }
            return Ok(());
        }
        if self.rest.is_empty() {
            let used = self.read(chunk, last, sink)?;
            self.rest.extend_from_slice(&chunk[used..]);
        } else {
            self.rest.extend_from_slice(chunk);
            if !last && self.rest.len() < self.again_at {
                return Ok(());
            }
            let bytes = std::mem::take(&mut self.rest);
            let used = self.read(&bytes, last, sink)?;
            self.rest = bytes;
            self.rest.drain(..used);
        }
        if sink.out.is_full() {
            self.again_at = 0;
            return Ok(());
        }
        if matches!(self.stage, Stage::Done) || last {
            self.rest = Vec::new();
            return Ok(());
        }
        // What is larger than anything may be is refused as soon as it is.
        let most = self.limits.at_hand();
        let later = self.rest.len() + self.rest.len() / 2;
        self.again_at = if self.rest.len() < most { later.min(most) } else { later };
        Ok(())
    }

    /// Codes of the table's dictionaries are no longer valid.
    pub fn forget_codes(&mut self) {
        if let Stage::Rows { reader, .. } | Stage::Broken { reader } = &mut self.stage {
            reader.forget_codes();
        }
    }

    /// Reads as much as possible. Returns the number of bytes that were read.
    fn read(&mut self, bytes: &[u8], last: bool, sink: &mut Sink<'_>) -> Result<usize, Error> {
        if matches!(self.stage, Stage::Head) {
            let most = self.limits.at_hand().saturating_add(HEAD_BYTES);
            let head = Input { bytes, base: self.base, last }.up_to(0, most);
            // A format that the caller named is read however late its rows come.
            let is_all = head.last || self.options.format.is_some() && bytes.len() >= most;
            match self.detect(head.bytes, is_all) {
                Ok(true) => {}
                Ok(false) if bytes.len() >= most => {
                    self.end_with(self.limits.head_too_large().at(0), bytes, sink)?;
                    return Ok(bytes.len());
                }
                Ok(false) => return Ok(0),
                Err(fault) => {
                    self.end_with(fault, bytes, sink)?;
                    return Ok(bytes.len());
                }
            }
        }
        // A byte order mark is not a part of the document.
        let mark = if self.base == 0 && bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let input = Input { bytes: &bytes[mark..], base: self.base + mark as u64, last };
        match self.parse(input, sink) {
            Ok(used) => {
                if !last {
                    self.lines.discard(bytes, self.base, mark + used);
                }
                self.base += (mark + used) as u64;
                Ok(mark + used)
            }
            Err(Halt::Fault(fault)) => {
                self.end_with(fault, bytes, sink)?;
                Ok(bytes.len())
            }
            Err(Halt::Enough) => Ok(bytes.len()),
        }
    }

    fn parse(&mut self, input: Input<'_>, sink: &mut Sink<'_>) -> Result<usize, Halt> {
        match &mut self.stage {
            Stage::Head | Stage::Broken { .. } | Stage::Done => Ok(input.bytes.len()),
            Stage::Rows { parser, reader, ended } => {
                let mut session = Session {
                    reader: &mut **reader,
                    options: &self.options,
                    purpose: self.purpose,
                    page: self.page,
                    lines: &mut self.lines,
                    input,
                    sink,
                };
                session.resume()?;
                if session.is_paused() {
                    return Ok(0);
                }
                let mut used = input.bytes.len();
                if !*ended {
                    used = parser.parse(input, &mut session)?;
                    if session.is_paused() || !input.last {
                        return Ok(used);
                    }
                    *ended = true;
                    session.finish()?;
                }
                if !session.is_paused() {
                    self.stage = Stage::Done;
                }
                Ok(used)
            }
            Stage::ErrorReply { parser, format } => {
                let mut visitor = ErrorVisitor { format, fault: None };
                match (parser.parse(input, &mut visitor), visitor.fault) {
                    (Err(Halt::Enough), Some(fault)) => Err(Halt::Fault(fault)),
                    (other, _) => other,
                }
            }
        }
    }

    /// Detects the provider and format. `false`: more bytes are needed.
    pub fn detect(&mut self, bytes: &[u8], last: bool) -> Result<bool, Fault> {
        let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mark = bytes.len() - start.len();
        let blank = start.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count();
        let said_html =
            self.options.content_type.as_deref().is_some_and(|t| t.to_ascii_lowercase().starts_with("text/html"));
        let offset = (mark + blank) as u64;
        match foreign(bytes, last) {
            None => return Ok(false),
            Some(Some(fault)) => return Err(fault),
            Some(None) => {}
        }
        let encoding = match start[blank..].first() {
            None if last => return Err(empty(offset)),
            None => return Ok(false),
            Some(b'{' | b'[') => Encoding::Json,
            Some(b'<') => match markup(&start[blank..], last) {
                // Its headings are the message, so more bytes are needed.
                Markup::Html(root) if !last && start.len() - blank < root + HTML_HEAD => return Ok(false),
                Markup::Html(root) => return Err(html_page(&start[blank + root..]).at(offset)),
                Markup::Xml => Encoding::Xml,
                Markup::TooShort => return Ok(false),
            },
            Some(_) if said_html && !last && start.len() < HTML_HEAD => return Ok(false),
            Some(_) if said_html => return Err(html_page(&start[blank..]).at(offset)),
            Some(_) => {
                return text(&start[blank..], last, &self.options).map_or(Ok(false), |fault| Err(fault.at(offset)));
            }
        };
        let options = Arc::clone(&self.options);
        let candidates = Candidates::new(&options);
        let mut visitor = HeadVisitor::new(encoding, &options, &candidates);
        let input = Input { bytes: start, base: mark as u64, last };
        let parsed = Parser::new(encoding, self.limits).parse(input, &mut visitor);
        let head = &mut visitor.head;
        let recognized = match (visitor.recognized.take(), parsed) {
            (Some(recognized), _) => recognized,
            // A body that no provider recognises may have a syntax fault: that is reported first.
            (None, Ok(_) | Err(Halt::Enough)) if !last => return Ok(false),
            (None, Ok(_) | Err(Halt::Enough)) => {
                head.complete = true;
                recognize(head, &options, &candidates)
            }
            (None, Err(Halt::Fault(fault))) => {
                // A root that is complete is what it is, whatever stands behind it.
                if options.format.is_none() && head.complete && neighbour(head, options.request.as_ref()).is_some() {
                    return Err(nothing_known(head, &options).at(offset));
                }
                head.complete = true;
                // What is broken may still show whose it was meant to be.
                match recognize(head, &options, &candidates) {
                    Recognized::Error(format) => {
                        self.provider = Some(format.provider());
                        return Err(fault);
                    }
                    found @ Recognized::As(_) => found,
                    _ => return Err(fault),
                }
            }
        };
        match recognized {
            Recognized::Error(format) => {
                self.provider = Some(format.provider());
                self.stage = Stage::ErrorReply { parser: Parser::new(encoding, self.limits), format };
                Ok(true)
            }
            Recognized::Other(other) => Err(Fault::new(
                ErrorCode::UnknownFormat,
                format!(
                    "expected a reply of {}, found one of {}",
                    self.provider.as_ref().map_or("", Provider::as_str),
                    other.as_str()
                ),
            )
            .at(offset)),
            Recognized::As(format) => {
                self.start_rows(&format, head);
                Ok(true)
            }
            Recognized::NotYet | Recognized::Nothing if head.is_empty_list() => {
                self.empty_list(head, &candidates);
                Ok(true)
            }
            Recognized::NotYet | Recognized::Nothing => Err(nothing_known(head, &options).at(offset)),
        }
    }

    fn start_rows(&mut self, format: &FormatDescriptor, head: &Head) {
        let detection = Detection::new(format.name(), head.encoding);
        self.provider = Some(detection.provider);
        self.detection = Some(detection);
        self.limits = limits_of(format, &self.options.limits);
        self.stage = Stage::Rows {
            parser: Parser::new(head.encoding, self.limits),
            reader: open(format, head, &self.options),
            ended: false,
        };
    }

    /// `[]` is a valid reply of any provider.
    fn empty_list(&mut self, head: &Head, candidates: &Candidates<'_>) {
        match candidates.of_empty_list(head) {
            Some(format) => self.start_rows(format, head),
            None => self.stage = Stage::Done,
        }
    }

    /// The body ends with a fault. It is thrown, or recorded as an issue.
    fn end_with(&mut self, fault: Fault, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        sink.out.discard();
        let position = fault.position().or_else(|| fault.offset().map(|at| self.lines.position(bytes, self.base, at)));
        let stage = std::mem::replace(&mut self.stage, Stage::Done);
        if !self.options.collects() || fault.code() == ErrorCode::InvalidOption {
            return Err(Error::from_fault(fault, self.provider, self.page as usize, position));
        }
        let issue = fault.into_issue(self.page as usize, position);
        self.fault = Some(issue.clone());
        sink.issues.push(issue);
        if let Stage::Rows { mut reader, .. } = stage {
            let mut cx = Context { options: &self.options, out: sink.out, listing: sink.listing, page: self.page };
            // Any error here is a consequence of the fault that was already recorded.
            if reader.end(&mut cx).is_err() {
                sink.out.discard();
            }
            sink.listing.later_faults.clear();
            if sink.out.is_full() {
                self.stage = Stage::Broken { reader };
            }
        }
        Ok(())
    }
}

/// Takes an error reply whole.
struct ErrorVisitor<'f> {
    format: &'f ErrorFormat,
    fault: Option<Fault>,
}

impl Visitor for ErrorVisitor<'_> {
    fn plan(&mut self, _path: &Path, _opening: Opening) -> Plan {
        Plan::Member
    }

    fn take(&mut self, path: &Path, _plan: Plan, item: &Item<'_>) -> Result<(), Halt> {
        self.fault = Some(self.format.fault(item.root()).at(item.at).within(|| path.pointer()));
        Err(Halt::Enough)
    }

    fn stray_text(&mut self, _path: &Path, _offset: u64, _text: &str) -> Result<(), Halt> {
        Ok(())
    }
}

/// The number of rows after which the number of rows of the whole body is estimated.
const TELLING_ROWS: u64 = 256;

/// The visitor that reads the rows of a body. It adds positions to faults, and collects or throws them.
struct Session<'s, 'k> {
    reader: &'s mut dyn RowReader,
    options: &'s ReadOptions,
    purpose: Purpose,
    page: u32,
    lines: &'s mut Lines,
    input: Input<'s>,
    sink: &'s mut Sink<'k>,
}

impl Session<'_, '_> {
    fn with<T>(&mut self, call: impl FnOnce(&mut dyn RowReader, &mut Context<'_>) -> T) -> T {
        let mut cx = Context { options: self.options, out: self.sink.out, listing: self.sink.listing, page: self.page };
        call(self.reader, &mut cx)
    }

    /// Handles a fault of one row: it becomes an issue if faults are collected and reading can continue.
    fn settle(&mut self, result: Result<(), Fault>, pointer: impl FnOnce() -> String) -> Result<(), Halt> {
        let Err(fault) = result else {
            return Ok(());
        };
        self.sink.out.discard();
        let fault = fault.within(pointer);
        if !self.options.collects() || fault.code().ends_the_body() {
            return Err(Halt::Fault(fault));
        }
        self.sink.listing.faults += 1;
        if self.sink.listing.faults > MOST_FAULTS {
            let message = format!("more than {MOST_FAULTS} faults");
            let end = Fault::new(ErrorCode::LimitExceeded, message);
            return Err(Halt::Fault(match fault.offset() {
                Some(offset) => end.at(offset),
                None => end,
            }));
        }
        let (bytes, base) = (self.input.bytes, self.input.base);
        let position = fault.position().or_else(|| fault.offset().map(|at| self.lines.position(bytes, base, at)));
        self.sink.issues.push(fault.into_issue(self.page as usize, position));
        Ok(())
    }

    /// Continues with the rows that were complete when the table was full.
    fn resume(&mut self) -> Result<(), Halt> {
        let result = self.with(|reader, cx| reader.resume(cx));
        self.settle(result, String::new)?;
        self.settle_later()
    }

    fn finish(&mut self) -> Result<(), Halt> {
        let result = self.with(|reader, cx| reader.end(cx));
        self.settle(result, String::new)?;
        self.settle_later()
    }

    fn settle_later(&mut self) -> Result<(), Halt> {
        let faults = std::mem::take(&mut self.sink.listing.later_faults);
        faults.into_iter().try_for_each(|fault| self.settle(Err(fault), String::new))
    }
}

impl Visitor for Session<'_, '_> {
    fn plan(&mut self, path: &Path, opening: Opening) -> Plan {
        match self.purpose {
            Purpose::Records => self.reader.plan(path, opening),
            Purpose::Parse => self.reader.plan_of_parse(path, opening),
        }
    }

    fn enter(&mut self, path: &Path, opening: Opening, offset: u64) -> Result<(), Halt> {
        let (bytes, base, lines) = (self.input.bytes, self.input.base, &mut *self.lines);
        let mut position = || -> Position { lines.position(bytes, base, offset) };
        let mut cx = Context { options: self.options, out: self.sink.out, listing: self.sink.listing, page: self.page };
        self.reader.enter(&mut cx, path, opening, &mut position);
        Ok(())
    }

    fn take(&mut self, path: &Path, plan: Plan, item: &Item<'_>) -> Result<(), Halt> {
        // Valid and faulty rows both count: their number shows whether the page is full.
        self.sink.listing.page_rows += u64::from(plan == Plan::Row);
        let result = match (plan, self.purpose) {
            (Plan::Row, Purpose::Records) => self.with(|reader, cx| reader.row(cx, path, item)),
            (Plan::Row, Purpose::Parse) => {
                let row = self.reader.parse_row(path, item, self.options.limits.max_digits);
                match row {
                    Ok(row @ Value::Object(_)) => {
                        self.sink.rows.push(row);
                        Ok(())
                    }
                    Ok(_) => Err(item.root().unexpected("an object")),
                    Err(fault) => Err(fault),
                }
            }
            _ => self.with(|reader, cx| reader.member(cx, path, item)),
        };
        if plan == Plan::Row && self.sink.listing.page_rows == TELLING_ROWS && self.page == 0 && self.input.last {
            self.sink.out.make_room(item.at, self.input.base + self.input.bytes.len() as u64);
        }
        // A fault of the whole row has the position of the row.
        self.settle(result.map_err(|fault| fault.at(item.at)), || path.pointer())
    }

    fn is_paused(&self) -> bool {
        self.sink.out.is_full()
    }

    fn take_integer(&mut self, value: i64) -> bool {
        self.reader.integer(value, self.options.limits.max_digits)
    }

    fn leave(&mut self, path: &Path) -> Result<(), Halt> {
        if self.purpose == Purpose::Parse {
            return Ok(());
        }
        let result = self.with(|reader, cx| reader.leave(cx, path));
        self.settle(result, || path.pointer())?;
        self.settle_later()
    }

    fn stray_text(&mut self, path: &Path, offset: u64, text: &str) -> Result<(), Halt> {
        let message = format!("expected an element, found the text {}", quoted(text));
        let fault = Fault::new(ErrorCode::UnexpectedShape, message);
        self.settle(Err(fault.at(offset)), || path.pointer())
    }
}
