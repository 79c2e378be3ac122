//! Recorded transcripts: what a container prints and how it ends. An unknown pair of image and command exits 127.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

const FILES: &[&str] = &[
    include_str!("../../../assets/sim/transcripts/services.toml"),
    include_str!("../../../assets/sim/transcripts/nvidia.toml"),
    include_str!("../../../assets/sim/transcripts/efa.toml"),
    include_str!("../../../assets/sim/transcripts/sts.toml"),
    include_str!("../../../assets/sim/transcripts/storage.toml"),
];

const DEVICES: &str = include_str!("../../../assets/sim/transcripts/devices.toml");

/// One recorded run of an image.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transcript {
    /// Repository, or its end after a slash: `eks/coredns` matches in every registry. Tag and digest do not count.
    pub image: String,
    /// `command` and `args` of the container, one after the other. Absent: any.
    pub command: Option<Vec<String>>,
    /// What the container must have: `gpu`, `efa` or `association`.
    #[serde(default)]
    pub needs: Option<String>,
    /// Runs until it is stopped.
    #[serde(default)]
    pub forever: bool,
    /// Seconds until it ends.
    #[serde(default = "default_seconds")]
    pub seconds: u64,
    #[serde(default)]
    pub exit: i64,
    /// Output. A line starting with `*gpu ` or `*efa ` is repeated for every device, `{name}` is filled in.
    #[serde(default)]
    pub output: String,
}

fn default_seconds() -> u64 {
    2
}

#[derive(Debug, Deserialize)]
struct File {
    transcript: Vec<Transcript>,
}

/// The GPU of an instance type as `nvidia-smi` names it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gpu {
    instance_types: Vec<String>,
    pub model: String,
    /// MiB.
    pub memory: u64,
    pub driver: String,
}

#[derive(Debug, Deserialize)]
struct Gpus {
    gpu: Vec<Gpu>,
}

/// What a container has that a transcript may ask for or print.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    /// Devices the container asked for and so got.
    pub gpus: u32,
    pub efa: u32,
    /// Role of the association whose credentials were injected.
    pub role: Option<String>,
    pub instance_type: String,
    pub node: String,
    pub account: String,
    pub pod: String,
}

fn table() -> &'static [Transcript] {
    static TABLE: OnceLock<Vec<Transcript>> = OnceLock::new();
    // A file that does not parse is an empty table: every container then exits 127, and a test names the file.
    TABLE.get_or_init(|| {
        FILES.iter().filter_map(|file| toml::from_str::<File>(file).ok()).flat_map(|file| file.transcript).collect()
    })
}

fn gpu_of(instance_type: &str) -> Option<Gpu> {
    let all: Gpus = toml::from_str(DEVICES).ok()?;
    all.gpu.into_iter().find(|gpu| gpu.instance_types.iter().any(|name| name == instance_type))
}

/// The repository of an image without tag and digest.
fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// The transcript of an image and a command, with its output filled in.
pub(crate) fn find(image: &str, command: &[String], around: &Surroundings) -> Option<Transcript> {
    let repository = repository(image);
    let fits = |transcript: &&Transcript| {
        let image = repository == transcript.image || repository.ends_with(&format!("/{}", transcript.image));
        let command = transcript.command.as_ref().is_none_or(|known| known.as_slice() == command);
        let has = match transcript.needs.as_deref() {
            None => true,
            Some("gpu") => around.gpus > 0,
            Some("efa") => around.efa > 0,
            Some("association") => around.role.is_some(),
            Some(_) => false,
        };
        image && command && has
    };
    let mut found = table().iter().find(fits)?.clone();
    found.output = render(&found.output, around);
    Some(found)
}

fn render(output: &str, around: &Surroundings) -> String {
    let gpu = gpu_of(&around.instance_type);
    let role = around.role.clone().unwrap_or_default();
    let role_name = role.rsplit('/').next().unwrap_or_default().to_owned();
    let mut names: BTreeMap<&str, String> = BTreeMap::from([
        ("gpus", around.gpus.to_string()),
        ("efa", around.efa.to_string()),
        ("node", around.node.clone()),
        ("pod", around.pod.clone()),
        ("account", around.account.clone()),
        ("instance_type", around.instance_type.clone()),
        ("role_arn", role),
        ("role_name", role_name),
        // A recorded block that is repeated as a whole is one line with this in place of line ends.
        ("nl", "\n".to_owned()),
    ]);
    if let Some(gpu) = gpu {
        names.insert("gpu_model", gpu.model);
        names.insert("gpu_memory", gpu.memory.to_string());
        names.insert("driver", gpu.driver);
    }
    let mut text = String::new();
    for line in output.lines() {
        let (line, count) = match (line.strip_prefix("*gpu "), line.strip_prefix("*efa ")) {
            (Some(rest), _) => (rest, Some(around.gpus)),
            (_, Some(rest)) => (rest, Some(around.efa)),
            _ => (line, None),
        };
        match count {
            None => text.push_str(&(fill(line, &names) + "\n")),
            Some(count) => {
                for index in 0..count {
                    // Bus addresses of the recorded machines are 17 apart; any distinct ones serve.
                    names.insert("index", index.to_string());
                    names.insert("bus", format!("{:02X}", 0x53 + index * 17 % 0x90));
                    names.insert("slot", (index * 17 % 200 + 36).to_string());
                    names.insert("hex", format!("{:012x}", 0x0a1b_2c3d_4e00_u64 + u64::from(index)));
                    text.push_str(&(fill(line, &names) + "\n"));
                }
            }
        }
    }
    text
}

fn fill(line: &str, names: &BTreeMap<&str, String>) -> String {
    names.iter().fold(line.to_owned(), |line, (name, value)| line.replace(&format!("{{{name}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_parses() {
        for file in FILES {
            let parsed = toml::from_str::<File>(file);
            assert!(parsed.is_ok(), "{:?}\n{}", parsed.err(), &file[..80]);
        }
        assert!(toml::from_str::<Gpus>(DEVICES).is_ok());
    }

    #[test]
    fn a_repository_has_neither_tag_nor_digest() {
        assert_eq!(
            repository("public.ecr.aws/amazonlinux/amazonlinux:2023-minimal"),
            "public.ecr.aws/amazonlinux/amazonlinux"
        );
        assert_eq!(repository("localhost:5000/x@sha256:abc"), "localhost:5000/x");
    }

    #[test]
    fn nvidia_smi_lists_as_many_gpus_as_the_container_got() {
        let around = Surroundings { gpus: 8, instance_type: "p5en.48xlarge".into(), ..Surroundings::default() };
        let command = ["nvidia-smi".to_owned(), "-L".to_owned()];
        let found = find("public.ecr.aws/amazonlinux/amazonlinux:2023-minimal", &command, &around).unwrap();
        assert_eq!(found.output.lines().count(), 8);
        assert!(found.output.starts_with("GPU 0: NVIDIA H200 (UUID: GPU-"), "{}", found.output);
        let without = Surroundings { gpus: 0, ..around };
        assert!(find("public.ecr.aws/amazonlinux/amazonlinux:2023-minimal", &command, &without).is_none());
    }
}
