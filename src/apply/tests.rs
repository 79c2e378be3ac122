//! The engine on a fake world: everything that can happen to a run, in virtual time.

use std::collections::BTreeSet;
use std::time::Duration;

use super::cancel::Level;
use super::fake::{FakeHands, Fate, Trial, header, problem, step};
use crate::domain::problem::ProblemKind;
use crate::events::event::{Body, Done, RunEnd};
use crate::events::view::{RunView, StepState};
use crate::journal::record::{Header, Record};
use crate::plan::model::Verb::{Adopt, Create, Update};

/// Two branches that meet: a → b → d, a → c → d, and e alone.
fn diamond() -> Header {
    header(vec![
        step("a", &[], Create),
        step("b", &["a"], Create),
        step("c", &["a"], Create),
        step("d", &["b", "c"], Create),
        step("e", &[], Create),
    ])
}

fn state<'a>(view: &'a RunView, id: &str) -> &'a StepState {
    &view.steps[&id.into()].state
}

fn is_done(view: &RunView, id: &str, done: Done) -> bool {
    *state(view, id) == StepState::Done { done }
}

fn failure(view: &RunView, id: &str) -> crate::domain::problem::Problem {
    match state(view, id) {
        StepState::Failed { problem } => problem.clone(),
        other => panic!("{id} is {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_walked_and_a_second_run_changes_nothing() {
    let hands = FakeHands::new();
    let trial = Trial::on(&hands);
    let view = trial.start(diamond()).await.unwrap();
    assert_eq!((view.end, view.progress()), (Some(RunEnd::Done), (5, 5)));
    assert!(view.steps.keys().all(|id| is_done(&view, id.as_str(), Done::Created)));
    assert!(view.resources.values().all(|resource| resource.created));
    assert_eq!(view.output(&"d".into(), "id"), Some("id-d"));
    let acts = hands.world.lock().unwrap().acts.len();

    let again = Trial::on(&hands).start(diamond()).await.unwrap();
    assert!(again.steps.keys().all(|id| is_done(&again, id.as_str(), Done::Kept)));
    assert!(again.resources.values().all(|resource| !resource.created));
    assert_eq!(hands.world.lock().unwrap().acts.len(), acts, "the second run acts on nothing");
}

#[tokio::test(start_paused = true)]
async fn what_is_published_is_what_is_journaled_in_order() {
    let trial = Trial::on(&FakeHands::new());
    let view = trial.start(diamond()).await.unwrap();
    let events: Vec<_> = trial
        .records()
        .into_iter()
        .filter_map(|record| if let Record::Event(event) = record { Some(event) } else { None })
        .collect();
    assert_eq!(*trial.seen.0.lock().unwrap(), events);
    assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq));
    assert!(matches!(events[0].body, Body::RunStarted { .. }));
    assert!(matches!(events.last().unwrap().body, Body::RunFinished { end: RunEnd::Done }));
    // However the fold is fed, it ends the same: each event twice, and every growing prefix from the start.
    let (mut twice, mut grown) = (RunView::default(), RunView::default());
    for end in 0..events.len() {
        twice.fold(&events[end]);
        twice.fold(&events[end]);
        events[..=end].iter().for_each(|event| grown.fold(event));
    }
    assert_eq!(twice, view);
    assert_eq!(grown, view);
}

