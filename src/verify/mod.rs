//! Proofs: what was installed is asked to work, from inside pods on the nodes it is for.
//!
//! `expect` says what must be true, `collect` gathers evidence, `ladders` judges it. Only `collect` and `job` talk.

pub mod collect;
pub mod evidence;
pub mod expect;
pub mod job;
pub mod ladders;

pub use collect::verify;
pub use expect::Expectation;
pub use job::sweep;
