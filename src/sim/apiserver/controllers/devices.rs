//! Device plugins: a running plugin pod makes its node report the devices of its instance.

use std::time::Duration;

use serde_json::Value;

use super::{all, edit_status, is_deleted};
use crate::domain::time::Stamp;
use crate::sim::apiserver::json::{int, items, set, text, unset};
use crate::sim::apiserver::outside::{self, Devices};
use crate::sim::apiserver::serve::Session;

/// Registration with the kubelet and the next status report.
const REGISTRATION: Duration = Duration::from_secs(3);

/// Reports `nvidia.com/gpu` and `vpc.amazonaws.com/efa` in node status; takes them back when the plugin is gone.
pub(super) fn run(session: &mut Session<'_>) {
    let pods = all(session, "Pod");
    for (key, node) in all(session, "Node") {
        let devices = outside::devices(session.world, text(&node, "/spec/providerID"));
        for (resource, plugin) in [("nvidia.com/gpu", Plugin::Gpu), ("vpc.amazonaws.com/efa", Plugin::Efa)] {
            let since = pods
                .iter()
                .filter(|(_, pod)| text(pod, "/spec/nodeName") == key.name && !is_deleted(pod))
                .filter_map(|(_, pod)| plugin.running_since(session, pod))
                .min();
            let count = devices.as_ref().map_or(0, |devices| plugin.count(devices));
            let due = since.map(|since| since + REGISTRATION);
            let shown = due.is_some_and(|due| due <= session.now) && count > 0;
            if count > 0 {
                session.wakes.extend(due);
            }
            let known = text(&node, &format!("/status/capacity/{}", resource.replace('/', "~1"))).to_owned();
            if shown != known.is_empty() && (!shown || known == count.to_string()) {
                continue;
            }
            edit_status(session, "kubelet", &key, |node| {
                for part in ["capacity", "allocatable"] {
                    if shown {
                        set(node, &["status", part, resource], count.to_string());
                    } else {
                        unset(node, &["status", part, resource]);
                    }
                }
            });
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Plugin {
    Gpu,
    Efa,
}

impl Plugin {
    fn matches(self, image: &str) -> bool {
        let efa = image.contains("aws-efa-k8s-device-plugin");
        match self {
            Self::Gpu => image.contains("k8s-device-plugin") && !efa,
            Self::Efa => efa,
        }
    }

    fn count(self, devices: &Devices) -> u32 {
        match self {
            Self::Gpu => devices.gpus,
            Self::Efa => devices.efa_interfaces,
        }
    }

    /// When the plugin's container in this daemon pod started.
    fn running_since(self, session: &Session<'_>, pod: &Value) -> Option<Stamp> {
        let daemon = items(pod, "/metadata/ownerReferences").iter().any(|owner| text(owner, "/kind") == "DaemonSet");
        if !daemon || text(pod, "/status/phase") != "Running" || int(pod, "/metadata/generation").is_none() {
            return None;
        }
        let container = items(pod, "/spec/containers").iter().find(|item| self.matches(text(item, "/image")))?;
        let run = session.cluster.runs.get(text(pod, "/metadata/uid"))?;
        let record = run.containers.get(text(container, "/name"))?;
        record.started.filter(|_| record.exit.is_none())
    }
}
