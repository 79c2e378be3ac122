//! eks-wizard takes an existing Amazon EKS cluster to GPU nodes with EFA running, and proves it.

pub mod apply;
pub mod components;
pub mod config;
pub mod discover;
pub mod domain;
pub mod events;
pub mod journal;
pub mod plan;
pub mod sim;
pub mod transport;
