//! Desired things that are no component: the GPU node groups.

pub mod gpu;
