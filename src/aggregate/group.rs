//! Groups: which records are added, and in which order groups are told.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::plan::{FieldGroup, FieldPlan, Plans, dimension};
use super::row::Key;
use super::spec::{AggregateSpec, Filter, GroupKey};
use crate::table::{Columns, Dictionary, Subject};

/// A subject that no record counts of.
const FILTERED_OUT: u32 = u32::MAX;

/// The groups of an aggregation.
pub(super) struct Groups<'t> {
    /// By subject code: its part of the key, or `FILTERED_OUT`.
    of_subject: Vec<u32>,
    /// The values of the keys that are told by subjects.
    keys: Dictionary<Vec<Option<&'t str>>>,
    /// By subject code; 0 is no currency.
    currency_of_subject: Vec<u32>,
    currencies: Dictionary<Option<&'t str>>,
    codes: HashMap<Group, u32, RandomState>,
    list: Vec<Group>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Group {
    of_subject: u32,
    of_field: u32,
    currency: u32,
}

/// A group as it is told: its place in the order of rows, and what its rows say.
pub(super) struct ToldGroup<'g, 't> {
    /// Place of key and metric among all groups.
    pub major: u32,
    /// Place among all groups.
    pub place: u32,
    pub key: Arc<Key>,
    pub metric: Arc<str>,
    pub of_field: &'g FieldGroup<'t>,
    pub currency: Option<Arc<str>>,
}

impl<'t> Groups<'t> {
    pub fn new(columns: &'t Columns, spec: &AggregateSpec) -> Self {
        let mut groups = Self {
            of_subject: Vec::with_capacity(columns.subjects.len()),
            keys: Dictionary::default(),
            currency_of_subject: Vec::with_capacity(columns.subjects.len()),
            currencies: Dictionary::default(),
            codes: HashMap::default(),
            list: Vec::new(),
        };
        groups.currencies.insert(None);
        for subject in &columns.subjects {
            let of_subject = if keeps(&spec.filter, subject) {
                groups.keys.insert_full(spec.by.iter().map(|key| key_of_subject(key, subject)).collect()).0 as u32
            } else {
                FILTERED_OUT
            };
            groups.of_subject.push(of_subject);
            groups.currency_of_subject.push(groups.currencies.insert_full(subject.currency.as_deref()).0 as u32);
        }
        groups
    }

    /// Whether the filter lets a subject through.
    pub fn counts(&self, subject: u32) -> bool {
        self.of_subject[subject as usize] != FILTERED_OUT
    }

    /// Whether the records of two subjects are always in the same groups.
    pub fn are_alike(&self, a: u32, b: u32) -> bool {
        let (a, b) = (a as usize, b as usize);
        self.of_subject[a] == self.of_subject[b] && self.currency_of_subject[a] == self.currency_of_subject[b]
    }

    /// What tells the key of a record from others.
    pub fn key(&self, subject: u32, field: &FieldPlan) -> (u32, u32) {
        (self.of_subject[subject as usize], field.of_key)
    }

    /// The group of a record; one without a cost has no currency.
    pub fn code(&mut self, subject: u32, field: &FieldPlan, has_cost: bool) -> u32 {
        let group = Group {
            of_subject: self.of_subject[subject as usize],
            of_field: field.of_group,
            currency: if has_cost { self.currency_of_subject[subject as usize] } else { 0 },
        };
        *self.codes.entry(group).or_insert_with(|| {
            self.list.push(group);
            self.list.len() as u32 - 1
        })
    }

    /// What the fields of a group say about it: [`FieldPlan::of_group`].
    pub fn field(&self, group: u32) -> u32 {
        self.list[group as usize].of_field
    }

    /// The groups by code, put in order.
    pub fn told<'g>(&self, plans: &'g Plans<'t>, spec: &AggregateSpec) -> Vec<ToldGroup<'g, 't>> {
        let mut keys: Dictionary<Vec<Option<&str>>> = Dictionary::default();
        let key_codes: Vec<u32> =
            self.list.iter().map(|group| keys.insert_full(self.values(group, plans)).0 as u32).collect();
        let key_places = places(keys.iter());
        let of_field = |group: &Group| {
            plans.groups.get_index(group.of_field as usize).expect("codes are given out by the dictionary")
        };
        let mut order: Vec<usize> = (0..self.list.len()).collect();
        let whole = |i: &usize| {
            let (group, field) = (&self.list[*i], of_field(&self.list[*i]));
            (
                key_places[key_codes[*i] as usize],
                field.metric,
                field.kind,
                field.unit.map(|unit| unit.to_string()),
                self.currencies[group.currency as usize],
            )
        };
        order.sort_by_cached_key(whole);
        let names: Arc<[String]> = spec.by.iter().map(ToString::to_string).collect();
        let told_keys: Vec<Arc<Key>> = keys.iter().map(|values| Arc::new(Key::new(&names, values))).collect();
        let mut metrics: HashMap<&str, Arc<str>, RandomState> = HashMap::default();
        let told_currencies: Vec<Option<Arc<str>>> = self.currencies.iter().map(|text| text.map(Arc::from)).collect();
        let mut told: Vec<Option<ToldGroup>> = self.list.iter().map(|_| None).collect();
        let (mut major, mut before) = (0, None);
        for (place, i) in order.into_iter().enumerate() {
            let group = &self.list[i];
            let here = (key_codes[i], of_field(group).metric);
            if before.is_some_and(|before| before != here) {
                major += 1;
            }
            before = Some(here);
            told[i] = Some(ToldGroup {
                major,
                place: place as u32,
                key: told_keys[key_codes[i] as usize].clone(),
                metric: metrics.entry(of_field(group).metric).or_insert_with_key(|metric| Arc::from(*metric)).clone(),
                of_field: of_field(group),
                currency: told_currencies[group.currency as usize].clone(),
            });
        }
        told.into_iter().flatten().collect()
    }

    fn values(&self, group: &Group, plans: &Plans<'t>) -> Vec<Option<&'t str>> {
        let of_subject = &self.keys[group.of_subject as usize];
        let of_key = plans.groups[group.of_field as usize].of_key;
        let of_field = &plans.keys[of_key as usize];
        of_subject.iter().zip(of_field).map(|(a, b)| a.or(*b)).collect()
    }
}

/// The place of each value among all, by code.
fn places<T: Ord>(values: impl ExactSizeIterator<Item = T>) -> Vec<u32> {
    let values: Vec<T> = values.collect();
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_unstable_by_key(|&i| &values[i as usize]);
    let mut places = vec![0; values.len()];
    order.iter().enumerate().for_each(|(place, &i)| places[i as usize] = place as u32);
    places
}

pub(super) fn keeps(filter: &Filter, subject: &Subject) -> bool {
    let among = |list: &Option<Vec<String>>, value: &Option<Box<str>>| match (list, value) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(list), Some(value)) => list.iter().any(|item| **item == **value),
    };
    among(&filter.account, &subject.account)
        && among(&filter.resource, &subject.resource_id)
        && among(&filter.region, &subject.region)
}

fn key_of_subject<'t>(key: &GroupKey, subject: &'t Subject) -> Option<&'t str> {
    match key {
        GroupKey::Account => subject.account.as_deref(),
        GroupKey::Resource => subject.resource_id.as_deref(),
        GroupKey::ResourceType => subject.resource_type.as_deref(),
        GroupKey::Region => subject.region.as_deref(),
        GroupKey::Dimension(name) => dimension(&subject.dimensions, name),
        GroupKey::Provider | GroupKey::Format => None,
    }
}
