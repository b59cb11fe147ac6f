//! The vocabulary of metrics (docs/design.md#metrics): names, and which total contains which metric.

/// Families of metrics and the names after the dot, such as `get` of `api.calls.get`: all metrics of docs/design.md. A spec may name each of
/// them, even if the data lacks it.
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

/// Whether the vocabulary has a metric with this name.
pub(crate) fn is_in_vocabulary(name: &str) -> bool {
    vocabulary().any(|(family, rest)| match name.strip_prefix(family) {
        Some("") => rest.is_empty(),
        Some(found) => found.strip_prefix('.').is_some_and(|found| found == rest && !rest.is_empty()),
        None => false,
    })
}

/// Every name of the vocabulary, as a family and the name after the dot.
pub(crate) fn vocabulary() -> impl Iterator<Item = (&'static str, &'static str)> {
    VOCABULARY.iter().flat_map(|(family, members)| members.iter().map(|member| (*family, *member)))
}

/// The metrics that contain this one (docs/design.md#totals), the nearest first.
pub(crate) fn totals_of(metric: &str) -> impl Iterator<Item = &'static str> {
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
}
