//! Which service or API server a request is for, whether it changes anything, and its answer.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, header};
use serde_json::Value;

use crate::sim::apiserver::{self, KubeReply, WatchRequest};
use crate::sim::call::{Answer, Call, Fault};
use crate::sim::codec::Service;
use crate::sim::refusals::refuse;
use crate::sim::services::{self, eks};
use crate::sim::world::World;

/// What the world answers.
#[derive(Debug)]
pub enum Reply {
    /// A whole response.
    Full(Response<Bytes>),
    /// A Kubernetes watch: its chunks come as the world changes.
    Watch(WatchRequest),
    /// The simulator does not implement this.
    Gap(String),
}

/// Where a request goes.
#[derive(Debug)]
pub enum Route {
    /// A decoded call of an AWS service.
    Aws(&'static Service, Call),
    /// The API server of the cluster of this name.
    Kube(String),
    /// An AWS request that is refused before its service sees it.
    Refused(&'static Service, Fault),
}

impl Route {
    /// Finds the service by host, else by credential scope, and decodes the request.
    ///
    /// # Errors
    /// The name of the gap when the world has no such host, service, region or route.
    pub fn of(world: &mut World, request: &Request<Bytes>) -> Result<Self, String> {
        let host = host(request);
        if host.ends_with(".eks.amazonaws.com") && host.contains(".gr7.") {
            return cluster_at(world, &host).map(Self::Kube).ok_or_else(|| format!("host:{host}"));
        }
        let scope = Scope::of(request);
        let (name, region) = match aws_host(&host) {
            Some((name, region)) => (name, region),
            None => match &scope {
                Some(scope) => (scope.service.as_str(), None),
                None => return Err(format!("host:{host}")),
            },
        };
        let service = Service::named(name).ok_or_else(|| format!("service:{name}"))?;
        if let Some(region) = region.filter(|region| *region != world.region) {
            return Err(format!("region:{region}"));
        }
        match scope {
            None => return Ok(Self::Refused(service, refuse("unsigned", &[]))),
            Some(scope) if scope.service != service.name => {
                return Ok(Self::Refused(service, refuse("incomplete-signature", &[("service", service.name)])));
            }
            Some(_) => {}
        }
        Ok(match service.decode(request) {
            Ok(call) => Self::Aws(service, call),
            Err(Fault::Gap(name)) => return Err(name),
            Err(refused) => Self::Refused(service, refused),
        })
    }

    /// Whether the request cannot change the world, so that the log does not hold it.
    pub fn is_read(&self, request: &Request<Bytes>) -> bool {
        match self {
            Self::Aws(_, call) => is_read_operation(&call.operation),
            Self::Kube(_) => is_kube_read(request),
            Self::Refused(..) => true,
        }
    }

    /// Answers. A mutation lets the world settle before the answer is written.
    pub fn answer(self, world: &mut World, request: &Request<Bytes>, request_id: &str) -> Reply {
        let settles = !self.is_read(request);
        let reply = match self {
            Self::Aws(service, mut call) => match answer_call(world, &mut call) {
                Ok(answer) => Reply::Full(service.encode(&call.operation, request_id, &answer)),
                Err(fault) => refused(service, request_id, fault),
            },
            Self::Refused(service, fault) => refused(service, request_id, fault),
            Self::Kube(cluster) => match apiserver::serve(world, &cluster, request) {
                KubeReply::Full(response) => Reply::Full(response),
                KubeReply::Watch(watch) => Reply::Watch(watch),
                KubeReply::Gap(name) => Reply::Gap(name),
            },
        };
        if settles {
            world.settle();
        }
        reply
    }
}

fn refused(service: &Service, request_id: &str, fault: Fault) -> Reply {
    match fault {
        Fault::Refused(refusal) => Reply::Full(service.encode_refusal(request_id, &refusal)),
        Fault::Gap(name) => Reply::Gap(name),
    }
}

/// The answer of the service. A member that the handler left behind is a gap, even when the answer is there:
/// AWS would have acted on it.
fn answer_call(world: &mut World, call: &mut Call) -> Answer {
    let answer = services::handle(world, call)?;
    match call.params.untaken().first() {
        Some(member) => Err(Fault::gap(format!("{}:{}.{member}", call.service, call.operation))),
        None => Ok(answer),
    }
}

fn is_read_operation(operation: &str) -> bool {
    ["Describe", "List", "Get", "Simulate", "AssumeRole"].iter().any(|prefix| operation.starts_with(prefix))
}

/// Reads of Kubernetes: GET and HEAD, anything with `dryRun=All`, and the review resources, which store nothing.
fn is_kube_read(request: &Request<Bytes>) -> bool {
    let path = request.uri().path().trim_end_matches('/');
    let dry = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
        .any(|(name, value)| name == "dryRun" && value == "All");
    let review = (path.starts_with("/apis/authorization.k8s.io/") || path.starts_with("/apis/authentication.k8s.io/"))
        && path.ends_with("reviews");
    matches!(*request.method(), Method::GET | Method::HEAD) || dry || review
}

/// Host of the request in lower case, without its port.
fn host(request: &Request<Bytes>) -> String {
    let authority = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let host = request.uri().host().or(authority).unwrap_or_default();
    host.split(':').next().unwrap_or_default().to_ascii_lowercase()
}

/// Service and region of `<service>.<region>.amazonaws.com` or `<service>.amazonaws.com`.
fn aws_host(host: &str) -> Option<(&str, Option<&str>)> {
    let labels: Vec<&str> = host.strip_suffix(".amazonaws.com")?.split('.').collect();
    match labels.as_slice() {
        [service] => Some((service, None)),
        [service, region] => Some((service, Some(region))),
        _ => None,
    }
}

/// The cluster whose endpoint is `host`, as DescribeCluster tells it.
fn cluster_at(world: &mut World, host: &str) -> Option<String> {
    let names: Vec<String> = world.clusters.keys().cloned().collect();
    names.into_iter().find(|name| {
        let mut members = serde_json::Map::new();
        members.insert("name".to_owned(), Value::from(name.as_str()));
        let params = crate::sim::call::Params::new(members);
        let mut call = Call { service: "eks".to_owned(), operation: "DescribeCluster".to_owned(), params };
        eks::handle(world, &mut call).is_ok_and(|answer| {
            let endpoint = answer.pointer("/cluster/endpoint").and_then(Value::as_str).unwrap_or_default();
            endpoint.trim_start_matches("https://").trim_end_matches('/').eq_ignore_ascii_case(host)
        })
    })
}

/// The credential scope `date/region/service/aws4_request` of a signed request; signatures are not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Region the request was signed for.
    pub region: String,
    /// Signing name it was signed for.
    pub service: String,
}

impl Scope {
    /// Reads the scope from the Authorization header, or from a presigned query.
    pub fn of(request: &Request<Bytes>) -> Option<Self> {
        let credential = match authorization(request.headers()) {
            Some(text) => text.split_once("Credential=")?.1.split([',', ' ']).next()?.to_owned(),
            None => url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
                .find(|(name, _)| name == "X-Amz-Credential")?
                .1
                .into_owned(),
        };
        let parts: Vec<&str> = credential.split('/').collect();
        match parts.as_slice() {
            [.., _date, region, service, "aws4_request"] => {
                Some(Self { region: (*region).to_owned(), service: (*service).to_owned() })
            }
            _ => None,
        }
    }
}

/// The Authorization header as text.
pub fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Stamp;

