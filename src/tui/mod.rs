//! The wizard: a terminal user interface over the same pipeline as the headless commands.
//!
//! `update` is pure (state and message to state and effects), `frame::view` is pure (state to cells), `run` is the loop
//! that connects both with a terminal and a [`effects::Backend`].

mod boxes;
mod chrome;
pub mod effects;
#[cfg(test)]
pub(crate) mod fixture;
pub mod form;
pub mod frame;
pub mod input;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod msg;
pub mod next;
pub mod run;
pub mod screens;
pub mod section;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod theme;
pub mod update;
pub mod widgets;

pub use effects::{Backend, Ended, SessionInfo};
pub use frame::render_to_string;
pub use model::Model;
pub use run::{Options, run};
