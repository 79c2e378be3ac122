//! Where published events go.

use super::event::Event;
use super::view::RunView;

/// Receives each event after it was journaled and folded, in order, with the view that it led to.
///
/// Called from the sequencer: an implementation returns quickly and never blocks on a slow reader.
pub trait Sink: Send {
    /// Takes one event.
    fn publish(&mut self, event: &Event, view: &RunView);
}

/// Drops everything.
#[derive(Debug, Default)]
pub struct Silent;

impl Sink for Silent {
    fn publish(&mut self, _event: &Event, _view: &RunView) {}
}
