//! The gp3 StorageClass as the one default class.

use std::collections::BTreeMap;

use super::component::{Choice, Component, Inputs, WatchedWorkload, auto_mode, text};
use super::desired::{Desired, Ensure, NotDefaultClass, Objects, Stage};
use super::manifest;
use crate::config::Spec;
use crate::domain::facts::Facts;
use crate::domain::ids::StepId;
use crate::domain::problem::Problem;

const MANIFEST: &str = include_str!("../../manifests/storage/storageclass-gp3.yaml");

/// The component.
#[derive(Debug, Clone, Copy)]
pub struct Gp3;

impl Component for Gp3 {
    fn id(&self) -> &'static str {
        "gp3"
    }

    fn name(&self) -> &'static str {
        "gp3 StorageClass"
    }

    fn choice(&self, _spec: &Spec, _facts: &Facts) -> Choice {
        Choice::Install
    }

    /// The class first, then the marks of other defaults: the cluster is never without a default class.
    fn desired(&self, inputs: &Inputs<'_>) -> Result<Vec<Desired>, Problem> {
        let class = class_step(self.id(), "default class, encrypted", MANIFEST, inputs, BTreeMap::new())?;
        let others = inputs.facts.kube.storage_classes.known().map_or(&[][..], Vec::as_slice);
        let unmarked: Vec<Desired> = others
            .iter()
            .filter(|other| other.default && other.name != "gp3")
            .map(|other| Desired {
                id: StepId::new(format!("gp3.not-default.{}", other.name)),
                title: format!("{} is not the default class", other.name),
                component: self.id().to_owned(),
                stage: Stage::Storage,
                needs: vec![class.id.clone()],
                ensure: Ensure::NotDefaultClass(NotDefaultClass { name: other.name.clone() }),
                deadline_s: 60,
            })
            .collect();
        Ok(std::iter::once(class).chain(unmarked).collect())
    }

    fn workloads(&self) -> &'static [WatchedWorkload] {
        &[]
    }

    fn notes(&self, inputs: &Inputs<'_>) -> Vec<String> {
        match inputs.facts.kube.storage_classes.known() {
            Some(_) => Vec::new(),
            None => vec![format!(
                "Other default StorageClasses are not looked for: {}.",
                inputs.facts.kube.storage_classes.why_unknown()
            )],
        }
    }
}

/// The step that applies one StorageClass of ours, for EKS Auto Mode's provisioner where that is on.
pub(super) fn class_step(
    component: &str,
    title: &str,
    yaml: &str,
    inputs: &Inputs<'_>,
    mut values: manifest::Values<'_>,
) -> Result<Desired, Problem> {
    let provisioner = if auto_mode(inputs.facts) { "ebs.csi.eks.amazonaws.com" } else { "ebs.csi.aws.com" };
    values.insert("provisioner", text(provisioner));
    Ok(Desired {
        id: StepId::new(format!("{component}.class")),
        title: title.to_owned(),
        component: component.to_owned(),
        stage: Stage::Storage,
        needs: Vec::new(),
        ensure: Ensure::Objects(Objects { objects: manifest::objects(yaml, &values)?, ready: Vec::new() }),
        deadline_s: 60,
    })
}
