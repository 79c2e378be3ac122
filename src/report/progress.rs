//! A run while it goes: one line an event for people, one record an event for programs.

use crate::domain::time::Elapsed;
use crate::events::event::{Body, Event, RunEnd};
use crate::events::sink::Sink;
use crate::events::view::RunView;
use crate::report::out;

/// Prints each event as a line of text.
#[derive(Debug, Default)]
pub struct TextProgress {
    said: std::collections::BTreeMap<String, Vec<String>>,
}

impl Sink for TextProgress {
    fn publish(&mut self, event: &Event, view: &RunView) {
        // A step that waits repeats itself; only what is new is worth a line.
        if let Body::StepWaiting { step, lines, .. } = &event.body {
            let before = self.said.insert(step.as_str().to_owned(), lines.clone());
            if before.as_ref() == Some(lines) {
                return;
            }
        }
        if let Some(line) = line(event, view) {
            out::data(&format!("{} {line}", event.at.clock_seconds()));
        }
    }
}

/// Prints each event as the journal's record.
#[derive(Debug, Default)]
pub struct JsonProgress;

impl Sink for JsonProgress {
    fn publish(&mut self, event: &Event, _view: &RunView) {
        out::record(event);
    }
}

/// The line of an event; `None` for what only machines need.
pub fn line(event: &Event, view: &RunView) -> Option<String> {
    let took = |step| {
        let view = view.steps.get(step)?;
        Some(Elapsed(view.ended?.since(view.started?)).to_string())
    };
    Some(match &event.body {
        Body::RunStarted { plan, cluster, steps, simulated, .. } => {
            let mode = if *simulated { "SIMULATED " } else { "" };
            format!("{mode}run {} starts: plan {plan}, cluster {cluster}, {} steps", event.run, steps.len())
        }
        Body::RunResumed { .. } => format!("run {} goes on", event.run),
        Body::StepStarted { step } => format!("  start   {step}"),
        Body::StepWaiting { step, lines, .. } => format!("  wait    {step}: {}", lines.join("; ")),
        Body::StepLog { step, line } => format!("  log     {step}: {line}"),
        Body::StepRetry { step, attempt, problem, after_ms } => format!(
            "  retry   {step}: attempt {attempt}: {} Next in {}.",
            problem.message,
            Elapsed(std::time::Duration::from_millis(*after_ms))
        ),
        Body::Resource { .. } => return None,
        Body::StepDone { step, done } => {
            format!(
                "  done    {step}: {}{}",
                done.word(),
                took(step).map(|took| format!(" in {took}")).unwrap_or_default()
            )
        }
        Body::StepFailed { step, problem } => format!("  failed  {step}: {problem}"),
        Body::StepWillNotRun { step, because } => format!("  not run {step}: {because}"),
        Body::RunPausing => "pausing: running steps finish, no step starts".to_owned(),
        Body::RunFinished { end } => ended(*end, view),
    })
}

fn ended(end: RunEnd, view: &RunView) -> String {
    let (done, all) = view.progress();
    match end {
        RunEnd::Done => format!("run done: {done} of {all} steps"),
        RunEnd::Failed => format!("run failed: {done} of {all} steps done; fix the cause, then eks-wizard resume"),
        RunEnd::Paused => format!("run paused: {done} of {all} steps done; eks-wizard resume goes on"),
        RunEnd::Cancelled => format!("run cancelled: {done} of {all} steps done; eks-wizard resume goes on"),
        RunEnd::Superseded => "run superseded by a newer plan".to_owned(),
    }
}
