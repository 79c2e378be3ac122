//! Contract tests.
fn main() {}
