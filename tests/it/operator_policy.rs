//! `iam-policies/operator.json` allows every AWS call that the program makes, and the ones that AWS demands besides.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// What AWS checks besides the call itself: tags at creation, associations inside add-ons, roles passed on, the
/// service-linked role of a first node group, and the launch that EKS tries in the caller's name.
const IMPLIED: &[&str] = &[
    "ec2:CreateTags",
    "ec2:RunInstances",
    "eks:CreatePodIdentityAssociation",
    "eks:DeletePodIdentityAssociation",
    "eks:TagResource",
    "eks:UpdatePodIdentityAssociation",
    "iam:CreateServiceLinkedRole",
    "iam:PassRole",
    "iam:TagRole",
];

/// Calls whose errors are worded where they are made, and the one whose failure is no problem: the alias is only shown.
const UNCLASSIFIED: &[&str] = &["eks:DescribeCluster", "iam:ListAccountAliases"];

/// Calls as the source names them to the classifier of errors, which every call passes.
fn calls(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "sim") {
                calls(&path, found);
            }
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for rest in text.split("classify::aws(").skip(1) {
            let name = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
            found.extend(name.filter(|name| name.contains(':')).map(str::to_owned));
        }
    }
}

fn allowed() -> BTreeSet<String> {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("iam-policies/operator.json")).unwrap();
    let policy: Value = serde_json::from_str(&text).unwrap();
    let actions = policy["Statement"].as_array().unwrap().iter().map(|statement| &statement["Action"]);
    actions
        .flat_map(|action| match action {
            Value::Array(list) => list.iter().map(|one| one.as_str().unwrap().to_owned()).collect::<Vec<_>>(),
            one => vec![one.as_str().unwrap().to_owned()],
        })
        .collect()
}

#[test]
fn the_policy_allows_what_the_program_calls_and_no_more() {
    let mut called = BTreeSet::new();
    calls(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut called);
    assert!(called.len() > 40, "{called:?}");
    let wanted: BTreeSet<String> =
        called.into_iter().chain(IMPLIED.iter().chain(UNCLASSIFIED).map(|one| (*one).to_owned())).collect();
    let allowed = allowed();
    let missing: Vec<_> = wanted.difference(&allowed).collect();
    assert!(missing.is_empty(), "not allowed by operator.json: {missing:?}");
    let surplus: Vec<_> = allowed.difference(&wanted).collect();
    assert!(surplus.is_empty(), "allowed by operator.json, but never called: {surplus:?}");
}
