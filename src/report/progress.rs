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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::ids::StepId;
    use crate::domain::problem::{Problem, ProblemKind};
    use crate::domain::time::Stamp;
    use crate::events::event::{Done, StepHead};

    /// The lines of a run of two steps with these events, one a second.
    fn lines(bodies: Vec<Body>) -> Vec<Option<String>> {
        let head = |id: &str| StepHead {
            id: id.into(),
            title: "add-on".to_owned(),
            stage: "cluster".to_owned(),
            component: "x".to_owned(),
            verb: "create".to_owned(),
            after: Vec::new(),
            deadline_s: 60,
        };
        let started = Body::RunStarted {
            simulated: true,
            version: "0.1.0".to_owned(),
            plan: "p1".into(),
            cluster: "demo".to_owned(),
            steps: vec![head("a.addon"), head("b.addon")],
        };
        let mut view = RunView::default();
        (1_u64..)
            .zip(std::iter::once(started).chain(bodies))
            .map(|(seq, body)| {
                let event = Event { run: "r1".into(), seq, at: Stamp::EPOCH + Duration::from_secs(seq), body };
                view.fold(&event);
                line(&event, &view)
            })
            .collect()
    }

    fn step() -> StepId {
        "a.addon".into()
    }

    fn said(bodies: Vec<Body>) -> Vec<String> {
        lines(bodies).into_iter().skip(1).flatten().collect()
    }

    #[test]
    fn a_run_begins_with_what_it_is() {
        assert_eq!(lines(Vec::new())[0].as_deref(), Some("SIMULATED run r1 starts: plan p1, cluster demo, 2 steps"));
    }

    #[test]
    fn a_step_tells_its_start_its_waits_and_its_end() {
        let waiting = Body::StepWaiting {
            step: step(),
            lines: vec!["add-on CREATING".to_owned(), "1 of 2 pods".to_owned()],
            deadline: Stamp::EPOCH,
        };
        let done = Body::StepDone { step: step(), done: Done::Created };
        let got = said(vec![Body::StepStarted { step: step() }, waiting, done]);
        let want = [
            "  start   a.addon",
            "  wait    a.addon: add-on CREATING; 1 of 2 pods",
            "  done    a.addon: created in 2s",
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn a_retry_says_why_and_when() {
        let problem = Problem::new(ProblemKind::Throttled, "eks:CreateAddon is throttled.");
        let retry = Body::StepRetry { step: step(), attempt: 2, problem, after_ms: 4_000 };
        assert_eq!(said(vec![retry]), ["  retry   a.addon: attempt 2: eks:CreateAddon is throttled. Next in 4s."]);
    }

    #[test]
    fn failures_carry_their_causes_and_the_next_act() {
        let problem = Problem::new(ProblemKind::Denied, "iam:CreateRole is denied.").hint("allow iam:CreateRole");
        let got = said(vec![
            Body::StepFailed { step: step(), problem },
            Body::StepWillNotRun { step: "b.addon".into(), because: "a.addon failed".to_owned() },
            Body::RunFinished { end: RunEnd::Failed },
        ]);
        let want = [
            "  failed  a.addon: iam:CreateRole is denied.\n  next: allow iam:CreateRole",
            "  not run b.addon: a.addon failed",
            "run failed: 0 of 2 steps done; fix the cause, then eks-wizard resume",
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn each_end_says_how_it_goes_on() {
        for (end, want) in [
            (RunEnd::Done, "run done: 0 of 2 steps"),
            (RunEnd::Paused, "run paused: 0 of 2 steps done; eks-wizard resume goes on"),
            (RunEnd::Cancelled, "run cancelled: 0 of 2 steps done; eks-wizard resume goes on"),
            (RunEnd::Superseded, "run superseded by a newer plan"),
        ] {
            assert_eq!(said(vec![Body::RunFinished { end }]), [want]);
        }
    }
}
