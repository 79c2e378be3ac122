//! Client tokens: the same act has the same token however often it is sent, by whichever process.

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::context::Outputs;
use crate::components::desired::{Desired, Val};
use crate::domain::ids::{ClusterName, RunId};

/// Length of a token in hex digits; EKS takes up to 64 characters, EC2 launch templates 128.
const LENGTH: usize = 32;

/// What makes one act different from another.
pub(super) struct Ingredients<'a> {
    /// Cluster.
    pub cluster: &'a ClusterName,
    /// What should stand.
    pub desired: &'a Desired,
    /// Outputs it reads: a group on another template version is another act.
    pub outputs: &'a Outputs,
    /// Rises after a certain refusal.
    pub generation: u32,
    /// Only for changes: a change there and back again must not look like one sent before.
    pub run: Option<&'a RunId>,
}

/// The token of an act.
pub(super) fn token(of: &Ingredients<'_>) -> String {
    let mut inputs = serde_json::to_value(&of.desired.ensure).unwrap_or_default();
    fill(&mut inputs, of.outputs);
    let mut hash = Sha256::new();
    let generation = of.generation.to_string();
    let run = of.run.map(RunId::as_str).unwrap_or_default();
    for part in [of.cluster.as_str(), of.desired.id.as_str(), &inputs.to_string(), &generation, run] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize())
}

/// A second token for the second call of one act.
pub(super) fn second(token: &str, call: &str) -> String {
    hex(&Sha256::digest(format!("{token}\0{call}")))
}

/// The first 64 bits of the hash of a text: the same on every machine and in every version.
pub(super) fn number(text: &str) -> u64 {
    Sha256::digest(text.as_bytes()).iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn hex(digest: &[u8]) -> String {
    let mut text: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    text.truncate(LENGTH);
    text
}

/// Sorts members and puts known outputs in the place of references, so that equal inputs have equal text.
fn fill(value: &mut Value, outputs: &Outputs) {
    if let Ok(reference @ Val::Output { .. }) = Val::deserialize(&*value) {
        if let Ok(text) = outputs.resolve(&reference) {
            *value = Value::String(text);
        }
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, outputs)),
        Value::Object(members) => {
            members.sort_keys();
            members.values_mut().for_each(|member| fill(member, outputs));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::components::desired::{Addon, AddonAssociation, Ensure, Stage};

    fn addon(role: Val) -> Desired {
        let associations = vec![AddonAssociation { service_account: "ebs".into(), role }];
        Desired {
            id: "ebs-csi.addon".into(),
            title: "add-on".into(),
            component: "ebs-csi".into(),
            stage: Stage::Storage,
            needs: Vec::new(),
            ensure: Ensure::Addon(Addon {
                name: "aws-ebs-csi-driver".into(),
                version: "v1".into(),
                configuration: None,
                associations,
            }),
            deadline_s: 60,
        }
    }

    fn token_of(desired: &Desired, outputs: &Outputs, generation: u32, run: Option<&RunId>) -> String {
        token(&Ingredients { cluster: &"demo".into(), desired, outputs, generation, run })
    }

    #[test]
    fn the_same_act_has_the_same_token_and_no_other_has() {
        let (empty, run) = (Outputs::default(), RunId::from("r1"));
        let desired = addon(Val::known("arn:a"));
        let base = token_of(&desired, &empty, 0, None);
        assert_eq!(base.len(), LENGTH);
        assert_eq!(base, token_of(&desired, &empty, 0, None));
        let others = [
            token_of(&desired, &empty, 1, None),
            token_of(&desired, &empty, 0, Some(&run)),
            token_of(&addon(Val::known("arn:b")), &empty, 0, None),
            second(&base, "version"),
        ];
        assert!(others.iter().all(|other| *other != base));
    }

    #[test]
    fn an_output_counts_by_its_value() {
        let outputs = Outputs::default();
        outputs.set(&"ebs-csi.role".into(), BTreeMap::from([("arn".to_owned(), "arn:a".to_owned())]));
        let by_reference = addon(Val::output(&"ebs-csi.role".into(), "arn"));
        assert_eq!(
            token_of(&by_reference, &outputs, 0, None),
            token_of(&addon(Val::known("arn:a")), &outputs, 0, None)
        );
    }
}
