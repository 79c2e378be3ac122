//! Discovery and observation through the real clients, with prepared answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::canned::Canned;
use super::{Needs, ProbeId, discover, observe, observe_one, records, refresh};
use crate::components::desired::{
    Addon, AddonAssociation, Desired, Ensure, LaunchTemplate, Nodes, NotDefaultClass, Objects, PlacementGroup, Role,
    SecurityGroup, Stage, Val,
};
use crate::components::observed::{Observation, Presence, Settled};
use crate::components::template::LaunchTemplateData;
use crate::domain::facts::{Fact, Facts};
use crate::domain::ids::{Arn, ResourceId, StepId};
use crate::domain::problem::ProblemKind;
use crate::domain::resource::Ownership;

const TRUST: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
                     %22Action%22%3A%22sts%3AAssumeRole%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";

fn nothing(_: &StepId, _: &str) -> Option<String> {
    None
}

fn desired(id: &str, ensure: Ensure) -> Desired {
    Desired {
        id: StepId::from(id),
        title: id.to_owned(),
        component: "test".to_owned(),
        stage: Stage::Storage,
        needs: Vec::new(),
        ensure,
        deadline_s: 60,
    }
}

fn role(managed: &[&str]) -> Desired {
    let trust = json!({"Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": ["*"]}});
    desired(
        "ebs-csi.role",
        Ensure::Role(Role {
            name: "demo-ebs-csi-role".to_owned(),
            description: String::new(),
            trust,
            managed: managed.iter().map(|arn| Arn::from(*arn)).collect(),
            inline: BTreeMap::new(),
        }),
    )
}

fn addon() -> Desired {
    let association = AddonAssociation {
        service_account: "ebs-csi-controller-sa".to_owned(),
        role: Val::output(&StepId::from("ebs-csi.role"), "arn"),
    };
    desired(
        "ebs-csi.addon",
        Ensure::Addon(Addon {
            name: "aws-ebs-csi-driver".to_owned(),
            version: "v1.64.0-eksbuild.1".to_owned(),
            configuration: None,
            associations: vec![association],
        }),
    )
}

fn with_role(canned: Canned) -> Canned {
    let role = format!(
        "<GetRoleResponse><GetRoleResult><Role><Path>/</Path><RoleName>demo-ebs-csi-role</RoleName><RoleId>A</RoleId>\
         <Arn>arn:aws:iam::111122223333:role/demo-ebs-csi-role</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
         <AssumeRolePolicyDocument>{TRUST}</AssumeRolePolicyDocument><Tags><member><Key>eks-wizard:cluster</Key>\
         <Value>demo</Value></member></Tags></Role></GetRoleResult></GetRoleResponse>"
    );
    let attached = "<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult><AttachedPolicies><member>\
        <PolicyName>A</PolicyName><PolicyArn>arn:aws:iam::aws:policy/A</PolicyArn></member></AttachedPolicies>\
        <IsTruncated>false</IsTruncated></ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>";
    let inline = "<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames/><IsTruncated>false</IsTruncated>\
        </ListRolePoliciesResult></ListRolePoliciesResponse>";
    canned.xml("GetRole", 200, &role).xml("ListAttachedRolePolicies", 200, attached).xml(
        "ListRolePolicies",
        200,
        inline,
    )
}

fn with_addon(canned: Canned, role: &str) -> Canned {
    let arn = "arn:aws:eks:us-east-2:111122223333:addon/demo/aws-ebs-csi-driver/1";
    let association = json!({"clusterName": "demo", "namespace": "kube-system", "associationId": "a-1",
        "serviceAccount": "ebs-csi-controller-sa", "ownerArn": arn});
    let mut described = association.clone();
    described["roleArn"] = json!(role);
    canned
        .json(
            "GET /clusters/demo/addons/aws-ebs-csi-driver",
            200,
            &json!({"addon": {
                "addonName": "aws-ebs-csi-driver", "addonVersion": "v1.65.0-eksbuild.1", "status": "ACTIVE",
                "addonArn": arn, "tags": {"eks-wizard:cluster": "demo"}
            }}),
        )
        .json("GET /clusters/demo/pod-identity-associations", 200, &json!({"associations": [association]}))
        .json("GET /clusters/demo/pod-identity-associations/a-1", 200, &json!({"association": described}))
}