#[tokio::test(start_paused = true)]
async fn every_act_has_its_intent_in_the_journal_before_it() {
    let hands = FakeHands::new();
    let trial = Trial::on(&hands);
    trial.start(diamond()).await.unwrap();
    let intents: Vec<_> = trial
        .records()
        .into_iter()
        .filter_map(|record| if let Record::Intent(intent) = record { Some((intent.step, intent.token)) } else { None })
        .collect();
    assert_eq!(intents, hands.world.lock().unwrap().acts);
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_its_branch_and_no_other() {
    let hands = FakeHands::new();
    hands.fate("b", [Fate::Refuse(problem(ProblemKind::Denied, "AccessDenied"))]);
    let trial = Trial::on(&hands);
    let view = trial.start(diamond()).await.unwrap();
    assert_eq!(view.end, Some(RunEnd::Failed));
    assert_eq!(failure(&view, "b").kind, ProblemKind::Denied);
    assert_eq!(*state(&view, "d"), StepState::WillNotRun { because: "b failed.".into() });
    assert!(is_done(&view, "c", Done::Created) && is_done(&view, "e", Done::Created));

    // The cause is gone: resume goes on, and the refused act gets a new token.
    let resumed = Trial::on(&hands);
    let view = resumed.resume(&trial.records()).await.unwrap();
    assert_eq!(view.end, Some(RunEnd::Done));
    assert!(is_done(&view, "a", Done::Created), "what was done before keeps its word");
    let world = hands.world.lock().unwrap();
    let tokens: Vec<_> = world.acts.iter().filter(|(step, _)| step.as_str() == "b").map(|(_, token)| token).collect();
    assert_eq!(tokens.len(), 2);
    assert_ne!(tokens[0], tokens[1]);
    assert_eq!(world.acts_on("a"), 1);
}

#[tokio::test(start_paused = true)]
async fn passing_failures_are_retried_with_the_same_token() {
    let hands = FakeHands::new();
    let late = || Fate::Refuse(problem(ProblemKind::Throttled, "Throttling"));
    hands.fate("a", [late(), late()]);
    let view = Trial::on(&hands).start(header(vec![step("a", &[], Create)])).await.unwrap();
    assert!(is_done(&view, "a", Done::Created));
    assert_eq!(view.steps[&"a".into()].retries, 2);
    let world = hands.world.lock().unwrap();
    assert!(world.acts.len() == 3 && world.acts.iter().all(|(_, token)| *token == world.acts[0].1));
}

#[tokio::test(start_paused = true)]
async fn five_passing_failures_in_a_row_are_a_failure() {
    let hands = FakeHands::new();
    hands.fate("a", (0..9).map(|_| Fate::Refuse(problem(ProblemKind::Unavailable, "InternalFailure"))));
    let view = Trial::on(&hands).start(header(vec![step("a", &[], Create)])).await.unwrap();
    assert_eq!(failure(&view, "a").code.as_deref(), Some("InternalFailure"));
    assert_eq!(hands.world.lock().unwrap().acts_on("a"), 5);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_leads_to_a_look_and_not_to_a_second_one() {
    for answer in [problem(ProblemKind::Unavailable, "reset"), problem(ProblemKind::Conflict, "ResourceInUseException")]
    {
        let hands = FakeHands::new();
        hands.fate("a", [Fate::Lose(answer)]);
        let view = Trial::on(&hands).start(header(vec![step("a", &[], Create)])).await.unwrap();
        assert!(is_done(&view, "a", Done::Created));
        assert_eq!(hands.world.lock().unwrap().acts_on("a"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_role_is_waited_for_only_if_the_plan_makes_it() {
    let lag = || {
        let mut lag = problem(ProblemKind::Invalid, "InvalidParameterException");
        lag.message = "Role provided in the request does not exist.".into();
        Fate::Refuse(lag)
    };
    let hands = FakeHands::new();
    hands.fate("addon", [lag(), lag(), lag()]);
    let plan = header(vec![step("node-role", &[], Create), step("addon", &["node-role"], Create)]);
    let view = Trial::on(&hands).start(plan).await.unwrap();
    assert!(is_done(&view, "addon", Done::Created), "{:?}", state(&view, "addon"));
    let acts = hands.world.lock().unwrap().acts.clone();
    let tokens: BTreeSet<_> =
        acts.into_iter().filter(|(step, _)| step.as_str() == "addon").map(|(_, token)| token).collect();
    assert_eq!(tokens.len(), 4, "each refusal ends the life of its token");

    let hands = FakeHands::new();
    hands.fate("addon", [lag()]);
    let view = Trial::on(&hands).start(header(vec![step("addon", &[], Create)])).await.unwrap();
    assert_eq!(failure(&view, "addon").kind, ProblemKind::Invalid);
}

#[tokio::test(start_paused = true)]
async fn looks_may_fail_for_a_while_and_denied_ones_not() {
    let hands = FakeHands::new();
    hands.world.lock().unwrap().blind = (0..3).map(|_| problem(ProblemKind::Unavailable, "503")).collect();
    let view = Trial::on(&hands).start(header(vec![step("a", &[], Create)])).await.unwrap();
    assert!(is_done(&view, "a", Done::Created));
    hands.world.lock().unwrap().blind = [problem(ProblemKind::Denied, "AccessDenied")].into();
    let view = Trial::on(&hands).start(header(vec![step("a", &[], Create)])).await.unwrap();
    assert_eq!(failure(&view, "a").kind, ProblemKind::Denied);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_says_what_was_waited_for_and_why() {
    let hands = FakeHands::new();
    hands.world.lock().unwrap().stuck.insert("a".into());
    let started = hands.timer.now();
    let view = Trial::on(&hands).start(header(vec![step("a", &[], Create)])).await.unwrap();
    let problem = failure(&view, "a");
    assert_eq!(problem.kind, ProblemKind::Timeout);
    assert!(problem.causes.iter().any(|cause| cause.contains("CREATING")), "{problem}");
    assert!(problem.causes.iter().any(|cause| cause == "a has a cause"), "{problem}");
    assert!(problem.hints.iter().any(|hint| hint == "do this"), "{problem}");
    let took = hands.timer.now().since(started).as_secs();
    assert!((300..302).contains(&took), "{took} s");
}

#[tokio::test(start_paused = true)]
async fn a_pause_lets_running_steps_finish_and_starts_no_other() {
    let hands = FakeHands::new();
    let trial = Trial::on(&hands);
    let control = trial.control.clone();
    let timer = hands.timer.clone();
    let later = async move {
        timer.sleep(Duration::from_secs(5)).await;
        control.pause();
    };
    let (view, ()) = tokio::join!(trial.start(diamond()), later);
    let view = view.unwrap();
    assert_eq!(view.end, Some(RunEnd::Paused));
    assert!(is_done(&view, "a", Done::Created) && is_done(&view, "e", Done::Created));
    assert!(matches!(state(&view, "b"), StepState::WillNotRun { .. }));
    assert_eq!(hands.world.lock().unwrap().acts_on("b"), 0);

    let view = Trial::on(&hands).resume(&trial.records()).await.unwrap();
    assert_eq!((view.end, view.progress()), (Some(RunEnd::Done), (5, 5)));
}

#[tokio::test(start_paused = true)]
async fn a_second_stroke_abandons_the_waits() {
    let hands = FakeHands::new();
    hands.world.lock().unwrap().stuck.insert("e".into());
    let trial = Trial::on(&hands);
    let (control, timer) = (trial.control.clone(), hands.timer.clone());
    let later = async move {
        timer.sleep(Duration::from_secs(5)).await;
        assert_eq!((control.escalate(), control.escalate()), (Level::Pause, Level::Abandon));
        timer.now()
    };
    let (view, at) = tokio::join!(trial.start(diamond()), later);
    let view = view.unwrap();
    assert_eq!(view.end, Some(RunEnd::Cancelled));
    assert!(hands.timer.now().since(at) < Duration::from_secs(1));
    hands.world.lock().unwrap().stuck.clear();
    let view = Trial::on(&hands).resume(&trial.records()).await.unwrap();
    assert_eq!(view.end, Some(RunEnd::Done));
    assert_eq!(hands.world.lock().unwrap().acts_on("e"), 1);
}

#[tokio::test(start_paused = true)]
async fn foreign_things_are_never_changed() {
    let hands = FakeHands::new();
    hands.stand("same", false, true);
    hands.stand("appeared", false, false);
    let plan = header(vec![step("same", &[], Adopt), step("appeared", &[], Create), step("gone", &[], Adopt)]);
    let view = Trial::on(&hands).start(plan).await.unwrap();
    assert!(is_done(&view, "same", Done::Adopted));
    assert!(!view.resources[&"same".into()].created);
    assert_eq!(failure(&view, "appeared").kind, ProblemKind::Conflict, "it came since the plan and is not ours");
    assert_eq!(failure(&view, "gone").kind, ProblemKind::Conflict);
    assert_eq!(hands.world.lock().unwrap().acts.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_ours_and_differs_is_changed() {
    let hands = FakeHands::new();
    hands.stand("a", true, false);
    let view = Trial::on(&hands).start(header(vec![step("a", &[], Update)])).await.unwrap();
    assert!(is_done(&view, "a", Done::Updated));
    assert!(!view.resources[&"a".into()].created, "a change does not make it a thing of this run");
}

#[tokio::test(start_paused = true)]
async fn no_more_steps_run_at_once_than_allowed() {
    let hands = FakeHands::new();
    let trial = Trial { limit: 3, ..Trial::on(&hands) };
    let names: Vec<String> = (0..12).map(|index| format!("s{index}")).collect();
    let view = trial.start(header(names.iter().map(|name| step(name, &[], Create)).collect())).await.unwrap();
    assert_eq!(view.progress(), (12, 12));
    assert_eq!(hands.world.lock().unwrap().busiest, 3);
}

#[tokio::test(start_paused = true)]
async fn a_thing_that_does_not_show_yet_is_not_made_again() {
    let hands = FakeHands::new();
    hands.world.lock().unwrap().hidden = Duration::from_secs(30);
    let view = Trial::on(&hands).start(header(vec![step("a", &[], Create)])).await.unwrap();
    assert!(is_done(&view, "a", Done::Created));
    assert_eq!(hands.world.lock().unwrap().acts_on("a"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_thing_that_fails_after_its_creation_is_made_with_a_new_token_once_it_is_gone() {
    let hands = FakeHands::new();
    hands.world.lock().unwrap().failed.insert("a".into());
    let trial = Trial::on(&hands);
    let view = trial.start(header(vec![step("a", &[], Create)])).await.unwrap();
    let problem = failure(&view, "a");
    assert_eq!(problem.kind, ProblemKind::Failed);
    assert!(problem.causes.contains(&"CREATE_FAILED".to_owned()), "{problem}");
    assert!(problem.hints.contains(&"do this".to_owned()), "{problem}");
    {
        let mut world = hands.world.lock().unwrap();
        world.failed.clear();
        world.things.clear();
    }
    let view = Trial::on(&hands).resume(&trial.records()).await.unwrap();
    assert!(is_done(&view, "a", Done::Created));
    let world = hands.world.lock().unwrap();
    assert_eq!(world.acts.len(), 2);
    assert_ne!(world.acts[0].1, world.acts[1].1);
}

#[tokio::test(start_paused = true)]
async fn the_third_stroke_leaves_at_once_and_resume_finds_everything() {
    let hands = FakeHands::new();
    let trial = Trial::on(&hands);
    let (control, timer) = (trial.control.clone(), hands.timer.clone());
    let later = async move {
        // In the middle of the first acts: the effect is there, the answer is not.
        timer.sleep(Duration::from_millis(200)).await;
        while control.escalate() != Level::Exit {}
    };
    let (view, ()) = tokio::join!(trial.start(diamond()), later);
    let view = view.unwrap();
    assert_eq!(view.end, Some(RunEnd::Cancelled));
    assert!(view.steps.values().all(|step| matches!(step.state, StepState::WillNotRun { .. })));
    let view = Trial::on(&hands).resume(&trial.records()).await.unwrap();
    assert_eq!((view.end, view.progress()), (Some(RunEnd::Done), (5, 5)));
    assert_eq!(hands.world.lock().unwrap().acts_on("a"), 1);
    assert!(view.resources.values().all(|resource| resource.created));
}

/// The records of a run that nobody disturbs, and the world that it leaves.
async fn undisturbed() -> (Vec<Record>, FakeHands) {
    let hands = FakeHands::new();
    let trial = Trial::on(&hands);
    trial.start(diamond()).await.unwrap();
    (trial.records(), hands)
}

#[tokio::test(start_paused = true)]
async fn without_a_journal_nothing_is_changed_and_resume_heals_a_kill_at_any_record() {
    let (whole, calm) = undisturbed().await;
    let mut landed_in_the_middle = 0;
    for cut in 1..whole.len() {
        let hands = FakeHands::new();
        let mut trial = Trial::on(&hands);
        trial.log.fails_at = Some(cut);
        let stopped = trial.start(diamond()).await.unwrap_err();
        assert_eq!(stopped.kind, ProblemKind::Internal, "{stopped}");
        let records = trial.records();
        assert_eq!(records.len(), cut);
        let intents = records.iter().filter(|record| matches!(record, Record::Intent(_))).count();
        assert!(hands.world.lock().unwrap().acts.len() <= intents, "an act without its intent at {cut}");
        landed_in_the_middle += usize::from(intents > 0);

        let view = Trial::on(&hands).resume(&records).await.unwrap();
        assert_eq!(view.end, Some(RunEnd::Done), "cut at {cut}");
        assert!(view.resources.values().all(|resource| resource.created), "what we made is ours, cut at {cut}");
        assert_eq!(hands.world.lock().unwrap().names(), calm.world.lock().unwrap().names(), "cut at {cut}");
    }
    assert!(landed_in_the_middle > 10, "{landed_in_the_middle} cuts landed after the first intent");
}

#[tokio::test(start_paused = true)]
async fn resume_from_any_prefix_agrees_with_a_world_that_is_further_on() {
    let (whole, calm) = undisturbed().await;
    let before = calm.world.lock().unwrap().acts.len();
    for cut in 1..=whole.len() {
        let view = Trial::on(&calm).resume(&whole[..cut]).await.unwrap();
        assert_eq!((view.end, view.progress()), (Some(RunEnd::Done), (5, 5)), "cut at {cut}");
    }
    assert_eq!(calm.world.lock().unwrap().acts.len(), before, "nothing is made a second time");
}

#[tokio::test(start_paused = true)]
async fn a_done_step_that_vanished_is_made_again_by_resume() {
    let (whole, hands) = undisturbed().await;
    hands.world.lock().unwrap().things.remove(&"b".into());
    let view = Trial::on(&hands).resume(&whole[..whole.len() - 1]).await.unwrap();
    assert!(is_done(&view, "b", Done::Created));
    assert_eq!(hands.world.lock().unwrap().acts_on("b"), 2);
}
