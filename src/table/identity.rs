//! The id of a record (docs/design.md#identity).

use twox_hash::XxHash3_128;

use super::parts::{Field, Period, ResourceKey};
use super::view::RecordView;
use super::view::merged;
use crate::model::provider::Provider;

/// The number of hex digits of an id.
pub const ID_DIGITS: usize = 32;

/// Computes the ids of consecutive records.
///
/// An id is XXH3-128 over provider, account, resourceId, region, metric, kind, dimensions, start and end, each
/// after its length, so that different lists of parts have different bytes. A null part differs from an empty one.
///
/// The parts that a record shares with the one before stay in the buffer: mostly all but field and period.
#[derive(Default)]
pub struct Ids {
    key: Vec<u8>,
    /// The resource key that the buffer begins with, and where it ends.
    resource_key: Option<(Provider, u32)>,
    resource_key_end: usize,
    /// The field that comes next, and where the part before the period ends.
    field: Option<u32>,
    field_end: usize,
    /// The current period and its part of the key.
    period: Option<u32>,
    period_part: Vec<u8>,
}

/// What a field adds to the key: its provider, then metric and kind.
pub struct FieldPart {
    provider: Provider,
    metric: Box<[u8]>,
}

impl FieldPart {
    pub fn new(field: &Field) -> Self {
        let mut key = Vec::new();
        field_part(field, &mut key);
        Self { provider: field.format.provider(), metric: key.into() }
    }
}

impl Ids {
    /// The id of a record. `field` is the part of its field. All codes must be of one table.
    pub fn of(&mut self, view: &RecordView<'_>, field: &FieldPart) -> [u8; ID_DIGITS] {
        let resource_key = (field.provider, view.row.resource_key);
        if self.resource_key != Some(resource_key) {
            self.resource_key = Some(resource_key);
            self.field = None;
            self.key.clear();
            part(&mut self.key, Some(resource_key.0.as_str()));
            resource_key_part(view.resource_key(), &mut self.key);
            self.resource_key_end = self.key.len();
        }
        if self.field != Some(view.field_code) {
            self.field = Some(view.field_code);
            self.key.truncate(self.resource_key_end);
            self.key.extend_from_slice(&field.metric);
            dimensions_part(view, &mut self.key);
            self.field_end = self.key.len();
        }
        if self.period != Some(view.row.period) {
            self.period = Some(view.row.period);
            self.period_part.clear();
            period_part(view.period(), &mut self.period_part);
        }
        self.key.truncate(self.field_end);
        self.key.extend_from_slice(&self.period_part);
        hex(XxHash3_128::oneshot(&self.key))
    }
}

impl RecordView<'_> {
    /// The record's id, computed separately.
    pub fn id(&self) -> String {
        format!("{:032x}", self.id_hash())
    }

    /// The number that the id represents.
    pub fn id_hash(&self) -> u128 {
        let mut key = Vec::with_capacity(192);
        part(&mut key, Some(self.field().format.provider_name()));
        resource_key_part(self.resource_key(), &mut key);
        field_part(self.field(), &mut key);
        dimensions_part(self, &mut key);
        period_part(self.period(), &mut key);
        XxHash3_128::oneshot(&key)
    }

    /// The same over metric, kind and the field's own dimensions.
    pub fn metric_hash(&self) -> u64 {
        let field = self.field();
        let mut key = Vec::with_capacity(64);
        field_part(field, &mut key);
        field.dimensions.iter().for_each(|(name, value)| {
            part(&mut key, Some(name));
            part(&mut key, Some(value));
        });
        XxHash3_128::oneshot(&key) as u64
    }

    /// The same over the common parts of the records of one row, with the type of the resource, since
    /// resources of two types may have the same id.
    pub fn row_hash(&self) -> u128 {
        let resource_key = self.resource_key();
        let mut key = Vec::with_capacity(192);
        part(&mut key, Some(self.field().format.provider_name()));
        resource_key_part(resource_key, &mut key);
        part(&mut key, resource_key.resource_type.as_deref());
        length(&mut key, resource_key.dimensions.len());
        resource_key.dimensions.iter().for_each(|(name, value)| {
            part(&mut key, Some(name));
            part(&mut key, Some(value));
        });
        period_part(self.period(), &mut key);
        XxHash3_128::oneshot(&key)
    }
}

fn hex(hash: u128) -> [u8; ID_DIGITS] {
    let mut digits = [0; ID_DIGITS];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(hash.to_be_bytes()) {
        pair.copy_from_slice(&HEX_PAIRS[usize::from(byte)]);
    }
    digits
}

/// Each byte as two hex digits.
const HEX_PAIRS: [[u8; 2]; 256] = {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < pairs.len() {
        pairs[byte] = [DIGITS[byte >> 4], DIGITS[byte & 15]];
        byte += 1;
    }
    pairs
};

fn resource_key_part(resource_key: &ResourceKey, key: &mut Vec<u8>) {
    [&resource_key.account, &resource_key.resource_id, &resource_key.region]
        .iter()
        .for_each(|text| part(key, text.as_deref()));
}

fn field_part(field: &Field, key: &mut Vec<u8>) {
    part(key, Some(&field.metric));
    part(key, Some(field.kind.as_str()));
}

fn dimensions_part(view: &RecordView<'_>, key: &mut Vec<u8>) {
    let (of_resource_key, of_field) = (&view.resource_key().dimensions, &view.field().dimensions);
    length(key, of_resource_key.len() + of_field.len());
    if of_resource_key.is_empty() && of_field.is_empty() {
        return;
    }
    for (name, value) in merged(of_resource_key, of_field) {
        part(key, Some(name));
        part(key, Some(value));
    }
}

fn period_part(period: &Period, key: &mut Vec<u8>) {
    for time in [period.start, period.end] {
        let before = key.len();
        part(key, None);
        if let Some(time) = time {
            time.write(key);
            let length = (key.len() - before - LENGTH) as u32;
            key[before..before + LENGTH].copy_from_slice(&length.to_le_bytes());
        }
    }
}

const LENGTH: usize = size_of::<u32>();

fn length(key: &mut Vec<u8>, length: usize) {
    key.extend_from_slice(&(length as u32).to_le_bytes());
}

fn part(key: &mut Vec<u8>, part: Option<&str>) {
    match part {
        None => key.extend_from_slice(&u32::MAX.to_le_bytes()),
        Some(text) => {
            length(key, text.len());
            key.extend_from_slice(text.as_bytes());
        }
    }
}
