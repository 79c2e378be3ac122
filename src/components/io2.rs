//! The optional io2 StorageClass.

use std::collections::BTreeMap;

use super::component::{Choice, Component, Inputs, WatchedWorkload, text};
use super::desired::Desired;
use super::gp3::class_step;
use crate::config::Spec;
use crate::domain::facts::Facts;
use crate::domain::problem::Problem;

const MANIFEST: &str = include_str!("../../manifests/storage/storageclass-io2.yaml");

/// The component.
#[derive(Debug, Clone, Copy)]
pub struct Io2;

impl Component for Io2 {
    fn id(&self) -> &'static str {
        "io2"
    }

    fn name(&self) -> &'static str {
        "io2 StorageClass"
    }

    fn choice(&self, spec: &Spec, facts: &Facts) -> Choice {
        if spec.components.io2.is_some() {
            return Choice::Install;
        }
        let stands = facts.kube.storage_classes.known().is_some_and(|all| all.iter().any(|class| class.name == "io2"));
        let kept = if stands { " The class io2 that stands is kept." } else { "" };
        Choice::Off { why: format!("INSTALL_IO2_STORAGECLASS is false.{kept}") }
    }

    fn desired(&self, inputs: &Inputs<'_>) -> Result<Vec<Desired>, Problem> {
        let Some(iops) = inputs.spec.components.io2 else {
            return Ok(Vec::new());
        };
        let values = BTreeMap::from([("iops", text(iops.to_string()))]);
        Ok(vec![class_step(self.id(), &format!("class, {iops} IOPS"), MANIFEST, inputs, values)?])
    }

    fn workloads(&self) -> &'static [WatchedWorkload] {
        &[]
    }

    fn notes(&self, inputs: &Inputs<'_>) -> Vec<String> {
        let smallest = inputs.spec.components.io2.map(|iops| iops.div_ceil(1000).max(4));
        smallest
            .map(|gib| format!("Claims of class io2 get their full IOPS from {gib} GiB on (1,000 IOPS a GiB)."))
            .into_iter()
            .collect()
    }
}
