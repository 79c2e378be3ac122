//! What the cluster sees of the AWS account: associations of EKS Pod Identity and the devices of its instances.

use crate::sim::world::World;

/// Role ARN that pods of a service account get, when the association is old enough to be seen (5 s).
pub(crate) fn association_for(_world: &World, _cluster: &str, _namespace: &str, _account: &str) -> Option<String> {
    None
}

/// What a device plugin finds on an instance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Devices {
    pub instance_type: String,
    pub gpus: u32,
    pub efa_interfaces: u32,
}

/// The devices of the instance behind a node's `providerID` (`aws:///us-east-2a/i-…`).
pub(crate) fn devices(_world: &World, _provider_id: &str) -> Option<Devices> {
    None
}
