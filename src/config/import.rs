//! The `.env` of the original project: it loads unchanged, and where a name means something else now, that is told.
//!
//! The original's names and defaults are those of its design document (4.3.1 and 5.1), the reasons those of
//! product.md section 9.

use std::fmt;

use serde::Serialize;

use super::draft::{Draft, Layer};
use super::field::parse_flag;

/// The names of the original's table that identify its files; cluster, Region and subnets are anybody's.
const NAMES: [&str; 21] = [
    "INSTALL_IO2_STORAGECLASS",
    "IO2_IOPS",
    "INSTALL_KARPENTER",
    "KARPENTER_VERSION",
    "INSTALL_EFS_CSI",
    "INSTALL_FSX_CSI",
    "INSTALL_S3_CSI",
    "GPU_INSTANCE_TYPE",
    "GPU_NODE_GROUP_NAME",
    "GPU_MIN_SIZE",
    "GPU_DESIRED_SIZE",
    "GPU_MAX_SIZE",
    "NVIDIA_DRIVER_VERSION",
    "EFA_DRIVER_VERSION",
    "NCCL_VERSION",
    "GPU_ROOT_VOLUME_SIZE",
    "GPU_DATA_VOLUME_SIZE",
    "GPU_NUM_ENIS",
    "GPU_SUBNET_A",
    "GPU_SUBNET_B",
    "GPU_SUBNET_C",
];

/// Names that the original and this program share, and that say nothing about whose file it is.
const SHARED: [&str; 5] = ["CLUSTER_NAME", "AWS_REGION", "PRIVATE_SUBNET_A", "PRIVATE_SUBNET_B", "PRIVATE_SUBNET_C"];

/// So many of the original's names make a file the original's.
const ENOUGH: usize = 5;

/// A setting of the original project that means something else now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MeaningChange {
    /// The variable or variables.
    pub variable: &'static str,
    /// The value in the file; empty when the file does not set it.
    pub value: String,
    /// What it meant.
    pub was: &'static str,
    /// What it means.
    pub is: &'static str,
    /// Why.
    pub why: &'static str,
}

impl fmt::Display for MeaningChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, value, was, is, why } = self;
        let value = if value.is_empty() { "not set".to_owned() } else { format!("={value}") };
        let gap = if value.starts_with('=') { "" } else { ", " };
        write!(f, "{variable}{gap}{value}\n  was: {was}\n  is:  {is}\n  why: {why}")
    }
}

/// When a change is told.
#[derive(Clone, Copy)]
enum When {
    /// The file sets the variable, and its effective value passes the test.
    Set(fn(&str) -> bool),
    /// The file does not set it, so that the default counts.
    Unset,
}

/// Variable, when it is told, what it was, what it is, why.
type Rule = (&'static str, When, [&'static str; 3]);

/// Whether the file that a draft was read from is one of the original project: it has names of the original's table and
/// none that only this program knows.
pub fn is_original(draft: &Draft) -> bool {
    let in_file = |name: &&str| of_file(draft, name).is_some();
    let own = draft.names().filter(in_file).filter(|name| super::find(name).is_some());
    let mut known = 0;
    for name in own {
        if NAMES.contains(&name) {
            known += 1;
        } else if !SHARED.contains(&name) {
            return false;
        }
    }
    known >= ENOUGH
}

/// What changed in meaning for a file of the original project; nothing for any other file.
pub fn changes(draft: &Draft) -> Vec<MeaningChange> {
    if !is_original(draft) {
        return Vec::new();
    }
    let told = |(variable, when, [was, is, why]): &Rule| {
        let name = variable.split(',').next().unwrap_or(variable);
        let value = of_file(draft, name);
        let counts = match (when, value) {
            (When::Set(test), Some(_)) => test(&draft.effective(name)),
            (When::Unset, value) => value.is_none(),
            (When::Set(_), None) => false,
        };
        let value = value.unwrap_or_default().to_owned();
        counts.then_some(MeaningChange { variable, value, was, is, why })
    };
    RULES.iter().filter_map(told).collect()
}

fn of_file<'a>(draft: &'a Draft, name: &str) -> Option<&'a str> {
    let entry = draft.entries(name).iter().find(|entry| matches!(entry.layer, Layer::File { .. }))?;
    Some(entry.text.as_str())
}

fn is_on(text: &str) -> bool {
    parse_flag(text) == Some(true)
}

fn is_no_flag(text: &str) -> bool {
    !text.is_empty() && parse_flag(text).is_none()
}

fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == 'v')
}

