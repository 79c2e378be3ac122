//! A `.env` file as text with meaning: dotenvy reads each logical line, everything else stays as the operator wrote it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use super::field::Section;
use super::issue::{Issue, Place};
use super::logical::{self, Logical};
use super::parse::{self, Parsed};
use super::{example, phrase, registry, secret, template};
use crate::domain::problem::{Problem, ProblemKind};

/// One logical line.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The text with its ending, byte for byte.
    pub raw: String,
    /// What it sets: variable and template.
    pub sets: Option<(String, String)>,
}

/// A `.env` file that keeps comments, order, unknown lines and line endings.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvFile {
    pub(super) path: PathBuf,
    pub(super) lines: Vec<Line>,
    /// Whether the file begins with a byte order mark.
    pub(super) marked: bool,
    /// Whether it is not UTF-8, so that it cannot be kept as text.
    pub(super) broken: bool,
    /// The bytes on disk as they were read; `None` when there was no file.
    pub(super) seen: Option<Vec<u8>>,
}

/// One assignment of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment<'a> {
    /// The variable.
    pub name: &'a str,
    /// Its template; `<withheld>` when it looks like a secret.
    pub text: &'a str,
    /// Line, from 1.
    pub line: u32,
}

impl EnvFile {
    /// A file that does not exist yet.
    pub fn empty(path: &Path) -> Self {
        Self { path: path.to_owned(), lines: Vec::new(), marked: false, broken: false, seen: None }
    }

    /// Reads a text. Lines with a fault are kept and reported; the others count.
    pub fn parse(path: &Path, text: &str) -> (Self, Vec<Issue>) {
        let mut file = Self::empty(path);
        let text = text.strip_prefix('\u{feff}').inspect(|_| file.marked = true).unwrap_or(text);
        let mut issues = Vec::new();
        for logical in logical::split(text) {
            let sets = match parse::line(&logical) {
                Parsed::Nothing => None,
                Parsed::Assignment { name, text } => Some((name, text)),
                Parsed::Fault(fault) => {
                    issues.push(fault.issue(path));
                    None
                }
            };
            issues.extend(secret_issue(path, &logical, sets.as_ref()));
            let withheld = |(name, text): (String, String)| {
                let secret = secret::in_assignment(&name, &text, registry::find(&name).is_some());
                (name, if secret { secret::WITHHELD.to_owned() } else { text })
            };
            file.lines.push(Line { raw: logical.raw.to_owned(), sets: sets.map(withheld) });
        }
        issues.extend(file.name_issues());
        issues.sort_by_key(|issue| issue.at.as_ref().map(|at| (at.line, at.column)));
        (file, issues)
    }

    /// Reads bytes: a file that is not UTF-8 has one fault, no assignments, and cannot be saved.
    pub fn from_bytes(path: &Path, bytes: &[u8]) -> (Self, Vec<Issue>) {
        let (mut file, issues) = match std::str::from_utf8(bytes) {
            Ok(text) => Self::parse(path, text),
            Err(error) => {
                let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
                let line = count(good.matches('\n').count()) + 1;
                let column = count(good.rsplit('\n').next().unwrap_or_default().chars().count()) + 1;
                let message = format!(
                    "{}, line {line}, column {column}: the file is not UTF-8 text. Nothing in it is read.",
                    path.display()
                );
                let place = Place { file: path.to_owned(), line, column: Some(column) };
                let broken = Self { broken: true, ..Self::empty(path) };
                (broken, vec![Issue::error("CFG-007", message).at(Some(place))])
            }
        };
        file.seen = Some(bytes.to_vec());
        (file, issues)
    }

