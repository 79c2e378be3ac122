//! Deletion: preconditions, propagation, finalizers and grace.

use serde_json::{Value, json};

use super::failure::Failure;
use super::json::{int, items, set, text};
use super::request::{Request, Target};
use super::selectors::Selectors;
use super::serve::{Reply, Session};
use super::store::Key;

/// What happens to the objects an owner has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Propagation {
    Background,
    Foreground,
    Orphan,
}

#[derive(Debug)]
struct Options {
    propagation: Propagation,
    grace: Option<i64>,
    uid: String,
    version: String,
    dry_run: bool,
}

impl Options {
    fn read(request: &Request<'_>, target: &Target) -> Result<Self, Failure> {
        let body: Value = if request.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(request.body).map_err(|error| Failure::bad_request(error.to_string()))?
        };
        let policy = request.parameter("propagationPolicy").unwrap_or_else(|| text(&body, "/propagationPolicy"));
        let orphans = request.flag("orphanDependents") || body["orphanDependents"] == true;
        let propagation = match policy {
            "Background" => Propagation::Background,
            "Foreground" => Propagation::Foreground,
            "Orphan" => Propagation::Orphan,
            // batch/v1 keeps its old default for backwards compatibility (registry/batch/job/strategy.go).
            "" if orphans || target.kind.kind == "Job" => Propagation::Orphan,
            "" => Propagation::Background,
            other => {
                let message = format!(
                    "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: {other:?}: supported values: \"Background\", \"Foreground\", \"Orphan\", \"nil\""
                );
                return Err(Failure::status(422, "Invalid", message, Value::Null));
            }
        };
        let grace = request.parameter("gracePeriodSeconds").and_then(|text| text.parse().ok());
        Ok(Self {
            propagation,
            grace: grace.or_else(|| int(&body, "/gracePeriodSeconds")),
            uid: text(&body, "/preconditions/uid").to_owned(),
            version: text(&body, "/preconditions/resourceVersion").to_owned(),
            dry_run: request.dry_run()? || items(&body, "/dryRun").iter().any(|item| item == "All"),
        })
    }
}

/// DELETE of one object.
pub(crate) fn one(session: &mut Session<'_>, request: &Request<'_>, target: &Target) -> Result<Reply, Failure> {
    let options = Options::read(request, target)?;
    let old = session.find(target)?;
    let key = Key::new(target.kind, &target.namespace, &target.name);
    let name = &target.name;
    for (wanted, pointer, what) in
        [(&options.uid, "/metadata/uid", "UID"), (&options.version, "/metadata/resourceVersion", "ResourceVersion")]
    {
        let found = text(&old, pointer);
        if !wanted.is_empty() && wanted != found {
            let why = format!("Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {found}");
            return Err(Failure::conflict(target.kind, name, &why));
        }
    }
    if target.kind.kind == "Namespace" && matches!(name.as_str(), "default" | "kube-system" | "kube-public") {
        let message = format!("namespaces {name:?} is forbidden: this namespace may not be deleted");
        return Err(Failure::status(403, "Forbidden", message, json!({"name": name, "kind": "namespaces"})));
    }
    if options.dry_run {
        return Ok(Reply::Object(200, success(target, &old)));
    }
    Ok(Reply::Object(200, erase(session, &key, &options, &old).unwrap_or_else(|| success(target, &old))))
}

/// Marks or removes; answers the object when it stays for a while.
fn erase(session: &mut Session<'_>, key: &Key, options: &Options, old: &Value) -> Option<Value> {
    let now = session.now;
    let store = &mut session.cluster.store;
    let kind = key.kind();
    match options.propagation {
        Propagation::Orphan => orphan(session, old),
        Propagation::Foreground => {
            let writer = super::store::Writer { now, manager: "kube-apiserver", subresource: "" };
            store.edit(writer, key, |object| {
                let mut all = items(object, "/metadata/finalizers").to_vec();
                all.push("foregroundDeletion".into());
                set(object, &["metadata", "finalizers"], all);
            });
        }
        Propagation::Background => {}
    }
    let store = &mut session.cluster.store;
    let object = store.get(key)?;
    let held = !items(object, "/metadata/finalizers").is_empty();
    let grace = match kind.kind {
        "Pod" => pod_grace(object, options.grace),
        _ => 0,
    };
    if held || grace > 0 || kind.kind == "Namespace" {
        store.mark_deleted(now, key, grace).map(|object| (*object).clone())
    } else {
        store.erase(key);
        None
    }
}

/// Seconds a pod may go on: none when it was never placed or has ended.
fn pod_grace(pod: &Value, asked: Option<i64>) -> i64 {
    let ended = matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
    if text(pod, "/spec/nodeName").is_empty() || ended {
        return 0;
    }
    asked.or_else(|| int(pod, "/spec/terminationGracePeriodSeconds")).unwrap_or(30)
}

fn orphan(session: &mut Session<'_>, owner: &Value) {
    let uid = text(owner, "/metadata/uid");
    let owned =
        |object: &Value| items(object, "/metadata/ownerReferences").iter().any(|item| text(item, "/uid") == uid);
    let keys: Vec<Key> =
        session.cluster.store.all().filter(|(_, object)| owned(object)).map(|(key, _)| key.clone()).collect();
    let writer = super::store::Writer { now: session.now, manager: "kube-controller-manager", subresource: "" };
    for key in keys {
        session.cluster.store.edit(writer, &key, |object| {
            let left: Vec<Value> = items(object, "/metadata/ownerReferences")
                .iter()
                .filter(|item| text(item, "/uid") != uid)
                .cloned()
                .collect();
            if left.is_empty() {
                super::json::unset(object, &["metadata", "ownerReferences"]);
            } else {
                set(object, &["metadata", "ownerReferences"], left);
            }
        });
    }
}

/// DELETE of a collection: every object the selectors choose.
pub(crate) fn collection(session: &mut Session<'_>, request: &Request<'_>, target: &Target) -> Result<Reply, Failure> {
    let options = Options::read(request, target)?;
    let selectors =
        Selectors::parse(target.kind, request.parameter("labelSelector"), request.parameter("fieldSelector"))?;
    let namespace = (!target.namespace.is_empty()).then_some(target.namespace.as_str());
    let chosen: Vec<(Key, Value)> = session
        .cluster
        .store
        .scan(target.kind, namespace)
        .filter(|(_, object)| selectors.matches(object))
        .map(|(key, object)| (key.clone(), (**object).clone()))
        .collect();
    if !options.dry_run {
        for (key, object) in &chosen {
            erase(session, key, &options, object);
        }
    }
    let listed: Vec<Value> = chosen.into_iter().map(|(_, object)| object).collect();
    Ok(Reply::Object(
        200,
        json!({
            "kind": format!("{}List", target.kind.kind), "apiVersion": target.kind.api_version(),
            "metadata": {"resourceVersion": session.cluster.store.revision().to_string()}, "items": listed,
        }),
    ))
}

/// Deletes one object as a request without options would.
pub(crate) fn plain(session: &mut Session<'_>, key: &Key, grace: Option<i64>) {
    let options = Options {
        propagation: Propagation::Background,
        grace,
        uid: String::new(),
        version: String::new(),
        dry_run: false,
    };
    if let Some(old) = session.cluster.store.get(key).map(|old| (**old).clone()) {
        erase(session, key, &options, &old);
    }
}

pub(crate) fn success(target: &Target, old: &Value) -> Value {
    let mut details = json!({"name": target.name, "kind": target.kind.plural, "uid": old["metadata"]["uid"]});
    if !target.kind.group.is_empty() {
        details["group"] = target.kind.group.into();
    }
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})
}
