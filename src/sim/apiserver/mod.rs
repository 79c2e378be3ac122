//! The Kubernetes API server of one simulated cluster, with its controllers, scheduler and kubelets.
//!
//! It follows the rules of the real server: defaulting, validation, server-side apply with field ownership, watches
//! with a bounded history. What it does not know is a gap that ends the process, never a silent answer.

mod auth;
mod cluster;
mod controllers;
mod defaults;
mod delete;
mod discovery;
mod failure;
mod json;
mod kinds;
mod kubelet;
mod logs;
mod metrics;
mod outside;
mod quantity;
mod read;
mod request;
mod review;
mod scheduler;
mod selectors;
mod serve;
mod ssa;
mod store;
mod subresources;
mod transcript;
mod typed;
mod validate;
mod watch;
mod write;

#[cfg(test)]
mod tests;

use bytes::Bytes;

pub use cluster::{Cluster, Gvr};
pub use controllers::settle;
pub use serve::serve;
pub use watch::{WatchRequest, poll_watch};

/// What the API server answers to one request.
#[derive(Debug)]
pub enum KubeReply {
    /// A complete response.
    Full(http::Response<Bytes>),
    /// A watch: answer 200 and stream what [`poll_watch`] yields until the deadline.
    Watch(WatchRequest),
    /// The simulator does not implement this; the text names it.
    Gap(String),
}
