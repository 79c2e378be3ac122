//! One line of the world's log, and how a request becomes one without its secrets.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, header};
use serde::{Deserialize, Serialize};

use crate::domain::time::Stamp;
use crate::sim::router::{Scope, authorization};

/// Version of the log's format and of what replaying it means. Raised when an old log would build another world.
pub const FORMAT: u32 = 1;

/// Prefix of the bearer tokens of EKS: the rest is a presigned GetCallerIdentity URL in base64.
const TOKEN_PREFIX: &str = "k8s-aws-v1.";

/// Headers that change what a request does. Everything else, credentials above all, stays out of the log.
const KEPT: [&str; 4] = ["accept", "content-type", "host", "x-amz-target"];

/// Parameters of a presigned URL that must not be kept.
const SECRETS: [&str; 2] = ["X-Amz-Signature", "X-Amz-Security-Token"];

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// The first line.
    World(Header),
    /// A request that may have changed the world.
    Call(Box<LoggedCall>),
    /// The world's clock has come to here.
    Clock {
        /// The instant.
        at: Stamp,
    },
}

/// What the log belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`] of the program that wrote it.
    pub format: u32,
    /// Scenario that seeds the world.
    pub scenario: String,
    /// First instant of the world.
    pub origin: Stamp,
    /// Program and version that made it.
    pub tool: String,
}

impl Header {
    /// Whether a log that begins so is replayed to the right world; the program that wrote it does not matter.
    pub fn fits(&self, wanted: &Self) -> bool {
        (self.format, &self.scenario, self.origin) == (wanted.format, &wanted.scenario, wanted.origin)
    }
}

/// A request as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedCall {
    /// When the world saw it.
    pub at: Stamp,
    /// HTTP method.
    pub method: String,
    /// Absolute URI.
    pub uri: String,
    /// The kept ones that were there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Who asked, as far as dispatch needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// What is left of an Authorization header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// Signature Version 4: region and service of its scope.
    Aws {
        /// Region.
        region: String,
        /// Signing name.
        service: String,
    },
    /// A bearer token of EKS: its presigned URL without key id, signature and session token.
    Eks(String),
    /// A bearer token of another kind, which the world never accepts.
    Bearer,
}

/// A body as text where it is text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// UTF-8.
    Text(String),
    /// Anything else, in base64.
    Base64(String),
}

impl LoggedCall {
    /// Takes from the request what a replay needs.
    pub fn of(at: Stamp, request: &Request<Bytes>) -> Self {
        let headers = KEPT
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), request.headers().get(*name)?.to_str().ok()?.to_owned())))
            .collect();
        let body = match std::str::from_utf8(request.body()) {
            Ok("") => None,
            Ok(text) => Some(Body::Text(text.to_owned())),
            Err(_) => Some(Body::Base64(STANDARD.encode(request.body()))),
        };
        let (method, uri) = (request.method().to_string(), request.uri().to_string());
        Self { at, method, uri, headers, auth: Auth::of(request), body }
    }

    /// The request again, with placeholders where its secrets were.
    ///
    /// # Errors
    /// Says what in the record cannot be a request.
    pub fn request(&self) -> Result<Request<Bytes>, String> {
        let mut builder = Request::builder().method(self.method.as_str()).uri(self.uri.as_str());
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        if let Some(auth) = &self.auth {
            builder = builder.header(header::AUTHORIZATION, auth.header());
        }
        let body = match &self.body {
            None => Bytes::new(),
            Some(Body::Text(text)) => Bytes::from(text.clone()),
            Some(Body::Base64(text)) => Bytes::from(STANDARD.decode(text).map_err(|error| error.to_string())?),
        };
        builder.body(body).map_err(|error| error.to_string())
    }
}

impl Auth {
    fn of(request: &Request<Bytes>) -> Option<Self> {
        if let Some(token) = authorization(request.headers()).and_then(|text| text.strip_prefix("Bearer ")) {
            let url = token
                .strip_prefix(TOKEN_PREFIX)
                .and_then(|code| URL_SAFE_NO_PAD.decode(code.trim_end_matches('=')).ok());
            let url = url.and_then(|bytes| url::Url::parse(std::str::from_utf8(&bytes).ok()?).ok());
            return Some(url.map_or(Self::Bearer, |url| Self::Eks(without_secrets(&url))));
        }
        Scope::of(request).map(|scope| Self::Aws { region: scope.region, service: scope.service })
    }

