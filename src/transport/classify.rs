//! The one place that knows AWS and Kubernetes error codes.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::domain::problem::{Problem, ProblemKind};

/// What an error code means.
fn kind_of_code(code: &str, status: u16) -> ProblemKind {
    match code {
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "AuthFailure"
        | "InvalidAccessKeyId"
        | "MissingAuthenticationToken"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature" => ProblemKind::Credentials,
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "OptInRequired" => ProblemKind::Denied,
        "ResourceNotFoundException" | "NoSuchEntity" | "NoSuchResourceException" | "NotFoundException" => {
            ProblemKind::NotFound
        }
        "ResourceInUseException"
        | "EntityAlreadyExists"
        | "ConcurrentModification"
        | "DeleteConflict"
        | "ConflictException"
        | "EntityTemporarilyUnmodifiable" => ProblemKind::Conflict,
        "Throttling"
        | "ThrottlingException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "BandwidthLimitExceeded" => ProblemKind::Throttled,
        "ResourceLimitExceededException"
        | "LimitExceeded"
        | "VcpuLimitExceeded"
        | "InstanceLimitExceeded"
        | "InsufficientInstanceCapacity"
        | "QuotaExceededException"
        | "ServiceQuotaExceededException" => ProblemKind::Limit,
        "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "InternalError"
        | "InternalFailure"
        | "ServerException"
        | "RequestTimeout"
        | "Unavailable" => ProblemKind::Unavailable,
        code if code.ends_with(".NotFound") || code.ends_with(".Unknown") || code.contains("NotFoundException") => {
            ProblemKind::NotFound
        }
        code if code.ends_with(".Duplicate") || code.contains("AlreadyExists") => ProblemKind::Conflict,
        code if code.ends_with("LimitExceeded") => ProblemKind::Limit,
        _ if status == 401 => ProblemKind::Credentials,
        _ if status == 403 => ProblemKind::Denied,
        _ if status == 404 => ProblemKind::NotFound,
        _ if status == 409 => ProblemKind::Conflict,
        _ if status == 429 => ProblemKind::Throttled,
        _ if status >= 500 => ProblemKind::Unavailable,
        _ => ProblemKind::Invalid,
    }
}

/// Whether a later try of the same call can succeed without anybody changing anything.
pub fn is_transient(problem: &Problem) -> bool {
    matches!(problem.kind, ProblemKind::Throttled | ProblemKind::Unavailable)
}

/// An SDK error in the operator's words. `call` is `service:Operation`, the form IAM policies use.
pub fn aws<E>(call: &str, error: &SdkError<E, HttpResponse>) -> Problem
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let problem = match error {
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let mut problem = match service.err().code() {
                Some(code) => {
                    let message = service.err().message().unwrap_or("the service gives no reason");
                    let kind = kind_of_code(code, status);
                    let mut problem = Problem::new(kind, format!("{call} answers {code}: {message}"));
                    problem.code = Some(code.to_owned());
                    problem
                }
                None => without_code(call, status, service.err()),
            };
            problem.request_id = request_id(service.raw());
            problem
        }
        SdkError::ConstructionFailure(_) => {
            Problem::new(ProblemKind::Internal, format!("The request for {call} cannot be built."))
                .because(chain(error))
        }
        SdkError::TimeoutError(_) => {
            Problem::new(ProblemKind::Unavailable, format!("{call} does not answer in time.")).because(chain(error))
        }
        SdkError::DispatchFailure(failure) => {
            let why = chain(error);
            let credentials = why.contains("redentials") || why.contains("token has expired") || why.contains("SSO");
            let why = bare(&why);
            if credentials && !failure.is_io() && !failure.is_timeout() {
                Problem::new(ProblemKind::Credentials, format!("{call} cannot be signed: no usable credentials."))
                    .because(why)
            } else {
                Problem::new(ProblemKind::Unavailable, format!("{call} does not reach AWS."))
                    .because(why)
                    .hint("check the network, the Region, and AWS_ENDPOINT_URL if it is set")
            }
        }
        _ => Problem::new(ProblemKind::Unavailable, format!("{call} gets an answer that cannot be read."))
            .because(chain(error)),
    };
    advise(call, problem)
}

