//! The AWS services of the world, one module each: state, operations, and what time does to them.

pub mod autoscaling;
pub mod ec2;
pub mod eks;
pub mod iam;
pub mod servicequotas;
pub mod sts;
