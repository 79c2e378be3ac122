//! Create, replace and patch.

use serde_json::Value;

use super::controllers::webhook;
use super::failure::Failure;
use super::json::{self, text};
use super::request::{Request, Target};
use super::serve::{Reply, Session};
use super::ssa::{apply, managers};
use super::store::{Key, Writer};
use super::{cluster, defaults, quantity, typed, validate};

/// POST to a collection.
pub(crate) fn create(session: &mut Session<'_>, request: &Request<'_>, target: &Target) -> Result<Reply, Failure> {
    let mut object = decode(request, target)?;
    if text(&object, "/metadata/name").is_empty() && !text(&object, "/metadata/generateName").is_empty() {
        let name = format!("{}{}", text(&object, "/metadata/generateName"), session.cluster.store.suffix(5));
        json::set(&mut object, &["metadata", "name"], name);
    }
    let name = text(&object, "/metadata/name").to_owned();
    session.require_namespace(target, &name)?;
    let key = Key::new(target.kind, &target.namespace, &name);
    if session.cluster.store.get(&key).is_some() {
        return Err(Failure::already_exists(target.kind, &name));
    }
    if !text(&object, "/metadata/resourceVersion").is_empty() {
        return Err(Failure::status(
            500,
            "",
            "resourceVersion should not be set on objects to be created",
            Value::Null,
        ));
    }
    if target.kind.status {
        json::unset(&mut object, &["status"]);
    }
    let manager = request.manager();
    let writer = Writer { now: session.now, manager: &manager, subresource: "" };
    let made = admit_new(session, writer, &key, object, false, request.dry_run()?)?;
    Ok(Reply::Object(201, made))
}

/// Defaults, mutating admission, validation and storage of an object that is not there yet.
/// `owned` says that `managedFields` are complete already (server-side apply).
pub(crate) fn admit_new(
    session: &mut Session<'_>,
    writer: Writer<'_>,
    key: &Key,
    mut object: Value,
    owned: bool,
    dry_run: bool,
) -> Result<Value, Failure> {
    let kind = key.kind();
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "deletionTimestamp", "selfLink"] {
        json::unset(&mut object, &["metadata", field]);
    }
    quantity::canonicalise(&mut object);
    defaults::fill(session.cluster, kind, &mut object);
    if kind.kind == "Pod" {
        webhook::admit_pod(session, &mut object);
    }
    validate::new_object(session.cluster, kind, &object)?;
    if !owned {
        managers::record_update(writer, kind, &cluster::identity(key), &mut object);
    }
    if dry_run {
        json::set(&mut object, &["metadata", "uid"], "00000000-0000-4000-a000-000000000000");
        json::set(&mut object, &["metadata", "creationTimestamp"], session.now.rfc3339_seconds());
        return Ok(object);
    }
    Ok((*session.cluster.store.insert(session.now, key.clone(), object)).clone())
}

/// PUT of an object or its status.
pub(crate) fn update(session: &mut Session<'_>, request: &Request<'_>, target: &Target) -> Result<Reply, Failure> {
    let object = decode(request, target)?;
    let old = session.find(target)?;
    let manager = request.manager();
    let writer = Writer { now: session.now, manager: &manager, subresource: &target.subresource };
    let stored = change(session, writer, target, &old, object, request.dry_run()?)?;
    Ok(Reply::Object(200, stored))
}

/// PATCH of an object or its status, in the four patch types.
pub(crate) fn patch(session: &mut Session<'_>, request: &Request<'_>, target: &Target) -> Result<Reply, Failure> {
    let content = request.header(http::header::CONTENT_TYPE).split(';').next().unwrap_or_default();
    match content {
        "application/apply-patch+yaml" | "application/apply-patch+json" => {
            return apply_patch(session, request, target);
        }
        "application/merge-patch+json" => {}
        other => return Err(Failure::gap(format!("kubernetes patch type {other} of {}", target.kind.plural))),
    }
    if request.parameter("force").is_some() {
        let message =
            "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch";
        return Err(Failure::status(422, "Invalid", message, Value::Null));
    }
    let old = session.find(target)?;
    let mut object = old.clone();
    json::merge_patch(&mut object, &request.object()?);
    check_fields(request, target, &mut object)?;
    let manager = request.manager();
    let writer = Writer { now: session.now, manager: &manager, subresource: &target.subresource };
    let stored = change(session, writer, target, &old, object, request.dry_run()?)?;
    Ok(Reply::Object(200, stored))
}

