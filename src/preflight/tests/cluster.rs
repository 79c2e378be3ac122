//! ACC-002, CLU-001, CLU-006, PID-001: the caller and the cluster.

use super::{Scene, by_plan, cannot_tell, change, commands, live_group, node, not_applicable, passes, unknown};
use crate::components::observed::{Observation, Presence, Settled};
use crate::components::testing::{addon, cluster, known};
use crate::domain::facts::{Access, Facts};
use crate::domain::finding::{Finding, Fix, Outcome};
use crate::domain::resource::Ownership;

const AGENT: &str = "eks-pod-identity-agent";
const STEP: &str = "pod-identity-agent.addon";

fn denied(facts: &mut Facts) {
    let denied = vec!["create apps/daemonsets".to_owned(), "list nodes".to_owned()];
    facts.kube.access = known(Access { version: "v1.35.2".to_owned(), denied, asked: 45 });
}

#[test]
fn acc_002_names_the_denied_verbs_and_the_role_of_the_caller() {
    let finding = Scene::new().knowing(denied).one("ACC-002");
    assert!(finding.blocks());
    let want = ["43 of 45 verbs allowed", "denied: create apps/daemonsets", "denied: list nodes"];
    assert_eq!(finding.evidence, want);
    let policy = "aws eks associate-access-policy --cluster-name demo --principal-arn \
                  arn:aws:iam::123456789012:role/Ops --policy-arn \
                  arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy --access-scope type=cluster";
    assert_eq!(commands(&finding)[0], policy);
}

#[test]
fn acc_002_offers_no_access_entry_where_the_cluster_takes_none() {
    let scene = Scene::new().knowing(denied).knowing(|facts| {
        change(&mut facts.cluster, |cluster| "CONFIG_MAP".clone_into(&mut cluster.authentication_mode));
    });
    let finding = scene.one("ACC-002");
    assert_eq!(commands(&finding), [""; 0]);
    assert!(matches!(&finding.fixes[..], [Fix::Ask { says }] if says.contains("kube-system/aws-auth")), "{finding:#?}");
}

#[test]
fn acc_002_cannot_tell_when_the_api_turns_the_caller_away() {
    let why = "denied: read its version: 403 Forbidden; next: add an access entry";
    let finding = Scene::new().knowing(|facts| facts.kube.access = unknown(why)).one("ACC-002");
    assert_eq!(cannot_tell(&finding), Some(why));
    assert!(!finding.blocks());
}

#[test]
fn clu_001_waits_for_the_cluster_and_for_its_updates() {
    let updating = Scene::new().knowing(|facts| {
        change(&mut facts.cluster, |cluster| {
            "UPDATING".clone_into(&mut cluster.summary.status);
            cluster.health_issues.push("Ec2SubnetNotFound: subnet-1".to_owned());
        });
    });
    let finding = updating.one("CLU-001");
    assert!(finding.blocks());
    assert_eq!(finding.evidence, ["status UPDATING", "Ec2SubnetNotFound: subnet-1"]);
    let busy = Scene::new().knowing(|facts| facts.eks.updates = known(vec!["VersionUpdate 7f2c".to_owned()]));
    let finding = busy.one("CLU-001");
    assert!(finding.blocks() && finding.evidence.contains(&"VersionUpdate 7f2c".to_owned()), "{finding:#?}");
    assert_eq!(commands(&finding), ["aws eks list-updates --name demo"]);
}

#[test]
fn clu_001_cannot_tell_without_the_updates() {
    let finding = Scene::new().knowing(|facts| facts.eks.updates = unknown("denied: eks:ListUpdates")).one("CLU-001");
    assert_eq!(cannot_tell(&finding), Some("denied: eks:ListUpdates"));
}

fn homes(scene: Scene) -> Finding {
    scene.one("CLU-006")
}

