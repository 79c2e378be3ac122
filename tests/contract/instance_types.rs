//! `assets/instance-types.csv` row by row against recorded AWS data, read by the program's own probe.

use std::collections::BTreeSet;

use eks_wizard::discover::probes::instance_types;
use eks_wizard::domain::instance::{InstanceCatalogue, InstanceType, Source};

use super::world::{Eks, World};

/// Rows whose figures moto does not have, or has from before AWS changed them: type, members that differ, reason.
const OLD: &[(&str, &[&str], &str)] = &[];

/// Figures by name, so that a difference names its member.
fn figures(kind: &InstanceType) -> Vec<(&'static str, String)> {
    let gpus = kind.gpus.as_ref();
    vec![
        ("vcpus", kind.vcpus.to_string()),
        ("memory_mib", kind.memory_mib.to_string()),
        ("cards", format!("{:?}", kind.cards)),
        ("max_efa", kind.max_efa.to_string()),
        ("ipv4_per_interface", kind.ipv4_per_interface.to_string()),
        ("gpus", gpus.map_or(0, |gpus| gpus.count).to_string()),
        ("gpu memory", gpus.map_or(0, |gpus| gpus.memory_mib).to_string()),
        ("instance_store_gb", kind.instance_store_gb.to_string()),
        ("arch", kind.arch.clone()),
    ]
}

#[tokio::test]
async fn the_table_says_what_ec2_says() {
    let Some(world) = World::open("contract-types", Eks::Moto).await else { return };
    let names: BTreeSet<String> = InstanceCatalogue::embedded().iter().map(|kind| kind.name.clone()).collect();
    let live = instance_types::read(&world.clients.aws, &names).await.unwrap();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for row in InstanceCatalogue::embedded().iter() {
        let old = OLD.iter().find(|(name, _, _)| *name == row.name).map_or(&[] as &[&str], |(_, members, _)| members);
        let Some(found) = live.get(&row.name) else {
            if !old.contains(&"absent") {
                wrong.push(format!("{}: moto does not know it", row.name));
            }
            continue;
        };
        assert_eq!(found.source, Source::Api);
        compared += 1;
        for ((member, table), (_, api)) in figures(row).into_iter().zip(figures(found)) {
            if (table != api) != old.contains(&member) {
                wrong.push(format!("{} {member}: table {table}, API {api}", row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for name in ["p5.48xlarge", "p5e.48xlarge", "p5en.48xlarge", "p5.4xlarge"] {
        assert!(live.contains_key(name), "{name} was not compared");
    }
    assert!(compared >= 15, "only {compared} rows were compared");
}

#[tokio::test]
async fn an_unknown_type_is_not_in_the_answer_and_fails_nothing() {
    let Some(world) = World::open("contract-types", Eks::Moto).await else { return };
    let names = BTreeSet::from(["p9.48xlarge".to_owned(), "p5en.48xlarge".to_owned()]);
    let live = instance_types::read(&world.clients.aws, &names).await.unwrap();
    assert_eq!(live.keys().collect::<Vec<_>>(), ["p5en.48xlarge"]);
}
