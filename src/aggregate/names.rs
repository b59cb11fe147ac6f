//! Names of metrics in a spec. An unknown name is an error: it would silently give no rows.

use super::spec::AggregateSpec;
use crate::format::cloudsigma::is_known_type;
use crate::model::error::Error;
use crate::table::Columns;

/// What follows `api.calls.`, and so on: the metrics of docs/design.md that can be asked for whether or not the data has them.
const VOCABULARY: [(&str, &[&str]); 7] = [
    ("api.calls", &["", "get", "head", "put", "list", "delete"]),
    (
        "storage",
        &[
            "stored",
            "padded",
            "metadata",
            "deleted",
            "orphaned",
            "minimum",
            "objects",
            "objects.deleted",
            "written",
            "read",
            "removed",
        ],
    ),
    ("transfer", &["upload", "download"]),
    (
        "burst",
        &[
            "cpu",
            "intel_cpu",
            "amd_cpu",
            "cpu_vmware",
            "sparc_t4_cpu",
            "mem",
            "intel_mem",
            "amd_mem",
            "mem_vmware",
            "sparc_t4_mem",
            "dssd",
            "ssd",
            "hdd",
            "dssd_vmware",
            "ssd_vmware",
            "hdd_vmware",
            "nvme",
            "zadara",
            "object_storage",
            "tx",
            "rx",
            "ip",
            "vlan",
            "sms",
        ],
    ),
    (
        "cost",
        &[
            "total",
            "total_with_discount",
            "vm",
            "user_resources",
            "acceleration",
            "autoscale",
            "backup",
            "backup_count",
            "backup_disk_size",
            "backup_resource_usage",
            "customer_network",
            "edge_group",
            "monit",
            "ova",
            "ova_count",
            "ova_size",
            "recovery_point",
            "recovery_point_size",
            "storage_disk_size",
            "template",
            "template_count",
            "template_disk_size",
            "template_iso",
            "user_service_addon",
            "vm_service_addon",
        ],
    ),
    ("cost.vm", &["total", "usage", "vm_resources"]),
    ("discount", &["total", "vm", "user_resources", "monthly", "service_addon"]),
];

/// Whether the vocabulary has a metric of that name.
pub(super) fn is_in_vocabulary(name: &str) -> bool {
    // Most of CloudSigma's resource types are families, which only its table tells.
    name.strip_prefix("burst.").is_some_and(is_known_type)
        || vocabulary().any(|(family, rest)| match name.strip_prefix(family) {
            Some("") => rest.is_empty(),
            Some(found) => found.strip_prefix('.').is_some_and(|found| found == rest && !rest.is_empty()),
            None => false,
        })
}

fn vocabulary() -> impl Iterator<Item = (&'static str, &'static str)> {
    VOCABULARY.iter().flat_map(|(family, members)| members.iter().map(|member| (*family, *member)))
}

/// The metrics that contain this one (docs/design.md#totals), the nearest first.
pub(super) fn totals_of(metric: &str) -> impl Iterator<Item = &'static str> {
    std::iter::successors(total_of(metric), |total| total_of(total))
}

fn total_of(metric: &str) -> Option<&'static str> {
    match metric {
        "cost.vm" | "cost.user_resources" => Some("cost.total"),
        "cost.total" | "cost.total_with_discount" => None,
        _ if metric.starts_with("api.calls.") => Some("api.calls"),
        _ if metric.starts_with("cost.vm.") => Some("cost.vm"),
        _ if metric.starts_with("cost.") => Some("cost.user_resources"),
        _ => None,
    }
}

/// Refuses a name that neither the vocabulary nor the data has.
///
/// # Errors
/// `invalid-option`, naming the option and the nearest names.
pub(super) fn check(columns: &Columns, spec: &AggregateSpec) -> Result<(), Error> {
    for (option, name) in spec.metrics() {
        if !is_in_vocabulary(name) && !columns.fields.iter().any(|field| *field.metric == *name) {
            let found = crate::model::error::shortened(name);
            let nearest = nearest(name, columns, spec);
            let meant = match &nearest[..] {
                [] => "name one that the data has".to_owned(),
                names => format!("did you mean {}?", names.join(", ")),
            };
            let message = format!("expected a metric of the vocabulary or of the data, found `{found}`: {meant}");
            return Err(Error::option(option, message));
        }
    }
    Ok(())
}

/// Names that are offered.
const MOST: usize = 5;
/// Longer ones are no slip of the hand.
const LONGEST: usize = 64;

/// The names most like one that is not known: those that hold it, or are a few letters away; those of the data first.
fn nearest(name: &str, columns: &Columns, spec: &AggregateSpec) -> Vec<String> {
    if name.is_empty() || name.len() > LONGEST {
        return Vec::new();
    }
    let wanted = name.to_ascii_lowercase();
    let known = vocabulary()
        .map(|(family, rest)| (true, if rest.is_empty() { family.to_owned() } else { format!("{family}.{rest}") }));
    let of_data = columns.fields.iter().map(|field| (false, field.metric.to_string()));
    let derived = spec.derive.iter().map(|(name, _)| (false, name.clone()));
    let mut all: Vec<(bool, usize, String)> = of_data
        .chain(derived)
        .chain(known)
        .filter(|(_, candidate)| candidate.len() <= LONGEST)
        .filter_map(|(is_absent, candidate)| {
            let apart = distance(wanted.as_bytes(), candidate.as_bytes());
            (candidate.contains(&wanted) || apart <= (wanted.len() / 3).max(2)).then_some((is_absent, apart, candidate))
        })
        .collect();
    all.sort();
    let mut names: Vec<String> = Vec::new();
    for (_, _, candidate) in all {
        let candidate = format!("`{candidate}`");
        if names.len() < MOST && !names.contains(&candidate) {
            names.push(candidate);
        }
    }
    names
}

/// Letters to be put in, left out or changed to make one of the other (Levenshtein).
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vocabulary_has_whole_names_only() {
        for name in [
            "api.calls",
            "api.calls.get",
            "storage.stored",
            "storage.objects.deleted",
            "burst.cpu",
            "cost.vm.total",
            "cost.vm",
        ] {
            assert!(is_in_vocabulary(name), "{name}");
        }
        for name in
            ["", "api", "api.", "api.calls.", "storage", "storage.", "cost.vm.", "Storage.stored", "storagestored"]
        {
            assert!(!is_in_vocabulary(name), "{name}");
        }
    }

    #[test]
    fn the_distance_is_the_number_of_letters_to_change() {
        for (a, b, due) in
            [("", "ab", 2), ("storage", "storage", 0), ("stroage", "storage", 2), ("kitten", "sitting", 3)]
        {
            assert_eq!((distance(a.as_bytes(), b.as_bytes()), distance(b.as_bytes(), a.as_bytes())), (due, due));
        }
    }
}
