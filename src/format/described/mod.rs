//! Reads the rows of any format by its descriptor.
//!
//! The paths of a descriptor are one automaton, which says what each value of a body is: a row, a part of the envelope, nothing.
//! The first row of a form is worked out to a [`Reading`]: which node is which number, and on which nodes resource, period and
//! meaning rest. Rows that look like it cost no more than their numbers and one lookup for each of these.

mod automaton;
mod columns;
mod compiled;
mod envelope;
mod explained;
mod form_builder;
mod interned;
mod layout;
mod metric_table;
mod nested;
mod period;
mod reported;
mod row;
mod scope;
mod states;
mod tape_path;
mod unread;

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use self::columns::Groups;
use self::compiled::Compiled;
use self::envelope::{Body, Envelope, Taking};
pub(crate) use self::explained::{Explained, UnreadField, explain};
use self::form_builder::KnownFields;
use self::interned::Interned;
use self::layout::{Form, Layouts, Outcome, inner};
use self::reported::Reported;
use self::row::{Progress, RowPlace, Scratch, captured};
use self::scope::Asked;
use self::states::States;
use self::tape_path::Captures;
pub(crate) use self::tape_path::Names;
use crate::descriptor::FormatDescriptor;
use crate::format::faults::Unknown;
use crate::format::head::Head;
use crate::format::head_tests::HeadTests;
use crate::format::request_test::RequestTests;
use crate::format::row_reader::{Context, RowReader};
use crate::model::error::{ErrorCode, Fault, Position};
use crate::model::provider::{Detection, Encoding};
use crate::options::ReadOptions;
use crate::read::{Item, Node, Opening, Path, Plan, Segment, Value, ValueType};

/// Rows that are held until the envelope has said what they need, and their bytes.
const MOST_HELD: usize = 10_000;
const MOST_HELD_BYTES: usize = 16 << 20;

/// Forms that are known at a time.
const MOST_FORMS: usize = 64;

/// Readings of one form that are known at a time, by the texts they rest on.
const MOST_READINGS: usize = 1024;

/// Opens the reader of one body.
pub(crate) fn open(
    descriptor: &FormatDescriptor,
    detection: Detection,
    head: &Head,
    options: &ReadOptions,
) -> Box<dyn RowReader> {
    let compiled = Compiled::of(descriptor);
    let side = compiled.side(detection.encoding);
    let request = RequestTests::new(options.request.as_ref());
    let tests = HeadTests { head, rules: compiled.rules(), request: &request, is_named: true };
    let reads = |end: &automaton::RowEnd| {
        let meaning = &compiled.meanings[usize::from(end.rule)];
        if compiled.rules().rows.iter().all(|row| row.columns.is_empty()) {
            return head.below("").any(|(name, _)| meaning.reads(name, compiled.names));
        }
        // The metrics of columns may have any name.
        tests.root_is_row()
    };
    let object_rows = side.automaton.object_rows(head, reads);
    Box::new(Described {
        detection,
        is_object: head.root != Some(Opening::Array),
        is_lone: false,
        envelope: Envelope::new(&side.parts),
        asked: Asked::new(options.request.as_ref()),
        states: States::new(&side.automaton, detection.encoding, object_rows),
        forms: Forms::default(),
        fields: RefCell::default(),
        groups: Groups::default(),
        scratch: Scratch::default(),
        entered: 1,
        is_entered: false,
        touched: RefCell::default(),
        is_waiting: Cell::new(false),
        held: Vec::new(),
        held_bytes: 0,
        unknown: Unknown::default(),
        reported: Reported::new(compiled.rules(), detection.encoding),
        has_rows: false,
        compiled,
    })
}

struct Described {
    compiled: Arc<Compiled>,
    detection: Detection,
    is_object: bool,
    /// The root is a row without its list.
    is_lone: bool,
    envelope: Envelope,
    asked: Asked,
    states: States,
    forms: Forms,
    fields: RefCell<KnownFields>,
    /// Rows that are read column by column.
    groups: Groups,
    scratch: Scratch,
    /// Containers entered so far, and one.
    entered: u64,
    /// The XML element that was entered last is taken next: its attributes alone.
    is_entered: bool,
    touched: RefCell<Vec<u32>>,
    is_waiting: Cell<bool>,
    held: Vec<HeldRow>,
    held_bytes: usize,
    unknown: Unknown,
    /// What the envelope says of errors; `None`: nothing asks for it.
    reported: Option<Reported>,
    has_rows: bool,
}

