//! `.env.example`, made from the registry so that it can never disagree with it.

use std::fmt::Write as _;

use super::field::{DefaultValue, FieldDef};
use super::registry::registry;

/// Widest line of the generated comments.
const WIDTH: usize = 100;

const HEAD: &str = "\
# Configuration of eks-wizard. Copy it to .env and set what stands without a # in front; everything else
# has the default shown and can stay a comment. Made by: eks-wizard config example
#
# Booleans take true, 1, yes, false, 0 and no. ${NAME} stands for the value of another variable: first of
# this file, then of the environment. The environment and --set NAME=VALUE override this file.
# An empty value counts as unset. No secrets belong here.
";

/// The comment line that opens a section of a file.
pub(super) fn heading(title: &str) -> String {
    format!("# --- {title} {}", "-".repeat(WIDTH.saturating_sub(title.chars().count() + 7)))
}

/// The content of `.env.example`: all variables in groups, mandatory ones set to an example, the others commented out
/// with their defaults.
pub fn example() -> String {
    let mut out = String::from(HEAD);
    let mut section = None;
    for def in registry() {
        if section != Some(def.section) {
            section = Some(def.section);
            let _ = write!(out, "\n{}\n", heading(def.section.title()));
        }
        out.push('\n');
        describe(&mut out, def);
        let _ = match (def.mandatory, def.default) {
            (true, _) => writeln!(out, "{}={}", def.name, sample(def)),
            (false, DefaultValue::Unset) => writeln!(out, "#{}={}", def.name, sample(def)),
            (false, default) => writeln!(out, "#{}={}", def.name, default.written()),
        };
    }
    out
}

fn describe(out: &mut String, def: &FieldDef) {
    let need = if def.mandatory { " (mandatory)" } else { "" };
    let mut text = format!("{}{need}. {} It takes {}.", def.help, def.details, def.kind.expects());
    if let Some(when) = def.counts_when().filter(|_| !def.name.starts_with("GPU_SUBNET")) {
        let _ = write!(text, " Counts when {when}.");
    }
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
}

/// A value that shows the form of a variable without a default.
fn sample(def: &FieldDef) -> &'static str {
    use super::field::Kind;
    match def.kind {
        Kind::Formed(form) => form.example,
        Kind::ArnList => "arn:aws:s3:::my-bucket",
        Kind::Suppressions => "CLU-006:2026-12-31:small-test-cluster",
        _ => "",
    }
}
