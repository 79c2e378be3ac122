//! Amazon EBS CSI driver: an EKS add-on with a role through Pod Identity.

use std::collections::BTreeMap;

use super::component::{Choice, Component, Inputs, WatchedWorkload, auto_mode, text};
use super::desired::{AddonAssociation, Desired, Ensure, Role, Stage, Val};
use super::naming::{cluster_arn, managed_policy, role_name};
use super::pod_identity_agent::PodIdentityAgent;
use super::standing::{by_owner, standing};
use super::{addon, manifest};
use crate::config::Spec;
use crate::domain::facts::Facts;
use crate::domain::ids::{Arn, Region, StepId};
use crate::domain::problem::Problem;

/// Trust in the Pod Identity service, for pods of one cluster.
const TRUST: &str = include_str!("../../iam-policies/trust-pod-identity.json");

/// Service account of the controller (the driver's chart).
const SERVICE_ACCOUNT: &str = "ebs-csi-controller-sa";

/// The component.
#[derive(Debug, Clone, Copy)]
pub struct EbsCsi;

impl Component for EbsCsi {
    fn id(&self) -> &'static str {
        "ebs-csi"
    }

    fn name(&self) -> &'static str {
        "EBS CSI driver"
    }

    fn addon(&self) -> Option<&'static str> {
        Some("aws-ebs-csi-driver")
    }

    fn choice(&self, spec: &Spec, facts: &Facts) -> Choice {
        if auto_mode(facts) {
            return Choice::Skip { why: "EKS Auto Mode supplies block storage itself.".to_owned() };
        }
        by_owner(spec.components.ebs_csi, "EBS_CSI", self.name(), standing(self, spec, facts))
    }

    fn desired(&self, inputs: &Inputs<'_>) -> Result<Vec<Desired>, Problem> {
        match self.choice(inputs.spec, inputs.facts) {
            Choice::Install => {
                let role = role(inputs)?;
                let association = AddonAssociation {
                    service_account: SERVICE_ACCOUNT.to_owned(),
                    role: Val::output(&role.id, "arn"),
                };
                let needs: Vec<StepId> = addon::planned(&PodIdentityAgent, inputs).into_iter().collect();
                let addon = addon::step(self, inputs, Stage::Storage, vec![association], needs)?;
                Ok(vec![role, addon])
            }
            Choice::Adopt { .. } if addon::planned(self, inputs).is_some() => {
                Ok(vec![addon::step(self, inputs, Stage::Storage, Vec::new(), Vec::new())?])
            }
            Choice::Adopt { .. } | Choice::Skip { .. } | Choice::Off { .. } | Choice::Blocked { .. } => Ok(Vec::new()),
        }
    }

    fn workloads(&self) -> &'static [WatchedWorkload] {
        &[
            WatchedWorkload {
                kind: "Deployment",
                namespace: "kube-system",
                name: "ebs-csi-controller",
                per_gpu_node: false,
            },
            WatchedWorkload { kind: "DaemonSet", namespace: "kube-system", name: "ebs-csi-node", per_gpu_node: true },
        ]
    }
}

fn role(inputs: &Inputs<'_>) -> Result<Desired, Problem> {
    let place = inputs.place;
    let trust = manifest::policy(
        TRUST,
        &BTreeMap::from([
            ("account", text(place.account.as_str())),
            ("cluster_arn", text(cluster_arn(inputs.facts, place).as_str())),
        ]),
    )?;
    let role = Role {
        name: role_name(&place.cluster, "ebs-csi"),
        description: format!("EBS CSI driver of the EKS cluster {}, through Pod Identity.", place.cluster),
        trust,
        managed: vec![driver_policy(inputs)],
        inline: BTreeMap::new(),
    };
    Ok(Desired {
        id: "ebs-csi.role".into(),
        title: "role, 1 policy".to_owned(),
        component: "ebs-csi".to_owned(),
        stage: Stage::Storage,
        needs: Vec::new(),
        ensure: Ensure::Role(role),
        deadline_s: 120,
    })
}

/// The policy whose existence decides: what discovery asks `iam:GetPolicy` for.
pub(super) fn newer_policy(region: &Region) -> Arn {
    managed_policy(region, "service-role/AmazonEBSCSIDriverPolicyV2")
}

/// The newer policy of the driver where this partition has it, else the old one (k8s-facts §7c).
fn driver_policy(inputs: &Inputs<'_>) -> Arn {
    let newer = newer_policy(&inputs.place.region);
    if inputs.facts.policies.known().is_some_and(|found| found.contains(&newer)) {
        newer
    } else {
        managed_policy(&inputs.place.region, "service-role/AmazonEBSCSIDriverPolicy")
    }
}
