//! From Spec, Facts and Observed to an ordered set of steps. Pure.

pub mod diff;
pub mod graph;
pub mod lint;
pub mod model;
pub mod placement;
pub mod planner;
pub mod render;
pub mod stages;
pub mod verb;

#[cfg(test)]
mod tests;
