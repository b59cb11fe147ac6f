//! The id of a record (design.md, IDENTITY).

use std::fmt::Write;

use twox_hash::XxHash3_128;

use super::RecordView;
use super::view::merged;

impl RecordView<'_> {
    /// 32 hex digits over provider, account, resourceId, region, metric, kind, dimensions, start and end.
    ///
    /// XXH3-128 over the parts in that order, each behind its length, so that no two lists of parts read alike;
    /// a part that is null is told from one that is empty.
    pub fn id(&self) -> String {
        let (subject, period, field) = (self.subject(), self.period(), self.field());
        let mut key = Key(Vec::with_capacity(160));
        key.part(Some(field.format.provider().as_str()));
        key.part(subject.account.as_deref());
        key.part(subject.resource_id.as_deref());
        key.part(subject.region.as_deref());
        key.part(Some(&field.metric));
        key.part(Some(field.kind.as_str()));
        let dimensions = merged(&subject.dimensions, &field.dimensions);
        key.length(subject.dimensions.len() + field.dimensions.len());
        for (name, value) in dimensions {
            key.part(Some(name));
            key.part(Some(value));
        }
        for time in [period.start, period.end] {
            key.part(time.map(|t| t.to_string()).as_deref());
        }
        let mut id = String::with_capacity(32);
        let _ = write!(id, "{:032x}", XxHash3_128::oneshot(&key.0));
        id
    }
}

struct Key(Vec<u8>);

impl Key {
    fn length(&mut self, length: usize) {
        self.0.extend_from_slice(&(length as u32).to_le_bytes());
    }

    fn part(&mut self, part: Option<&str>) {
        match part {
            None => self.0.extend_from_slice(&u32::MAX.to_le_bytes()),
            Some(text) => {
                self.length(text.len());
                self.0.extend_from_slice(text.as_bytes());
            }
        }
    }
}
