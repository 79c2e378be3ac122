//! The four AWS protocols, decoded to one [`Call`] and encoded from one answer. No per-operation code.

mod aws_json;
mod eks_routes;
mod form;
mod query;
mod rest_json;
mod xml;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use serde_json::Value;

use crate::sim::call::{Call, Fault, Refusal};

/// Wire protocol of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// EC2: form body, `item` lists, errors in `<Response><Errors>`.
    Ec2Query,
    /// IAM, STS, Auto Scaling: form body, `member` lists, errors in `<ErrorResponse>`.
    AwsQuery,
    /// EKS: paths and JSON bodies, error code in `x-amzn-errortype`.
    RestJson,
    /// Service Quotas: operation in `x-amz-target`, JSON body, error code in `__type`.
    AwsJson,
}

/// What the codecs know of a service. The protocols are those of the AWS SDK for Rust of this build
/// (aws-sdk-* `protocol_serde`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Signing name, which is also the first label of its host.
    pub name: &'static str,
    /// Its protocol.
    pub protocol: Protocol,
    /// API version of the query protocols, prefix of `x-amz-target` for awsJson1.1, else empty.
    pub version: &'static str,
    /// XML namespace of the query protocols, else empty.
    pub namespace: &'static str,
}

/// Every service of the world.
const SERVICES: [Service; 6] = [
    Service {
        name: "ec2",
        protocol: Protocol::Ec2Query,
        version: "2016-11-15",
        namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    },
    Service {
        name: "iam",
        protocol: Protocol::AwsQuery,
        version: "2010-05-08",
        namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    },
    Service {
        name: "sts",
        protocol: Protocol::AwsQuery,
        version: "2011-06-15",
        namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    },
    Service {
        name: "autoscaling",
        protocol: Protocol::AwsQuery,
        version: "2011-01-01",
        namespace: "http://autoscaling.amazonaws.com/doc/2011-01-01/",
    },
    Service { name: "eks", protocol: Protocol::RestJson, version: "", namespace: "" },
    Service { name: "servicequotas", protocol: Protocol::AwsJson, version: "ServiceQuotasV20190624", namespace: "" },
];

impl Service {
    /// The service of a signing name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SERVICES.iter().find(|service| service.name == name)
    }

    /// Reads a request. A body that the protocol forbids is refused; an operation that has no route is a gap.
    pub fn decode(&self, request: &Request<Bytes>) -> Result<Call, Fault> {
        match self.protocol {
            Protocol::Ec2Query | Protocol::AwsQuery => query::decode(self, request),
            Protocol::RestJson => rest_json::decode(self, request),
            Protocol::AwsJson => aws_json::decode(self, request),
        }
    }

    /// Writes the answer of `operation`.
    pub fn encode(&self, operation: &str, request_id: &str, answer: &Value) -> Response<Bytes> {
        let (content_type, body) = match self.protocol {
            Protocol::Ec2Query => ("text/xml;charset=UTF-8", query::encode_ec2(self, operation, request_id, answer)),
            Protocol::AwsQuery => ("text/xml", query::encode_aws(self, operation, request_id, answer)),
            Protocol::RestJson => ("application/json", rest_json::encode(answer)),
            Protocol::AwsJson => ("application/x-amz-json-1.1", aws_json::encode(answer)),
        };
        respond(200, content_type, request_id, None, body)
    }

    /// Writes a refusal.
    pub fn encode_refusal(&self, request_id: &str, refusal: &Refusal) -> Response<Bytes> {
        let (content_type, error_type, body) = match self.protocol {
            Protocol::Ec2Query => ("text/xml;charset=UTF-8", None, query::refuse_ec2(request_id, refusal)),
            Protocol::AwsQuery => ("text/xml", None, query::refuse_aws(self, request_id, refusal)),
            Protocol::RestJson => ("application/json", Some(refusal.code.as_str()), rest_json::encode_refusal(refusal)),
            Protocol::AwsJson => ("application/x-amz-json-1.1", None, aws_json::encode_refusal(refusal)),
        };
        respond(refusal.status, content_type, request_id, error_type, body)
    }
}

fn respond(status: u16, content_type: &str, request_id: &str, error: Option<&str>, body: String) -> Response<Bytes> {
    let mut builder = Response::builder()
        .status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header(header::CONTENT_TYPE, content_type)
        .header(header::CONTENT_LENGTH, body.len())
        .header("x-amzn-requestid", request_id);
    if let Some(code) = error {
        builder = builder.header("x-amzn-errortype", code);
    }
    // Every part above is ASCII of our own, or a code of the refusal table.
    builder.body(Bytes::from(body)).unwrap_or_default()
}
