//! Kept drafts, changes in meaning, another writer, suggestions and defaults.

use std::collections::BTreeMap;

use super::drive::Drive;
use crate::config::{Layer, MeaningChange};
use crate::domain::problem::{Problem, ProblemKind};
use crate::ops::drafts::Kept;
use crate::tui::effects::{Effect, Ended, Wake};
use crate::tui::fixture;
use crate::tui::model::{Model, Overlay, Question};
use crate::tui::msg::{Key, Msg};
use crate::tui::section::Section;
use crate::tui::update::{start, update};
use crate::tui::widgets::rows::Target;

fn on(variable: &'static str) -> Model {
    let mut model = fixture::full();
    model.run.view = std::sync::Arc::default();
    model.nav.section = Section::Gpu;
    model.nav.cursors[Section::Gpu.index()] = Some(Target::Field(variable));
    model
}

fn press(model: &mut Model, key: char) -> Vec<Effect> {
    update(model, Msg::Key(Key::Char(key)))
}

fn with_kept() -> Model {
    let mut model = fixture::at_start();
    let values = BTreeMap::from([
        ("GPU_MAX_SIZE".to_owned(), "4".to_owned()),
        ("GPU_SUBNET".to_owned(), "${PRIVATE_SUBNET_A}".to_owned()),
    ]);
    model.session.found.draft = Some(Kept { env_file: "/work/.env".into(), at: fixture::night(), values });
    model
}

fn change() -> MeaningChange {
    MeaningChange {
        variable: "NCCL_VERSION",
        value: "2.22.3".into(),
        was: "on the host",
        is: "in the image",
        why: "so",
    }
}

#[test]
fn an_edit_is_kept_within_two_seconds_and_once() {
    let mut model = on("GPU_MAX_SIZE");
    let first = update(&mut model, Msg::Key(Key::Right));
    assert!(first.iter().any(|effect| matches!(effect, Effect::Wake(_, Wake::Draft))), "{first:?}");
    let second = update(&mut model, Msg::Key(Key::Right));
    assert!(!second.iter().any(|effect| matches!(effect, Effect::Wake(_, Wake::Draft))), "{second:?}");
    assert_eq!(update(&mut model, Msg::Woke(Wake::Draft)), [Effect::Keep]);
    let third = update(&mut model, Msg::Key(Key::Right));
    assert!(third.iter().any(|effect| matches!(effect, Effect::Wake(_, Wake::Draft))));
}

#[test]
fn leaving_without_saving_keeps_the_edits_and_a_signal_does_too() {
    let mut model = on("GPU_MAX_SIZE");
    update(&mut model, Msg::Key(Key::Right));
    press(&mut model, 'q');
    update(&mut model, Msg::Key(Key::Down));
    update(&mut model, Msg::Key(Key::Down));
    assert_eq!(update(&mut model, Msg::Key(Key::Enter)), [Effect::Keep, Effect::Quit(Ended::Left)]);
    assert!(update(&mut model, Msg::Signal).contains(&Effect::Keep));
}

#[test]
fn kept_edits_are_offered_and_taken_as_one_edit() {
    let mut drive = Drive::new(with_kept());
    drive.settle();
    for (columns, rows) in [(80, 24), (120, 40)] {
        let screen = drive.screen(columns, rows);
        assert!(screen.contains("Unsaved edits") && screen.contains("GPU_MAX_SIZE=4"), "{screen}");
    }
    drive.keys("Down Enter");
    assert_eq!(drive.model.value("GPU_MAX_SIZE"), "4");
    assert_eq!(drive.model.value("GPU_SUBNET"), drive.model.value("PRIVATE_SUBNET_A"));
    assert_eq!(drive.model.config.draft.provenance("GPU_SUBNET"), Layer::Wizard);
    drive.keys("Enter u");
    assert_eq!(drive.model.value("GPU_MAX_SIZE"), "10");
    assert_eq!(drive.model.config.unsaved, 0);
}

#[test]
fn kept_edits_can_be_dropped_or_left_for_later() {
    let mut model = with_kept();
    start(&mut model);
    update(&mut model, Msg::Key(Key::Esc));
    assert!(model.session.found.draft.is_some() && model.config.unsaved == 0);
    let mut model = with_kept();
    start(&mut model);
    update(&mut model, Msg::Key(Key::Down));
    update(&mut model, Msg::Key(Key::Down));
    assert!(update(&mut model, Msg::Key(Key::Enter)).contains(&Effect::Keep));
    assert_eq!((model.config.unsaved, model.session.found.draft), (0, None));
}

