//! The state of the wizard. Only `update` changes it, and only from messages.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use tui_input::Input;

use crate::config::Draft;
use crate::domain::facts::Facts;
use crate::domain::finding::Finding;
use crate::domain::ladder::Verification;
use crate::domain::problem::Problem;
use crate::domain::sample::{Condition, Sample};
use crate::domain::time::Stamp;
use crate::events::view::RunView;

use super::effects::{Planned, SessionInfo};
use super::form::Issue;
use super::section::{Pane, Section};
use super::widgets::rows::{Start, Target};
use super::widgets::text::Mark;

/// Something that is read or computed elsewhere. What was known is never blanked; it gets an age.
#[derive(Debug, Clone, Default)]
pub enum Loadable<T> {
    /// Nobody asked.
    #[default]
    Idle,
    /// Being read.
    Loading {
        /// Since when.
        since: Stamp,
        /// What was known before, and when it was read.
        before: Option<(T, Stamp)>,
    },
    /// Here.
    Ready(T, Stamp),
    /// Made from something that has changed since.
    Stale {
        /// The value.
        value: T,
        /// When it was made.
        at: Stamp,
        /// What changed.
        because: String,
    },
    /// It could not be read.
    Failed {
        /// Why.
        problem: Box<Problem>,
        /// When.
        at: Stamp,
        /// What was known before, and when it was read.
        before: Option<(T, Stamp)>,
    },
}

impl<T> Loadable<T> {
    /// The last value, whatever its age.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Idle => None,
            Self::Loading { before, .. } | Self::Failed { before, .. } => before.as_ref().map(|(value, _)| value),
            Self::Ready(value, _) | Self::Stale { value, .. } => Some(value),
        }
    }

    /// The value, if nothing has changed since it was made.
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(value, _) => Some(value),
            _ => None,
        }
    }

    /// Whether it is being read.
    pub fn is_loading(&self) -> bool {
        matches!(self, Self::Loading { .. })
    }

    fn take_before(&mut self) -> Option<(T, Stamp)> {
        match std::mem::take(self) {
            Self::Idle => None,
            Self::Loading { before, .. } | Self::Failed { before, .. } => before,
            Self::Ready(value, at) | Self::Stale { value, at, .. } => Some((value, at)),
        }
    }

    /// Reading begins.
    pub fn begin(&mut self, since: Stamp) {
        let before = self.take_before();
        *self = Self::Loading { since, before };
    }

    /// Reading ended.
    pub fn end(&mut self, result: Result<T, Problem>, at: Stamp) {
        *self = match result {
            Ok(value) => Self::Ready(value, at),
            Err(problem) => Self::Failed { problem: Box::new(problem), at, before: self.take_before() },
        };
    }

    /// Something it was made from has changed.
    pub fn outdate(&mut self, because: &str) {
        if matches!(self, Self::Ready(..))
            && let Some((value, at)) = self.take_before()
        {
            *self = Self::Stale { value, at, because: because.to_owned() };
        }
    }
}

/// The draft and what hangs on it.
#[derive(Debug, Clone)]
pub struct DraftState {
    /// What is typed.
    pub draft: Draft,
    /// Rises with each edit.
    pub rev: u64,
    /// What validation says of it.
    pub issues: Vec<Issue>,
    /// Drafts before each edit.
    pub undo: Vec<Draft>,
    /// When the file was last written in this session.
    pub saved_at: Option<Stamp>,
    /// Edits since the file was read or written.
    pub unsaved: usize,
    /// A wake that keeps the draft is on its way.
    pub keeping: bool,
}

/// What is known of the world outside.
#[derive(Debug, Default)]
pub struct World {
    /// Facts.
    pub facts: Loadable<Facts>,
    /// Plan and findings.
    pub plan: Loadable<Planned>,
    /// Ladders.
    pub verification: Loadable<Verification>,
    /// A plan is wanted as soon as the facts are here.
    pub want_plan: bool,
    /// Everything is wanted as soon as the reading that goes on has ended.
    pub want_all: bool,
}

/// The run.
#[derive(Debug, Default)]
pub struct RunState {
    /// As folded.
    pub view: Arc<RunView>,
    /// The future of apply or resume is alive.
    pub alive: bool,
    /// How the future ended, if it failed.
    pub problem: Option<Problem>,
    /// The operator wants to leave as soon as the run has paused.
    pub leave_after: bool,
}

/// Health over time.
#[derive(Debug, Default)]
pub struct HealthState {
    /// The last look.
    pub last: Loadable<Sample>,
    /// The verdict after three equal looks, and since when.
    pub verdict: Option<(Condition, Stamp)>,
    /// What the last looks said, and how many in a row said the same.
    pub streak: Option<(Condition, u32)>,
    /// No looks are taken.
    pub frozen: bool,
    /// A wake for the next look is on its way.
    pub armed: bool,
    /// Free addresses of the first subnet, the last 60 looks.
    pub trend: VecDeque<u32>,
}

/// Where the operator is.
#[derive(Debug, Default)]
pub struct Nav {
    /// The section shown.
    pub section: Section,
    /// The pane with the cursor.
    pub pane: Pane,
    /// The welcome screen is shown in place of a section.
    pub welcome: bool,
    /// Cursor of each section's body.
    pub cursors: [Option<Target>; 10],
    /// Cursor of the welcome screen.
    pub start: Option<Start>,
    /// Cursor of the right pane.
    pub side: Option<Target>,
    /// First line of the right pane's text; logs count from the end.
    pub side_scroll: usize,
    /// The explanation takes the place of the body.
    pub enlarged: bool,
    /// Groups whose state differs from the default.
    pub toggled: BTreeSet<String>,
    /// Object JSON instead of the difference, in Review.
    pub object: bool,
}