/// A row that waits for the envelope.
struct HeldRow {
    state: usize,
    path: Path,
    nodes: Vec<Node>,
    bytes: Vec<u8>,
    at: u64,
}

/// What is known of rows, by their form.
#[derive(Debug, Default)]
struct Forms {
    known: Vec<KnownForm>,
    last: usize,
}

#[derive(Debug)]
struct KnownForm {
    template: u32,
    state: usize,
    /// Which texts select the reading.
    key: Interned,
    readings: Vec<Form>,
}

impl Forms {
    #[inline]
    fn at(&mut self, template: u32, state: usize) -> &mut KnownForm {
        let is = |form: &KnownForm| form.template == template && form.state == state && template != 0;
        if !self.known.get(self.last).is_some_and(is) {
            self.find(template, state, is);
        }
        &mut self.known[self.last]
    }

    fn find(&mut self, template: u32, state: usize, is: impl Fn(&KnownForm) -> bool) {
        if let Some(known) = self.known.iter().position(is) {
            self.last = known;
            return;
        }
        let form = KnownForm { template, state, key: Interned::default(), readings: Vec::new() };
        if self.known.len() < MOST_FORMS {
            self.last = self.known.len();
            self.known.push(form);
        } else {
            self.last = (self.last + 1) % MOST_FORMS;
            self.known[self.last] = form;
        }
    }
}

impl std::fmt::Debug for Described {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Described").field("detection", &self.detection).finish_non_exhaustive()
    }
}

impl Described {
    fn side(&self) -> &compiled::Side {
        self.compiled.side(self.detection.encoding)
    }

    fn read(&mut self, cx: &mut Context<'_>, state: usize, path: &Path, item: &Item<'_>) -> Result<Progress, Fault> {
        let Self {
            compiled,
            detection,
            states,
            forms,
            fields,
            asked,
            envelope,
            touched,
            is_waiting,
            scratch,
            entered,
            ..
        } = self;
        let compiled: &Compiled = compiled;
        let automaton = &compiled.side(detection.encoding).automaton;
        let ends = || states.nodes(state).iter().flat_map(|node| &automaton.node(*node).rows);
        is_waiting.set(false);
        let no_captures = Captures::new();
        let captures;
        let captures = if compiled.uses_captures {
            captures = ends().map(|end| captured(&end.captures, path)).next().unwrap_or_default();
            &captures
        } else {
            &no_captures
        };
        let layouts = Layouts {
            compiled,
            asked,
            envelope,
            options: cx.options,
            encoding: detection.encoding,
            format: detection.format,
            captures,
            own_name: path.name(path.depth().saturating_sub(1)),
            fields,
            touched,
            is_waiting,
        };
        let form = forms.at(item.template, state);
        let known = form.key.get(item, captures).map(|known| known as usize);
        let which = match known.filter(|which| form.readings[*which].fits(item)) {
            Some(which) => which,
            None => {
                touched.borrow_mut().clear();
                let ends: Vec<_> = ends().cloned().collect();
                let made = layouts.form(cx, item, &ends)?;
                compiled.add_row_sums(detection.format, &mut cx.listing.row_sums);
                if form.key.rest_on(touched) || form.readings.len() >= MOST_READINGS {
                    form.readings.clear();
                    form.key.clear();
                }
                match known.filter(|which| *which < form.readings.len()) {
                    Some(which) => {
                        form.readings[which] = made;
                        which
                    }
                    None => {
                        form.readings.push(made);
                        let which = form.readings.len() - 1;
                        form.key.learn(item, captures, touched, which as u32);
                        which
                    }
                }
            }
        };
        match &mut form.readings[which].outcome {
            Outcome::Read(reading) => {
                // In a list rows differ in their index alone.
                let last = path.0.last().filter(|segment| !matches!(segment, Segment::Name(_)));
                let index = match last.filter(|_| reading.placed == *entered) {
                    Some(segment) => segment.index(),
                    None => {
                        let place = place_of(path, detection.encoding);
                        reading.place(cx, &place, *entered);
                        place.index
                    }
                };
                reading.read(&layouts, cx, item, scratch, index)
            }
            Outcome::Columns(_) => Err(item.root().unexpected("a group that is not an element of a list")),
            Outcome::Failed { rule, error, row } => Err(layouts.failure(*rule, *error, item.element(*row))),
            Outcome::Skip | Outcome::Ignore => {
                cx.listing.page_rows = cx.listing.page_rows.saturating_sub(1);
                Ok(Progress::Committed)
            }
        }
    }

