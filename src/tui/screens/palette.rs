//! Every action by name, from the key table, and a jump to every section.

use crate::tui::keymap::{self, Act};
use crate::tui::model::Model;
use crate::tui::section::Section;

/// One action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Name.
    pub name: String,
    /// Its keys.
    pub keys: String,
    /// What Enter does.
    pub act: Act,
}

/// The actions that hold every word of the filter.
pub fn actions(model: &Model, filter: &str) -> Vec<Action> {
    let words: Vec<String> = filter.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let sections = Section::ALL.into_iter().map(|section| Action {
        name: format!("go to {}", section.name()),
        keys: section.digit().to_string(),
        act: Act::Go(section),
    });
    let keys = keymap::of(model.nav.section)
        .filter(|binding| !matches!(binding.act, Act::Move(_) | Act::Page(_) | Act::Palette | Act::Go(_) | Act::Right))
        .map(|binding| Action { name: binding.says.to_owned(), keys: binding.keys.to_owned(), act: binding.act });
    let matches = |action: &Action| {
        let name = action.name.to_lowercase();
        words.iter().all(|word| name.contains(word.as_str()))
    };
    keys.chain(sections).filter(matches).collect()
}
