//! The Kubernetes client: EKS endpoint and CA with a native token, an operator's kubeconfig, or a wire.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use futures::future::BoxFuture;
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response, StatusCode, Uri};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use kube::client::{Body, ClientBuilder};
use kube::config::{KubeConfigOptions, Kubeconfig};
use tower::{BoxError, Layer, Service, service_fn};

use super::token::TokenSource;
use super::wire::{SharedWire, WireBody, WireError};
use crate::domain::facts::Cluster;
use crate::domain::problem::{Problem, ProblemKind};

/// An operator's own kubeconfig, used only when asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KubeScope {
    /// `--kubeconfig`; `None` with a context means `~/.kube/config`.
    pub file: Option<PathBuf>,
    /// `--context`.
    pub context: Option<String>,
}

impl KubeScope {
    /// Whether a kubeconfig was asked for at all.
    pub fn asked(&self) -> bool {
        self.file.is_some() || self.context.is_some()
    }
}

/// A client for `cluster` over the network, with tokens of `tokens`.
///
/// # Errors
/// The endpoint or the CA of DescribeCluster cannot be used.
pub fn live(cluster: &Cluster, tokens: Arc<TokenSource>) -> Result<kube::Client, Problem> {
    let mut config = kube::Config::new(endpoint(cluster)?);
    config.root_cert = Some(certificates(cluster)?);
    config.default_namespace = "default".to_owned();
    let builder = ClientBuilder::try_from(config).map_err(|error| unusable(cluster, error.to_string()))?;
    Ok(builder.with_layer(&BearerLayer { tokens }).build())
}

/// A client for `cluster` over a wire, with tokens of `tokens`.
///
/// # Errors
/// The endpoint of DescribeCluster cannot be used.
pub fn over_wire(cluster: &Cluster, tokens: Arc<TokenSource>, wire: SharedWire) -> Result<kube::Client, Problem> {
    let base = endpoint(cluster)?;
    let service = service_fn(move |request: Request<Body>| {
        let (wire, base) = (wire.clone(), base.clone());
        async move { through_wire(wire, base, request).await }
    });
    Ok(ClientBuilder::new(service, "default").with_layer(&BearerLayer { tokens }).build())
}

/// A client from the operator's kubeconfig. Its server must be the cluster of DescribeCluster (ACC-002).
///
/// # Errors
/// The file or context cannot be used, or it names another server.
pub async fn from_kubeconfig(scope: &KubeScope, cluster: &Cluster) -> Result<kube::Client, Problem> {
    let shown =
        scope.file.as_ref().map_or_else(|| "the default kubeconfig".to_owned(), |file| file.display().to_string());
    let unreadable = |why: String| {
        Problem::new(ProblemKind::Usage, format!("{shown} cannot be used."))
            .because(why)
            .hint("check --kubeconfig and --context")
    };
    let parsed = match &scope.file {
        Some(file) => Kubeconfig::read_from(file),
        None => Kubeconfig::read(),
    }
    .map_err(|error| unreadable(error.to_string()))?;
    let options = KubeConfigOptions { context: scope.context.clone(), ..KubeConfigOptions::default() };
    let config =
        kube::Config::from_custom_kubeconfig(parsed, &options).await.map_err(|error| unreadable(error.to_string()))?;
    let wanted = endpoint(cluster)?;
    if !same_server(&config.cluster_url, &wanted) {
        return Err(Problem::new(
            ProblemKind::Blocked,
            format!("{shown} leads to {}, not to cluster {} (ACC-002).", config.cluster_url, cluster.summary.name),
        )
        .because(format!("eks:DescribeCluster says the endpoint is {}", cluster.endpoint))
        .hint("give the --context of this cluster, or leave --kubeconfig and --context out"));
    }
    let builder = ClientBuilder::try_from(config).map_err(|error| unreadable(error.to_string()))?;
    Ok(builder.build())
}

/// The same host and port; https without a port is 443, as in the endpoints of EKS.
fn same_server(one: &Uri, other: &Uri) -> bool {
    let server = |uri: &Uri| {
        let host = uri.host().map(str::to_ascii_lowercase);
        (host, uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 }))
    };
    server(one) == server(other)
}

fn endpoint(cluster: &Cluster) -> Result<Uri, Problem> {
    cluster.endpoint.parse().map_err(|error: http::uri::InvalidUri| unusable(cluster, error.to_string()))
}

