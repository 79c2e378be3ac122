//! A request to the API server, taken apart.

use bytes::Bytes;
use serde_json::Value;

use super::failure::Failure;
use super::kinds::{self, Kind};

/// Query parameters this API server knows. Another one is a gap of the simulator.
const KNOWN_PARAMETERS: &[&str] = &[
    "allowWatchBookmarks",
    "container",
    "continue",
    "dryRun",
    "fieldManager",
    "fieldSelector",
    "fieldValidation",
    "follow",
    "force",
    "gracePeriodSeconds",
    "labelSelector",
    "limit",
    "limitBytes",
    "orphanDependents",
    "pretty",
    "previous",
    "propagationPolicy",
    "resourceVersion",
    "resourceVersionMatch",
    "sendInitialEvents",
    "sinceSeconds",
    "sinceTime",
    "tailLines",
    "timeout",
    "timeoutSeconds",
    "timestamps",
    "verbose",
    "watch",
];

/// What a request asks for, and how.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub method: &'a http::Method,
    pub path: Vec<String>,
    query: Vec<(String, String)>,
    headers: &'a http::HeaderMap,
    pub body: &'a Bytes,
}

/// One resource, one object, or one subresource of an object.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub kind: &'static Kind,
    /// Empty for cluster-scoped resources and for lists over all namespaces.
    pub namespace: String,
    /// Empty for collections.
    pub name: String,
    /// Empty for the main resource.
    pub subresource: String,
}

/// Where a path leads.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    Version,
    Health,
    /// `/api`
    Core,
    /// `/apis`
    Groups,
    /// `/apis/<group>`
    Group(String),
    /// `/api/v1`, `/apis/<group>/<version>`
    Resources {
        group: String,
        version: String,
    },
    Stored(Target),
    /// A resource that is computed, not stored: reviews and metrics.
    Virtual {
        group: String,
        plural: String,
        namespace: String,
        name: String,
    },
}

impl<'a> Request<'a> {
    pub fn read(request: &'a http::Request<Bytes>) -> Result<Self, Failure> {
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let path = request.uri().path().split('/').filter(|part| !part.is_empty()).map(decode).collect();
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
        for (name, _) in &query {
            if !KNOWN_PARAMETERS.contains(&name.as_str()) {
                return Err(Failure::gap(format!("kubernetes query parameter {name} of {}", request.uri().path())));
            }
        }
        Ok(Self { method: request.method(), path, query, headers: request.headers(), body: request.body() })
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.parameter(name), Some("true" | "1"))
    }

    pub fn header(&self, name: http::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// True for `dryRun=All`.
    pub fn dry_run(&self) -> Result<bool, Failure> {
        match self.parameter("dryRun") {
            None => Ok(false),
            Some("All") => Ok(true),
            Some(other) => Err(Failure::bad_request(format!(
                "invalid dry run value {other:?}: Unsupported value: {other:?}: supported values: \"All\""
            ))),
        }
    }

    /// The manager of an update: the parameter, else the name in the user agent.
    pub fn manager(&self) -> String {
        let agent = self.header(http::header::USER_AGENT).split('/').next().unwrap_or_default();
        let name = self.parameter("fieldManager").unwrap_or(agent);
        if name.is_empty() { "unknown".to_owned() } else { name.to_owned() }
    }

    /// The body as an object.
    pub fn object(&self) -> Result<Value, Failure> {
        let text = std::str::from_utf8(self.body).map_err(|error| Failure::bad_request(error.to_string()))?;
        let content = self.header(http::header::CONTENT_TYPE);
        let parsed = if content.contains("yaml") {
            serde_saphyr::from_str::<Value>(text).map_err(|error| format!("error decoding YAML: {error}"))
        } else {
            serde_json::from_str::<Value>(text).map_err(|error| {
                format!("the object provided is unrecognized (must be of type Object): couldn't get version/kind; json parse error: {error}")
            })
        };
        match parsed {
            Ok(value) if value.is_object() => Ok(value),
            Ok(_) => Err(Failure::bad_request("the object provided is unrecognized: expected an object")),
            Err(message) => Err(Failure::bad_request(message)),
        }
    }

    /// Where the path leads.
    ///
    /// # Errors
    ///
    /// 404 as the API server answers for a path that nothing serves.
    pub fn route(&self) -> Result<Route, Failure> {
        let parts: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["version"] => Ok(Route::Version),
            ["healthz" | "livez" | "readyz", ..] => Ok(Route::Health),
            ["api"] => Ok(Route::Core),
            ["apis"] => Ok(Route::Groups),
            ["apis", group] => Ok(Route::Group((*group).to_owned())),
            ["api", version] => Ok(Route::Resources { group: String::new(), version: (*version).to_owned() }),
            ["apis", group, version] => {
                Ok(Route::Resources { group: (*group).to_owned(), version: (*version).to_owned() })
            }
            ["api", version, rest @ ..] => resource("", version, rest),
            ["apis", group, version, rest @ ..] => resource(group, version, rest),
            _ => Err(Failure::no_resource()),
        }
    }
}

fn resource(group: &str, version: &str, rest: &[&str]) -> Result<Route, Failure> {
    let (namespace, rest) = match rest {
        // `namespaces/<name>/status` and `/finalize` are subresources of the namespace itself.
        ["namespaces", namespace, plural, tail @ ..] if !matches!(*plural, "status" | "finalize") => {
            let mut below = vec![*plural];
            below.extend(tail);
            (*namespace, below)
        }
        _ => ("", rest.to_vec()),
    };
    let [plural, tail @ ..] = rest.as_slice() else { return Err(Failure::no_resource()) };
    let name = tail.first().copied().unwrap_or_default();
    let subresource = tail.get(1).copied().unwrap_or_default();
    if tail.len() > 2 {
        return Err(Failure::no_resource());
    }
    if matches!(group, "metrics.k8s.io" | "authorization.k8s.io") {
        return Ok(Route::Virtual {
            group: group.to_owned(),
            plural: (*plural).to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        });
    }
    let kind = kinds::by_plural(group, version, plural).ok_or_else(Failure::no_resource)?;
    if !kind.namespaced && !namespace.is_empty() || kind.namespaced && namespace.is_empty() && !name.is_empty() {
        return Err(Failure::no_resource());
    }
    Ok(Route::Stored(Target {
        kind,
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        subresource: subresource.to_owned(),
    }))
}
