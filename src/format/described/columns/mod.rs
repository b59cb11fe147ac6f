//! Columnar groups: lists of values beside a list of times (docs/DESCRIPTORS.md#columns).
//!
//! A group is a row that is entered: its lists are stored as numbers, and the few other values that rules ask for on a tape. Once it
//! is complete, that tape is the row that tests, sources and checks look at, and the lists are committed column by column.

mod commit;
mod group;
mod number_column;
mod rest;
mod times;

use std::collections::VecDeque;

use self::commit::Commit;
use self::group::{Column, Group, OpenList, captures_of, last_name, name_of, says_something};
use self::rest::Rest;
pub(super) use self::times::Gap;
use self::times::Times;
use super::automaton::{PathNode, RowEnd};
use super::layout::{Layouts, Outcome};
use super::row::{Progress, captured, key_of};
use super::tape_path::Captures;
use super::{Described, MOST_HELD_BYTES};
use crate::descriptor::model::{ColumnRule, Hook, NextRule, TimeOrigin};
use crate::descriptor::path::{Path as RulePath, PathStep};
use crate::format::faults::listed;
use crate::format::hooks::tr50_resume;
use crate::format::row_reader::Context;
use crate::model::error::{ErrorCode, Fault, Position};
use crate::number::decimal::SMALL_DIGITS;
use crate::options::ReadOptions;
use crate::read::{Item, Opening, Path, Plan};

/// The groups of one body.
#[derive(Default)]
pub(super) struct Groups {
    /// The one that is being read.
    current: Option<Group>,
    /// Those that wait for the envelope.
    waiting: Vec<(Group, u16)>,
    /// Those that are complete and not yet wholly in the table.
    commits: VecDeque<Commit>,
}

impl Groups {
    /// Whether a group is being read.
    pub fn is_open(&self) -> bool {
        self.current.is_some()
    }

    /// Whether one waits for the envelope.
    pub fn are_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// An integer of a column. `false`: it is none, or more digits need to be looked at.
    #[inline]
    pub fn integer(&mut self, value: i64, max_digits: u64) -> bool {
        let Some(Group { list: Some(OpenList::Column), columns, .. }) = &mut self.current else {
            return false;
        };
        let column = columns.last_mut().filter(|_| max_digits >= SMALL_DIGITS as u64);
        column.map(|column| column.values.push_small(value, 0)).is_some()
    }

    pub fn forget_codes(&mut self) {
        self.commits.iter_mut().for_each(Commit::forget_codes);
    }
}

impl Described {
    /// The nodes of a value in a group.
    fn nodes_in_group(&self, state: usize) -> impl Iterator<Item = &PathNode> {
        let nodes = self.states.nodes(state).iter().map(|node| self.side().automaton.node(*node));
        // A group that is the root has members where the path of other groups leads.
        nodes.filter(|node| !node.group.is_group)
    }

    /// Whether everything is asked for in the container that a value is in.
    fn is_all_asked(&self, path: &Path) -> bool {
        self.states.outer(path).iter().any(|node| self.side().automaton.node(*node).group.copies_all)
    }

    fn state_of(&mut self, path: &Path) -> usize {
        self.states.of(&self.compiled.side(self.detection.encoding).automaton, path)
    }

    /// What to do with a value in the group that is being read.
    pub(super) fn plan_in_group(&mut self, path: &Path, opening: Opening) -> Plan {
        let Some(group) = &self.groups.current else {
            return Plan::Enter;
        };
        if group.list.is_some() {
            return Plan::Member;
        }
        if group.other.is_some() {
            return Plan::Enter;
        }
        let state = self.state_of(path);
        let (mut is_entered, mut is_taken) = (false, false);
        for node in self.nodes_in_group(state).map(|node| &node.group) {
            is_entered |= match opening {
                Opening::Array => !node.columns.is_empty() || !node.times.is_empty(),
                _ => node.leads_on || node.is_noted && !node.is_copied,
            };
            is_taken = true;
        }
        if !is_entered && (is_taken || self.is_all_asked(path)) { Plan::Member } else { Plan::Enter }
    }

    /// A group begins.
    pub(super) fn begin_group(&mut self, state: usize, path: &Path, position: Position) {
        let automaton = &self.side().automaton;
        let nodes = self.states.nodes(state).iter();
        let ends: Vec<RowEnd> = nodes.flat_map(|node| automaton.node(*node).rows.clone()).collect();
        let captures = ends.first().map(|end| captured(&end.captures, path)).unwrap_or_default();
        let mut rest = Rest::default();
        rest.enter("", Opening::Object, true);
        self.groups.current = Some(Group {
            state,
            path: path.clone(),
            pointer: path.pointer(),
            position,
            ends,
            captures,
            rest,
            columns: Vec::new(),
            times: self.compiled.times.iter().map(|_| None).collect(),
            has_others: false,
            is_cut: false,
            list: None,
            other: None,
        });
    }

