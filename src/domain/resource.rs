//! References to things that exist outside, and whose they are.

use serde::{Deserialize, Serialize};

/// A thing in AWS or in the cluster, by kind and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResourceRef {
    /// Kind in the field's terms: `role`, `addon`, `launch-template`, `StorageClass` …
    pub kind: String,
    /// Name or id.
    pub name: String,
}

/// Who made a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "owner", rename_all = "kebab-case")]
pub enum Ownership {
    /// Made by eks-wizard: it carries the tag `eks-wizard:cluster` or our field manager.
    Ours,
    /// Made by someone else and fit for us; used, never deleted.
    Foreign {
        /// Who, as far as it shows: a tag, a field manager, a Helm release, `EKS`.
        who: String,
    },
    /// Nothing is there.
    Nobody,
}
