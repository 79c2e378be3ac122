//! The bearer token of the EKS API server: a presigned `sts:GetCallerIdentity` URL, made natively.
//!
//! It is what `aws eks get-token` prints: `k8s-aws-v1.` and the URL in base64url without padding. The server accepts it
//! for 15 minutes from its signing time, so it is renewed well before.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::Mutex;

use super::time::Timer;
use crate::domain::ids::{ClusterName, Region};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::time::Stamp;

/// Prefix of an EKS token.
const PREFIX: &str = "k8s-aws-v1.";
/// `X-Amz-Expires` that the EKS token format uses, in seconds; the server itself applies 15 minutes.
const URL_EXPIRES: Duration = Duration::from_secs(60);
/// Age at which a token is made anew: well under the 15 minutes the server accepts.
const RENEW_AFTER: Duration = Duration::from_secs(10 * 60);

/// A secret that is never printed, serialised or logged.
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// Hides `secret`.
    pub fn new(secret: T) -> Self {
        Self(secret)
    }

    /// The secret itself, for the one header that carries it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Makes and renews tokens for one cluster.
#[derive(Debug)]
pub struct TokenSource {
    credentials: SharedCredentialsProvider,
    region: Region,
    cluster: ClusterName,
    timer: Timer,
    held: Mutex<Option<(Stamp, Redacted<String>)>>,
}

impl TokenSource {
    /// A source that signs with `credentials` for `cluster` in `region`.
    pub fn new(credentials: SharedCredentialsProvider, region: Region, cluster: ClusterName, timer: Timer) -> Self {
        Self { credentials, region, cluster, timer, held: Mutex::new(None) }
    }

    /// A token that is valid for at least five minutes more.
    ///
    /// # Errors
    /// No credentials, or they cannot sign.
    pub async fn token(&self) -> Result<Redacted<String>, Problem> {
        let mut held = self.held.lock().await;
        let now = self.timer.now();
        if let Some((made, token)) = held.as_ref()
            && now.since(*made) < RENEW_AFTER
        {
            return Ok(Redacted::new(token.expose().clone()));
        }
        let token = self.sign(now).await?;
        *held = Some((now, Redacted::new(token.clone())));
        Ok(Redacted::new(token))
    }

    /// Forgets the held token, so that the next one is made anew: the server refused it.
    pub async fn refuse(&self) {
        *self.held.lock().await = None;
    }

    async fn sign(&self, now: Stamp) -> Result<String, Problem> {
        let failed = |why: String| {
            Problem::new(ProblemKind::Credentials, "No token for the Kubernetes API can be signed.")
                .because(why)
                .hint("log in again (aws sso login, or new keys), then repeat the command")
        };
        let credentials = self.credentials.provide_credentials().await.map_err(|error| failed(error.to_string()))?;
        let identity: Identity = credentials.into();
        let mut settings = SigningSettings::default();
        settings.expires_in = Some(URL_EXPIRES);
        settings.signature_location = SignatureLocation::QueryParams;
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now.millis()).unwrap_or(0));
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region.as_str())
            .name("sts")
            .time(at)
            .settings(settings)
            .build()
            .map_err(|error| failed(error.to_string()))?
            .into();
        let host = format!("sts.{}.{}", self.region, dns_suffix(&self.region));
        let base = format!("https://{host}/?Action=GetCallerIdentity&Version=2011-06-15");
        let headers = [("host", host.as_str()), ("x-k8s-aws-id", self.cluster.as_str())];
        let request = SignableRequest::new("GET", &base, headers.into_iter(), SignableBody::Bytes(&[]))
            .map_err(|error| failed(error.to_string()))?;
        let (instructions, _) = sign(request, &params).map_err(|error| failed(error.to_string()))?.into_parts();
        let mut url = url::Url::parse(&base).map_err(|error| failed(error.to_string()))?;
        url.query_pairs_mut().extend_pairs(instructions.params());
        Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(url.as_str())))
    }
}

/// DNS suffix of the partition a region belongs to (AWS General Reference, service endpoints).
fn dns_suffix(region: &Region) -> &'static str {
    if region.as_str().starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;

    use super::*;

    fn source(timer: Timer) -> TokenSource {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "test");
        TokenSource::new(
            SharedCredentialsProvider::new(credentials),
            Region::from("us-east-2"),
            ClusterName::from("orbit-train"),
            timer,
        )
    }

    fn url_of(token: &Redacted<String>) -> String {
        let encoded = token.expose().strip_prefix(PREFIX).expect("prefix");
        String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).expect("base64")).expect("text")
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_a_presigned_url_that_names_the_cluster_header() {
        let token = source(Timer::simulated(Stamp::EPOCH, 1.0)).token().await.unwrap();
        let url = url_of(&token);
        assert!(url.starts_with("https://sts.us-east-2.amazonaws.com/?Action=GetCallerIdentity"), "{url}");
        assert!(url.contains("X-Amz-SignedHeaders=host%3Bx-k8s-aws-id"), "{url}");
        assert!(url.contains("X-Amz-Expires=60") && url.contains("X-Amz-Security-Token=session"), "{url}");
        assert_eq!(format!("{token:?}"), "[redacted]");
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_before_the_server_refuses_it() {
        let timer = Timer::simulated(Stamp::EPOCH, 1.0);
        let source = source(timer.clone());
        let first = url_of(&source.token().await.unwrap());
        timer.sleep(Duration::from_secs(300)).await;
        assert_eq!(url_of(&source.token().await.unwrap()), first);
        timer.sleep(Duration::from_secs(301)).await;
        assert_ne!(url_of(&source.token().await.unwrap()), first);
    }
}
