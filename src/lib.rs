//! eks-wizard takes an existing Amazon EKS cluster to GPU nodes with EFA running, and proves it.

pub mod components;
pub mod config;
pub mod domain;
pub mod events;
pub mod plan;
pub mod sim;
pub mod transport;
pub mod tui;
