//! One function for each arrow of the pipeline. The wizard and the headless commands walk the same ones.

pub mod apply;
pub mod drafts;
pub mod folders;
pub mod ground;
pub mod health;
pub mod installed;
pub mod plan;
pub mod render;
pub mod runs;
pub mod session;
pub mod setup;
pub mod verify;