    fn header(&self) -> String {
        match self {
            Self::Aws { region, service } => {
                let scope = format!("REPLAY/00000000/{region}/{service}/aws4_request");
                format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=replay")
            }
            Self::Eks(url) => {
                format!("Bearer {TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(format!("{url}&X-Amz-Signature=replay")))
            }
            Self::Bearer => "Bearer replay".to_owned(),
        }
    }
}

/// The URL of a token with its key id replaced, and its signature and session token gone.
fn without_secrets(url: &url::Url) -> String {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !SECRETS.iter().any(|secret| name.eq_ignore_ascii_case(secret)))
        .map(|(name, value)| match value.split_once('/') {
            Some((_, scope)) if name.eq_ignore_ascii_case("X-Amz-Credential") => {
                (name.into_owned(), format!("REPLAY/{scope}"))
            }
            _ => (name.into_owned(), value.into_owned()),
        })
        .collect();
    let mut clean = url.clone();
    clean.query_pairs_mut().clear().extend_pairs(kept);
    clean.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kube(token: &str, body: &'static [u8]) -> Request<Bytes> {
        Request::patch("https://ab.gr7.us-east-2.eks.amazonaws.com/api/v1/namespaces/x?fieldManager=m")
            .header("content-type", "application/apply-patch+yaml")
            .header("authorization", format!("Bearer {token}"))
            .header("user-agent", "kept out")
            .body(Bytes::from_static(body))
            .unwrap()
    }

    #[test]
    fn a_request_survives_the_log_without_its_secrets() {
        let url = "https://sts.us-east-2.amazonaws.com/?Action=GetCallerIdentity&X-Amz-Credential=AKIASECRET%2F20260701%2F\
                   us-east-2%2Fsts%2Faws4_request&X-Amz-Date=20260701T030000Z&X-Amz-Expires=60&X-Amz-Security-Token=SESSION\
                   &X-Amz-Signature=5161";
        let token = format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(url));
        let logged = LoggedCall::of(Stamp::EPOCH, &kube(&token, b"kind: Namespace"));
        let line = serde_json::to_string(&Record::Call(Box::new(logged.clone()))).unwrap();
        for secret in [token.as_str(), "AKIASECRET", "SESSION", "5161", "kept out"] {
            assert!(!line.contains(secret), "{secret} is in {line}");
        }
        let again = logged.request().unwrap();
        assert_eq!(again.body().as_ref(), b"kind: Namespace");
        assert_eq!(again.headers()["content-type"], "application/apply-patch+yaml");
        let token = authorization(again.headers()).unwrap().strip_prefix("Bearer k8s-aws-v1.").unwrap();
        let url = String::from_utf8(URL_SAFE_NO_PAD.decode(token).unwrap()).unwrap();
        assert!(url.contains("X-Amz-Date=20260701T030000Z") && url.contains("X-Amz-Expires=60"), "{url}");
        // What a replay logs again is the same: replaying twice is replaying once.
        assert_eq!(LoggedCall::of(Stamp::EPOCH, &again), logged);
    }

    #[test]
    fn an_aws_call_keeps_its_scope_and_any_body() {
        let credential = "Credential=AKIASECRET/20260701/us-east-1/iam/aws4_request";
        let request = Request::post("https://iam.amazonaws.com/")
            .header("authorization", format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=5161"))
            .header("x-amz-security-token", "SESSION")
            .body(Bytes::from_static(&[0xff, 0, 1]))
            .unwrap();
        let logged = LoggedCall::of(Stamp::EPOCH, &request);
        let line = serde_json::to_string(&logged).unwrap();
        assert!(!line.contains("AKIASECRET") && !line.contains("5161") && !line.contains("SESSION"), "{line}");
        let again = logged.request().unwrap();
        assert_eq!(again.body().as_ref(), &[0xff, 0, 1]);
        assert_eq!(Scope::of(&again).unwrap().service, "iam");
    }
}
