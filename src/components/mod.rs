//! What can be installed. Each component is data: how it is detected, what it needs, its desired objects, its health.

pub mod addon;
pub mod component;
pub mod desired;
pub mod ebs_csi;
pub mod efa_device_plugin;
pub mod gp3;
pub mod io2;
pub mod manifest;
pub mod metrics_server;
pub mod naming;
pub mod nvidia_device_plugin;
pub mod observed;
pub mod pod_identity_agent;
pub mod standing;
pub mod template;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