    fn hold(&mut self, state: usize, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        self.held_bytes += item.bytes.len();
        if self.held.len() >= MOST_HELD || self.held_bytes > MOST_HELD_BYTES {
            return Err(too_many_held());
        }
        // Names of a row that matches a template stand in the template: the row is recorded with its own.
        let (nodes, bytes) = item.with_names();
        self.held.push(HeldRow { state, path: path.clone(), nodes, bytes, at: item.at });
        Ok(())
    }

    /// Commits the rows that waited.
    fn flush(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        self.held_bytes = 0;
        let mut first = Ok(());
        for held in std::mem::take(&mut self.held) {
            let item = Item {
                nodes: &held.nodes,
                bytes: &held.bytes,
                names: &held.bytes,
                at: held.at,
                encoding: self.detection.encoding,
                template: 0,
            };
            match self.read(cx, held.state, &held.path, &item) {
                Ok(Progress::Committed) => {}
                Ok(Progress::Waits) => self.held.push(held),
                Err(fault) => first = first.and(Err(fault)),
            }
        }
        first.and(self.commit_waiting_groups(cx))
    }
}

#[cold]
fn too_many_held() -> Fault {
    let message = format!(
        "expected the envelope to name the account within {MOST_HELD} rows, found none: pass `request` or `account`"
    );
    Fault::new(ErrorCode::LimitExceeded, message)
}

/// The text around the last index of a row's path.
fn place_of(path: &Path, encoding: Encoding) -> RowPlace {
    let is_indexed = |(at, segment): &(usize, &Segment)| match segment {
        Segment::Index(_) => true,
        Segment::Element(..) => *at > 0,
        Segment::Name(_) => false,
    };
    let Some((at, segment)) = path.0.iter().enumerate().rev().find(is_indexed) else {
        return RowPlace { before: path.pointer(), indexed: false, after: String::new(), index: 0 };
    };
    let mut before = path.pointer_to(at);
    before.push('/');
    let mut after = String::new();
    if encoding == Encoding::Xml {
        before.push_str(segment.name());
        before.push('[');
        after.push(']');
    }
    let behind = Path(path.0[at + 1..].to_vec());
    after.push_str(&behind.pointer());
    RowPlace { before, indexed: true, after, index: segment.index() }
}

impl RowReader for Described {
    fn plan(&mut self, path: &Path, opening: Opening) -> Plan {
        if self.groups.is_open() {
            return self.plan_in_group(path, opening);
        }
        let automaton = &self.compiled.side(self.detection.encoding).automaton;
        self.states.plan(automaton, path, opening)
    }

    fn enter(&mut self, cx: &mut Context<'_>, path: &Path, opening: Opening, at: &mut dyn FnMut() -> Position) {
        // Of a group that is the whole body, the members are seen.
        let is_seen = !self.groups.is_open() || path.depth() == 1;
        if let Some(reported) = self.reported.as_mut().filter(|_| is_seen) {
            reported.enter(path, opening);
        }
        self.entered += 1;
        let automaton = &self.compiled.side(self.detection.encoding).automaton;
        let state = self.states.enter(automaton, path);
        if self.groups.is_open() {
            self.enter_in_group(cx, state, path, opening, at);
        } else if opening == Opening::Object && self.states.is_group(automaton, state) {
            self.begin_group(state, path, at());
        }
        if self.detection.encoding == Encoding::Xml {
            self.unknown.enter(path, at);
            self.is_entered = true;
        }
    }

    fn row(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        if !std::mem::replace(&mut self.has_rows, true)
            && let Some(reported) = &mut self.reported
        {
            reported.enter(path, Opening::Object);
        }
        self.is_lone |= path.depth() == usize::from(self.detection.encoding == Encoding::Xml);
        let state = self.states.planned();
        match self.read(cx, state, path, item)? {
            Progress::Committed => Ok(()),
            Progress::Waits => self.hold(state, path, item),
        }
    }

