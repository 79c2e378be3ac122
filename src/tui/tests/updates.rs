//! Single messages: state before, state and effects after.

use std::time::Duration;

use super::drive::Drive;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::sample::Condition;
use crate::tui::effects::{Control, Effect, Ended, Stage, Wake};
use crate::tui::fixture;
use crate::tui::model::Loadable;
use crate::tui::msg::{Key, Msg};
use crate::tui::section::Section;
use crate::tui::update::{start, update};
use crate::tui::widgets::rows::Target;

fn at(section: Section) -> crate::tui::model::Model {
    let mut model = fixture::full();
    model.run.view = std::sync::Arc::default();
    model.nav.section = section;
    model
}

#[test]
fn starting_reads_the_account_and_nothing_else() {
    let mut model = fixture::at_start();
    assert_eq!(start(&mut model), vec![Effect::Discover(Stage::Connect)]);
}

#[test]
fn what_is_being_read_is_not_read_twice() {
    let mut model = at(Section::Connect);
    assert_eq!(update(&mut model, Msg::Key(Key::Char('r'))), vec![Effect::Discover(Stage::Everything)]);
    assert_eq!(update(&mut model, Msg::Key(Key::Char('r'))), vec![]);
}

#[test]
fn keys_and_what_they_ask_for() {
    let cases = [
        (Section::Preflight, 'r', vec![Effect::Discover(Stage::Everything)]),
        (Section::Verify, 'r', vec![Effect::Verify]),
        (Section::Health, 'r', vec![Effect::Sample]),
        (Section::Gpu, 's', vec![Effect::Save]),
        (Section::Connect, 'q', vec![Effect::Quit(Ended::Left)]),
    ];
    for (section, key, want) in cases {
        let mut model = at(section);
        assert_eq!(update(&mut model, Msg::Key(Key::Char(key))), want, "{section:?} {key}");
    }
}

#[test]
fn a_letter_that_means_nothing_here_says_so() {
    let mut model = at(Section::Connect);
    update(&mut model, Msg::Key(Key::Char('a')));
    assert!(model.front.notice.is_some_and(|notice| notice.text.contains("a means nothing here")));
}

#[test]
fn an_edit_puts_the_plan_out_of_date_and_says_why() {
    let mut model = at(Section::Gpu);
    model.nav.cursors[2] = Some(Target::Field("GPU_DESIRED_SIZE"));
    update(&mut model, Msg::Key(Key::Right));
    assert_eq!(model.value("GPU_DESIRED_SIZE"), "3");
    let Loadable::Stale { because, .. } = &model.world.plan else { panic!("the plan is {:?}", model.world.plan) };
    assert!(because.contains("GPU_DESIRED_SIZE went from 2 to 3"), "{because}");
}

#[test]
fn a_wrong_value_is_kept_as_an_error_and_never_replaced() {
    let mut drive = Drive::new(at(Section::Gpu));
    drive.settle();
    drive.model.nav.cursors[2] = Some(Target::Field("GPU_MAX_SIZE"));
    drive.keys("Enter");
    drive.key(Key::Ctrl('u'));
    drive.keys("x Enter");
    assert_eq!(drive.model.value("GPU_MAX_SIZE"), "x");
    assert!(drive.model.config.issues.iter().any(|issue| issue.variable == "GPU_MAX_SIZE"));
    drive.keys("1 n");
    assert_eq!(drive.model.nav.section, Section::Gpu, "n goes to the error");
}

#[test]
fn escape_undoes_an_edit_and_never_leaves() {
    let mut drive = Drive::new(at(Section::Gpu));
    drive.model.nav.cursors[2] = Some(Target::Field("GPU_NODE_GROUP_NAME"));
    drive.keys("Enter x Esc");
    assert_eq!(drive.model.value("GPU_NODE_GROUP_NAME"), "gpu-compute");
    drive.keys("Esc Esc Esc Esc Esc");
    assert!(!drive.effects.iter().any(|effect| matches!(effect, Effect::Quit(_))));
}