#[test]
fn not_now_leaves_the_kept_edits_where_they_are() {
    let mut model = with_kept();
    start(&mut model);
    assert_eq!(update(&mut model, Msg::Key(Key::Enter)), []);
    assert!(model.session.found.draft.is_some());
    assert!(!update(&mut model, Msg::Signal).contains(&Effect::Keep), "they are not replaced by nothing");
}

#[test]
fn changes_in_meaning_come_first_and_once() {
    let mut model = with_kept();
    model.session.found.changes = vec![change()];
    let mut drive = Drive::new(model);
    assert!(drive.effects.contains(&Effect::Told));
    let screen = drive.screen(80, 24);
    assert!(screen.contains("What changed in meaning") && screen.contains("NCCL_VERSION"), "{screen}");
    drive.key(Key::Esc);
    assert!(matches!(drive.model.front.overlay, Some(Overlay::Ask(Question::Draft, 0))));
}

fn refused(model: &mut Model) -> Vec<Effect> {
    let difference = "Somebody else changed the file since it was read:\n.env\n-    1  A=1\n+    1  A=2";
    let problem = Problem::new(ProblemKind::Conflict, ".env is not written.").because(difference);
    update(model, Msg::Saved(Err(problem)))
}

#[test]
fn another_writer_is_shown_and_nothing_is_written_unasked() {
    let mut drive = Drive::ready();
    drive.keys("Enter");
    refused(&mut drive.model);
    let screen = drive.screen(80, 24);
    assert!(screen.contains("+    1  A=2") && screen.contains("save over it"), "{screen}");
    drive.effects.clear();
    drive.keys("Enter");
    assert!(drive.model.front.overlay.is_none() && drive.effects.is_empty(), "{:?}", drive.effects);
    refused(&mut drive.model);
    drive.keys("Down Enter");
    assert!(drive.effects.contains(&Effect::Reread { keep: true }) && drive.effects.contains(&Effect::Save));
    refused(&mut drive.model);
    drive.effects.clear();
    drive.keys("Down Down Enter");
    assert!(drive.effects.contains(&Effect::Reread { keep: false }) && !drive.effects.contains(&Effect::Save));
}

#[test]
fn f_takes_the_suggestion_and_d_the_default() {
    let mut model = on("GPU_MAX_SIZE");
    crate::tui::form::set(&mut model.config.draft, "GPU_MAX_SIZE", "many");
    model.config.issues = crate::tui::form::issues(&model.config.draft);
    press(&mut model, 'f');
    assert_eq!(model.value("GPU_MAX_SIZE"), "10");
    press(&mut model, 'f');
    assert!(model.front.notice.as_ref().unwrap().text.contains("nothing is suggested"));
    press(&mut model, 'd');
    assert_eq!(model.config.draft.provenance("GPU_MAX_SIZE"), Layer::Default);
    model.nav.cursors[Section::Gpu.index()] = Some(Target::Field("GPU_DESIRED_SIZE"));
    press(&mut model, 'd');
    assert_eq!(model.value("GPU_DESIRED_SIZE"), "0");
    press(&mut model, 'u');
    assert_eq!(model.value("GPU_DESIRED_SIZE"), "2");
}

#[test]
fn an_error_moves_no_row() {
    let mut model = on("GPU_MAX_SIZE");
    let rows = |model: &Model| -> Vec<String> {
        let screen = crate::tui::frame::render_to_string(model, 120, 40);
        screen.lines().map(|line| line.split('│').nth(1).unwrap_or_default().to_owned()).collect()
    };
    let at = |rows: &[String], label: &str| rows.iter().skip(3).position(|row| row.contains(label));
    let before = rows(&model);
    let places: Vec<_> = ["Minimum", "Maximum", "Root volume"].map(|label| at(&before, label)).into();
    assert!(places.iter().all(Option::is_some), "{before:?}");
    update(&mut model, Msg::Key(Key::Enter));
    update(&mut model, Msg::Paste("99999".into()));
    let screen = crate::tui::frame::render_to_string(&model, 120, 40);
    assert!(screen.contains("Tab takes 1000"), "{screen}");
    let typing = rows(&model);
    update(&mut model, Msg::Key(Key::Enter));
    let kept = rows(&model);
    for now in [typing, kept] {
        let moved: Vec<_> = ["Minimum", "Maximum", "Root volume"].map(|label| at(&now, label)).into();
        assert_eq!(moved, places, "{now:?}");
    }
}

#[test]
fn words_are_jumped_over_while_typing() {
    let mut model = on("GPU_NODE_GROUP_NAME");
    update(&mut model, Msg::Key(Key::Enter));
    update(&mut model, Msg::Key(Key::WordLeft));
    update(&mut model, Msg::Key(Key::Char('x')));
    let edit = model.front.edit.as_ref().unwrap();
    assert_eq!(edit.input.value(), "gpu-xcompute");
}
