//! Facts as a list of records: one a resource, always in the same order.

use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::facts::{Fact, Facts, Record};

/// Every resource that was read, cluster first; then one record of kind `unknown` for each fact that could not be read.
///
/// Facts that nobody asked for have no record.
pub fn records(facts: &Facts) -> Vec<Record> {
    let mut list = List::default();
    list.one("caller", &facts.caller, |it| it.arn.to_string());
    list.many("cluster-summary", &facts.clusters, |it| it.name.to_string());
    list.one("cluster", &facts.cluster, |it| it.summary.name.to_string());
    list.many("subnet", &facts.network.subnets, |it| it.id.to_string());
    list.one("security-group", &facts.network.cluster_group, |it| it.group.to_string());
    list.one("cni", &facts.network.cni, |_| "aws-node".to_owned());
    list.many("addon", &facts.eks.addons, |it| it.name.clone());
    list.map("addon-versions", &facts.eks.addon_versions);
    list.many("nodegroup", &facts.eks.nodegroups, |it| it.name.clone());
    list.many("association", &facts.eks.associations, |it| format!("{}/{}", it.namespace, it.service_account));
    list.many("update", &facts.eks.updates, Clone::clone);
    list.one("access", &facts.kube.access, |_| "kubernetes-api".to_owned());
    list.many("node", &facts.kube.nodes, |it| it.name.clone());
    list.many("storage-class", &facts.kube.storage_classes, |it| it.name.clone());
    list.many("workload", &facts.kube.workloads, |it| {
        [it.kind.as_str(), &it.namespace, &it.name]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("/")
    });
    list.map("instance-type", &facts.capacity.instance_types);
    list.map("offering", &facts.capacity.offerings);
    list.map("quota", &facts.capacity.quotas);
    list.map("running-vcpus", &facts.capacity.running_vcpus);
    list.many("policy", &facts.policies, |it| it.to_string());
    list.found.append(&mut list.unknown);
    list.found
}

#[derive(Default)]
struct List {
    found: Vec<Record>,
    unknown: Vec<Record>,
}

impl List {
    fn one<T: Serialize>(&mut self, kind: &str, fact: &Fact<T>, name: impl Fn(&T) -> String) {
        match fact {
            Fact::Known { value, .. } => self.push(kind, name(value), value),
            Fact::Unknown { why } => self.missing(kind, why),
            Fact::NotAsked => {}
        }
    }

    fn many<'a, C, T>(&mut self, kind: &str, fact: &'a Fact<C>, name: impl Fn(&T) -> String)
    where
        &'a C: IntoIterator<Item = &'a T>,
        T: Serialize + 'a,
    {
        match fact {
            Fact::Known { value, .. } => {
                for item in value {
                    self.push(kind, name(item), item);
                }
            }
            Fact::Unknown { why } => self.missing(kind, why),
            Fact::NotAsked => {}
        }
    }

    fn map<'a, C, T>(&mut self, kind: &str, fact: &'a Fact<C>)
    where
        &'a C: IntoIterator<Item = (&'a String, &'a T)>,
        T: Serialize + 'a,
    {
        match fact {
            Fact::Known { value, .. } => {
                for (name, item) in value {
                    self.push(kind, name.clone(), item);
                }
            }
            Fact::Unknown { why } => self.missing(kind, why),
            Fact::NotAsked => {}
        }
    }

    fn push(&mut self, kind: &str, name: String, detail: &impl Serialize) {
        // Facts are plain data with text keys, so this cannot fail; a null would still be an honest record.
        let detail = serde_json::to_value(detail).unwrap_or(Value::Null);
        self.found.push(Record { kind: kind.to_owned(), name, detail });
    }

    fn missing(&mut self, kind: &str, why: &str) {
        self.unknown.push(Record { kind: "unknown".to_owned(), name: kind.to_owned(), detail: json!({ "why": why }) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::StorageClass;
    use crate::domain::time::Stamp;
    use std::collections::BTreeMap;

    #[test]
    fn unknown_facts_come_last_and_unasked_ones_not_at_all() {
        let class = StorageClass { name: "gp3".to_owned(), provisioner: "ebs.csi.aws.com".to_owned(), default: true };
        let mut facts = Facts::default();
        facts.network.subnets = Fact::Unknown { why: "denied: ec2:DescribeSubnets".to_owned() };
        facts.kube.storage_classes = Fact::Known { value: vec![class], at: Stamp::EPOCH };
        facts.capacity.quotas =
            Fact::Known { value: BTreeMap::from([("L-417A185B".to_owned(), 384.0)]), at: Stamp::EPOCH };
        let made = records(&facts);
        let rows: Vec<(&str, &str)> = made.iter().map(|it| (it.kind.as_str(), it.name.as_str())).collect();
        assert_eq!(rows, [("storage-class", "gp3"), ("quota", "L-417A185B"), ("unknown", "subnet")]);
        assert_eq!(made[0].detail["default"], json!(true));
        assert_eq!(made[2].detail["why"], json!("denied: ec2:DescribeSubnets"));
    }
}
