//! docs/design.md#aggregation, rule by rule, and what must hold for any records at all.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "aggregate/support.rs"]
mod support;

#[path = "aggregate/derive.rs"]
mod derive;
#[path = "aggregate/flows.rs"]
mod flows;
#[path = "aggregate/groups.rs"]
mod groups;
#[path = "aggregate/levels.rs"]
mod levels;
#[path = "aggregate/names.rs"]
mod names;
#[path = "aggregate/overlap.rs"]
mod overlap;
#[path = "aggregate/properties.rs"]
mod properties;
#[path = "aggregate/state.rs"]
mod state;
#[path = "aggregate/windows.rs"]
mod windows;