    const SIGNED: &str =
        "AWS4-HMAC-SHA256 Credential=AKIA/20260701/us-east-2/iam/aws4_request, SignedHeaders=host, Signature=x";

    fn iam(uri: &str, authorization: Option<&str>, body: &'static str) -> Request<Bytes> {
        let mut builder = Request::post(uri);
        if let Some(text) = authorization {
            builder = builder.header(header::AUTHORIZATION, text);
        }
        builder.body(Bytes::from_static(body.as_bytes())).unwrap()
    }

    fn answered(request: &Request<Bytes>) -> Result<(u16, String), String> {
        let mut world = World::empty(Stamp::EPOCH);
        match Route::of(&mut world, request)?.answer(&mut world, request, "r-1") {
            Reply::Full(response) => {
                Ok((response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap()))
            }
            Reply::Gap(name) => Err(name),
            Reply::Watch(_) => Err("watch".to_owned()),
        }
    }

    #[test]
    fn host_or_scope_finds_the_service() {
        let body = "Action=ListAccountAliases&Version=2010-05-08";
        for uri in ["https://iam.amazonaws.com/", "http://127.0.0.1:4566/"] {
            let (status, text) = answered(&iam(uri, Some(SIGNED), body)).unwrap();
            assert_eq!(status, 200);
            assert!(text.contains("<member>orbit-ml</member>"), "{text}");
        }
    }

    #[test]
    fn an_unsigned_request_is_refused_in_the_words_of_the_protocol() {
        let (status, text) = answered(&iam("https://iam.amazonaws.com/", None, "Action=GetRole")).unwrap();
        assert_eq!(status, 403);
        assert!(text.contains("<Code>MissingAuthenticationToken</Code>"), "{text}");
        let request = iam("https://ec2.us-east-2.amazonaws.com/", Some(SIGNED), "");
        assert!(answered(&request).unwrap().1.contains("<Code>IncompleteSignature</Code>"));
    }

    #[test]
    fn gaps_are_named() {
        let at = |uri: &str, body| answered(&iam(uri, Some(SIGNED), body)).unwrap_err();
        let iam = "https://iam.amazonaws.com/";
        assert_eq!(at(iam, "Action=MakeCoffee&Version=2010-05-08"), "iam:MakeCoffee");
        let role = "Action=ListAccountAliases&Version=2010-05-08&Sugar=2";
        assert_eq!(at(iam, role), "iam:ListAccountAliases.Sugar");
        assert_eq!(at("https://glacier.us-east-2.amazonaws.com/", ""), "service:glacier");
        assert_eq!(at("https://ec2.mars-north-1.amazonaws.com/", ""), "region:mars-north-1");
        assert_eq!(at("https://ab.gr7.us-east-2.eks.amazonaws.com/api", ""), "host:ab.gr7.us-east-2.eks.amazonaws.com");
    }

    #[test]
    fn reads_are_told_from_mutations() {
        assert!(is_read_operation("DescribeSubnets") && is_read_operation("GetCallerIdentity"));
        assert!(!is_read_operation("CreateRole") && !is_read_operation("TagResource"));
        let kube = |method: &str, path: &str| {
            let uri = format!("https://ab.gr7.us-east-2.eks.amazonaws.com{path}");
            is_kube_read(&Request::builder().method(method).uri(uri).body(Bytes::new()).unwrap())
        };
        assert!(kube("GET", "/api/v1/pods"));
        assert!(kube("PATCH", "/api/v1/namespaces/x/pods/y?fieldManager=m&dryRun=All"));
        assert!(kube("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"));
        assert!(!kube("PATCH", "/api/v1/namespaces/x/pods/y?fieldManager=m"));
        assert!(!kube("DELETE", "/api/v1/namespaces/x/pods/y"));
    }
}
