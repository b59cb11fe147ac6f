//! Groups: which records are added, and the order of the groups in the output.

use std::sync::Arc;

use super::plan::{FieldGroup, FieldPlan, Plans, dimension};
use super::row::{GroupHead, Key};
use super::spec::{AggregateSpec, Filter, GroupKey};
use crate::collections::{Codes, Pairs, ordered, shared_ranks};
use crate::table::{Columns, ResourceKey, Text};

/// A resource key whose records do not count.
const FILTERED_OUT: u32 = u32::MAX;

/// The groups of an aggregation.
pub(super) struct Groups<'t> {
    /// For each resource key: its part of the group key, or `FILTERED_OUT`.
    of_resource_key: Vec<u32>,
    /// The values of the keys that depend on resource keys.
    keys: Vec<Vec<Option<&'t str>>>,
    /// For each resource key: the code of its currency; 0 is no currency.
    currency_of_resource_key: Vec<u32>,
    currencies: Vec<Option<&'t str>>,
    codes: Pairs,
    list: Vec<Group>,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    of_resource_key: u32,
    of_field: u32,
    currency: u32,
}

/// A group in the output: its position in the order of rows, and the fields that its rows share.
pub(super) struct OutputGroup<'g, 't> {
    /// The rank of key and metric among all groups.
    pub major: u32,
    /// The rank among all groups.
    pub place: u32,
    pub head: Arc<GroupHead>,
    pub of_field: &'g FieldGroup<'t>,
}

impl<'t> Groups<'t> {
    pub fn new(columns: &'t Columns, spec: &AggregateSpec) -> Self {
        let mut groups = Self {
            of_resource_key: Vec::with_capacity(columns.resource_keys.len()),
            keys: Vec::new(),
            currency_of_resource_key: Vec::with_capacity(columns.resource_keys.len()),
            currencies: vec![None],
            codes: Pairs::default(),
            list: Vec::new(),
        };
        let (mut keys, mut currencies) = (Codes::default(), Codes::default());
        currencies.of(|key| key.text(None));
        for resource_key in &columns.resource_keys {
            groups.of_resource_key.push(if keeps(&spec.filter, resource_key) {
                let (code, is_new) =
                    keys.of(|key| key.texts(spec.by.iter().map(|key| key_of_resource_key(key, resource_key))));
                if is_new {
                    groups.keys.push(spec.by.iter().map(|key| key_of_resource_key(key, resource_key)).collect());
                }
                code
            } else {
                FILTERED_OUT
            });
            let (code, is_new) = currencies.of(|key| key.text(resource_key.currency.as_deref()));
            if is_new {
                groups.currencies.push(resource_key.currency.as_deref());
            }
            groups.currency_of_resource_key.push(code);
        }
        groups
    }

    /// Whether the filter selects a resource key.
    pub fn counts(&self, resource_key: u32) -> bool {
        self.of_resource_key[resource_key as usize] != FILTERED_OUT
    }

    /// Whether the records of two resource keys are always in the same groups.
    pub fn are_alike(&self, a: u32, b: u32) -> bool {
        let (a, b) = (a as usize, b as usize);
        self.of_resource_key[a] == self.of_resource_key[b]
            && self.currency_of_resource_key[a] == self.currency_of_resource_key[b]
    }

    /// The group key of a record, as codes.
    pub fn key(&self, resource_key: u32, field: &FieldPlan) -> (u32, u32) {
        (self.of_resource_key[resource_key as usize], field.of_key)
    }

    /// The group of a record; one without a cost has no currency.
    pub fn code(&mut self, resource_key: u32, field: &FieldPlan, has_cost: bool) -> u32 {
        let group = Group {
            of_resource_key: self.of_resource_key[resource_key as usize],
            of_field: field.of_group,
            currency: if has_cost { self.currency_of_resource_key[resource_key as usize] } else { 0 },
        };
        let next = self.list.len() as u32;
        let of_both = u64::from(group.of_resource_key) << 32 | u64::from(group.of_field);
        let code = self.codes.of(of_both, group.currency.into(), next);
        if code == next {
            self.list.push(group);
        }
        code
    }

    /// What a group has from its fields, as a code: see [`FieldPlan::of_group`].
    pub fn field(&self, group: u32) -> u32 {
        self.list[group as usize].of_field
    }

