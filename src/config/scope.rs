//! Which account, Region and cluster to look at. Discovery takes this and never a [`Spec`](super::Spec), because the
//! wizard needs facts before it has a valid configuration.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::ids::{ClusterName, Region};

/// Where to look. Every part is optional: the SDK chain and the wizard fill the gaps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Named profile of the shared AWS configuration; `None` leaves the choice to the SDK chain.
    pub profile: Option<String>,
    /// Region; `None` leaves the choice to the SDK chain.
    pub region: Option<Region>,
    /// Cluster; `None` lists the clusters of the Region.
    pub cluster: Option<ClusterName>,
    /// Context of the kubeconfig; `None` with `kubeconfig` set means its current context.
    pub context: Option<String>,
    /// Kubeconfig file; `None` with `context` unset means a natively made token and the endpoint of DescribeCluster.
    pub kubeconfig: Option<PathBuf>,
}
