//! Garbage collection, foreground deletion, and the end of namespaces.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{all, edit, edit_status, is_deleted};
use crate::sim::apiserver::delete;
use crate::sim::apiserver::json::{items, set, text};
use crate::sim::apiserver::serve::Session;
use crate::sim::apiserver::store::Key;

const FOREGROUND: &str = "foregroundDeletion";

/// Removes what lost its owners, what waited for its dependants, and the content of ending namespaces.
pub(super) fn run(session: &mut Session<'_>) {
    orphans(session);
    foreground(session);
    namespaces(session);
}

fn orphans(session: &mut Session<'_>) {
    let uids: BTreeSet<String> =
        session.cluster.store.all().map(|(_, object)| text(object, "/metadata/uid").to_owned()).collect();
    let lost = |object: &Value| {
        let owners = items(object, "/metadata/ownerReferences");
        !owners.is_empty() && owners.iter().all(|owner| !uids.contains(text(owner, "/uid")))
    };
    let keys: Vec<Key> = session
        .cluster
        .store
        .all()
        .filter(|(_, object)| !is_deleted(object) && lost(object))
        .map(|(key, _)| key.clone())
        .collect();
    for key in keys {
        delete::plain(session, &key, None);
    }
}

fn foreground(session: &mut Session<'_>) {
    let waiting: Vec<(Key, String)> = session
        .cluster
        .store
        .all()
        .filter(|(_, object)| is_deleted(object))
        .filter(|(_, object)| items(object, "/metadata/finalizers").iter().any(|item| item == FOREGROUND))
        .map(|(key, object)| (key.clone(), text(object, "/metadata/uid").to_owned()))
        .collect();
    for (key, uid) in waiting {
        let dependants: Vec<Key> = session
            .cluster
            .store
            .all()
            .filter(|(_, object)| {
                items(object, "/metadata/ownerReferences").iter().any(|owner| text(owner, "/uid") == uid)
            })
            .map(|(key, _)| key.clone())
            .collect();
        if dependants.is_empty() {
            release(session, &key, FOREGROUND);
        }
        for dependant in dependants {
            delete::plain(session, &dependant, None);
        }
    }
}

/// Takes a finalizer off an object; the last one lets a deleted object go.
pub(super) fn release(session: &mut Session<'_>, key: &Key, finalizer: &str) {
    edit(session, key, |object| {
        let left: Vec<Value> =
            items(object, "/metadata/finalizers").iter().filter(|item| *item != finalizer).cloned().collect();
        set(object, &["metadata", "finalizers"], left);
    });
    let done = session
        .cluster
        .store
        .get(key)
        .is_some_and(|object| is_deleted(object) && items(object, "/metadata/finalizers").is_empty());
    if done {
        session.cluster.store.erase(key);
    }
}

fn namespaces(session: &mut Session<'_>) {
    for (key, namespace) in all(session, "Namespace") {
        if !is_deleted(&namespace) {
            continue;
        }
        edit_status(session, "kube-controller-manager", &key, |object| {
            set(object, &["status", "phase"], "Terminating");
        });
        let inside: Vec<Key> = session
            .cluster
            .store
            .all()
            .map(|(key, _)| key)
            .filter(|other| other.namespace == key.name)
            .cloned()
            .collect();
        if inside.is_empty() {
            session.cluster.store.erase(&key);
        }
        for object in inside {
            delete::plain(session, &object, None);
        }
    }
}
