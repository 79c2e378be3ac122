//! The journal: what a run meant to do, what it did, and what came of it. It is the truth that `resume` reads.

pub mod lock;
pub mod reader;
pub mod record;
pub mod recover;
pub mod store;
pub mod writer;
