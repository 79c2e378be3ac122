//! One file a kind of thing: how it is made, and how what stands is changed into what should.

mod addon;
mod group_report;
mod launch_template;
mod nodegroup;
mod nodes;
mod objects;
#[cfg(test)]
mod objects_tests;
mod placement_group;
mod role;
mod security_group;
mod storage_class;
mod template_sdk;
#[cfg(test)]
mod wire_tests;

use super::context::{Act, Report};
use crate::components::desired::{Desired, Ensure};
use crate::components::naming::{MANAGER as FIELD_MANAGER, OWNER_TAG};
use crate::components::observed::Presence;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::clients::Clients;

/// Sends the mutation for what an observation found: create when absent, else change what differs.
pub(super) async fn act(clients: &Clients, act: &Act<'_>) -> Result<(), Problem> {
    let absent = act.observation.presence == Presence::Absent;
    match &act.desired.ensure {
        Ensure::Addon(addon) if absent => addon::create(clients, act, addon).await,
        Ensure::Addon(addon) => addon::update(clients, act, addon).await,
        Ensure::Role(role) => role::ensure(clients, act, role, absent).await,
        Ensure::Objects(objects) => objects::apply(clients, act, objects).await,
        Ensure::NotDefaultClass(class) => storage_class::not_default(clients, class).await,
        Ensure::SecurityGroup(group) => security_group::ensure(clients, act, group, absent).await,
        Ensure::PlacementGroup(group) if absent => placement_group::create(clients, group).await,
        Ensure::LaunchTemplate(template) if absent => launch_template::create(clients, act, template).await,
        Ensure::LaunchTemplate(template) => launch_template::update(clients, act, template).await,
        Ensure::Nodegroup(group) if absent => nodegroup::create(clients, act, group).await,
        Ensure::Nodegroup(group) => nodegroup::update(clients, act, group).await,
        Ensure::PlacementGroup(_) | Ensure::Nodes(_) => Err(Problem::new(
            ProblemKind::Internal,
            format!("{} ({}) cannot be changed by this step.", act.desired.id, act.desired.title),
        )),
    }
}

/// What may explain why a thing is not ready yet.
pub(super) async fn report(clients: &Clients, desired: &Desired) -> Report {
    match &desired.ensure {
        Ensure::Addon(addon) => addon::report(clients, &addon.name).await,
        Ensure::Nodegroup(group) => group_report::read(clients, &group.name).await,
        Ensure::Nodes(nodes) => nodes::report(clients, &nodes.nodegroup).await,
        _ => Report::default(),
    }
}

/// A request whose parts do not fit together, which no operator can cause.
fn unbuildable(what: &str, error: &dyn std::error::Error) -> Problem {
    Problem::new(ProblemKind::Internal, format!("The request for {what} cannot be built.")).because(error.to_string())
}

/// IAM and EC2 are eventually consistent: that the thing made a moment ago "does not exist" passes by waiting.
fn not_yet(mut problem: Problem) -> Problem {
    if problem.kind == ProblemKind::NotFound {
        problem.kind = ProblemKind::Unavailable;
    }
    problem
}
