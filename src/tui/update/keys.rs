//! Keys: first to a text field, then to an overlay, then to the section by the key table.

use super::{acts, draft, overlay, say};
use crate::tui::effects::Effect;
use crate::tui::keymap;
use crate::tui::layout::{Size, size};
use crate::tui::model::{Model, Overlay};
use crate::tui::msg::Key;
use crate::tui::widgets::text::Mark;

/// Characters that a paste may bring.
const PASTE: usize = 4096;

/// Takes a key.
pub fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    if model.front.notice.as_ref().is_some_and(|notice| notice.mark == Mark::Failed) {
        model.front.notice = None;
    }
    if key == Key::Ctrl('c') && model.front.overlay.is_none() {
        model.front.edit = None;
        return super::leave(model);
    }
    if model.front.edit.is_some() {
        return draft::key(model, key);
    }
    if model.front.overlay.is_some() {
        return overlay::key(model, key);
    }
    let small = size(model.size.0, model.size.1) == Size::TooSmall;
    match keymap::act(key) {
        // What cannot be seen is not changed: only leaving works in a window that is too small.
        Some(act) if small && act != keymap::Act::Quit => Vec::new(),
        Some(act) if model.nav.welcome || keymap::counts(act, model.nav.section) => acts::act(model, act),
        Some(_) | None => match key {
            Key::Char(letter) => say(model, Mark::No, format!("{letter} means nothing here. ? lists the keys.")),
            _ => Vec::new(),
        },
    }
}

/// Takes pasted text: into a text field only.
pub fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let typing =
        model.front.edit.is_some() || matches!(model.front.overlay, Some(Overlay::Palette(..) | Overlay::Find(_)));
    if !typing {
        return say(model, Mark::No, "pasted text goes into text fields only: Enter opens one.");
    }
    let mut effects = Vec::new();
    for letter in text.chars().filter(|letter| !letter.is_control()).take(PASTE) {
        effects.extend(key(model, Key::Char(letter)));
    }
    effects
}
