//! deviceWISE TR50 `usage.api.history`: calls by service and period (docs/formats.md#devicewise; provider-docs 001).

mod column;
mod command;
mod commit;
mod part;
mod request;
mod times;

use self::column::NumberColumn as Values;
use self::command::{Command, Counter};
use self::commit::Commit;
use self::part::{ReplyPart, part_at};
use self::request::{Asked, asked};
use self::times::{HOUR, Times};
use std::borrow::Cow;

use crate::format::error_reply::ProviderError;
use crate::format::faults::listed;
use crate::format::head::Head;
use crate::format::listing_state::Follow;
use crate::format::row_reader::{Context, ProviderFormats, RowReader};
use crate::model::error::{ErrorCode, Fault, Position, quoted, shortened};
use crate::model::provider::{Detection, Encoding, Format, Provider};
use crate::model::record::{Note, Notes};
use crate::model::time::Instant;
use crate::number::decimal::SMALL_DIGITS;
use crate::options::ReadOptions;
use crate::options::request::Request;
use crate::read::{Element, Item, Opening, Path, Plan, Value, ValueType};
use crate::table::{Period, dimensions};

pub(crate) struct Devicewise;

impl ProviderFormats for Devicewise {
    fn provider(&self) -> Provider {
        Provider::Devicewise
    }

    /// A command is recognised by its content: its id is the caller's own (docs/formats.md#devicewise-requests).
    fn recognize(&self, head: &Head, _options: &ReadOptions) -> Option<Format> {
        if head.encoding != Encoding::Json || head.root != Some(Opening::Object) {
            return None;
        }
        let is = |path: &str, depth: usize, tail: &str| {
            let (parent, last) = path.rsplit_once('/').unwrap_or_default();
            last.eq_ignore_ascii_case(tail) && parent.matches('/').count() + 1 == depth
        };
        let is_command = head.paths().any(|path| is(path, 2, "success") || is(path, 3, "counters"));
        is_command.then_some(Format::DevicewiseApiHistory)
    }

    fn lone_row(&self, head: &Head) -> Option<Format> {
        let mut below = head.below("/params").chain(head.below("/Params"));
        let is_history = below.any(|(name, _)| name.eq_ignore_ascii_case("counters"));
        (is_history && head.success() != Some(false)).then_some(Format::DevicewiseApiHistory)
    }

    /// The root reports a failure of the whole reply (docs/formats.md#devicewise-errors).
    fn is_error(&self, head: &Head) -> bool {
        if head.encoding != Encoding::Json {
            return false;
        }
        let says_why = head.below("").any(|(name, opening)| is_failure_field(name) && opening != Opening::Object);
        let says_otherwise = || head.below("").any(|(name, _)| name.eq_ignore_ascii_case("message"));
        says_why || head.success() == Some(false) && !says_otherwise()
    }

    fn open(&self, _detection: Detection, head: &Head, options: &ReadOptions) -> Box<dyn RowReader> {
        Box::new(ApiHistory {
            is_lone: self.recognize(head, options).is_none(),
            asked: options.request.as_ref().map(asked),
            command: None,
            commit: None,
            column: None,
            capped: Vec::new(),
            root_failure: None,
        })
    }
}

/// Whether a request has a TR50 command.
pub(super) fn asks_command(request: &Request) -> bool {
    !asked(request).is_empty()
}

/// The largest number of records in a reply; a longer reply is silently cut (docs/formats.md#devicewise-requests).
const REPLY_CAP: usize = 5000;

