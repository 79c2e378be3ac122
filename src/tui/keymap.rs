//! Keys and what they do: the one table. Footer, help and palette are made from it.

use super::msg::Key;
use super::section::Section;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Rows up (negative) or down.
    Move(i8),
    /// Half a page up (negative) or down.
    Page(i8),
    /// First row.
    Top,
    /// Last row.
    Bottom,
    /// Change, close.
    Left,
    /// Change, open.
    Right,
    /// Choose, edit, open, do it.
    Enter,
    /// Switch, try.
    Space,
    /// Next pane.
    NextPane,
    /// Previous pane.
    PreviousPane,
    /// Up one level.
    Up,
    /// A section.
    Go(Section),
    /// The next thing that needs you.
    Next,
    /// The previous hit of a search.
    Previous,
    /// Find.
    Find,
    /// Palette.
    Palette,
    /// Help.
    Help,
    /// Copy what is focused.
    Copy,
    /// Copy it as a command.
    CopyCommand,
    /// The explanation in place of the body, and back.
    Enlarge,
    /// Read, run or try again.
    Again,
    /// Save the env file.
    Save,
    /// Undo the last edit.
    Undo,
    /// Go to the fixes, or take the suggested value.
    Fixes,
    /// The default again.
    Reset,
    /// Apply or resume.
    Apply,
    /// Explain a failure.
    Explain,
    /// Pause the run, or freeze the watch.
    Pause,
    /// The log.
    Log,
    /// Object or difference.
    View,
    /// Leave.
    Quit,
    /// The last notices.
    Messages,
}

/// Where a binding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// Everywhere.
    Everywhere,
    /// In these sections.
    In(&'static [Section]),
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The keys as they are written.
    pub keys: &'static str,
    /// The act.
    pub act: Act,
    /// In the footer; empty keeps it out.
    pub short: &'static str,
    /// In help and palette.
    pub says: &'static str,
    /// Where it counts.
    pub place: Where,
}

const fn bind(keys: &'static str, act: Act, short: &'static str, says: &'static str, place: Where) -> Binding {
    Binding { keys, act, short, says, place }
}

use Section::{Apply, Components, Connect, Drivers, Gpu, Health, Network, Preflight, Review, Verify};
use Where::{Everywhere, In};

/// Sections that edit the draft.
const EDITING: &[Section] = &[Connect, Components, Gpu, Network, Drivers, Preflight, Review];

/// Sections whose rows are fields.
const TYPING: &[Section] = &[Connect, Components, Gpu, Network, Drivers];

/// The table, in the order of the footer: move, act here, letters of the section, `n`, `s`, `:`, `?`, `q`.
pub const TABLE: [Binding; 31] = [
    bind("↑↓", Act::Move(1), "move", "row up, row down; also j and k", Everywhere),
    bind(
        "Enter",
        Act::Enter,
        "choose",
        "choose, edit, open, take a fix, do it",
        In(&[Connect, Components, Gpu, Network, Drivers]),
    ),
    bind(
        "Enter",
        Act::Enter,
        "open",
        "open or close, go to the field, take a fix",
        In(&[Preflight, Review, Apply, Verify, Health]),
    ),
    bind("Space", Act::Space, "on or off", "switch on or off, choose, try a what-if", In(&[Components, Gpu, Network])),
    bind(
        "←→",
        Act::Right,
        "change",
        "change a value, close or open a group; also h and l",
        In(&[Connect, Components, Gpu, Network, Drivers]),
    ),
    bind("f", Act::Fixes, "fixes", "go to the fixes of the focused finding", In(&[Preflight])),
    bind("a", Act::Apply, "apply", "apply the plan, or resume the run; asks first", In(&[Review, Apply])),
    bind("v", Act::View, "object", "the whole object, or only what changes", In(&[Review])),
    bind("p", Act::Pause, "pause", "pause the run: running steps finish, no step starts", In(&[Apply])),
    bind("p", Act::Pause, "freeze", "stop or go on looking", In(&[Health])),
    bind("e", Act::Explain, "explain", "explain the failure", In(&[Apply])),
    bind("L", Act::Log, "log", "the log of the focused step", In(&[Apply])),
    bind("r", Act::Again, "again", "read, run or try again; asks first where that changes anything", Everywhere),
    bind("n", Act::Next, "next", "the next thing that needs you; the next hit of a search", Everywhere),
    bind("s", Act::Save, "save", "write the env file", In(EDITING)),
    bind("u", Act::Undo, "", "undo the last edit", In(EDITING)),
    bind("f", Act::Fixes, "", "take the value suggested for the focused row", In(TYPING)),
    bind("d", Act::Reset, "", "the default of the focused row again", In(TYPING)),
    bind("Tab", Act::NextPane, "pane", "next pane; Shift-Tab the one before", Everywhere),
    bind("+", Act::Enlarge, "more", "the explanation in place of the body, again: back", Everywhere),
    bind("/", Act::Find, "", "find a row; then n and N", Everywhere),
    bind(":", Act::Palette, "actions", "every action by name", Everywhere),
    bind("?", Act::Help, "help", "the keys of this screen", Everywhere),
    bind("q", Act::Quit, "leave", "leave; asks while applying; also Ctrl-c", Everywhere),
    bind("Esc", Act::Up, "", "up one level; never leaves", Everywhere),
    bind("1–0", Act::Go(Connect), "", "go to a section", Everywhere),
    bind("g G", Act::Top, "", "first row, last row; also Home and End", Everywhere),
    bind("Ctrl-u d", Act::Page(1), "", "half a page; also PgUp and PgDn", Everywhere),
    bind("y", Act::Copy, "", "copy what is focused", Everywhere),
    bind("Y", Act::CopyCommand, "", "copy it as an eks-wizard command or as JSON", Everywhere),
    bind("M", Act::Messages, "", "the last notices", Everywhere),
];

