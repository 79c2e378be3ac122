//! Nouns of the field. No I/O, no async, no clock: plain values and arithmetic over them.

pub mod eni;
pub mod facts;
pub mod finding;
pub mod ids;
pub mod instance;
pub mod ipam;
pub mod ladder;
pub mod problem;
pub mod quota;
pub mod resource;
pub mod sample;
pub mod time;