/// A task of its own takes these futures: they must be able to move between threads.
#[tokio::test]
async fn the_futures_can_be_spawned() {
    fn movable<T: Send>(future: T) -> T {
        future
    }
    let (_, clients) = Canned::default().clients();
    let (step, needs) = (role(&[]), Needs::default());
    drop(movable(observe_one(&clients, &step, &nothing)));
    drop(movable(observe(&clients, std::slice::from_ref(&step))));
    let facts = movable(refresh(&clients.aws, Some(&clients), Facts::default(), &needs)).await;
    assert_eq!(facts, Facts::default());
}

#[tokio::test(start_paused = true)]
async fn a_role_is_compared_by_meaning() {
    let (_, clients) = with_role(Canned::default()).clients();
    let seen = observe_one(&clients, &role(&["arn:aws:iam::aws:policy/A"]), &nothing).await.unwrap();
    assert_eq!((&seen.presence, &seen.owner), (&Presence::Same, &Ownership::Ours));
    assert_eq!(seen.outputs["arn"], "arn:aws:iam::111122223333:role/demo-ebs-csi-role");
    let seen = observe_one(&clients, &role(&["arn:aws:iam::aws:policy/B"]), &nothing).await.unwrap();
    assert!(matches!(seen.presence, Presence::Differs { changes } if changes[0].path == "attached policies"));
    assert_eq!(seen.notes.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_missing_role_is_absent_and_a_denied_one_is_a_problem() {
    let error =
        |code: &str| format!("<ErrorResponse><Error><Code>{code}</Code><Message>m</Message></Error></ErrorResponse>");
    let (_, clients) = Canned::default().xml("GetRole", 404, &error("NoSuchEntity")).clients();
    assert_eq!(observe_one(&clients, &role(&[]), &nothing).await, Ok(Observation::absent()));
    let (_, clients) = Canned::default().xml("GetRole", 403, &error("AccessDenied")).clients();
    let problem = observe_one(&clients, &role(&[]), &nothing).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Denied);
    let observed = observe(&clients, &[role(&[])]).await;
    let why = &observed.0[&StepId::from("ebs-csi.role")].presence;
    assert!(matches!(why, Presence::Unknown { why } if why.starts_with("denied: iam:GetRole")), "{why:?}");
}

#[tokio::test(start_paused = true)]
async fn an_addon_reads_the_role_that_was_observed_before_it() {
    let steps = [addon(), role(&["arn:aws:iam::aws:policy/A"])];
    let (_, clients) =
        with_addon(with_role(Canned::default()), "arn:aws:iam::111122223333:role/demo-ebs-csi-role").clients();
    let seen = observe(&clients, &steps).await;
    let addon = &seen.0[&StepId::from("ebs-csi.addon")];
    assert_eq!((&addon.presence, &addon.settled), (&Presence::Same, &Settled::Yes));
    assert_eq!(addon.outputs["version"], "v1.65.0-eksbuild.1");
}

#[tokio::test(start_paused = true)]
async fn an_addon_with_a_role_that_is_not_made_yet_differs() {
    let error = "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>m</Message></Error></ErrorResponse>";
    let canned = with_addon(Canned::default().xml("GetRole", 404, error), "arn:aws:iam::111122223333:role/old");
    let (_, clients) = canned.clients();
    let seen = observe(&clients, &[addon(), role(&[])]).await;
    let Presence::Differs { changes } = &seen.0[&StepId::from("ebs-csi.addon")].presence else { panic!("{seen:?}") };
    assert_eq!(changes[0].path, "podIdentityAssociations.ebs-csi-controller-sa");
    assert_eq!(changes[0].want.as_deref(), Some("(known after ebs-csi.role.arn)"));
}

fn nodes_of(group: &str) -> Desired {
    let nodes = Nodes { nodegroup: group.to_owned(), count: 2, labels: BTreeMap::new(), taints: Vec::new() };
    desired("gpu.nodes", Ensure::Nodes(nodes))
}

#[tokio::test(start_paused = true)]
async fn nothing_there_is_absent_for_every_kind() {
    let no_group = json!({"__type": "ResourceNotFoundException", "message": "No node group found for name: gpu."});
    let no_addon = json!({"__type": "ResourceNotFoundException", "message": "No addon: x found in cluster: demo"});
    let empty = |call: &str, set: &str| format!("<{call}Response><{set}/></{call}Response>");
    let canned = Canned::default()
        .xml("DescribeLaunchTemplates", 200, &empty("DescribeLaunchTemplates", "launchTemplates"))
        .xml("DescribePlacementGroups", 200, &empty("DescribePlacementGroups", "placementGroupSet"))
        .xml("DescribeSecurityGroups", 200, &empty("DescribeSecurityGroups", "securityGroupInfo"))
        .json("GET /clusters/demo/node-groups/gpu", 404, &no_group)
        .json("GET /clusters/demo/addons/aws-ebs-csi-driver", 404, &no_addon);
    let (_, clients) = canned.clients();
    let name = || "demo-gpu".to_owned();
    let group = SecurityGroup { name: name(), description: String::new(), vpc: ResourceId::from("vpc-1") };
    let template = LaunchTemplate { name: name(), data: LaunchTemplateData::default() };
    let steps = [
        desired("gpu.security-group", Ensure::SecurityGroup(group)),
        desired("gpu.placement-group", Ensure::PlacementGroup(PlacementGroup { name: name() })),
        desired("gpu.launch-template", Ensure::LaunchTemplate(template)),
        nodes_of("gpu"),
        addon(),
    ];
    let seen = observe(&clients, &steps).await;
    assert_eq!(seen.0.len(), steps.len());
    for (step, observation) in seen.0 {
        assert_eq!(observation, Observation::absent(), "{step}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_cluster_is_not_a_missing_group() {
    let no_cluster = json!({"__type": "ResourceNotFoundException", "message": "No cluster found for name: demo."});
    let (_, clients) = Canned::default().json("GET /clusters/demo/node-groups/gpu", 404, &no_cluster).clients();
    let problem = observe_one(&clients, &nodes_of("gpu"), &nothing).await.unwrap_err();
    assert!(problem.message.contains("No cluster found"), "{problem}");
}

const CLASS: &str = "/apis/storage.k8s.io/v1/storageclasses/gp3";

fn class(manager: &str, kind: &str) -> Value {
    json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "ebs.csi.aws.com",
        "parameters": {"type": kind}, "reclaimPolicy": "Delete",
        "metadata": {"name": "gp3", "resourceVersion": "7",
            "managedFields": [{"manager": manager, "operation": "Apply", "apiVersion": "storage.k8s.io/v1"}]}})
}

fn gp3() -> Desired {
    let object = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "ebs.csi.aws.com",
        "parameters": {"type": "gp3"}, "metadata": {"name": "gp3"}});
    desired("gp3.class", Ensure::Objects(Objects { objects: vec![object], ready: Vec::new() }))
}