fn is_failure_field(name: &str) -> bool {
    let known = ["errorcodes", "errorcode", "errormessages", "errormessage"];
    known.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The case of keys differs between servers and libraries; an old client has the singular (docs/formats.md#devicewise-errors).
fn failure_field(name: &str, value: Element<'_>, error: &mut ProviderError) {
    match name.to_ascii_lowercase().as_str() {
        "errorcodes" | "errorcode" => error.add_codes(value),
        "errormessages" | "errormessage" => error.add_messages(value),
        _ => {}
    }
}

#[derive(Debug)]
struct ApiHistory {
    /// The reply is a command without an id around it.
    is_lone: bool,
    asked: Option<Asked>,
    command: Option<Command>,
    /// A command that is complete but not yet wholly in the table.
    commit: Option<Commit>,
    /// The list whose elements are being read. They may be many, and only their index distinguishes them.
    column: Option<Column>,
    /// Members of the root other than its commands: none, in a valid reply.
    root_failure: Option<ProviderError>,
    /// Commands whose reply was cut: their id, and the time at which the next reply begins.
    capped: Vec<(String, Instant)>,
}

/// A list of a command's reply that is read element by element.
#[derive(Clone, Copy, Debug)]
enum Column {
    /// The list of the last counter.
    Counter,
    Times,
}

impl ApiHistory {
    fn part(&self, path: &Path) -> ReplyPart {
        part_at(path, self.is_lone)
    }

    /// The depth of the names of counters.
    fn names_at(&self) -> usize {
        if self.is_lone { 2 } else { 3 }
    }

    /// A command is complete: adds its rows, its check, and its failure.
    fn close(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        let Some(command) = self.command.take() else {
            return Ok(());
        };
        let pointer = command.pointer("");
        let says_why = !command.failure.codes.is_empty() || !command.failure.messages.is_empty();
        if command.success == Some(false) || (command.success.is_none() && says_why) {
            let whose = format!("command {} failed; devicewise", quoted(&command.id));
            return Err(command.failure.into_fault(&whose).at_position(command.position).within(|| pointer));
        }
        let other = self.asked.as_ref().and_then(|asked| asked.other_command(&command.id));
        if let Some(other) = other.filter(|_| command.has_counters || !command.unread().is_empty()) {
            let message = format!("expected a reply of usage.api.history, found one of {}", shortened(other));
            return Err(Fault::new(ErrorCode::UnexpectedShape, message)
                .at_position(command.position)
                .within(|| pointer));
        }
        if !command.has_counters {
            let unread = command.unread();
            if unread.is_empty() {
                return Ok(());
            }
            let found = listed(unread.into_iter().map(Cow::Borrowed));
            let message = format!("expected counters and ts, found only {found}");
            let fault = Fault::new(ErrorCode::UnexpectedShape, message).at_position(command.position);
            return Err(fault.within(|| command.params));
        }
        let asked = self.asked.as_ref().and_then(|asked| asked.series(&command.id));
        let step = asked.unwrap_or_else(|| command.times.as_ref().map_or(HOUR, Times::series));
        let notes = Notes::NONE.with_if(asked.is_none(), Note::ResolutionInferred);
        let has_totals = command.counters.iter().any(|counter| counter.is_total);
        let of_totals = has_totals.then(|| self.asked_period(cx, &command));
        let dimensions = command.counters.iter().map(|counter| self.dimensions(&command, counter)).collect();
        self.commit = Some(Commit::new(command, step, notes, of_totals, dimensions));
        self.go_on(cx);
        Ok(())
    }

    /// Commits as much of the complete command as the table has space for.
    fn go_on(&mut self, cx: &mut Context<'_>) {
        if let Some(mut commit) = self.commit.take() {
            if commit.go_on(cx) {
                self.capped.extend(commit.capped(REPLY_CAP));
            } else {
                self.commit = Some(commit);
            }
        }
    }

    /// The period of totals, which have no times of their own.
    fn asked_period(&self, cx: &mut Context<'_>, command: &Command) -> Period {
        let mut asked = self.asked.as_ref().map_or(Ok(None), |asked| asked.period(&command.id));
        cx.period_asked(&mut asked)
    }

    /// `{service}`, `{org}` or `{org, service}` (docs/formats.md#devicewise-replies: the three shapes of `dimension: "org"`).
    fn dimensions(&self, command: &Command, counter: &Counter) -> crate::table::Dimensions {
        match &counter.names[..] {
            [org, service] => dimensions([("org", org), ("service", service)]),
            [name] => {
                let asked = self.asked.as_ref().is_some_and(|asked| asked.by_organisation(&command.id));
                let looks_like_one = name.len() == 24 && name.bytes().all(|b| b.is_ascii_hexdigit());
                let org = asked || looks_like_one || counter.is_total;
                dimensions([(if org { "org" } else { "service" }, name.as_str())])
            }
            _ => Box::default(),
        }
    }
}

impl RowReader for ApiHistory {
    fn plan(&mut self, path: &Path, opening: Opening) -> Plan {
        if self.column.is_some() {
            return Plan::Member;
        }
        let enters = matches!(
            (self.part(path), opening),
            (
                ReplyPart::Root | ReplyPart::Command | ReplyPart::Params | ReplyPart::Counters | ReplyPart::Counter(1),
                Opening::Object
            ) | (ReplyPart::Times | ReplyPart::Counter(_), Opening::Array)
                | (ReplyPart::Param, Opening::Object | Opening::Array)
        );
        if enters { Plan::Enter } else { Plan::Member }
    }

    fn enter(&mut self, _cx: &mut Context<'_>, path: &Path, opening: Opening, at: &mut dyn FnMut() -> Position) {
        let (is_lone, names) = (self.is_lone, self.names_at());
        match (self.part(path), &mut self.command) {
            (ReplyPart::Command, command) => {
                *command = Some(Command {
                    id: if is_lone { String::new() } else { path.name(0).to_owned() },
                    pointer: path.pointer(),
                    position: at(),
                    success: None,
                    failure: ProviderError::default(),
                    counters: Vec::new(),
                    has_counters: false,
                    params: String::new(),
                    others: Vec::new(),
                    times: None,
                    total: None,
                });
            }
            (ReplyPart::Params, Some(command)) => command.params = path.pointer(),
            (ReplyPart::Counters, Some(command)) => command.has_counters = true,
            (ReplyPart::Times, Some(command)) => {
                command.times = Some(Times::default());
                self.column = Some(Column::Times);
            }
            (ReplyPart::Counter(_), Some(command)) if opening == Opening::Array => {
                command.counters.push(Counter {
                    names: path.0[names..].iter().map(|segment| segment.name().to_owned()).collect(),
                    pointer: path.pointer(),
                    values: Values::default(),
                    is_total: false,
                    is_closed: false,
                    position: at(),
                });
                self.column = Some(Column::Counter);
            }
            _ => {}
        }
    }

    fn row(&mut self, _cx: &mut Context<'_>, _path: &Path, _item: &Item<'_>) -> Result<(), Fault> {
        Ok(())
    }

    fn member(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        let max_digits = cx.max_digits();
        let root = item.root();
        let (place, names) = (self.part(path), self.names_at());
        let Some(command) = &mut self.command else {
            let name = path.name(0);
            if name.eq_ignore_ascii_case("success") && root.raw() == b"false" {
                self.root_failure.get_or_insert_default();
            } else if is_failure_field(name) {
                failure_field(name, root, self.root_failure.get_or_insert_default());
            }
            return Ok(());
        };
        match self.column {
            Some(Column::Counter) => return command.counter_value(&root, max_digits),
            Some(Column::Times) => return command.time(&root),
            None => {}
        }
        match place {
            ReplyPart::Counter(_) if !root.is_null() => {
                let mut values = Values::default();
                values.push(Some(&root.number(max_digits)?));
                command.counters.push(Counter {
                    names: path.0[names..].iter().map(|segment| segment.name().to_owned()).collect(),
                    pointer: path.pointer(),
                    values,
                    is_total: true,
                    is_closed: true,
                    position: command.position,
                });
            }
            ReplyPart::Counters if root.is_null() => command.has_counters = true,
            ReplyPart::Counters => {
                command.has_counters = true;
                return Err(root.unexpected("an object of counters"));
            }
            // `null` is an empty list here (docs/formats.md#devicewise-replies).
            ReplyPart::Times if root.is_null() => command.times = Some(Times::empty()),
            ReplyPart::Times => return Err(root.unexpected("a list of times")),
            ReplyPart::Params if !root.is_null() => return Err(root.unexpected("an object")),
            // In `usage.thing.history` it is a list (docs/formats.md#devicewise-replies).
            ReplyPart::Total if root.value_type() == ValueType::Number => {
                command.total = Some((root.number(max_digits)?, path.pointer()));
            }
            ReplyPart::Total | ReplyPart::Param => command.found(path.name(names - 1), &root),
            ReplyPart::Success if root.value_type() == ValueType::Bool => command.success = Some(root.raw() == b"true"),
            ReplyPart::Success => return Err(root.unexpected("true or false")),
            ReplyPart::Other if path.depth() + 1 == names => {
                failure_field(path.name(path.depth() - 1), root, &mut command.failure);
            }
            _ => {}
        }
        Ok(())
    }

    fn integer(&mut self, value: i64, max_digits: u64) -> bool {
        let counter = match (self.column, &mut self.command) {
            (Some(Column::Counter), Some(command)) => command.counters.last_mut(),
            _ => None,
        };
        let taken =
            counter.filter(|_| max_digits >= SMALL_DIGITS as u64).map(|counter| counter.values.push_small(value, 0));
        taken.is_some()
    }

    fn leave(&mut self, cx: &mut Context<'_>, path: &Path) -> Result<(), Fault> {
        self.column = None;
        let names = self.names_at();
        match (self.part(path), &mut self.command) {
            (ReplyPart::Command, _) => return self.close(cx),
            (ReplyPart::Times, Some(Command { times: Some(times), .. })) => times.close(),
            (ReplyPart::Counter(_), Some(command)) => {
                if let Some(counter) =
                    command.counters.last_mut().filter(|counter| counter.names.len() == path.depth() - names)
                {
                    counter.is_closed = true;
                    counter.values.close();
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        // Of a command that was cut, the counters that are complete are used if their times are complete.
        if let Some(mut command) = self.command.take() {
            let times = command.times.as_ref().filter(|times| times.is_closed).map(Times::len);
            command
                .counters
                .retain(|counter| counter.is_closed && (counter.is_total || Some(counter.values.len()) == times));
            if times.is_some() && command.success != Some(false) && !command.counters.is_empty() {
                command.total = None;
                self.command = Some(command);
                return self.close(cx);
            }
        }
        if let Some(failure) = self.root_failure.take() {
            return Err(failure.into_fault("devicewise").within(String::new));
        }
        if !self.capped.is_empty() {
            cx.listing.follow = Some(Follow::Split(std::mem::take(&mut self.capped)));
        }
        Ok(())
    }

    fn resume(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        self.go_on(cx);
        Ok(())
    }

    fn forget_codes(&mut self) {
        if let Some(commit) = &mut self.commit {
            commit.forget_codes();
        }
    }

    /// For `parse`, a row is a whole command.
    fn plan_of_parse(&mut self, path: &Path, _opening: Opening) -> Plan {
        if path.depth() == 0 && !self.is_lone { Plan::Enter } else { Plan::Row }
    }

    fn parse_row(&self, path: &Path, item: &Item<'_>, max_digits: u64) -> Result<Value, Fault> {
        let command = Value::read(&item.root(), &|_| false, max_digits)?;
        if self.is_lone {
            return Ok(command);
        }
        Ok(Value::Object(vec![(path.name(0).to_owned(), command)]))
    }
}
