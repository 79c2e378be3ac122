//! Names and identifiers as distinct types, so that a plan id is never passed where a run id is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps `text` as it is; the place that reads it from outside validates it first.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text as AWS, Kubernetes or the operator spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    };
}

id!(
    /// One run of `apply`: short lower-case hex, also the name of its journal file.
    RunId
);
id!(
    /// Digest of everything the planner read: equal ids mean equal plans.
    PlanId
);
id!(
    /// Stable readable path of a step, such as `gpu.gpu-compute.nodegroup`. It survives re-planning.
    StepId
);
id!(
    /// Twelve-digit AWS account id.
    AccountId
);
id!(
    /// AWS Region, such as `us-east-2`.
    Region
);
id!(
    /// Name of an EKS cluster: 1–100 characters, `^[0-9A-Za-z][A-Za-z0-9_-]*$` (EKS CreateCluster).
    ClusterName
);
id!(
    /// Amazon Resource Name in full.
    Arn
);
id!(
    /// Id that AWS gave a resource, such as `subnet-0c7d…`, `sg-…`, `lt-…`.
    ResourceId
);
id!(
    /// Stable id of a check in the catalogue, such as `NET-003`.
    CheckId
);
