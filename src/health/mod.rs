//! One look at what runs, judged by pure rules. Watching is looking again.

pub mod look;
pub mod rules;
pub mod watch;

pub use watch::sample;
