//! Names, tags and ARNs that follow from the cluster: deterministic, so that a second run finds what the first made.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::domain::facts::{Facts, Place};
use crate::domain::ids::{Arn, ClusterName, Region};

/// Tag key that marks an AWS resource as made by this program; its value is the cluster's name.
pub const OWNER_TAG: &str = "eks-wizard:cluster";

/// Tag key with the GPU node group that an AWS resource belongs to.
pub const GROUP_TAG: &str = "eks-wizard:group";

/// Field manager of every server-side apply, and the value of [`MANAGED_BY`].
pub const MANAGER: &str = "eks-wizard";

/// Label that every applied Kubernetes object carries.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// Node label with the name of the GPU node group.
pub const GROUP_LABEL: &str = "eks-wizard/group";

/// Longest IAM role name (IAM CreateRole).
const ROLE_NAME_MAX: usize = 64;

/// `<cluster>-<component>-role`; a longer one is cut and ends in the first 8 hex digits of the full name's SHA-256.
pub fn role_name(cluster: &ClusterName, component: &str) -> String {
    shortened(&format!("{cluster}-{component}-role"), ROLE_NAME_MAX)
}

/// `name`, or, when it has more than `max` characters, its beginning and 8 hex digits that stand for all of it.
pub fn shortened(name: &str, max: usize) -> String {
    if name.chars().count() <= max {
        return name.to_owned();
    }
    let kept: String = name.chars().take(max.saturating_sub(9)).collect();
    format!("{kept}-{}", &sha256_hex(name.as_bytes())[..8])
}

/// SHA-256 of `bytes` in lower-case hex, 64 characters.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Tags of every AWS resource that is made for the cluster at `place`.
pub fn owner_tags(place: &Place) -> BTreeMap<String, String> {
    BTreeMap::from([(OWNER_TAG.to_owned(), place.cluster.to_string())])
}

/// Whether `tags` say that this program made the resource for this cluster.
pub fn is_ours(tags: &BTreeMap<String, String>, cluster: &ClusterName) -> bool {
    tags.get(OWNER_TAG).is_some_and(|owner| owner == cluster.as_str())
}

/// ARN of the cluster: as EKS gave it, else put together from `place`.
pub fn cluster_arn(facts: &Facts, place: &Place) -> Arn {
    facts.cluster.known().map_or_else(
        || {
            let partition = partition_of(place.region.as_str());
            Arn::new(format!("arn:{partition}:eks:{}:{}:cluster/{}", place.region, place.account, place.cluster))
        },
        |cluster| cluster.arn.clone(),
    )
}

/// ARN of the AWS managed policy at `path`, such as `AmazonEKSWorkerNodePolicy` or `service-role/…`.
pub fn managed_policy(region: &Region, path: &str) -> Arn {
    Arn::new(format!("arn:{}:iam::aws:policy/{path}", partition_of(region.as_str())))
}

/// AWS partition of a Region, by the prefix of its name (AWS General Reference, ARN format).
fn partition_of(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_role_name_stays_as_it_is() {
        assert_eq!(role_name(&ClusterName::new("prod"), "ebs-csi"), "prod-ebs-csi-role");
        let exactly = ClusterName::new("c".repeat(64 - "-ebs-csi-role".len()));
        assert_eq!(role_name(&exactly, "ebs-csi"), format!("{exactly}-ebs-csi-role"));
    }

    #[test]
    fn a_long_role_name_is_cut_to_64_and_stays_distinct() {
        let cluster = ClusterName::new("c".repeat(100));
        let (ebs, node) = (role_name(&cluster, "ebs-csi"), role_name(&cluster, "gpu-node"));
        assert_eq!((ebs.len(), node.len()), (64, 64));
        assert_ne!(ebs, node);
        let digest = sha256_hex(format!("{cluster}-ebs-csi-role").as_bytes());
        assert_eq!(ebs, format!("{}-{}", "c".repeat(55), &digest[..8]));
    }

    #[test]
    fn sha256_is_the_published_test_vector() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn arns_follow_the_partition_of_the_region() {
        let at = |region: &str| Place { account: "123456789012".into(), region: region.into(), cluster: "c".into() };
        assert_eq!(managed_policy(&Region::new("us-east-2"), "X").as_str(), "arn:aws:iam::aws:policy/X");
        assert_eq!(managed_policy(&Region::new("us-gov-west-1"), "X").as_str(), "arn:aws-us-gov:iam::aws:policy/X");
        let arn = cluster_arn(&Facts::default(), &at("cn-north-1"));
        assert_eq!(arn.as_str(), "arn:aws-cn:eks:cn-north-1:123456789012:cluster/c");
    }

    #[test]
    fn only_the_tag_of_this_cluster_makes_a_thing_ours() {
        let place = Place { account: "1".into(), region: "us-east-2".into(), cluster: "prod".into() };
        assert!(is_ours(&owner_tags(&place), &place.cluster));
        assert!(!is_ours(&BTreeMap::from([(OWNER_TAG.to_owned(), "other".to_owned())]), &place.cluster));
        assert!(!is_ours(&BTreeMap::new(), &place.cluster));
    }
}
