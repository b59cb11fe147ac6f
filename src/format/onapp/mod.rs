//! OnApp `user_statistics`: a user's costs, hourly or as a summary (formats.md, 5; provider-docs 004).

mod checks;
mod costs;

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::RandomState;

pub(crate) use self::checks::cost_checks;
use self::costs::{Owner, table_field};
use super::{
    Context, ProviderError, ProviderFormats, Recognition, RowReader, head::Head, optional_id, period_from_request,
    stamp_fault,
};
use crate::decimal::Decimal;
use crate::error::Fault;
use crate::options::ReadOptions;
use crate::provider::{Detection, Encoding, Format, Provider};
use crate::read::{Element, Item, KeyTable, Opening, Path, Plan, Shape, Value};
use crate::record::{Note, Notes};
use crate::request::Request;
use crate::table::{Locator, Period, RowHead, Subject, dimensions};
use crate::time::{Stamp, parse_without_offset};

pub(crate) struct Onapp;

impl ProviderFormats for Onapp {
    fn provider(&self) -> Provider {
        Provider::Onapp
    }

    /// By the children, not by the root's name: OnApp uses its tags for several things (formats.md, 5.2).
    fn recognize(&self, head: &Head, _options: &ReadOptions) -> Recognition {
        let is = match head.encoding {
            Encoding::Xml => {
                let root = head.below("").next().map_or("", |(name, _)| name);
                if matches!(root, "errors" | "error") {
                    return Recognition::Error;
                }
                matches!(root, "user_stats" | "user_stat") || head.has(&format!("/{root}/user_stat"))
            }
            Encoding::Json => {
                let errors = matches!(head.opening("/errors"), Some(Opening::Array | Opening::Object))
                    && !head.has("/errors/success");
                if errors || head.complete && head.opening("/error") == Some(Opening::Scalar) {
                    return Recognition::Error;
                }
                let bare = |at: &str| {
                    let has = |name: &str| head.has(&format!("{at}/{name}"));
                    has("total_cost")
                        && ["user_resources_cost", "vm_cost", "user_id", "stat_time"].iter().any(|name| has(name))
                };
                head.has("/0/user_stat") || head.has("/user_stat") || bare("/0") || bare("")
            }
        };
        if is { Recognition::Is(Format::OnappUserStatistics) } else { Recognition::No }
    }

    fn is_error(&self, head: &Head) -> bool {
        head.root == Some(Opening::Object) && head.has("/message")
    }

    fn error_of(&self, reply: Element<'_>) -> ProviderError {
        let mut error = ProviderError::default();
        match reply.encoding() {
            Encoding::Xml => error.add_messages(reply),
            Encoding::Json => {
                for name in ["errors", "error", "message"] {
                    reply.child(name).into_iter().for_each(|texts| error.add_messages(texts));
                }
            }
        }
        error
    }

    fn open(&self, detection: Detection, head: &Head, options: &ReadOptions) -> Box<dyn RowReader> {
        let request = options.request.as_ref();
        let lists = match detection.encoding {
            Encoding::Json => head.root == Some(Opening::Array),
            Encoding::Xml => !head.has("/user_stat"),
        };
        let hourly = lists || request.is_some_and(|request| request.parameter("hourly_stats").is_some());
        Box::new(UserStatistics {
            encoding: detection.encoding,
            is_wrapped: head.has("/user_stat"),
            user: request
                .and_then(|request| request.segment_after(&["users"]))
                .map(|(_, user)| user.into())
                .or_else(|| options.account.as_deref().map(Box::from)),
            asked: if hourly { None } else { Some(request.and_then(asked)) },
            names: KeyTable::default(),
            roles: Vec::new(),
            unlisted: HashMap::default(),
            counts: Vec::new(),
            codes: HashMap::default(),
        })
    }

    fn format_of_empty_list(&self, options: &ReadOptions) -> Option<Format> {
        let named = options.provider == Some(Provider::Onapp);
        let asked = options.request.as_ref().is_some_and(|request| request.path_contains("/user_statistics"));
        (named || asked).then_some(Format::OnappUserStatistics)
    }
}

