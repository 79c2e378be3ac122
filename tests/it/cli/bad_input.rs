//! Bad input: one clear message each, and nothing is written.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use crate::common::{Home, contents, repository};

fn check(sample: &str) -> crate::common::Ended {
    Home::new().run(&["config", "check", "--env-file", &repository(&format!("tests/configs/{sample}.env"))])
}

#[test]
fn a_named_file_that_is_missing() {
    let home = Home::new();
    home.run(&["config", "check", "--env-file", "nowhere.env"]).exits(2).says("nowhere.env").says("does not exist");
    assert_eq!(contents(home.path()), [], "something was written");
}

#[test]
fn a_named_file_that_cannot_be_read() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("folder.env")).unwrap();
    home.run(&["config", "check", "--env-file", "folder.env"]).exits(2).says("folder.env");
}

#[test]
fn the_default_file_may_be_missing() {
    Home::new().run(&["config", "check"]).exits(2).says("CLUSTER_NAME is not set").never_says("does not exist");
}

#[test]
fn a_bad_boolean_names_file_line_and_a_value() {
    check("invalid/bool-typo").exits(2).says("bool-typo.env, line 3").says("Use INSTALL_EFS_CSI=true");
}

#[test]
fn a_bad_number_names_the_range() {
    check("invalid/number-words").exits(2).says("GPU_MAX_SIZE").says("from 1 to 1,000");
}

#[test]
fn a_malformed_arn() {
    check("invalid/arn-malformed").exits(2).says("s3://data-b");
}

#[test]
fn a_variable_set_twice_is_a_warning_and_the_last_counts() {
    let home = Home::new();
    let file = home.write("twice.env", "CLUSTER_NAME=one\nAWS_REGION=us-east-2\nCLUSTER_NAME=two\n");
    let file = file.to_string_lossy();
    home.run(&["config", "check", "--env-file", &file]).exits(0).says("line 1").says("line 3");
}

#[test]
fn an_unknown_variable_is_kept_and_the_nearest_name_is_told() {
    let home = Home::new();
    let text = "CLUSTER_NAME=orbit-train\nAWS_REGION=us-east-2\nINSTAL_S3_CSI=true\n";
    let file = home.write("typo.env", text);
    let ended = home.run(&["config", "check", "--env-file", &file.to_string_lossy()]);
    ended.exits(0).says("INSTAL_S3_CSI").says("INSTALL_S3_CSI");
    assert_eq!(std::fs::read_to_string(file).unwrap(), text);
}

#[test]
fn a_value_that_looks_like_a_secret_is_never_shown() {
    let file = repository("tests/configs/invalid/secret.env");
    let text = std::fs::read_to_string(&file).unwrap();
    let value =
        text.lines().filter_map(|line| line.split_once('=')).map(|(_, value)| value.trim()).max_by_key(|it| it.len());
    check("invalid/secret").never_says(value.unwrap());
}

#[test]
fn an_instance_type_that_nobody_knows() {
    let p5en = repository("tests/configs/valid/p5en.env");
    let args = ["plan", "--env-file", p5en.as_str(), "--set", "GPU_INSTANCE_TYPE=p9.48xlarge"];
    Home::new().simulate("default", &args).exits(2).says("p9.48xlarge");
}

#[test]
fn a_cluster_that_does_not_exist() {
    Home::new()
        .simulate("default", &["discover", "--cluster", "nowhere"])
        .exits(4)
        .says("Cluster nowhere")
        .says("CLUSTER_NAME");
}

#[test]
fn a_scenario_that_does_not_exist() {
    Home::new().simulate("nonsense", &["discover"]).exits(2).says("nonsense");
}

#[test]
fn the_wizard_needs_a_terminal() {
    Home::new().simulate("default", &[]).exits(2).says("terminal");
}

#[test]
fn a_flag_that_does_not_exist() {
    Home::new().run(&["apply", "--force"]).exits(2).says("--force");
}

#[test]
fn simulated_runs_neither_read_nor_write_the_operators_own_file() {
    let home = Home::new();
    let own = home.write(".env", "CLUSTER_NAME=!broken\n");
    home.simulate("default", &["config", "check"]).exits(0);
    assert_eq!(std::fs::read_to_string(own).unwrap(), "CLUSTER_NAME=!broken\n");
    assert!(home.state().join("sim/default/.env").exists());
}

/// Answers every request with AWS's own refusal of an old token.
fn expired() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                line.clear();
            }
            let body = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token \
                        included in the request is expired</Message></Error><RequestId>r-1</RequestId></ErrorResponse>";
            let head = format!(
                "HTTP/1.1 403 Forbidden\r\nContent-Type: text/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = reader.into_inner().write_all(format!("{head}{body}").as_bytes());
        }
    });
    format!("http://{address}")
}

#[test]
fn expired_credentials() {
    let home = Home::new();
    let run = home.command(&["discover", "--cluster", "orbit-train", "--region", "us-east-2"]);
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "not-a-real-key")];
    let run = keys.iter().fold(run, |run, (name, value)| run.with(name, value));
    run.with("AWS_ENDPOINT_URL", &expired()).end().exits(4).says("log in again").never_says("not-a-real-key");
    assert_eq!(contents(home.path()), [], "something was written");
}
