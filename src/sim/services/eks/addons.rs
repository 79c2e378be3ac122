//! Add-ons: what the API does at once. What takes time is in `addon_life`.

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2::{self, compact, text};
use crate::sim::services::eks::lookup::{
    active, arn, cluster, health, invalid, invalid_request, page, plane, plane_mut, pod_role, required, seconds, uuid,
};
use crate::sim::services::eks::state::{Addon, Update};
use crate::sim::services::eks::{addon_life, associations, catalogue};
use crate::sim::world::World;

/// ListAddons.
pub fn list(world: &World, call: &mut Call) -> Answer {
    let name = cluster(world, call)?;
    page(call, "addons", plane(world, &name)?.addons.keys().map(|addon| json!(addon)).collect())
}

/// DescribeAddon.
pub fn describe(world: &World, call: &mut Call) -> Answer {
    let (name, addon) = (cluster(world, call)?, required(call, "addonName")?);
    Ok(json!({"addon": view(world, &name, find(world, &name, &addon)?)}))
}

fn find<'a>(world: &'a World, cluster: &str, addon: &str) -> Result<&'a Addon, Fault> {
    let found = plane(world, cluster)?.addons.get(addon);
    found.ok_or_else(|| refuse("addon-not-found", &[("name", addon), ("cluster", cluster)]))
}

/// ARN of an add-on; it also marks the associations that the add-on owns.
pub fn addon_arn(world: &World, cluster: &str, addon: &Addon) -> String {
    arn(world, &format!("addon/{cluster}/{}/{:08x}-eks", addon.name, addon.created.seconds()))
}

fn view(world: &World, cluster: &str, addon: &Addon) -> Value {
    let own = addon_arn(world, cluster, addon);
    let owned = associations::associations_of(world, cluster).filter(|a| a.owner.as_ref() == Some(&own));
    let owned: Vec<String> = owned.map(|a| arn(world, &format!("podidentityassociation/{cluster}/{}", a.id))).collect();
    let offer = catalogue::offer(&addon.name);
    compact(json!({
        "addonName": addon.name,
        "clusterName": cluster,
        "status": addon.status,
        "addonVersion": addon.version,
        "health": health(&addon.issues),
        "addonArn": own,
        "createdAt": seconds(addon.created),
        "modifiedAt": seconds(addon.since),
        "tags": addon.origin.1,
        "owner": offer.map(|o| o.owner.clone()),
        "publisher": "eks",
        "configurationValues": addon.configuration,
        "podIdentityAssociations": (!owned.is_empty()).then_some(owned),
        "namespaceConfig": {"namespace": offer.map(|o| o.namespace.clone())},
    }))
}

/// Service accounts and roles of `podIdentityAssociations`; nothing when the member is absent.
type Wanted = Option<Vec<(String, String)>>;

fn wanted(world: &World, call: &mut Call, addon: &str) -> Result<Wanted, Fault> {
    let Some(given) = call.params.take("podIdentityAssociations").filter(|v| !v.is_null()) else { return Ok(None) };
    let accounts = catalogue::offer(addon).map(|offer| offer.accounts.as_slice()).unwrap_or_default();
    let mut wanted = Vec::new();
    for one in given.as_array().into_iter().flatten() {
        let (account, role) =
            (text(one, "serviceAccount").unwrap_or_default(), text(one, "roleArn").unwrap_or_default());
        if !accounts.contains(&account) {
            return Err(refuse("addon-service-account", &[("account", &account), ("name", addon)]));
        }
        pod_role(world, &role)?;
        wanted.push((account, role));
    }
    Ok(Some(wanted))
}

fn configuration(call: &mut Call) -> Result<Option<String>, Fault> {
    let Some(given) = call.params.text("configurationValues") else { return Ok(None) };
    match serde_saphyr::from_str::<Value>(&given) {
        Ok(Value::Object(_)) => Ok(Some(given)),
        _ => Err(refuse("addon-configuration", &[("why", "it is neither a JSON nor a YAML object")])),
    }
}

fn overwrite(call: &mut Call) -> Result<bool, Fault> {
    match call.params.text("resolveConflicts").as_deref() {
        Some("OVERWRITE") => Ok(true),
        None | Some("NONE" | "PRESERVE") => Ok(false),
        Some(other) => Err(invalid(&format!("resolveConflicts {other} is not supported"))),
    }
}

