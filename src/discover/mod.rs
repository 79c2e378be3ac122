//! Reads what is there.

pub mod observe;
