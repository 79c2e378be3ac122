//! Facts of an EC2 instance type: network cards, EFA, addresses, GPUs.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::facts::Facts;

/// Where the numbers of an instance type come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// `DescribeInstanceTypes`, read in this session.
    Api,
    /// `assets/instance-types.csv`, dated.
    Table,
}

/// One network card of an instance type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkCard {
    /// Network card index, from 0.
    pub index: u16,
    /// Interfaces that fit on this card; device indices are 0 … `max_interfaces` − 1.
    pub max_interfaces: u16,
    /// Whether an EFA interface may sit on it.
    pub efa: bool,
}

/// The GPUs of an instance type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gpus {
    /// Name, such as `H200`.
    pub name: String,
    /// Devices an instance.
    pub count: u32,
    /// Memory of one device in MiB.
    pub memory_mib: u64,
}

/// What the wizard must know of an instance type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceType {
    /// Name, such as `p5en.48xlarge`.
    pub name: String,
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Network cards in order of index.
    pub cards: Vec<NetworkCard>,
    /// EFA interfaces at most, over all cards.
    pub max_efa: u16,
    /// IPv4 addresses an interface can hold.
    pub ipv4_per_interface: u32,
    /// GPUs; `None` for a type without NVIDIA devices.
    pub gpus: Option<Gpus>,
    /// Instance store in GB; 0 for none.
    pub instance_store_gb: u64,
    /// `amd64` or `arm64`.
    pub arch: String,
    /// Where the numbers come from.
    pub source: Source,
}

/// `assets/instance-types.csv`: the dated fallback for `DescribeInstanceTypes`.
const TABLE: &str = include_str!("../../assets/instance-types.csv");

/// The instance types of the embedded table whose numbers are certain and that carry EFA.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceCatalogue {
    types: BTreeMap<String, InstanceType>,
}

impl InstanceCatalogue {
    /// The table that is part of the program.
    pub fn embedded() -> &'static Self {
        static CATALOGUE: LazyLock<InstanceCatalogue> = LazyLock::new(|| InstanceCatalogue::parse(TABLE));
        &CATALOGUE
    }

    /// The offered rows of `table`. A row that does not parse is not offered; a test holds the embedded table to none.
    fn parse(table: &str) -> Self {
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(table.as_bytes());
        let rows = reader.deserialize::<Row>().filter_map(Result::ok);
        let types = rows.filter(is_offered).filter_map(|row| instance(&row)).map(|kind| (kind.name.clone(), kind));
        Self { types: types.collect() }
    }

    /// The type of this name.
    pub fn get(&self, name: &str) -> Option<&InstanceType> {
        self.types.get(name)
    }

    /// All types in order of name, Trainium included.
    pub fn iter(&self) -> impl Iterator<Item = &InstanceType> {
        self.types.values()
    }

    /// The types with NVIDIA devices: what `GPU_INSTANCE_TYPE` offers.
    pub fn with_gpus(&self) -> impl Iterator<Item = &InstanceType> {
        self.iter().filter(|kind| kind.gpus.is_some())
    }
}

/// The figures of `name`: those that the API gave in this session, else the embedded table's.
pub fn lookup(facts: &Facts, name: &str) -> Option<InstanceType> {
    let live = facts.capacity.instance_types.known().and_then(|types| types.get(name));
    live.or_else(|| InstanceCatalogue::embedded().get(name)).cloned()
}

/// A row of the table by column name.
type Row = BTreeMap<String, String>;

fn column<'a>(row: &'a Row, name: &str) -> &'a str {
    row.get(name).map_or("", String::as_str)
}

fn number<T: FromStr>(row: &Row, name: &str) -> Option<T> {
    column(row, name).parse().ok()
}

fn is_offered(row: &Row) -> bool {
    column(row, "numbers_confidence") == "certain" && number::<u16>(row, "max_efa_interfaces").unwrap_or(0) > 0
}

