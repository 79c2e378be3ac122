//! Components against facts: who is chosen, and what each makes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::component::{Choice, Component, Inputs, addons_asked, find, policies_asked, registry};
use super::desired::{Desired, Ensure, Objects, Readiness};
use super::ebs_csi::EbsCsi;
use super::efa_device_plugin::EfaDevicePlugin;
use super::gp3::Gp3;
use super::io2::Io2;
use super::metrics_server::MetricsServer;
use super::naming::{MANAGED_BY, OWNER_TAG, owner_tags};
use super::nvidia_device_plugin::NvidiaDevicePlugin;
use super::pod_identity_agent::PodIdentityAgent;
use super::testing::{addon, cluster, facts, known, place, spec, spec_with, spec_without_gpu, workload};
use crate::config::Spec;
use crate::domain::facts::{Fact, Facts};

fn made(component: &dyn Component, spec: &Spec, facts: &Facts) -> Vec<Desired> {
    let place = place();
    let tags = owner_tags(&place);
    component.desired(&Inputs { spec, facts, place: &place, tags: &tags }).unwrap()
}

fn notes(component: &dyn Component, spec: &Spec, facts: &Facts) -> Vec<String> {
    let place = place();
    let tags = owner_tags(&place);
    component.notes(&Inputs { spec, facts, place: &place, tags: &tags })
}

fn ids(steps: &[Desired]) -> Vec<&str> {
    steps.iter().map(|step| step.id.as_str()).collect()
}

fn objects(step: &Desired) -> &Objects {
    match &step.ensure {
        Ensure::Objects(objects) => objects,
        other => panic!("{other:?}"),
    }
}

fn of_kind<'a>(step: &'a Desired, kind: &str) -> &'a Value {
    objects(step).objects.iter().find(|object| object["kind"] == kind).unwrap()
}

#[test]
fn ids_are_unique_and_lead_to_their_component() {
    let all: BTreeSet<&str> = registry().iter().map(|component| component.id()).collect();
    assert_eq!(all.len(), registry().len());
    assert!(all.iter().all(|id| find(id).is_some_and(|found| found.id() == *id)));
    assert!(find("lbc").is_none());
}

#[test]
fn every_step_carries_the_id_of_its_component_and_every_object_our_label() {
    for component in registry() {
        for step in made(*component, &spec_with(&[("/components/io2", json!(10_000))]), &facts()) {
            assert_eq!(step.component, component.id());
            assert!(step.id.as_str().starts_with(&format!("{}.", component.id())), "{}", step.id);
            assert!(step.deadline_s > 0);
            if let Ensure::Objects(objects) = &step.ensure {
                for object in &objects.objects {
                    assert_eq!(object["metadata"]["labels"][MANAGED_BY], "eks-wizard", "{object}");
                    assert!(object["apiVersion"].is_string() && object["metadata"]["name"].is_string());
                    let text = object.to_string();
                    assert!(!text.contains("{{") && !text.contains("eks.amazonaws.com/role-arn"), "{text}");
                }
            }
        }
    }
}

#[test]
fn the_ebs_driver_needs_the_agent_and_reads_the_arn_of_its_role() {
    let steps = made(&EbsCsi, &spec(), &facts());
    assert_eq!(ids(&steps), ["ebs-csi.role", "ebs-csi.addon"]);
    let json = serde_json::to_value(&steps).unwrap();
    assert_eq!(json[0]["ensure"]["spec"]["name"], "demo-ebs-csi-role");
    let trust = &json[0]["ensure"]["spec"]["trust"]["Statement"][0];
    assert_eq!(trust["Action"], json!(["sts:AssumeRole", "sts:TagSession"]));
    assert_eq!(trust["Principal"]["Service"], "pods.eks.amazonaws.com");
    assert_eq!(trust["Condition"]["StringEquals"]["aws:SourceAccount"], "123456789012");
    let cluster = "arn:aws:eks:us-east-2:123456789012:cluster/demo";
    assert_eq!(trust["Condition"]["ArnEquals"]["aws:SourceArn"], cluster);
    assert_eq!(json[1]["needs"], json!(["pod-identity-agent.addon"]));
    let association = json!([{"service_account": "ebs-csi-controller-sa", "role": {"Ref": "ebs-csi.role.arn"}}]);
    assert_eq!(json[1]["ensure"]["spec"]["associations"], association);
}

