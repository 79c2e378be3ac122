//! Nouns of the field. No I/O, no async, no clock: plain values and arithmetic over them.

pub mod ids;
pub mod time;
