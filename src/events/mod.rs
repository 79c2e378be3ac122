//! What happens in a run, as data, and the one projection of it.

pub mod event;
pub mod sink;
pub mod view;
