//! The add-ons that EKS offers and their versions by Kubernetes minor.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::sim::call::{Answer, Call};
use crate::sim::refusals::refuse;
use crate::sim::services::eks::lookup::page;

/// One add-on of the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Kind, such as `storage`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `aws` or `community`.
    pub owner: String,
    /// Namespace of its workload.
    pub namespace: String,
    /// Whether it needs IAM permissions.
    pub iam: bool,
    /// Service accounts that may have a Pod Identity association.
    pub accounts: Vec<String>,
    /// Versions by minor, newest first; the default one ends in `*`.
    pub versions: BTreeMap<String, Vec<String>>,
}

static OFFERS: LazyLock<BTreeMap<String, Offer>> =
    LazyLock::new(|| toml::from_str(include_str!("../../../../assets/sim/addon-versions.toml")).unwrap_or_default());

/// The add-on of that name, if EKS offers it for any version.
pub fn offer(name: &str) -> Option<&'static Offer> {
    OFFERS.get(name)
}

/// The default version of an add-on for a minor such as `1.35`.
pub fn default_version(name: &str, minor: &str) -> Option<String> {
    let versions = OFFERS.get(name)?.versions.get(minor)?;
    versions.iter().find_map(|version| version.strip_suffix('*')).map(str::to_owned)
}

/// Whether a version fits a minor.
pub fn fits(name: &str, version: &str, minor: &str) -> bool {
    let versions = OFFERS.get(name).and_then(|offer| offer.versions.get(minor));
    versions.is_some_and(|all| all.iter().any(|have| have.trim_end_matches('*') == version))
}

/// DescribeAddonVersions.
pub fn describe_versions(call: &mut Call) -> Answer {
    let minor = call.params.text("kubernetesVersion");
    let name = call.params.text("addonName");
    let (types, owners) = (call.params.list("types"), call.params.list("owners"));
    let _publishers = call.params.list("publishers");
    if let Some(name) = name.as_ref().filter(|name| offer(name).is_none()) {
        return Err(refuse("addon-unknown", &[("name", name)]));
    }
    let rows = OFFERS.iter().filter(|(have, offer)| {
        name.as_ref().is_none_or(|wanted| wanted == *have)
            && (types.is_empty() || types.contains(&json!(offer.kind)))
            && (owners.is_empty() || owners.contains(&json!(offer.owner)))
            && minor.as_ref().is_none_or(|minor| offer.versions.contains_key(minor))
    });
    page(call, "addons", rows.map(|(name, offer)| view(name, offer, minor.as_deref())).collect())
}

fn view(name: &str, offer: &Offer, minor: Option<&str>) -> Value {
    let mut compatible: Vec<(String, Vec<Value>)> = Vec::new();
    for (cluster, versions) in offer.versions.iter().filter(|(have, _)| minor.is_none_or(|wanted| wanted == *have)) {
        for version in versions {
            let bare = version.trim_end_matches('*').to_owned();
            let row =
                json!({"clusterVersion": cluster, "platformVersions": ["*"], "defaultVersion": version.ends_with('*')});
            match compatible.iter_mut().find(|(have, _)| *have == bare) {
                Some((_, rows)) => rows.push(row),
                None => compatible.push((bare, vec![row])),
            }
        }
    }
    let versions = compatible.into_iter().map(|(version, rows)| {
        json!({
            "addonVersion": version, "architecture": ["amd64", "arm64"], "computeTypes": ["ec2", "hybrid"],
            "compatibilities": rows, "requiresConfiguration": false, "requiresIamPermissions": offer.iam,
        })
    });
    json!({
        "addonName": name, "type": offer.kind, "publisher": "eks", "owner": offer.owner,
        "defaultNamespace": offer.namespace, "addonVersions": versions.collect::<Vec<_>>(),
    })
}
