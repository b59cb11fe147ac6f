//! The places of the values in a `user_stat`, computed once for each row template.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::costs::{self, Owner, table_field};
use crate::format::faults::no_usage;
use crate::format::row_reader::Context;
use crate::model::error::Fault;
use crate::model::provider::Encoding;
use crate::read::{Element, Item, KeyTable, ValueType};

/// The role of a field in a `user_stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Cost,
    Time,
    User,
    Currency,
    Machines,
    /// Only read by `parse`.
    Other,
}

const MANY_NAMES: usize = 4096;

/// The places of the values in a `user_stat`, as nodes of its item.
#[derive(Debug, Default)]
pub struct Layout {
    /// The number of the row template that it is for ([`Item::template`]).
    template: u32,
    /// Scalars that the layout depends on: costs that are null, a list of machines that is not a list.
    settled: Vec<(u32, Said)>,
    /// The element with the fields: the root, or its member `user_stat`.
    pub stat: u32,
    pub time: Option<u32>,
    pub user: Option<u32>,
    pub currency: Option<u32>,
    /// Whether it has a cost, null or not.
    has_costs: bool,
    /// The user's own costs first, then those of each machine.
    pub sections: Vec<Section>,
}

/// The costs of one resource key.
#[derive(Debug, Default)]
pub struct Section {
    /// The node with the id of a machine.
    pub id: Option<u32>,
    /// The end of a machine's pointer.
    pub tail: String,
    /// The nodes of its costs.
    pub costs: Vec<u32>,
    /// The fields of its costs.
    pub fields: Vec<u32>,
}

/// Properties of the names that were read so far.
#[derive(Debug, Default)]
pub struct Names {
    /// A dense number for each name.
    numbers: KeyTable<u32>,
    roles: Vec<Role>,
    /// The numbers of names for which the reader's own table has no space.
    unlisted: HashMap<String, u32, RandomState>,
    /// How often each name occurs in the current element: in total, and so far.
    counts: Vec<(u32, u32)>,
    /// Field codes by owner, name and occurrence (0: it occurs once).
    codes: HashMap<(Owner, u32, u32), Option<u32>, RandomState>,
}

/// The meaning of a scalar without text.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    value_type: ValueType,
    is_empty: bool,
}

impl Said {
    fn by(element: &Element<'_>) -> Self {
        Self { value_type: element.value_type(), is_empty: element.raw().is_empty() }
    }
}

impl Layout {
    /// Whether the fields are one level deeper, in a member `user_stat`.
    pub fn is_wrapped(&self) -> bool {
        self.stat != 0
    }

    /// Whether the layout is valid for this row too.
    pub fn fits(&self, item: &Item<'_>) -> bool {
        let mut costs = self.sections.iter().flat_map(|section| &section.costs);
        item.template != 0
            && self.template == item.template
            && costs.all(|node| !item.element(*node).is_null())
            && self.settled.iter().all(|(node, said)| Said::by(&item.element(*node)) == *said)
    }
}

impl Names {
    pub fn layout(&mut self, cx: &mut Context<'_>, item: &Item<'_>) -> Result<Layout, Fault> {
        let root = item.root();
        let inner = root.child("user_stat").filter(|inner| inner.value_type() == ValueType::Object);
        let stat = inner.unwrap_or(root);
        if stat.value_type() != ValueType::Object {
            return Err(stat.unexpected("a user_stat"));
        }
        let mut layout = Layout { template: item.template, stat: stat.index(), ..Layout::default() };
        let mut machines = None;
        for field in stat.children() {
            let name = self.number(&field);
            match self.roles[name as usize] {
                Role::Time => layout.time = Some(field.index()),
                Role::User => layout.user = Some(field.index()),
                Role::Currency => layout.currency = Some(field.index()),
                Role::Machines => machines = Some(field),
                Role::Cost | Role::Other => {}
            }
        }
        self.section(cx, Owner::User, &stat, Section::default(), &mut layout);
        if let Some(list) = machines {
            self.machines(cx, list, &mut layout)?;
        }
        let holds_data = || stat.children().any(|field| !field.is_null());
        if !layout.has_costs && holds_data() {
            return Err(no_usage(&stat, "a cost such as total_cost"));
        }
        Ok(layout)
    }

