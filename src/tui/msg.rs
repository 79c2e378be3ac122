//! What happens to the wizard. Time comes in as a message too, so `update` reads no clock.

use std::sync::Arc;

use crate::domain::facts::Facts;
use crate::domain::ladder::Verification;
use crate::domain::problem::Problem;
use crate::domain::sample::Sample;
use crate::domain::time::Stamp;
use crate::events::view::RunView;

use super::effects::{Planned, Saved, Stage, Wake};

/// A key, without what differs between terminals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Char(char),
    /// A character with Ctrl.
    Ctrl(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Cursor up.
    Up,
    /// Cursor down.
    Down,
    /// Cursor left.
    Left,
    /// Cursor right.
    Right,
    /// The word before: Ctrl-Left or Alt-b.
    WordLeft,
    /// The word after: Ctrl-Right or Alt-f.
    WordRight,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
}

/// One message.
#[derive(Debug)]
pub enum Msg {
    /// The time is now this.
    Tick(Stamp),
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// SIGINT, SIGTERM or SIGHUP.
    Signal,
    /// A span is over.
    Woke(Wake),
    /// Facts arrived for the draft of revision `rev`.
    Discovered {
        /// Revision of the draft they were read for.
        rev: u64,
        /// How much was asked.
        stage: Stage,
        /// What came.
        result: Result<Box<Facts>, Problem>,
    },
    /// A plan arrived for the draft of revision `rev`.
    Planned {
        /// Revision of the draft it was made from.
        rev: u64,
        /// What came.
        result: Result<Planned, Problem>,
    },
    /// The run is now this.
    Run(Arc<RunView>),
    /// The future of apply or resume ended.
    Applied(Result<(), Problem>),
    /// Verification ended.
    Verified(Result<Verification, Problem>),
    /// A look ended.
    Sampled(Result<Sample, Problem>),
    /// The env file was written, or not.
    Saved(Result<Box<Saved>, Problem>),
    /// The env file was read again.
    Reread {
        /// Whether the edits were kept.
        keep: bool,
        /// What came.
        result: Result<Box<Saved>, Problem>,
    },
}
