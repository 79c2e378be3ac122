//! `docs/configuration.md`, made from the registry so that it can never disagree with it.

use std::fmt::Write as _;

use super::field::{DefaultValue, FieldDef, Kind};
use super::registry;

const HEAD: &str = "\
# Configuration

<!-- Made by: eks-wizard config docs. Edit the registry in src/config/fields, not this file. -->

Every setting is a variable of `.env`. A value comes from the first of these that sets it: the wizard (until it is
saved), `--set NAME=VALUE` and `--region`, `--cluster`, the process environment, the env file, the default.
`eks-wizard config show` tells for each variable which one that is.

* Booleans take true, 1, yes, false, 0 and no in any case; anything else is an error.
* `${NAME}` stands for the value of another variable: first of the file, then of the environment. Single quotes and a
  backslash keep a dollar sign.
* An empty value counts as unset, except for `GPU_SUBNET_A`, `GPU_SUBNET_B` and `GPU_SUBNET_C`, where it means no
  candidate.
* A variable that is set twice counts as in its last line, with a warning that names both.
* Nothing is silently replaced. An error names file, line, the values that are taken and, where there is one, a value
  that fits; `eks-wizard config check --fix` writes these values.
* No secrets belong in the file. A value that looks like one is reported, never read or shown.

Machine-readable: [`configuration.schema.json`](configuration.schema.json), made by `eks-wizard config schema`.
";

/// The document: a table of all variables, then each section with its variables in full.
pub fn docs() -> String {
    let mut out = String::from(HEAD);
    overview(&mut out);
    let mut section = None;
    for def in registry() {
        if section != Some(def.section) {
            section = Some(def.section);
            let _ = write!(out, "\n## {}\n", def.section.title());
        }
        describe(&mut out, def);
    }
    out
}

fn overview(out: &mut String) {
    out.push_str("\n## All variables\n\n| variable | default | what it is |\n|---|---|---|\n");
    for def in registry() {
        let anchor = def.name.to_lowercase();
        let _ = writeln!(out, "| [`{}`](#{anchor}) | {} | {} |", def.name, default(def), cell(def.help));
    }
}

fn describe(out: &mut String, def: &FieldDef) {
    let _ = write!(out, "\n### {}\n\n{}. {}\n\n", def.name, def.help, def.details);
    let _ = writeln!(out, "* Takes: {}.", takes(&def.kind));
    let _ = writeln!(out, "* Default: {}.", default(def));
    if let Some(when) = def.counts_when() {
        let _ = writeln!(out, "* Counts when: `{when}`.");
    }
    if !def.checks.is_empty() {
        let _ = writeln!(out, "* Read by the checks: {}.", def.checks.join(", "));
    }
}

fn default(def: &FieldDef) -> String {
    match (def.mandatory, def.default) {
        (true, _) => "none, it is mandatory".to_owned(),
        (false, DefaultValue::Unset) => "unset".to_owned(),
        (false, default) => format!("`{}`", default.written()),
    }
}

fn takes(kind: &Kind) -> String {
    kind.expects().replace('*', "\\*").replace('|', "\\|")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_committed_document_is_the_generated_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
        if std::env::var_os("EKS_WIZARD_WRITE_EXPECTED").is_some() {
            fs::write(&path, docs()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), docs());
    }

    #[test]
    fn each_variable_has_a_row_and_a_place_that_the_row_leads_to() {
        let text = docs();
        for def in registry() {
            assert_eq!(text.matches(&format!("\n### {}\n", def.name)).count(), 1, "{}", def.name);
            assert_eq!(text.matches(&format!("](#{})", def.name.to_lowercase())).count(), 1, "{}", def.name);
        }
        let rows = text.lines().filter(|line| line.starts_with("| ["));
        assert!(rows.clone().all(|line| line.matches('|').count() == 4), "each row has three cells");
        assert_eq!(rows.count(), registry().len());
    }
}
