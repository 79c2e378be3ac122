//! STS: who the caller is.

use serde_json::json;

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::services::iam::{CALLER, caller_arn, unique_id};
use crate::sim::world::World;

/// Answers one call.
pub fn handle(world: &mut World, call: &mut Call) -> Answer {
    match call.operation.as_str() {
        "GetCallerIdentity" => {
            let role =
                world.iam.roles.get(CALLER.0).map_or_else(|| unique_id("AROA", u64::MAX), |role| role.id.clone());
            let user = format!("{role}:{}", CALLER.1);
            Ok(json!({ "Arn": caller_arn(world), "UserId": user, "Account": world.account }))
        }
        other => Err(Fault::gap(format!("sts:{other}"))),
    }
}
