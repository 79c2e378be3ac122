//! Tests of the wizard over a fixture world.

mod drive;
mod kept;
mod paths;
mod random;
mod screens;
mod snapshots;
mod updates;
