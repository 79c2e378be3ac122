//! Each rule can fail: small sources that break exactly one, and their neighbours that break none.

use std::fmt::Write;

use super::rules::without_rule;
use super::source::parse;
use super::{judge, violations};

/// Rules that this file breaks, with the names of a few dependencies.
fn broken(path: &str, text: &str) -> Vec<&'static str> {
    let crates =
        ["tokio", "serde", "clap", "kube", "aws_sdk_ec2", "aws_sdk_eks", "aws_smithy_types"].map(str::to_owned);
    let mut rules: Vec<&str> =
        violations(&parse([(path, text)].into_iter()), &crates).iter().map(|one| one.rule).collect();
    rules.dedup();
    rules
}

/// File, source, the rule that it breaks.
const BROKEN: &[(&str, &str, &str)] = &[
    ("domain/eni.rs", "use crate::config::Spec;", "import"),
    ("domain/eni.rs", "fn f(x: clap::Parser) {}", "import"),
    ("config/draft.rs", "use crate::transport::time::Timer;", "import"),
    ("components/gp3.rs", "use crate::{domain::ids::Arn, transport};", "import"),
    ("discover/probe.rs", "use crate::components::desired::Desired;", "import"),
    ("plan/stage/gpu.rs", "fn f() { crate::transport::classify::aws(1); }", "import"),
    ("preflight/check.rs", "use super::super::journal::Writer;", "import"),
    ("preflight/registry.rs", "use super::super::apply::bus;", "import"),
    ("journal/writer.rs", "use crate::apply::bus::Bus;", "import"),
    ("apply/executor.rs", "use crate::verify::ladders;", "import"),
    ("verify/ladders.rs", "fn f() -> crate::health::Sample { todo() }", "import"),
    ("health/rules.rs", "use crate::transport::clients::Clients;", "import"),
    ("apply/live.rs", "use crate::sim::Simulator;", "import"),
    ("cli/mod.rs", "use crate::sim::Simulator;", "import"),
    ("main.rs", "use eks_wizard::sim::Simulator;", "import"),
    ("tui/run.rs", "use crate::transport::time::Timer;", "import"),
    ("tui/run.rs", "use crate::journal;", "import"),
    ("report/text.rs", "use crate::apply::Control;", "import"),
    ("sim/world.rs", "use crate::domain::eni::interfaces;", "import"),
    ("sim/world.rs", "use crate::domain;", "import"),
    ("sim/world.rs", "use crate::transport::classify;", "import"),
    ("sim/deep/er.rs", "mod inner { use super::super::super::super::plan::Plan; }", "import"),
    ("plan/render.rs", "fn f() { assert!(crate::sim::world() > 1); }", "import"),
    ("plan/render.rs", "use crate as root; fn f() { root::sim::world(); }", "import"),
    ("ops/session.rs", "use aws_sdk_ec2::Client;", "sdk"),
    ("discover/needs.rs", "fn f(x: kube::Client) {}", "sdk"),
    ("apply/executor.rs", "fn f() { debug!(aws_smithy_types::body()); }", "sdk"),
    ("tui/run.rs", "use aws_sdk_eks as eks;", "sdk"),
    ("health/rules.rs", "use kube::Api;", "sdk"),
    ("tui/model.rs", "use std::fs::File;", "pure"),
    ("tui/model.rs", "fn f() { std::fs::read(\"x\").ok(); }", "pure"),
    ("components/gp3.rs", "async fn f() { tokio::spawn(async {}).await; }", "pure"),
    ("plan/lint.rs", "use std::{fs, path::Path};", "pure"),
    ("domain/ipam.rs", "use std::net::TcpStream;", "pure"),
    ("events/view.rs", "use futures::StreamExt;", "pure"),
    ("apply/wait.rs", "fn f() { std::time::SystemTime::now(); }", "clock"),
    ("apply/wait.rs", "use std::time::Instant as Clock; fn f() { Clock::now(); }", "clock"),
    ("apply/wait.rs", "use tokio::time; async fn f() { time::sleep(x).await; }", "clock"),
    ("sim/world.rs", "use std::thread; fn f() { thread::sleep(x); }", "clock"),
    ("health/watch.rs", "fn f() { jiff::Timestamp::now(); }", "clock"),
    ("apply/wait.rs", "async fn f() { tokio::select! { _ = tokio::time::sleep(x) => {} } }", "clock"),
    ("apply/wait.rs", "fn f() { println!(\"x\"); }", "print"),
    ("sim/world.rs", "fn f() { std::eprintln!(\"x\"); }", "print"),
    ("tui/run.rs", "use std::io; fn f() { io::stdout(); }", "print"),
    ("ops/plan.rs", "fn f() { vec![1].iter().for_each(|x| { foo!(println!(\"{x}\")) }); }", "print"),
    ("apply/wait.rs", "#[allow(dead_code)] fn f() {}", "allow"),
    ("apply/wait.rs", "#![allow(dead_code)]", "allow"),
    ("apply/wait.rs", "#[cfg(test)] mod tests { #[cfg_attr(all(), allow(unused))] fn f() {} }", "allow"),
];

