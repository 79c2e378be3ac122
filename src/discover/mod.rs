//! Reads what is there, and changes nothing. Probes fill [`Facts`](crate::domain::facts::Facts) one by one, at once;
//! [`observe()`](observe::observe()) answers what stands in the place of each desired thing.

pub mod needs;
pub mod observe;
pub mod probe;
pub mod probes;
pub mod records;

pub use needs::{Needs, ProbeId};
pub use observe::{Resolve, observe, observe_one};
pub use probe::{discover, refresh};
pub use records::records;

#[cfg(test)]
mod canned;
#[cfg(test)]
mod tests;
