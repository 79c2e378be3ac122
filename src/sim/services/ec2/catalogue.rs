//! Instance types: recorded DescribeInstanceTypes answers and where the account's zones offer them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2::query::{Query, invalid_value, texts};
use crate::sim::services::ec2::state::Tags;
use crate::sim::world::World;

/// Recorded answers in response names, by instance type (origin: `assets/sim/README.md`).
static RECORDED: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    let text = include_str!("../../../../assets/sim/instance-types.json");
    serde_json::from_str(text).unwrap_or_default()
});

/// What launches and nodes need to know of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeFacts {
    /// vCPUs.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// GPUs of every kind together.
    pub gpus: u32,
    /// Whether the GPUs are NVIDIA's.
    pub nvidia: bool,
    /// `amd64` or `arm64`.
    pub arch: &'static str,
    /// IPv4 addresses an interface can hold.
    pub addresses_per_interface: usize,
    /// Network cards in order of their index.
    pub cards: Vec<Card>,
}

/// One network card of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card {
    /// Interfaces that fit on the card: device indexes are below this number.
    pub interfaces: u32,
    /// Whether the card takes an EFA.
    pub efa: bool,
}

/// Facts of an instance type; nothing when EC2 has no such type.
pub fn type_facts(name: &str) -> Option<TypeFacts> {
    let record = RECORDED.get(name)?;
    let number = |path: &str| record.pointer(path).and_then(Value::as_u64).unwrap_or(0);
    let gpus = record.pointer("/gpuInfo/gpus").and_then(Value::as_array).cloned().unwrap_or_default();
    let cards = record.pointer("/networkInfo/networkCards").and_then(Value::as_array).cloned().unwrap_or_default();
    Some(TypeFacts {
        vcpus: narrow(number("/vCpuInfo/defaultVCpus")),
        memory_mib: number("/memoryInfo/sizeInMiB"),
        gpus: gpus.iter().filter_map(|gpu| gpu.get("count").and_then(Value::as_u64)).map(narrow).sum(),
        nvidia: gpus.iter().any(|gpu| gpu["manufacturer"] == "NVIDIA"),
        arch: if record.pointer("/processorInfo/supportedArchitectures/0") == Some(&json!("arm64")) {
            "arm64"
        } else {
            "amd64"
        },
        addresses_per_interface: usize::try_from(number("/networkInfo/ipv4AddressesPerInterface")).unwrap_or(0),
        cards: cards.iter().map(card).collect(),
    })
}

fn card(record: &Value) -> Card {
    Card {
        interfaces: record["maximumNetworkInterfaces"].as_u64().map_or(0, narrow),
        efa: texts(record.get("interfaceTypeSet")).iter().any(|kind| kind.starts_with("efa")),
    }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Whether the zone offers the type.
pub fn offered_in(world: &World, instance_type: &str, zone_id: &str) -> bool {
    world.ec2.offerings.get(zone_id).is_some_and(|types| types.iter().any(|have| have == instance_type))
}

/// DescribeInstanceTypes.
pub fn describe_types(call: &mut Call) -> Answer {
    let known = ["instance-type", "network-info.efa-supported", "current-generation"];
    let query = Query::take(call, &known, 5)?;
    let wanted = texts(call.params.take("InstanceType").as_ref());
    let unknown: Vec<&str> = wanted.iter().filter(|t| !RECORDED.contains_key(*t)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(refuse("instance-type-unknown", &[("type", &unknown.join(", "))]));
    }
    let rows = RECORDED.iter().filter(|(name, record)| {
        (wanted.is_empty() || wanted.contains(name))
            && query.keeps(&Tags::new(), |key| match key {
                "instance-type" => vec![(*name).clone()],
                "current-generation" => vec![record["currentGeneration"].to_string()],
                _ => vec![record["networkInfo"]["efaSupported"].to_string()],
            })
    });
    query.answer("instanceTypeSet", rows.map(|(_, record)| record.clone()).collect())
}

/// DescribeInstanceTypeOfferings for zone ids, zone names and the region.
pub fn describe_offerings(world: &World, call: &mut Call) -> Answer {
    let query = Query::take(call, &["instance-type", "location"], 20)?;
    let kind = call.params.text("LocationType").unwrap_or_else(|| "region".to_owned());
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (zone_id, types) in &world.ec2.offerings {
        let location = match kind.as_str() {
            "availability-zone-id" => zone_id.clone(),
            "availability-zone" => world.ec2.zones.get(zone_id).cloned().unwrap_or_default(),
            "region" => world.region.clone(),
            other => return Err(invalid_value(&format!("The location type '{other}' is not valid."))),
        };
        pairs.extend(types.iter().map(|name| (location.clone(), name.clone())));
    }
    pairs.sort();
    pairs.dedup();
    let rows = pairs.into_iter().filter(|(location, name)| {
        query.keeps(&Tags::new(), |key| vec![if key == "location" { location.clone() } else { name.clone() }])
    });
    let rows = rows.map(|(location, name)| json!({"instanceType": name, "locationType": kind, "location": location}));
    query.answer("instanceTypeOfferingSet", rows.collect())
}