/// The period of a summary. Times are UTC unless local ones were asked for, whose zone nobody tells (formats.md, 5.1).
fn asked(request: &Request) -> Option<Period> {
    let time = |name: &str| {
        let text = request.parameter(name)?;
        parse_without_offset(text.trim()).ok()
    };
    let local = request.parameter("period[use_local_time]").is_some_and(|value| value != "0" && value != "false");
    let mut period = period_from_request(time("period[startdate]"), time("period[enddate]"))?;
    period.notes = period.notes.with_if(local, Note::AssumedUtc);
    Some(period)
}

/// What a field of a `user_stat` is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Cost,
    Time,
    User,
    Currency,
    Machines,
    /// Read by `parse` alone.
    Other,
}

const MANY_NAMES: usize = 4096;

#[derive(Debug)]
struct UserStatistics {
    encoding: Encoding,
    /// A `user_stat` at the root: no list around it.
    is_wrapped: bool,
    user: Option<Box<str>>,
    /// Of a summary: the period that was asked for, where it is known.
    asked: Option<Option<Period>>,
    /// A dense number for each name.
    names: KeyTable<u32>,
    roles: Vec<Role>,
    /// The numbers of names beyond the room of the reader's own table.
    unlisted: HashMap<String, u32, RandomState>,
    /// How often each name stands in the row that is read: in all, and so far.
    counts: Vec<(u32, u32)>,
    /// Field codes by owner, name and occurrence (0: the only one).
    codes: HashMap<(Owner, u32, u32), Option<u32>, RandomState>,
}

/// One `vm_stat`: its id, the tail of its pointer, its costs.
struct Machine<'w> {
    id: Option<Cow<'w, str>>,
    tail: String,
    costs: Vec<(u32, Decimal)>,
}

impl UserStatistics {
    /// The name's number, the same in every row.
    fn name(&mut self, field: &Element<'_>) -> u32 {
        let (roles, unlisted) = (&mut self.roles, &mut self.unlisted);
        self.names.get_or(field.key(), || {
            let name = field.name();
            if let Some(&known) = unlisted.get(&*name) {
                return known;
            }
            let number = roles.len() as u32;
            roles.push(match &*name {
                "stat_time" => Role::Time,
                "user_id" => Role::User,
                "currency_code" => Role::Currency,
                "vm_stats" => Role::Machines,
                name if costs::meaning(name, Owner::User).is_some() => Role::Cost,
                _ => Role::Other,
            });
            unlisted.insert(name.into_owned(), number);
            number
        })
    }

