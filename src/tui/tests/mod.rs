//! Tests of the wizard over a fixture world.
