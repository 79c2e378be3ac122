//! Tests of the wizard over a fixture world.

mod drive;
mod kept;
mod live;
mod paths;
mod random;
mod screens;
mod updates;
