//! The AWS services of the world, one module each: state, operations, and what time does to them.

pub mod autoscaling;
pub mod ec2;
pub mod eks;
pub mod iam;
pub mod servicequotas;
pub mod sts;

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::world::World;

/// Hands the call to its service.
pub fn handle(world: &mut World, call: &mut Call) -> Answer {
    match call.service.as_str() {
        "ec2" => ec2::handle(world, call),
        "eks" => eks::handle(world, call),
        "iam" => iam::handle(world, call),
        "sts" => sts::handle(world, call),
        "autoscaling" => autoscaling::handle(world, call),
        "servicequotas" => servicequotas::handle(world, call),
        other => Err(Fault::gap(format!("service:{other}"))),
    }
}
