//! The simulator is no mirror: what it answers is shaped like the answers of AWS and Kubernetes, not like our requests.
//! These are the rules of architecture.md section 1 that only a whole install can show; the others are tested beside the
//! code of the simulator.

mod botocore;
mod template;
mod timing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

use crate::stage::{Exchange, Stage, assert_done, on_paused_clock, spec, state_folder};

/// Everything that an install, a second look and a verification say and hear.
fn install() -> &'static [Exchange] {
    static TAPED: OnceLock<Vec<Exchange>> = OnceLock::new();
    TAPED.get_or_init(|| {
        let state = state_folder();
        on_paused_clock(async {
            let stage = Stage::open(state.path());
            assert_done(&stage.apply(spec(&[])).await.unwrap());
            let (ground, planned) = stage.look(spec(&[])).await;
            eks_wizard::ops::verify::verify(&stage.session, &ground, &planned).await.unwrap();
            stage.tape.exchanges()
        })
    })
}

/// Kinds whose specification the API server completes.
const COMPLETED: [&str; 3] = ["DaemonSet", "Deployment", "Service"];

/// Members that every object has and nobody sends.
const SERVER: [&str; 5] = ["uid", "resourceVersion", "creationTimestamp", "managedFields", "generation"];

/// The object without its status and without what the server adds to the metadata of every object.
fn desired_part(object: &Value) -> Value {
    let mut part = object.clone();
    part.as_object_mut().unwrap().remove("status");
    for member in SERVER {
        part["metadata"].as_object_mut().unwrap().remove(member);
    }
    part
}

/// Rule 3: whatever is applied comes back completed.
#[test]
fn no_object_is_read_back_as_it_was_sent() {
    let applied =
        install().iter().filter(|one| one.request.is_kubernetes() && one.request.method == http::Method::PATCH);
    let sent: BTreeMap<&str, &Exchange> =
        applied.filter(|one| one.request.is_change()).map(|one| (one.request.uri.path(), one)).collect();
    assert!(sent.len() >= 12, "{:?}", sent.keys());
    let mut completed = BTreeSet::new();
    for (path, patch) in sent {
        let wanted: Value = serde_json::from_slice(&patch.request.body).unwrap();
        let stored: Value = serde_json::from_slice(&patch.answer).unwrap();
        for member in SERVER.iter().filter(|member| **member != "generation") {
            assert!(stored["metadata"].get(*member).is_some(), "{path} has no {member}");
        }
        // A merge patch (the default mark of gp2) names no kind: it applies no object.
        let Some(kind) = wanted["kind"].as_str() else { continue };
        if COMPLETED.contains(&kind) {
            assert_ne!(desired_part(&stored), desired_part(&wanted), "{path}");
            completed.insert(kind.to_owned());
        }
    }
    assert!(completed.len() >= 3, "{completed:?}");
}

/// Rule 3: IAM answers its documents URL-encoded.
#[test]
fn a_role_comes_back_url_encoded() {
    let read = |one: &&Exchange| one.request.operation().as_deref() == Some("GetRole") && one.status == 200;
    let roles: Vec<&Exchange> = install().iter().filter(read).collect();
    assert!(!roles.is_empty());
    for role in roles {
        let text = String::from_utf8_lossy(&role.answer);
        let document = text.split("<AssumeRolePolicyDocument>").nth(1).unwrap();
        assert!(document.starts_with("%7B"), "{document}");
    }
}

/// Rule 3: EC2 adds its own tag specification to a launch template.
#[test]
fn a_template_comes_back_with_tags_that_nobody_sent() {
    let operation = |name: &'static str| {
        move |one: &&Exchange| one.request.operation().as_deref() == Some(name) && one.status == 200
    };
    let sent = install().iter().find(operation("CreateLaunchTemplate")).unwrap().request.text();
    let sent: BTreeMap<String, String> = url::form_urlencoded::parse(sent.as_bytes()).into_owned().collect();
    let inside =
        |name: &str, kind: &str| name.starts_with("LaunchTemplateData.TagSpecification") && kind == "launch-template";
    assert!(!sent.iter().any(|(name, kind)| inside(name, kind)), "{sent:?}");
    let read = install().iter().rfind(operation("DescribeLaunchTemplateVersions")).unwrap();
    let text = String::from_utf8_lossy(&read.answer);
    assert!(text.contains("<resourceType>launch-template</resourceType>"), "{text}");
}
