//! The wizard as operators run it: the real binary on a pseudo-terminal, keys in, cells out.
//!
//! Nothing here sleeps: each wait is a predicate over the screen with a deadline that only a hanging program meets.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod leaving;
mod newcomer;
mod panic;
mod terminal;
mod window;