#[test]
fn the_newer_driver_policy_is_taken_only_where_it_exists() {
    let policy = |facts: &Facts| match &made(&EbsCsi, &spec(), facts)[0].ensure {
        Ensure::Role(role) => role.managed[0].as_str().rsplit('/').next().unwrap().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(policy(&facts()), "AmazonEBSCSIDriverPolicyV2");
    let absent = Facts { policies: known(BTreeSet::new()), ..facts() };
    assert_eq!(policy(&absent), "AmazonEBSCSIDriverPolicy");
    let denied = Facts { policies: Fact::Unknown { why: "iam:GetPolicy is denied".to_owned() }, ..facts() };
    assert_eq!(policy(&denied), "AmazonEBSCSIDriverPolicy");
}

#[test]
fn an_addon_of_ours_keeps_its_version_and_a_new_one_takes_the_default() {
    let version = |facts: &Facts| match &made(&PodIdentityAgent, &spec(), facts)[0].ensure {
        Ensure::Addon(addon) => addon.version.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(version(&facts()), "v1.3.10-eksbuild.2");
    let mut standing = facts();
    standing.eks.addons = known(vec![addon("eks-pod-identity-agent", &[(OWNER_TAG, "demo")])]);
    assert_eq!(version(&standing), "v1.0.0-eksbuild.1");
}

#[test]
fn without_versions_on_offer_the_addon_cannot_be_planned_and_the_reason_is_named() {
    let mut facts = facts();
    facts.eks.addon_versions = Fact::Unknown { why: "eks:DescribeAddonVersions: AccessDenied".to_owned() };
    let (place, spec) = (place(), spec());
    let tags = owner_tags(&place);
    let inputs = Inputs { spec: &spec, facts: &facts, place: &place, tags: &tags };
    let problem = PodIdentityAgent.desired(&inputs).unwrap_err();
    assert!(problem.to_string().contains("AccessDenied"), "{problem}");
}

#[test]
fn an_addon_of_someone_else_is_adopted_without_role_or_association() {
    let mut facts = facts();
    facts.eks.addons = known(vec![addon("aws-ebs-csi-driver", &[("alpha.eksctl.io/cluster-name", "demo")])]);
    assert_eq!(EbsCsi.choice(&spec(), &facts), Choice::Adopt { who: "eksctl".to_owned() });
    let steps = made(&EbsCsi, &spec(), &facts);
    assert_eq!(ids(&steps), ["ebs-csi.addon"]);
    assert!(matches!(&steps[0].ensure, Ensure::Addon(addon) if addon.associations.is_empty()));
}

#[test]
fn a_foreign_component_that_does_not_work_blocks_and_names_the_variable() {
    let mut facts = facts();
    let mut broken = addon("aws-ebs-csi-driver", &[]);
    broken.status = "DEGRADED".to_owned();
    facts.eks.addons = known(vec![broken]);
    let blocked = EbsCsi.choice(&spec(), &facts);
    assert!(matches!(blocked, Choice::Blocked { variable: "EBS_CSI", .. }), "{blocked:?}");
    let adopt = spec_with(&[("/components/ebs_csi", json!("adopt"))]);
    assert!(matches!(EbsCsi.choice(&adopt, &facts), Choice::Adopt { .. }));
    let skip = spec_with(&[("/components/ebs_csi", json!("skip"))]);
    assert!(matches!(EbsCsi.choice(&skip, &facts), Choice::Skip { .. }));
    assert!(made(&EbsCsi, &skip, &facts).is_empty());
}

#[test]
fn adopting_what_is_absent_blocks() {
    let adopt = spec_with(&[("/components/metrics_server", json!("adopt"))]);
    let blocked = MetricsServer.choice(&adopt, &facts());
    assert!(matches!(blocked, Choice::Blocked { variable: "METRICS_SERVER", .. }), "{blocked:?}");
}

#[test]
fn a_workload_tells_whose_the_metrics_server_is() {
    let with = |manager: &str, ready| {
        let mut facts = facts();
        facts.kube.workloads = known(vec![workload("Deployment", "metrics-server", manager, ready)]);
        MetricsServer.choice(&spec(), &facts)
    };
    assert_eq!(with("eks-wizard", 0), Choice::Install);
    assert_eq!(with("argocd-controller", 1), Choice::Adopt { who: "argocd-controller".to_owned() });
    assert!(matches!(with("argocd-controller", 0), Choice::Blocked { .. }));
}

#[test]
fn auto_mode_supplies_agent_and_block_storage_but_not_the_class() {
    let facts = Facts { cluster: known(cluster(true)), ..facts() };
    for component in [&PodIdentityAgent as &dyn Component, &EbsCsi] {
        let choice = component.choice(&spec(), &facts);
        assert!(matches!(&choice, Choice::Skip { why } if why.contains("Auto Mode")), "{choice:?}");
        assert!(made(component, &spec(), &facts).is_empty());
    }
    let class = &made(&Gp3, &spec(), &facts)[0];
    assert_eq!(objects(class).objects[0]["provisioner"], "ebs.csi.eks.amazonaws.com");
}

#[test]
fn gp3_becomes_the_only_default_and_is_one_before_others_cease_to_be() {
    let steps = made(&Gp3, &spec(), &facts());
    assert_eq!(ids(&steps), ["gp3.class", "gp3.not-default.gp2"]);
    assert_eq!(steps[1].needs, ["gp3.class".into()]);
    let class = &objects(&steps[0]).objects[0];
    assert_eq!(class["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"], "true");
    assert_eq!(
        (&class["volumeBindingMode"], &class["allowVolumeExpansion"]),
        (&json!("WaitForFirstConsumer"), &json!(true))
    );
    assert!(class["parameters"].as_object().unwrap().values().all(Value::is_string));
    let mut unread = facts();
    unread.kube.storage_classes = Fact::NotAsked;
    assert_eq!(ids(&made(&Gp3, &spec(), &unread)), ["gp3.class"]);
    assert_eq!(notes(&Gp3, &spec(), &unread).len(), 1);
}

#[test]
fn io2_is_off_by_default_and_its_iops_are_text() {
    assert!(matches!(Io2.choice(&spec(), &facts()), Choice::Off { .. }));
    let on = spec_with(&[("/components/io2", json!(10_000))]);
    let class = &made(&Io2, &on, &facts())[0];
    assert_eq!(objects(class).objects[0]["parameters"]["iops"], "10000");
    assert!(notes(&Io2, &on, &facts())[0].contains("10 GiB"));
}

#[test]
fn metrics_server_is_bound_to_the_system_group_only_where_that_exists() {
    let selector = |facts: &Facts| {
        let steps = made(&MetricsServer, &spec(), facts);
        of_kind(&steps[0], "Deployment")["spec"]["template"]["spec"]["nodeSelector"].clone()
    };
    let bound = json!({"kubernetes.io/os": "linux", "eks.amazonaws.com/nodegroup": "eks-utils"});
    assert_eq!(selector(&facts()), bound);
    let mut without = facts();
    without.eks.nodegroups = known(Vec::new());
    assert_eq!(selector(&without), json!({"kubernetes.io/os": "linux"}));
    assert!(notes(&MetricsServer, &spec(), &without)[0].contains("CLU-006"));
}

#[test]
fn metrics_server_checks_kubelet_certificates_unless_told_otherwise() {
    let args = |spec: &Spec| {
        let steps = made(&MetricsServer, spec, &facts());
        of_kind(&steps[0], "Deployment")["spec"]["template"]["spec"]["containers"][0]["args"].to_string()
    };
    assert!(!args(&spec()).contains("insecure"));
    let insecure = spec_with(&[("/components/metrics_server_insecure_tls", json!(true))]);
    assert!(args(&insecure).contains("--kubelet-insecure-tls"));
    let warned = |spec: &Spec| notes(&MetricsServer, spec, &facts()).iter().any(|note| note.contains("INSECURE_TLS"));
    assert_eq!((warned(&spec()), warned(&insecure)), (false, true), "the plan warns of it");
}

#[test]
fn plugins_are_off_without_gpu_nodes() {
    for component in [&NvidiaDevicePlugin as &dyn Component, &EfaDevicePlugin] {
        assert!(matches!(component.choice(&spec_without_gpu(), &facts()), Choice::Off { .. }));
        assert!(made(component, &spec_without_gpu(), &facts()).is_empty());
    }
}

#[test]
fn plugins_tolerate_the_taint_and_wait_for_what_the_type_and_layout_give() {
    for (component, resource, per_node) in
        [(&NvidiaDevicePlugin as &dyn Component, "nvidia.com/gpu", 8), (&EfaDevicePlugin, "vpc.amazonaws.com/efa", 16)]
    {
        let step = &made(component, &spec(), &facts())[0];
        assert_eq!(step.needs, ["gpu.gpu-compute.nodes".into()]);
        let pod = &of_kind(step, "DaemonSet")["spec"]["template"]["spec"];
        let tolerations = pod["tolerations"].as_array().unwrap();
        assert!(tolerations.contains(&json!({"key": "nvidia.com/gpu", "operator": "Exists"})), "{tolerations:?}");
        assert_eq!(pod["priorityClassName"], "system-node-critical");
        assert!(pod["containers"][0]["resources"]["requests"].is_object());
        let ready = &objects(step).ready;
        assert!(matches!(ready[0], Readiness::DaemonSet { at_least: 2, .. }), "{ready:?}");
        let expected = Readiness::Allocatable {
            selector: "eks-wizard/group=gpu-compute".to_owned(),
            resource: resource.to_owned(),
            per_node,
            nodes: 2,
        };
        assert_eq!(ready[1], expected);
    }
}

#[test]
fn the_efa_plugin_comes_from_the_registry_of_the_cni_and_fits_every_known_type() {
    let step = &made(&EfaDevicePlugin, &spec(), &facts())[0];
    let pod = &of_kind(step, "DaemonSet")["spec"]["template"]["spec"];
    let image = "602401143452.dkr.ecr.us-east-2.amazonaws.com/eks/aws-efa-k8s-device-plugin:v0.5.20";
    assert_eq!(pod["containers"][0]["image"], image);
    let types = pod.pointer("/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/0/values");
    let types = types.and_then(Value::as_array).unwrap();
    assert!(types.contains(&json!("p5en.48xlarge")) && types.contains(&json!("p6-b300.48xlarge")));
    let mut unread = facts();
    unread.network.cni = Fact::NotAsked;
    assert!(notes(&EfaDevicePlugin, &spec(), &unread)[0].contains("not read yet"));
    assert!(notes(&EfaDevicePlugin, &spec(), &facts()).is_empty());
}

#[test]
fn a_plugin_that_runs_under_another_name_is_adopted() {
    let mut facts = facts();
    let mut helm = workload("DaemonSet", "nvdp-nvidia-device-plugin", "helm", 2);
    helm.image = Some("nvcr.io/nvidia/k8s-device-plugin:v0.20.0".to_owned());
    facts.kube.workloads = known(vec![helm]);
    assert_eq!(NvidiaDevicePlugin.choice(&spec(), &facts), Choice::Adopt { who: "helm".to_owned() });
    assert_eq!(EfaDevicePlugin.choice(&spec(), &facts), Choice::Install);
}

#[test]
fn applied_objects_are_distinct_and_selectors_choose_their_own_pods() {
    let all = registry().iter().flat_map(|component| made(*component, &spec(), &facts()));
    let all: Vec<Value> = all
        .filter_map(|step| match step.ensure {
            Ensure::Objects(objects) => Some(objects.objects),
            _ => None,
        })
        .flatten()
        .collect();
    let names: BTreeSet<String> =
        all.iter().map(|one| format!("{} {}", one["kind"], one["metadata"]["name"])).collect();
    assert_eq!(names.len(), all.len());
    for workload in all.iter().filter(|one| one.pointer("/spec/template").is_some()) {
        let labels = &workload["spec"]["template"]["metadata"]["labels"];
        for (key, value) in workload["spec"]["selector"]["matchLabels"].as_object().unwrap() {
            assert_eq!(&labels[key], value, "{}", workload["metadata"]["name"]);
        }
    }
}

#[test]
fn a_helm_release_is_named_as_the_maker() {
    let mut release = workload("Deployment", "metrics-server", "helm", 1);
    release.labels.insert(MANAGED_BY.to_owned(), "Helm".to_owned());
    release.labels.insert("app.kubernetes.io/instance".to_owned(), "ms".to_owned());
    let mut facts = facts();
    facts.kube.workloads = known(vec![release]);
    assert_eq!(MetricsServer.choice(&spec(), &facts), Choice::Adopt { who: "Helm release ms".to_owned() });
    let annotated = workload("Deployment", "metrics-server", "Helm release metrics", 1);
    facts.kube.workloads = known(vec![annotated]);
    assert_eq!(MetricsServer.choice(&spec(), &facts), Choice::Adopt { who: "Helm release metrics".to_owned() });
}

#[test]
fn what_the_components_read_is_asked_for() {
    let asked = policies_asked(&place().region);
    assert!(facts().policies.known().unwrap().is_subset(&asked));
    assert!(addons_asked().is_superset(&facts().eks.addon_versions.known().unwrap().keys().cloned().collect()));
}

#[test]
fn the_driver_does_not_wait_for_an_agent_that_nobody_plans() {
    let mut facts = facts();
    facts.kube.workloads = known(vec![workload("DaemonSet", "eks-pod-identity-agent", "helm", 2)]);
    let steps = made(&EbsCsi, &spec(), &facts);
    assert_eq!(steps[1].needs, []);
    assert_eq!(PodIdentityAgent.choice(&spec(), &facts), Choice::Adopt { who: "helm".to_owned() });
}