    /// The groups by code, with their order in the output.
    pub fn in_output_order<'g>(&self, plans: &'g Plans<'t>, spec: &AggregateSpec) -> Vec<OutputGroup<'g, 't>> {
        let (mut key_codes, mut keys) = (Codes::default(), Vec::new());
        let mut key_of = Vec::with_capacity(self.list.len());
        for group in &self.list {
            let values = self.values(group, plans);
            let (code, is_new) = key_codes.of(|key| key.texts(values.iter().copied()));
            if is_new {
                keys.push(values);
            }
            key_of.push(code);
        }
        let of_field = |group: &Group| &plans.groups[group.of_field as usize];
        let fields: Vec<_> = plans
            .groups
            .iter()
            .map(|group| (group.metric, group.kind, group.unit.map(|unit| unit.to_string())))
            .collect();
        // Each text is compared once; groups, which may be many, are compared by numbers.
        let key_ranks = shared_ranks(keys.len(), &|a, b| keys[a as usize].cmp(&keys[b as usize]));
        let field_ranks = shared_ranks(fields.len(), &|a, b| fields[a as usize].cmp(&fields[b as usize]));
        let currency_ranks =
            shared_ranks(self.currencies.len(), &|a, b| self.currencies[a as usize].cmp(&self.currencies[b as usize]));
        let places: Vec<(u32, u32, u32)> = (self.list.iter().zip(&key_of))
            .map(|(group, &key)| {
                let (field, currency) = (group.of_field as usize, group.currency as usize);
                (key_ranks[key as usize], field_ranks[field], currency_ranks[currency])
            })
            .collect();
        let order = ordered(self.list.len(), &|a, b| places[a as usize].cmp(&places[b as usize]));
        let names: Arc<[String]> = spec.by.iter().map(ToString::to_string).collect();
        let output_keys: Vec<Arc<Key>> = keys.iter().map(|values| Arc::new(Key::new(&names, values))).collect();
        let output_currencies: Vec<Option<Arc<str>>> = self.currencies.iter().map(|text| text.map(Arc::from)).collect();
        let mut metrics: Vec<Option<Arc<str>>> = Vec::new();
        for group in &plans.groups {
            metrics.resize(metrics.len().max(group.metric_code as usize + 1), None);
            metrics[group.metric_code as usize].get_or_insert_with(|| Arc::from(group.metric));
        }
        let (mut major, mut majors) = (0, vec![0; self.list.len()]);
        for (i, &group) in order.iter().enumerate() {
            let key_and_metric = |i: u32| (key_of[i as usize], of_field(&self.list[i as usize]).metric_code);
            if i > 0 && key_and_metric(group) != key_and_metric(order[i - 1]) {
                major += 1;
            }
            majors[group as usize] = major;
        }
        let described = |(i, group): (usize, &Group)| {
            let of_field = of_field(group);
            let head = GroupHead {
                key: output_keys[key_of[i] as usize].clone(),
                metric: metrics[of_field.metric_code as usize].clone().unwrap_or_default(),
                kind: of_field.kind,
                reducer: of_field.reducer,
                unit: of_field.unit,
                currency: output_currencies[group.currency as usize].clone(),
            };
            OutputGroup { major: majors[i], place: 0, head: Arc::new(head), of_field }
        };
        let mut output: Vec<OutputGroup> = self.list.iter().enumerate().map(described).collect();
        for (place, &group) in order.iter().enumerate() {
            output[group as usize].place = place as u32;
        }
        output
    }

    fn values(&self, group: &Group, plans: &Plans<'t>) -> Vec<Option<&'t str>> {
        let of_resource_key = &self.keys[group.of_resource_key as usize];
        let of_key = plans.groups[group.of_field as usize].of_key;
        let of_field = &plans.keys[of_key as usize];
        of_resource_key.iter().zip(of_field).map(|(a, b)| a.or(*b)).collect()
    }
}

pub(super) fn keeps(filter: &Filter, resource_key: &ResourceKey) -> bool {
    let among = |list: &Option<Vec<String>>, value: &Option<Text>| match (list, value) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(list), Some(value)) => list.iter().any(|item| **item == **value),
    };
    among(&filter.account, &resource_key.account)
        && among(&filter.resource, &resource_key.resource_id)
        && among(&filter.region, &resource_key.region)
}

fn key_of_resource_key<'t>(key: &GroupKey, resource_key: &'t ResourceKey) -> Option<&'t str> {
    match key {
        GroupKey::Account => resource_key.account.as_deref(),
        GroupKey::Resource => resource_key.resource_id.as_deref(),
        GroupKey::ResourceType => resource_key.resource_type.as_deref(),
        GroupKey::Region => resource_key.region.as_deref(),
        GroupKey::Dimension(name) => dimension(&resource_key.dimensions, name),
        GroupKey::Provider | GroupKey::Format => None,
    }
}
