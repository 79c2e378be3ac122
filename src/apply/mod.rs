//! The only mutator: walks a plan, step by step, with every intent in the journal before it is acted upon.

pub mod advice;
pub mod bus;
pub mod cancel;
pub mod context;
pub mod executor;
mod frame;
pub mod live;
pub mod retry;
pub mod schedule;
mod steps;
mod token;
pub mod wait;
mod words;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