    /// The costs directly below an element, each with its field. A name that stands more than once is told by its occurrence.
    fn costs(&mut self, cx: &mut Context<'_>, owner: Owner, row: &Element<'_>) -> Result<Vec<(u32, Decimal)>, Fault> {
        let fields: Vec<(Element<'_>, u32)> = row.children().map(|field| (field, self.name(&field))).collect();
        self.counts.resize(self.roles.len(), (0, 0));
        fields.iter().for_each(|(_, name)| self.counts[*name as usize].0 += 1);
        let result = fields.iter().filter_map(|(field, name)| self.cost(cx, owner, field, *name).transpose()).collect();
        fields.iter().for_each(|(_, name)| self.counts[*name as usize] = (0, 0));
        result
    }

    fn cost(
        &mut self,
        cx: &mut Context<'_>,
        owner: Owner,
        field: &Element<'_>,
        name: u32,
    ) -> Result<Option<(u32, Decimal)>, Fault> {
        if self.roles[name as usize] != Role::Cost {
            return Ok(None);
        }
        let count = &mut self.counts[name as usize];
        count.1 += 1;
        let occurrence = if count.0 > 1 { count.1 } else { 0 };
        if field.is_null() {
            return Ok(None);
        }
        let encoding = self.encoding;
        let code = *self
            .codes
            .entry((owner, name, occurrence))
            .or_insert_with(|| Some(cx.out.field(table_field(&field.name(), owner, occurrence, encoding)?)));
        code.map(|code| Ok((code, field.number(cx.max_digits())?))).transpose()
    }

    /// The entries of `vm_stats`, wrapped or bare.
    fn machines<'w>(&mut self, cx: &mut Context<'_>, list: Element<'w>) -> Result<Vec<Machine<'w>>, Fault> {
        if list.is_null() || list.is_text() && list.raw().is_empty() {
            return Ok(Vec::new());
        }
        if !matches!(list.shape(), Shape::Array | Shape::Object) {
            return Err(list.unexpected("a list of vm_stat"));
        }
        let is_machine = |element: &Element<'_>| element.shape() == Shape::Object;
        let mut machines = Vec::new();
        let mut add = |machine: Element<'w>, tail: String| -> Result<(), Fault> {
            if !is_machine(&machine) {
                return Err(machine.unexpected("a vm_stat"));
            }
            let id = optional_id(machine.child("virtual_machine_id"))?;
            machines.push(Machine { id, tail, costs: self.costs(cx, Owner::Machine, &machine)? });
            Ok(())
        };
        if list.encoding() == Encoding::Json && list.shape() == Shape::Object {
            // A list of one that a client library took out of its list (formats.md, 5.6).
            return match list.child("vm_stat").filter(is_machine) {
                Some(inner) => add(inner, "/vm_stats/vm_stat".to_owned()),
                None => add(list, "/vm_stats".to_owned()),
            }
            .map(|()| machines);
        }
        let mut elements: HashMap<Cow<'_, str>, u32, RandomState> = HashMap::default();
        for (i, entry) in list.children().enumerate() {
            match entry.child("vm_stat").filter(is_machine) {
                _ if list.encoding() == Encoding::Xml => {
                    let name = entry.name();
                    let which = elements.entry(name.clone()).or_default();
                    *which += 1;
                    add(entry, format!("/vm_stats/{name}[{which}]"))?;
                }
                Some(inner) => add(inner, format!("/vm_stats/{i}/vm_stat"))?,
                None => add(entry, format!("/vm_stats/{i}"))?,
            }
        }
        Ok(machines)
    }

    /// [stat_time, + 1 hour); of a summary the request's period.
    fn period(&self, cx: &mut Context<'_>, time: Option<Element<'_>>) -> Result<Period, Fault> {
        if let Some(asked) = &self.asked {
            return Ok(asked.clone().or_else(|| cx.given_period()).unwrap_or_default());
        }
        let Some(time) = time.filter(|time| !time.is_null()) else {
            return Ok(cx.given_period().unwrap_or_default());
        };
        if !time.is_text() {
            return Err(time.unexpected("a text with an RFC 3339 time"));
        }
        let text = time.text();
        let stamp = Stamp::parse(&text).map_err(|expected| stamp_fault(&time, expected))?;
        let end = stamp
            .instant
            .plus_seconds(3600)
            .ok_or_else(|| stamp_fault(&time, "expected an hour before the year 10000"))?;
        Ok(Period {
            start: Some(stamp.instant),
            end: Some(end),
            offset: Some(stamp.offset.into()),
            offset_seconds: stamp.offset_seconds,
            notes: Notes::NONE,
        })
    }

    /// The text around the row's index in its pointer.
    fn place(&self, path: &Path, wrapped: bool) -> (String, bool, String) {
        match (self.encoding, path.depth()) {
            (Encoding::Json, 0) => (String::new(), false, String::new()),
            (Encoding::Json, _) if path.name(0) == "user_stat" => ("/user_stat".into(), false, String::new()),
            (Encoding::Json, _) => ("/".into(), true, if wrapped { "/user_stat".into() } else { String::new() }),
            (Encoding::Xml, 1) => (path.pointer(), false, String::new()),
            (Encoding::Xml, _) => (format!("{}/{}[", path.pointer_to(1), path.name(1)), true, "]".into()),
        }
    }

