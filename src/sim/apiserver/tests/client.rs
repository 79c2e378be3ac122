//! The unmodified kube client against the API server.

use std::sync::{Arc, Mutex};

use futures::TryStreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, ListParams, Patch, PatchParams, WatchEvent, WatchParams};
use kube::client::Body;

use super::*;
use crate::sim::apiserver::poll_watch;

fn client(world: Arc<Mutex<World>>) -> kube::Client {
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let world = Arc::clone(&world);
        async move {
            let (mut parts, body) = request.into_parts();
            let body = body.collect_bytes().await.unwrap();
            let mut world = world.lock().unwrap();
            let header = token(world.now, "host;x-k8s-aws-id").parse().unwrap();
            parts.headers.insert("authorization", header);
            let response = match serve(&mut world, "c", &http::Request::from_parts(parts, body)) {
                KubeReply::Full(response) => response.map(Body::from),
                KubeReply::Watch(mut watch) => {
                    // All that is due now, then the end of the watch.
                    let lines: Vec<u8> = poll_watch(&mut world, &mut watch).concat();
                    http::Response::new(Body::from(lines))
                }
                KubeReply::Gap(name) => panic!("gap: {name}"),
            };
            Ok::<_, std::io::Error>(response)
        }
    });
    kube::Client::new(service, "default")
}

#[tokio::test(start_paused = true)]
async fn kube_applies_gets_lists_and_watches() {
    let world = Arc::new(Mutex::new(world()));
    let api: Api<ConfigMap> = Api::namespaced(client(Arc::clone(&world)), "default");
    let mut map = ConfigMap::default();
    map.metadata.name = Some("settings".into());
    map.data = Some([("a".to_owned(), "1".to_owned())].into());
    let mut params = PatchParams::apply("eks-wizard");
    params.field_validation = Some(kube::api::ValidationDirective::Strict);
    let made = api.patch("settings", &params, &Patch::Apply(&map)).await.unwrap();
    let found = api.get("settings").await.unwrap();
    assert_eq!(found.metadata.uid, made.metadata.uid);
    assert_eq!(api.list(&ListParams::default().limit(10)).await.unwrap().items.len(), 1);
    let events: Vec<WatchEvent<ConfigMap>> =
        api.watch(&WatchParams::default(), "0").await.unwrap().try_collect().await.unwrap();
    assert!(matches!(&events[..], [WatchEvent::Added(map)] if map.metadata.name.as_deref() == Some("settings")));
    let missing = api.get("other").await;
    assert!(matches!(missing, Err(kube::Error::Api(status)) if status.code == 404));
}
