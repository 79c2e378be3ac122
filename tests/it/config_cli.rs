//! `config` and `completions` on the real binary: one example an exit code, and what each writes or does not.

use std::fs;

use serde_json::Value;

use crate::common::{Home, contents, repository};

const GOOD: &str = "# mine\nCLUSTER_NAME=orbit-train # ours\nAWS_REGION=us-east-2\n";

/// A home with this `.env` in its working directory.
fn home(text: &str) -> Home {
    let home = Home::new();
    home.write(".env", text);
    home
}

fn env(home: &Home) -> String {
    fs::read_to_string(home.path().join(".env")).unwrap()
}

fn named<'a>(records: &'a [Value], name: &str) -> Vec<&'a Value> {
    records.iter().filter_map(|record| record.get(name)).collect()
}

#[test]
fn check_ends_with_0_on_every_valid_file() {
    for entry in fs::read_dir(repository("tests/configs/valid")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "env") {
            let ended = Home::new().run(&["config", "check", "--env-file", path.to_str().unwrap()]);
            ended.exits(0).says("0 errors, 0 warnings.");
        }
    }
}

#[test]
fn check_ends_with_2_on_every_invalid_file_and_says_what_is_expected() {
    let mut files = 0;
    for entry in fs::read_dir(repository("tests/configs/invalid")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "env") {
            files += 1;
            let ended = Home::new().run(&["config", "check", "--env-file", path.to_str().unwrap()]).exits(2);
            let bare = format!("{}/", path.parent().unwrap().display());
            let told = ended.stdout.replace(&bare, "");
            for line in fs::read_to_string(path.with_extension("expected")).unwrap().lines() {
                let (_, message) = line.split_once("  ").unwrap();
                assert!(told.contains(message), "{} does not say: {message}\n{told}", path.display());
            }
        }
    }
    assert!(files >= 40, "{files}");
}

#[test]
fn check_ends_with_0_on_warnings_and_with_2_on_a_missing_named_file() {
    home(&format!("{GOOD}INSTAL_EFS_CSI=true\n")).run(&["config", "check"]).exits(0).says("0 errors, 1 warning.");
    Home::new().run(&["config", "check", "--env-file", "none.env"]).exits(2).says("does not exist");
}

#[test]
fn fix_writes_the_suggestions_and_shows_the_difference() {
    let home = home(&format!("{GOOD}INSTALL_EFS_CSI=ture  # soon\n"));
    home.run(&["config", "check"]).exits(2).says("INSTALL_EFS_CSI=true");
    let ended = home.run(&["config", "check", "--fix"]).exits(0);
    assert!(
        ended.stdout.contains("-    4  INSTALL_EFS_CSI=ture  # soon\n+    4  INSTALL_EFS_CSI=true  # soon"),
        "{ended}"
    );
    assert_eq!(env(&home), format!("{GOOD}INSTALL_EFS_CSI=true  # soon\n"));
    home.run(&["config", "check", "--fix"]).exits(0).says("stays as it is");
}

#[test]
fn fix_ends_with_2_when_something_is_left_and_writes_what_it_can() {
    let home = home("INSTALL_EFS_CSI=ture\n");
    home.run(&["config", "check", "--fix"]).exits(2).says("CLUSTER_NAME is not set");
    assert_eq!(env(&home), "INSTALL_EFS_CSI=true\n");
}

#[test]
fn set_edits_in_place_and_keeps_the_rest() {
    let home = home(GOOD);
    let ended = home.run(&["config", "set", "CLUSTER_NAME=moon", "INSTALL_EFS_CSI=yes"]).exits(0);
    assert!(ended.stdout.contains("-    2  CLUSTER_NAME=orbit-train # ours"), "{ended}");
    assert!(env(&home).starts_with("# mine\nCLUSTER_NAME=moon # ours\nAWS_REGION=us-east-2\n"), "{}", env(&home));
    assert!(env(&home).ends_with("INSTALL_EFS_CSI=yes\n"));
    home.run(&["config", "check"]).exits(0);
}

#[test]
fn set_refuses_as_a_whole() {
    for assignments in [
        vec!["CLUSTER_NAME=moon", "IO2_IOPS=many"],
        vec!["CLUSTER_NAME=moon", "CLUSTER_NAM=x"],
        vec!["CLUSTER_NAME=moon", "INSTALL_S3_CSI=true"],
        vec!["CLUSTER_NAME=moon", "nonsense"],
    ] {
        let home = home(GOOD);
        let before = contents(home.path());
        let args: Vec<&str> = ["config", "set"].into_iter().chain(assignments).collect();
        home.run(&args).exits(2);
        assert_eq!(contents(home.path()), before, "{args:?}");
    }
}

#[test]
fn set_never_writes_or_echoes_a_secret() {
    let home = home(GOOD);
    let secret = "AKIAIOSFODNN7EXAMPLE";
    let ended = home.run(&["config", "set", &format!("CLUSTER_NAME={secret}")]).exits(2).says("CFG-008");
    ended.never_says(secret);
    assert_eq!(env(&home), GOOD);
}

#[test]
fn set_makes_the_default_file_when_there_is_none() {
    let home = Home::new();
    home.run(&["config", "set", "CLUSTER_NAME=moon"]).exits(0);
    assert!(env(&home).contains("CLUSTER_NAME=moon\n"));
}