    fn read(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        let root = item.root();
        let inner = root.child("user_stat").filter(|inner| inner.shape() == Shape::Object);
        let stat = inner.unwrap_or(root);
        if stat.shape() != Shape::Object {
            return Err(stat.unexpected("a user_stat"));
        }
        let (mut time, mut user, mut currency, mut list) = (None, None, None, None);
        for field in stat.children() {
            let name = self.name(&field);
            match self.roles[name as usize] {
                Role::Time => time = Some(field),
                Role::User => user = Some(field),
                Role::Currency => currency = Some(field),
                Role::Machines => list = Some(field),
                Role::Cost | Role::Other => {}
            }
        }
        let costs = self.costs(cx, Owner::User, &stat)?;
        let machines = match list {
            Some(list) => self.machines(cx, list)?,
            None => Vec::new(),
        };
        let period = self.period(cx, time)?;
        let user: Option<Box<str>> = optional_id(user)?.map(Box::from).or_else(|| self.user.clone());
        let currency: Option<Box<str>> =
            optional_id(currency)?.map(Box::from).or_else(|| cx.options.currency.as_deref().map(Box::from));

        let (before, indexed, after) = self.place(path, inner.is_some());
        let subject = cx.out.subject(Subject {
            account: user.clone(),
            resource_id: user.clone(),
            resource_type: Some("user".into()),
            currency: currency.clone(),
            ..Subject::default()
        });
        let period = cx.out.period(period);
        let locator = cx.out.locator(Locator {
            page: cx.page,
            before: before.as_str().into(),
            indexed,
            after: after.as_str().into(),
        });
        let head = RowHead { subject, period, locator, index: path.last_index(), version: None };
        costs.iter().for_each(|(field, cost)| cx.out.cell(*field, cost));
        cx.commit(head)?;

        // Deleted machines all have the id 0 (formats.md, 5.3): entries that share one are told by their order.
        let mut ids: HashMap<Option<&str>, (u32, u32), RandomState> = HashMap::default();
        machines.iter().for_each(|machine| ids.entry(machine.id.as_deref()).or_default().0 += 1);
        for machine in &machines {
            let (of_this_id, so_far) = ids.entry(machine.id.as_deref()).or_default();
            *so_far += 1;
            let (shared, which) = (*of_this_id > 1, so_far.to_string());
            let subject = cx.out.subject(Subject {
                account: user.clone(),
                resource_id: machine.id.as_deref().map(Box::from),
                resource_type: Some("virtual-machine".into()),
                currency: currency.clone(),
                dimensions: if shared { dimensions([("occurrence", &which)]) } else { Box::default() },
                ..Subject::default()
            });
            let after = format!("{after}{}", machine.tail);
            let locator =
                cx.out.locator(Locator { page: cx.page, before: before.as_str().into(), indexed, after: after.into() });
            for (field, cost) in &machine.costs {
                let field = if shared { cx.out.field_with_note(*field, Note::DuplicateElement) } else { *field };
                cx.out.cell(field, cost);
            }
            cx.out.commit(RowHead { subject, locator, ..head })?;
        }
        Ok(())
    }
}

impl RowReader for UserStatistics {
    fn plan(&self, path: &Path, opening: Opening) -> Plan {
        match (self.encoding, path.depth(), opening) {
            (Encoding::Json, 0, Opening::Object) if !self.is_wrapped => Plan::Row,
            (Encoding::Json, 0, _) => Plan::Enter,
            (Encoding::Json, _, _) if self.is_wrapped && path.name(0) != "user_stat" => Plan::Member,
            (Encoding::Xml, 1, _) if !self.is_wrapped => Plan::Enter,
            (Encoding::Xml, 2, _) if path.name(1) != "user_stat" => Plan::Member,
            _ => Plan::Row,
        }
    }

    fn row(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        self.read(cx, path, item)
    }

    fn member(&mut self, _cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        if self.encoding == Encoding::Xml && path.depth() == 2 {
            return Err(item.root().unexpected("the element user_stat"));
        }
        Ok(())
    }

    fn forget_codes(&mut self) {
        self.codes.clear();
        // A hostile stream may invent names without end.
        if self.roles.len() > MANY_NAMES {
            self.names.clear();
            self.roles.clear();
            self.unlisted.clear();
            self.counts.clear();
        }
    }

    fn parse_row(&self, _path: &Path, item: &Item<'_>, max_digits: u64) -> Result<Value, Fault> {
        let root = item.root();
        let inner = root.child("user_stat").filter(|inner| inner.shape() == Shape::Object);
        Value::read(&inner.unwrap_or(root), |name| name.ends_with("_cost"), max_digits)
    }
}
