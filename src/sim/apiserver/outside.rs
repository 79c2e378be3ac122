//! What the cluster sees of the AWS account: associations of EKS Pod Identity and the devices of its instances.

use std::time::Duration;

use crate::sim::services::eks;
use crate::sim::world::World;

/// An association works for pods made this long after it (EKS user guide: eventually consistent; the span is ours).
const SEEN_AFTER: Duration = Duration::from_secs(5);

/// Role ARN that pods of a service account get, when the association is old enough to be seen (5 s).
pub(crate) fn association_for(world: &World, cluster: &str, namespace: &str, account: &str) -> Option<String> {
    let found = eks::association_for(world, cluster, namespace, account)?;
    (world.now.since(found.created) >= SEEN_AFTER).then(|| found.role.clone())
}

/// What a device plugin finds on an instance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Devices {
    pub instance_type: String,
    pub gpus: u32,
    pub efa_interfaces: u32,
}

/// The devices of the instance behind a node's `providerID` (`aws:///us-east-2a/i-…`).
pub(crate) fn devices(world: &World, provider_id: &str) -> Option<Devices> {
    let instance = world.ec2.instances.get(provider_id.rsplit('/').next()?)?;
    let (gpus, efa_interfaces) = (instance.gpus, instance.efa_interfaces);
    Some(Devices { instance_type: instance.instance_type.clone(), gpus, efa_interfaces })
}