#[test]
fn a_plan_for_an_older_draft_is_not_applied() {
    let mut model = at(Section::Connect);
    model.world.plan.begin(fixture::night());
    model.config.rev = 7;
    update(&mut model, Msg::Planned { rev: 6, result: Ok(fixture::planned(crate::plan::model::Verb::Create)) });
    assert!(matches!(model.world.plan, Loadable::Stale { .. }));
    model.nav.section = Section::Review;
    update(&mut model, Msg::Key(Key::Char('a')));
    assert!(model.front.overlay.is_none());
}

#[test]
fn read_only_and_a_lock_turn_apply_off() {
    for lock in [false, true] {
        let mut model = at(Section::Review);
        model.session.read_only = !lock;
        model.session.locked = lock.then(|| "run 77e0, pid 41217 on ops-2".to_owned());
        update(&mut model, Msg::Key(Key::Char('a')));
        assert!(model.front.overlay.is_none());
        assert!(model.front.notice.as_ref().is_some_and(|notice| notice.text.starts_with("a is off")));
    }
}

#[test]
fn an_apply_that_ends_well_is_verified_by_itself_and_a_failed_one_is_not() {
    let mut model = at(Section::Apply);
    model.run.alive = true;
    let effects = update(&mut model, Msg::Applied(Ok(())));
    assert!(effects.contains(&Effect::Verify));
    assert!(!model.applying());
    model.run.alive = true;
    let effects = update(&mut model, Msg::Applied(Err(Problem::new(ProblemKind::Failed, "A step failed."))));
    assert_eq!(effects, vec![]);
    assert!(model.front.notice.is_some());
}

#[test]
fn a_verdict_takes_three_equal_looks() {
    let mut model = at(Section::Health);
    model.health.verdict = None;
    model.health.streak = None;
    for look in 1..=3 {
        model.health.armed = false;
        let effects = update(&mut model, Msg::Sampled(Ok(fixture::sample(Condition::Healthy, fixture::night()))));
        let wait = if look < 3 { 2 } else { 15 };
        assert_eq!(effects, vec![Effect::Wake(Duration::from_secs(wait), Wake::Look)]);
        assert_eq!(model.health.verdict.is_some(), look == 3);
    }
    model.health.armed = false;
    update(&mut model, Msg::Sampled(Ok(fixture::sample(Condition::Unhealthy, fixture::night()))));
    assert_eq!(
        model.health.verdict.map(|(condition, _)| condition),
        Some(Condition::Healthy),
        "one bad look is no verdict"
    );
}

#[test]
fn looks_stop_when_the_section_is_left() {
    let mut model = at(Section::Review);
    assert_eq!(update(&mut model, Msg::Woke(Wake::Look)), vec![]);
    assert_eq!(update(&mut model, Msg::Sampled(Ok(fixture::sample(Condition::Healthy, fixture::night())))), vec![]);
}

#[test]
fn a_signal_pauses_a_run_first_and_leaves_second() {
    let mut model = at(Section::Apply);
    model.run.alive = true;
    assert!(update(&mut model, Msg::Signal).contains(&Effect::Control(Control::Pause)));
    assert_eq!(update(&mut model, Msg::Signal).last(), Some(&Effect::Quit(Ended::Signalled)));
    let mut idle = at(Section::Connect);
    assert_eq!(update(&mut idle, Msg::Signal).last(), Some(&Effect::Quit(Ended::Signalled)));
}

#[test]
fn notices_go_after_their_time_and_can_be_read_again() {
    let mut model = at(Section::Connect);
    let first = update(&mut model, Msg::Key(Key::Char('a')));
    let second = update(&mut model, Msg::Key(Key::Char('e')));
    let [Effect::Wake(span, first)] = first[..] else { panic!("{first:?}") };
    let [Effect::Wake(_, second)] = second[..] else { panic!("{second:?}") };
    assert_eq!(span, Duration::from_secs(8));
    update(&mut model, Msg::Woke(first));
    assert!(model.front.notice.is_some(), "the wake of an older notice ends no newer one");
    update(&mut model, Msg::Woke(second));
    assert!(model.front.notice.is_none());
    assert_eq!(model.front.messages.len(), 2);
}

