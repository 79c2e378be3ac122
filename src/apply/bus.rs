//! The one sequencer of a run: numbers, journals, folds, and only then publishes.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use crate::domain::ids::{RunId, StepId};
use crate::domain::problem::{Problem, ProblemKind};
use crate::events::event::{Body, Event};
use crate::events::sink::Sink;
use crate::events::view::RunView;
use crate::journal::record::{Intent, Record, Refused};
use crate::journal::writer::Log;
use crate::plan::model::Verb;
use crate::transport::time::Timer;

/// Speaks to the sequencer. Dropping the last clone ends it.
#[derive(Debug, Clone)]
pub struct Bus {
    // Unbounded: the few messages a second of a run never pile up, and a step's log line must not wait.
    messages: mpsc::UnboundedSender<Message>,
}

#[derive(Debug)]
enum Message {
    Say(Body),
    Durable(Box<Durable>, oneshot::Sender<Result<(), Problem>>),
}

/// A record that must be on the disk before its sender goes on.
#[derive(Debug, Clone)]
pub(super) enum Durable {
    /// Before a mutation.
    Intent {
        /// Step.
        step: StepId,
        /// What kind of mutation.
        verb: Verb,
        /// Client token.
        token: String,
        /// Generation in the token.
        generation: u32,
        /// In words.
        what: String,
    },
    /// After a certain refusal.
    Refused {
        /// Step.
        step: StepId,
        /// Generation that was refused.
        generation: u32,
        /// What the service said.
        why: String,
    },
}

impl Bus {
    /// Says what happened; it is journaled and published in the order of these calls.
    pub fn say(&self, body: Body) {
        // A sequencer that is gone had its journal fail, and the executor knows.
        let _ = self.messages.send(Message::Say(body));
    }

    /// Returns once the record is on the disk.
    pub(super) async fn record(&self, durable: Durable) -> Result<(), Problem> {
        let (ack, answer) = oneshot::channel();
        let sent = self.messages.send(Message::Durable(Box::new(durable), ack));
        let gone = || Problem::new(ProblemKind::Internal, "The journal of this run is closed.");
        if sent.is_err() {
            return Err(gone());
        }
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}

/// Where the sequencer writes and publishes.
pub(super) struct Outlets {
    /// Journal.
    pub log: Box<dyn Log>,
    /// Newest view, for readers that may miss some.
    pub latest: watch::Sender<Arc<RunView>>,
    /// Every event, for readers that may not.
    pub sink: Box<dyn Sink>,
}

/// The sequencer's state.
pub(super) struct Sequencer {
    run: RunId,
    timer: Timer,
    view: RunView,
    outlets: Outlets,
    messages: mpsc::UnboundedReceiver<Message>,
    broken: watch::Sender<Option<Problem>>,
}

/// A sequencer that goes on from `view`, its bus, and a channel that tells when the journal fails.
pub(super) fn open(
    run: RunId,
    timer: Timer,
    view: RunView,
    outlets: Outlets,
) -> (Bus, Sequencer, watch::Receiver<Option<Problem>>) {
    let (sender, messages) = mpsc::unbounded_channel();
    let (broken, tells) = watch::channel(None);
    (Bus { messages: sender }, Sequencer { run, timer, view, outlets, messages, broken }, tells)
}

impl Sequencer {
    /// Serves until every bus is dropped; answers the view it ended with.
    pub(super) async fn serve(mut self) -> RunView {
        while let Some(message) = self.messages.recv().await {
            match message {
                Message::Say(body) => self.publish(body),
                Message::Durable(durable, ack) => {
                    let record = self.dated(*durable);
                    // A step that was aborted no longer listens; its intent stands all the same.
                    let _ = ack.send(self.append(&record));
                }
            }
        }
        self.view
    }

    fn publish(&mut self, body: Body) {
        let event = Event { run: self.run.clone(), seq: self.view.seq + 1, at: self.timer.now(), body };
        let record = Record::Event(event);
        if self.append(&record).is_err() {
            return;
        }
        if let Record::Event(event) = record {
            self.view.fold(&event);
            self.outlets.latest.send_replace(Arc::new(self.view.clone()));
            self.outlets.sink.publish(&event, &self.view);
        }
    }

    /// Once the journal failed nothing is appended any more: a record behind a hole would tell a false story.
    fn append(&mut self, record: &Record) -> Result<(), Problem> {
        if let Some(problem) = self.broken.borrow().clone() {
            return Err(problem);
        }
        self.outlets.log.append(record).map_err(|error| {
            let problem =
                Problem::new(ProblemKind::Internal, "The journal of this run cannot be written, so it stops.")
                    .because(error.to_string())
                    .hint("make room in the state folder, then run eks-wizard resume");
            self.broken.send_replace(Some(problem.clone()));
            problem
        })
    }

    fn dated(&self, durable: Durable) -> Record {
        let at = self.timer.now();
        match durable {
            Durable::Intent { step, verb, token, generation, what } => {
                Record::Intent(Intent { step, verb, token, generation, at, what })
            }
            Durable::Refused { step, generation, why } => Record::Refused(Refused { step, generation, at, why }),
        }
    }
}