/// Stores `object` in place of `old` as an update.
pub(crate) fn change(
    session: &mut Session<'_>,
    writer: Writer<'_>,
    target: &Target,
    old: &Value,
    mut object: Value,
    dry_run: bool,
) -> Result<Value, Failure> {
    let version = text(&object, "/metadata/resourceVersion");
    if !version.is_empty() && version != text(old, "/metadata/resourceVersion") {
        return Err(Failure::conflict(
            target.kind,
            &target.name,
            "the object has been modified; please apply your changes to the latest version and try again",
        ));
    }
    if target.subresource == "status" {
        let status = object.get("status").cloned();
        object = old.clone();
        match status {
            Some(status) => json::set(&mut object, &["status"], status),
            None => json::unset(&mut object, &["status"]),
        }
    } else if target.kind.status {
        match old.get("status") {
            Some(status) => json::set(&mut object, &["status"], status.clone()),
            None => json::unset(&mut object, &["status"]),
        }
    }
    json::drop_nulls(&mut object);
    finish(session, target, old, object, dry_run, |old, new| managers::record_update(writer, target.kind, old, new))
}

fn finish(
    session: &mut Session<'_>,
    target: &Target,
    old: &Value,
    mut object: Value,
    dry_run: bool,
    own: impl FnOnce(&Value, &mut Value),
) -> Result<Value, Failure> {
    quantity::canonicalise(&mut object);
    defaults::keep_assigned(target.kind, old, &mut object);
    defaults::fill(session.cluster, target.kind, &mut object);
    validate::changed_object(session.cluster, target.kind, old, &object)?;
    own(old, &mut object);
    for field in ["uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp"] {
        match old["metadata"].get(field) {
            Some(value) => json::set(&mut object, &["metadata", field], value.clone()),
            None => json::unset(&mut object, &["metadata", field]),
        }
    }
    if dry_run || unchanged(old, &object) {
        return Ok(if dry_run && !unchanged(old, &object) { object } else { old.clone() });
    }
    let key = Key::new(target.kind, &target.namespace, &target.name);
    let stored = session.cluster.store.replace(&key, object);
    let finalized = json::items(&stored, "/metadata/finalizers").is_empty();
    let waits = target.kind.kind == "Pod" || target.kind.kind == "Namespace";
    if finalized && !waits && !text(&stored, "/metadata/deletionTimestamp").is_empty() {
        session.cluster.store.erase(&key);
    }
    Ok((*stored).clone())
}

/// Equal but for the times at which managers wrote: the server keeps the stored object then.
fn unchanged(old: &Value, new: &Value) -> bool {
    let timeless = |object: &Value| {
        let mut entries = managers::entries(object);
        entries.iter_mut().for_each(|entry| entry.time.clear());
        entries
    };
    managers::bare(old) == managers::bare(new) && timeless(old) == timeless(new)
}

fn apply_patch(session: &mut Session<'_>, request: &Request<'_>, target: &Target) -> Result<Reply, Failure> {
    let Some(manager) = request.parameter("fieldManager") else {
        return Err(patch_options("fieldManager: Required value: is required for apply patch"));
    };
    if manager.len() > 128 {
        return Err(patch_options(&format!("fieldManager: Too long: may not be more than 128 bytes: {manager}")));
    }
    let mut config = yaml(request)?;
    check_identity(target, &mut config)?;
    if !json::items(&config, "/metadata/managedFields").is_empty() {
        return Err(Failure::bad_request("metadata.managedFields must be nil"));
    }
    // Apply checks types strictly whatever fieldValidation says: the configuration becomes a typed object.
    let unknown = typed::unknown_fields(target.kind.kind, &config).map_err(|why| untyped(target, &why))?;
    if let Some(path) = unknown.first() {
        return Err(untyped(target, &format!("{path}: field not declared in schema")));
    }
    quantity::canonicalise(&mut config);
    let writer = Writer { now: session.now, manager, subresource: &target.subresource };
    let key = Key::new(target.kind, &target.namespace, &target.name);
    let force = request.flag("force");
    let dry_run = request.dry_run()?;
    let Some(old) = session.cluster.store.get(&key).map(|live| (**live).clone()) else {
        if !target.subresource.is_empty() || !text(&config, "/metadata/uid").is_empty() {
            return Err(Failure::not_found(target.kind, &target.name));
        }
        session.require_namespace(target, &target.name)?;
        let object = apply::apply(writer, target.kind, &cluster::identity(&key), &config, force)?;
        return Ok(Reply::Object(201, admit_new(session, writer, &key, object, true, dry_run)?));
    };
    let version = text(&config, "/metadata/resourceVersion");
    if !version.is_empty() && version != text(&old, "/metadata/resourceVersion") {
        return Err(Failure::conflict(
            target.kind,
            &target.name,
            "the object has been modified; please apply your changes to the latest version and try again",
        ));
    }
    let object = apply::apply(writer, target.kind, &old, &config, force)?;
    let stored = finish(session, target, &old, object, dry_run, |_, _| {})?;
    Ok(Reply::Object(200, stored))
}

