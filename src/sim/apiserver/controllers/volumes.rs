//! Claims and volumes: the EBS CSI driver as far as its objects show.

use std::time::Duration;

use serde_json::{Value, json};

use super::{all, collect, edit, edit_status, event, is_deleted, pods};
use crate::sim::apiserver::json::{int, items, set, text};
use crate::sim::apiserver::kinds;
use crate::sim::apiserver::serve::Session;
use crate::sim::apiserver::store::Key;
use crate::sim::apiserver::{cluster, defaults};

/// The annotation by which the scheduler tells a provisioner where the consumer will run.
pub(crate) const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

const DRIVER: &str = "ebs.csi.aws.com";

/// CreateVolume and the binding take a few seconds.
const PROVISIONING: Duration = Duration::from_secs(4);

/// Provisions, binds, protects and reclaims.
pub(super) fn run(session: &mut Session<'_>) {
    for (key, claim) in all(session, "PersistentVolumeClaim") {
        if is_deleted(&claim) {
            let used = all(session, "Pod").iter().any(|(pod_key, pod)| {
                pod_key.namespace == key.namespace
                    && !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
                    && pods::claims(pod).contains(&key.name)
            });
            if !used {
                collect::release(session, &key, "kubernetes.io/pvc-protection");
            }
        } else if text(&claim, "/status/phase") == "Pending" {
            provision(session, &key, &claim);
        }
    }
    reclaim(session);
}

fn provision(session: &mut Session<'_>, key: &Key, claim: &Value) {
    let class = Key::new(kinds::known("StorageClass"), "", text(claim, "/spec/storageClassName"));
    let Some(class) = session.cluster.store.get(&class).cloned() else {
        let name = text(claim, "/spec/storageClassName");
        if !name.is_empty() {
            let message = format!("storageclass.storage.k8s.io {name:?} not found");
            event(session, claim, "Warning", "ProvisioningFailed", &message, "persistentvolume-controller");
        }
        return;
    };
    let node = claim["metadata"]["annotations"][SELECTED_NODE].as_str().unwrap_or_default().to_owned();
    if text(&class, "/volumeBindingMode") == "WaitForFirstConsumer" && node.is_empty() {
        let message = "waiting for first consumer to be created before binding";
        event(session, claim, "Normal", "WaitForFirstConsumer", message, "persistentvolume-controller");
        return;
    }
    if text(&class, "/provisioner") != DRIVER || !driver_is_ready(session) {
        let driver = text(&class, "/provisioner");
        let message = format!(
            "Waiting for a volume to be created either by the external provisioner '{driver}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered."
        );
        event(session, claim, "Normal", "ExternalProvisioning", &message, "persistentvolume-controller");
        return;
    }
    let uid = text(claim, "/metadata/uid").to_owned();
    let now = session.now;
    let due = *session.cluster.provisioning.entry(uid.clone()).or_insert(now + PROVISIONING);
    if due > session.now {
        session.wakes.push(due);
        return;
    }
    session.cluster.provisioning.remove(&uid);
    bind(session, key, claim, &class, &node);
}

fn driver_is_ready(session: &Session<'_>) -> bool {
    let mut found = session.cluster.store.scan(kinds::known("Deployment"), None);
    found.any(|(key, object)| key.name == "ebs-csi-controller" && int(object, "/status/readyReplicas").unwrap_or(0) > 0)
}

fn bind(session: &mut Session<'_>, key: &Key, claim: &Value, class: &Value, node: &str) {
    let uid = text(claim, "/metadata/uid");
    let name = format!("pvc-{uid}");
    let zone = session
        .cluster
        .store
        .get(&Key::new(kinds::known("Node"), "", node))
        .map(|node| node["metadata"]["labels"]["topology.kubernetes.io/zone"].clone())
        .unwrap_or_default();
    let volume = Key::new(kinds::known("PersistentVolume"), "", &name);
    let mut object = cluster::identity(&volume);
    let handle: String = uid.chars().filter(char::is_ascii_hexdigit).take(17).collect();
    object["metadata"]["annotations"] = json!({"pv.kubernetes.io/provisioned-by": DRIVER});
    object["spec"] = json!({
        "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]}, "accessModes": claim["spec"]["accessModes"],
        "persistentVolumeReclaimPolicy": class["reclaimPolicy"], "storageClassName": class["metadata"]["name"],
        "volumeMode": claim["spec"]["volumeMode"],
        "claimRef": {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "namespace": key.namespace, "name": key.name,
            "uid": uid, "resourceVersion": claim["metadata"]["resourceVersion"]},
        "csi": {"driver": DRIVER, "fsType": "ext4", "volumeHandle": format!("vol-{handle}")},
    });
    if zone.is_string() {
        object["spec"]["nodeAffinity"] = json!({"required": {"nodeSelectorTerms": [{"matchExpressions": [
            {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}]}]}});
    }
    object["status"] = json!({"phase": "Bound"});
    defaults::fill(session.cluster, volume.kind(), &mut object);
    let capacity = object["spec"]["capacity"].clone();
    session.cluster.store.insert(session.now, volume, object);
    edit(session, key, |claim| {
        set(claim, &["spec", "volumeName"], name.clone());
        for annotation in ["pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller"] {
            set(claim, &["metadata", "annotations", annotation], "yes");
        }
    });
    edit_status(session, "kube-controller-manager", key, |claim| {
        set(claim, &["status", "phase"], "Bound");
        set(claim, &["status", "capacity"], capacity);
        let modes = claim["spec"]["accessModes"].clone();
        set(claim, &["status", "accessModes"], modes);
    });
    let message = format!("Successfully provisioned volume {name}");
    event(session, claim, "Normal", "ProvisioningSucceeded", &message, "ebs.csi.aws.com_ebs-csi-controller");
}

/// A volume whose claim is gone is deleted or released, as its policy says.
fn reclaim(session: &mut Session<'_>) {
    for (key, volume) in all(session, "PersistentVolume") {
        let claim = Key::new(
            kinds::known("PersistentVolumeClaim"),
            text(&volume, "/spec/claimRef/namespace"),
            text(&volume, "/spec/claimRef/name"),
        );
        let bound = session
            .cluster
            .store
            .get(&claim)
            .is_some_and(|claim| text(claim, "/metadata/uid") == text(&volume, "/spec/claimRef/uid"));
        if claim.name.is_empty() || bound {
            continue;
        }
        if text(&volume, "/spec/persistentVolumeReclaimPolicy") == "Delete" && driver_is_ready(session) {
            session.cluster.store.erase(&key);
        } else if text(&volume, "/status/phase") != "Released" {
            edit_status(session, "kube-controller-manager", &key, |volume| {
                set(volume, &["status", "phase"], "Released");
            });
        }
        if is_deleted(&volume) && !items(&volume, "/metadata/finalizers").is_empty() {
            collect::release(session, &key, "kubernetes.io/pv-protection");
        }
    }
}
