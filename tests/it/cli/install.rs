//! The main job: from a real `.env` to proven nodes, and nothing to do after.

use serde_json::{Value, json};

use crate::common::{Home, repository};

#[test]
fn an_install_is_proven_and_the_second_one_changes_nothing() {
    let home = Home::new();
    let env = repository("tests/configs/valid/p5en.env");
    let simulate = |args: &[&str]| home.simulate("default", &[args, &["--env-file", env.as_str()]].concat());

    simulate(&["plan", "--detailed-exitcode"]).exits(3).says("CREATE");
    let first = simulate(&["apply", "--yes"]).exits(0);
    let proven = |line: &&str| line.contains("8 of 8 GPUs, 16 of 16 EFA");
    assert_eq!(first.stdout.lines().filter(proven).count(), 2, "{first}");
    simulate(&["plan", "--detailed-exitcode"]).exits(0).says("Nothing to do");

    let second = simulate(&["apply", "--yes", "--output", "json"]).exits(0).says("Nothing to change");
    let records = second.records();
    assert_eq!(records[0]["event"], "run_started", "{second}");
    assert_eq!((&records[0]["seq"], &records[0]["simulated"]), (&json!(1), &json!(true)));
    assert!(records[0]["version"].is_string() && records[0]["plan"].is_string());
    let numbers: Vec<u64> = records.iter().filter_map(|record| record["seq"].as_u64()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    let done = |record: &&Value| record["event"] == "step_done";
    assert!(records.iter().filter(done).all(|record| record["done"] == "kept"), "{second}");

    let verified = simulate(&["verify", "--output", "json"]).exits(0).records();
    let summary = &verified.last().unwrap()["summary"];
    let nodes = summary["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 2, "{summary}");
    for node in nodes {
        for (member, expected) in [("gpu", 8), ("gpu_expected", 8), ("efa", 16), ("efa_expected", 16)] {
            assert_eq!(node[member], expected, "{member} of {node}");
        }
        assert_eq!(node["verdict"], "proven");
    }
    simulate(&["health"]).exits(0);
    let runs = simulate(&["runs", "--output", "json"]).exits(0).records();
    assert_eq!(runs.len(), 2, "{runs:?}");
}

#[test]
fn a_group_of_no_nodes_installs_verifies_and_is_healthy() {
    let home = Home::new();
    let env = repository("tests/configs/valid/desired-zero.env");
    let simulate = |args: &[&str]| home.simulate("default", &[args, &["--env-file", env.as_str()]].concat());
    simulate(&["apply", "--yes", "--no-verify"]).exits(0);
    simulate(&["verify"]).exits(0).says("not applicable");
    simulate(&["health"]).exits(0).says("no GPU node is wanted");
}
