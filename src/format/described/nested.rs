//! Rows inside a row.

use std::borrow::Cow;
use std::collections::HashMap;
use std::iter::Peekable;

use foldhash::fast::RandomState;

use super::compiled::Nested;
use super::form_builder::FormBuilder;
use super::tape_path::Captures;
use crate::collections::sort_values;
use crate::descriptor::path::{Path as RulePath, PathStep};
use crate::model::error::Fault;
use crate::model::provider::Encoding;
use crate::read::{Element, ValueType};

impl FormBuilder<'_, '_, '_> {
    /// The rows of a nested rule.
    pub(super) fn nested(
        &mut self,
        nested: &Nested,
        outer: usize,
        rows: &[Element<'_>],
        captures: &Captures,
    ) -> Result<(), Fault> {
        let Some(row) = rows.last().copied() else {
            return Ok(());
        };
        let compiled = self.layouts.compiled;
        let meaning = &compiled.meanings[usize::from(nested.meaning)];
        let mut found: Vec<(Element<'_>, Captures)> = Vec::new();
        for path in nested.rule.at.of(self.layouts.encoding) {
            let mut captures = captures.clone();
            compiled.names.each(row, &path.steps, &mut captures, &mut |element, captures| {
                found.push((element, captures.clone()));
            });
        }
        // In the order of the body; of the paths that lead to one element the first counts.
        sort_values(&mut found, &|(one, _), (other, _)| one.index().cmp(&other.index()));
        found.dedup_by_key(|(element, _)| element.index());
        let mut last_lists: Vec<Element<'_>> = Vec::new();
        let mut kept: Vec<(Element<'_>, Captures)> = Vec::new();
        for (at, (element, captures)) in found.iter().enumerate() {
            // A longer path leads on from here.
            let leads_on = found.get(at + 1).is_some_and(|(next, _)| next.index() < element.end());
            if leads_on {
                continue;
            }
            let is_empty = element.is_null()
                || element.is_text() && element.raw().is_empty()
                || element.value_type() == ValueType::Array && element.children().next().is_none();
            if is_empty {
                self.guards.push((element.index(), element.value_type(), element.raw().is_empty()));
                continue;
            }
            let is_object = element.value_type() == ValueType::Object;
            let is_list = element.value_type() == ValueType::Array;
            if is_list && nested.rule.at.of(self.layouts.encoding).len() > 1 {
                last_lists.push(*element);
                continue;
            }
            if !is_object && (is_list || meaning.scalar.is_none()) {
                let name = last_name(nested.rule.at.of(self.layouts.encoding));
                return Err(element.unexpected(&format!("an object of {name}")));
            }
            kept.push((*element, captures.clone()));
        }
        // A list or an object that was due, where something else stands.
        self.due_lists(nested, row)?;
        let tails = tails(row, &self.reading.sections[outer].tail, kept.iter().map(|(element, _)| element.index()));
        for ((element, captures), tail) in kept.into_iter().zip(tails) {
            let mut rows = rows.to_vec();
            rows.push(element);
            if !self.layouts.scope(&rows, &captures).holds(&nested.rule.when) {
                continue;
            }
            self.section(nested.meaning, Some(outer), rows, captures, tail)?;
        }
        Ok(())
    }

    /// Refuses a scalar where the paths of a nested rule go on.
    fn due_lists(&mut self, nested: &Nested, row: Element<'_>) -> Result<(), Fault> {
        let names = self.compiled().names;
        for path in nested.rule.at.of(self.layouts.encoding) {
            let Some((PathStep::Each | PathStep::Capture(_), before)) = path.steps.split_last() else {
                continue;
            };
            let mut wrong = None;
            let mut empty = Vec::new();
            names.each(row, before, &mut Vec::new(), &mut |element, _| match element.value_type() {
                ValueType::Null => empty.push(element),
                ValueType::Text if element.raw().is_empty() => empty.push(element),
                ValueType::Object | ValueType::Array => {}
                _ => wrong = Some(element),
            });
            for element in empty {
                self.guards.push((element.index(), element.value_type(), element.raw().is_empty()));
            }
            if let Some(wrong) = wrong {
                let name = last_name(std::slice::from_ref(path));
                let expected = if matches!(path.steps.last(), Some(PathStep::Each)) {
                    format!("a list of {name}")
                } else {
                    format!("an object of {name}")
                };
                return Err(wrong.unexpected(&expected));
            }
        }
        Ok(())
    }
}

/// The ends of the pointers of nested rows: each path behind that of their outer row. The rows come in the order of the body,
/// and none is in another.
fn tails(row: Element<'_>, before: &str, nested: impl Iterator<Item = u32>) -> Vec<String> {
    let mut tails = Vec::new();
    add_tails(row, before, &mut nested.peekable(), &mut tails);
    tails
}

/// One pass over the children: rows in a list of thousands are not searched one by one.
fn add_tails(from: Element<'_>, before: &str, nested: &mut Peekable<impl Iterator<Item = u32>>, out: &mut Vec<String>) {
    let is_xml = from.encoding() == Encoding::Xml;
    let mut counts: HashMap<Cow<'_, str>, u32, RandomState> = HashMap::default();
    for (position, child) in from.children().enumerate() {
        let Some(next) = nested.peek().copied() else {
            return;
        };
        // In an XPath the last step alone has its index.
        let which = (is_xml && !child.is_attribute()).then(|| {
            let count = counts.entry(child.name()).or_default();
            *count += 1;
            *count
        });
        if next >= child.end() {
            continue;
        }
        let mut path = before.to_owned();
        if !is_xml {
            from.write_step(position, &child, &mut path);
        } else {
            path.push('/');
            path.push_str(&child.name());
        }
        if next != child.index() {
            add_tails(child, &path, nested, out);
            continue;
        }
        nested.next();
        if let Some(which) = which {
            path.push_str(&format!("[{which}]"));
        }
        out.push(path);
    }
}

fn last_name(paths: &[RulePath]) -> String {
    let name = |path: &RulePath| {
        path.steps.iter().rev().find_map(|step| match step {
            PathStep::Name(name) => Some(name.to_string()),
            _ => None,
        })
    };
    paths.iter().find_map(name).unwrap_or_else(|| "rows".to_owned())
}
