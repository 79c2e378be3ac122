//! Service Quotas of EC2.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::world::World;

/// Code, name and value of a new account's quotas that the world knows, in vCPUs.
/// Source: EC2 User Guide, On-Demand and Spot Instance quotas; the values are those of a grown account.
const QUOTAS: [(&str, &str, f64); 4] = [
    ("L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 1152.0),
    ("L-417A185B", "Running On-Demand P instances", 768.0),
    ("L-7212CCBC", "All P4, P3 and P2 Spot Instance Requests", 0.0),
    ("L-DB2E81BA", "Running On-Demand G and VT instances", 192.0),
];

/// Largest page of ListServiceQuotas.
const PAGE: i64 = 100;

/// What this service remembers.
#[derive(Debug)]
pub struct State {
    /// Applied value by quota code, in vCPUs. Codes without a name in this module are not answered.
    pub quotas: BTreeMap<String, f64>,
}

impl Default for State {
    fn default() -> Self {
        Self { quotas: QUOTAS.iter().map(|(code, _, value)| ((*code).to_owned(), *value)).collect() }
    }
}

/// Answers one call.
pub fn handle(world: &mut World, call: &mut Call) -> Answer {
    match call.operation.as_str() {
        "GetServiceQuota" => get(world, call),
        "ListServiceQuotas" => list(world, call),
        other => Err(Fault::gap(format!("servicequotas:{other}"))),
    }
}

fn get(world: &World, call: &mut Call) -> Answer {
    let code = call.params.text("QuotaCode").unwrap_or_default();
    let quota = if call.params.text("ServiceCode").as_deref() == Some("ec2") { describe(world, &code) } else { None };
    quota.map(|quota| json!({ "Quota": quota })).ok_or_else(|| refuse("quota-not-found", &[]))
}

fn list(world: &World, call: &mut Call) -> Answer {
    if call.params.text("ServiceCode").as_deref() != Some("ec2") {
        return Err(refuse("quota-not-found", &[]));
    }
    let size = call.params.int("MaxResults").unwrap_or(PAGE).clamp(1, PAGE);
    let from = call.params.text("NextToken").map_or(Ok(0), |token| token.parse::<usize>());
    let from = from.ok().filter(|from| *from <= QUOTAS.len()).ok_or_else(|| refuse("quota-bad-token", &[]))?;
    let to = from.saturating_add(usize::try_from(size).unwrap_or(1)).min(QUOTAS.len());
    let quotas: Vec<Value> = QUOTAS[from..to].iter().filter_map(|(code, ..)| describe(world, code)).collect();
    let next = Some(to.to_string()).filter(|_| to < QUOTAS.len());
    Ok(match next {
        Some(token) => json!({ "Quotas": quotas, "NextToken": token }),
        None => json!({ "Quotas": quotas }),
    })
}

fn describe(world: &World, code: &str) -> Option<Value> {
    let (_, name, _) = QUOTAS.iter().find(|(known, ..)| *known == code)?;
    let value = world.quotas.quotas.get(code)?;
    Some(json!({
        "ServiceCode": "ec2",
        "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)",
        "QuotaArn": format!("arn:aws:servicequotas:{}:{}:ec2/{code}", world.region, world.account),
        "QuotaCode": code,
        "QuotaName": name,
        "Value": value,
        "Unit": "None",
        "Adjustable": true,
        "GlobalQuota": false,
    }))
}