    /// A container in the group is entered.
    pub(super) fn enter_in_group(
        &mut self,
        cx: &Context<'_>,
        state: usize,
        path: &Path,
        opening: Opening,
        position: &mut dyn FnMut() -> Position,
    ) {
        let mut lists = Vec::new();
        let (mut is_column, mut is_asked, mut leads_on) = (false, false, false);
        for node in self.nodes_in_group(state).map(|node| &node.group) {
            if opening == Opening::Array {
                lists.extend_from_slice(&node.times);
                is_column |= !node.columns.is_empty();
            }
            leads_on |= node.leads_on;
            is_asked |= node.is_noted || node.is_copied || node.leads_on || !node.times.is_empty();
        }
        let is_other = self.groups.current.as_ref().is_some_and(|group| group.other.is_some());
        let rules = if is_column && lists.is_empty() && !is_other {
            self.columns_of(cx.options, state, path, false)
        } else {
            Vec::new()
        };
        let Some(group) = self.groups.current.as_mut().filter(|_| !is_other) else {
            return;
        };
        group.rest.enter(name_of(path), opening, is_asked);
        if !lists.is_empty() {
            for list in &lists {
                group.times[usize::from(*list)] = Some(Times::new(path.pointer(), position()));
            }
            group.list = Some(OpenList::Times(lists));
        } else if !rules.is_empty() {
            group.columns.push(Column::new(path, group.path.depth(), position(), rules));
            group.list = Some(OpenList::Column);
        } else if !is_asked || is_column && !leads_on {
            group.has_others |= is_column;
            group.other = Some(path.depth());
        }
    }

    /// Of each rule of the group the column rule that reads what stands at a path.
    fn columns_of(&self, options: &ReadOptions, state: usize, path: &Path, is_single: bool) -> Vec<(u16, u16)> {
        let Some(group) = &self.groups.current else {
            return Vec::new();
        };
        let names = group::names_of(path, group.path.depth());
        let mut found: Vec<(u16, u16)> = Vec::new();
        let (layouts, compiled) = (self.layouts(options, &group.captures), &*self.compiled);
        for (row, column) in self.nodes_in_group(state).flat_map(|node| node.group.columns.iter().copied()) {
            let rule = &compiled.rules().rows[usize::from(row)].columns[usize::from(column)];
            if rule.single != is_single || found.iter().any(|(own, _)| *own == row) {
                continue;
            }
            let is_metric = compiled.meanings[usize::from(row)].table.leaf(last_name(&names), false).metric.is_some();
            let holds = || {
                let captures = captures_of(rule, &names, &group.captures);
                layouts.scope(&[], &captures).holds(&rule.when)
            };
            if is_metric && (rule.when.is_empty() || holds()) {
                found.push((row, column));
            }
        }
        found
    }

    /// A value in the group that is not entered. `true`: it may also be a part of the envelope.
    pub(super) fn member_in_group(&mut self, cx: &Context<'_>, path: &Path, item: &Item<'_>) -> Result<bool, Fault> {
        let root = item.root();
        let max_digits = cx.max_digits();
        let compiled = std::sync::Arc::clone(&self.compiled);
        if let Some(group) = &mut self.groups.current {
            if group.list.is_some() {
                return group.element(&root, &compiled.times, max_digits).map(|()| false);
            }
            if group.other.is_some() {
                if says_something(root) {
                    group.rest.fill();
                }
                return Ok(false);
            }
        }
        let state = self.state_of(path);
        let mut lists = Vec::new();
        let (mut is_column, mut takes_lists, mut is_asked, mut is_copied) = (false, false, false, false);
        let mut due = None;
        for path_node in self.nodes_in_group(state) {
            let node = &path_node.group;
            lists.extend_from_slice(&node.times);
            is_column |= !node.columns.is_empty();
            let rules = &compiled.rules().rows;
            takes_lists |=
                node.columns.iter().any(|(row, at)| !rules[usize::from(*row)].columns[usize::from(*at)].single);
            is_copied |= node.is_copied;
            is_asked |= node.is_noted || node.leads_on || !node.times.is_empty();
            if node.leads_on && !node.is_copied {
                due = Some(match path_node.has_captures() {
                    true => format!("an object of {}", name_of(path)),
                    false => "an object".to_owned(),
                });
            }
        }
        is_copied |= self.is_all_asked(path);
        let singles =
            if is_column && !root.is_null() { self.columns_of(cx.options, state, path, true) } else { Vec::new() };
        let most = compiled.rules().max_row_bytes.unwrap_or(cx.options.limits.max_row_bytes);
        let Some(group) = &mut self.groups.current else {
            return Ok(true);
        };
        let result = if !lists.is_empty() && !root.is_null() {
            Err(root.unexpected("a list of times"))
        } else if root.is_null() {
            for list in lists {
                let mut times = Times::new(path.pointer(), group.position);
                times.close();
                group.times[usize::from(list)] = Some(times);
            }
            Ok(())
        } else if !singles.is_empty() {
            root.number(max_digits).map(|number| {
                let mut column = Column::new(path, group.path.depth(), group.position, singles);
                column.values.push(Some(&number));
                (column.is_single, column.is_closed) = (true, true);
                group.columns.push(column);
            })
        } else if takes_lists && due.is_none() {
            Err(root.unexpected("a list of numbers"))
        } else {
            group.has_others |= is_column;
            due.filter(|_| !is_column).map_or(Ok(()), |due| Err(root.unexpected(&due)))
        };
        if is_copied && (group.rest.size() + item.bytes.len()) as u64 > most {
            let message = format!("what a group has beside its columns is larger than maxRowBytes ({most})");
            return Err(Fault::new(ErrorCode::LimitExceeded, message));
        }
        if is_copied {
            group.rest.copy(name_of(path), item);
        } else {
            group.rest.note(name_of(path), item, is_asked);
        }
        result.and(group.check_size()).map(|()| true)
    }

