//! Faults on order: the process dies, or the connection breaks, at a chosen API call.

use std::str::FromStr;

/// Where in a call the fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultAt {
    /// Before the world and its log are touched.
    BeforeEffect,
    /// After the effect is applied and logged, before the response is sent.
    AfterEffect,
    /// Half of the response's body is sent.
    MidBody,
}

/// What strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The process dies: nothing is answered any more.
    Crash,
    /// The connection of this one call breaks.
    Reset,
}

/// One fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultPoint {
    /// Where in the call.
    pub at: FaultAt,
    /// Which API call, counted from 1 over all services and clusters.
    pub nth: u64,
    /// What happens.
    pub kind: FaultKind,
}

/// The faults of one session. Empty by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultPlan {
    points: Vec<FaultPoint>,
}

impl FaultPlan {
    /// A plan of these points.
    pub fn new(points: Vec<FaultPoint>) -> Self {
        Self { points }
    }

    /// What strikes at this place of the `nth` call, if anything.
    pub fn strike(&self, at: FaultAt, nth: u64) -> Option<FaultKind> {
        self.points.iter().find(|point| point.at == at && point.nth == nth).map(|point| point.kind)
    }
}

/// The text is not a fault plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a fault: write before:N, after:N or body:N, and :reset behind it to break one connection only.")]
pub struct FaultSyntax(pub String);

impl FromStr for FaultPlan {
    type Err = FaultSyntax;

    /// Reads `before:17`, `after:17`, `body:17:reset`, several with commas. Without `:reset` or with `:crash` the
    /// process dies.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let points = text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(point);
        points.collect::<Result<_, _>>().map(Self::new)
    }
}

fn point(text: &str) -> Result<FaultPoint, FaultSyntax> {
    let wrong = || FaultSyntax(text.to_owned());
    let mut parts = text.split(':');
    let at = match parts.next() {
        Some("before") => FaultAt::BeforeEffect,
        Some("after") => FaultAt::AfterEffect,
        Some("body") => FaultAt::MidBody,
        _ => return Err(wrong()),
    };
    let nth = parts.next().and_then(|count| count.parse().ok()).filter(|nth| *nth > 0).ok_or_else(wrong)?;
    let kind = match (parts.next(), parts.next()) {
        (None | Some("crash"), None) => FaultKind::Crash,
        (Some("reset"), None) => FaultKind::Reset,
        _ => return Err(wrong()),
    };
    Ok(FaultPoint { at, nth, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_reads_as_it_is_documented() {
        let plan: FaultPlan = "before:17, after:3:reset,body:2:crash".parse().unwrap();
        assert_eq!(plan.strike(FaultAt::BeforeEffect, 17), Some(FaultKind::Crash));
        assert_eq!(plan.strike(FaultAt::AfterEffect, 3), Some(FaultKind::Reset));
        assert_eq!(plan.strike(FaultAt::MidBody, 2), Some(FaultKind::Crash));
        assert_eq!(plan.strike(FaultAt::MidBody, 3), None);
        assert_eq!("".parse(), Ok(FaultPlan::default()));
    }

    #[test]
    fn anything_else_is_an_error_that_quotes_it() {
        for text in ["17", "before", "before:0", "before:x", "midway:3", "after:3:maybe", "after:3:reset:1"] {
            assert_eq!(text.parse::<FaultPlan>(), Err(FaultSyntax(text.to_owned())));
        }
    }
}
