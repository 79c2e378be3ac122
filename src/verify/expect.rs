//! What a verification expects. Pure: from the plan's subject matter and the facts, never from a constant.

use crate::components::desired::{Ensure, Readiness, Val};
use crate::config::Spec;
use crate::domain::eni::{efa_count, interfaces};
use crate::domain::facts::Facts;
use crate::domain::instance::lookup;
use crate::plan::model::Plan;

/// A GPU group and what each of its nodes must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Node group name.
    pub name: String,
    /// GPUs of the instance type.
    pub gpus: u32,
    /// EFA interfaces of the launch template.
    pub efa: u32,
    /// Whether GPUs are joined by NVSwitch, so that a fabric must be up: more than one GPU of a data-centre SXM board.
    pub fabric: bool,
}

/// A service account whose pods must hold a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Component, for the operator.
    pub component: String,
    /// Namespace.
    pub namespace: String,
    /// Service account.
    pub service_account: String,
    /// Role name.
    pub role: String,
}

/// A storage class from which a volume must bind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// StorageClass.
    pub name: String,
    /// Smallest sensible request: `1Gi`, for io2 `4Gi` (EBS's smallest io2 volume).
    pub size: &'static str,
}

/// Everything that a verification proves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectation {
    /// GPU groups.
    pub groups: Vec<Group>,
    /// Service accounts.
    pub identities: Vec<Identity>,
    /// Storage classes.
    pub classes: Vec<Class>,
}

/// What `plan` installs or keeps must prove.
pub fn expectation(spec: &Spec, facts: &Facts, plan: &Plan) -> Expectation {
    let groups = spec.gpu.iter().filter_map(|group| {
        let kind = lookup(facts, &group.instance_type)?;
        let gpus = kind.gpus.as_ref().map_or(0, |gpus| gpus.count);
        let efa = efa_count(&interfaces(&kind, group.enis.layout));
        // P4, P5 and P6 with several GPUs have NVSwitch; G types have not (aws-facts §8).
        Some(Group { name: group.name.clone(), gpus, efa, fabric: gpus > 1 && kind.name.starts_with('p') })
    });
    let mut identities = Vec::new();
    let mut classes = Vec::new();
    for step in &plan.steps {
        match &step.desired.ensure {
            Ensure::Addon(addon) => identities.extend(addon.associations.iter().filter_map(|association| {
                Some(Identity {
                    component: step.desired.component.clone(),
                    namespace: "kube-system".to_owned(),
                    service_account: association.service_account.clone(),
                    role: role_name(plan, &association.role)?,
                })
            })),
            Ensure::Objects(objects)
                if !objects.ready.iter().any(|ready| matches!(ready, Readiness::DaemonSet { .. })) =>
            {
                classes.extend(objects.objects.iter().filter(|object| object["kind"] == "StorageClass").filter_map(
                    |object| {
                        let size = if object["parameters"]["type"] == "io2" { "4Gi" } else { "1Gi" };
                        Some(Class { name: object["metadata"]["name"].as_str()?.to_owned(), size })
                    },
                ));
            }
            _ => {}
        }
    }
    Expectation { groups: groups.collect(), identities, classes }
}

/// Name of the role that an association names: by its ARN, or by the step of the plan that makes it.
fn role_name(plan: &Plan, role: &Val) -> Option<String> {
    match (role.as_known(), role.reference()) {
        (Some(arn), _) => arn.rsplit('/').next().map(str::to_owned),
        (None, Some((step, _))) => match &plan.step(&step)?.desired.ensure {
            Ensure::Role(role) => Some(role.name.clone()),
            _ => None,
        },
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::components::observed::Observed;
    use crate::components::testing::{facts, place, spec, spec_with, spec_without_gpu};
    use crate::plan::planner;

    fn expected(spec: &Spec) -> Expectation {
        let facts = facts();
        let desired = planner::desired(spec, &facts, &place()).unwrap();
        expectation(spec, &facts, &planner::plan(spec, &facts, &Observed::default(), &desired, &place()))
    }

    #[test]
    fn figures_of_the_group_follow_its_type_and_layout() {
        for (kind, gpus, efa, fabric) in
            [("p5en.48xlarge", 8, 16, true), ("p5.48xlarge", 8, 32, true), ("p5.4xlarge", 1, 1, false)]
        {
            let spec = spec_with(&[("/gpu/0/instance_type", json!(kind))]);
            let want = Group { name: "gpu-compute".to_owned(), gpus, efa, fabric };
            assert_eq!(expected(&spec).groups, [want], "{kind}");
        }
        assert!(expected(&spec_without_gpu()).groups.is_empty());
    }

    #[test]
    fn a_pod_must_hold_the_role_that_the_plan_makes() {
        let [identity] = &expected(&spec()).identities[..] else { panic!() };
        assert_eq!(
            (identity.service_account.as_str(), identity.role.as_str()),
            ("ebs-csi-controller-sa", "demo-ebs-csi-role")
        );
        let skipped = spec_with(&[("/components/ebs_csi", json!("skip"))]);
        assert!(expected(&skipped).identities.is_empty());
    }

    #[test]
    fn each_class_is_bound_at_the_smallest_size_of_its_volume_type() {
        let spec = spec_with(&[("/components/io2", json!(10_000))]);
        let classes: Vec<(String, &str)> =
            expected(&spec).classes.into_iter().map(|one| (one.name, one.size)).collect();
        assert_eq!(classes, [("gp3".to_owned(), "1Gi"), ("io2".to_owned(), "4Gi")]);
    }
}
