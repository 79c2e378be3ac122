//! EC2 quotas of instance families, counted in vCPU.

use std::collections::BTreeSet;

/// Instance types that share a quota (EC2 user guide, "On-Demand Instance quotas" and "Spot quotas").
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// Letters before the first digit of the type's name.
    pub prefixes: &'static [&'static str],
    /// Quota code of running on-demand instances.
    pub on_demand: &'static str,
    /// Quota code of spot requests.
    pub spot: &'static str,
}

/// The families with accelerators.
const FAMILIES: [Family; 3] = [
    Family { prefixes: &["p"], on_demand: "L-417A185B", spot: "L-7212CCBC" },
    Family { prefixes: &["g", "gr", "vt"], on_demand: "L-DB2E81BA", spot: "L-3819A6DF" },
    Family { prefixes: &["trn"], on_demand: "L-2C3B7624", spot: "L-6B0D517C" },
];

/// The families of some instance types, each once.
pub fn families<'a>(types: impl IntoIterator<Item = &'a String>) -> Vec<&'static Family> {
    let prefixes: BTreeSet<&str> = types.into_iter().map(|name| prefix(name)).collect();
    FAMILIES.iter().filter(|family| family.prefixes.iter().any(|one| prefixes.contains(one))).collect()
}

/// Letters before the first digit: `p5en.48xlarge` is of `p`, `trn2.48xlarge` of `trn`.
pub fn prefix(instance_type: &str) -> &str {
    instance_type.split(|letter: char| letter.is_ascii_digit()).next().unwrap_or_default()
}

impl Family {
    /// The family of one instance type.
    pub fn of(instance_type: &str) -> Option<&'static Self> {
        FAMILIES.iter().find(|family| family.prefixes.contains(&prefix(instance_type)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_find_their_family() {
        let code = |name: &str| Family::of(name).map(|family| family.on_demand);
        assert_eq!(code("p5en.48xlarge"), Some("L-417A185B"));
        assert_eq!(code("g6e.48xlarge"), Some("L-DB2E81BA"));
        assert_eq!(code("trn2.48xlarge"), Some("L-2C3B7624"));
        assert_eq!(code("m7i.large"), None);
    }
}
