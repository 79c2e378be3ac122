//! The seam to the outside: clients, clock, error codes. Nothing above this module knows whether AWS is real.

pub mod aws;
pub mod classify;
pub mod clients;
pub mod kube;
mod profile;
pub mod time;
pub mod token;
pub mod wire;
