//! Checks: pure functions from Spec, Facts, Observed and Plan to findings under the ids of the catalogue.

pub mod check;
mod checks;
pub mod registry;
#[cfg(test)]
mod tests;

pub use check::{Check, Inputs};
pub use registry::{registry, run};
