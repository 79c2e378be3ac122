//! The simulator as a whole: real clients in, worlds compared.

mod kubernetes;

use std::sync::Mutex;
use std::time::Duration;

use aws_sdk_iam::types::Tag;
use bytes::Bytes;
use tokio::time::timeout;

use super::*;
use crate::sim::testing::config;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},
"Action":["sts:AssumeRole","sts:TagSession"]}]}"#;

fn open(dir: &Path, faults: &str) -> Simulator {
    let options =
        SimOptions { dir: Some(dir.to_owned()), faults: faults.parse().unwrap(), ..SimOptions::new("default") };
    Simulator::open(options).unwrap()
}

fn world_text(sim: &Simulator) -> String {
    sim.with_world(|world| format!("{world:#?}"))
}

fn role_names(sim: &Simulator) -> Vec<String> {
    sim.with_world(|world| world.iam.roles.keys().filter(|name| name.starts_with("t-")).cloned().collect())
}

async fn create(sim: &Simulator, name: &str) -> Result<(), aws_sdk_iam::Error> {
    let tag = Tag::builder().key("a&b").value("<é>").build().unwrap();
    let client = aws_sdk_iam::Client::new(&config(sim));
    let role = client.create_role().role_name(name).assume_role_policy_document(TRUST).tags(tag);
    role.send().await.map(drop).map_err(Into::into)
}

#[tokio::test(start_paused = true)]
async fn the_real_clients_work_over_the_wire() {
    let sim = Simulator::open(SimOptions::new("default")).unwrap();
    let config = config(&sim);

    create(&sim, "t-pods").await.unwrap();
    let iam = aws_sdk_iam::Client::new(&config);
    let role = iam.get_role().role_name("t-pods").send().await.unwrap().role.unwrap();
    assert_eq!(role.arn(), "arn:aws:iam::111122223333:role/t-pods");
    let sent = percent_encoding::percent_decode_str(role.assume_role_policy_document().unwrap()).decode_utf8().unwrap();
    assert_eq!(sent, TRUST);
    assert_ne!(role.assume_role_policy_document(), Some(TRUST), "IAM answers documents URL-encoded");
    assert_eq!((role.tags()[0].key(), role.tags()[0].value()), ("a&b", "<é>"));
    let again = create(&sim, "t-pods").await.unwrap_err();
    assert!(matches!(again, aws_sdk_iam::Error::EntityAlreadyExistsException(_)), "{again:?}");

    let identity = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some("arn:aws:sts::111122223333:assumed-role/PlatformOps/ops7"));

    let quotas = aws_sdk_servicequotas::Client::new(&config);
    let quota = |code: &str| quotas.get_service_quota().service_code("ec2").quota_code(code).send();
    assert_eq!(quota("L-417A185B").await.unwrap().quota.and_then(|quota| quota.value), Some(768.0));
    let unknown = quota("L-00000000").await.unwrap_err().into_service_error();
    assert!(unknown.is_no_such_resource_exception(), "{unknown:?}");
    let pages = quotas.list_service_quotas().service_code("ec2").max_results(3).into_paginator().items().send();
    let all = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    assert_eq!(all.len(), 4);

    let groups = aws_sdk_autoscaling::Client::new(&config).describe_auto_scaling_groups();
    let groups = groups.auto_scaling_group_names("no-such-group").send().await.unwrap();
    assert!(groups.auto_scaling_groups().is_empty());
    assert!(sim.api_calls() >= 9, "{}", sim.api_calls());
}

#[tokio::test(start_paused = true)]
async fn a_reopened_world_is_the_same_world() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path(), "");
    create(&first, "t-a").await.unwrap();
    first.timer().sleep(Duration::from_secs(700)).await;
    create(&first, "t-b").await.unwrap();
    create(&first, "t-b").await.unwrap_err();
    let iam = aws_sdk_iam::Client::new(&config(&first));
    iam.get_role().role_name("t-a").send().await.unwrap();
    iam.delete_role().role_name("t-a").send().await.unwrap();
    drop(first.shared.advanced(|_| ()));
    let left = world_text(&first);
    drop(first);
    let second = open(dir.path(), "");
    assert_eq!(role_names(&second), ["t-b"]);
    let found = world_text(&second);
    // The clock moved on between the last look and the clean close by what the close itself took: nothing, in paused time.
    assert_eq!(found, left);
}

#[tokio::test(start_paused = true)]
async fn the_clock_stands_still_while_nobody_runs_the_world() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path(), "");
    assert_eq!(first.timer().now(), scenario::load("default").unwrap().origin);
    first.timer().sleep(Duration::from_secs(3600)).await;
    let left = first.timer().now();
    drop(first);
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(open(dir.path(), "").timer().now(), left);
}

