//! From a request to an answer.

use bytes::Bytes;
use serde_json::Value;

use super::failure::{Failure, Status, reply, respond};
use super::json::text;
use super::kinds;
use super::request::{Request, Route, Target};
use super::store::Key;
use super::{Cluster, KubeReply, auth, delete, discovery, logs, metrics, read, review, subresources, watch, write};
use crate::domain::time::Stamp;
use crate::sim::world::World;

/// One request against one cluster: the world around it only to look at.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub cluster: &'a mut Cluster,
    pub world: &'a World,
    pub now: Stamp,
    /// Instants at which something is due.
    pub wakes: Vec<Stamp>,
}

/// What a handler answers: a status code and an object, or a text.
#[derive(Debug)]
pub(crate) enum Reply {
    Object(u16, Value),
    Text(String),
    Watch(watch::WatchRequest),
}

/// Answers one request to the API server of `cluster`.
pub fn serve(world: &mut World, cluster: &str, request: &http::Request<Bytes>) -> KubeReply {
    // The cluster is taken out while it works, so that it can read the world around it.
    let Some(mut taken) = world.clusters.remove(cluster) else {
        return KubeReply::Gap(format!("kubernetes cluster {cluster}"));
    };
    let mut session = Session { now: world.now, cluster: &mut taken, world, wakes: Vec::new() };
    let answer = session.answer(request);
    let wakes = session.wakes;
    world.clusters.insert(cluster.to_owned(), taken);
    for at in wakes {
        world.wake_at(at);
    }
    match answer {
        Ok(Reply::Object(code, body)) => KubeReply::Full(reply(code, &body)),
        Ok(Reply::Text(text)) => KubeReply::Full(respond(200, "text/plain", Bytes::from(text))),
        Ok(Reply::Watch(watch)) => KubeReply::Watch(watch),
        Err(Failure::Status(status)) => KubeReply::Full(status.response()),
        Err(Failure::Gap(what)) => KubeReply::Gap(what),
    }
}

impl Session<'_> {
    fn answer(&mut self, raw: &http::Request<Bytes>) -> Result<Reply, Failure> {
        let request = Request::read(raw)?;
        let route = request.route();
        auth::authenticate(self.now, &request, route.as_ref().ok())?;
        match route? {
            Route::Version => Ok(Reply::Object(200, discovery::version(&self.cluster.minor))),
            Route::Health => Ok(Reply::Text("ok".to_owned())),
            Route::Core => Ok(Reply::Object(200, discovery::core())),
            Route::Groups => Ok(Reply::Object(200, discovery::group_list(metrics::is_registered(self.cluster)))),
            Route::Group(group) => {
                Ok(Reply::Object(200, discovery::one_group(&group, metrics::is_registered(self.cluster))?))
            }
            Route::Resources { group, version } => {
                if group == "metrics.k8s.io" {
                    metrics::require_available(self.cluster)?;
                }
                Ok(Reply::Object(200, discovery::resources(&group, &version)?))
            }
            Route::Virtual { group, plural, namespace, name } if group == "metrics.k8s.io" => {
                metrics::require_available(self.cluster)?;
                let body = metrics::read(self.cluster, self.now, &plural, &namespace, &name)?;
                Ok(Reply::Object(200, body))
            }
            Route::Virtual { plural, .. } => {
                if request.method != http::Method::POST {
                    return Err(not_allowed());
                }
                Ok(Reply::Object(201, review::review(self.cluster, &plural, request.object()?)?))
            }
            Route::Stored(target) => self.stored(&request, &target),
        }
    }

    fn stored(&mut self, request: &Request<'_>, target: &Target) -> Result<Reply, Failure> {
        let verb = auth::verb(request, target);
        auth::authorise(self.cluster, verb, target)?;
        if !target.kind.writable && !matches!(verb, "get" | "list" | "watch") {
            return Err(Failure::gap(format!("kubernetes {verb} {}", target.kind.plural)));
        }
        match (target.subresource.as_str(), verb) {
            ("", "list") => Ok(Reply::Object(200, read::list(self.cluster, request, target)?)),
            ("", "watch") => Ok(Reply::Watch(watch::open(self, request, target)?)),
            ("" | "status", "get") => Ok(Reply::Object(200, self.find(target)?)),
            ("", "create") => write::create(self, request, target),
            ("" | "status", "update") => write::update(self, request, target),
            ("" | "status", "patch") => write::patch(self, request, target),
            ("", "delete") => delete::one(self, request, target),
            ("", "deletecollection") => delete::collection(self, request, target),
            ("log", "get") if target.kind.kind == "Pod" => Ok(Reply::Text(logs::read(self, request, target)?)),
            ("eviction", "create") if target.kind.kind == "Pod" => subresources::evict(self, request, target),
            ("scale", _) if target.kind.kind == "Deployment" => subresources::scale(self, request, target, verb),
            (subresource, verb) => Err(Failure::gap(format!("kubernetes {verb} {}/{subresource}", target.kind.plural))),
        }
    }

    /// The stored object of a target.
    pub fn find(&self, target: &Target) -> Result<Value, Failure> {
        let key = Key::new(target.kind, &target.namespace, &target.name);
        let found = self.cluster.store.get(&key).map(|object| (**object).clone());
        found.ok_or_else(|| Failure::not_found(target.kind, &target.name))
    }

    /// Refuses objects for a namespace that is absent or goes away.
    pub fn require_namespace(&self, target: &Target, name: &str) -> Result<(), Failure> {
        if !target.kind.namespaced {
            return Ok(());
        }
        let namespaces = kinds::known("Namespace");
        let Some(found) = self.cluster.store.get(&Key::new(namespaces, "", &target.namespace)) else {
            return Err(Failure::not_found(namespaces, &target.namespace));
        };
        if text(found, "/metadata/deletionTimestamp").is_empty() {
            return Ok(());
        }
        let message = format!(
            "{} {name:?} is forbidden: unable to create new content in namespace {} because it is being terminated",
            target.kind.qualified(),
            target.namespace
        );
        Err(Failure::status(
            403,
            "Forbidden",
            message,
            serde_json::json!({
                "name": name, "kind": target.kind.plural,
                "causes": [{"reason": "NamespaceTerminating", "message": format!("namespace {} is being terminated", target.namespace), "field": "metadata.namespace"}],
            }),
        ))
    }
}

/// 405 for a verb the resource does not have.
pub(crate) fn not_allowed() -> Failure {
    Failure::Status(Box::new(Status {
        code: 405,
        reason: "MethodNotAllowed",
        message: "the server does not allow this method on the requested resource".to_owned(),
        details: serde_json::json!({}),
    }))
}