    /// A container is complete: the group, a list in it, or something else in it.
    pub(super) fn leave_in_group(&mut self, cx: &mut Context<'_>, path: &Path) -> Result<(), Fault> {
        let Some(group) = &mut self.groups.current else {
            return Ok(());
        };
        if group.list.is_some() {
            return group.close_list();
        }
        match group.other {
            Some(depth) if depth != path.depth() => return Ok(()),
            _ => group.other = None,
        }
        group.rest.leave();
        if path.depth() > group.path.depth() {
            return Ok(());
        }
        // Nothing of the envelope stands behind a group that is the whole body.
        self.is_lone |= path.depth() == 0 && self.side().automaton.node(0).has_rows_below;
        self.envelope.is_complete |= path.depth() == 0;
        match self.groups.current.take() {
            Some(group) => self.read_group(cx, group),
            None => Ok(()),
        }
    }

    /// The body ends inside a group: what is complete of it is read.
    pub(super) fn cut_group(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        let Some(mut group) = self.groups.current.take() else {
            return Ok(());
        };
        group.cut();
        if group.columns.is_empty() { Ok(()) } else { self.read_group(cx, group) }
    }

    /// A group is complete: it is committed, unless it waits for the envelope.
    fn read_group(&mut self, cx: &mut Context<'_>, group: Group) -> Result<(), Fault> {
        cx.listing.page_rows += 1;
        self.is_waiting.set(false);
        let at_group = {
            let (position, pointer) = (group.position, group.pointer.clone());
            move |fault: Fault| fault.at_position(position).within(|| pointer)
        };
        let rule = {
            let item = group.rest.item(group.position.offset);
            let layouts = self.layouts(cx.options, &group.captures);
            let outcome = layouts.form(cx, &item, &group.ends).map(|form| form.outcome);
            match outcome {
                Ok(Outcome::Columns(rule)) => check(&layouts, &item, &group, rule).map(|has| has.then_some(rule)),
                Ok(Outcome::Failed { rule, error, row }) => Err(layouts.failure(rule, error, item.element(row))),
                Ok(Outcome::Read(_)) => return self.read_whole(cx, &group).map_err(at_group),
                Ok(Outcome::Skip | Outcome::Ignore) => {
                    cx.listing.page_rows -= 1;
                    Ok(None)
                }
                Err(fault) => Err(fault),
            }
        };
        let Some(rule) = rule.map_err(at_group.clone())? else {
            return Ok(());
        };
        if self.waits(cx.options, &group, rule).map_err(at_group)? {
            self.held_bytes += group.size();
            if self.held_bytes > MOST_HELD_BYTES {
                return Err(super::too_many_held());
            }
            self.groups.waiting.push((group, rule));
            return Ok(());
        }
        self.groups.commits.push_back(Commit::new(group, rule));
        self.commit_groups(cx);
        Ok(())
    }

    /// Reads a group as a row without columns: by a rule of the same path that has none.
    fn read_whole(&mut self, cx: &mut Context<'_>, group: &Group) -> Result<(), Fault> {
        let item = group.rest.item(group.position.offset);
        match self.read(cx, group.state, &group.path, &item)? {
            Progress::Committed => Ok(()),
            Progress::Waits => self.hold(group.state, &group.path, &item),
        }
    }

