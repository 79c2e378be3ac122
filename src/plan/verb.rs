//! What is done about a desired thing, given what stands in its place and whose it is.

use crate::components::desired::{Desired, Ensure};
use crate::components::observed::{Change, Observation, Presence, Settled};
use crate::domain::resource::Ownership;
use crate::plan::model::Verb;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What is done.
    pub verb: Verb,
    /// Why, in words.
    pub reason: String,
    /// What changes.
    pub changes: Vec<Change>,
    /// Why it must not be done as things stand (CLU-004); the verb is then what would be done.
    pub conflict: Option<String>,
}

impl Decision {
    fn of(verb: Verb, reason: impl Into<String>) -> Self {
        Self { verb, reason: reason.into(), changes: Vec::new(), conflict: None }
    }

    fn conflict(why: String) -> Self {
        Self { conflict: Some(why.clone()), ..Self::of(Verb::Update, format!("conflict: {why}")) }
    }
}

/// What is done about `step`. Without an observation it is made, and the step itself looks again before it acts.
pub fn decide(step: &Desired, seen: Option<&Observation>) -> Decision {
    let Some(seen) = seen else {
        return Decision::of(Verb::Create, "not looked at yet; the step looks before it acts");
    };
    if let Ensure::Nodes(nodes) = &step.ensure {
        return for_nodes(nodes.count, seen);
    }
    match (&seen.presence, &seen.owner) {
        (Presence::Absent, _) => Decision::of(Verb::Create, "absent"),
        (Presence::Unknown { why }, _) => {
            Decision::of(Verb::Create, format!("cannot tell what stands: {why}; the step looks before it acts"))
        }
        (Presence::Conflict { managers }, _) => {
            Decision::conflict(format!("fields belong to another manager: {}", managers.join("; ")))
        }
        (Presence::Incompatible { why }, _) => Decision::conflict(why.clone()),
        (Presence::Same, Ownership::Foreign { who }) => adopted(who, &seen.settled),
        (Presence::Same, Ownership::Ours | Ownership::Nobody) => ours_and_same(&seen.settled),
        (Presence::Differs { changes }, Ownership::Foreign { who }) => foreign_and_different(step, who, changes, seen),
        (Presence::Differs { changes }, Ownership::Ours | Ownership::Nobody) => update(changes),
    }
}

/// Nodes are waited for, never made: the node group makes them.
fn for_nodes(count: u32, seen: &Observation) -> Decision {
    match (&seen.presence, &seen.settled) {
        (_, Settled::Waiting { what }) => Decision::of(Verb::Wait, what.clone()),
        (_, Settled::Failed { why }) => Decision::of(Verb::Wait, format!("not all nodes work: {why}")),
        (Presence::Same, Settled::Yes) => Decision::of(Verb::Keep, "every node is Ready"),
        (_, Settled::Yes) if count == 0 => Decision::of(Verb::Keep, "the desired size is 0"),
        (Presence::Differs { changes }, Settled::Yes) => {
            Decision { changes: changes.clone(), ..Decision::of(Verb::Wait, "nodes lack labels or taints") }
        }
        (_, Settled::Yes) => Decision::of(Verb::Wait, "nodes join once the node group stands"),
    }
}

fn ours_and_same(settled: &Settled) -> Decision {
    match settled {
        Settled::Yes => Decision::of(Verb::Keep, "as it should be"),
        Settled::Waiting { what } => Decision::of(Verb::Wait, what.clone()),
        Settled::Failed { why } => Decision::of(Verb::Update, format!("it failed and is made anew: {why}")),
    }
}

fn adopted(who: &str, settled: &Settled) -> Decision {
    match settled {
        Settled::Yes => Decision::of(Verb::Keep, format!("adopted: made by {who}")),
        Settled::Waiting { what } => Decision::of(Verb::Wait, format!("adopted: made by {who}; {what}")),
        Settled::Failed { why } => Decision::conflict(format!("made by {who}, and it failed: {why}")),
    }
}

fn foreign_and_different(step: &Desired, who: &str, changes: &[Change], seen: &Observation) -> Decision {
    match step.ensure {
        // Any version and configuration of an add-on that works will do.
        Ensure::Addon(_) => adopted(who, &seen.settled),
        // Taking the mark from somebody else's class is the whole point; the class stays theirs.
        Ensure::NotDefaultClass(_) => update(changes),
        Ensure::Role(_)
        | Ensure::Objects(_)
        | Ensure::SecurityGroup(_)
        | Ensure::PlacementGroup(_)
        | Ensure::LaunchTemplate(_)
        | Ensure::Nodegroup(_)
        | Ensure::Nodes(_) => {
            let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
            let conflict = Decision::conflict(format!("made by {who}, and it differs in {}", paths.join(", ")));
            Decision { changes: changes.to_vec(), ..conflict }
        }
    }
}

fn update(changes: &[Change]) -> Decision {
    let reason = match changes {
        [one] => format!("{} differs", one.path),
        many => format!("{} fields differ", many.len()),
    };
    Decision { changes: changes.to_vec(), ..Decision::of(Verb::Update, reason) }
}
