//! The difference between two env files, line by line, for eyes: what looks like a secret is withheld on both sides.
//!
//! The algorithm is the textbook longest common subsequence. A configuration has a few hundred lines, so that a
//! dependency for it would be more to read than these forty lines; a middle part that is too large for the quadratic
//! table counts as replaced.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::file::{EnvFile, Line};
use super::secret::{self, WITHHELD};
use super::{registry, template};

/// Unchanged lines shown before and after a change.
const CONTEXT: usize = 1;
/// Cells of the table; beyond it the part between common head and tail counts as replaced.
const MOST_CELLS: usize = 4_000_000;

/// What happened to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It stands in both.
    Kept,
    /// It stands in the old text only.
    Removed,
    /// It stands in the new text only.
    Added,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffLine {
    /// What happened to it.
    pub change: Change,
    /// Its number, from 1, in the text it stands in; the new one for a kept line.
    pub line: u32,
    /// The text without its ending; a secret is withheld, control characters are made visible.
    pub text: String,
}

/// The changed lines of a file, each with an unchanged line around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The file.
    pub file: PathBuf,
    /// Lines in order.
    pub lines: Vec<DiffLine>,
}

impl Difference {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        for line in &self.lines {
            let mark = match line.change {
                Change::Kept => ' ',
                Change::Removed => '-',
                Change::Added => '+',
            };
            write!(f, "\n{mark} {:>4}  {}", line.line, line.text)?;
        }
        Ok(())
    }
}

/// What changes from `old` to `new`.
pub fn between(old: &EnvFile, new: &EnvFile) -> Difference {
    let raw = |file: &EnvFile| -> Vec<String> { file.lines.iter().map(|line| line.raw.clone()).collect() };
    let (was, is) = (raw(old), raw(new));
    let edits = edits(&was, &is);
    let near = |at: usize| {
        let from = at.saturating_sub(CONTEXT);
        edits.iter().take(at + CONTEXT + 1).skip(from).any(|edit| edit.0 != Change::Kept)
    };
    let (old_numbers, new_numbers) = (numbers(old), numbers(new));
    let shown = edits.iter().enumerate().filter(|(at, _)| near(*at)).map(|(_, (change, at))| {
        let (file, numbers) = if *change == Change::Removed { (old, &old_numbers) } else { (new, &new_numbers) };
        DiffLine { change: *change, line: numbers[*at], text: shown(&file.lines[*at]) }
    });
    Difference { file: new.path.clone(), lines: shown.collect() }
}

/// Number of the first physical line of each logical line.
fn numbers(file: &EnvFile) -> Vec<u32> {
    let mut next = 1;
    let number = |line: &Line| {
        let this = next;
        next += u32::try_from(line.raw.matches('\n').count()).unwrap_or(u32::MAX);
        this
    };
    file.lines.iter().map(number).collect()
}

/// A line for eyes.
fn shown(line: &Line) -> String {
    let bare = line.raw.trim_end();
    let (left, right) = bare.split_once('=').unwrap_or((bare, ""));
    let name = left.trim().trim_start_matches("export ").trim();
    let name = if template::is_name(name) { name } else { "" };
    let secret = line.sets.as_ref().is_some_and(|(_, text)| text == WITHHELD)
        || secret::in_text(bare)
        || (!name.is_empty() && secret::in_assignment(name, right, registry::find(name).is_some()));
    if secret && name.is_empty() {
        return WITHHELD.to_owned();
    }
    let text = if secret { format!("{name}={WITHHELD}") } else { bare.to_owned() };
    text.chars().flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] }).collect()
}

/// The shortest way from `old` to `new`: kept and added lines by their place in `new`, removed ones in `old`.
fn edits(old: &[String], new: &[String]) -> Vec<(Change, usize)> {
    let head = old.iter().zip(new).take_while(|(was, is)| was == is).count();
    let rest = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(was, is)| was == is).count();
    let mut found: Vec<(Change, usize)> = (0..head).map(|at| (Change::Kept, at)).collect();
    middle(&old[head..old.len() - tail], &new[head..new.len() - tail], head, &mut found);
    found.extend((new.len() - tail..new.len()).map(|at| (Change::Kept, at)));
    found
}

