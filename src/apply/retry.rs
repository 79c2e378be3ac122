//! Which failed act is tried again, and when. Every new try observes first; the SDK's own retries are off wherever
//! a call has no client token, so the two layers never multiply.

use std::time::Duration;

use super::wait::spread;
use crate::domain::ids::StepId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::time::Stamp;
use crate::transport::classify;

/// Tries in a row that may fail for a passing reason.
pub const TRIES: u32 = 5;
/// How long "the role does not exist" is believed to mean "not yet": IAM is eventually consistent, and a role
/// that is made a moment ago is unknown to other services for some seconds.
pub const ROLE_LAG: Duration = Duration::from_mins(2);
/// Pause between tries while a role spreads.
const ROLE_PAUSE: Duration = Duration::from_secs(5);
/// Tries while the service says that something else is under way.
const BUSY_TRIES: u32 = 40;

/// What a failed act means for its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The answer is missing or says "later": the act may have happened.
    Passing,
    /// It exists already or something else is under way: look before anything else.
    Busy,
    /// The role that we made has not spread yet; nothing came of the act.
    RoleLag,
    /// The service answered no.
    Refusal,
    /// The call was never judged: credentials, a fault of this program.
    Stop,
}

/// Tells what a failed act means. `role_is_ours` when a step before this one makes a role.
pub fn meaning(problem: &Problem, role_is_ours: bool) -> Meaning {
    match problem.kind {
        _ if classify::is_transient(problem) => Meaning::Passing,
        ProblemKind::Conflict if problem.code.as_deref() == Some("Conflict") => Meaning::Refusal,
        ProblemKind::Conflict => Meaning::Busy,
        ProblemKind::Invalid if role_is_ours && names_an_unknown_role(problem) => Meaning::RoleLag,
        ProblemKind::Denied | ProblemKind::NotFound | ProblemKind::Invalid | ProblemKind::Limit => Meaning::Refusal,
        _ => Meaning::Stop,
    }
}

/// `Role provided in the request does not exist.`, `… does not exist or could not be assumed`: the words of EKS.
fn names_an_unknown_role(problem: &Problem) -> bool {
    problem.code.as_deref() == Some("InvalidParameterException")
        && problem.message.to_lowercase().contains("role")
        && (problem.message.contains("does not exist") || problem.message.contains("could not be assumed"))
}

/// The tries of one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tries {
    passing: u32,
    busy: u32,
    lag_since: Option<Stamp>,
    /// Failed tries in all, for the operator.
    pub failed: u32,
}

impl Tries {
    /// Counts a failure; answers how long to wait before the next look, or nothing to give up.
    pub fn next(&mut self, meaning: Meaning, step: &StepId, now: Stamp) -> Option<Duration> {
        self.failed += 1;
        let pause = match meaning {
            Meaning::Passing => {
                self.passing += 1;
                (self.passing < TRIES).then(|| Duration::from_secs(1 << self.passing))
            }
            Meaning::Busy => {
                self.busy += 1;
                (self.busy < BUSY_TRIES).then(|| Duration::from_secs(u64::from((2 * self.busy).min(15))))
            }
            Meaning::RoleLag => {
                let since = *self.lag_since.get_or_insert(now);
                (now.since(since) < ROLE_LAG).then_some(ROLE_PAUSE)
            }
            Meaning::Refusal | Meaning::Stop => None,
        };
        pause.map(|pause| spread(pause, step, self.failed))
    }

    /// Something worked: the next passing failure is the first in a row again.
    pub fn worked(&mut self) {
        self.passing = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(kind: ProblemKind, code: &str, message: &str) -> Problem {
        Problem { code: Some(code.to_owned()), ..Problem::new(kind, message) }
    }

    #[test]
    fn failures_mean_what_they_say() {
        let lag = problem(
            ProblemKind::Invalid,
            "InvalidParameterException",
            "eks:CreateAddon answers InvalidParameterException: Role provided in the request does not exist.",
        );
        assert_eq!(meaning(&lag, true), Meaning::RoleLag);
        assert_eq!(meaning(&lag, false), Meaning::Refusal, "a foreign role will not appear by waiting");
        let cases = [
            (ProblemKind::Throttled, "Throttling", Meaning::Passing),
            (ProblemKind::Unavailable, "InternalFailure", Meaning::Passing),
            (ProblemKind::Conflict, "ResourceInUseException", Meaning::Busy),
            (ProblemKind::Conflict, "EntityAlreadyExists", Meaning::Busy),
            (ProblemKind::Conflict, "Conflict", Meaning::Refusal),
            (ProblemKind::Denied, "AccessDenied", Meaning::Refusal),
            (ProblemKind::Credentials, "ExpiredToken", Meaning::Stop),
        ];
        for (kind, code, want) in cases {
            assert_eq!(meaning(&problem(kind, code, "x"), true), want, "{code}");
        }
    }

    #[test]
    fn passing_failures_are_tried_five_times_in_a_row() {
        let (mut tries, step) = (Tries::default(), StepId::from("a"));
        let count = |tries: &mut Tries| {
            let mut pauses = 0;
            while tries.next(Meaning::Passing, &step, Stamp::EPOCH).is_some() {
                pauses += 1;
            }
            pauses
        };
        assert_eq!(count(&mut tries), TRIES - 1);
        tries.worked();
        assert_eq!(count(&mut tries), TRIES - 1);
    }

    #[test]
    fn a_role_has_two_minutes_to_appear() {
        let (mut tries, step) = (Tries::default(), StepId::from("a"));
        assert!(tries.next(Meaning::RoleLag, &step, Stamp::EPOCH).is_some());
        let late = Stamp::EPOCH + Duration::from_secs(119);
        assert!(tries.next(Meaning::RoleLag, &step, late).is_some());
        assert!(tries.next(Meaning::RoleLag, &step, Stamp::EPOCH + ROLE_LAG).is_none());
    }
}
