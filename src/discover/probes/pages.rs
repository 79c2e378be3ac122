//! What reads have in common: pages, bounded concurrency, maps.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::future::Future;

use futures::stream::{self, StreamExt, TryStreamExt};
use kube::api::{Api, ListParams};
use serde::de::DeserializeOwned;

use crate::domain::problem::Problem;
use crate::transport::classify;

/// Calls of one kind that are in flight at once: below the token buckets of the Describe operations of EC2 and EKS.
pub const PARALLEL: usize = 8;

/// Objects a page of a Kubernetes list (client-go's default chunk).
pub const KUBE_PAGE: u32 = 500;

/// Asks `read` about each item, [`PARALLEL`] at once; answers come in the order of the items.
pub async fn each<I, T, F>(items: impl IntoIterator<Item = I>, read: impl FnMut(I) -> F) -> Result<Vec<T>, Problem>
where
    F: Future<Output = Result<T, Problem>>,
{
    let calls: Vec<F> = items.into_iter().map(read).collect();
    stream::iter(calls).buffered(PARALLEL).try_collect().await
}

/// Every object of a kind, page by page. `call` names the question for the operator.
pub async fn list_all<K>(api: &Api<K>, params: ListParams, call: &str) -> Result<Vec<K>, Problem>
where
    K: Clone + DeserializeOwned + Debug,
{
    let mut params = params.limit(KUBE_PAGE);
    let mut found = Vec::new();
    loop {
        let page = api.list(&params).await.map_err(|error| classify::kube(call, &error))?;
        found.extend(page.items);
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => params = params.continue_token(&token),
            None => return Ok(found),
        }
    }
}

/// An optional text of an answer; empty when it is missing.
pub fn owned(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// Tags or labels in order of key.
pub fn tags(map: Option<&HashMap<String, String>>) -> BTreeMap<String, String> {
    map.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}
