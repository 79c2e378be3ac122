//! Verbs: what is done, by what stands and whose it is.

use super::as_applied;
use crate::components::desired::Desired;
use crate::components::observed::{Change, Observation, Presence, Settled};
use crate::components::testing::{facts, place, spec};
use crate::domain::resource::Ownership;
use crate::plan::model::Verb;
use crate::plan::planner::{conflicts, desired, plan};
use crate::plan::verb::{Decision, decide};

fn step(id: &str) -> Desired {
    desired(&spec(), &facts(), &place()).unwrap().into_iter().find(|step| step.id.as_str() == id).unwrap()
}

fn seen(presence: Presence, owner: Ownership, settled: Settled) -> Observation {
    Observation { presence, owner, settled, ..Observation::absent() }
}

fn foreign() -> Ownership {
    Ownership::Foreign { who: "eksctl".to_owned() }
}

fn differs() -> Presence {
    let change = Change { path: "version".to_owned(), have: Some("1".to_owned()), want: Some("2".to_owned()) };
    Presence::Differs { changes: vec![change] }
}

fn verb(id: &str, presence: Presence, owner: Ownership, settled: Settled) -> Decision {
    decide(&step(id), Some(&seen(presence, owner, settled)))
}

fn waiting() -> Settled {
    Settled::Waiting { what: "CREATING".to_owned() }
}

fn failed() -> Settled {
    Settled::Failed { why: "CREATE_FAILED".to_owned() }
}

#[test]
fn what_is_ours_is_made_changed_awaited_or_kept() {
    let of = |presence, settled| verb("ebs-csi.addon", presence, Ownership::Ours, settled).verb;
    assert_eq!(of(Presence::Absent, Settled::Yes), Verb::Create);
    assert_eq!(of(Presence::Same, Settled::Yes), Verb::Keep);
    assert_eq!(of(Presence::Same, waiting()), Verb::Wait);
    assert_eq!(of(Presence::Same, failed()), Verb::Update);
    assert_eq!(of(differs(), Settled::Yes), Verb::Update);
    assert_eq!(of(Presence::Unknown { why: "denied".to_owned() }, Settled::Yes), Verb::Create);
}

#[test]
fn a_change_carries_its_differences() {
    let decision = verb("ebs-csi.addon", differs(), Ownership::Ours, Settled::Yes);
    assert_eq!((decision.reason.as_str(), decision.changes.len()), ("version differs", 1));
}

#[test]
fn an_addon_of_someone_else_is_kept_in_any_version_that_works() {
    for presence in [Presence::Same, differs()] {
        let decision = verb("ebs-csi.addon", presence.clone(), foreign(), Settled::Yes);
        assert_eq!((decision.verb, decision.reason.as_str()), (Verb::Keep, "adopted: made by eksctl"));
        assert_eq!(verb("ebs-csi.addon", presence.clone(), foreign(), waiting()).verb, Verb::Wait);
        assert!(verb("ebs-csi.addon", presence, foreign(), failed()).conflict.is_some());
    }
}

#[test]
fn a_thing_of_someone_else_that_differs_is_a_conflict_that_names_both() {
    for id in ["ebs-csi.role", "gpu.gpu-compute.nodegroup", "gpu.gpu-compute.launch-template"] {
        let conflict = verb(id, differs(), foreign(), Settled::Yes).conflict.unwrap_or_default();
        assert!(conflict.contains("eksctl") && conflict.contains("version"), "{id}: {conflict}");
    }
}

#[test]
fn the_default_mark_is_taken_from_classes_of_others() {
    let decision = verb("gp3.not-default.gp2", differs(), foreign(), Settled::Yes);
    assert_eq!((decision.verb, decision.conflict), (Verb::Update, None));
}

#[test]
fn a_class_of_someone_else_that_can_become_ours_is_changed_without_taking_fields() {
    let decision = verb("gp3.class", differs(), foreign(), Settled::Yes);
    assert_eq!((decision.verb, &decision.conflict), (Verb::Update, &None));
    assert!(decision.reason.contains("eksctl"), "{}", decision.reason);
}

#[test]
fn a_failed_node_group_is_not_simply_made_anew() {
    let decision = verb("gpu.gpu-compute.nodegroup", Presence::Same, Ownership::Ours, failed());
    assert!(decision.reason.contains("only while it has no node"), "{}", decision.reason);
}

#[test]
fn conflicts_list_steps_with_managers_and_reasons() {
    let desired = desired(&spec(), &facts(), &place()).unwrap();
    let mut observed = as_applied(&desired);
    let conflict = Presence::Conflict { managers: vec!["argocd: .spec.replicas".to_owned()] };
    observed.0.insert("metrics-server.objects".into(), seen(conflict, foreign(), Settled::Yes));
    let immutable = Presence::Incompatible { why: "parameters cannot be changed".to_owned() };
    observed.0.insert("gp3.class".into(), seen(immutable, foreign(), Settled::Yes));
    let plan = plan(&spec(), &facts(), &observed, &desired, &place());
    let found = conflicts(&plan, &observed);
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["gp3.class", "metrics-server.objects"]);
    assert!(found[1].1.contains("argocd: .spec.replicas"));
    assert!(plan.step(&"gp3.class".into()).unwrap().reason.starts_with("conflict: "));
}

#[test]
fn nodes_are_waited_for_and_never_made() {
    let of = |presence, settled| verb("gpu.gpu-compute.nodes", presence, Ownership::Nobody, settled).verb;
    assert_eq!(of(Presence::Absent, Settled::Yes), Verb::Wait);
    assert_eq!(of(differs(), Settled::Yes), Verb::Wait);
    assert_eq!(of(Presence::Same, failed()), Verb::Wait);
    assert_eq!(of(Presence::Same, Settled::Yes), Verb::Keep);
}