fn middle(old: &[String], new: &[String], offset: usize, found: &mut Vec<(Change, usize)>) {
    let width = new.len() + 1;
    // Cell (i, j): lines that old[i..] and new[j..] have in common, in order.
    let mut common = vec![0_u32; if old.len() * new.len() <= MOST_CELLS { (old.len() + 1) * width } else { 0 }];
    if !common.is_empty() {
        for i in (0..old.len()).rev() {
            for j in (0..new.len()).rev() {
                common[i * width + j] = if old[i] == new[j] {
                    common[(i + 1) * width + j + 1] + 1
                } else {
                    common[(i + 1) * width + j].max(common[i * width + j + 1])
                };
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        let both = i < old.len() && j < new.len();
        let of = |i: usize, j: usize| common.get(i * width + j).copied().unwrap_or_default();
        if both && !common.is_empty() && old[i] == new[j] {
            found.push((Change::Kept, offset + j));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || of(i + 1, j) >= of(i, j + 1)) {
            found.push((Change::Removed, offset + i));
            i += 1;
        } else {
            found.push((Change::Added, offset + j));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn file(text: &str) -> EnvFile {
        EnvFile::parse(Path::new(".env"), text).0
    }

    #[test]
    fn a_change_is_shown_with_its_neighbours() {
        let old = file("A=1\nB=2\nC=3\nD=4\nE=5\n");
        let new = file("A=1\nB=2\nC=9\nD=4\nE=5\nF=6\n");
        let want = ".env\n     2  B=2\n-    3  C=3\n+    3  C=9\n     4  D=4\n     5  E=5\n+    6  F=6";
        assert_eq!(between(&old, &new).to_string(), want);
        assert!(between(&old, &old).is_empty());
    }

    #[test]
    fn secrets_are_withheld_on_both_sides_and_still_counted() {
        let old = file("DB_PASSWORD=hunter2\n# AKIAIOSFODNN7EXAMPLE\nAPI_TOKEN=a b\n");
        let new = file("DB_PASSWORD=hunter3\n# AKIAIOSFODNN7EXAMPL2\nAPI_TOKEN=a c\n");
        let shown = between(&old, &new).to_string();
        assert!(["hunter", "AKIA", "a b", "a c"].iter().all(|text| !shown.contains(text)), "{shown}");
        assert_eq!(between(&old, &new).lines.len(), 6, "{shown}");
    }

    #[test]
    fn control_characters_and_long_values_stay_on_their_line() {
        let shown = between(&file(""), &file("A=\"x\ny\u{1b}[2J\"\nB=1\n")).to_string();
        assert_eq!(shown.lines().count(), 3, "{shown}");
        assert!(!shown.contains('\u{1b}') && shown.ends_with("+    3  B=1"), "{shown}");
    }

    #[test]
    fn a_table_that_would_be_too_large_counts_as_replaced() {
        let lines = |start: usize| -> Vec<String> { (start..start + 2_100).map(|n| n.to_string()).collect() };
        let found = edits(&lines(0), &lines(1_000));
        assert_eq!(found.iter().filter(|(change, _)| *change == Change::Kept).count(), 0);
        assert_eq!(found.len(), 4_200);
    }

    proptest! {
        #[test]
        fn kept_and_added_lines_are_the_new_text(old in "[AB=\n]{0,40}", new in "[AB=\n]{0,40}") {
            let split = |text: &str| -> Vec<String> { text.split_inclusive('\n').map(str::to_owned).collect() };
            let (old, new) = (split(&old), split(&new));
            let found = edits(&old, &new);
            let places = |of: fn(Change) -> bool| -> Vec<usize> {
                found.iter().filter(|(change, _)| of(*change)).map(|(_, at)| *at).collect()
            };
            prop_assert_eq!(places(|change| change != Change::Removed), (0..new.len()).collect::<Vec<_>>());
            let removed = places(|change| change == Change::Removed);
            let kept: Vec<&String> = (0..old.len()).filter(|at| !removed.contains(at)).map(|at| &old[at]).collect();
            let common: Vec<&String> =
                found.iter().filter(|(change, _)| *change == Change::Kept).map(|(_, at)| &new[*at]).collect();
            prop_assert_eq!(kept, common);
        }
    }
}
