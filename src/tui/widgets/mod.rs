//! Pieces that every screen draws with.

pub mod pane;
pub mod rows;
pub mod text;
