//! Fuzz targets: functions that take any bytes and panic where the engine breaks a guarantee.
//!
//! `fuzz/targets` makes a libFuzzer program of each; `fuzz/tests` runs them on the fixtures and on every input that once failed.
#![allow(clippy::panic, reason = "a target reports a fault by panicking")]

mod aggregate;
mod choices;
mod descriptor;
mod normalize;
mod request;
mod state;
mod stream;

pub use aggregate::aggregate;
pub use choices::CHOICE_BYTES;
pub use descriptor::descriptor;
pub use normalize::normalize;
pub use request::request;
pub use state::state;
pub use stream::stream;

/// A target: takes any bytes, and panics at a fault.
pub type Target = fn(&[u8]);

/// The targets by name: one program of `fuzz/targets` and one folder of `fuzz/regressions` each.
pub const TARGETS: [(&str, Target); 6] = [
    ("normalize", normalize),
    ("stream", stream),
    ("aggregate", aggregate),
    ("state", state),
    ("request", request),
    ("descriptor", descriptor),
];
