//! Which step may run now, and which never will. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::StepId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::plan::model::Plan;

/// Where a step is in the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Not started.
    Waiting,
    /// Started.
    Running,
    /// Done.
    Done,
    /// Failed, or stopped in the middle.
    Failed,
    /// A step in front of it failed.
    Blocked,
}

/// A step that will not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// The step.
    pub step: StepId,
    /// The failed step that it needs, directly or through others.
    pub because: StepId,
}

/// The order of a run.
#[derive(Debug, Clone)]
pub struct Schedule {
    order: Vec<StepId>,
    after: BTreeMap<StepId, BTreeSet<StepId>>,
    places: BTreeMap<StepId, Place>,
}

impl Schedule {
    /// The schedule of a plan, nothing started.
    ///
    /// # Errors
    /// A plan with a step that needs one it does not hold, or itself; no operator can cause that.
    pub fn new(plan: &Plan) -> Result<Self, Problem> {
        Self::from_edges(plan.steps.iter().map(|step| (step.id().clone(), step.after.clone())))
    }

    fn from_edges(edges: impl Iterator<Item = (StepId, BTreeSet<StepId>)>) -> Result<Self, Problem> {
        let after: Vec<(StepId, BTreeSet<StepId>)> = edges.collect();
        let mut before = BTreeSet::new();
        for (step, needs) in &after {
            // Plans list each step after its needs, so one pass also finds every cycle.
            if let Some(missing) = needs.iter().find(|need| !before.contains(*need)) {
                return Err(Problem::new(
                    ProblemKind::Internal,
                    format!("The plan lists the step {step} without {missing} in front of it."),
                ));
            }
            if !before.insert(step.clone()) {
                return Err(Problem::new(ProblemKind::Internal, format!("The plan lists the step {step} twice.")));
            }
        }
        Ok(Self {
            order: after.iter().map(|(step, _)| step.clone()).collect(),
            places: after.iter().map(|(step, _)| (step.clone(), Place::Waiting)).collect(),
            after: after.into_iter().collect(),
        })
    }

    /// Steps whose needs are all done, in the order of the plan.
    pub fn ready(&self) -> Vec<StepId> {
        self.order.iter().filter(|step| self.is_ready(step)).cloned().collect()
    }

    fn is_ready(&self, step: &StepId) -> bool {
        self.place(step) == Some(Place::Waiting)
            && self.after.get(step).is_some_and(|needs| needs.iter().all(|need| self.place(need) == Some(Place::Done)))
    }

    /// Marks a ready step as running; false when it is not ready.
    pub fn start(&mut self, step: &StepId) -> bool {
        let ready = self.is_ready(step);
        if ready {
            self.places.insert(step.clone(), Place::Running);
        }
        ready
    }

    /// Marks a running step as done.
    pub fn done(&mut self, step: &StepId) {
        self.places.insert(step.clone(), Place::Done);
    }

    /// Marks a running step as failed and answers every step that it blocks, in the order of the plan.
    pub fn failed(&mut self, step: &StepId) -> Vec<Blocked> {
        self.places.insert(step.clone(), Place::Failed);
        let mut lost = BTreeSet::from([step.clone()]);
        let mut blocked = Vec::new();
        for later in &self.order {
            let hit = self.after.get(later).is_some_and(|needs| !needs.is_disjoint(&lost));
            if hit && self.places.get(later) == Some(&Place::Waiting) {
                self.places.insert(later.clone(), Place::Blocked);
                lost.insert(later.clone());
                blocked.push(Blocked { step: later.clone(), because: step.clone() });
            }
        }
        blocked
    }

    /// Where a step is.
    pub fn place(&self, step: &StepId) -> Option<Place> {
        self.places.get(step).copied()
    }

    /// Steps at a place, in the order of the plan.
    pub fn at(&self, place: Place) -> impl Iterator<Item = &StepId> {
        self.order.iter().filter(move |step| self.place(step) == Some(place))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Plans in which step i needs a subset of the steps before it.
    fn graphs() -> impl Strategy<Value = Schedule> {
        proptest::collection::vec(any::<u16>(), 1..14).prop_map(|masks| {
            let name = |index: usize| StepId::new(format!("s{index:02}"));
            let edges = masks.iter().enumerate().map(|(index, mask)| {
                (name(index), (0..index).filter(|before| mask & (1 << before) != 0).map(name).collect())
            });
            Schedule::from_edges(edges).unwrap()
        })
    }

    proptest! {
        #[test]
        fn every_step_runs_once_after_its_needs(mut schedule in graphs(), picks in proptest::collection::vec(any::<u8>(), 64)) {
            let mut picks = picks.into_iter().cycle();
            let mut done = BTreeSet::new();
            loop {
                let ready = schedule.ready();
                if ready.is_empty() { break; }
                let step = ready[usize::from(picks.next().unwrap()) % ready.len()].clone();
                prop_assert!(schedule.start(&step));
                prop_assert!(!schedule.start(&step), "started twice");
                prop_assert!(schedule.after[&step].is_subset(&done));
                schedule.done(&step);
                done.insert(step);
            }
            prop_assert_eq!(done.len(), schedule.order.len());
        }

        #[test]
        fn a_failure_blocks_exactly_what_depends_on_it(mut schedule in graphs(), fails in any::<u16>()) {
            let mut expected_blocked = BTreeSet::new();
            let mut lost = BTreeSet::new();
            for (index, step) in schedule.order.clone().iter().enumerate() {
                if !schedule.after[step].is_disjoint(&lost) {
                    expected_blocked.insert(step.clone());
                    lost.insert(step.clone());
                } else if fails & (1 << index) != 0 {
                    lost.insert(step.clone());
                }
            }
            let mut told = BTreeSet::new();
            while let Some(step) = schedule.ready().pop() {
                schedule.start(&step);
                let index: usize = step.as_str()[1..].parse().unwrap();
                if fails & (1 << index) == 0 { schedule.done(&step); } else {
                    for blocked in schedule.failed(&step) {
                        prop_assert_eq!(&blocked.because, &step);
                        prop_assert!(told.insert(blocked.step), "told twice");
                    }
                }
            }
            prop_assert_eq!(&told, &expected_blocked);
            prop_assert_eq!(schedule.at(Place::Waiting).count(), 0);
            prop_assert_eq!(schedule.at(Place::Running).count(), 0);
        }
    }

    #[test]
    fn a_cycle_or_a_hole_is_refused() {
        let edges = |needs: &[(&str, &str)]| {
            Schedule::from_edges(
                needs.iter().map(|(step, need)| (StepId::from(*step), BTreeSet::from([StepId::from(*need)]))),
            )
        };
        assert!(edges(&[("a", "b"), ("b", "a")]).is_err());
        assert!(edges(&[("a", "a")]).is_err());
        assert!(edges(&[("a", "gone")]).unwrap_err().message.contains("gone"));
    }
}
