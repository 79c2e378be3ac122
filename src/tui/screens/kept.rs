//! What is said about the env file besides its values: changes in meaning, kept edits, another writer.

use crate::tui::model::Model;
use crate::tui::widgets::text::{Line, Role, pad, plural, wrap};

use super::modal::Ask;

/// Columns of text that fit the narrow box.
const WIDE: usize = 66;
/// Lines of a difference or of kept edits that a question shows.
const MOST: usize = 10;

/// The list of what changed in meaning since the original project.
pub fn changes(model: &Model) -> Vec<Line> {
    let mut lines = prose(
        "This .env is one of the original project. It loads unchanged. What follows means something \
                           else now; eks-wizard config check shows it again.",
    );
    for change in &model.session.found.changes {
        let value = if change.value.is_empty() { "not set".to_owned() } else { change.value.clone() };
        lines.push(Line::new());
        lines.push(Line::of(Role::Bold, format!("  {}", change.variable)).put(Role::Muted, format!("  {value}")));
        for (word, text) in [("was", change.was), ("is", change.is), ("why", change.why)] {
            let first = std::iter::once(word).chain(std::iter::repeat(""));
            let rows = wrap(text, WIDE - 8).into_iter().zip(first);
            lines.extend(rows.map(|(text, word)| Line::of(Role::Muted, format!("    {}", pad(word, 4))).plain(text)));
        }
    }
    lines
}

/// The question about edits of an earlier session.
pub fn draft(model: &Model) -> Ask {
    let mut lines = Vec::new();
    let mut count = 0;
    if let Some(kept) = &model.session.found.draft {
        count = kept.values.len();
        let edits = plural(count, "edit");
        lines.extend(prose(&format!(
            "{edits}, kept at {}, not saved to {}:",
            kept.at.rfc3339_seconds(),
            model.session.env_file
        )));
        lines.push(Line::new());
        let shown = kept.values.iter().map(|(name, text)| Line::new().plain(format!("  {name}={text}")));
        lines.extend(cut(shown.collect(), MOST));
    }
    let rows = vec![
        ("not now", "asked again at the next start, unless you edit".to_owned()),
        ("take", format!("{} over the file; nothing is written yet", plural(count, "edit"))),
        ("drop", "they are gone for good".to_owned()),
    ];
    Ask { title: "Unsaved edits", lines, rows }
}

/// The question about a file that somebody else changed.
pub fn meanwhile(model: &Model) -> Ask {
    let shown = model.front.meanwhile.iter().map(|text| {
        let role = match text.chars().next() {
            Some('-') => Role::Error,
            Some('+') => Role::Done,
            _ => Role::Plain,
        };
        Line::of(role, format!("  {text}"))
    });
    let lines = cut(shown.collect(), MOST + 2);
    let edits = plural(model.config.unsaved, "edit");
    let rows = vec![
        ("not now", "nothing is written".to_owned()),
        ("save over it", format!("{edits} go into the file as it is now")),
        ("take the file", format!("{edits} are dropped")),
    ];
    Ask { title: "Changed meanwhile", lines, rows }
}

fn prose(text: &str) -> Vec<Line> {
    wrap(text, WIDE).into_iter().map(|text| Line::new().plain(format!("  {text}"))).collect()
}

fn cut(mut lines: Vec<Line>, most: usize) -> Vec<Line> {
    let more = lines.len().saturating_sub(most);
    if more > 0 {
        lines.truncate(most);
        lines.push(Line::of(Role::Muted, format!("  {}", plural(more, "more line"))));
    }
    lines
}
