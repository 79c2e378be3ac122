//! Configuration: what is typed ([`Draft`]), what is meant ([`Spec`]), and the `.env` file between them.
//!
//! Each setting is declared once, in `fields/`. The form, `.env.example`, messages and validation come from there.

mod check;
mod combine;
pub mod diff;
pub mod docs;
pub mod draft;
pub mod edit;
pub mod example;
pub mod field;
mod fields;
pub mod file;
pub mod form;
pub mod gpu;
pub mod import;
pub mod issue;
pub mod layers;
mod logical;
mod parse;
mod phrase;
pub mod registry;
mod save;
pub mod schema;
pub mod scope;
mod secret;
pub mod show;
pub mod spec;
mod template;
#[cfg(test)]
mod tests;
pub mod validate;

pub use diff::{Change, DiffLine, Difference};
pub use docs::docs;
pub use draft::{Draft, Entry, Layer};
pub use edit::Edited;
pub use example::example;
pub use field::{DefaultValue, FieldDef, Kind, Section, Visibility};
pub use file::{Assignment, EnvFile};
pub use gpu::{
    AmiRelease, Capacity, DriverMode, Drivers, EniChoice, GpuGroup, NodeRepair, Placement, Provisioner, Sizes,
    SubnetChoice, Volumes,
};
pub use import::MeaningChange;
pub use issue::{Issue, Place};
pub use layers::{LoadOptions, Loaded, load};
pub use registry::{find, registry};
pub use schema::schema;
pub use scope::Scope;
pub use secret::WITHHELD;
pub use show::{Setting, settings};
pub use spec::{
    ComponentChoices, FsxDelivery, KarpenterChoice, Monitoring, NamedSubnet, Owner, Spec, Suppression, Taint,
    VersionRule,
};
pub use validate::{check_field, validate};
