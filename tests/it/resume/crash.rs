//! Kills that really strike: planned at API calls in process, and as processes that end by a signal.

use crate::common::{Home, repository};
use crate::resume::points::{Reference, count_lines, reference};
use crate::stage::{Stage, journal_below, on_paused_clock, spec, state_folder, world_of};

/// Crashes at the call and answers how many whole lines of the world's log and of the journal are left.
fn crashed(fault: &str) -> (usize, usize) {
    let state = state_folder();
    let view =
        on_paused_clock(async { Stage::with_faults(state.path(), fault.parse().unwrap()).apply(spec(&[])).await });
    assert!(view.is_none(), "{fault} did not strike");
    let folder = world_of(state.path());
    let journal = journal_below(&folder).map_or_else(Vec::new, |path| std::fs::read(path).unwrap());
    (count_lines(&std::fs::read(folder.join("world.log")).unwrap()), count_lines(&journal))
}

/// Calls that change something, spread over the run, each with another place to strike.
fn faults(reference: &Reference) -> Vec<String> {
    let places = ["before", "after", "body"];
    let changes = reference.mutations.iter().enumerate();
    changes.step_by(3).map(|(at, call)| format!("{}:{call}", places[at / 3 % 3])).collect()
}

#[test]
fn a_crash_at_a_call_leaves_a_state_that_is_resumed_elsewhere_here() {
    let reference = reference();
    let resumed: Vec<_> = reference.points().iter().map(|point| reference.lines(point)).collect();
    let faults = faults(reference);
    assert!(faults.len() >= 9, "{faults:?}");
    for fault in faults {
        let left = crashed(&fault);
        assert!(resumed.contains(&left), "{fault} leaves {left:?}");
    }
}

/// Kills the process at a call, resumes in another process and plans in a third.
fn a_killed_process_is_resumed(fault: &str) {
    let home = Home::new();
    let env = repository("tests/configs/valid/p5en.env");
    let simulate = ["--simulate", "--speed", "300"];
    let apply = [simulate.as_slice(), &["apply", "--yes", "--env-file", &env]].concat();
    let killed = home.command(&apply).with("EKS_WIZARD_SIMULATE_FAULTS", fault).end();
    assert_eq!(killed.code, None, "a signal ends it\n{killed}");
    home.simulate("default", &["resume", "--yes"]).exits(0);
    home.simulate("default", &["plan", "--detailed-exitcode", "--env-file", &env]).exits(0);
}

/// The number of the first call whose request says `text`, in the taped run.
fn call_that_says(text: &str) -> u64 {
    let reference = reference();
    let at = reference.requests.iter().position(|request| request.contains(text));
    u64::try_from(at.unwrap_or_else(|| panic!("no request says {text}"))).unwrap() + 1
}

#[test]
fn a_process_killed_before_it_makes_a_role() {
    a_killed_process_is_resumed(&format!("before:{}", call_that_says("Action=CreateRole")));
}

#[test]
fn a_process_killed_after_it_made_the_node_group() {
    a_killed_process_is_resumed(&format!(
        "after:{}",
        call_that_says("POST https://eks.us-east-2.amazonaws.com/clusters/orbit-train/node-groups")
    ));
}

#[test]
fn a_process_killed_while_it_reads_that_the_template_is_made() {
    a_killed_process_is_resumed(&format!("body:{}", call_that_says("Action=CreateLaunchTemplate&")));
}