#[tokio::test(start_paused = true)]
async fn a_torn_record_is_an_effect_that_did_not_happen() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path(), "after:2:crash");
    create(&first, "t-a").await.unwrap();
    assert!(timeout(Duration::from_secs(60), create(&first, "t-b")).await.is_err());
    drop(first);
    let log = dir.path().join("world.log");
    let bytes = std::fs::read(&log).unwrap();
    std::fs::write(&log, &bytes[..bytes.len() - 3]).unwrap();
    assert_eq!(role_names(&open(dir.path(), "")), ["t-a"]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_leaves_the_world_as_its_last_effect_left_it() {
    for (faults, want) in [("before:2", vec!["t-a"]), ("after:2", vec!["t-a", "t-b"]), ("body:2", vec!["t-a", "t-b"])] {
        let dir = tempfile::tempdir().unwrap();
        let struck = Arc::new(Mutex::new(0));
        let count = Arc::clone(&struck);
        let options = SimOptions {
            dir: Some(dir.path().to_owned()),
            faults: faults.parse().unwrap(),
            on_crash: Arc::new(move || *count.lock().unwrap() += 1),
            ..SimOptions::new("default")
        };
        let first = Simulator::open(options).unwrap();
        create(&first, "t-a").await.unwrap();
        for name in ["t-b", "t-c"] {
            assert!(
                timeout(Duration::from_secs(600), create(&first, name)).await.is_err(),
                "{faults}: {name} is answered"
            );
        }
        assert_eq!(*struck.lock().unwrap(), 1, "{faults}");
        drop(first);
        assert_eq!(role_names(&open(dir.path(), "")), want, "{faults}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_breaks_one_call_only() {
    for (faults, want) in [("before:1:reset", vec![]), ("after:1:reset", vec!["t-a"]), ("body:1:reset", vec!["t-a"])] {
        let sim =
            Simulator::open(SimOptions { faults: faults.parse().unwrap(), ..SimOptions::new("default") }).unwrap();
        assert!(create(&sim, "t-a").await.is_err(), "{faults}");
        assert_eq!(role_names(&sim), want, "{faults}");
        create(&sim, "t-z").await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_gap_is_named_and_never_answered() {
    let named = Arc::new(Mutex::new(Vec::new()));
    let names = Arc::clone(&named);
    let on_gap: OnGap = Arc::new(move |name| names.lock().unwrap().push(name.to_owned()));
    let sim = Simulator::open(SimOptions { on_gap, ..SimOptions::new("default") }).unwrap();
    let iam = aws_sdk_iam::Client::new(&config(&sim));
    let operation = iam.create_user().user_name("u").send();
    assert!(timeout(Duration::from_secs(60), operation).await.is_err());
    let role = iam.create_role().role_name("t-a").assume_role_policy_document(TRUST).permissions_boundary("p");
    assert!(timeout(Duration::from_secs(60), role.send()).await.is_err());
    assert_eq!(*named.lock().unwrap(), ["iam:CreateUser", "iam:CreateRole.PermissionsBoundary"]);
}

#[tokio::test(start_paused = true)]
async fn an_effect_is_in_the_log_before_its_answer_and_without_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let sim = open(dir.path(), "");
    create(&sim, "t-a").await.unwrap();
    let log = std::fs::read_to_string(dir.path().join("world.log")).unwrap();
    assert!(log.contains("RoleName=t-a"), "{log}");
    for secret in ["AKIATESTKEY", "very-secret", "session-secret", "Signature"] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
    let iam = aws_sdk_iam::Client::new(&config(&sim));
    iam.get_role().role_name("t-a").send().await.unwrap();
    assert_eq!(std::fs::read_to_string(dir.path().join("world.log")).unwrap(), log, "a read is logged");
}

#[tokio::test(start_paused = true)]
async fn a_second_process_is_told_who_holds_the_world() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path(), "");
    let options = SimOptions { dir: Some(dir.path().to_owned()), ..SimOptions::new("default") };
    match Simulator::open(options.clone()) {
        Err(SimError::Locked { pid, .. }) => assert_eq!(pid, std::process::id()),
        other => panic!("{other:?}"),
    }
    let wire = first.wire();
    drop(first);
    assert!(Simulator::open(options).is_ok(), "a wire that lives on holds no lock");
    let request = http::Request::get("https://iam.amazonaws.com/").body(Bytes::new()).unwrap();
    assert!(wire.send(request).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn reset_forgets_the_world() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path(), "");
    create(&first, "t-a").await.unwrap();
    drop(first);
    let options = SimOptions { dir: Some(dir.path().to_owned()), reset: true, ..SimOptions::new("default") };
    assert_eq!(role_names(&Simulator::open(options).unwrap()), Vec::<String>::new());
    assert_eq!(role_names(&open(dir.path(), "")), Vec::<String>::new());
}

#[test]
fn an_unknown_scenario_is_named() {
    let error = Simulator::open(SimOptions::new("no-such-scenario")).unwrap_err();
    assert!(error.to_string().contains("no-such-scenario"), "{error}");
}

/// A small generator, so that the test is the same every time.
fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

#[tokio::test(start_paused = true)]
async fn any_history_replays_to_the_same_world_wherever_it_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let mut seed = 7;
    for _ in 0..3 {
        let sim = open(dir.path(), "");
        let iam = aws_sdk_iam::Client::new(&config(&sim));
        for _ in 0..12 {
            sim.timer().sleep(Duration::from_millis(next(&mut seed) % 40_000)).await;
            let name = format!("t-{}", next(&mut seed) % 4);
            let policy = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy";
            // Refused calls belong to the history as well.
            match next(&mut seed) % 5 {
                0 | 1 => drop(create(&sim, &name).await),
                2 => drop(iam.attach_role_policy().role_name(name).policy_arn(policy).send().await),
                3 => drop(iam.detach_role_policy().role_name(name).policy_arn(policy).send().await),
                _ => drop(iam.delete_role().role_name(name).send().await),
            }
        }
        drop(sim.shared.advanced(|_| ()));
        let left = world_text(&sim);
        drop(sim);
        assert_eq!(world_text(&open(dir.path(), "")), left);
    }
}
