//! The integration tests: one binary, one module a file.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a test that cannot run here says so")]

mod architecture;
mod cli;
mod common;
mod config_cli;
mod honesty;
mod operator_policy;
mod registered;
mod resume;
mod second_apply;
mod stage;
mod unreached;
