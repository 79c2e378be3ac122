//! eks-wizard takes an existing Amazon EKS cluster to GPU nodes with EFA running, and proves it.

pub mod apply;
pub mod cli;
pub mod components;
pub mod config;
pub mod discover;
pub mod domain;
pub mod events;
pub mod health;
pub mod journal;
pub mod ops;
pub mod plan;
pub mod preflight;
pub mod report;
pub mod sim;
pub mod transport;
pub mod tui;
pub mod verify;