/// An answer without an error code: a gateway's page, or content that the service's model does not describe.
fn without_code(call: &str, status: u16, error: &(dyn std::error::Error + 'static)) -> Problem {
    if (200..300).contains(&status) {
        let message = format!("{call} answers HTTP {status} with content that cannot be read.");
        return Problem::new(ProblemKind::Invalid, message).because(chain(error));
    }
    Problem::new(kind_of_code("", status), format!("{call} answers HTTP {status} without an error code."))
}

fn request_id(response: &HttpResponse) -> Option<String> {
    let headers = response.headers();
    ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|name| headers.get(*name)).map(str::to_owned)
}

fn advise(call: &str, problem: Problem) -> Problem {
    match problem.kind {
        ProblemKind::Credentials => problem.hint("log in again (aws sso login, or new keys), then repeat the command"),
        ProblemKind::Denied => problem.hint(format!("allow {call} for this caller in its IAM policy")),
        ProblemKind::Throttled => problem.hint("repeat the command; another tool may be calling the same API"),
        _ => problem,
    }
}

/// The error with its sources, without repetition.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let line = inner.to_string();
        if !text.contains(&line) {
            text.push_str(": ");
            text.push_str(&line);
        }
        source = inner.source();
    }
    text
}

/// The reason of a transport error on one line, without the names of our libraries' layers.
fn bare(chain: &str) -> String {
    let layers = ["dispatch failure: ", "ServiceError: ", "io error: ", "other: ", "client error (Connect): "];
    let mut text = chain;
    while let Some(rest) = layers.iter().find_map(|layer| text.strip_prefix(layer)) {
        text = rest;
    }
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A Kubernetes error in the operator's words. `call` is a verb and what it is about, such as `get nodes`.
pub fn kube(call: &str, error: &kube::Error) -> Problem {
    match error {
        kube::Error::Api(status) => {
            let kind = match status.code {
                401 => ProblemKind::Credentials,
                403 => ProblemKind::Denied,
                404 => ProblemKind::NotFound,
                409 => ProblemKind::Conflict,
                429 => ProblemKind::Throttled,
                400 | 405 | 415 | 422 => ProblemKind::Invalid,
                500.. => ProblemKind::Unavailable,
                _ => ProblemKind::Failed,
            };
            let mut problem = Problem::new(kind, refusal(call, status));
            problem.code = Some(status.reason.clone());
            match kind {
                ProblemKind::Credentials => problem
                    .hint("give this caller an EKS access entry: aws eks create-access-entry")
                    .hint("log in again (aws sso login, or new keys) if the entry is there"),
                ProblemKind::Denied => problem.hint(format!("allow this caller to {call} by an access policy or RBAC")),
                _ => problem,
            }
        }
        other => unreached(call, other),
    }
}

/// A refusal is the server's decision; a missing thing and a fault of the server are none.
fn refusal(call: &str, status: &kube::core::Status) -> String {
    match status.code {
        401 => format!("The Kubernetes API does not accept this caller (401): it refuses to {call}."),
        404 | 500.. => {
            format!("The Kubernetes API cannot {call} ({} {}): {}", status.code, status.reason, status.message)
        }
        _ => format!("The Kubernetes API refuses to {call} ({} {}): {}", status.code, status.reason, status.message),
    }
}

/// No answer: our own token, the certificate, or the way there.
fn unreached(call: &str, error: &kube::Error) -> Problem {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = source {
        if let Some(own) = inner.downcast_ref::<Problem>() {
            return own.clone().during(format!("The Kubernetes API cannot be asked to {call}."));
        }
        source = inner.source();
    }
    let why = bare(&chain(error));
    if why.contains("invalid peer certificate") {
        let message = format!("The server at the cluster's endpoint is not trusted, so it is not asked to {call}.");
        return Problem::new(ProblemKind::Failed, message)
            .because(why)
            .hint("its certificate must be signed by certificateAuthority of eks:DescribeCluster: look for a proxy");
    }
    Problem::new(ProblemKind::Unavailable, format!("The Kubernetes API does not answer to {call}."))
        .because(why)
        .hint("check that this machine reaches the cluster's endpoint; a private endpoint answers only in its VPC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_class() {
        let cases = [
            ("ExpiredTokenException", 400, ProblemKind::Credentials),
            ("UnauthorizedOperation", 403, ProblemKind::Denied),
            ("InvalidSubnetID.NotFound", 400, ProblemKind::NotFound),
            ("InvalidPermission.Duplicate", 400, ProblemKind::Conflict),
            ("InvalidLaunchTemplateName.AlreadyExistsException", 400, ProblemKind::Conflict),
            ("RequestLimitExceeded", 503, ProblemKind::Throttled),
            ("VcpuLimitExceeded", 400, ProblemKind::Limit),
            ("InvalidParameterException", 400, ProblemKind::Invalid),
            ("SomethingNew", 502, ProblemKind::Unavailable),
        ];
        for (code, status, want) in cases {
            assert_eq!(kind_of_code(code, status), want, "{code}");
        }
    }

    #[test]
    fn an_answer_without_a_code_names_its_status() {
        let page = std::io::Error::other("expected value at line 1");
        let fault = without_code("ec2:DescribePlacementGroups", 500, &page);
        assert_eq!(fault.kind, ProblemKind::Unavailable);
        assert_eq!(fault.message, "ec2:DescribePlacementGroups answers HTTP 500 without an error code.");
        let unreadable = without_code("eks:CreateAddon", 200, &page);
        assert_eq!((unreadable.kind, is_transient(&unreadable)), (ProblemKind::Invalid, false));
        assert_eq!(unreadable.causes, ["expected value at line 1"]);
    }

    #[test]
    fn a_reason_is_one_line_without_layers() {
        let refused = "ServiceError: client error (Connect): tcp connect error: Connection refused (os error 111)";
        assert_eq!(bare(refused), "tcp connect error: Connection refused (os error 111)");
        assert_eq!(bare("dispatch failure: other: not found:\n  Environment: no\n"), "not found: Environment: no");
    }

    fn api(code: u16, reason: &str, message: &str) -> Problem {
        let status = kube::core::Status::failure(message, reason).with_code(code);
        kube("get daemonset kube-system/aws-node", &kube::Error::Api(status.boxed()))
    }

    #[test]
    fn only_a_decision_of_the_server_is_a_refusal() {
        let absent = api(404, "NotFound", "daemonsets.apps \"aws-node\" not found");
        assert!(absent.message.starts_with("The Kubernetes API cannot get daemonset"), "{absent}");
        assert!(api(403, "Forbidden", "no").message.contains("refuses to get"));
        assert!(api(401, "Unauthorized", "Unauthorized").message.contains("does not accept this caller"));
    }

    #[test]
    fn a_token_that_cannot_be_made_is_about_credentials_and_not_about_the_network() {
        let own = Problem::new(ProblemKind::Credentials, "No token for the Kubernetes API can be signed.");
        let problem = kube("list nodes", &kube::Error::Service(own.into()));
        assert_eq!(problem.kind, ProblemKind::Credentials);
        assert_eq!(problem.causes, ["No token for the Kubernetes API can be signed."]);
    }

    #[test]
    fn a_certificate_of_somebody_else_is_not_tried_again() {
        let error = kube::Error::Service("invalid peer certificate: UnknownIssuer".into());
        assert!(!is_transient(&kube("list nodes", &error)));
    }
}
