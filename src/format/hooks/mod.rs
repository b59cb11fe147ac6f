//! Functions beside descriptors: what a format needs that is not data (docs/DESCRIPTORS.md#hooks).

pub(crate) mod tr50_resume;
