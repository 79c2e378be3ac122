//! User data of GPU nodes: local storage or a data volume, nothing else. EKS merges its own part.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Group;

/// The instance store as one RAID 0 for kubelet and containerd (nodeadm).
const LOCAL_STORAGE: &str = include_str!("../../../../assets/userdata/local-storage.yaml");

/// The data volume at `/data`.
const DATA_VOLUME: &str = include_str!("../../../../assets/userdata/data-volume.sh");

/// Separates the parts of the MIME message.
const BOUNDARY: &str = "==eks-wizard==";

/// The user data in base64; `None` when there is nothing to set up.
pub fn encoded(of: &Group<'_>) -> Option<String> {
    plain(of).map(|text| STANDARD.encode(text))
}

/// The MIME message that user data in base64 holds.
pub fn decoded(encoded: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
}

fn plain(of: &Group<'_>) -> Option<String> {
    if of.spec.volumes.data_gib > 0 {
        return Some(message("text/x-shellscript; charset=\"us-ascii\"", DATA_VOLUME));
    }
    (of.kind.instance_store_gb > 0).then(|| message("application/node.eks.aws", LOCAL_STORAGE))
}

fn message(content_type: &str, part: &str) -> String {
    format!(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\n\n\
         --{BOUNDARY}\nContent-Type: {content_type}\n\n{part}\n--{BOUNDARY}--\n"
    )
}