fn instance(row: &Row) -> Option<InstanceType> {
    let cards: u16 = number(row, "network_cards")?;
    let on_card0 = number(row, "enis_card0")?;
    let on_others = if cards > 1 { number(row, "enis_other_cards")? } else { 0 };
    let card0_efa: bool = number(row, "card0_supports_efa")?;
    let card = |index| NetworkCard {
        index,
        max_interfaces: if index == 0 { on_card0 } else { on_others },
        efa: index != 0 || card0_efa,
    };
    let accelerator = column(row, "accelerator");
    let gpus = match number(row, "accel_mem_mib") {
        Some(memory_mib) if !accelerator.starts_with("trainium") => {
            Some(Gpus { name: accelerator.to_uppercase(), count: number(row, "accel_count")?, memory_mib })
        }
        Some(_) | None => None,
    };
    Some(InstanceType {
        name: column(row, "instance_type").to_owned(),
        vcpus: number(row, "vcpus")?,
        memory_mib: number(row, "memory_mib")?,
        cards: (0..cards).map(card).collect(),
        max_efa: number(row, "max_efa_interfaces")?,
        ipv4_per_interface: number(row, "ipv4_per_eni")?,
        gpus,
        instance_store_gb: number(row, "local_nvme_gb").unwrap_or(0),
        arch: column(row, "arch").to_owned(),
        source: Source::Table,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::eni::{EniLayout, efa_count, illegal, interfaces};
    use crate::domain::facts::Fact;
    use crate::domain::time::Stamp;

    fn rows() -> Vec<Row> {
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(TABLE.as_bytes());
        reader.deserialize().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn every_row_parses_and_every_certain_efa_row_is_offered() {
        let rows = rows();
        assert_eq!(rows.len(), 31);
        let offered: Vec<_> = rows.iter().filter(|row| is_offered(row)).collect();
        assert_eq!(offered.len(), InstanceCatalogue::embedded().iter().count());
        assert!(offered.len() >= 20, "{}", offered.len());
    }

    #[test]
    fn uncertain_rows_and_rows_without_efa_are_not_offered() {
        let catalogue = InstanceCatalogue::embedded();
        for name in ["p6e-gb200.36xlarge", "trn2.3xlarge", "g5.xlarge", "g6.xlarge", "trn1.2xlarge", "m7i.large"] {
            assert_eq!(catalogue.get(name), None, "{name}");
        }
        assert!(catalogue.get("trn2.48xlarge").is_some());
        assert!(catalogue.with_gpus().all(|kind| !kind.name.starts_with("trn")));
    }

    #[test]
    fn p5_figures_are_those_of_the_facts_file() {
        let of = |name| InstanceCatalogue::embedded().get(name).unwrap();
        let p5en = of("p5en.48xlarge");
        assert_eq!((p5en.cards.len(), p5en.max_efa, p5en.cards[0].max_interfaces), (16, 16, 4));
        assert_eq!(p5en.gpus.as_ref().map(|gpus| (gpus.name.as_str(), gpus.count)), Some(("H200", 8)));
        assert_eq!((of("p5.48xlarge").cards.len(), of("p5.4xlarge").cards.len()), (32, 1));
        let b300 = of("p6-b300.48xlarge");
        assert_eq!((b300.cards[0].efa, b300.cards[1].efa, b300.cards.len()), (false, true, 17));
    }

    #[test]
    fn every_layout_of_every_offered_type_is_legal() {
        for kind in InstanceCatalogue::embedded().iter() {
            for layout in [EniLayout::PrimaryEfa, EniLayout::DedicatedPrimary, EniLayout::AllEfa] {
                let made = interfaces(kind, layout);
                assert_eq!(illegal(kind, &made), Vec::<String>::new(), "{} {layout}", kind.name);
                assert_eq!(efa_count(&made), u32::from(kind.max_efa), "{} {layout}", kind.name);
            }
        }
    }

    #[test]
    fn interface_counts_are_those_the_product_names() {
        let count = |name, layout| interfaces(InstanceCatalogue::embedded().get(name).unwrap(), layout).len();
        for (name, primary, dedicated) in [
            ("p5.48xlarge", 32, 33),
            ("p5e.48xlarge", 32, 33),
            ("p5en.48xlarge", 16, 17),
            ("p5.4xlarge", 1, 2),
            ("p6-b200.48xlarge", 8, 9),
            ("p6-b300.48xlarge", 17, 17),
        ] {
            assert_eq!(count(name, EniLayout::PrimaryEfa), primary, "{name}");
            assert_eq!(count(name, EniLayout::DedicatedPrimary), dedicated, "{name}");
        }
    }

    #[test]
    fn the_api_wins_over_the_table() {
        let mut live = InstanceCatalogue::embedded().get("p5.48xlarge").unwrap().clone();
        live.source = Source::Api;
        let mut facts = Facts::default();
        assert_eq!(lookup(&facts, "p5.48xlarge").unwrap().source, Source::Table);
        let value = BTreeMap::from([(live.name.clone(), live)]);
        facts.capacity.instance_types = Fact::Known { value, at: Stamp::EPOCH };
        assert_eq!(lookup(&facts, "p5.48xlarge").unwrap().source, Source::Api);
        assert_eq!(lookup(&facts, "p9.48xlarge"), None);
    }
}