    /// The file as the operator named it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All assignments in order, overridden ones too.
    pub fn assignments(&self) -> impl Iterator<Item = Assignment<'_>> {
        let mut next = 1;
        self.lines.iter().filter_map(move |line| {
            let number = next;
            next += count(line.raw.matches('\n').count());
            line.sets.as_ref().map(|(name, text)| Assignment { name, text, line: number })
        })
    }

    /// The template of a variable; the last assignment counts.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.lines
            .iter()
            .rev()
            .find_map(|line| line.sets.as_ref().filter(|(of, _)| of == name).map(|(_, text)| &**text))
    }

    /// Sets a variable: in the line that counts, else after its commented example, else with its section, else at the
    /// end under a section comment. All other lines stay byte for byte.
    ///
    /// # Errors
    /// A name that no file can hold, a value that looks like a secret, or a file that is not text.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), Problem> {
        let refuse = |message: String| Err(Problem::new(ProblemKind::Usage, message));
        if !template::is_name(name) {
            return refuse(format!("{} cannot name a variable.", phrase::quoted(name)));
        }
        if text == secret::WITHHELD || secret::in_assignment(name, text, registry::find(name).is_some()) {
            return refuse(format!("{name} is not written, because its value looks like a secret (CFG-008)."));
        }
        if self.broken || text.contains('\0') {
            return refuse(format!("{} is not text, so {name} is not set in it.", self.path.display()));
        }
        let right = template::written(text);
        let sets = Some((name.to_owned(), text.to_owned()));
        if let Some(line) = self.lines.iter_mut().rev().find(|line| line.is_for(name)) {
            if line.sets != sets {
                line.replace_value(&right);
                line.sets = sets;
            }
            return Ok(());
        }
        let ending = self.ending();
        let at = self.place_for(name, ending);
        if let Some(before) = at.checked_sub(1).and_then(|before| self.lines.get_mut(before)) {
            before.end_with(ending);
        }
        self.lines.insert(at, Line { raw: format!("{name}={right}{ending}"), sets });
        Ok(())
    }

    /// Removes every assignment of a variable, so that its default counts.
    pub fn unset(&mut self, name: &str) {
        self.lines.retain(|line| !line.is_for(name));
    }

    fn ending(&self) -> &'static str {
        if self.lines.iter().any(|line| line.raw.ends_with("\r\n")) { "\r\n" } else { "\n" }
    }

    /// Index at which a new assignment belongs; makes the section's comment when it is missing.
    fn place_for(&mut self, name: &str, ending: &str) -> usize {
        if let Some(at) = self.lines.iter().rposition(|line| line.is_example_of(name)) {
            return at + 1;
        }
        let section = registry::find(name).map(|def| def.section);
        let same = |line: &Line| section.is_some() && line.section() == section;
        if let Some(at) = self.lines.iter().rposition(same) {
            return at + 1;
        }
        let heading = section.map_or("Other", Section::title);
        if let Some(last) = self.lines.last_mut() {
            last.end_with(ending);
            self.lines.push(Line { raw: ending.to_owned(), sets: None });
        }
        self.lines.push(Line { raw: format!("{}{ending}", example::heading(heading)), sets: None });
        self.lines.len()
    }

    fn name_issues(&self) -> Vec<Issue> {
        let file = self.path.display();
        let at = |line| Some(Place { file: self.path.clone(), line, column: None });
        let used: BTreeSet<&str> = self.assignments().flat_map(|of| template::references(of.text)).collect();
        let mut first: BTreeMap<&str, u32> = BTreeMap::new();
        let mut issues = Vec::new();
        for Assignment { name, text, line } in self.assignments() {
            if let Some(before) = first.insert(name, line) {
                let message =
                    format!("{name} is set in {file}, line {before}, and again in line {line}. Line {line} counts.");
                issues.push(Issue::warning("CFG-006", message).about(name).at(at(line)));
            }
            if registry::find(name).is_none() && !used.contains(name) && text != secret::WITHHELD {
                let near = phrase::nearest(name, registry().iter().map(|def| def.name));
                let hint = near.map_or(String::new(), |near| format!(" The nearest known name is {near}."));
                let message =
                    format!("{name} in {file}, line {line}, is unknown. The line is kept and has no effect.{hint}");
                issues.push(Issue::warning("CFG-005", message).about(name).at(at(line)));
            }
        }
        issues
    }
}

impl Line {
    fn is_for(&self, name: &str) -> bool {
        self.sets.as_ref().is_some_and(|(of, _)| of == name)
    }

    /// Whether it is a commented-out assignment such as `#GPU_SUBNET=`.
    fn is_example_of(&self, name: &str) -> bool {
        self.example_name() == Some(name)
    }

    fn example_name(&self) -> Option<&str> {
        let name = self.raw.trim_start().strip_prefix('#')?.trim_start().split_once('=')?.0.trim_end();
        template::is_name(name).then_some(name)
    }

    fn section(&self) -> Option<Section> {
        let name = self.sets.as_ref().map(|(name, _)| name.as_str()).or_else(|| self.example_name())?;
        registry::find(name).map(|def| def.section)
    }

    fn end_with(&mut self, ending: &str) {
        if !self.raw.ends_with('\n') {
            self.raw.push_str(ending);
        }
    }

    /// Writes a value in place of the old one; `export`, blanks before it and the comment behind it stay.
    fn replace_value(&mut self, right: &str) {
        if let Some(span) = logical::value_span(&self.raw) {
            let gap = if self.raw[span.end..].starts_with('#') { " " } else { "" };
            self.raw.replace_range(span.start..span.end, &format!("{right}{gap}"));
        }
    }
}

/// Line numbers and columns fit 32 bits; beyond that the last one is named.
fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

fn secret_issue(path: &Path, logical: &Logical<'_>, sets: Option<&(String, String)>) -> Option<Issue> {
    let line = logical.number;
    let place = Some(Place { file: path.to_owned(), line, column: None });
    let file = path.display();
    let advice = "Take it out, and revoke it if others can read the file.";
    match sets {
        Some((name, text)) if secret::in_assignment(name, text, registry::find(name).is_some()) => {
            let message =
                format!("{name} in {file}, line {line}, looks like a secret. Its value is not read. {advice}");
            Some(Issue::warning("CFG-008", message).about(name).at(place))
        }
        _ if secret::in_text(logical.raw) => {
            let message = format!("{file}, line {line}, holds something that looks like a secret. {advice}");
            Some(Issue::warning("CFG-008", message).at(place))
        }
        _ => None,
    }
}

impl fmt::Display for EnvFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.marked {
            f.write_str("\u{feff}")?;
        }
        self.lines.iter().try_for_each(|line| f.write_str(&line.raw))
    }
}

/// By hand: raw lines may hold secrets, so only names are shown.
impl fmt::Debug for EnvFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.assignments().map(|of| of.name).collect();
        f.debug_struct("EnvFile").field("path", &self.path).field("names", &names).finish_non_exhaustive()
    }
}
