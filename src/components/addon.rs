//! Steps that ensure an EKS add-on.

use super::component::{Choice, Component, Inputs};
use super::desired::{Addon, AddonAssociation, Desired, Ensure, Stage};
use super::standing::installed_addon;
use crate::domain::facts::Facts;
use crate::domain::ids::StepId;
use crate::domain::problem::{Problem, ProblemKind};

/// Seconds from CreateAddon to ACTIVE: the pods of a DaemonSet on every node must become Ready.
const DEADLINE_S: u64 = 900;

/// Id of the step that ensures the add-on of `component`.
pub fn step_id(component: &dyn Component) -> StepId {
    StepId::new(format!("{}.addon", component.id()))
}

/// The step id, when the plan holds a step for the add-on: it is installed, or somebody else's is an EKS add-on.
pub fn planned(component: &dyn Component, inputs: &Inputs<'_>) -> Option<StepId> {
    let stands = component.addon().and_then(|name| installed_addon(inputs.facts, name)).is_some();
    match component.choice(inputs.spec, inputs.facts) {
        Choice::Install => Some(step_id(component)),
        Choice::Adopt { .. } if stands => Some(step_id(component)),
        Choice::Adopt { .. } | Choice::Skip { .. } | Choice::Off { .. } | Choice::Blocked { .. } => None,
    }
}

/// The step that ensures the add-on `name` of `component`.
///
/// # Errors
/// No version is installed and none on offer is known.
pub fn step(
    component: &dyn Component,
    inputs: &Inputs<'_>,
    stage: Stage,
    associations: Vec<AddonAssociation>,
    needs: Vec<StepId>,
) -> Result<Desired, Problem> {
    let name = component.addon().unwrap_or_else(|| component.id());
    let version = version(inputs.facts, name)?;
    Ok(Desired {
        id: step_id(component),
        title: format!("add-on {version}"),
        component: component.id().to_owned(),
        stage,
        needs,
        ensure: Ensure::Addon(Addon { name: name.to_owned(), version, configuration: None, associations }),
        deadline_s: DEADLINE_S,
    })
}

/// The installed version, which a second run keeps; else the one that EKS installs by default on this cluster.
fn version(facts: &Facts, name: &str) -> Result<String, Problem> {
    if let Some(addon) = installed_addon(facts, name) {
        return Ok(addon.version.clone());
    }
    let unknown = |why: String| {
        Problem::new(ProblemKind::Unavailable, format!("The version of the EKS add-on {name} cannot be chosen."))
            .because(why)
            .hint("Allow eks:DescribeAddonVersions for this caller, then plan again.")
    };
    let offered = facts.eks.addon_versions.known();
    let offered = offered.ok_or_else(|| unknown(facts.eks.addon_versions.why_unknown()))?;
    let versions = offered.get(name).map_or(&[][..], Vec::as_slice);
    let default = versions.iter().find(|version| version.default).or_else(|| versions.first());
    default
        .map(|version| version.version.clone())
        .ok_or_else(|| unknown("EKS offers no version of it for the Kubernetes version of this cluster.".to_owned()))
}
