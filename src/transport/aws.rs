//! AWS clients: the SDK's own HTTP stack when live, a wire when simulated. Everything above is the same.

use std::time::SystemTime;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_sts::config::StalledStreamProtectionConfig;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::region::Region as SdkRegion;
use bytes::Bytes;
use futures::TryStreamExt;
use http_body::Frame;
use http_body_util::StreamBody;

use super::clients::Aws;
use super::profile;
use super::time::Timer;
use super::wire::{SharedWire, WireBody, WireError};
use crate::domain::ids::Region;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::time::Stamp;

/// Which account and region, as the operator said it.
#[derive(Debug, Clone, Default)]
pub struct AwsScope {
    /// Profile; `None` leaves it to the SDK's chain.
    pub profile: Option<String>,
    /// Region; `None` leaves it to the SDK's chain.
    pub region: Option<Region>,
}

/// Attempts of the SDK for reads and for calls with a client token (standard mode).
const SDK_ATTEMPTS: u32 = 3;

/// Settings of the clients and the credentials they sign with.
#[derive(Debug, Clone)]
pub struct AwsSession {
    /// The clients.
    pub clients: Aws,
    /// What signs the Kubernetes token.
    pub credentials: SharedCredentialsProvider,
}

impl AwsSession {
    /// When the credentials end; `None` when they do not, or nobody can tell.
    pub async fn expires_at(&self) -> Option<Stamp> {
        let credentials = self.credentials.provide_credentials().await.ok()?;
        let since = credentials.expiry()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some(Stamp::EPOCH + since)
    }
}

/// Clients over the network, from the standard SDK chain (`AWS_PROFILE`, SSO, `AWS_ENDPOINT_URL` …).
///
/// # Errors
/// No region, no credentials provider and an unknown profile are usage errors with the field to set.
pub async fn live(scope: &AwsScope) -> Result<AwsSession, Problem> {
    profile::check(scope, &Fs::real(), &Env::real()).await?;
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard().with_max_attempts(SDK_ATTEMPTS));
    let region = scope.region.as_ref().map(|region| SdkRegion::new(region.as_str().to_owned()));
    if let Some(name) = &scope.profile {
        let own = profile::credentials(name, region.clone()).await;
        loader = loader.profile_name(name).credentials_provider(own);
    }
    if let Some(region) = region {
        loader = loader.region(region);
    }
    session(&loader.load().await, Timer::real())
}

/// Clients over a wire, with the simulated clock and credentials that mean nothing anywhere else.
///
/// # Errors
/// None in practice: region and credentials are given here.
pub fn over_wire(wire: SharedWire, region: &Region, timer: Timer) -> Result<AwsSession, Problem> {
    let credentials = Credentials::new("ASIASIMULATED0000000", "simulated", Some("simulated".to_owned()), None, "sim");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(SdkRegion::new(region.as_str().to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(SharedHttpClient::new(WireClient { wire }))
        .sleep_impl(SharedAsyncSleep::new(timer.clone()))
        .time_source(SharedTimeSource::new(timer.clone()))
        .retry_config(RetryConfig::standard().with_max_attempts(SDK_ATTEMPTS))
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    session(&config, timer)
}

fn session(config: &SdkConfig, timer: Timer) -> Result<AwsSession, Problem> {
    let region = config.region().ok_or_else(|| {
        Problem::new(ProblemKind::Usage, "No AWS Region is set.")
            .hint("set AWS_REGION in the env file, or give --region")
    })?;
    let credentials = config.credentials_provider().ok_or_else(|| {
        Problem::new(ProblemKind::Credentials, "No AWS credentials provider is configured.")
            .hint("give --profile, or log in with aws sso login")
    })?;
    let clients = Aws {
        region: Region::from(region.as_ref()),
        eks: aws_sdk_eks::Client::new(config),
        ec2: aws_sdk_ec2::Client::new(config),
        iam: aws_sdk_iam::Client::new(config),
        sts: aws_sdk_sts::Client::new(config),
        autoscaling: aws_sdk_autoscaling::Client::new(config),
        quotas: aws_sdk_servicequotas::Client::new(config),
        timer,
    };
    Ok(AwsSession { clients, credentials })
}

impl AsyncSleep for Timer {
    fn sleep(&self, duration: std::time::Duration) -> Sleep {
        let timer = self.clone();
        Sleep::new(async move { Timer::sleep(&timer, duration).await })
    }
}

impl TimeSource for Timer {
    fn now(&self) -> SystemTime {
        let millis = u64::try_from(Timer::now(self).millis()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(millis)
    }
}

/// Adapts a wire to the SDK's HTTP client.
#[derive(Debug, Clone)]
struct WireClient {
    wire: SharedWire,
}

impl HttpClient for WireClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for WireClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.wire.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            // Bodies of the calls we make are in memory; a stream here would be a fault of ours.
            let request = request.map(|body| Bytes::copy_from_slice(body.bytes().unwrap_or_default()));
            let response = wire.send(request).await.map_err(connector_error)?;
            let response = response.map(sdk_body);
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

fn connector_error(error: WireError) -> ConnectorError {
    match error {
        WireError::Reset(_) => ConnectorError::io(error.into()),
        WireError::Timeout(_) => ConnectorError::timeout(error.into()),
    }
}

fn sdk_body(body: WireBody) -> SdkBody {
    match body {
        WireBody::Full(bytes) => SdkBody::from(bytes),
        WireBody::Stream(stream) => {
            let frames = stream.map_ok(Frame::data);
            SdkBody::from_body_1_x(StreamBody::new(sync_wrapper(frames)))
        }
    }
}

/// `SdkBody` demands `Sync`; a stream behind a mutex is, and it is polled by one task only.
fn sync_wrapper<S>(stream: S) -> impl futures::Stream<Item = S::Item> + Send + Sync
where
    S: futures::Stream + Send + 'static,
{
    let stream = std::sync::Mutex::new(Box::pin(stream));
    futures::stream::poll_fn(move |context| match stream.lock() {
        Ok(mut inner) => inner.as_mut().poll_next(context),
        Err(_) => std::task::Poll::Ready(None),
    })
}
