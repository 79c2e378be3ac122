//! Instance types as EC2 describes them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types;

use crate::domain::instance::{Gpus, InstanceType, NetworkCard, Source};
use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Aws;

use super::owned;

/// `ec2:DescribeInstanceTypes`, by name. A name that EC2 does not know in this Region is not in the map.
///
/// It asks by filter and not by name, because one unknown name fails a call by name for all of them.
///
/// # Errors
/// The call fails.
pub async fn read(aws: &Aws, names: &BTreeSet<String>) -> Result<BTreeMap<String, InstanceType>, Problem> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let filter = types::Filter::builder().name("instance-type").set_values(Some(names.iter().cloned().collect()));
    let pages = aws.ec2.describe_instance_types().filters(filter.build()).into_paginator().items();
    let found = pages.send().try_collect().await;
    let found = found.map_err(|error| classify::aws("ec2:DescribeInstanceTypes", &error))?;
    Ok(found.iter().map(from_sdk).map(|one| (one.name.clone(), one)).collect())
}

/// The parts that count. Numbers that EC2 leaves out are 0.
pub fn from_sdk(info: &types::InstanceTypeInfo) -> InstanceType {
    let network = info.network_info();
    let max_efa = network.and_then(|network| network.efa_info()).and_then(|efa| efa.maximum_efa_interfaces());
    let max_efa = number::<u16>(max_efa);
    InstanceType {
        name: owned(info.instance_type().map(types::InstanceType::as_str)),
        vcpus: number(info.v_cpu_info().and_then(|cpu| cpu.default_v_cpus())),
        memory_mib: number(info.memory_info().and_then(|memory| memory.size_in_mib())),
        cards: network.map(|network| cards(network, max_efa)).unwrap_or_default(),
        max_efa,
        ipv4_per_interface: number(network.and_then(|network| network.ipv4_addresses_per_interface())),
        gpus: info.gpu_info().and_then(gpus),
        instance_store_gb: number(info.instance_storage_info().and_then(|store| store.total_size_in_gb())),
        arch: arch(info).to_owned(),
        source: Source::Api,
    }
}

/// EC2 tells how many EFA interfaces fit, not on which cards. With as many as cards there is one on each; with fewer
/// the first card is for IP traffic alone, as on p6-b300.
fn cards(network: &types::NetworkInfo, max_efa: u16) -> Vec<NetworkCard> {
    let count = number::<u16>(network.maximum_network_cards());
    let mut cards: Vec<NetworkCard> = network
        .network_cards()
        .iter()
        .map(|card| {
            let index = number::<u16>(card.network_card_index());
            let efa = max_efa >= count || (index > 0 && index <= max_efa);
            NetworkCard { index, max_interfaces: number(card.maximum_network_interfaces()), efa: max_efa > 0 && efa }
        })
        .collect();
    cards.sort_by_key(|card| card.index);
    cards
}

/// NVIDIA devices; others have no place here.
fn gpus(info: &types::GpuInfo) -> Option<Gpus> {
    let device =
        info.gpus().iter().find(|gpu| gpu.manufacturer().is_none_or(|by| by.eq_ignore_ascii_case("nvidia")))?;
    Some(Gpus {
        name: owned(device.name()),
        count: number(device.count()),
        memory_mib: number(device.memory_info().and_then(|memory| memory.size_in_mib())),
    })
}

/// As Kubernetes labels it.
fn arch(info: &types::InstanceTypeInfo) -> &'static str {
    let all = info.processor_info().map(|processor| processor.supported_architectures()).unwrap_or_default();
    if all.iter().any(|one| one.as_str() == "arm64") { "arm64" } else { "amd64" }
}

fn number<T: Default + TryFrom<i64>>(value: Option<impl Into<i64>>) -> T {
    value.and_then(|value| T::try_from(value.into()).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(cards: i32, per_card: i32, efa: i32) -> types::InstanceTypeInfo {
        let rows = (0..cards).map(|index| {
            types::NetworkCardInfo::builder().network_card_index(index).maximum_network_interfaces(per_card).build()
        });
        let network = types::NetworkInfo::builder()
            .maximum_network_cards(cards)
            .set_network_cards(Some(rows.collect()))
            .ipv4_addresses_per_interface(50)
            .efa_info(types::EfaInfo::builder().maximum_efa_interfaces(efa).build());
        let gpu = types::GpuDeviceInfo::builder()
            .name("H200")
            .manufacturer("NVIDIA")
            .count(8)
            .memory_info(types::GpuDeviceMemoryInfo::builder().size_in_mib(144_384).build());
        types::InstanceTypeInfo::builder()
            .instance_type(types::InstanceType::from("p5en.48xlarge"))
            .v_cpu_info(types::VCpuInfo::builder().default_v_cpus(192).build())
            .memory_info(types::MemoryInfo::builder().size_in_mib(2_097_152).build())
            .network_info(network.build())
            .gpu_info(types::GpuInfo::builder().gpus(gpu.build()).build())
            .build()
    }

    #[test]
    fn as_many_efa_as_cards_means_one_on_each() {
        let read = from_sdk(&info(16, 4, 16));
        assert_eq!((read.cards.len(), read.max_efa, read.vcpus), (16, 16, 192));
        assert!(read.cards.iter().all(|card| card.efa && card.max_interfaces == 4));
        assert_eq!(read.gpus.map(|gpus| (gpus.count, gpus.memory_mib)), Some((8, 144_384)));
    }

    #[test]
    fn one_efa_less_than_cards_leaves_the_first_card_without() {
        let read = from_sdk(&info(17, 2, 16));
        assert!(!read.cards[0].efa);
        assert_eq!(read.cards.iter().filter(|card| card.efa).count(), 16);
    }

    #[test]
    fn a_type_without_efa_has_none_on_any_card() {
        let read = from_sdk(&info(1, 4, 0));
        assert!(read.cards.iter().all(|card| !card.efa));
    }

    #[test]
    fn devices_of_another_maker_are_no_gpus_for_us() {
        let gpu = types::GpuDeviceInfo::builder().name("Radeon Pro V520").manufacturer("AMD").count(1).build();
        assert_eq!(gpus(&types::GpuInfo::builder().gpus(gpu).build()), None);
    }
}