    /// The number of the name, the same in each row.
    fn number(&mut self, field: &Element<'_>) -> u32 {
        let (roles, unlisted) = (&mut self.roles, &mut self.unlisted);
        self.numbers.get_or(field.key(), || {
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

    /// Adds the costs that are children of an element, each with its field. A name that occurs more than once is distinguished by its
    /// occurrence.
    fn section(
        &mut self,
        cx: &mut Context<'_>,
        owner: Owner,
        element: &Element<'_>,
        mut section: Section,
        layout: &mut Layout,
    ) {
        let fields: Vec<(Element<'_>, u32)> = element.children().map(|field| (field, self.number(&field))).collect();
        self.counts.resize(self.roles.len(), (0, 0));
        fields.iter().for_each(|(_, name)| self.counts[*name as usize].0 += 1);
        for (field, name) in fields.iter().filter(|(_, name)| self.roles[*name as usize] == Role::Cost) {
            layout.has_costs = true;
            let (count, so_far) = &mut self.counts[*name as usize];
            *so_far += 1;
            let occurrence = if *count > 1 { *so_far } else { 0 };
            if field.is_null() {
                layout.settled.push((field.index(), Said::by(field)));
                continue;
            }
            let make = || Some(cx.out.field(table_field(&field.name(), owner, occurrence, field.encoding())?));
            let code = *self.codes.entry((owner, *name, occurrence)).or_insert_with(make);
            if let Some(code) = code {
                section.costs.push(field.index());
                section.fields.push(code);
            }
        }
        fields.iter().for_each(|(_, name)| self.counts[*name as usize] = (0, 0));
        layout.sections.push(section);
    }

    /// The entries of `vm_stats`, wrapped or bare.
    fn machines(&mut self, cx: &mut Context<'_>, list: Element<'_>, layout: &mut Layout) -> Result<(), Fault> {
        if list.is_null() || list.is_text() && list.raw().is_empty() {
            layout.settled.push((list.index(), Said::by(&list)));
            return Ok(());
        }
        if !matches!(list.value_type(), ValueType::Array | ValueType::Object) {
            return Err(list.unexpected("a list of vm_stat"));
        }
        let is_machine = |element: &Element<'_>| element.value_type() == ValueType::Object;
        let mut add = |machine: Element<'_>, tail: String| -> Result<(), Fault> {
            if !is_machine(&machine) {
                return Err(machine.unexpected("a vm_stat"));
            }
            let id = machine.child("virtual_machine_id").map(|id| id.index());
            self.section(cx, Owner::Machine, &machine, Section { id, tail, ..Section::default() }, layout);
            Ok(())
        };
        if list.encoding() == Encoding::Json && list.value_type() == ValueType::Object {
            // A single entry that a client library extracted from its list (docs/formats.md#onapp-clients).
            return match list.child("vm_stat").filter(is_machine) {
                Some(inner) => add(inner, "/vm_stats/vm_stat".to_owned()),
                None => add(list, "/vm_stats".to_owned()),
            };
        }
        let is_xml = list.encoding() == Encoding::Xml;
        // Attributes and elements without a rule are ignored, like members of JSON.
        let entries = list.children().filter(|entry| !is_xml || entry.name() == "vm_stat");
        for (i, entry) in entries.enumerate() {
            match entry.child("vm_stat").filter(is_machine) {
                _ if is_xml => add(entry, format!("/vm_stats/vm_stat[{}]", i + 1))?,
                Some(inner) => add(inner, format!("/vm_stats/{i}/vm_stat"))?,
                None => add(entry, format!("/vm_stats/{i}"))?,
            }
        }
        Ok(())
    }

    /// Codes of the table's dictionaries are no longer valid.
    pub fn forget_codes(&mut self) {
        self.codes.clear();
        // A hostile stream may have any number of names.
        if self.roles.len() > MANY_NAMES {
            *self = Self::default();
        }
    }
}
