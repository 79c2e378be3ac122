//! One cluster: its objects, its name, who calls, and what its kubelets do.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json::set;
use super::kinds;
use super::kubelet::PodRun;
use super::ssa::apply;
use super::store::{Key, Store, Writer};
use super::{defaults, quantity};
use crate::domain::time::Stamp;

/// Group, version and plural of a resource, such as `apps`, `v1`, `daemonsets` (the core group is empty).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gvr {
    /// API group; empty for core.
    pub group: String,
    /// API version.
    pub version: String,
    /// Plural resource name.
    pub plural: String,
}

impl Gvr {
    /// A resource by its three names.
    pub fn new(group: &str, version: &str, plural: &str) -> Self {
        Self { group: group.to_owned(), version: version.to_owned(), plural: plural.to_owned() }
    }
}

/// One cluster: stored objects, their history for watches, and who may log in.
#[derive(Debug, Default)]
pub struct Cluster {
    /// Name in EKS.
    pub(crate) name: String,
    /// Kubernetes minor such as `1.35`.
    pub(crate) minor: String,
    /// User name in refusals.
    pub caller: String,
    /// Denied verb, group and resource (with subresource as `pods/log`); `*` matches everything.
    pub denied: Vec<(String, String, String)>,
    pub(crate) store: Store,
    /// What kubelets know about pods, by pod uid.
    pub(crate) runs: BTreeMap<String, PodRun>,
    /// When volumes under way are made, by claim uid.
    pub(crate) provisioning: BTreeMap<String, Stamp>,
    /// Since when Metrics Server answers.
    pub(crate) metrics_since: Option<Stamp>,
    /// When its controllers last had nothing left to do.
    pub(crate) rest: Option<Rest>,
}

/// A cluster whose controllers have nothing to do before something changes or falls due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest {
    /// Revision of the store.
    pub revision: u64,
    /// Instances, GPUs and EFA interfaces of the account.
    pub devices: (usize, u32, u32),
    /// When something falls due.
    pub next: Option<Stamp>,
}

