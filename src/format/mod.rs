//! The five providers, one file each.

pub(crate) mod onapp;