impl Nav {
    /// Moves the keyboard to a pane. Only the right pane is ever enlarged.
    pub fn focus(&mut self, pane: Pane) {
        self.pane = pane;
        self.enlarged &= pane == Pane::Side;
    }
}

/// A field being edited.
#[derive(Debug)]
pub struct Edit {
    /// Variable.
    pub variable: &'static str,
    /// The text.
    pub input: Input,
    /// What is wrong with the text, and a value that would be right.
    pub error: Option<(String, Option<String>)>,
}

/// What lies over the section and takes the keys.
#[derive(Debug)]
pub enum Overlay {
    /// Help, scrolled.
    Help(usize),
    /// Palette: filter text and cursor.
    Palette(Input, usize),
    /// Find: the text.
    Find(Input),
    /// A question: which, and the chosen row.
    Ask(Question, usize),
    /// Messages, scrolled.
    Messages(usize),
    /// What changed in meaning since the original project, scrolled.
    Changes(usize),
}

/// Questions. The first row is always the one that changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Apply the plan?
    Apply,
    /// Resume the run?
    Resume,
    /// Leave while a run goes on?
    Leave,
    /// Leave with unsaved edits?
    Unsaved,
    /// Take the edits of an earlier session?
    Draft,
    /// Write over what somebody else changed?
    Meanwhile,
}

/// A sentence in place of the Next line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its mark.
    pub mark: Mark,
    /// The sentence.
    pub text: String,
    /// Its number: the wake that ends it names it.
    pub serial: u64,
}

/// The state.
#[derive(Debug)]
pub struct Model {
    /// What does not change.
    pub session: SessionInfo,
    /// The time.
    pub clock: Stamp,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The draft.
    pub config: DraftState,
    /// Facts, plan, ladders.
    pub world: World,
    /// The run.
    pub run: RunState,
    /// Health.
    pub health: HealthState,
    /// Where the operator is.
    pub nav: Nav,
    /// What takes the keys besides the panes.
    pub front: Front,
    /// What-if of the address bill.
    pub what_if: WhatIf,
}

/// What takes the keys before the panes do, and what was said.
#[derive(Debug, Default)]
pub struct Front {
    /// A field being edited.
    pub edit: Option<Edit>,
    /// An overlay.
    pub overlay: Option<Overlay>,
    /// A notice.
    pub notice: Option<Notice>,
    /// Notices so far.
    pub serial: u64,
    /// The last 200 notices.
    pub messages: VecDeque<(Stamp, Notice)>,
    /// The last text looked for.
    pub found: Option<String>,
    /// Why and how the env file on disk differs from the one that was read, when a save was refused for it.
    pub meanwhile: Vec<String>,
}

/// Inputs of the address bill that are not settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIf {
    /// Pods a node that need an address.
    pub pods: u32,
    /// The what-if row that the bill follows, by position.
    pub tried: Option<usize>,
}

impl Default for WhatIf {
    fn default() -> Self {
        Self { pods: 20, tried: None }
    }
}

impl Model {
    /// The state at start.
    pub fn new(session: SessionInfo, draft: Draft, clock: Stamp) -> Self {
        let nav = Nav { welcome: session.welcome, start: Some(first_start(&session)), ..Nav::default() };
        let issues = super::form::issues(&draft);
        let config = DraftState { draft, rev: 0, issues, undo: Vec::new(), saved_at: None, unsaved: 0, keeping: false };
        Self {
            session,
            clock,
            size: (120, 40),
            config,
            world: World::default(),
            run: RunState::default(),
            health: HealthState::default(),
            nav,
            front: Front::default(),
            what_if: WhatIf::default(),
        }
    }

    /// The facts, as far as they are known.
    pub fn facts(&self) -> Option<&Facts> {
        self.world.facts.value()
    }

    /// The effective value of a variable.
    pub fn value(&self, variable: &str) -> String {
        super::form::value(&self.config.draft, variable)
    }

    /// Whether a switch is on.
    pub fn is_on(&self, variable: &str) -> bool {
        super::form::is_on(&self.config.draft, variable)
    }

    /// The finding of a check: the worst one, when it is about several subjects. What was found about an earlier draft
    /// says nothing about this one, so there is none while the plan is out of date.
    pub fn finding(&self, check: &str) -> Option<&Finding> {
        let Loadable::Ready(planned, _) = &self.world.plan else { return None };
        planned.findings.iter().filter(|one| one.check.as_str() == check).min_by_key(|one| super::screens::rank(one))
    }

    /// Whether a run goes on.
    pub fn applying(&self) -> bool {
        self.run.alive
    }

    /// Whether something counts seconds on the screen.
    pub fn is_moving(&self) -> bool {
        self.applying()
            || self.world.facts.is_loading()
            || self.world.plan.is_loading()
            || self.world.verification.is_loading()
    }
}

fn first_start(session: &SessionInfo) -> Start {
    match (&session.unfinished, session.simulated) {
        (Some(_), _) => Start::Resume,
        (None, true) => Start::Simulated,
        (None, false) => Start::Live,
    }
}
