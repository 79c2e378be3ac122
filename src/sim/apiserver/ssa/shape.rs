//! How lists and maps of the built-in kinds merge (`x-kubernetes-list-type`, `x-kubernetes-map-type` of the API).

/// How the value at a path is owned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Members are owned one by one (maps), or the list is owned as a whole (lists).
    Plain,
    /// Owned as a whole.
    Atomic,
    /// A list of objects told apart by these keys; the second part is the value of an absent key.
    Keyed(&'static [(&'static str, Option<&'static str>)]),
    /// A list whose values are owned one by one.
    Set,
}

const NAME: Shape = Shape::Keyed(&[("name", None)]);
const TYPE: Shape = Shape::Keyed(&[("type", None)]);
const UID: Shape = Shape::Keyed(&[("uid", None)]);
const IP: Shape = Shape::Keyed(&[("ip", None)]);
const MOUNT: Shape = Shape::Keyed(&[("mountPath", None)]);
const DEVICE: Shape = Shape::Keyed(&[("devicePath", None)]);
const CONTAINER_PORT: Shape = Shape::Keyed(&[("containerPort", None), ("protocol", Some("TCP"))]);
const SERVICE_PORT: Shape = Shape::Keyed(&[("port", None), ("protocol", Some("TCP"))]);
const SPREAD: Shape = Shape::Keyed(&[("topologyKey", None), ("whenUnsatisfiable", None)]);

/// The shape of the value at a path of field names; list elements add no name to the path.
pub(crate) fn shape(kind: &str, path: &[&str]) -> Shape {
    let Some((last, parents)) = path.split_last() else { return Shape::Plain };
    let parent = parents.last().copied().unwrap_or_default();
    match (*last, parent) {
        // User data: keys are free text, never field names.
        (_, "labels" | "annotations" | "data" | "stringData" | "binaryData" | "parameters" | "limits" | "requests") => {
            Shape::Plain
        }
        (
            "containers"
            | "initContainers"
            | "ephemeralContainers"
            | "volumes"
            | "env"
            | "imagePullSecrets"
            | "secrets"
            | "webhooks"
            | "drivers"
            | "resourceClaims"
            | "schedulingGates",
            _,
        ) => NAME,
        // Job conditions are declared atomic; every other kind keys them.
        ("conditions", _) if kind == "Job" => Shape::Atomic,
        ("conditions", _) => TYPE,
        ("addresses", "status") if kind == "Node" => TYPE,
        ("ownerReferences", _) => UID,
        ("hostAliases" | "podIPs" | "hostIPs", _) => IP,
        ("volumeMounts", _) => MOUNT,
        ("volumeDevices", _) => DEVICE,
        ("ports", _) if kind == "Service" && parent == "spec" => SERVICE_PORT,
        ("ports", "containers" | "initContainers") => CONTAINER_PORT,
        ("topologySpreadConstraints", _) => SPREAD,
        ("finalizers" | "podCIDRs", _) => Shape::Set,
        ("selector", "spec") | ("nodeSelector" | "nodeSelectorTerms" | "labelSelector" | "namespaceSelector", _) => {
            Shape::Atomic
        }
        (
            "objectSelector" | "roleRef" | "involvedObject" | "claimRef" | "dataSource" | "targetRef"
            | "configMapKeyRef" | "secretKeyRef" | "fieldRef" | "resourceFieldRef" | "secretRef" | "configMapRef"
            | "matchExpressions" | "aggregationRule" | "preference" | "nodeSelectorTerm",
            _,
        ) => Shape::Atomic,
        _ => Shape::Plain,
    }
}
