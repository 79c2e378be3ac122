//! Who may import whom, where the SDKs, the clock and the terminal may be named, and how big things may be:
//! the rules of architecture.md sections 4 and 7, enforced on the parsed source.

mod names;
mod rules;
mod self_tests;
mod size;
mod source;

use std::path::Path;

use rules::Violation;
use source::Source;

/// Exceptions: rule, file, reason. The goal is that there is none; one that no longer applies fails the test.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// Median lines of a file.
const MEDIAN_FILE: usize = 150;
/// Lines that nineteen of twenty functions do not exceed.
const MOST_FUNCTIONS: usize = 45;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Names of the package's dependencies, as code spells them.
fn crates() -> Vec<String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let names: Vec<String> =
        manifest["dependencies"].as_table().unwrap().keys().map(|name| name.replace('-', "_")).collect();
    assert!(names.contains(&"tokio".to_owned()), "{names:?}");
    names
}

fn violations(sources: &[Source], crates: &[String]) -> Vec<Violation> {
    sources.iter().flat_map(|source| rules::check(source, crates).into_iter().chain(size::check(source))).collect()
}

/// Violations without the excepted ones, then exceptions that nothing needs.
fn judge(found: &[Violation], exceptions: &[(&str, &str, &str)]) -> Vec<String> {
    let excepts = |one: &Violation, (rule, file, _): &(&str, &str, &str)| one.rule == *rule && one.file == *file;
    let broken = found.iter().filter(|one| !exceptions.iter().any(|exception| excepts(one, exception)));
    let stale = exceptions.iter().filter(|exception| !found.iter().any(|one| excepts(one, exception)));
    broken
        .map(ToString::to_string)
        .chain(stale.map(|(rule, file, _)| format!("The exception {rule} for {file} applies to nothing.")))
        .collect()
}

#[test]
fn the_source_follows_the_rules() {
    let found = violations(&source::read(&root().join("src")), &crates());
    let broken = judge(&found, EXCEPTIONS);
    assert!(broken.is_empty(), "{} rules are broken:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn every_module_has_a_rule_and_every_rule_a_module() {
    let sources = source::read(&root().join("src"));
    assert_eq!(rules::without_rule(&sources), Vec::<String>::new(), "modules without a rule");
    assert_eq!(rules::without_module(&sources), Vec::<&str>::new(), "rules without a module");
}

#[test]
fn the_tests_keep_the_sizes_too() {
    let found: Vec<Violation> = source::read(&root().join("tests")).iter().flat_map(size::check).collect();
    let broken: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn files_and_functions_are_small_on_the_whole() {
    let sources = source::read(&root().join("src"));
    let mut files: Vec<usize> = sources.iter().map(|source| source.lines).collect();
    files.sort_unstable();
    let median = files[files.len() / 2];
    assert!(median <= MEDIAN_FILE, "the median file has {median} lines");
    let mut functions: Vec<usize> = sources.iter().flat_map(size::functions).collect();
    functions.sort_unstable();
    let most = functions[functions.len() * 95 / 100];
    assert!(most <= MOST_FUNCTIONS, "one function of twenty has more than {most} lines");
}
