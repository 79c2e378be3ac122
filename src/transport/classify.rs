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
            let code = service.err().code().unwrap_or("Unknown");
            let message = service.err().message().unwrap_or("the service gives no reason");
            let mut problem = Problem::new(kind_of_code(code, status), format!("{call} answers {code}: {message}"));
            problem.code = Some(code.to_owned());
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
            if credentials && !failure.is_io() && !failure.is_timeout() {
                Problem::new(ProblemKind::Credentials, format!("{call} cannot be signed: no usable credentials."))
                    .because(why)
            } else {
                Problem::new(ProblemKind::Unavailable, format!("{call} does not reach AWS.")).because(why)
            }
        }
        _ => Problem::new(ProblemKind::Unavailable, format!("{call} gets an answer that cannot be read."))
            .because(chain(error)),
    };
    advise(call, problem)
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
            let mut problem = Problem::new(
                kind,
                format!("The Kubernetes API refuses to {call} ({} {}): {}", status.code, status.reason, status.message),
            );
            problem.code = Some(status.reason.clone());
            match kind {
                ProblemKind::Credentials => {
                    problem.hint("give this caller an EKS access entry: aws eks create-access-entry")
                }
                ProblemKind::Denied => problem.hint(format!("allow this caller to {call} by an access policy or RBAC")),
                _ => problem,
            }
        }
        other => Problem::new(ProblemKind::Unavailable, format!("The Kubernetes API does not answer to {call}."))
            .because(chain(other)),
    }
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
}
