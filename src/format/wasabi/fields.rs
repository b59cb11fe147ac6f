//! The meaning of Wasabi's fields (docs/design.md#metrics-wasabi; docs/formats.md#wasabi-fields).

use crate::model::kind::Kind;
use crate::model::record::{Note, Notes};
use crate::model::unit::Unit;
use crate::table::Text;

/// The metric of a field.
pub struct Meaning {
    pub metric: Text,
    pub kind: Kind,
    pub unit: Unit,
    pub part_of: Option<Text>,
    pub notes: Notes,
}

/// The names before `StorageSizeBytes`, `StorageSizeGBDays` and `StorageSizeGB`.
const LEVELS: [(&str, &str); 5] = [
    ("Raw", "storage.stored"),
    ("Padded", "storage.padded"),
    ("Metadata", "storage.metadata"),
    ("Deleted", "storage.deleted"),
    ("Orphaned", "storage.orphaned"),
];

/// The names before `Bytes` and `GB`.
const FLOWS: [(&str, &str); 5] = [
    ("Upload", "transfer.upload"),
    ("Download", "transfer.download"),
    ("StorageWrote", "storage.written"),
    ("StorageRead", "storage.read"),
    ("Delete", "storage.removed"),
];

/// The metric of a field; `None` for other fields (ids, plan numbers, times).
///
/// A field that is newer than the table is read by the form of its name: `Num<Verb>Calls`, `<Name>StorageSizeBytes`.
pub fn meaning(name: &str) -> Option<Meaning> {
    let plain =
        |metric: &str, kind, unit| Meaning { metric: metric.into(), kind, unit, part_of: None, notes: Notes::NONE };
    match name {
        "MinStorageChargeBytes" => return Some(plain("storage.minimum", Kind::Gauge, Unit::BYTES)),
        "NumBillableObjects" => return Some(plain("storage.objects", Kind::Gauge, Unit::OBJECTS)),
        "NumBillableDeletedObjects" => return Some(plain("storage.objects.deleted", Kind::Gauge, Unit::OBJECTS)),
        "NumAPICalls" => return Some(plain("api.calls", Kind::Delta, Unit::CALLS)),
        _ => {}
    }
    if let Some(verb) = name.strip_prefix("Num").and_then(|rest| rest.strip_suffix("Calls")).filter(|v| !v.is_empty()) {
        return Some(Meaning {
            part_of: Some("api.calls".into()),
            ..plain(&format!("api.calls.{}", verb.to_ascii_lowercase()), Kind::Delta, Unit::CALLS)
        });
    }
    let level = |prefix: &str| -> Option<String> {
        let known = LEVELS.iter().find(|(name, _)| *name == prefix).map(|(_, metric)| (*metric).to_owned());
        known.or_else(|| (!prefix.is_empty()).then(|| format!("storage.{}", prefix.to_ascii_lowercase())))
    };
    let flow = |prefix: &str| FLOWS.iter().find(|(name, _)| *name == prefix).map(|(_, metric)| *metric);
    // Rolled-up numbers are printed 32-bit floats (docs/formats.md#wasabi-fields).
    let rolled = |meaning: Meaning| Meaning { notes: Notes::NONE.with(Note::Float32Source), ..meaning };
    if let Some(prefix) = name.strip_suffix("StorageSizeBytes") {
        return level(prefix).map(|metric| plain(&metric, Kind::Gauge, Unit::BYTES));
    }
    if let Some(prefix) = name.strip_suffix("StorageSizeGBDays") {
        return level(prefix).map(|metric| rolled(plain(&metric, Kind::Integral, Unit::GIBIBYTE_DAYS)));
    }
    if let Some(prefix) = name.strip_suffix("StorageSizeGB") {
        return level(prefix).map(|metric| rolled(plain(&metric, Kind::Gauge, Unit::GIBIBYTES)));
    }
    if let Some(metric) = name.strip_suffix("Bytes").and_then(flow) {
        return Some(plain(metric, Kind::Delta, Unit::BYTES));
    }
    name.strip_suffix("GB").and_then(flow).map(|metric| rolled(plain(metric, Kind::Delta, Unit::GIBIBYTES)))
}