/// CreateAddon.
pub fn create(world: &mut World, call: &mut Call) -> Answer {
    let (name, addon) = (cluster(world, call)?, required(call, "addonName")?);
    let token = call.params.text("clientRequestToken");
    let version = call.params.text("addonVersion");
    let tags = ec2::tags_of(call.params.take("tags").as_ref());
    active(world, &name)?;
    let minor = plane(world, &name)?.version.clone();
    let usual =
        catalogue::default_version(&addon, &minor).ok_or_else(|| refuse("addon-unknown", &[("name", &addon)]))?;
    let version = version.unwrap_or(usual);
    if !catalogue::fits(&addon, &version, &minor) {
        return Err(refuse("addon-version-unsupported", &[]));
    }
    let (configuration, overwrite) = (configuration(call)?, overwrite(call)?);
    if let Ok(have) = find(world, &name, &addon) {
        let _same = call.params.take("podIdentityAssociations");
        return match token.is_some() && have.origin.0 == token {
            true => Ok(json!({"addon": view(world, &name, have)})),
            false => Err(refuse("addon-in-use", &[])),
        };
    }
    let wanted = wanted(world, call, &addon)?.unwrap_or_default();
    let now = world.now;
    let made = Addon {
        name: addon.clone(),
        version,
        status: "CREATING".to_owned(),
        created: now,
        since: now,
        issues: Vec::new(),
        configuration,
        overwrite,
        applied: false,
        preserve: false,
        origin: (token, tags),
    };
    own(world, &name, &made, &wanted)?;
    plane_mut(world, &name)?.addons.insert(addon.clone(), made);
    addon_life::watch(world);
    Ok(json!({"addon": view(world, &name, find(world, &name, &addon)?)}))
}

/// Makes the associations of an add-on. One that someone else made cannot be adopted.
fn own(world: &mut World, cluster: &str, addon: &Addon, wanted: &[(String, String)]) -> Result<(), Fault> {
    let namespace = catalogue::offer(&addon.name).map(|o| o.namespace.clone()).unwrap_or_default();
    for (account, _) in wanted {
        if let Some(have) = associations::association_for(world, cluster, &namespace, account) {
            return Err(refuse("association-in-use", &[("association", &have.id)]));
        }
    }
    let owner = addon_arn(world, cluster, addon);
    for (account, role) in wanted {
        associations::make(world, cluster, (&namespace, account), role, Some(owner.clone()))?;
    }
    Ok(())
}

/// Removes the associations that the add-on owns.
pub fn disown(world: &mut World, cluster: &str, addon: &Addon) -> Result<(), Fault> {
    let owner = addon_arn(world, cluster, addon);
    plane_mut(world, cluster)?.associations.retain(|_, a| a.owner.as_ref() != Some(&owner));
    Ok(())
}

/// UpdateAddon. Associations left out stay; an empty list removes those of the add-on.
pub fn update(world: &mut World, call: &mut Call) -> Answer {
    let (name, addon) = (cluster(world, call)?, required(call, "addonName")?);
    let token = call.params.text("clientRequestToken");
    active(world, &name)?;
    let have = find(world, &name, &addon)?.clone();
    if let Some(update) = plane(world, &name)?.updates.values().find(|u| token.is_some() && u.token == token) {
        return Ok(json!({"update": super::updates::view(update)}));
    }
    if matches!(have.status.as_str(), "CREATING" | "UPDATING" | "DELETING") {
        return Err(invalid_request(&format!(
            "Addon {addon} cannot be updated as it is currently in {} state",
            have.status
        )));
    }
    let version = call.params.text("addonVersion").unwrap_or_else(|| have.version.clone());
    let (configuration, overwrite) = (configuration(call)?, overwrite(call)?);
    if !catalogue::fits(&addon, &version, &plane(world, &name)?.version) {
        return Err(refuse("addon-version-unsupported", &[]));
    }
    if let Some(wanted) = wanted(world, call, &addon)? {
        disown(world, &name, &have)?;
        own(world, &name, &have, &wanted)?;
    }
    let update = Update {
        id: uuid(world),
        kind: "AddonUpdate".to_owned(),
        status: "InProgress".to_owned(),
        params: vec![("AddonVersion".to_owned(), version.clone())],
        created: world.now,
        nodegroup: None,
        addon: Some(addon.clone()),
        token,
    };
    let now = world.now;
    let plane = plane_mut(world, &name)?;
    plane.updates.insert(update.id.clone(), update.clone());
    if let Some(have) = plane.addons.get_mut(&addon) {
        have.version = version;
        have.configuration = configuration.or_else(|| have.configuration.take());
        (have.overwrite, have.applied, have.since) = (overwrite, false, now);
        "UPDATING".clone_into(&mut have.status);
    }
    addon_life::watch(world);
    Ok(json!({"update": super::updates::view(&update)}))
}

/// DeleteAddon.
pub fn delete(world: &mut World, call: &mut Call) -> Answer {
    let (name, addon) = (cluster(world, call)?, required(call, "addonName")?);
    let preserve = call.params.flag("preserve").unwrap_or(false);
    find(world, &name, &addon)?;
    let now = world.now;
    if let Some(have) = plane_mut(world, &name)?.addons.get_mut(&addon) {
        (have.preserve, have.since) = (preserve, now);
        "DELETING".clone_into(&mut have.status);
    }
    addon_life::watch(world);
    Ok(json!({"addon": view(world, &name, find(world, &name, &addon)?)}))
}
