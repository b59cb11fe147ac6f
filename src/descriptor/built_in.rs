//! The built-in formats: the descriptors in `formats/`.

use std::sync::OnceLock;

use super::FormatDescriptor;

/// Name and text, in the order of detection: the narrower before the wider.
const FORMATS: [(&str, &str); 11] = [
    ("barracuda.usage-history", include_str!("../../formats/barracuda/usage-history.json")),
    ("devicewise.api-history", include_str!("../../formats/devicewise/api-history.json")),
    ("cloudsigma.daily-burst-usage", include_str!("../../formats/cloudsigma/daily-burst-usage.json")),
    ("cloudsigma.burst-usage", include_str!("../../formats/cloudsigma/burst-usage.json")),
    ("cloudsigma.usage", include_str!("../../formats/cloudsigma/usage.json")),
    ("wasabi.bucket-invoice", include_str!("../../formats/wasabi/bucket-invoice.json")),
    ("wasabi.bucket-daily", include_str!("../../formats/wasabi/bucket-daily.json")),
    ("wasabi.account-daily", include_str!("../../formats/wasabi/account-daily.json")),
    ("wasabi.wacm-usages", include_str!("../../formats/wasabi/wacm-usages.json")),
    ("onapp.user-statistics", include_str!("../../formats/onapp/user-statistics.json")),
    ("onapp.vm-stats", include_str!("../../formats/onapp/vm-stats.json")),
];

/// The descriptors, each read once.
static READ: [OnceLock<Option<FormatDescriptor>>; FORMATS.len()] = [const { OnceLock::new() }; FORMATS.len()];

/// A built-in format's descriptor.
pub(super) fn descriptor_of(format: &str) -> Option<FormatDescriptor> {
    let at = FORMATS.iter().position(|(name, _)| *name == format)?;
    at_place(at).cloned()
}

/// The descriptors of all built-in formats.
pub(super) fn all() -> impl Iterator<Item = &'static FormatDescriptor> {
    (0..FORMATS.len()).filter_map(at_place)
}

fn at_place(at: usize) -> Option<&'static FormatDescriptor> {
    READ[at].get_or_init(|| FormatDescriptor::read(FORMATS[at].1, true).ok()).as_ref()
}

/// The text of a built-in format's descriptor.
pub(super) fn text_of(format: &str) -> Option<&'static str> {
    FORMATS.iter().find(|(name, _)| *name == format).map(|(_, text)| *text)
}

/// The names of all built-in formats.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|(name, _)| *name)
}