    /// Whether a group needs something of the envelope that may still come.
    fn waits(&self, options: &ReadOptions, group: &Group, rule: u16) -> Result<bool, Fault> {
        let item = group.rest.item(group.position.offset);
        let layouts = self.layouts(options, &group.captures);
        let meaning = &self.compiled.meanings[usize::from(rule)].rule;
        let rows = [item.root()];
        let column = group.columns.iter().find_map(|column| Some((column, column.rule(self.compiled.rules(), rule)?)));
        let captures = column.map(|(column, rule)| captures_of(rule, &column.names, &group.captures));
        let captures = captures.unwrap_or_else(|| group.captures.clone());
        let scope = layouts.scope(&rows, &captures);
        key_of(scope, meaning, None)?;
        scope.period(meaning.period.as_deref().unwrap_or_default())?;
        // What a time of the request lacks is reported with the values that need it.
        self.asked.faults.borrow_mut().clear();
        self.asked.reported.borrow_mut().clear();
        self.touched.borrow_mut().clear();
        Ok(self.is_waiting.replace(false))
    }

    /// Commits the groups that waited for the envelope.
    pub(super) fn commit_waiting_groups(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        for (group, rule) in std::mem::take(&mut self.groups.waiting) {
            if self.waits(cx.options, &group, rule)? {
                self.held_bytes += group.size();
                self.groups.waiting.push((group, rule));
            } else {
                self.groups.commits.push_back(Commit::new(group, rule));
            }
        }
        self.commit_groups(cx);
        Ok(())
    }

    /// Commits as much of complete groups as the table has space for.
    pub(super) fn commit_groups(&mut self, cx: &mut Context<'_>) {
        while let Some(mut commit) = self.groups.commits.pop_front() {
            let captures = commit.captures().clone();
            let layouts = self.layouts(cx.options, &captures);
            let is_done = commit.go_on(&layouts, cx);
            self.touched.borrow_mut().clear();
            if !is_done {
                self.groups.commits.push_front(commit);
                return;
            }
            if let Some(NextRule::Hook(Hook::Tr50Resume)) = self.compiled.next() {
                tr50_resume::note_cut(commit.captures(), commit.periods(&layouts), cx.listing);
            }
        }
    }

    fn layouts<'l>(&'l self, options: &'l ReadOptions, captures: &'l Captures) -> Layouts<'l> {
        Layouts {
            compiled: &self.compiled,
            asked: &self.asked,
            envelope: &self.envelope,
            options,
            encoding: self.detection.encoding,
            format: self.detection.format,
            captures,
            own_name: "",
            fields: &self.fields,
            touched: &self.touched,
            is_waiting: &self.is_waiting,
        }
    }
}

/// What a group of a rule must have beside its values: `false` if it has no usage, and nothing else either.
fn check(layouts: &Layouts<'_>, item: &Item<'_>, group: &Group, rule: u16) -> Result<bool, Fault> {
    let compiled = layouts.compiled;
    let (names, root) = (compiled.names, item.root());
    let meaning = &compiled.meanings[usize::from(rule)];
    let required = meaning.rule.required.iter().zip(&meaning.for_period);
    for (required, _) in required.filter(|(_, for_period)| !**for_period || layouts.options.period.is_none()) {
        let has = |path: &RulePath| names.value(root, path).is_some_and(|value| !value.is_null());
        if !required.one_of.iter().any(has) {
            return Err(root.missing(&required.one_of.first().map_or_else(String::new, RulePath::field_name)));
        }
    }
    let columns = &compiled.rules().rows[usize::from(rule)].columns;
    let container = |column: &ColumnRule| {
        let named = column.at.steps.iter().take_while(|step| matches!(step, PathStep::Name(_))).cloned();
        RulePath { steps: named.collect(), ..RulePath::row() }
    };
    let containers = || columns.iter().map(container).filter(|path| !path.is_row());
    let has_columns = group.columns.iter().any(|column| column.rule(compiled.rules(), rule).is_some());
    let is_sound = has_columns
        || !group.has_others && (containers().next().is_none() || containers().any(|path| names.has(root, &path)));
    if is_sound {
        return Ok(true);
    }
    // A group in which nothing says anything is as sound as one without members.
    let Some(path) = containers().next() else {
        return Err(root.unexpected("an object with columns"));
    };
    let outer = RulePath { steps: path.steps[..path.steps.len() - 1].to_vec(), ..RulePath::row() };
    let Some(outer) = names.value(root, &outer) else {
        return Ok(false);
    };
    let found: Vec<_> = outer.children().filter(|child| says_something(*child)).map(|child| child.name()).collect();
    if found.is_empty() {
        return Ok(false);
    }
    let mut expected = path.steps.last().map(|step| step.name().to_string()).unwrap_or_default();
    let times = compiled.times.first().map(|time| &time.origin);
    if let Some(TimeOrigin::Column(times)) = times {
        expected += &format!(" and {}", times.steps.last().map(|step| step.name().to_string()).unwrap_or_default());
    }
    let message = format!("expected {expected}, found only {}", listed(found.into_iter()));
    Err(Fault::new(ErrorCode::UnexpectedShape, message).in_item(outer.path()))
}
