//! One file a subject; each check is a constant that the registry names.

pub mod access;
pub mod addresses;
pub mod cluster;
pub mod cni;
pub mod groups;
pub mod identity;
pub mod ownership;
pub mod plugins;
pub mod quota;
mod room;
pub mod subnets;
pub mod template;
