//! What the cluster sees of the AWS account: associations of EKS Pod Identity and the devices of its instances.

use crate::sim::world::World;

/// Role ARN that pods of a service account get, when the association is old enough to be seen (5 s).
pub(crate) fn association_for(_world: &World, _cluster: &str, namespace: &str, account: &str) -> Option<String> {
    #[cfg(test)]
    return tests::association(_world.now, namespace, account);
    #[cfg(not(test))]
    {
        // `eks::State` does not hold associations yet.
        let _ = (namespace, account);
        None
    }
}

/// What a device plugin finds on an instance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Devices {
    pub instance_type: String,
    pub gpus: u32,
    pub efa_interfaces: u32,
}

/// The devices of the instance behind a node's `providerID` (`aws:///us-east-2a/i-…`).
pub(crate) fn devices(_world: &World, provider_id: &str) -> Option<Devices> {
    let _instance = provider_id.rsplit('/').next()?;
    #[cfg(test)]
    return tests::devices(_instance);
    // `ec2::State` does not hold instances yet.
    #[cfg(not(test))]
    None
}

/// Stands for EC2 and EKS until their state is there.
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
        let gpu = Devices { instance_type: "p5en.48xlarge".into(), gpus: 8, efa_interfaces: 16 };
        Some(if instance.starts_with("i-gpu") {
            gpu
        } else {
            Devices { instance_type: "m6i.xlarge".into(), ..Devices::default() }
        })
    }
}
