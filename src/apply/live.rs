//! The hands of a real run: the clients of the session, whether AWS is real or simulated.

use futures::future::{BoxFuture, FutureExt};

use super::context::{Act, Hands, Outputs, Report};
use super::steps;
use crate::components::desired::Desired;
use crate::components::observed::Observation;
use crate::discover::observe::observe_one;
use crate::domain::problem::Problem;
use crate::transport::clients::Clients;

/// Acts through the clients of a session.
#[derive(Debug, Clone)]
pub struct Live {
    clients: Clients,
}

impl Live {
    /// Hands that use these clients.
    pub fn new(clients: Clients) -> Self {
        Self { clients }
    }
}

impl Hands for Live {
    fn look<'a>(&'a self, desired: &'a Desired, outputs: &'a Outputs) -> BoxFuture<'a, Result<Observation, Problem>> {
        async move { observe_one(&self.clients, desired, &|step, key| outputs.get(step, key)).await }.boxed()
    }

    fn act<'a>(&'a self, act: Act<'a>) -> BoxFuture<'a, Result<(), Problem>> {
        async move { steps::act(&self.clients, &act).await }.boxed()
    }

    fn report<'a>(&'a self, desired: &'a Desired) -> BoxFuture<'a, Report> {
        async move { steps::report(&self.clients, desired).await }.boxed()
    }
}
