//! Pod Identity associations.

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2::{self, compact};
use crate::sim::services::eks::lookup::{active, arn, cluster, page, plane, plane_mut, pod_role, required, seconds};
use crate::sim::services::eks::state::Association;
use crate::sim::world::World;

/// The association of a service account, which the Pod Identity webhook and agent look up. Whether it works yet for
/// a pod is for the caller to decide from `created` (it takes five seconds).
pub fn association_for<'a>(world: &'a World, cluster: &str, namespace: &str, account: &str) -> Option<&'a Association> {
    associations_of(world, cluster).find(|a| a.namespace == namespace && a.service_account == account)
}

/// Associations of a cluster in order of their ids.
pub fn associations_of<'a>(world: &'a World, cluster: &str) -> impl Iterator<Item = &'a Association> {
    world.eks.clusters.get(cluster).into_iter().flat_map(|plane| plane.associations.values())
}

fn view(world: &World, cluster: &str, a: &Association) -> Value {
    compact(json!({
        "clusterName": cluster,
        "namespace": a.namespace,
        "serviceAccount": a.service_account,
        "roleArn": a.role,
        "associationArn": arn(world, &format!("podidentityassociation/{cluster}/{}", a.id)),
        "associationId": a.id,
        "tags": a.tags,
        "createdAt": seconds(a.created),
        "modifiedAt": seconds(a.created),
        "ownerArn": a.owner,
        "disableSessionTags": false,
    }))
}

/// ListPodIdentityAssociations: summaries, without the role.
pub fn list(world: &World, call: &mut Call) -> Answer {
    let name = cluster(world, call)?;
    let (namespace, account) = (call.params.text("namespace"), call.params.text("serviceAccount"));
    let rows = associations_of(world, &name).filter(|a| {
        namespace.as_ref().is_none_or(|wanted| *wanted == a.namespace)
            && account.as_ref().is_none_or(|wanted| *wanted == a.service_account)
    });
    let rows = rows.map(|a| {
        let mut view = view(world, &name, a);
        if let Some(members) = view.as_object_mut() {
            for detail in ["roleArn", "tags", "createdAt", "modifiedAt", "disableSessionTags"] {
                members.remove(detail);
            }
        }
        view
    });
    page(call, "associations", rows.collect())
}

/// DescribePodIdentityAssociation.
pub fn describe(world: &World, call: &mut Call) -> Answer {
    let (name, id) = (cluster(world, call)?, required(call, "associationId")?);
    let found = plane(world, &name)?.associations.get(&id);
    let found = found.ok_or_else(|| refuse("association-not-found", &[("association", &id)]))?;
    Ok(json!({"association": view(world, &name, found)}))
}

/// CreatePodIdentityAssociation. The service account need not exist yet.
pub fn create(world: &mut World, call: &mut Call) -> Answer {
    let name = cluster(world, call)?;
    let namespace = required(call, "namespace")?;
    let account = required(call, "serviceAccount")?;
    let role = required(call, "roleArn")?;
    let token = call.params.text("clientRequestToken");
    let tags = ec2::tags_of(call.params.take("tags").as_ref());
    if call.params.flag("disableSessionTags") == Some(true) {
        return Err(Fault::gap("eks:CreatePodIdentityAssociation disableSessionTags"));
    }
    active(world, &name)?;
    if let Some(have) = association_for(world, &name, &namespace, &account) {
        return match token.is_some() && have.token == token {
            true => Ok(json!({"association": view(world, &name, have)})),
            false => Err(refuse("association-in-use", &[("association", &have.id)])),
        };
    }
    pod_role(world, &role)?;
    let made = make(world, &name, (&namespace, &account), &role, None)?;
    let plane = plane_mut(world, &name)?;
    if let Some(made) = plane.associations.get_mut(&made) {
        made.tags = tags;
        made.token = token;
    }
    let made = plane.associations[&made].clone();
    Ok(json!({"association": view(world, &name, &made)}))
}

/// Stores a new association and answers its id; the caller has checked the role and the absence of another one.
pub fn make(
    world: &mut World,
    cluster: &str,
    (namespace, account): (&str, &str),
    role: &str,
    owner: Option<String>,
) -> Result<String, Fault> {
    let id = ec2::fresh_id(world.next_serial(), "a").replace("a-0", "a-");
    let association = Association {
        id: id.clone(),
        namespace: namespace.to_owned(),
        service_account: account.to_owned(),
        role: role.to_owned(),
        created: world.now,
        owner,
        tags: ec2::Tags::new(),
        token: None,
    };
    plane_mut(world, cluster)?.associations.insert(id.clone(), association);
    Ok(id)
}

/// DeletePodIdentityAssociation. One that an add-on owns can only go with the add-on.
pub fn delete(world: &mut World, call: &mut Call) -> Answer {
    let (name, id) = (cluster(world, call)?, required(call, "associationId")?);
    let found = plane(world, &name)?.associations.get(&id).cloned();
    let found = found.ok_or_else(|| refuse("association-not-found", &[("association", &id)]))?;
    if let Some(owner) = &found.owner {
        let message = format!("The association is owned by {owner} and must be deleted from there.");
        return Err(crate::sim::services::eks::lookup::invalid_request(&message));
    }
    plane_mut(world, &name)?.associations.remove(&id);
    Ok(json!({"association": view(world, &name, &found)}))
}