#[test]
fn set_says_when_the_environment_hides_the_value() {
    let home = home(GOOD);
    let ended = home.command(&["config", "set", "AWS_REGION=eu-west-1"]).with("AWS_REGION", "us-west-2").end();
    ended.exits(0).says("the environment sets it as well and counts");
}

#[test]
fn set_in_a_simulated_run_edits_the_scenarios_file() {
    let home = home(GOOD);
    home.simulate("default", &["config", "set", "GPU_DESIRED_SIZE=1"]).exits(0);
    assert_eq!(env(&home), GOOD);
    let own = fs::read_to_string(home.state().join("sim/default/.env")).unwrap();
    assert!(own.contains("GPU_DESIRED_SIZE=1"), "{own}");
}

#[test]
fn show_tells_value_source_and_meaning() {
    let home = home(&format!("{GOOD}PRIVATE_SUBNET_A=subnet-12345678\nIO2_IOPS=20000\n"));
    let args = ["config", "show", "--set", "IO2_IOPS=30000", "--set", "GPU_SUBNET=${PRIVATE_SUBNET_A}", "--all"];
    let ended = home.run(&args).exits(0);
    for text in ["30,000 IOPS", "over .env:5 with 20000", "written ${PRIVATE_SUBNET_A}", ".env:2", "default"] {
        assert!(ended.stdout.contains(text), "{text}\n{ended}");
    }
}

#[test]
fn show_as_json_is_one_record_a_setting() {
    let home = home(GOOD);
    let all = home.run(&["config", "show", "--output", "json"]).exits(0).records();
    let settings = named(&all, "setting");
    assert!(settings.len() >= 49 && settings.len() == all.len());
    let one = home.run(&["config", "show", "CLUSTER_NAME", "--output", "json"]).exits(0).records();
    let setting = &one[0]["setting"];
    assert_eq!((&setting["effective"], &setting["source"]), (&"orbit-train".into(), &".env:2".into()));
    home.run(&["config", "show", "CLUSTER_NAM"]).exits(2);
}

#[test]
fn show_withholds_secrets() {
    let home = home("CLUSTER_NAME=AKIAIOSFODNN7EXAMPLE\nDB_PASSWORD=hunter2\n");
    for output in ["text", "json"] {
        let ended = home.run(&["config", "show", "--all", "--output", output]).exits(0);
        ended.says("<withheld>").never_says("AKIA").never_says("hunter2");
    }
}

#[test]
fn a_file_of_the_original_project_is_told_what_changed_in_meaning() {
    let file = repository("tests/configs/valid/original.env");
    let ended = Home::new().run(&["config", "check", "--env-file", &file]).exits(0);
    ended.says("KARPENTER_VERSION=1.1.0\n  was: ").says("GPU_SUBNET_A, GPU_SUBNET_B, GPU_SUBNET_C").says("AMI-001");
    let records = Home::new().run(&["config", "check", "--env-file", &file, "--output", "json"]).exits(0).records();
    assert!(named(&records, "meaning_changed").len() >= 9);
    let own = repository("tests/configs/valid/p5en.env");
    Home::new().run(&["config", "check", "--env-file", &own]).exits(0).never_says("original project");
}

#[test]
fn documents_are_the_committed_ones() {
    for (what, path) in
        [("docs", "docs/configuration.md"), ("schema", "docs/configuration.schema.json"), ("example", ".env.example")]
    {
        let ended = Home::new().run(&["config", what]).exits(0);
        assert_eq!(ended.stdout, fs::read_to_string(repository(path)).unwrap(), "{path}");
    }
}

/// Asks bash itself, with the script loaded, what it offers behind these words.
fn offered(words: &[&str]) -> Vec<String> {
    let script = Home::new().run(&["completions", "bash"]).exits(0).stdout;
    let folder = Home::new();
    let file = folder.write("script", &script);
    let list = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let ask = format!(
        "compopt() {{ :; }}; source {}; COMP_WORDS=({list}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
         _eks_wizard_assignments eks-wizard \"${{COMP_WORDS[COMP_CWORD]}}\" \
         \"${{COMP_WORDS[COMP_CWORD-1]}}\"; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        file.display()
    );
    let output = std::process::Command::new("bash").args(["--norc", "-c", &ask]).output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_variables_and_values_of_set() {
    let names = offered(&["eks-wizard", "--set", "GPU_CAPAC"]);
    assert!(names.contains(&"GPU_CAPACITY_RESERVATION_ID=".to_owned()), "{names:?}");
    assert_eq!(offered(&["eks-wizard", "--set", "GPU_CAPACITY", "=", "sp"]), ["spot"]);
    assert_eq!(offered(&["eks-wizard", "config", "set", "A=b", "INSTALL_EFS_CSI", "=", "t"]), ["true"]);
    assert!(offered(&["eks-wizard", "config", "sh"]).contains(&"show".to_owned()));
    let all = offered(&["eks-wizard", "--set", "GPU_NODE_REPAIR", "="]);
    assert!(["off", "on", "reboot-only"].iter().all(|word| all.iter().any(|one| one == word)), "{all:?}");
}