impl Cluster {
    /// A cluster at a Kubernetes minor such as `1.35`, with the namespaces and built-in objects every cluster has.
    pub fn new(name: &str, minor: &str, now: Stamp) -> Self {
        let mut cluster = Self {
            name: name.to_owned(),
            minor: minor.to_owned(),
            caller: "arn:aws:sts::111122223333:assumed-role/platform-operator/session".to_owned(),
            store: Store::new(name),
            ..Self::default()
        };
        for namespace in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            cluster.put_as(
                now,
                "kube-apiserver",
                json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}),
            );
        }
        for namespace in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}});
            cluster.put_as(now, "kube-controller-manager", account);
        }
        for (class, value) in [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)] {
            cluster.put_as(now, "kube-apiserver", json!({
                "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": class}, "value": value,
                "description": "Used for system critical pods that must not be moved from their current node.",
            }));
        }
        cluster.put_as(
            now,
            "kube-apiserver",
            json!({
                "apiVersion": "v1", "kind": "Service", "metadata": {"name": "kubernetes", "namespace": "default",
                    "labels": {"component": "apiserver", "provider": "kubernetes"}},
                "spec": {"type": "ClusterIP", "ports": [{"name": "https", "port": 443, "targetPort": 443}]},
            }),
        );
        for (role, rules) in built_in_roles() {
            let kind = if role.starts_with("extension-") { "Role" } else { "ClusterRole" };
            let mut metadata = json!({"name": role, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}});
            if kind == "Role" {
                metadata["namespace"] = "kube-system".into();
            }
            let object = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, "rules": rules});
            cluster.put_as(now, "kube-apiserver", object);
        }
        cluster.put_as(now, "eks", pod_identity_webhook());
        cluster
    }

    /// Applies `object` as a controller of the platform does: server-side apply with force under `manager`.
    /// A `status` in the object is stored too. An object of an unknown kind is ignored.
    pub fn put_as(&mut self, now: Stamp, manager: &str, object: Value) {
        let kind = kinds::by_kind(json_text(&object, "apiVersion"), json_text(&object, "kind"));
        let Some(kind) = kind else { return };
        let mut config = object;
        quantity::canonicalise(&mut config);
        let key = Key::of(kind, &config);
        self.apply_part(Writer { now, manager, subresource: "" }, &key, &config);
        if kind.status && config.get("status").is_some() {
            self.apply_part(Writer { now, manager, subresource: "status" }, &key, &config);
        }
    }

    fn apply_part(&mut self, writer: Writer<'_>, key: &Key, config: &Value) {
        let kind = key.kind();
        let live = self.store.get(key).map(|live| (**live).clone());
        let fresh = live.is_none();
        let live = live.unwrap_or_else(|| identity(key));
        // With force there are no conflicts, hence no refusal.
        let Ok(mut merged) = apply::apply(writer, kind, &live, config, true) else { return };
        if fresh && kind.kind == "Job" {
            set(&mut merged, &["metadata", "uid"], self.store.fresh_uid());
        }
        defaults::fill(self, kind, &mut merged);
        if fresh {
            self.store.insert(writer.now, key.clone(), merged);
        } else {
            self.store.replace(key, merged);
        }
    }

    /// The stored object, if there is one.
    pub fn get(&self, gvr: &Gvr, namespace: Option<&str>, name: &str) -> Option<&Value> {
        let kind = kinds::by_plural(&gvr.group, &gvr.version, &gvr.plural)?;
        self.store.get(&Key::new(kind, namespace.unwrap_or_default(), name)).map(AsRef::as_ref)
    }

    /// Every stored object of a resource, in order of namespace and name.
    pub fn list(&self, gvr: &Gvr) -> Vec<&Value> {
        match kinds::by_plural(&gvr.group, &gvr.version, &gvr.plural) {
            Some(kind) => self.store.scan(kind, None).map(|(_, object)| object.as_ref()).collect(),
            None => Vec::new(),
        }
    }

    /// Whether its controllers would find nothing to do: a settled cluster costs nothing until then.
    pub(crate) fn is_at_rest(&self, now: Stamp, devices: (usize, u32, u32)) -> bool {
        self.rest.is_some_and(|rest| {
            let same = rest.revision == self.store.revision() && rest.devices == devices;
            same && rest.next.is_none_or(|next| next > now)
        })
    }

    /// Every stored object, ordered by group, resource, namespace and name.
    pub fn objects(&self) -> impl Iterator<Item = &Value> {
        self.store.all().map(|(_, object)| object.as_ref())
    }

    /// Removes an object as a controller does; absent is fine.
    pub fn remove(&mut self, _now: Stamp, gvr: &Gvr, namespace: Option<&str>, name: &str) {
        if let Some(kind) = kinds::by_plural(&gvr.group, &gvr.version, &gvr.plural) {
            self.store.erase(&Key::new(kind, namespace.unwrap_or_default(), name));
        }
    }
}

/// An object that has only its address.
pub(crate) fn identity(key: &Key) -> Value {
    let kind = key.kind();
    let mut object = json!({"apiVersion": kind.api_version(), "kind": kind.kind, "metadata": {"name": key.name}});
    if kind.namespaced {
        object["metadata"]["namespace"] = key.namespace.clone().into();
    }
    object
}

fn json_text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn built_in_roles() -> Vec<(&'static str, Value)> {
    let all =
        json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"nonResourceURLs": ["*"], "verbs": ["*"]}]);
    let reviews = json!([
        {"apiGroups": ["authentication.k8s.io"], "resources": ["tokenreviews"], "verbs": ["create"]},
        {"apiGroups": ["authorization.k8s.io"], "resources": ["subjectaccessreviews"], "verbs": ["create"]},
    ]);
    let reader = json!([{"apiGroups": [""], "resources": ["configmaps"],
        "resourceNames": ["extension-apiserver-authentication"], "verbs": ["get", "list", "watch"]}]);
    vec![
        ("cluster-admin", all),
        ("system:auth-delegator", reviews),
        ("extension-apiserver-authentication-reader", reader),
    ]
}

/// The webhook EKS runs in its control plane (user guide, pod-id-how-it-works).
fn pod_identity_webhook() -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "pod-identity-webhook"},
        "webhooks": [{
            "name": "iam-for-pods.amazonaws.com", "admissionReviewVersions": ["v1beta1"], "sideEffects": "None",
            "failurePolicy": "Ignore", "clientConfig": {"url": "https://127.0.0.1:23443/mutate"},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
        }],
    })
}
