//! EKS Pod Identity agent: every component with an association needs it, so it comes first.

use super::addon;
use super::component::{Choice, Component, Inputs, WatchedWorkload, auto_mode};
use super::desired::{Desired, Stage};
use super::standing::{Standing, standing};
use crate::config::Spec;
use crate::domain::facts::Facts;
use crate::domain::problem::Problem;

/// The component.
#[derive(Debug, Clone, Copy)]
pub struct PodIdentityAgent;

impl Component for PodIdentityAgent {
    fn id(&self) -> &'static str {
        "pod-identity-agent"
    }

    fn name(&self) -> &'static str {
        "EKS Pod Identity agent"
    }

    fn addon(&self) -> Option<&'static str> {
        Some("eks-pod-identity-agent")
    }

    fn choice(&self, spec: &Spec, facts: &Facts) -> Choice {
        if auto_mode(facts) {
            return Choice::Skip { why: "EKS Auto Mode nodes have the agent built in.".to_owned() };
        }
        match standing(self, spec, facts) {
            Standing::Absent | Standing::Ours => Choice::Install,
            Standing::Foreign { who, .. } => Choice::Adopt { who },
        }
    }

    fn desired(&self, inputs: &Inputs<'_>) -> Result<Vec<Desired>, Problem> {
        match addon::planned(self, inputs) {
            Some(_) => Ok(vec![addon::step(self, inputs, Stage::Identity, Vec::new(), Vec::new())?]),
            None => Ok(Vec::new()),
        }
    }

    fn workloads(&self) -> &'static [WatchedWorkload] {
        &[WatchedWorkload {
            kind: "DaemonSet",
            namespace: "kube-system",
            name: "eks-pod-identity-agent",
            per_gpu_node: true,
        }]
    }
}
