//! Help over a section, made from the key table.

use crate::tui::keymap::{self, Where};
use crate::tui::model::Model;
use crate::tui::widgets::text::{Line, Role, pad};

/// The lines of help for the section that is shown.
pub fn lines(model: &Model) -> Vec<Line> {
    let section = model.nav.section;
    let row =
        |binding: &keymap::Binding| Line::new().to(2).put(Role::Accent, pad(binding.keys, 10)).plain(binding.says);
    let mut lines = vec![
        Line::new().to(2).put(Role::Muted, format!("HERE: {} {}", section.digit(), section.name().to_uppercase())),
    ];
    lines.extend(keymap::of(section).filter(|binding| binding.place != Where::Everywhere).map(row));
    lines.push(Line::new());
    lines.push(Line::of(Role::Muted, "EVERYWHERE"));
    lines.extend(keymap::of(section).filter(|binding| binding.place == Where::Everywhere).map(row));
    lines.push(Line::new());
    lines.push(Line::of(Role::Muted, "MARKS"));
    for text in [
        "✓ proven or read now   ● set or by plan   ○ needs you   … running",
        "! warning   ✗ failed   ? cannot tell   · not yet   – no   ↻ out of date",
        "[x] [ ] Space changes it   ‹ one › ← → change it   (•) ( ) Enter chooses it",
    ] {
        lines.push(Line::new().to(2).plain(text));
    }
    lines
}
