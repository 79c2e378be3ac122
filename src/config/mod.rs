//! Configuration: what is typed, what is meant ([`Spec`]), and the `.env` file between them.

pub mod gpu;
pub mod scope;
pub mod spec;

pub use gpu::{
    AmiRelease, Capacity, DriverMode, Drivers, EniChoice, GpuGroup, NodeRepair, Placement, Provisioner, Sizes,
    SubnetChoice, Volumes,
};
pub use scope::Scope;
pub use spec::{
    ComponentChoices, FsxDelivery, KarpenterChoice, Monitoring, NamedSubnet, Owner, Spec, Suppression, Taint,
    VersionRule,
};
