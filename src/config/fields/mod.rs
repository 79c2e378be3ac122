//! The settings, one section a file. `registry` puts them in order.

pub(super) mod checks;
pub(super) mod cluster;
pub(super) mod drivers;
pub(super) mod gpu;
pub(super) mod network;
pub(super) mod optional;
pub(super) mod required;