#[test]
fn clu_006_counts_ready_untainted_cpu_nodes_of_the_system_group() {
    let spoilers: [fn(&mut crate::domain::facts::Node); 4] = [
        |node| node.ready = false,
        |node| node.taints.push("dedicated=db:NoSchedule".to_owned()),
        |node| drop(node.allocatable.insert("nvidia.com/gpu".to_owned(), "8".to_owned())),
        |node| node.labels.clear(),
    ];
    for spoil in spoilers {
        let scene = Scene::new().knowing(|facts| change(&mut facts.kube.nodes, |nodes| spoil(&mut nodes[0])));
        let finding = homes(scene);
        assert!(finding.failed() && !finding.blocks(), "{finding:#?}");
        assert_eq!(finding.evidence, ["1 ready untainted CPU nodes in eks-utils, 2 needed"]);
    }
    let preferred = Scene::new().knowing(|facts| {
        change(&mut facts.kube.nodes, |nodes| nodes[0].taints.push("spot:PreferNoSchedule".to_owned()));
    });
    assert!(passes(&homes(preferred)), "a preference keeps nobody away");
}

#[test]
fn clu_006_counts_every_group_where_the_named_one_does_not_exist() {
    let scene = Scene::with(&[("SYSTEM_NODEGROUP", "absent")]);
    let finding = homes(scene);
    assert!(passes(&finding));
    assert!(finding.evidence[0].contains("node group absent does not exist"), "{finding:#?}");
    let unread = Scene::new().knowing(|facts| facts.eks.nodegroups = unknown("denied: eks:ListNodegroups"));
    assert_eq!(cannot_tell(&homes(unread)), Some("denied: eks:ListNodegroups"));
}

#[test]
fn clu_006_leaves_nodes_to_auto_mode() {
    let scene = Scene::new().knowing(|facts| {
        facts.cluster = known(cluster(true));
        facts.kube.nodes = known(vec![node("a")]);
    });
    assert!(not_applicable(&homes(scene)).is_some());
}

fn agent(facts: &mut Facts, status: &str, ours: bool) {
    let tags: &[(&str, &str)] = if ours { &[("eks-wizard:cluster", "demo")] } else { &[] };
    let mut agent = addon(AGENT, tags);
    status.clone_into(&mut agent.status);
    agent.issues.push("AccessDenied: no".to_owned());
    change(&mut facts.eks.addons, |addons| addons.push(agent));
}

#[test]
fn pid_001_passes_by_the_plan_until_the_agent_is_active() {
    let absent = Scene::new().one("PID-001");
    assert_eq!(by_plan(&absent), Some(STEP));
    let creating = Scene::new().knowing(|facts| agent(facts, "CREATING", true));
    assert_eq!(by_plan(&creating.one("PID-001")), Some(STEP));
    let active = Scene::new().knowing(|facts| agent(facts, "ACTIVE", false));
    let finding = active.one("PID-001");
    assert!(passes(&finding));
    assert_eq!(finding.evidence, ["add-on v1.0.0-eksbuild.1 is ACTIVE"]);
}

#[test]
fn pid_001_fails_for_a_broken_agent_of_somebody_else() {
    let mut scene = Scene::new().knowing(|facts| agent(facts, "DEGRADED", false));
    let seen = Observation {
        presence: Presence::Same,
        owner: Ownership::Foreign { who: "eksctl".to_owned() },
        settled: Settled::Failed { why: "DEGRADED".to_owned() },
        ..Observation::absent()
    };
    scene.observed.insert(STEP.to_owned(), seen);
    let finding = scene.one("PID-001");
    assert!(finding.blocks());
    assert_eq!(finding.evidence, ["add-on v1.0.0-eksbuild.1 is DEGRADED", "AccessDenied: no"]);
    assert!(commands(&finding)[0].contains("describe-addon"), "{finding:#?}");
}

#[test]
fn pid_001_needs_no_add_on_in_auto_mode_and_cannot_tell_without_the_list() {
    let auto = Scene::new().knowing(|facts| facts.cluster = known(cluster(true)));
    assert!(passes(&auto.one("PID-001")));
    let unread = Scene::new().knowing(|facts| facts.eks.addons = unknown("denied: eks:ListAddons"));
    assert_eq!(cannot_tell(&unread.one("PID-001")), Some("denied: eks:ListAddons"));
}

#[test]
fn a_standing_group_does_not_change_what_the_cluster_checks_say() {
    let scene = Scene::new().knowing(|facts| live_group(facts, 2));
    assert!(scene.findings().iter().all(|finding| finding.outcome != Outcome::Fail));
}
