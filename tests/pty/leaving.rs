//! Ways out: while a run goes on, by a signal, and where there is no terminal at all.

use crate::terminal::{Home, Terminal, exists};

/// Slow enough that the node group is still waited for when the operator leaves.
const SLOW: [&str; 3] = ["--simulate", "--speed", "40"];

/// A wizard whose run waits for the node group.
fn applying(home: &Home) -> Terminal {
    let mut wizard = home.wizard((120, 40), &SLOW);
    wizard.shows("▸ in the simulator");
    wizard.enter().shows("▸ (•) orbit-train");
    wizard.enter().shows("· 1.35");
    wizard.types("7").shows("press a to apply.");
    wizard.types("a").shows("▸ (•) not now");
    wizard.down().enter().shows("APPLYING").shows("… gpu.gpu-compute.nodegroup");
    wizard
}

/// The journal that was left is complete: resume ends the install.
fn resumes(home: &Home) {
    let done = home.headless(&["--simulate", "--speed", "300", "resume", "--yes"]);
    let says = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{says}");
    let again = home.headless(&["--simulate", "--speed", "300", "plan", "--detailed-exitcode"]);
    assert_eq!(again.status.code(), Some(0), "{}", String::from_utf8_lossy(&again.stdout));
}

#[test]
fn ctrl_c_while_applying_asks_then_pauses_and_the_run_is_resumable() {
    let home = Home::new();
    let mut wizard = applying(&home);
    wizard.types("\x03").shows("▸ (•) stay").shows("pause, then leave");
    wizard.down().shows("▸ (•) pause, then leave");
    wizard.enter();
    assert_eq!(wizard.ends(), 5);
    assert!(wizard.is_restored());
    resumes(&home);
}

#[test]
fn q_while_applying_leaves_now_and_the_run_is_resumable() {
    let home = Home::new();
    let mut wizard = applying(&home);
    wizard.types("q").shows("▸ (•) stay");
    wizard.down().down().shows("▸ (•) leave now");
    wizard.enter();
    assert_eq!(wizard.ends(), 5);
    resumes(&home);
}

#[test]
fn a_run_that_was_left_is_offered_at_the_next_start() {
    let home = Home::new();
    let mut wizard = applying(&home);
    wizard.types("q").shows("▸ (•) stay");
    wizard.down().down().shows("▸ (•) leave now");
    wizard.enter();
    assert_eq!(wizard.ends(), 5);
    let mut wizard = home.wizard((120, 40), &["--simulate"]);
    wizard.shows("▸ resume a run");
    wizard.enter().shows("▸ (•) not now");
    wizard.down().shows("▸ (•) resume");
    wizard.enter().shows("9 Verify: read what was proven.");
    wizard.types("9").shows("POD IDENTITY");
}

#[test]
fn sigterm_pauses_a_run_and_gives_the_terminal_back() {
    let home = Home::new();
    let mut wizard = applying(&home);
    wizard.signal("TERM");
    assert_eq!(wizard.ends(), 5);
    assert!(wizard.is_restored());
    resumes(&home);
}

#[test]
fn sigterm_at_rest_ends_the_wizard_and_gives_the_terminal_back() {
    let home = Home::new();
    let mut wizard = home.wizard((80, 24), &["--simulate"]);
    wizard.shows("▸ in the simulator");
    assert!(!wizard.is_restored(), "the wizard holds the terminal");
    wizard.signal("TERM");
    assert_eq!(wizard.ends(), 7);
    assert!(wizard.is_restored());
    let bytes = wizard.bytes();
    for sequence in ["\x1b[?1049l", "\x1b[?25h", "\x1b[?2004l"] {
        assert!(crate::terminal::position(&bytes, sequence.as_bytes()).is_some(), "{sequence:?} is not written");
    }
}

#[test]
fn without_a_terminal_it_says_so_and_writes_nothing() {
    let home = Home::new();
    let ended = home.headless(&["--simulate"]);
    assert_eq!(ended.status.code(), Some(2));
    assert!(ended.stdout.is_empty());
    let says = String::from_utf8(ended.stderr).unwrap();
    assert!(says.contains("The wizard needs a terminal; stdin or stdout is none."), "{says}");
    assert!(!exists(&home, "state"), "nothing is written");
}
