//! An EKS add-on.

use aws_sdk_eks::types::AddonStatus;
use serde_json::Value;

use super::look::{Look, change, presence, stands};
use super::{json, owner, version};
use crate::components::desired::{Addon, AddonAssociation};
use crate::components::observed::{Change, Observation, Settled};
use crate::discover::probes::{addons, associations};
use crate::domain::facts::{self, Association};
use crate::domain::problem::Problem;

/// Version, configuration and associations against what EKS describes.
pub(super) async fn observe(look: &Look<'_>, desired: &Addon) -> Result<Observation, Problem> {
    let Some(described) = addons::describe(look.clients, &desired.name).await? else {
        return Ok(Observation::absent());
    };
    let addon = addons::from_sdk(&described);
    let mut changes: Vec<Change> = Vec::new();
    if !version::not_older(&addon.version, &desired.version) {
        changes.extend(change("addonVersion", Some(addon.version.clone()), Some(desired.version.clone())));
    }
    if let Some(want) = &desired.configuration {
        changes.extend(configuration(addon.configuration.as_deref(), want));
    }
    let mut notes = Vec::new();
    for wanted in &desired.associations {
        let there = associations::matching(look.clients, None, Some(&wanted.service_account)).await?;
        let found = find(&there, wanted, described.addon_arn(), described.pod_identity_associations());
        changes.extend(association(look, wanted, found));
        notes.extend(found.and_then(|found| unowned(found, &addon.name)));
    }
    let owner = owner::of_tags(&addon.tags, &look.clients.cluster);
    let outputs = [("arn", described.addon_arn()), ("version", Some(addon.version.as_str()))];
    let settled = settled(&addon);
    if settled == Settled::Yes {
        notes.extend(addon.issues.iter().map(|issue| format!("EKS reports {issue}")));
    }
    Ok(Observation { settled, notes, ..stands(presence(changes), owner, outputs) })
}

/// What is wanted must be set; what is set besides stays.
fn configuration(have: Option<&str>, want: &Value) -> Vec<Change> {
    let have = match have {
        None => Value::Null,
        // EKS takes JSON and YAML and answers what it was given.
        Some(text) => serde_json::from_str(text)
            .or_else(|_| serde_saphyr::from_str(text))
            .unwrap_or_else(|_| Value::String(text.to_owned())),
    };
    let mut changes = json::missing(&have, want);
    for change in &mut changes {
        change.path = if change.path.is_empty() {
            "configurationValues".to_owned()
        } else {
            format!("configurationValues.{}", change.path)
        };
    }
    changes
}

/// The add-on's own association of this service account, else any one of it. A service account of the same name in
/// another namespace is another one, so without an owner only a single candidate counts.
fn find<'a>(
    there: &'a [Association],
    wanted: &AddonAssociation,
    addon: Option<&str>,
    listed: &[String],
) -> Option<&'a Association> {
    let candidates = || there.iter().filter(|one| one.service_account == wanted.service_account);
    let own = candidates().find(|one| {
        let owned = one.owner.as_ref().is_some_and(|owner| Some(owner.as_str()) == addon);
        owned || listed.iter().any(|arn| arn.ends_with(&one.id))
    });
    own.or_else(|| if candidates().count() == 1 { candidates().next() } else { None })
}

fn association(look: &Look<'_>, wanted: &AddonAssociation, found: Option<&Association>) -> Option<Change> {
    let path = format!("podIdentityAssociations.{}", wanted.service_account);
    let have = found.map(|found| found.role.as_ref().map_or_else(String::new, ToString::to_string));
    change(path, have, Some(look.want(&wanted.role)))
}

fn unowned(found: &Association, addon: &str) -> Option<String> {
    found.owner.is_none().then(|| {
        format!("The association of {}/{} does not belong to add-on {addon}.", found.namespace, found.service_account)
    })
}

fn settled(addon: &facts::Addon) -> Settled {
    let issues = if addon.issues.is_empty() { String::new() } else { format!(": {}", addon.issues.join("; ")) };
    match AddonStatus::from(addon.status.as_str()) {
        AddonStatus::Active => Settled::Yes,
        AddonStatus::CreateFailed | AddonStatus::UpdateFailed | AddonStatus::DeleteFailed | AddonStatus::Degraded => {
            Settled::Failed { why: format!("Add-on {} is {}{issues}", addon.name, addon.status) }
        }
        _ => Settled::Waiting { what: format!("add-on is {}{issues}", addon.status) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::desired::Val;
    use crate::domain::ids::Arn;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn addon(status: &str, issues: &[&str]) -> facts::Addon {
        facts::Addon {
            name: "aws-ebs-csi-driver".to_owned(),
            version: "v1.64.0-eksbuild.1".to_owned(),
            status: status.to_owned(),
            issues: issues.iter().map(|issue| (*issue).to_owned()).collect(),
            tags: BTreeMap::new(),
            configuration: None,
        }
    }

    #[test]
    fn a_degraded_addon_failed_and_says_why() {
        let seen = settled(&addon("DEGRADED", &["InsufficientNumberOfReplicas: 0 of 2"]));
        let why = "Add-on aws-ebs-csi-driver is DEGRADED: InsufficientNumberOfReplicas: 0 of 2".to_owned();
        assert_eq!(seen, Settled::Failed { why });
        assert_eq!(settled(&addon("UPDATING", &[])), Settled::Waiting { what: "add-on is UPDATING".to_owned() });
        assert_eq!(settled(&addon("ACTIVE", &[])), Settled::Yes);
    }

    #[test]
    fn configuration_may_be_yaml_and_hold_more() {
        let want = json!({"node": {"tolerateAllTaints": true}});
        assert_eq!(configuration(Some("node:\n  tolerateAllTaints: true\n  logLevel: 2\n"), &want), []);
        let paths: Vec<String> = configuration(Some("{\"node\": {}}"), &want).into_iter().map(|it| it.path).collect();
        assert_eq!(paths, ["configurationValues.node.tolerateAllTaints"]);
        assert_eq!(configuration(None, &want).len(), 1);
    }

    #[test]
    fn the_addons_own_association_is_preferred() {
        let one = |id: &str, namespace: &str, owner: Option<&str>| Association {
            id: id.to_owned(),
            namespace: namespace.to_owned(),
            service_account: "sa".to_owned(),
            role: Some(Arn::from("arn:role")),
            owner: owner.map(Arn::from),
        };
        let wanted = AddonAssociation { service_account: "sa".to_owned(), role: Val::known("arn:role") };
        let there = [one("a-1", "default", None), one("a-2", "kube-system", Some("arn:addon"))];
        assert_eq!(find(&there, &wanted, Some("arn:addon"), &[]).map(|it| it.id.as_str()), Some("a-2"));
        assert_eq!(find(&there, &wanted, Some("arn:else"), &[]), None);
        assert_eq!(find(&there[..1], &wanted, Some("arn:else"), &[]).map(|it| it.id.as_str()), Some("a-1"));
    }
}
