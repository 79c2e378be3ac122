//! From Spec, Facts and Observed to an ordered set of steps. Pure.

pub mod model;
