//! Runs the wanted probes at once and files each answer, or the reason why there is none. No probe stops another.

use std::future::Future;

use futures::future::BoxFuture;
use futures::join;

use super::needs::{Needs, ProbeId};
use super::probes::{
    self, access, addon_versions, addons, associations, cluster_group, cni, instance_types, nodegroups, nodes,
    offerings, quotas, running_vcpus, storage_classes, subnets, updates, workloads,
};
use crate::domain::facts::{Cluster, Fact, Facts};
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::clients::{Aws, Clients};

/// Reads what `needs` names, from nothing.
pub async fn discover(aws: &Aws, clients: Option<&Clients>, needs: &Needs) -> Facts {
    refresh(aws, clients, Facts::default(), needs).await
}

/// Reads what `needs` names and keeps the rest of `facts` as it is: so the wizard reads in stages.
///
/// Without `clients` no cluster is chosen: everything about one becomes unknown, with that reason.
pub async fn refresh(aws: &Aws, clients: Option<&Clients>, mut facts: Facts, needs: &Needs) -> Facts {
    let run = Run { aws, clients, needs };
    let Facts { caller, clusters, cluster, eks, network, kube, capacity, policies } = &mut facts;
    let types = &needs.instance_types;
    let about_cluster = async {
        run.fill(ProbeId::Cluster, cluster, run.chosen(probes::cluster::of_session)).await;
        let known = &*cluster;
        join!(
            run.fill(ProbeId::AddonVersions, &mut eks.addon_versions, async {
                addon_versions::read(aws, &given(known)?.summary.version, &needs.addons).await
            }),
            run.fill(ProbeId::Subnets, &mut network.subnets, async { subnets::read(aws, &given(known)?.vpc).await }),
            run.fill(ProbeId::ClusterGroup, &mut network.cluster_group, async {
                cluster_group::read(aws, &given(known)?.security_group).await
            }),
        );
    };
    let about_capacity = async {
        run.fill(ProbeId::InstanceTypes, &mut capacity.instance_types, instance_types::read(aws, types)).await;
        let known = capacity.instance_types.known();
        run.fill(ProbeId::RunningVcpus, &mut capacity.running_vcpus, running_vcpus::read(aws, types, known)).await;
    };
    join!(
        run.fill(ProbeId::Caller, caller, probes::caller::read(aws)),
        run.fill(ProbeId::Clusters, clusters, probes::clusters::read(aws)),
        run.fill(ProbeId::Policies, policies, probes::policies::read(aws, &needs.policies)),
        about_cluster,
        about_capacity,
        run.fill(ProbeId::Offerings, &mut capacity.offerings, offerings::read(aws, types)),
        run.fill(ProbeId::Quotas, &mut capacity.quotas, quotas::read(aws, types)),
        run.fill(ProbeId::Addons, &mut eks.addons, run.chosen(addons::read)),
        run.fill(ProbeId::Nodegroups, &mut eks.nodegroups, run.chosen(nodegroups::read)),
        run.fill(ProbeId::Associations, &mut eks.associations, run.chosen(associations::read)),
        run.fill(ProbeId::Updates, &mut eks.updates, run.chosen(updates::read)),
        run.fill(ProbeId::Cni, &mut network.cni, run.chosen(cni::read)),
        run.fill(ProbeId::Access, &mut kube.access, run.chosen(access::read)),
        run.fill(ProbeId::Nodes, &mut kube.nodes, run.chosen(nodes::read)),
        run.fill(ProbeId::StorageClasses, &mut kube.storage_classes, run.chosen(storage_classes::read)),
        run.fill(ProbeId::Workloads, &mut kube.workloads, async {
            workloads::read(run.session()?, &needs.workloads).await
        }),
    );
    facts
}

/// What every probe of one round shares.
struct Run<'a> {
    aws: &'a Aws,
    clients: Option<&'a Clients>,
    needs: &'a Needs,
}

impl<'a> Run<'a> {
    /// Asks, if `probe` is wanted, and files the answer. Boxed: twenty questions at once would make a huge future.
    fn fill<'s, T: Send>(
        &'s self,
        probe: ProbeId,
        slot: &'s mut Fact<T>,
        read: impl Future<Output = Result<T, Problem>> + Send + 's,
    ) -> BoxFuture<'s, ()> {
        if !self.needs.wants(probe) {
            return Box::pin(std::future::ready(()));
        }
        Box::pin(async move {
            *slot = match read.await {
                Ok(value) => Fact::Known { value, at: self.aws.timer.now() },
                Err(problem) => Fact::Unknown { why: why(&problem) },
            };
        })
    }

    /// The clients of the chosen cluster.
    fn session(&self) -> Result<&'a Clients, Problem> {
        self.clients.ok_or_else(|| Problem::new(ProblemKind::Unavailable, "There is no connection to a cluster."))
    }

    /// A question to the chosen cluster.
    async fn chosen<T, F>(&self, read: impl FnOnce(&'a Clients) -> F) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, Problem>>,
    {
        read(self.session()?).await
    }
}

/// The cluster, for a question that depends on it.
fn given(cluster: &Fact<Cluster>) -> Result<&Cluster, Problem> {
    cluster.known().ok_or_else(|| {
        Problem::new(ProblemKind::Unavailable, format!("The cluster is not known: {}", cluster.why_unknown()))
    })
}

/// A problem as the reason of an unknown fact: whether it was denied or failed, what was said, and the next act.
pub fn why(problem: &Problem) -> String {
    let word = match problem.kind {
        ProblemKind::Denied => "denied: ",
        ProblemKind::Credentials => "no valid credentials: ",
        _ => "",
    };
    let mut text = format!("{word}{}", problem.message);
    for cause in &problem.causes {
        text.push_str(" Because: ");
        text.push_str(cause);
    }
    if let (ProblemKind::Denied | ProblemKind::Credentials, Some(hint)) = (problem.kind, problem.hints.first()) {
        text.push_str("; next: ");
        text.push_str(hint);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denied_and_failed_read_differently() {
        let denied = Problem::new(ProblemKind::Denied, "ec2:DescribeSubnets answers UnauthorizedOperation: no")
            .hint("allow ec2:DescribeSubnets for this caller in its IAM policy");
        let text = why(&denied);
        assert!(text.starts_with("denied: ec2:DescribeSubnets"), "{text}");
        assert!(text.ends_with("allow ec2:DescribeSubnets for this caller in its IAM policy"), "{text}");
        let failed = Problem::new(ProblemKind::Unavailable, "eks:ListClusters does not reach AWS.").because("dns");
        assert_eq!(why(&failed), "eks:ListClusters does not reach AWS. Because: dns");
    }

    #[test]
    fn what_depends_on_an_unknown_cluster_names_its_reason() {
        let unknown = Fact::Unknown { why: "denied: eks:DescribeCluster".to_owned() };
        let problem = given(&unknown).unwrap_err();
        assert_eq!(problem.message, "The cluster is not known: denied: eks:DescribeCluster");
    }
}
