//! The EKS Pod Identity webhook: credentials for new pods whose service account has an association.

use serde_json::{Value, json};

use crate::sim::apiserver::json::{items, set, text};
use crate::sim::apiserver::kinds;
use crate::sim::apiserver::outside;
use crate::sim::apiserver::serve::Session;
use crate::sim::apiserver::store::Key;

/// The variable by which SDKs find the agent.
pub(crate) const CREDENTIALS_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

const VOLUME: &str = "eks-pod-identity-token";
const FOLDER: &str = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";

/// Changes a pod that is being created; pods made before the association stay without credentials.
pub(crate) fn admit_pod(session: &Session<'_>, pod: &mut Value) {
    let namespace = text(pod, "/metadata/namespace");
    let account = text(pod, "/spec/serviceAccountName");
    let role = outside::association_for(session.world, &session.cluster.name, namespace, account);
    if role.is_none() || !agent_is_installed(session) || !webhook_is_registered(session) {
        return;
    }
    let mut volumes = items(pod, "/spec/volumes").to_vec();
    volumes.push(json!({"name": VOLUME, "projected": {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"audience": "pods.eks.amazonaws.com", "expirationSeconds": 86400, "path": VOLUME}}]}}));
    set(pod, &["spec", "volumes"], volumes);
    let region = session.world.region.clone();
    for list in ["initContainers", "containers"] {
        for container in pod["spec"].get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            inject(container, &region);
        }
    }
}

fn inject(container: &mut Value, region: &str) {
    let mut env = items(container, "/env").to_vec();
    for (name, value) in [
        ("AWS_STS_REGIONAL_ENDPOINTS", "regional".to_owned()),
        ("AWS_DEFAULT_REGION", region.to_owned()),
        ("AWS_REGION", region.to_owned()),
        (CREDENTIALS_URI, "http://169.254.170.23/v1/credentials".to_owned()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", format!("{FOLDER}/{VOLUME}")),
    ] {
        if !env.iter().any(|item| text(item, "/name") == name) {
            env.push(json!({"name": name, "value": value}));
        }
    }
    set(container, &["env"], env);
    let mut mounts = items(container, "/volumeMounts").to_vec();
    mounts.push(json!({"name": VOLUME, "readOnly": true, "mountPath": FOLDER}));
    set(container, &["volumeMounts"], mounts);
}

fn agent_is_installed(session: &Session<'_>) -> bool {
    let key = Key::new(kinds::known("DaemonSet"), "kube-system", "eks-pod-identity-agent");
    session.cluster.store.get(&key).is_some()
}

fn webhook_is_registered(session: &Session<'_>) -> bool {
    let key = Key::new(kinds::known("MutatingWebhookConfiguration"), "", "pod-identity-webhook");
    session.cluster.store.get(&key).is_some()
}
