//! One example a code. What ends with 0, 2, 3 and 4 besides is in the other files.

use std::fs::{File, create_dir_all};
use std::io::{Read, Write};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::common::{Home, repository};

fn p5en() -> String {
    repository("tests/configs/valid/p5en.env")
}

#[test]
fn code_0_done() {
    let example = Home::new().run(&["config", "example"]).exits(0).stdout;
    assert_eq!(example, std::fs::read_to_string(repository(".env.example")).unwrap());
}

#[test]
fn code_1_a_fault_that_is_not_the_operators() {
    let home = Home::new();
    let state = home.state().join("sim/default");
    create_dir_all(&state).unwrap();
    // A file where the folder of locks belongs: nothing that an operator's input explains.
    File::create(state.join("locks")).unwrap();
    home.simulate("default", &["apply", "--yes", "--env-file", &p5en()]).exits(1).says("lock");
}

#[test]
fn code_2_nothing_to_resume() {
    Home::new().simulate("default", &["resume", "--yes"]).exits(2).says("no unfinished run");
}

#[test]
fn code_2_read_only_refuses_to_change() {
    let home = Home::new();
    home.simulate("default", &["apply", "--yes", "--read-only", "--env-file", &p5en()]).exits(2).says("--read-only");
}

#[test]
fn code_2_nobody_can_be_asked() {
    Home::new().simulate("default", &["apply", "--env-file", &p5en()]).exits(2).says("--yes");
}

#[test]
fn code_4_candidates_in_three_zones() {
    let home = Home::new();
    let ended = home.simulate("three-azs", &["apply", "--yes", "--env-file", &p5en()]).exits(4).says("NET-001");
    for (zone, subnet) in [
        ("use2-az1", "subnet-0a41f7c92be60d835"),
        ("use2-az2", "subnet-0b52c8e13df73f842"),
        ("use2-az3", "subnet-0c7d41e80f6b29a53"),
    ] {
        assert!(ended.stdout.contains(&format!("{zone} {subnet}")), "{ended}");
        assert!(ended.stdout.contains(&format!("GPU_SUBNET={subnet}")), "{ended}");
    }
    let chosen = "GPU_SUBNET=subnet-0c7d41e80f6b29a53";
    let args = ["apply", "--yes", "--env-file", &p5en(), "--set", chosen];
    home.simulate("three-azs", &args).exits(0).says("16 of 16 EFA");
}

#[test]
fn code_4_no_addresses_left() {
    Home::new().simulate("ip-exhausted", &["preflight", "--env-file", &p5en()]).exits(4).says("NET-003");
}

#[test]
fn code_5_another_process_holds_the_world() {
    let home = Home::new();
    let state = home.state().join("sim/default");
    create_dir_all(&state).unwrap();
    let mut file = File::create(state.join("lock")).unwrap();
    file.lock().unwrap();
    write!(file, "4242 elsewhere").unwrap();
    home.simulate("default", &["discover"]).exits(5).says("4242").says("elsewhere");
}

#[test]
fn code_5_paused_by_a_signal_then_resumed() {
    let home = Home::new();
    let env = p5en();
    let run = home.command(&["--simulate", "--speed", "60", "apply", "--yes", "--env-file", &env, "--output", "json"]);
    let ended = run.start().until("\"event\":\"step_started\"").signal("TERM").until("Pausing").end();
    ended.exits(5);
    home.simulate("default", &["resume", "--yes"]).exits(0).says("16 of 16 EFA");
}

#[test]
fn code_6_failed_and_resumable() {
    // The operator insists against QUO-001: five nodes need 960 vCPU where the quota has 768.
    let insists = "SUPPRESS_CHECKS=QUO-001:2099-12-31:to see what happens;NET-003:2099-12-31:likewise";
    let sizes = ["--set", "GPU_DESIRED_SIZE=5", "--set", "GPU_MAX_SIZE=5", "--set", insists];
    let env = p5en();
    let args = [["apply", "--yes", "--env-file", &env].as_slice(), &sizes].concat();
    Home::new().simulate("default", &args).exits(6).says("VcpuLimitExceeded").says("eks-wizard resume");
}

#[test]
fn code_7_cancelled_by_the_answer() {
    let home = Home::new();
    let pty = native_pty_system().openpty(PtySize { rows: 40, cols: 120, ..PtySize::default() }).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_eks-wizard"));
    command.args(["--simulate", "--speed", "5000", "apply", "--env-file", &p5en()]);
    command.env_clear();
    command.env("HOME", home.path());
    command.env("TERM", "xterm-256color");
    command.cwd(home.path());
    let mut child = pty.slave.spawn_command(command).unwrap();
    drop(pty.slave);
    pty.master.take_writer().unwrap().write_all(b"no\n").unwrap();
    let mut said = String::new();
    // The reader of a terminal whose last user is gone may end with an error; what was said is there.
    let _ = pty.master.try_clone_reader().unwrap().read_to_string(&mut said);
    assert_eq!(child.wait().unwrap().exit_code(), 7, "{said}");
    assert!(said.contains("Nothing was changed"), "{said}");
}

#[test]
fn code_8_a_rung_is_broken() {
    let ended = Home::new().simulate("default", &["verify", "--env-file", &p5en(), "--output", "json"]).exits(8);
    assert_eq!(ended.records().last().unwrap()["summary"]["verdict"], "broken");
}
