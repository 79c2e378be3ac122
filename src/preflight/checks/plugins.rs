//! GPU-003 and EFA-002: would the device plugins land on the GPU nodes?

use std::collections::BTreeMap;

use serde_json::Value;

use crate::components::component::{Choice, find};
use crate::config::GpuGroup;
use crate::domain::finding::Severity;
use crate::domain::ids::StepId;
use crate::domain::instance::InstanceType;
use crate::plan::model::Verb;
use crate::preflight::check::{Check, Inputs, Said, Taint, node_labels, per_kind};

/// The NVIDIA plugin's affinity matches.
pub const GPU_003: Check = Check {
    id: "GPU-003",
    severity: Severity::Error,
    title: "Device plugin's affinity matches node labels",
    details: "The plugin selects nvidia.com/gpu.present=true. nodeadm sets that label only from Kubernetes 1.35 on, so the \
              node group carries it. Otherwise the DaemonSet wants 0 pods and looks healthy.",
    run: |inputs| lands(inputs, "nvidia-device-plugin.daemonset"),
};

/// The EFA plugin tolerates the taint.
pub const EFA_002: Check = Check {
    id: "EFA-002",
    severity: Severity::Error,
    title: "EFA plugin tolerates the GPU taint",
    details: "The chart's own tolerations leave GPU nodes out; vpc.amazonaws.com/efa then stays 0. Ours are simulated \
              against the taints and labels that the node group will have.",
    run: |inputs| lands(inputs, "efa-device-plugin.daemonset"),
};

fn lands(inputs: &Inputs<'_>, step: &str) -> Vec<Said> {
    per_kind(inputs, |group, kind| vec![lands_on(inputs, group, kind, step)])
}

fn lands_on(inputs: &Inputs<'_>, group: &GpuGroup, kind: &InstanceType, step: &str) -> Said {
    let Some(nodegroup) = inputs.nodegroup(group) else {
        return Said::unknown(&group.name, inputs.why_unplanned(group));
    };
    let set = inputs.objects(step).and_then(|all| all.objects.iter().find(|object| object["kind"] == "DaemonSet"));
    let Some(set) = set else {
        return not_ours(inputs, group, step);
    };
    let pod = &set["spec"]["template"]["spec"];
    let labels = node_labels(nodegroup, &kind.name, &kind.arch);
    let mut wrong = Vec::new();
    wrong.extend(unmatched(pod, &labels));
    for (key, value, effect) in &nodegroup.taints {
        let effect = kubernetes_effect(effect);
        let taint = Taint { key, value, effect };
        if taint.repels() && !tolerates(pod, &taint) {
            wrong.push(format!("taint {key}={value}:{effect} is not tolerated"));
        }
    }
    let name = set["metadata"]["name"].as_str().unwrap_or(step);
    if wrong.is_empty() {
        let evidence = format!("labels and tolerations match the nodes of {}", group.name);
        return match inputs.step(step).map(|planned| planned.verb) {
            Some(Verb::Keep) => Said::pass(name, evidence),
            _ => Said::by_plan(name, &StepId::from(step), evidence),
        };
    }
    Said::fail(name, format!("would not land on the nodes of {}", group.name))
        .evidence_lines(wrong)
        .command("eks-wizard render manifests", "shows the DaemonSet as it would be applied")
}

/// The plan holds no plugin of ours: whose it is says what can be told.
fn not_ours(inputs: &Inputs<'_>, group: &GpuGroup, step: &str) -> Said {
    let component = step.split_once('.').and_then(|(component, _)| find(component));
    match component.map(|component| component.choice(inputs.spec, inputs.facts)) {
        Some(Choice::Adopt { who }) => Said::unknown(
            &group.name,
            format!("the plugin is made by {who} and left alone; eks-wizard verify shows whether it lands"),
        ),
        Some(Choice::Skip { why } | Choice::Off { why }) => Said::not_applicable(why),
        Some(Choice::Install | Choice::Blocked { .. }) | None => {
            Said::unknown(&group.name, inputs.why_unplanned(group))
        }
    }
}

/// EKS spells effects in capitals, Kubernetes does not.
fn kubernetes_effect(effect: &str) -> &str {
    match effect {
        "NO_SCHEDULE" => "NoSchedule",
        "NO_EXECUTE" => "NoExecute",
        "PREFER_NO_SCHEDULE" => "PreferNoSchedule",
        other => other,
    }
}

fn tolerates(pod: &Value, taint: &Taint<'_>) -> bool {
    pod["tolerations"].as_array().into_iter().flatten().any(|toleration| {
        let text = |name: &str| toleration[name].as_str().unwrap_or("");
        let exists = text("operator") == "Exists";
        let key = text("key") == taint.key || (text("key").is_empty() && exists);
        let effect = text("effect").is_empty() || text("effect") == taint.effect;
        key && effect && (exists || text("value") == taint.value)
    })
}

/// What of the pod's node selector and required node affinity the labels do not match. Terms are alternatives.
fn unmatched(pod: &Value, labels: &BTreeMap<String, String>) -> Option<String> {
    for (key, value) in pod["nodeSelector"].as_object().into_iter().flatten() {
        if labels.get(key).map(String::as_str) != value.as_str() {
            return Some(format!("node selector {key}={} is not on the nodes", value.as_str().unwrap_or("")));
        }
    }
    let terms = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
        .as_array();
    let terms = terms?;
    let holds = |expression: &Value| {
        let have = expression["key"].as_str().and_then(|key| labels.get(key));
        let listed = expression["values"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|value| value.as_str() == have.map(String::as_str));
        match expression["operator"].as_str().unwrap_or("") {
            "In" => have.is_some() && listed,
            "NotIn" => have.is_none() || !listed,
            "Exists" => have.is_some(),
            "DoesNotExist" => have.is_none(),
            _ => false,
        }
    };
    let matched = terms.iter().any(|term| term["matchExpressions"].as_array().into_iter().flatten().all(holds));
    (!matched).then(|| "no term of the node affinity matches the labels of the nodes".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TAINT: Taint<'static> = Taint { key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" };

    #[test]
    fn tolerations_follow_the_rules_of_kubernetes() {
        let cases = [
            (json!([]), false),
            (json!([{"key": "nvidia.com/gpu", "operator": "Exists"}]), true),
            (json!([{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoExecute"}]), false),
            (json!([{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]), true),
            (json!([{"key": "nvidia.com/gpu", "value": "false"}]), false),
            (json!([{"operator": "Exists"}]), true),
            (json!([{"key": "CriticalAddonsOnly", "operator": "Exists"}]), false),
        ];
        for (tolerations, want) in cases {
            assert_eq!(tolerates(&json!({"tolerations": tolerations}), &TAINT), want, "{tolerations}");
        }
    }

    #[test]
    fn affinity_terms_are_alternatives_and_expressions_are_not() {
        let labels = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        let with = |terms: Value| json!({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}});
        let is_a = json!({"key": "a", "operator": "In", "values": ["1"]});
        let has_b = json!({"key": "b", "operator": "Exists"});
        assert_eq!(unmatched(&with(json!([{"matchExpressions": [is_a]}])), &labels), None);
        assert_eq!(
            unmatched(&with(json!([{"matchExpressions": [has_b]}, {"matchExpressions": [is_a]}])), &labels),
            None
        );
        assert!(unmatched(&with(json!([{"matchExpressions": [is_a, has_b]}])), &labels).is_some());
        assert!(unmatched(&json!({"nodeSelector": {"a": "2"}}), &labels).is_some());
    }
}
