//! From what stands to what is done about it: the one rule that planning and applying share. Pure.

use super::model::Verb;
use crate::components::observed::{Observation, Presence, Settled};
use crate::domain::resource::Ownership;

/// What an observation asks for, before anyone asks whose the thing is.
///
/// # Errors
/// Why nothing can be done about it: other managers own our fields, it cannot be changed, or it cannot be read.
pub fn verb_for(observation: &Observation) -> Result<Verb, String> {
    match &observation.presence {
        Presence::Absent => Ok(Verb::Create),
        Presence::Same if observation.settled != Settled::Yes => Ok(Verb::Wait),
        Presence::Same if matches!(observation.owner, Ownership::Foreign { .. }) => Ok(Verb::Adopt),
        Presence::Same => Ok(Verb::Keep),
        Presence::Differs { .. } => Ok(Verb::Update),
        Presence::Conflict { managers } => Err(format!("other managers own its fields: {}", managers.join("; "))),
        Presence::Incompatible { why } | Presence::Unknown { why } => Err(why.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_decides_the_verb() {
        let ours =
            |presence, settled| Observation { presence, settled, owner: Ownership::Ours, ..Observation::absent() };
        let waiting = Settled::Waiting { what: "CREATING".into() };
        assert_eq!(verb_for(&Observation::absent()), Ok(Verb::Create));
        assert_eq!(verb_for(&ours(Presence::Same, Settled::Yes)), Ok(Verb::Keep));
        assert_eq!(verb_for(&ours(Presence::Same, waiting.clone())), Ok(Verb::Wait));
        assert_eq!(verb_for(&ours(Presence::Differs { changes: Vec::new() }, waiting)), Ok(Verb::Update));
        let foreign = Ownership::Foreign { who: "EKS".into() };
        let adopted = Observation { owner: foreign, ..ours(Presence::Same, Settled::Yes) };
        assert_eq!(verb_for(&adopted), Ok(Verb::Adopt));
        assert!(verb_for(&ours(Presence::Conflict { managers: vec!["helm: spec".into()] }, Settled::Yes)).is_err());
    }
}
