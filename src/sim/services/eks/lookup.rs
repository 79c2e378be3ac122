//! What every EKS operation begins with: which cluster, which member, which page.

use serde_json::{Map, Value, json};

use crate::domain::time::Stamp;
use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2;
use crate::sim::services::eks::state::{ControlPlane, Issue};
use crate::sim::services::iam;
use crate::sim::world::World;

/// Takes the cluster name (`clusterName`, or `name` where the model calls it so) of a cluster that exists.
pub fn cluster(world: &World, call: &mut Call) -> Result<String, Fault> {
    let name = call.params.text("clusterName").or_else(|| call.params.text("name")).unwrap_or_default();
    match world.eks.clusters.contains_key(&name) {
        true => Ok(name),
        false => Err(refuse("cluster-not-found", &[("name", &name)])),
    }
}

/// The cluster of that name.
pub fn plane<'a>(world: &'a World, name: &str) -> Result<&'a ControlPlane, Fault> {
    world.eks.clusters.get(name).ok_or_else(|| refuse("cluster-not-found", &[("name", name)]))
}

/// The cluster of that name, to change it.
pub fn plane_mut<'a>(world: &'a mut World, name: &str) -> Result<&'a mut ControlPlane, Fault> {
    world.eks.clusters.get_mut(name).ok_or_else(|| refuse("cluster-not-found", &[("name", name)]))
}

/// Refuses changes of a cluster that is being updated.
pub fn active(world: &World, name: &str) -> Result<(), Fault> {
    match plane(world, name)?.status.as_str() {
        "ACTIVE" => Ok(()),
        _ => Err(invalid_request(&format!("Cluster '{name}' is not in ACTIVE status"))),
    }
}

/// `InvalidParameterException` in the words of the handler.
pub fn invalid(message: &str) -> Fault {
    refuse("invalid-parameter", &[("message", message)])
}

/// `InvalidRequestException` in the words of the handler.
pub fn invalid_request(message: &str) -> Fault {
    refuse("invalid-request", &[("message", message)])
}

/// Takes a text member that must be there.
pub fn required(call: &mut Call, name: &str) -> Result<String, Fault> {
    let given = call.params.text(name).filter(|text| !text.is_empty());
    given.ok_or_else(|| invalid(&format!("The {name} in your request is required.")))
}

/// One page of `rows` under `member`; EKS pages at 100, the simulator at 2 so that every caller has to page.
pub fn page(call: &mut Call, member: &str, rows: Vec<Value>) -> Answer {
    let (offset, size) = ec2::page(call, 2, "invalid-parameter")?;
    let total = rows.len();
    let shown: Vec<Value> = rows.into_iter().skip(offset).take(size).collect();
    let end = offset + shown.len();
    let mut answer = Map::from_iter([(member.to_owned(), Value::Array(shown))]);
    if end < total {
        answer.insert("nextToken".to_owned(), json!(ec2::token(end)));
    }
    Ok(Value::Object(answer))
}

/// A timestamp as EKS writes it: epoch seconds with milliseconds.
pub fn seconds(stamp: Stamp) -> Value {
    let (whole, millis) = (stamp.seconds(), stamp.millis().rem_euclid(1000));
    let text = format!("{whole}.{millis:03}");
    json!(text.parse::<f64>().unwrap_or_default())
}

/// ARN of an EKS resource, such as `nodegroup/orbit-train/gpu/…`.
pub fn arn(world: &World, path: &str) -> String {
    format!("arn:aws:eks:{}:{}:{path}", world.region, world.account)
}

/// A UUID made from the world's counter.
pub fn uuid(world: &mut World) -> String {
    let hex = format!("{}{}", ec2::fresh_id(world.next_serial(), ""), ec2::fresh_id(world.next_serial(), ""));
    let hex: String = hex.chars().filter(char::is_ascii_hexdigit).collect();
    format!("{}-{}-4{}-8{}-{}", &hex[2..10], &hex[10..14], &hex[14..17], &hex[18..21], &hex[20..32])
}

/// `health` of an add-on or a node group.
pub fn health(issues: &[Issue]) -> Value {
    let issues = issues.iter().map(|i| json!({"code": i.code, "message": i.message, "resourceIds": i.resources}));
    json!({"issues": issues.collect::<Vec<_>>()})
}

/// Refuses a role that pods cannot assume: unknown, too young to be known to EKS, or not trusting Pod Identity.
pub fn pod_role(world: &World, arn: &str) -> Result<(), Fault> {
    let known = iam::role(world, arn).filter(|role| iam::known_to_services(role, world.now));
    match known {
        None => Err(refuse("role-not-known-yet", &[("role", arn)])),
        Some(role) if !iam::trusts_pods(role) => Err(refuse("trust-policy-pods", &[("role", arn)])),
        Some(_) => Ok(()),
    }
}