impl Binding {
    /// Whether it counts in a section.
    pub fn counts_in(&self, section: Section) -> bool {
        match self.place {
            Everywhere => true,
            In(sections) => sections.contains(&section),
        }
    }
}

/// The bindings of a section, in the order of the footer.
pub fn of(section: Section) -> impl Iterator<Item = &'static Binding> {
    TABLE.iter().filter(move |binding| binding.counts_in(section))
}

/// The act of a key outside text fields, whether or not it counts in the section.
pub fn act(key: Key) -> Option<Act> {
    Some(match key {
        Key::Up | Key::Char('k') => Act::Move(-1),
        Key::Down | Key::Char('j') => Act::Move(1),
        Key::PageUp | Key::Ctrl('u') => Act::Page(-1),
        Key::PageDown | Key::Ctrl('d') => Act::Page(1),
        Key::Home | Key::Char('g') => Act::Top,
        Key::End | Key::Char('G') => Act::Bottom,
        Key::Left | Key::Char('h') => Act::Left,
        Key::Right | Key::Char('l') => Act::Right,
        Key::Enter => Act::Enter,
        Key::Tab => Act::NextPane,
        Key::BackTab => Act::PreviousPane,
        Key::Esc => Act::Up,
        Key::Ctrl('c') => Act::Quit,
        Key::Char(letter) => return letter_act(letter),
        Key::Ctrl(_) | Key::WordLeft | Key::WordRight | Key::Backspace | Key::Delete => return None,
    })
}

fn letter_act(letter: char) -> Option<Act> {
    Some(match letter {
        ' ' => Act::Space,
        '0'..='9' => Act::Go(Section::of_digit(letter)?),
        'n' => Act::Next,
        'N' => Act::Previous,
        '/' => Act::Find,
        ':' => Act::Palette,
        '?' => Act::Help,
        'y' => Act::Copy,
        'Y' => Act::CopyCommand,
        '+' => Act::Enlarge,
        'r' => Act::Again,
        's' => Act::Save,
        'u' => Act::Undo,
        'f' => Act::Fixes,
        'd' => Act::Reset,
        'a' => Act::Apply,
        'e' => Act::Explain,
        'p' => Act::Pause,
        'L' => Act::Log,
        'v' => Act::View,
        'q' => Act::Quit,
        'M' => Act::Messages,
        _ => return None,
    })
}

/// Whether an act has a meaning in a section.
pub fn counts(act: Act, section: Section) -> bool {
    let same = |binding: &&Binding| std::mem::discriminant(&binding.act) == std::mem::discriminant(&act);
    let mut found = TABLE.iter().filter(same).peekable();
    found.peek().is_none() || found.any(|binding| binding.counts_in(section)) || matches!(act, Act::Enter | Act::Space)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_the_table_leads_to_its_act() {
        for binding in &TABLE {
            let mut chars = binding.keys.chars();
            if let (Some(letter), None) = (chars.next(), chars.next())
                && letter != '+'
                && letter.is_ascii()
            {
                assert_eq!(act(Key::Char(letter)), Some(binding.act), "{letter}");
            }
        }
    }

    #[test]
    fn a_letter_has_one_meaning_in_a_section() {
        for section in Section::ALL {
            let mut keys: Vec<&str> = of(section).map(|binding| binding.keys).collect();
            let all = keys.len();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), all, "{section:?}");
        }
    }

    #[test]
    fn letters_of_other_sections_do_not_count_here() {
        assert!(!counts(Act::Apply, Connect));
        assert!(counts(Act::Apply, Review));
        assert!(counts(Act::Next, Health));
    }
}
