//! Whole ways through the wizard.

use super::drive::Drive;
use crate::tui::effects::{Control, Effect, Ended};
use crate::tui::fixture;
use crate::tui::section::Section;

#[test]
fn a_newcomer_gets_from_start_to_healthy_with_nine_keys() {
    let mut drive = Drive::ready();
    assert!(drive.model.nav.welcome);
    drive.keys("Enter");
    assert_eq!(drive.model.nav.section, Section::Connect);
    drive.keys("Enter n");
    assert_eq!(drive.model.nav.section, Section::Preflight);
    assert!(drive.screen(120, 40).contains("no blocker"), "{}", drive.screen(120, 40));
    drive.keys("n");
    assert_eq!(drive.model.nav.section, Section::Review);
    drive.keys("a");
    assert!(drive.screen(120, 40).contains("▸ (•) not now"), "{}", drive.screen(120, 40));
    drive.keys("Down Enter");
    assert_eq!(drive.model.nav.section, Section::Apply);
    assert_eq!(drive.effects.iter().filter(|effect| **effect == Effect::Apply).count(), 1);
    assert_eq!(drive.effects.iter().filter(|effect| **effect == Effect::Verify).count(), 1);
    drive.keys("n");
    assert_eq!(drive.model.nav.section, Section::Verify);
    drive.keys("n");
    assert_eq!(drive.model.nav.section, Section::Health);
    let screen = drive.screen(120, 40);
    assert!(screen.contains("✓ healthy, 3 of 3 looks agree"), "{screen}");
    assert!(screen.contains("SIMULATED"));
}

#[test]
fn the_same_keys_work_in_the_narrow_window() {
    let mut drive = Drive::ready();
    drive.model.size = (80, 24);
    drive.keys("Enter Enter n n a Down Enter n n");
    assert_eq!(drive.model.nav.section, Section::Health);
    assert!(drive.screen(80, 24).contains("✓ healthy"), "{}", drive.screen(80, 24));
}

#[test]
fn without_a_file_n_asks_for_what_only_the_operator_knows() {
    let mut drive = Drive::ready();
    for name in ["INSTALL_GPU_NODEGROUP", "GPU_DESIRED_SIZE"] {
        drive.model.config.draft.unset(name, &crate::config::Layer::File { path: ".env".into() });
    }
    drive.keys("Enter Enter n");
    assert_eq!(drive.model.nav.section, Section::Gpu);
    assert!(drive.line(120, 40, 1).contains("decide on or off"), "{}", drive.line(120, 40, 1));
    drive.keys("Space n");
    assert!(drive.line(120, 40, 1).contains("how many nodes?"), "{}", drive.line(120, 40, 1));
    drive.keys("Right Right");
    assert_eq!(drive.model.value("GPU_DESIRED_SIZE"), "2");
    drive.keys("n");
    assert_eq!(drive.model.nav.section, Section::Preflight);
}

#[test]
fn enter_alone_never_applies() {
    let mut drive = Drive::ready();
    drive.keys("Enter Enter n n a Enter y y Enter a Esc Enter");
    assert!(!drive.effects.contains(&Effect::Apply));
}

#[test]
fn a_blocker_stops_n_at_its_finding_and_its_fix_makes_a_new_plan() {
    let mut drive = Drive::ready();
    drive.plan = fixture::blocked();
    drive.keys("Enter Enter n n");
    assert_eq!(drive.model.nav.section, Section::Preflight);
    drive.keys("7 a");
    assert!(drive.line(120, 40, 1).contains("a is off: 1 blocker, NET-003"), "{}", drive.line(120, 40, 1));
    let plans = drive.effects.iter().filter(|effect| **effect == Effect::Plan).count();
    drive.keys("6 f Enter");
    assert_eq!(drive.model.value("GPU_DESIRED_SIZE"), "0");
    assert_eq!(drive.effects.iter().filter(|effect| **effect == Effect::Plan).count(), plans + 1);
    drive.keys("u");
    assert_eq!(drive.model.value("GPU_DESIRED_SIZE"), "2");
}

#[test]
fn leaving_while_a_run_goes_on_asks_and_stays_by_default() {
    let mut drive = Drive::ready();
    drive.model.run.alive = true;
    drive.model.run.view = fixture::running();
    drive.keys("8 q Enter");
    assert!(!drive.effects.iter().any(|effect| matches!(effect, Effect::Quit(_) | Effect::Control(_))));
    drive.keys("q Down Enter");
    assert!(drive.effects.contains(&Effect::Control(Control::Pause)));
    assert!(!drive.effects.iter().any(|effect| matches!(effect, Effect::Quit(_))), "it leaves when the run has paused");
    let end = crate::tui::update::update(&mut drive.model, crate::tui::msg::Msg::Applied(Ok(())));
    assert_eq!(end, vec![Effect::Quit(Ended::LeftRunning)]);
}

#[test]
fn q_leaves_at_once_when_nothing_is_lost() {
    let mut drive = Drive::ready();
    drive.keys("q");
    assert_eq!(drive.effects.last(), Some(&Effect::Quit(Ended::Left)));
}

#[test]
fn unsaved_edits_are_asked_about() {
    let mut drive = Drive::ready();
    drive.keys("Enter Enter 3 Down Down Down Right q");
    assert!(drive.model.config.unsaved > 0);
    assert!(!drive.effects.iter().any(|effect| matches!(effect, Effect::Quit(_))));
    drive.keys("Down Enter");
    assert_eq!(drive.effects.last(), Some(&Effect::Quit(Ended::Left)));
    assert!(drive.effects.contains(&Effect::Save));
}

#[test]
fn a_failed_run_is_explained_and_resumed_only_when_asked() {
    let mut drive = Drive::ready();
    drive.keys("Enter Enter 8");
    drive.model.run.view = fixture::failed();
    let screen = drive.screen(120, 40);
    assert!(screen.contains("EXPLAIN") && screen.contains("Instances failed to join"), "{screen}");
    drive.keys("r Enter");
    assert!(!drive.effects.iter().any(|effect| matches!(effect, Effect::Resume(_))));
    drive.keys("r Down Enter");
    assert!(drive.effects.iter().any(|effect| matches!(effect, Effect::Resume(_))));
}
