//! What the wizard says of each component: words and variables. Versions come from facts and plan.

/// How a component is switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// Fixed on.
    Fixed,
    /// `auto`, `adopt` or `skip`.
    Owner(&'static str),
    /// On or off.
    Flag(&'static str),
    /// On with the GPU node group.
    WithGpu,
}

/// What the table knows of a component: words and variables, no versions.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Id, as steps and health name it.
    pub id: &'static str,
    /// Name.
    pub name: &'static str,
    /// How it is switched.
    pub switch: Switch,
    /// Variables that only it reads.
    pub settings: &'static [&'static str],
    /// EKS add-on, or workload that tells that it is there.
    pub seen_as: &'static str,
    /// One sentence.
    pub says: &'static str,
}

const fn entry(
    id: &'static str,
    name: &'static str,
    switch: Switch,
    settings: &'static [&'static str],
    seen_as: &'static str,
    says: &'static str,
) -> Entry {
    Entry { id, name, switch, settings, seen_as, says }
}

/// The table, in the order of product.md §4.
pub const TABLE: [Entry; 15] = [
    entry(
        "pod-identity-agent",
        "Pod Identity agent",
        Switch::Fixed,
        &[],
        "eks-pod-identity-agent",
        "Gives pods the role of their service account. Everything that calls AWS needs it, so it goes first.",
    ),
    entry(
        "ebs-csi",
        "EBS CSI driver",
        Switch::Owner("EBS_CSI"),
        &["EBS_CSI"],
        "aws-ebs-csi-driver",
        "Makes, attaches and grows EBS volumes. Its rights come from Pod Identity.",
    ),
    entry(
        "gp3",
        "gp3 class, default",
        Switch::Fixed,
        &[],
        "gp3",
        "The StorageClass gp3 becomes the only default: encrypted, waits for the first pod, can grow. Volumes that exist do not change.",
    ),
    entry(
        "metrics-server",
        "Metrics Server",
        Switch::Owner("METRICS_SERVER"),
        &["METRICS_SERVER", "METRICS_SERVER_INSECURE_TLS"],
        "metrics-server",
        "Answers metrics.k8s.io, which autoscaling and kubectl top read. Two replicas on system nodes.",
    ),
    entry(
        "cluster-autoscaler",
        "Cluster Autoscaler",
        Switch::Owner("CLUSTER_AUTOSCALER"),
        &["CLUSTER_AUTOSCALER"],
        "cluster-autoscaler",
        "Adds and removes nodes of tagged Auto Scaling groups. Its minor version equals the cluster's.",
    ),
    entry(
        "load-balancer-controller",
        "Load Balancer Controller",
        Switch::Owner("LOAD_BALANCER_CONTROLLER"),
        &["LOAD_BALANCER_CONTROLLER"],
        "aws-load-balancer-controller",
        "Makes load balancers for Services and Ingresses. It goes last, because its webhook answers every new Service.",
    ),
    entry(
        "io2",
        "io2 class",
        Switch::Flag("INSTALL_IO2_STORAGECLASS"),
        &["IO2_IOPS"],
        "io2",
        "A StorageClass for volumes that need low latency.",
    ),
    entry(
        "efs-csi",
        "EFS CSI driver",
        Switch::Flag("INSTALL_EFS_CSI"),
        &[],
        "aws-efs-csi-driver",
        "Mounts EFS file systems.",
    ),
    entry(
        "fsx-csi",
        "FSx Lustre CSI driver",
        Switch::Flag("INSTALL_FSX_CSI"),
        &["FSX_CSI_DELIVERY"],
        "aws-fsx-csi-driver",
        "Mounts FSx for Lustre file systems.",
    ),
    entry(
        "s3-csi",
        "S3 CSI driver",
        Switch::Flag("INSTALL_S3_CSI"),
        &["S3_BUCKET_ARNS"],
        "aws-mountpoint-s3-csi-driver",
        "Mounts S3 buckets as volumes through Mountpoint. Files cannot be renamed or edited in place. Rights: only the buckets you list.",
    ),
    entry(
        "karpenter",
        "Karpenter",
        Switch::Flag("INSTALL_KARPENTER"),
        &["KARPENTER_VERSION", "KARPENTER_NODEPOOL_TAINT"],
        "karpenter",
        "Makes nodes itself, without node groups. Its pool carries a taint, so that no pending pod is answered twice.",
    ),
    entry(
        "nvidia-device-plugin",
        "NVIDIA device plugin",
        Switch::WithGpu,
        &[],
        "nvidia-device-plugin",
        "Offers nvidia.com/gpu to the scheduler.",
    ),
    entry(
        "efa-device-plugin",
        "EFA device plugin",
        Switch::WithGpu,
        &[],
        "aws-efa-k8s-device-plugin",
        "Offers vpc.amazonaws.com/efa to the scheduler. It tolerates the GPU taint.",
    ),
    entry(
        "node-monitoring-agent",
        "Node monitoring agent",
        Switch::Flag("INSTALL_NODE_MONITORING_AGENT"),
        &[],
        "eks-node-monitoring-agent",
        "Sets node conditions for GPU and network faults.",
    ),
    entry(
        "dcgm-exporter",
        "DCGM exporter",
        Switch::Flag("INSTALL_DCGM_EXPORTER"),
        &[],
        "dcgm-exporter",
        "GPU metrics in Prometheus form.",
    ),
];

/// The entry of an id.
pub fn find(id: &str) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.id == id)
}

impl Entry {
    /// The variable that switches it.
    pub fn variable(&self) -> Option<&'static str> {
        match self.switch {
            Switch::Owner(variable) | Switch::Flag(variable) => Some(variable),
            Switch::Fixed | Switch::WithGpu => None,
        }
    }
}
