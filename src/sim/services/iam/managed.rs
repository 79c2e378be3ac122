//! The AWS managed policies that the account knows.

/// Path and name below `arn:aws:iam::aws:policy`. Source: AWS managed policy reference.
const POLICIES: [&str; 19] = [
    "/AdministratorAccess",
    "/AmazonEC2ContainerRegistryPullOnly",
    "/AmazonEC2ContainerRegistryReadOnly",
    "/AmazonEKSClusterPolicy",
    "/AmazonEKSVPCResourceController",
    "/AmazonEKSWorkerNodeMinimalPolicy",
    "/AmazonEKSWorkerNodePolicy",
    "/AmazonEKS_CNI_Policy",
    "/AmazonElasticFileSystemReadOnlyAccess",
    "/AmazonFSxFullAccess",
    "/AmazonFSxReadOnlyAccess",
    "/AmazonS3FullAccess",
    "/AmazonS3ReadOnlyAccess",
    "/AmazonSSMManagedInstanceCore",
    "/service-role/AmazonEBSCSIDriverEKSClusterScopedPolicy",
    "/service-role/AmazonEBSCSIDriverPolicy",
    "/service-role/AmazonEBSCSIDriverPolicyV2",
    "/service-role/AmazonEFSCSIDriverPolicy",
    "/service-role/AmazonFSxLustreCSIDriverPolicy",
];

/// Path (with both slashes), name and number in the list of a managed policy.
pub fn find(arn: &str) -> Option<(&'static str, &'static str, u64)> {
    let wanted = arn.strip_prefix("arn:aws:iam::aws:policy")?;
    let at = POLICIES.iter().position(|policy| *policy == wanted)?;
    let (path, name) = POLICIES[at].split_at(POLICIES[at].rfind('/')? + 1);
    Some((path, name, u64::try_from(at).ok()?))
}

/// Whether AWS manages a policy of this ARN.
pub fn is_managed_policy(arn: &str) -> bool {
    find(arn).is_some()
}
