//! Results for people and for programs. Pure text making; `out` is the one place that writes to stdout and stderr.

pub mod config;
pub mod json;
pub mod out;
pub mod progress;
pub mod text;
