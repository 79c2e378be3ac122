//! The Kubernetes objects of add-ons, applied by EKS itself as manager `eks`.

use serde_json::Value;

use crate::sim::apiserver::Gvr;
use crate::sim::world::World;

/// Name of the field manager EKS uses.
const MANAGER: &str = "eks";

/// Manifest of an add-on by name.
const MANIFESTS: &[(&str, &str)] = &[
    ("eks-pod-identity-agent", include_str!("../../../../assets/sim/addons/eks-pod-identity-agent.yaml")),
    ("aws-ebs-csi-driver", include_str!("../../../../assets/sim/addons/aws-ebs-csi-driver.yaml")),
    ("aws-efs-csi-driver", include_str!("../../../../assets/sim/addons/aws-efs-csi-driver.yaml")),
    ("aws-fsx-csi-driver", include_str!("../../../../assets/sim/addons/aws-fsx-csi-driver.yaml")),
    ("aws-mountpoint-s3-csi-driver", include_str!("../../../../assets/sim/addons/aws-mountpoint-s3-csi-driver.yaml")),
    ("metrics-server", include_str!("../../../../assets/sim/addons/metrics-server.yaml")),
    ("snapshot-controller", include_str!("../../../../assets/sim/addons/snapshot-controller.yaml")),
    ("eks-node-monitoring-agent", include_str!("../../../../assets/sim/addons/eks-node-monitoring-agent.yaml")),
    ("vpc-cni", include_str!("../../../../assets/sim/addons/vpc-cni.yaml")),
    ("coredns", include_str!("../../../../assets/sim/addons/coredns.yaml")),
    ("kube-proxy", include_str!("../../../../assets/sim/addons/kube-proxy.yaml")),
];

/// How far the workload of an add-on is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// Every DaemonSet and Deployment has its pods Ready.
    Ready,
    /// These have not.
    Waiting(Vec<String>),
}

/// Objects of an add-on in the order in which they are applied.
pub fn objects(region: &str, addon: &str, version: &str) -> Vec<Value> {
    let Some((_, text)) = MANIFESTS.iter().find(|(name, _)| *name == addon) else { return Vec::new() };
    let registry = format!("602401143452.dkr.ecr.{region}.amazonaws.com");
    let text = text.replace("{{version}}", version).replace("{{registry}}", &registry).replace("{{region}}", region);
    let list: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap_or_default();
    list
}

/// Applies the objects of an add-on.
pub fn install(world: &mut World, cluster: &str, addon: &str, version: &str) {
    let (now, objects) = (world.now, objects(&world.region, addon, version));
    if let Some(api) = world.clusters.get_mut(cluster) {
        for object in objects {
            api.put_as(now, MANAGER, object);
        }
    }
}

/// Removes the objects of an add-on.
pub fn uninstall(world: &mut World, cluster: &str, addon: &str, version: &str) {
    let (now, objects) = (world.now, objects(&world.region, addon, version));
    if let Some(api) = world.clusters.get_mut(cluster) {
        for object in objects.iter().rev() {
            if let Some((gvr, namespace, name)) = locate(object) {
                api.remove(now, &gvr, namespace.as_deref(), &name);
            }
        }
    }
}

/// Whether a workload of the add-on exists already and EKS did not make it.
pub fn foreign(world: &World, cluster: &str, addon: &str, version: &str) -> bool {
    let objects = objects(&world.region, addon, version);
    workloads(&objects).any(|object| {
        stored(world, cluster, object).is_some_and(|have| {
            let managers = have.pointer("/metadata/managedFields").and_then(Value::as_array);
            managers.is_some_and(|all| all.iter().all(|entry| entry["manager"] != MANAGER))
        })
    })
}

/// Reads the status of the add-on's DaemonSets and Deployments.
pub fn readiness(world: &World, cluster: &str, addon: &str, version: &str) -> Readiness {
    let objects = objects(&world.region, addon, version);
    let late = workloads(&objects).filter(|object| !stored(world, cluster, object).is_some_and(is_ready));
    let late: Vec<String> = late.filter_map(|o| o.pointer("/metadata/name")?.as_str().map(str::to_owned)).collect();
    if late.is_empty() { Readiness::Ready } else { Readiness::Waiting(late) }
}

fn workloads(objects: &[Value]) -> impl Iterator<Item = &Value> {
    objects.iter().filter(|object| object["kind"] == "DaemonSet" || object["kind"] == "Deployment")
}

fn is_ready(object: &Value) -> bool {
    let number = |path: &str| object.pointer(path).and_then(Value::as_i64);
    if number("/status/observedGeneration") < number("/metadata/generation") {
        return false;
    }
    if object["kind"] == "DaemonSet" {
        let wanted = number("/status/desiredNumberScheduled");
        let updated = number("/status/updatedNumberScheduled").or(wanted);
        return wanted.is_some()
            && number("/status/numberReady").unwrap_or(0) >= wanted.unwrap_or(0)
            && updated == wanted;
    }
    let wanted = number("/spec/replicas").unwrap_or(1);
    let updated = number("/status/updatedReplicas").unwrap_or(wanted);
    number("/status/readyReplicas").unwrap_or(0) >= wanted && updated >= wanted
}

fn stored<'a>(world: &'a World, cluster: &str, object: &Value) -> Option<&'a Value> {
    let (gvr, namespace, name) = locate(object)?;
    world.clusters.get(cluster)?.get(&gvr, namespace.as_deref(), &name)
}

/// Resource, namespace and name of an object.
pub fn locate(object: &Value) -> Option<(Gvr, Option<String>, String)> {
    let api = object["apiVersion"].as_str()?;
    let (group, version) = api.split_once('/').unwrap_or(("", api));
    let kind = object["kind"].as_str()?;
    let plural = match kind {
        "StorageClass" | "PriorityClass" => format!("{}es", kind.to_lowercase()),
        "NetworkPolicy" => "networkpolicies".to_owned(),
        other => format!("{}s", other.to_lowercase()),
    };
    let namespace = object.pointer("/metadata/namespace").and_then(Value::as_str).map(str::to_owned);
    let name = object.pointer("/metadata/name")?.as_str()?.to_owned();
    Some((Gvr { group: group.to_owned(), version: version.to_owned(), plural }, namespace, name))
}
