//! Everything that exists in the simulated account, and how time moves it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::time::Stamp;
use crate::sim::apiserver::{self, Cluster};
use crate::sim::services::{autoscaling, ec2, eks, iam, servicequotas};

/// The simulated account, its region and its clusters.
#[derive(Debug)]
pub struct World {
    /// The world's present instant.
    pub now: Stamp,
    /// Instants at which something is due. Only wake-ups: what happens then is decided by `settle`.
    wakes: BTreeSet<Stamp>,
    /// Twelve-digit account id.
    pub account: String,
    /// The one region of the world.
    pub region: String,
    /// EC2: VPC, subnets, groups, templates, instances.
    pub ec2: ec2::State,
    /// EKS: clusters, node groups, add-ons, associations, access entries.
    pub eks: eks::State,
    /// IAM: roles and policies.
    pub iam: iam::State,
    /// EC2 Auto Scaling: groups and their activities.
    pub autoscaling: autoscaling::State,
    /// Service Quotas.
    pub quotas: servicequotas::State,
    /// Kubernetes API servers by cluster name.
    pub clusters: BTreeMap<String, Cluster>,
    /// Counter behind every generated id, so that a replayed log makes the same ids.
    serial: u64,
}

impl World {
    /// A world at `now` with an account and a Region, and nothing in it but the quotas every account has.
    pub fn empty(now: Stamp) -> Self {
        Self {
            now,
            wakes: BTreeSet::new(),
            account: "111122223333".to_owned(),
            region: "us-east-2".to_owned(),
            ec2: ec2::State::default(),
            eks: eks::State::default(),
            iam: iam::State::default(),
            autoscaling: autoscaling::State::default(),
            quotas: servicequotas::State::default(),
            clusters: BTreeMap::new(),
            serial: 0,
        }
    }

    /// Asks for a look at the world at `at`.
    pub fn wake_at(&mut self, at: Stamp) {
        if at > self.now {
            self.wakes.insert(at);
        }
    }

    /// The next instant at which something is due.
    pub fn next_wake(&self) -> Option<Stamp> {
        self.wakes.first().copied()
    }

    /// Moves the world to `to`, stopping at every instant at which something is due.
    pub fn advance_to(&mut self, to: Stamp) {
        while let Some(due) = self.next_wake().filter(|due| *due <= to) {
            self.wakes.remove(&due);
            self.now = due;
            self.settle();
        }
        self.now = self.now.max(to);
    }

    /// Lets every service and every controller do what is due at `now`, until nothing changes any more.
    pub fn settle(&mut self) {
        eks::settle(self);
        autoscaling::settle(self);
        ec2::settle(self);
        apiserver::settle(self);
    }

    /// A fresh number, the same on every replay.
    pub fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}
