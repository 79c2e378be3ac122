//! A second apply finds everything as it should be and sends nothing that could change anything.

use eks_wizard::components::desired::Ensure;

use crate::stage::{Stage, assert_done, differences, on_paused_clock, spec, state_folder};

/// Applies twice with these settings; the requests for a change that the second time sent.
fn changes_of_a_second_apply(sets: &[&str]) -> Vec<String> {
    let state = state_folder();
    let first = on_paused_clock(async {
        let stage = Stage::open(state.path());
        assert_done(&stage.apply(spec(sets)).await.unwrap());
        stage.rest().await
    });
    on_paused_clock(async {
        let stage = Stage::open(state.path());
        let (_, planned) = stage.look(spec(sets)).await;
        let plan = planned.plan.unwrap();
        assert!(plan.is_settled(), "{:?}", plan.steps.iter().map(|step| (step.id(), step.verb)).collect::<Vec<_>>());
        assert_done(&stage.apply(spec(sets)).await.unwrap());
        let again = stage.rest().await;
        assert_eq!(differences(&first, &again), Vec::<String>::new());
        stage.tape.sent().iter().filter(|request| request.is_change()).map(ToString::to_string).collect()
    })
}

#[test]
fn nothing_is_sent_that_could_change_anything() {
    assert_eq!(changes_of_a_second_apply(&[]), Vec::<String>::new());
}

#[test]
fn a_group_without_nodes_installs_and_settles() {
    assert_eq!(changes_of_a_second_apply(&["GPU_DESIRED_SIZE=0"]), Vec::<String>::new());
}

#[test]
fn the_first_apply_does_send_changes() {
    let state = state_folder();
    let (changes, steps) = on_paused_clock(async {
        let stage = Stage::open(state.path());
        let (_, planned) = stage.look(spec(&[])).await;
        let before = stage.tape.sent().iter().filter(|request| request.is_change()).count();
        assert_eq!(before, 0, "planning changes nothing");
        assert_done(&stage.apply(spec(&[])).await.unwrap());
        let changes = stage.tape.sent().iter().filter(|request| request.is_change()).count();
        let plan = planned.plan.unwrap();
        (changes, plan.steps.iter().filter(|step| !matches!(step.desired.ensure, Ensure::Nodes(_))).count())
    });
    assert!(changes >= steps, "{changes} changes for {steps} steps that make something");
}
