//! What the cluster sees of the AWS account: associations of EKS Pod Identity and the devices of its instances.

use std::time::Duration;

use crate::sim::services::eks;
use crate::sim::world::World;

/// An association works only some seconds after it was made (user guide, pod-id-how-it-works: eventually consistent).
const ASSOCIATION_DELAY: Duration = Duration::from_secs(5);

/// Role ARN that pods of a service account get, when the association is old enough to be seen.
pub(crate) fn association_for(world: &World, cluster: &str, namespace: &str, account: &str) -> Option<String> {
    #[cfg(test)]
    if let Some(role) = tests::association(world.now, namespace, account) {
        return Some(role);
    }
    let found = eks::association_for(world, cluster, namespace, account)?;
    (world.now >= found.created + ASSOCIATION_DELAY).then(|| found.role.clone())
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
    let id = provider_id.rsplit('/').next()?;
    #[cfg(test)]
    if let Some(devices) = tests::devices(id) {
        return Some(devices);
    }
    let instance = world.ec2.instances.get(id)?;
    Some(Devices {
        instance_type: instance.instance_type.clone(),
        gpus: instance.gpus,
        efa_interfaces: instance.efa_interfaces,
    })
}

/// How many instances, GPUs and EFA interfaces there are: what controllers of the cluster see besides its own objects.
pub(crate) fn all_devices(world: &World) -> (usize, u32, u32) {
    let instances = world.ec2.instances.values();
    instances.fold((0, 0, 0), |(count, gpus, efa), one| (count + 1, gpus + one.gpus, efa + one.efa_interfaces))
}

/// Devices and associations for tests that set up neither EC2 nor EKS.
#[cfg(test)]
pub(crate) mod tests {
    use super::Devices;
    use crate::domain::time::Stamp;
    use std::cell::RefCell;

    thread_local! {
        pub(crate) static ASSOCIATIONS: RefCell<Vec<(String, String, Stamp)>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn association(now: Stamp, namespace: &str, account: &str) -> Option<String> {
        ASSOCIATIONS.with_borrow(|all| {
            let seen = |(n, a, at): &&(String, String, Stamp)| n == namespace && a == account && now >= *at;
            all.iter().find(seen).map(|(_, a, _)| format!("arn:aws:iam::111122223333:role/{a}"))
        })
    }

    pub(super) fn devices(instance: &str) -> Option<Devices> {
        match instance {
            "i-gpu1" => Some(Devices { instance_type: "p5en.48xlarge".into(), gpus: 8, efa_interfaces: 16 }),
            "i-cpu" => Some(Devices { instance_type: "m6i.xlarge".into(), ..Devices::default() }),
            _ => None,
        }
    }
}
