//! How often a waiting step looks, and what it says when it gives up.

use std::time::Duration;

use super::context::Report;
use super::token::number;
use crate::components::desired::Desired;
use crate::domain::ids::StepId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::time::{Elapsed, Stamp};

/// First pause between two looks.
const SHORTEST: Duration = Duration::from_secs(2);
/// Longest pause between two looks.
const LONGEST: Duration = Duration::from_secs(15);
/// Share by which a pause is stretched or shortened, so that eight steps do not ask at once.
const JITTER: f64 = 0.2;

/// The pause after look number `round` (from 0): 2 s growing by half to 15 s, spread by step and round.
/// The same step always pauses alike, so a run can be repeated.
pub fn pace(step: &StepId, round: u32) -> Duration {
    let grown = SHORTEST.mul_f64(1.5_f64.powi(i32::try_from(round.min(16)).unwrap_or(16)));
    spread(grown.min(LONGEST), step, round)
}

/// A span stretched or shortened by up to a fifth.
pub fn spread(span: Duration, step: &StepId, round: u32) -> Duration {
    let drawn = u32::try_from(number(&format!("{step}#{round}")) >> 32).unwrap_or_default();
    let share = f64::from(drawn) / f64::from(u32::MAX);
    span.mul_f64(1.0 - JITTER + 2.0 * JITTER * share)
}

/// A wait for one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// When the step gives up.
    pub deadline: Stamp,
    round: u32,
    lines: Vec<String>,
}

impl Wait {
    /// A wait that ends `desired.deadline()` from `now`.
    pub fn new(desired: &Desired, now: Stamp) -> Self {
        Self { deadline: now + desired.deadline(), round: 0, lines: Vec::new() }
    }

    /// Whether these lines are news; remembers them.
    pub fn tells(&mut self, lines: &[String]) -> bool {
        let news = self.lines != lines;
        if news {
            self.lines = lines.to_vec();
        }
        news
    }

    /// The next pause, cut at the deadline.
    pub fn pause(&mut self, step: &StepId, now: Stamp) -> Duration {
        let pause = pace(step, self.round);
        self.round += 1;
        pause.min(self.deadline.since(now)).max(Duration::from_millis(1))
    }

    /// Looks often again, and counts the deadline from here: the request was just sent.
    pub fn restart(&mut self, desired: &Desired, now: Stamp) {
        *self = Self { lines: std::mem::take(&mut self.lines), ..Self::new(desired, now) };
    }

    /// Whether the deadline has passed.
    pub fn is_over(&self, now: Stamp) -> bool {
        now >= self.deadline
    }
}

/// The problem of a step whose deadline passed while it waited for `what`.
pub fn timeout(desired: &Desired, what: &str, report: Report) -> Problem {
    let mut problem = Problem::new(
        ProblemKind::Timeout,
        format!("{} ({}) is not ready after {}.", desired.id, desired.title, Elapsed(desired.deadline())),
    )
    .because(format!("it waited for: {what}"));
    problem.causes.extend(report.causes);
    problem.hints.extend(report.hints);
    problem.hint("when the cause is gone, run eks-wizard resume: it goes on from here")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::desired::{Ensure, PlacementGroup, Stage};

    #[test]
    fn pauses_grow_to_a_ceiling_and_differ_by_step() {
        let (a, b) = (StepId::from("a"), StepId::from("b"));
        assert!((1600..=2400).contains(&pace(&a, 0).as_millis()));
        for round in 6..40 {
            assert!((12_000..=18_000).contains(&pace(&a, round).as_millis()), "{round}");
        }
        assert_eq!(pace(&a, 3), pace(&a, 3));
        assert!((0..8).any(|round| pace(&a, round) != pace(&b, round)));
    }

    #[test]
    fn the_deadline_counts_from_the_request() {
        let desired = Desired {
            id: StepId::from("a"),
            title: "a".to_owned(),
            component: "a".to_owned(),
            stage: Stage::Storage,
            needs: Vec::new(),
            ensure: Ensure::PlacementGroup(PlacementGroup { name: "a".to_owned() }),
            deadline_s: 60,
        };
        let mut wait = Wait::new(&desired, Stamp::EPOCH);
        let lines = ["it queues".to_owned()];
        assert!(wait.tells(&lines));
        let sent = Stamp::EPOCH + Duration::from_secs(90);
        assert!(wait.is_over(sent));
        wait.restart(&desired, sent);
        assert!(!wait.is_over(sent + Duration::from_secs(59)));
        assert!(wait.is_over(sent + Duration::from_secs(60)));
        assert!(!wait.tells(&lines), "what was told is not told again");
    }
}