#[tokio::test(start_paused = true)]
async fn objects_are_compared_with_the_servers_dry_run() {
    let mut dry = class("eks-wizard", "gp3");
    dry["metadata"]["resourceVersion"] = json!("8");
    let canned = Canned::default().json(&format!("GET {CLASS}"), 200, &class("eks-wizard", "gp3"));
    let (wire, clients) = canned.json(&format!("PATCH {CLASS}"), 200, &dry).clients();
    let seen = observe_one(&clients, &gp3(), &nothing).await.unwrap();
    assert_eq!((seen.presence, seen.owner), (Presence::Same, Ownership::Ours));
    let asked = wire.asked.lock().unwrap().clone();
    let patch = asked.iter().find(|line| line.starts_with("PATCH")).unwrap();
    for part in ["dryRun=All", "fieldManager=eks-wizard", "fieldValidation=Strict", "application/apply-patch+yaml"] {
        assert!(patch.contains(part), "{part} is not in {patch}");
    }
    assert!(!patch.contains("force"), "{patch}");
}

#[tokio::test(start_paused = true)]
async fn an_absent_object_is_not_even_tried() {
    let (wire, clients) = Canned::default().clients();
    let seen = observe_one(&clients, &gp3(), &nothing).await.unwrap();
    assert_eq!(seen, Observation::absent());
    assert!(wire.asked.lock().unwrap().iter().all(|line| line.starts_with("GET")));
}

