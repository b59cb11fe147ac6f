//! The usage model: records and their vocabulary (providers, kinds, units, notes), the
//! conversion of units, instants, and errors.

pub(crate) mod convert;
pub(crate) mod error;
pub(crate) mod kind;
pub(crate) mod metric;
pub(crate) mod names;
pub(crate) mod provider;
pub(crate) mod record;
pub(crate) mod time;
pub(crate) mod unit;
