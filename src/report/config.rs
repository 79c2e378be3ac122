//! The configuration for people: settings with their sources, issues, differences.

use std::fmt::Write as _;

use crate::config::{Difference, Edited, Issue, Layer, MeaningChange, Setting};

/// Widths of the columns variable, value and source.
const COLUMNS: (usize, usize, usize) = (30, 36, 10);

/// Settings as a table with a heading for each section. Without `all`, a setting that does not count and that nobody
/// set is left out and counted below.
pub fn settings(of: &[Setting], all: bool) -> String {
    let (name, value, source) = COLUMNS;
    let mut out = format!("{:name$}{:value$}{:source$}MEANING\n", "VARIABLE", "VALUE", "FROM");
    let mut section = "";
    let idle = |setting: &&Setting| !setting.counts && setting.source == "default";
    for setting in of.iter().filter(|setting| all || !idle(setting)) {
        if setting.section != section {
            section = setting.section;
            let _ = write!(out, "\n{section}\n");
        }
        row(&mut out, setting);
    }
    let left = of.iter().filter(idle).count();
    if !all && left > 0 {
        let _ = writeln!(out, "\n{left} settings neither count nor are set; --all lists them.");
    }
    out
}

fn row(out: &mut String, setting: &Setting) {
    let (name, value, source) = COLUMNS;
    let mut says = setting.meaning.clone();
    let mut add = |text: &str| {
        let gap = if says.is_empty() { "" } else { "; " };
        let _ = write!(says, "{gap}{text}");
    };
    if setting.value != setting.effective {
        add(&format!("written {}", setting.value));
    }
    if let (false, Some(when)) = (setting.counts, &setting.counts_when) {
        add(&format!("does not count, it needs {when}"));
    }
    let effective = if setting.effective.is_empty() { "-" } else { &setting.effective };
    // A long path takes more than its column; the words after it still stand apart.
    let from = format!("{} ", setting.source);
    let line = format!("{:name$}{effective:value$} {from:source$}{says}", setting.variable);
    let _ = writeln!(out, "{}", line.trim_end());
    for hidden in &setting.overridden {
        let _ = writeln!(out, "{:name$}over {} with {}", "", hidden.source, hidden.value);
    }
}

/// An issue as a line.
pub fn issue(issue: &Issue) -> String {
    let severity = if issue.is_error() { "error" } else { "warning" };
    format!("{severity:<8} {issue}")
}

/// `2 errors, 1 warning.`
pub fn counts(issues: &[Issue]) -> String {
    let errors = issues.iter().filter(|one| one.is_error()).count();
    let plural = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    format!("{}, {}.", plural(errors, "error"), plural(issues.len() - errors, "warning"))
}

/// What changed in meaning since the original project, as a list.
pub fn meaning_changes(of: &[MeaningChange]) -> String {
    let mut out =
        String::from("This file is one of the original project. It loads unchanged; this means something else now:\n");
    for change in of {
        let _ = write!(out, "\n{change}\n");
    }
    out
}

/// A difference for eyes; a sentence when there is none.
pub fn difference(of: &Difference) -> String {
    if of.is_empty() { format!("{} stays as it is.", of.file.display()) } else { of.to_string() }
}

/// What an operator may not expect of a change: what hides it and what it waits for.
pub fn remarks(edited: &Edited) -> Vec<String> {
    let by = |layer: &Layer| if *layer == Layer::Environment { "the environment" } else { "the command line" };
    let hidden = edited
        .overridden()
        .into_iter()
        .map(|(name, layer)| format!("{name} is set in the file, but {} sets it as well and counts.", by(&layer)));
    let asleep = edited.dormant().into_iter().map(|(name, when)| format!("{name} counts only when {when}."));
    hidden.chain(asleep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Draft, settings as all_settings};

    #[test]
    fn a_table_says_value_source_and_what_is_hidden() {
        let mut draft = Draft::default();
        let file = Layer::File { path: ".env".into() };
        draft.set_at("IO2_IOPS", "20000", file.clone(), Some(4));
        draft.set("IO2_IOPS", "30000", Layer::Flag);
        draft.set_at("CLUSTER_NAME", "${WHO}-train", file, Some(1));
        let text = settings(&all_settings(&draft), false);
        assert!(text.contains("over .env:4 with 20000"), "{text}");
        assert!(text.contains("needs INSTALL_IO2_STORAGECLASS=true"), "{text}");
        assert!(text.contains("-train") && text.contains("written ${WHO}-train"), "{text}");
        assert!(!text.contains("GPU_MAX_SIZE") && text.contains("--all lists them"), "{text}");
        assert!(settings(&all_settings(&draft), true).contains("GPU_MAX_SIZE"));
    }

    #[test]
    fn one_is_one() {
        assert_eq!(counts(&[]), "0 errors, 0 warnings.");
        let missing = crate::config::validate(&Draft::default()).unwrap_err();
        assert_eq!(counts(&missing), "1 error, 0 warnings.");
    }
}
