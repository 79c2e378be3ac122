//! eks-wizard takes an existing Amazon EKS cluster to GPU nodes with EFA running, and proves it.

pub mod domain;
pub mod sim;
pub mod transport;
