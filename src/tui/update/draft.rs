//! Edits of the draft: each recomputes validation and puts the plan out of date.

use std::collections::BTreeMap;

use tui_input::{Input, InputRequest};

use super::{discover, keep, say, want_plan};
use crate::config::Layer;
use crate::config::field::Kind;
use crate::tui::effects::{Effect, Stage};
use crate::tui::form;
use crate::tui::model::{Edit, Model};
use crate::tui::msg::Key;
use crate::tui::section::Section;
use crate::tui::widgets::text::Mark;

/// Edits kept for undo.
const UNDO: usize = 100;

/// Sets a variable; nothing happens when it has the value already.
pub fn set(model: &mut Model, variable: &str, text: &str) -> Vec<Effect> {
    let before = model.value(variable);
    if before == text {
        return Vec::new();
    }
    if model.applying() {
        return say(model, Mark::No, "the draft rests while a run goes on.");
    }
    remember(model);
    form::set(&mut model.config.draft, variable, text);
    model.config.unsaved += 1;
    let from = if before.is_empty() { "unset".to_owned() } else { before };
    changed(model, &format!("{variable} went from {from} to {text} after this plan."), variable)
}

fn remember(model: &mut Model) {
    if model.config.undo.len() == UNDO {
        model.config.undo.remove(0);
    }
    model.config.undo.push(model.config.draft.clone());
}

/// Takes edits of an earlier session, as one edit to undo.
pub fn take(model: &mut Model, values: &BTreeMap<String, String>) -> Vec<Effect> {
    remember(model);
    for (name, text) in values {
        form::set(&mut model.config.draft, name, text);
    }
    model.config.unsaved += 1;
    changed(model, "Edits of an earlier session were taken.", "CLUSTER_NAME")
}

/// Brings the default of a variable back: nothing of it stays when only the wizard set it, else the default is set over
/// what file, environment or flag say.
pub fn reset(model: &mut Model, variable: &'static str) -> Vec<Effect> {
    let Some(def) = form::find(variable) else { return Vec::new() };
    if model.config.draft.provenance(variable) == Layer::Default {
        return say(model, Mark::No, format!("{variable} has its default."));
    }
    if model.applying() {
        return say(model, Mark::No, "the draft rests while a run goes on.");
    }
    remember(model);
    model.config.draft.unset(variable, &Layer::Wizard);
    if model.config.draft.provenance(variable) != Layer::Default {
        form::set(&mut model.config.draft, variable, &def.default.written());
    }
    model.config.unsaved += 1;
    let mut effects = changed(model, &format!("{variable} got its default after this plan."), variable);
    let now = model.value(variable);
    let says = if now.is_empty() { "unset".to_owned() } else { now };
    effects.extend(say(model, Mark::Done, format!("{variable} is {says}, its default; u takes it back.")));
    effects
}

/// Sets the value that would mend what is wrong with a variable.
pub fn mend(model: &mut Model, variable: &'static str) -> Vec<Effect> {
    match keep::suggestion(model, variable) {
        Some(value) => {
            let mut effects = set(model, variable, &value);
            effects.extend(say(model, Mark::Done, format!("{variable}={value} is set; u takes it back.")));
            effects
        }
        None => say(model, Mark::No, format!("nothing is suggested for {variable}.")),
    }
}

/// Takes back the last edit.
pub fn undo(model: &mut Model) -> Vec<Effect> {
    let Some(draft) = model.config.undo.pop() else { return say(model, Mark::No, "nothing to undo.") };
    model.config.draft = draft;
    model.config.unsaved = model.config.unsaved.saturating_sub(1);
    let mut effects = changed(model, "An edit was undone after this plan.", "CLUSTER_NAME");
    effects.extend(say(model, Mark::Done, "the last edit is undone."));
    effects
}

/// What follows an edit of `variable`: validation, a plan that is out of date, facts that are.
pub fn changed(model: &mut Model, because: &str, variable: &str) -> Vec<Effect> {
    model.config.rev += 1;
    model.config.issues = form::issues(&model.config.draft);
    model.world.plan.outdate(because);
    model.what_if.tried = None;
    let mut effects = keep::edited(model);
    // What is asked of AWS hangs on these: without them known again, checks and maps would show the old type or cluster.
    if matches!(variable, "CLUSTER_NAME" | "AWS_REGION" | "GPU_INSTANCE_TYPE" | "INSTALL_GPU_NODEGROUP")
        && !model.nav.welcome
    {
        model.world.facts.outdate(because);
        let stage = if variable == "AWS_REGION" || model.value("CLUSTER_NAME").is_empty() {
            Stage::Connect
        } else {
            Stage::Everything
        };
        effects.extend(discover(model, stage));
    }
    if matches!(model.nav.section, Section::Preflight | Section::Review) {
        effects.extend(want_plan(model, false));
    }
    effects
}

/// Opens a text field.
pub fn open(model: &mut Model, variable: &'static str) -> Vec<Effect> {
    let input = Input::new(model.value(variable));
    let error = form::check(variable, input.value());
    model.front.edit = Some(Edit { variable, input, error: error.filter(|_| !model.value(variable).is_empty()) });
    Vec::new()
}

/// Whether Enter on a variable opens a text field.
pub fn is_typed(variable: &str) -> bool {
    form::find(variable).is_some_and(|def| !matches!(def.kind, Kind::Flag | Kind::Choice(_)))
}

/// A key while a field is edited.
pub fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(edit) = model.front.edit.as_mut() else { return Vec::new() };
    match key {
        Key::Esc => {
            model.front.edit = None;
            return Vec::new();
        }
        Key::Enter | Key::Up | Key::Down => {
            let (variable, text) = (edit.variable, edit.input.value().trim().to_owned());
            model.front.edit = None;
            return set(model, variable, &text);
        }
        Key::Tab => {
            if let Some((_, Some(better))) = edit.error.clone() {
                edit.input = Input::new(better);
            }
        }
        _ => {
            if let Some(request) = request(key) {
                edit.input.handle(request);
            }
        }
    }
    edit.error = form::check(edit.variable, edit.input.value().trim());
    Vec::new()
}

/// The edit of a text field that a key asks for.
pub fn request(key: Key) -> Option<InputRequest> {
    Some(match key {
        Key::Char(letter) => InputRequest::InsertChar(letter),
        Key::Left => InputRequest::GoToPrevChar,
        Key::Right => InputRequest::GoToNextChar,
        Key::Home | Key::Ctrl('a') => InputRequest::GoToStart,
        Key::End | Key::Ctrl('e') => InputRequest::GoToEnd,
        Key::Backspace | Key::Ctrl('h') => InputRequest::DeletePrevChar,
        Key::Delete | Key::Ctrl('d') => InputRequest::DeleteNextChar,
        Key::Ctrl('u') => InputRequest::DeleteLine,
        Key::WordLeft => InputRequest::GoToPrevWord,
        Key::WordRight => InputRequest::GoToNextWord,
        Key::Ctrl('w') => InputRequest::DeletePrevWord,
        Key::Ctrl('k') => InputRequest::DeleteTillEnd,
        _ => return None,
    })
}
