//! What the nodes of a row mean: worked out with the first row of a form and good for all that look like it.

use std::cell::{Cell, RefCell};

use super::automaton::RowEnd;
use super::compiled::Compiled;
use super::envelope::Envelope;
use super::form_builder::{FormBuilder, KnownFields};
use super::interned::{Interned, InternedPeriods};
use super::period::QuickPeriod;
use super::scope::{Asked, Nodes, Scope};
use super::tape_path::Captures;
use crate::collections::sort_values;
use crate::format::error_reply::ProviderError;
use crate::format::row_reader::Context;
use crate::model::error::{Fault, quoted};
use crate::model::provider::{Encoding, Format};
use crate::options::ReadOptions;
use crate::read::{Element, Item, ValueType};
use crate::table::{Dimensions, Measures, Text};

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// What is done with a row.
#[derive(Debug)]
pub(super) enum Outcome {
    Read(Box<Reading>),
    /// It is a columnar group, of that rule.
    Columns(u16),
    /// It holds no usage.
    Skip,
    /// It is no row: a path leads on from it, to nothing.
    Ignore,
    /// It reports a failure: the number of the rule, of its error rule, and the node of the row.
    Failed {
        rule: u16,
        error: usize,
        row: u32,
    },
}

/// An outcome, and the nodes whose type it rests on.
#[derive(Debug)]
pub(super) struct Form {
    pub outcome: Outcome,
    guards: Vec<(u32, ValueType, bool)>,
}

impl Form {
    /// Whether it is that of this row, too.
    #[inline]
    pub fn fits(&self, item: &Item<'_>) -> bool {
        self.guards.iter().all(|(node, value_type, is_empty)| {
            let element = item.element(*node);
            element.value_type() == *value_type && element.raw().is_empty() == *is_empty
        })
    }
}

/// How rows of one form are read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Fields that stand twice and must say the same.
    pub twins: Vec<(u32, u32)>,
    /// Fields of which one must not be null, with the name that a message gives.
    pub required: Vec<(Vec<u32>, Box<str>)>,
    /// A metric that must be there and is not.
    pub missing: Option<Box<str>>,
    /// The element that is the row.
    pub row: u32,
    /// How many containers had been entered when the places were worked out.
    pub placed: u64,
    /// Whether a field is a metric, be it null.
    pub has_metrics: bool,
    /// The row itself, then the rows in it.
    pub sections: Vec<Section>,
    /// Resource keys of all sections together.
    pub heads: Interned,
    pub known_heads: Vec<Head>,
    /// Those of a row whose texts are not remembered.
    pub own_heads: Vec<Head>,
}

/// The resource key of a section, and its fields where they differ from row to row.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub resource_key: u32,
    pub noted: Option<(Vec<u32>, u32)>,
}

/// One row, or a row inside it.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub meaning: u16,
    /// The outer rows and the row itself.
    pub rows: Vec<u32>,
    pub captures: Captures,
    /// Its place among the sections' outer ones; the row itself has none.
    pub outer: Option<usize>,
    pub uses: Vec<MetricUse>,
    pub fields: Vec<u32>,
    pub shape: u32,
    /// The nodes of all its numbers.
    pub cells: Vec<u32>,
    /// Whether each number has a node.
    pub is_whole: bool,
    /// Whether numbers with fractions were met.
    pub has_fractions: bool,
    /// The end of its pointer behind the index of the row.
    pub tail: String,
    pub has_own_period: bool,
    pub has_own_version: bool,
    pub periods: InternedPeriods,
    /// Where the period rests on one field or two; `None`: that is not known yet.
    pub quick_period: Option<Option<QuickPeriod>>,
    pub locator: u32,
    /// The nodes that paths lead to, by the address of the path.
    pub nodes: Nodes,
}

/// A metric of a section.
#[derive(Debug)]
pub(super) struct MetricUse {
    pub measures: Measures,
    /// End of the pointer and name of the field where the quantity is absent.
    pub at_cost: Option<Box<(Box<str>, Box<str>)>>,
}

/// What is at hand where a form is worked out.
pub(super) struct Layouts<'l> {
    pub compiled: &'l Compiled,
    pub asked: &'l Asked,
    pub envelope: &'l Envelope,
    pub options: &'l ReadOptions,
    pub encoding: Encoding,
    pub format: Format,
    /// Names captured on the way to the row, and by which rule.
    pub captures: &'l Captures,
    /// The name of the row itself.
    pub own_name: &'l str,
    pub fields: &'l RefCell<KnownFields>,
    pub touched: &'l RefCell<Vec<u32>>,
    pub is_waiting: &'l Cell<bool>,
}

impl Layouts<'_> {
    pub fn scope<'s, 'w>(&'s self, rows: &'s [Element<'w>], captures: &'s Captures) -> Scope<'s, 'w> {
        Scope {
            names: self.compiled.names,
            encoding: self.encoding,
            options: self.options,
            asked: self.asked,
            envelope: self.envelope,
            captures,
            rows,
            account: None,
            nodes: None,
            gap: None,
            touched: self.touched,
            is_waiting: self.is_waiting,
        }
    }

    /// The form of a row that one of these rules may read.
    pub fn form(&self, cx: &mut Context<'_>, item: &Item<'_>, ends: &[RowEnd]) -> Result<Form, Fault> {
        let mut builder = FormBuilder { layouts: self, cx, guards: Vec::new(), reading: Reading::default() };
        let outcome = builder.outcome(item, ends)?;
        Ok(Form { outcome, guards: builder.guards })
    }

    /// The fault of a row that reports a failure.
    pub fn failure(&self, rule: u16, error: usize, row: Element<'_>) -> Fault {
        let rule = &self.compiled.meanings[usize::from(rule)].rule.row_errors[error];
        let mut failure = ProviderError::default();
        let names = self.compiled.names;
        for (place, is_code) in [(&rule.codes, true), (&rule.messages, false)] {
            for path in place.of(self.encoding) {
                names.each(row, &path.steps, &mut Vec::new(), &mut |found, _| {
                    if is_code { failure.add_codes(found) } else { failure.add_messages(found) }
                });
            }
        }
        let provider = &*self.compiled.rules().provider;
        let whose = match self.captures.first() {
            Some((name, text)) => format!("{name} {} failed; {provider}", quoted(text)),
            None => provider.to_owned(),
        };
        failure.into_fault(&whose).at(row.offset()).in_item(row.path())
    }
}

/// The element that names lead to from the root of an item.
pub(super) fn inner<'w>(item: &'w Item<'w>, names: &[Box<str>], compiled: &Compiled) -> Option<Element<'w>> {
    names.iter().try_fold(item.root(), |at, name| {
        let children = at.children().filter(|child| compiled.names.is_named(child, name));
        children.last().filter(|_| at.value_type() == ValueType::Object)
    })
}

/// Sorted, with later values in the place of earlier ones of the same name.
pub(super) fn merged_dimensions(outer: &Dimensions, own: Vec<(Text, Text)>) -> Dimensions {
    let mut all: Vec<(Text, Text)> =
        outer.iter().filter(|(name, _)| !own.iter().any(|(own, _)| own == name)).cloned().collect();
    all.extend(own);
    sort_values(&mut all, &|one, other| one.cmp(other));
    all.into()
}