const UNKNOWN_WORD: [&str; 3] = [
    "any word but true, 1 and yes was false, silently",
    "an error that names file and line; config check --fix writes the word that was probably meant",
    "a misspelt switch left a component out and nobody was told",
];

static RULES: &[Rule] = &[
    ("INSTALL_IO2_STORAGECLASS", When::Set(is_no_flag), UNKNOWN_WORD),
    ("INSTALL_KARPENTER", When::Set(is_no_flag), UNKNOWN_WORD),
    ("INSTALL_EFS_CSI", When::Set(is_no_flag), UNKNOWN_WORD),
    ("INSTALL_FSX_CSI", When::Set(is_no_flag), UNKNOWN_WORD),
    ("INSTALL_S3_CSI", When::Set(is_no_flag), UNKNOWN_WORD),
    (
        "IO2_IOPS",
        When::Set(|text| text.parse().is_ok_and(|value: u64| !(1_000..=64_000).contains(&value))),
        [
            "outside 1,000 to 64,000 it became 10,000 with a warning",
            "taken as it is from 100 to 256,000; outside of that it is an error",
            "io2 has these limits today, and nothing is replaced silently",
        ],
    ),
    (
        "INSTALL_KARPENTER",
        When::Set(is_on),
        [
            "one NodePool without a taint, beside Cluster Autoscaler",
            "the NodePool carries KARPENTER_NODEPOOL_TAINT; pods that shall run there tolerate it",
            "without it both autoscalers start nodes for the same pod",
        ],
    ),
    (
        "KARPENTER_VERSION",
        When::Set(is_version),
        [
            "this version was installed, whatever the cluster's version",
            "KAR-001 checks it against the cluster's minor; auto takes the newest that fits",
            "each Karpenter release supports certain Kubernetes minors only",
        ],
    ),
    (
        "INSTALL_EFS_CSI",
        When::Set(is_on),
        [
            "installed from manifests",
            "the EKS add-on with a Pod Identity role",
            "EKS keeps add-ons fitting the cluster",
        ],
    ),
    (
        "INSTALL_FSX_CSI",
        When::Set(is_on),
        [
            "installed from a manifest, for Lustre and ONTAP",
            "the EKS add-on, for Lustre only; FSX_CSI_DELIVERY=manifest applies the manifest",
            "the driver never served ONTAP, which has its own",
        ],
    ),
    (
        "INSTALL_S3_CSI",
        When::Set(is_on),
        [
            "a basic setup whose role reached every bucket",
            "needs S3_BUCKET_ARNS, and its role reaches exactly these buckets",
            "a wildcard policy gives each pod that mounts a bucket all the others as well",
        ],
    ),
    (
        "METRICS_SERVER_INSECURE_TLS",
        When::Unset,
        [
            "Metrics Server always ran with --kubelet-insecure-tls",
            "it checks the kubelets' certificates; true brings the flag back with a warning",
            "EKS kubelets serve certificates that the cluster's CA signed",
        ],
    ),
    (
        "INSTALL_GPU_NODEGROUP",
        When::Unset,
        [
            "running script 9 made the GPU node group",
            "false: the settings of the GPU node group count only when it is true",
            "one apply installs everything, so GPU nodes are a choice in the file",
        ],
    ),
    (
        "GPU_INSTANCE_TYPE",
        When::Set(|text| text != "p5en.48xlarge"),
        [
            "16 network interfaces for every P5 type",
            "what the type has: 32 for p5 and p5e, 16 for p5en, 1 for p5.4xlarge",
            "the number of network cards differs by type (EC2 DescribeInstanceTypes)",
        ],
    ),
    (
        "GPU_NUM_ENIS",
        When::Set(|text| text != "auto"),
        [
            "anything but 16 became 16 with a warning",
            "exactly what the layout makes, else LT-003 stops the plan and names the number; auto takes it",
            "16 is right for p5en only, and nothing is replaced silently",
        ],
    ),
    (
        "NVIDIA_DRIVER_VERSION",
        When::Set(is_version),
        [
            "user data installed this driver on each node",
            "the least version that the AMI must carry (AMI-001); GPU_DRIVER_MODE=install pins it",
            "the AL2023 NVIDIA AMI carries a driver, and installing a second one over it breaks it",
        ],
    ),
    (
        "EFA_DRIVER_VERSION",
        When::Set(|text| text == "latest" || is_version(text)),
        [
            "user data installed this EFA release on each node",
            "the AMI's EFA: latest leaves it to the AMI release, a version is the least that it must carry (AMI-001)",
            "the AL2023 NVIDIA AMI carries EFA, tested with its kernel",
        ],
    ),
    (
        "NCCL_VERSION",
        When::Set(is_version),
        [
            "NCCL and its variables were put on each host",
            "the tag of the image that verification runs; only GPU_DRIVER_MODE=install puts it on the host",
            "containers bring their own NCCL and never see the host's",
        ],
    ),
    (
        "GPU_DATA_VOLUME_SIZE",
        When::Unset,
        [
            "1,000 GiB by default",
            "0: the instance store becomes one RAID0 volume",
            "a P5 of size 48xlarge brings 8 local disks of 3.84 TB; a volume beside them is a choice",
        ],
    ),
    (
        "GPU_DATA_VOLUME_SIZE",
        When::Set(|text| text.parse().is_ok_and(|value: u64| value > 0)),
        [
            "a volume found by its device name",
            "a gp3 volume of this size found by its serial and mounted at /data; 0 takes the instance store instead",
            "the order of NVMe device names changes from boot to boot",
        ],
    ),
    (
        "GPU_SUBNET_A, GPU_SUBNET_B, GPU_SUBNET_C",
        When::Set(|_| true),
        [
            "the subnets of interface 0, of 1 to 7 and of 8 to 15",
            "candidates for the one subnet of the group; candidates in several zones stop the plan until GPU_SUBNET names one",
            "EKS refuses subnets in the template of a managed group, and one instance lies in one Availability Zone",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{EnvFile, example};

    const ORIGINAL: &str = include_str!("../../tests/configs/valid/original.env");

    fn draft(text: &str) -> Draft {
        let mut draft = Draft::default();
        draft.reload(&EnvFile::parse(Path::new(".env"), text).0);
        draft
    }

    fn names(text: &str) -> Vec<&'static str> {
        changes(&draft(text)).iter().map(|change| change.variable).collect()
    }

    #[test]
    fn the_original_defaults_are_told_what_changed() {
        let want = [
            "KARPENTER_VERSION",
            "METRICS_SERVER_INSECURE_TLS",
            "INSTALL_GPU_NODEGROUP",
            "GPU_NUM_ENIS",
            "NVIDIA_DRIVER_VERSION",
            "EFA_DRIVER_VERSION",
            "NCCL_VERSION",
            "GPU_DATA_VOLUME_SIZE",
            "GPU_SUBNET_A, GPU_SUBNET_B, GPU_SUBNET_C",
        ];
        assert_eq!(names(ORIGINAL), want);
    }

    #[test]
    fn each_rule_speaks_in_some_file() {
        let odd = ORIGINAL
            .replace("IO2_IOPS=10000", "IO2_IOPS=200")
            .replace("p5en.48xlarge", "p5.48xlarge")
            .replace("GPU_DATA_VOLUME_SIZE=1000\n", "");
        let flags =
            ["INSTALL_IO2_STORAGECLASS", "INSTALL_KARPENTER", "INSTALL_EFS_CSI", "INSTALL_FSX_CSI", "INSTALL_S3_CSI"];
        let with = |word: &str| {
            flags
                .iter()
                .fold(odd.clone(), |text, flag| text.replace(&format!("{flag}=false"), &format!("{flag}={word}")))
        };
        let mut told: Vec<String> = Vec::new();
        for text in [ORIGINAL.to_owned(), with("true"), with("on")] {
            told.extend(changes(&draft(&text)).iter().map(|change| format!("{}{}", change.variable, change.was)));
        }
        for (variable, _, [was, ..]) in RULES {
            assert!(told.contains(&format!("{variable}{was}")), "{variable} is never told: {was}");
        }
    }

    #[test]
    fn a_file_of_this_program_is_told_nothing() {
        assert_eq!(names(&example()), [""; 0]);
        assert_eq!(names(&format!("{ORIGINAL}GPU_ENI_LAYOUT=all-efa\n")), [""; 0]);
        assert_eq!(names("CLUSTER_NAME=a\nINSTALL_EFS_CSI=true\n"), [""; 0]);
        assert_eq!(names(""), [""; 0]);
    }

    #[test]
    fn flags_and_environment_do_not_make_a_file_the_originals() {
        let mut draft = draft("CLUSTER_NAME=a\n");
        for name in NAMES {
            draft.set(name, "1", Layer::Environment);
        }
        assert!(!is_original(&draft));
    }

    #[test]
    fn the_table_names_settings_and_reads_as_a_list() {
        for (variable, ..) in RULES {
            assert!(variable.split(", ").all(|name| crate::config::find(name).is_some()), "{variable}");
        }
        let first = changes(&draft(ORIGINAL)).remove(0).to_string();
        assert!(first.starts_with("KARPENTER_VERSION=1.1.0\n  was: "), "{first}");
    }
}