#[test]
fn a_subnet_row_writes_the_one_subnet() {
    let mut drive = Drive::new(at(Section::Network));
    drive.settle();
    drive.model.nav.cursors[3] = Some(Target::Subnet("subnet-0a3f51c27be94d608".into()));
    drive.keys("Enter");
    assert_eq!(drive.model.value("GPU_SUBNET"), "subnet-0a3f51c27be94d608");
    drive.model.nav.cursors[3] = Some(Target::Subnet("subnet-0b52d6c18a3e3f842".into()));
    drive.keys("Enter");
    assert_eq!(drive.model.value("GPU_SUBNET"), "subnet-0a3f51c27be94d608", "B fits no node");
}

#[test]
fn what_ifs_change_the_bill_and_not_the_draft() {
    let mut drive = Drive::new(at(Section::Network));
    drive.settle();
    let rev = drive.model.config.rev;
    drive.model.nav.cursors[3] = Some(Target::WhatIf(0));
    drive.keys("Space");
    assert_eq!((drive.model.what_if.tried, drive.model.config.rev), (Some(0), rev));
}

#[test]
fn an_early_enter_waits_for_the_clusters_and_then_reads_everything() {
    let mut drive = Drive::new(fixture::at_start());
    for key in [Key::Enter, Key::Enter] {
        drive.key(key);
    }
    assert!(drive.model.front.edit.is_none());
    drive.settle();
    assert_eq!(update(&mut drive.model, Msg::Key(Key::Enter)), vec![Effect::Discover(Stage::Everything)]);
}

#[test]
fn n_stops_at_the_subnet_when_the_zone_is_open() {
    use crate::domain::finding::{Outcome, Severity};
    let mut drive = Drive::ready();
    drive.plan.findings.push(fixture::finding("NET-001", Severity::Error, Outcome::Fail));
    drive.keys("Enter Enter n");
    assert_eq!(drive.model.nav.section, Section::Preflight);
    drive.model.world.plan.end(Ok(drive.plan.clone()), fixture::night());
    drive.keys("n");
    assert_eq!(drive.model.nav.section, Section::Network);
    assert!(matches!(drive.model.nav.cursors[3], Some(Target::Subnet(_))));
}

#[test]
fn a_chosen_subnet_lets_n_go_on_to_the_checks() {
    use crate::domain::finding::{Outcome, Severity};
    let mut drive = Drive::ready();
    drive.plan.findings.push(fixture::finding("NET-001", Severity::Error, Outcome::Fail));
    drive.keys("Enter Enter n");
    drive.model.world.plan.end(Ok(drive.plan.clone()), fixture::night());
    drive.keys("n");
    assert_eq!(drive.model.nav.section, Section::Network);
    // What the checks said of the earlier draft stops nobody any more.
    drive.model.world.plan.outdate("GPU_SUBNET was chosen after this plan.");
    let next = crate::tui::next::of(&drive.model);
    assert_eq!(next.to.map(|(section, _)| section), Some(Section::Preflight), "{}", next.says);
}

#[test]
fn find_moves_to_a_row_that_holds_the_word() {
    let mut drive = Drive::new(at(Section::Components));
    drive.keys("/ k a r p Enter");
    assert_eq!(drive.model.nav.cursors[1], Some(Target::Component("karpenter")));
}

#[test]
fn the_palette_runs_what_it_names() {
    let mut drive = Drive::new(at(Section::Connect));
    drive.keys(": h e a l t h Enter");
    assert_eq!(drive.model.nav.section, Section::Health);
}
