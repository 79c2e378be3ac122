//! Exit codes: the contract with scripts (product.md §1).

use crate::domain::problem::{Problem, ProblemKind};

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: a fault of this program.
    Internal,
    /// 2: usage or configuration: decidable from file, environment and flags alone.
    Usage,
    /// 3: changes are pending (`plan --detailed-exitcode`).
    Pending,
    /// 4: a check that needs a fact failed with severity error.
    Blocked,
    /// 5: paused, or another process holds the lock.
    Paused,
    /// 6: failed, resumable.
    Failed,
    /// 7: cancelled by the operator.
    Cancelled,
    /// 8: unhealthy, or installed but a rung of the verification is broken.
    Unhealthy,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Pending => 3,
            Self::Blocked => 4,
            Self::Paused => 5,
            Self::Failed => 6,
            Self::Cancelled => 7,
            Self::Unhealthy => 8,
        }
    }

    /// The code a problem ends a command with.
    pub fn of(problem: &Problem) -> Self {
        match problem.kind {
            ProblemKind::Usage => Self::Usage,
            ProblemKind::Blocked => Self::Blocked,
            ProblemKind::Locked => Self::Paused,
            ProblemKind::Cancelled => Self::Cancelled,
            ProblemKind::Internal => Self::Internal,
            ProblemKind::Denied
            | ProblemKind::Credentials
            | ProblemKind::NotFound
            | ProblemKind::Invalid
            | ProblemKind::Conflict
            | ProblemKind::Throttled
            | ProblemKind::Unavailable
            | ProblemKind::Timeout
            | ProblemKind::Limit
            | ProblemKind::Failed => Self::Failed,
        }
    }
}