fn certificates(cluster: &Cluster) -> Result<Vec<Vec<u8>>, Problem> {
    use base64::Engine;
    let pem = base64::engine::general_purpose::STANDARD
        .decode(cluster.certificate_authority.trim())
        .map_err(|error| unusable(cluster, format!("its certificate authority is not base64: {error}")))?;
    let text = String::from_utf8_lossy(&pem);
    let ders: Vec<Vec<u8>> = text
        .split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .filter_map(|part| part.split("-----END CERTIFICATE-----").next())
        .filter_map(|body| {
            let joined: String = body.split_whitespace().collect();
            base64::engine::general_purpose::STANDARD.decode(joined).ok()
        })
        .collect();
    if ders.is_empty() {
        return Err(unusable(cluster, "its certificate authority holds no certificate".to_owned()));
    }
    Ok(ders)
}

fn unusable(cluster: &Cluster, why: String) -> Problem {
    Problem::new(
        ProblemKind::Unavailable,
        format!("The API endpoint of cluster {} cannot be used.", cluster.summary.name),
    )
    .because(why)
    .hint(format!("aws eks describe-cluster --name {}", cluster.summary.name))
}

/// Adds the token to every request.
#[derive(Debug, Clone)]
struct BearerLayer {
    tokens: Arc<TokenSource>,
}

impl<S> Layer<S> for BearerLayer {
    type Service = Bearer<S>;

    fn layer(&self, inner: S) -> Bearer<S> {
        Bearer { inner: Arc::new(tokio::sync::Mutex::new(inner)), tokens: Arc::clone(&self.tokens) }
    }
}

/// The service behind the token.
#[derive(Debug)]
struct Bearer<S> {
    // Locked only while a request is handed over; the answers are awaited outside.
    inner: Arc<tokio::sync::Mutex<S>>,
    tokens: Arc<TokenSource>,
}

impl<S, B> Service<Request<Body>> for Bearer<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Send + 'static,
{
    type Response = Response<B>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<B>, BoxError>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), BoxError>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (inner, tokens) = (Arc::clone(&self.inner), Arc::clone(&self.tokens));
        Box::pin(async move {
            let again = copy(&request);
            let answer = send(&inner, &tokens, request).await?;
            match again {
                // A token that outlived its 15 minutes (a machine that slept, a clock that jumped) is renewed once.
                Some(request) if answer.status() == StatusCode::UNAUTHORIZED => {
                    tokens.refuse().await;
                    send(&inner, &tokens, request).await
                }
                _ => Ok(answer),
            }
        })
    }
}

/// A request that can be sent a second time, when its body is in memory.
fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let mut made = Request::new(request.body().try_clone()?);
    *made.method_mut() = request.method().clone();
    *made.uri_mut() = request.uri().clone();
    *made.headers_mut() = request.headers().clone();
    Some(made)
}

async fn send<S, B>(
    inner: &tokio::sync::Mutex<S>,
    tokens: &TokenSource,
    mut request: Request<Body>,
) -> Result<Response<B>, BoxError>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: Into<BoxError>,
{
    let token = tokens.token().await?;
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))?;
    value.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, value);
    let answer = {
        let mut service = inner.lock().await;
        std::future::poll_fn(|context| service.poll_ready(context)).await.map_err(Into::into)?;
        service.call(request)
    };
    answer.await.map_err(Into::into)
}

type WireResponse = Response<UnsyncBoxBody<Bytes, WireError>>;

async fn through_wire(wire: SharedWire, base: Uri, request: Request<Body>) -> Result<WireResponse, BoxError> {
    let (mut parts, body) = request.into_parts();
    let mut target = base.into_parts();
    target.path_and_query = parts.uri.into_parts().path_and_query;
    parts.uri = Uri::from_parts(target)?;
    let bytes = body.collect_bytes().await?;
    let response = wire.send(Request::from_parts(parts, bytes)).await?;
    Ok(response.map(|body| match body {
        WireBody::Full(bytes) => Full::new(bytes).map_err(|never| match never {}).boxed_unsync(),
        WireBody::Stream(stream) => StreamBody::new(stream.map_ok(Frame::data)).boxed_unsync(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_host_and_a_port() {
        let same =
            |one: &'static str, other: &'static str| same_server(&Uri::from_static(one), &Uri::from_static(other));
        assert!(same(
            "https://ABC.gr7.us-east-2.eks.amazonaws.com",
            "https://abc.gr7.us-east-2.eks.amazonaws.com:443/"
        ));
        assert!(!same("https://127.0.0.1:16444", "https://127.0.0.1:16443"));
        assert!(!same("https://a.example", "https://b.example"));
    }
}
