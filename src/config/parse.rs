//! One logical line through dotenvy, and a fault of it in words.

use std::path::Path;

use super::issue::{Issue, Place};
use super::logical::{self, Logical};
use super::template;

/// What a logical line means.
pub(super) enum Parsed {
    /// A blank line or a comment.
    Nothing,
    /// An assignment.
    Assignment {
        /// The variable.
        name: String,
        /// The template on its right side.
        text: String,
    },
    /// It cannot be read.
    Fault(Fault),
}

/// Why a line cannot be read. Never holds text of the line, which may be a secret.
pub(super) struct Fault {
    line: u32,
    column: u32,
    name: Option<String>,
    why: &'static str,
}

impl Fault {
    pub(super) fn issue(self, path: &Path) -> Issue {
        let Self { line, column, name, why } = self;
        let subject = name.as_ref().map_or(String::new(), |name| format!("{name}: "));
        let message = format!("{}, line {line}, column {column}: {subject}{why} The line is not read.", path.display());
        let place = Place { file: path.to_owned(), line, column: Some(column) };
        Issue { variable: name, ..Issue::error("CFG-007", message).at(Some(place)) }
    }
}

/// Reads one logical line. dotenvy decides on names, quotes and escapes; references are only marked, because dotenvy
/// would look them up in the environment of this process first.
pub(super) fn line(logical: &Logical<'_>) -> Parsed {
    let raw = logical.raw.trim_end_matches('\n');
    if let Some(column) = logical.unclosed {
        return fault(logical, column, "the quote that opens here is never closed.");
    }
    let Some(mark) = ('\u{e000}'..='\u{f8ff}').find(|mark| !raw.contains(*mark)) else {
        return fault(logical, 1, "the line holds too many private characters.");
    };
    let bare = logical::comment_at(raw).map_or(raw, |at| &raw[..at]);
    let marked = logical::mark_references(bare, mark) + "\n";
    match dotenvy::from_read_iter(marked.as_bytes()).next() {
        None => Parsed::Nothing,
        Some(Ok((name, value))) => {
            if let Some(text) = references(&value, mark) {
                return Parsed::Assignment { name, text };
            }
            let at = marked.find(&format!("{mark}{{")).unwrap_or_default();
            fault(logical, column_of(&marked, at), "the reference that opens here is not ${NAME}.")
        }
        Some(Err(dotenvy::Error::LineParse(text, index))) => {
            let (at, why) = explain(&marked, &text, index);
            fault(logical, column_of(&marked, at), why)
        }
        Some(Err(_)) => fault(logical, 1, "the line cannot be read."),
    }
}

/// Byte of the fault in the line, and the rule that it breaks. dotenvy reports either the whole line and a byte, or the
/// value, which is the end of the line, and a character.
fn explain(marked: &str, reported: &str, index: usize) -> (usize, &'static str) {
    let trimmed = marked.trim_end();
    let Some(start) = trimmed.strip_suffix(reported.trim_end()).map(str::len).filter(|start| *start > 0) else {
        return (index.min(trimmed.len()), "a line is NAME=value, and a name holds letters, digits and underscores.");
    };
    let value = &trimmed[start..];
    let at = value.char_indices().nth(index).map_or(value.len(), |(at, _)| at);
    let escape = value[..at].ends_with('\\');
    let why = if escape {
        "after a backslash comes \\, \", ', $, a blank or n."
    } else {
        "a value with blanks or quotes inside it stands in double quotes."
    };
    (start + at, why)
}

fn column_of(text: &str, byte: usize) -> u32 {
    let before = text.get(..byte).unwrap_or(text);
    u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX)
}

fn fault(logical: &Logical<'_>, column: u32, why: &'static str) -> Parsed {
    let left = logical.raw.split_once('=').map_or("", |(left, _)| left).trim();
    let name = left.strip_prefix("export ").unwrap_or(left).trim();
    let name = template::is_name(name).then(|| name.to_owned());
    Parsed::Fault(Fault { line: logical.number, column, name, why })
}

/// Turns dotenvy's value into a template: marks become references, dollars become `$$`. `None` for a broken `${`.
fn references(value: &str, mark: char) -> Option<String> {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find(['$', mark]) {
        out.push_str(&rest[..at]);
        let live = rest[at..].starts_with(mark);
        rest = &rest[at + if live { mark.len_utf8() } else { 1 }..];
        if !live {
            out.push_str("$$");
        } else if let Some(inner) = rest.strip_prefix('{') {
            inner.split_once('}').filter(|(name, _)| template::is_name(name))?;
            out.push('$');
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            out.push('$');
        } else {
            out.push_str("$$");
        }
    }
    out.push_str(rest);
    Some(out)
}