#[tokio::test(start_paused = true)]
async fn another_manager_is_named_with_its_field() {
    let conflict = json!({"kind": "Status", "status": "Failure", "code": 409, "reason": "Conflict", "metadata": {},
        "message": "Apply failed with 1 conflict", "details": {"causes": [{"reason": "FieldManagerConflict",
            "message": "conflict with \"helm\" using storage.k8s.io/v1", "field": ".parameters.type"}]}});
    let canned = Canned::default().json(&format!("GET {CLASS}"), 200, &class("helm", "gp2"));
    let (_, clients) = canned.json(&format!("PATCH {CLASS}"), 409, &conflict).clients();
    let seen = observe_one(&clients, &gp3(), &nothing).await.unwrap();
    let managers = vec!["helm: .parameters.type of StorageClass gp3".to_owned()];
    assert_eq!(seen.presence, Presence::Conflict { managers });
    assert_eq!(seen.owner, Ownership::Foreign { who: "helm".to_owned() });
}

#[tokio::test(start_paused = true)]
async fn a_class_that_does_not_exist_is_not_the_default_one() {
    let (_, clients) = Canned::default().clients();
    let gp2 = desired("gp3.not-default.gp2", Ensure::NotDefaultClass(NotDefaultClass { name: "gp2".to_owned() }));
    let seen = observe_one(&clients, &gp2, &nothing).await.unwrap();
    assert_eq!((seen.presence, seen.owner), (Presence::Same, Ownership::Nobody));
}

#[tokio::test(start_paused = true)]
async fn a_denied_call_stops_no_other_probe() {
    let denied = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>not authorized</Message></Error>\
        </Errors><RequestID>r</RequestID></Response>";
    let identity = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/x/y\
        </Arn><UserId>u</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let cluster = json!({"cluster": {"name": "demo", "version": "1.35", "status": "ACTIVE",
        "resourcesVpcConfig": {"vpcId": "vpc-1", "clusterSecurityGroupId": "sg-1"}}});
    let canned = Canned::default()
        .xml("DescribeSubnets", 403, denied)
        .xml("DescribeNetworkInterfaces", 403, denied)
        .xml("GetCallerIdentity", 200, identity)
        .json("GET /clusters/demo", 200, &cluster);
    let (_, clients) = canned.clients();
    let probes = [ProbeId::Caller, ProbeId::Cluster, ProbeId::Subnets];
    let needs = Needs { probes: BTreeSet::from(probes), ..Needs::default() };
    let facts = discover(&clients.aws, Some(&clients), &needs).await;
    assert_eq!(
        facts.caller.known().map(|caller| (caller.account.as_str(), &caller.alias)),
        Some(("111122223333", &None))
    );
    assert_eq!(facts.cluster.known().map(|cluster| cluster.vpc.as_str()), Some("vpc-1"));
    let Fact::Unknown { why } = &facts.network.subnets else { panic!("{:?}", facts.network.subnets) };
    assert!(why.starts_with("denied: ec2:DescribeSubnets answers UnauthorizedOperation"), "{why}");
    assert_eq!(facts.kube.nodes, Fact::NotAsked);
    let kinds: Vec<String> = records(&facts).into_iter().map(|record| record.kind).collect();
    assert_eq!(kinds, ["caller", "cluster", "unknown"]);
}

#[tokio::test(start_paused = true)]
async fn a_second_stage_keeps_what_the_first_one_read() {
    let (_, clients) = Canned::default().clients();
    let first = Needs { probes: BTreeSet::from([ProbeId::Nodes]), ..Needs::default() };
    let facts = discover(&clients.aws, None, &first).await;
    let Fact::Unknown { why } = &facts.kube.nodes else { panic!("{:?}", facts.kube.nodes) };
    assert_eq!(why, "There is no connection to a cluster.");
    let second = refresh(&clients.aws, Some(&clients), facts.clone(), &Needs::default()).await;
    assert_eq!(second, facts);
}
