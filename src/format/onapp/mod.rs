//! OnApp `user_statistics` (formats.md, 5).

mod checks;

pub(crate) use checks::cost_checks;
