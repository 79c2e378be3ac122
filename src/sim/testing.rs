//! For tests only: the real AWS clients over a simulator's wire.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use bytes::Bytes;
use futures::TryStreamExt as _;

use crate::sim::Simulator;
use crate::transport::wire::{SharedWire, WireBody};

#[derive(Debug, Clone)]
struct Http(SharedWire);

impl HttpConnector for Http {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let request = request.map(|body| Bytes::copy_from_slice(body.bytes().unwrap_or_default()));
            let response = wire.send(request).await.map_err(|error| ConnectorError::io(error.into()))?;
            let (parts, body) = response.into_parts();
            let bytes = match body {
                WireBody::Full(bytes) => bytes.to_vec(),
                WireBody::Stream(chunks) => {
                    let chunks: Vec<Bytes> =
                        chunks.try_collect().await.map_err(|error| ConnectorError::io(error.into()))?;
                    chunks.concat()
                }
            };
            HttpResponse::try_from(http::Response::from_parts(parts, SdkBody::from(bytes)))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

impl HttpClient for Http {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// Configuration of real clients, without retries, that talk to `sim` as `AKIATESTKEY`.
pub fn config(sim: &Simulator) -> SdkConfig {
    let credentials = Credentials::new("AKIATESTKEY", "very-secret", Some("session-secret".to_owned()), None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-2"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Http(sim.wire()))
        .retry_config(RetryConfig::disabled())
        .build()
}