    fn member(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        let is_entered = std::mem::take(&mut self.is_entered);
        let is_in_group = self.groups.is_open();
        if is_in_group && !self.member_in_group(cx, path, item)? {
            return Ok(());
        }
        let root = item.root();
        let compiled = Arc::clone(&self.compiled);
        let side = compiled.side(self.detection.encoding);
        let state = self.states.of(&side.automaton, path);
        let nodes = self.states.nodes(state);
        if nodes.is_empty() && self.detection.encoding == Encoding::Xml && path.depth() == 2 {
            self.unknown.note(path);
        }
        if let Some(reported) = &mut self.reported {
            reported.take(compiled.rules(), path, item);
        }
        let is_due = nodes.iter().any(|node| {
            let node = side.automaton.node(*node);
            node.has_rows_below && (node.leads_to_items() || node.rows.is_empty())
        });
        if is_due && self.detection.encoding == Encoding::Json && !root.is_null() && path.depth() > 0 {
            return Err(root.unexpected("a list"));
        }
        let is_group = |node: &u16| side.automaton.node(*node).group.is_group;
        if !is_in_group && !root.is_null() && !nodes.is_empty() && nodes.iter().all(is_group) {
            return Err(root.unexpected("an object"));
        }
        if nodes.is_empty() {
            return Ok(());
        }
        let taking =
            Taking { automaton: &side.automaton, parts: &side.parts, next: compiled.next(), names: compiled.names };
        let is_needed = self.envelope.take(&taking, nodes, root, &path.pointer(), !is_entered)?;
        if is_needed {
            // What was worked out without it may be another now.
            self.forms = Forms::default();
            if !self.held.is_empty() || self.groups.are_waiting() {
                return self.flush(cx);
            }
        }
        Ok(())
    }

    fn integer(&mut self, value: i64, max_digits: u64) -> bool {
        self.groups.integer(value, max_digits)
    }

    fn leave(&mut self, cx: &mut Context<'_>, path: &Path) -> Result<(), Fault> {
        self.leave_in_group(cx, path)
    }

    fn resume(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        self.commit_groups(cx);
        Ok(())
    }

    fn end(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        self.envelope.is_complete = true;
        self.forms = Forms::default();
        let result = self.cut_group(cx).and(self.flush(cx));
        let compiled = Arc::clone(&self.compiled);
        let side = compiled.side(self.detection.encoding);
        let body = Body { request: self.asked.request(), is_lone: self.is_lone, is_object: self.is_object };
        self.envelope.end(&side.parts, compiled.next(), &body, cx.listing);
        let rows = cx.listing.page_rows;
        // A row without a list is all there is: it has no envelope.
        let reported = self.reported.as_mut().filter(|_| self.entered > 1);
        let error = reported.and_then(|it| it.end(compiled.rules(), cx.options, self.detection.provider.as_str()));
        if let Some(error) = error {
            return Err(error);
        }
        result.and_then(|()| match self.detection.encoding {
            Encoding::Xml if !self.is_lone => self.unknown.check(rows, &side.automaton.row_name()),
            _ => Ok(()),
        })
    }

    fn forget_codes(&mut self) {
        self.forms = Forms::default();
        self.fields.borrow_mut().clear();
        self.groups.forget_codes();
    }

    /// For `parse` a group is a row like others, and so is what stands in the place of one.
    fn plan_of_parse(&mut self, path: &Path, opening: Opening) -> Plan {
        let automaton = &self.compiled.side(self.detection.encoding).automaton;
        let plan = self.states.plan(automaton, path, opening);
        let state = self.states.planned();
        let is_group = match opening {
            Opening::Object => self.states.is_group(automaton, state),
            _ => path.depth() > 0 && self.states.has_group(automaton, state),
        };
        if is_group { Plan::Row } else { plan }
    }

    fn parse_row(&self, path: &Path, item: &Item<'_>, max_digits: u64) -> Result<Value, Fault> {
        let automaton = &self.side().automaton;
        let ends = || self.states.nodes(self.states.planned()).iter().flat_map(|node| &automaton.node(*node).rows);
        let row = ends().find_map(|end| inner(item, &end.inner, &self.compiled)).unwrap_or(item.root());
        let is_metric = |name: &str| {
            ends().any(|end| self.compiled.meanings[usize::from(end.rule)].table.leaf(name, false).metric.is_some())
        };
        let value = Value::read(&row, &is_metric, max_digits)?;
        let last = path.0.last();
        let is_captured =
            ends().any(|end| end.captures.last().is_some_and(|(at, _)| usize::from(*at) + 1 == path.depth()));
        Ok(match last {
            Some(segment) if is_captured && row.value_type() == ValueType::Object => {
                Value::Object(vec![(segment.name().to_owned(), value)])
            }
            _ => value,
        })
    }
}