/// File and source that break nothing.
const SOUND: &[(&str, &str)] = &[
    ("domain/eni.rs", "use super::ids::Arn; use std::collections::BTreeMap; use serde::Serialize;"),
    ("discover/observe/addon.rs", "use crate::components::desired::Desired; use aws_sdk_eks::Client;"),
    ("discover/observe.rs", "use crate::components::desired::Desired;"),
    (
        "sim/world.rs",
        "use crate::domain::{ids::Arn, time::Stamp}; use crate::transport::time::Timer; use super::router;",
    ),
    ("ops/session.rs", "use crate::sim::Simulator;"),
    ("preflight/check.rs", "fn f(kube: u8) -> u8 { kube }"),
    ("sim/codec.rs", "mod aws_json; fn f() { aws_json::read(); }"),
    ("domain/ipam.rs", "use std::net::Ipv4Addr;"),
    ("cli/mod.rs", "fn f() { println!(\"{}\", crate::report::text()); }"),
    ("report/out.rs", "use std::io::{Write, stdout};"),
    ("tui/terminal.rs", "fn f() { std::io::stdout(); }"),
    ("transport/time.rs", "fn f() { tokio::time::Instant::now(); std::time::SystemTime::now(); }"),
    ("health/watch.rs", "use kube::Api;"),
    ("plan/lint.rs", "fn f() { format!(\"crate::sim is not named here\"); }"),
    ("plan/lint.rs", "#[cfg(test)] mod tests { use crate::sim::World; fn f() { std::time::Instant::now(); } }"),
    ("plan/lint.rs", "#[cfg(test)] use crate::sim::World;"),
    ("plan/lint.rs", "struct S; impl S { #[cfg(test)] fn f() { crate::sim::world(); } }"),
    ("plan/lint.rs", "#[cfg(all(test, unix))] fn f() { use crate::sim::World; }"),
    ("apply/wait.rs", "#[expect(dead_code, reason = \"x\")] fn f(now: Instant) { now.now(); }"),
];

#[test]
fn each_rule_can_fail() {
    for (path, text, rule) in BROKEN {
        assert_eq!(broken(path, text), [*rule], "{path}: {text}");
    }
}

#[test]
fn what_is_sound_passes() {
    for (path, text) in SOUND {
        assert_eq!(broken(path, text), Vec::<&str>::new(), "{path}: {text}");
    }
}

#[test]
fn code_that_is_not_for_tests_is_no_exception() {
    assert_eq!(broken("plan/lint.rs", "#[cfg(not(test))] use crate::sim::World;"), ["import"]);
}

#[test]
fn test_files_are_known_by_their_declaration() {
    let rules_of = |files: &[(&str, &str)]| violations(&parse(files.iter().copied()), &[]).len();
    let bad = "use crate::sim::World;";
    assert_eq!(rules_of(&[("plan/mod.rs", "#[cfg(test)] mod tests;"), ("plan/tests.rs", bad)]), 0);
    assert_eq!(rules_of(&[("plan/mod.rs", "mod tests;"), ("plan/tests.rs", bad)]), 1);
    let nested =
        [("plan/a.rs", "#[cfg(test)] mod tests;"), ("plan/a/tests/mod.rs", "mod b;"), ("plan/a/tests/b.rs", bad)];
    assert_eq!(rules_of(&nested), 0);
    let by_path = "#[cfg(test)] #[path = \"a_tests.rs\"] mod tests;";
    assert_eq!(rules_of(&[("plan/a.rs", by_path), ("plan/a_tests.rs", bad)]), 0);
}

#[test]
fn big_things_are_found() {
    let lines = |count: usize| "\n".repeat(count);
    assert_eq!(broken("plan/a.rs", &format!("fn f() {{{}}}", lines(80))), ["function size"]);
    assert_eq!(broken("plan/a.rs", &format!("fn f() {{{}}}", lines(79))), Vec::<&str>::new());
    assert_eq!(broken("plan/a.rs", &format!("#[cfg(test)] mod t {{ fn f() {{{}}} }}", lines(80))), ["function size"]);
    assert_eq!(broken("plan/a.rs", &lines(401)), ["file size"]);
    assert_eq!(broken("plan/a.rs", &lines(400)), Vec::<&str>::new());
    let fields = |count: usize| {
        let fields = (0..count).fold(String::new(), |mut text, index| {
            let _ = write!(text, "f{index}: u8,");
            text
        });
        format!("struct S {{{fields}}}")
    };
    assert_eq!(broken("plan/a.rs", &fields(13)), ["struct size"]);
    assert_eq!(broken("plan/a.rs", &fields(12)), Vec::<&str>::new());
}

#[test]
fn exceptions_count_and_stale_ones_are_told() {
    let found = violations(&parse([("plan/a.rs", "use crate::sim::World;")].into_iter()), &[]);
    assert_eq!(judge(&found, &[]).len(), 1);
    assert!(judge(&found, &[])[0].starts_with("src/plan/a.rs:1: import: plan::a may not use sim::World"));
    assert_eq!(judge(&found, &[("import", "plan/a.rs", "why")]), Vec::<String>::new());
    assert_eq!(judge(&[], &[("import", "plan/a.rs", "why")]).len(), 1);
}

#[test]
fn a_new_module_needs_a_rule() {
    assert_eq!(without_rule(&parse([("helpers/mod.rs", "")].into_iter())), ["helpers"]);
}
