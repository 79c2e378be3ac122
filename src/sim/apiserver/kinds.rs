//! The resources this API server stores: names, scope and subresources.

/// One resource of the API.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub singular: &'static str,
    pub short: &'static [&'static str],
    pub namespaced: bool,
    /// Has a `status` subresource: writes to the main resource ignore `status`.
    pub status: bool,
    /// The server counts changes of the desired state in `metadata.generation`.
    pub generation: bool,
    pub writable: bool,
}

impl Kind {
    /// `v1` or `apps/v1`.
    pub fn api_version(&self) -> String {
        group_version(self.group, self.version)
    }

    /// `pods` or `deployments.apps`: how error messages name a resource.
    pub fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// `Pod` or `Deployment.apps`: how validation messages name a kind.
    pub fn qualified_kind(&self) -> String {
        if self.group.is_empty() { self.kind.to_owned() } else { format!("{}.{}", self.kind, self.group) }
    }
}

/// Joins group and version as `apiVersion` does.
pub(crate) fn group_version(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
}

const NS: u8 = 1;
const ST: u8 = 2;
const GEN: u8 = 4;
const RO: u8 = 8;

const fn kind(
    gv: (&'static str, &'static str),
    kind: &'static str,
    plural: &'static str,
    singular: &'static str,
    short: &'static [&'static str],
    flags: u8,
) -> Kind {
    Kind {
        group: gv.0,
        version: gv.1,
        kind,
        plural,
        singular,
        short,
        namespaced: flags & NS != 0,
        status: flags & ST != 0,
        generation: flags & GEN != 0,
        writable: flags & RO == 0,
    }
}

const CORE: (&str, &str) = ("", "v1");
const APPS: (&str, &str) = ("apps", "v1");
const RBAC: (&str, &str) = ("rbac.authorization.k8s.io", "v1");
const STORAGE: (&str, &str) = ("storage.k8s.io", "v1");

/// Every stored resource, core group first, then by group.
pub(crate) static KINDS: &[Kind] = &[
    kind(CORE, "ConfigMap", "configmaps", "configmap", &["cm"], NS),
    kind(CORE, "Endpoints", "endpoints", "endpoints", &["ep"], NS),
    kind(CORE, "Event", "events", "event", &["ev"], NS),
    kind(CORE, "Namespace", "namespaces", "namespace", &["ns"], ST),
    kind(CORE, "Node", "nodes", "node", &["no"], ST),
    kind(CORE, "PersistentVolume", "persistentvolumes", "persistentvolume", &["pv"], ST),
    kind(CORE, "PersistentVolumeClaim", "persistentvolumeclaims", "persistentvolumeclaim", &["pvc"], NS | ST),
    kind(CORE, "Pod", "pods", "pod", &["po"], NS | ST | GEN),
    kind(CORE, "Secret", "secrets", "secret", &[], NS),
    kind(CORE, "Service", "services", "service", &["svc"], NS | ST),
    kind(CORE, "ServiceAccount", "serviceaccounts", "serviceaccount", &["sa"], NS),
    kind(
        ("admissionregistration.k8s.io", "v1"),
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        "mutatingwebhookconfiguration",
        &[],
        GEN,
    ),
    kind(
        ("apiextensions.k8s.io", "v1"),
        "CustomResourceDefinition",
        "customresourcedefinitions",
        "customresourcedefinition",
        &["crd", "crds"],
        ST | GEN | RO,
    ),
    kind(("apiregistration.k8s.io", "v1"), "APIService", "apiservices", "apiservice", &[], ST),
    kind(APPS, "DaemonSet", "daemonsets", "daemonset", &["ds"], NS | ST | GEN),
    kind(APPS, "Deployment", "deployments", "deployment", &["deploy"], NS | ST | GEN),
    kind(APPS, "ReplicaSet", "replicasets", "replicaset", &["rs"], NS | ST | GEN),
    kind(("batch", "v1"), "Job", "jobs", "job", &[], NS | ST | GEN),
    kind(("coordination.k8s.io", "v1"), "Lease", "leases", "lease", &[], NS),
    kind(("discovery.k8s.io", "v1"), "EndpointSlice", "endpointslices", "endpointslice", &[], NS | GEN),
    kind(
        ("policy", "v1"),
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        "poddisruptionbudget",
        &["pdb"],
        NS | ST | GEN,
    ),
    kind(RBAC, "ClusterRole", "clusterroles", "clusterrole", &[], 0),
    kind(RBAC, "ClusterRoleBinding", "clusterrolebindings", "clusterrolebinding", &[], 0),
    kind(RBAC, "Role", "roles", "role", &[], NS),
    kind(RBAC, "RoleBinding", "rolebindings", "rolebinding", &[], NS),
    kind(("scheduling.k8s.io", "v1"), "PriorityClass", "priorityclasses", "priorityclass", &["pc"], GEN),
    kind(STORAGE, "CSIDriver", "csidrivers", "csidriver", &[], 0),
    kind(STORAGE, "CSINode", "csinodes", "csinode", &[], 0),
    kind(STORAGE, "StorageClass", "storageclasses", "storageclass", &["sc"], 0),
];

/// The resource of a path.
pub(crate) fn by_plural(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.group == group && kind.version == version && kind.plural == plural)
}

/// The resource of an object's `apiVersion` and `kind`.
pub(crate) fn by_kind(api_version: &str, name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.kind == name && kind.api_version() == api_version)
}

/// A resource known to exist in the table; `name` is a kind such as `Pod`. Kind names are unique in this table.
pub(crate) fn known(name: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.kind == name).unwrap_or(&KINDS[0])
}