fn patch_options(what: &str) -> Failure {
    Failure::status(422, "Invalid", format!("PatchOptions.meta.k8s.io \"\" is invalid: {what}"), Value::Null)
}

/// The typed conversion of apply fails with a plain error, which the server answers as 500 without a reason.
fn untyped(target: &Target, why: &str) -> Failure {
    let address = if target.namespace.is_empty() {
        format!("/{}", target.name)
    } else {
        format!("{}/{}", target.namespace, target.name)
    };
    let message = format!(
        "failed to create typed patch object ({address}; {}, Kind={}): {why}",
        if target.kind.group.is_empty() { format!("/{}", target.kind.version) } else { target.kind.api_version() },
        target.kind.kind
    );
    Failure::status(500, "", message, Value::Null)
}

fn yaml(request: &Request<'_>) -> Result<Value, Failure> {
    let text = std::str::from_utf8(request.body).map_err(|error| Failure::bad_request(error.to_string()))?;
    let parsed = serde_json::from_str::<Value>(text).or_else(|_| serde_saphyr::from_str::<Value>(text));
    match parsed {
        Ok(value) if value.is_object() => Ok(value),
        Ok(_) => Err(Failure::bad_request("error decoding YAML: expected an object")),
        Err(error) => Err(Failure::bad_request(format!("error decoding YAML: {error}"))),
    }
}

fn decode(request: &Request<'_>, target: &Target) -> Result<Value, Failure> {
    let mut object = request.object()?;
    check_identity(target, &mut object)?;
    check_fields(request, target, &mut object)?;
    json::drop_nulls(&mut object);
    Ok(object)
}

/// Unknown fields: refused with `fieldValidation=Strict`, dropped otherwise; wrong types are always refused.
fn check_fields(request: &Request<'_>, target: &Target, object: &mut Value) -> Result<(), Failure> {
    let refuse = |why: &str| {
        let version = target.kind.version;
        let kind = target.kind.kind;
        Failure::bad_request(format!("{kind} in version {version:?} cannot be handled as a {kind}: {why}"))
    };
    let unknown = typed::unknown_fields(target.kind.kind, object).map_err(|why| refuse(&why))?;
    if unknown.is_empty() {
        return Ok(());
    }
    if request.parameter("fieldValidation") == Some("Strict") {
        let list: Vec<String> =
            unknown.iter().map(|path| format!("unknown field {:?}", path.trim_start_matches('.'))).collect();
        return Err(refuse(&format!("strict decoding error: {}", list.join(", "))));
    }
    typed::drop_unknown(target.kind.kind, object);
    Ok(())
}

/// The body must be what the path names.
fn check_identity(target: &Target, object: &mut Value) -> Result<(), Failure> {
    let (version, kind) = (text(object, "/apiVersion"), text(object, "/kind"));
    if version != target.kind.api_version() || kind != target.kind.kind {
        return Err(Failure::bad_request(format!(
            "{kind} in version {version:?} cannot be handled as a {}: no kind {kind:?} is registered for version {version:?}",
            target.kind.kind
        )));
    }
    let namespace = text(object, "/metadata/namespace");
    if target.kind.namespaced && namespace.is_empty() {
        json::set(object, &["metadata", "namespace"], target.namespace.clone());
    } else if namespace != target.namespace {
        return Err(Failure::bad_request(format!(
            "the namespace of the provided object does not match the namespace sent on the request ({namespace} != {})",
            target.namespace
        )));
    }
    let name = text(object, "/metadata/name");
    if !target.name.is_empty() && name.is_empty() {
        json::set(object, &["metadata", "name"], target.name.clone());
    } else if !target.name.is_empty() && name != target.name {
        return Err(Failure::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({})",
            target.name
        )));
    }
    Ok(())
}
