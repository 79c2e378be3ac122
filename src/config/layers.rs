//! Reads all layers into one draft: defaults, then the env file, the process environment, the flags.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use super::draft::{Draft, Layer};
use super::file::EnvFile;
use super::issue::Issue;
use super::spec::Spec;
use super::{phrase, registry, save, template, validate};
use crate::domain::problem::{Problem, ProblemKind};

/// Where the layers are. Nothing is read from the process itself, so tests and simulated runs are closed.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The env file; `None` reads none.
    pub env_file: Option<PathBuf>,
    /// Whether the operator named it: then its absence is an error.
    pub named: bool,
    /// The process environment; empty in a simulated run.
    pub environment: BTreeMap<String, String>,
    /// `--set NAME=VALUE`, in order.
    pub sets: Vec<(String, String)>,
    /// `--region`.
    pub region: Option<String>,
    /// `--cluster`.
    pub cluster: Option<String>,
}

/// What was read.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// All layers.
    pub draft: Draft,
    /// The file, for editing and saving; empty when there is none.
    pub file: EnvFile,
    /// Faults of file and flags. [`Loaded::spec`] adds those of the values.
    pub issues: Vec<Issue>,
}

impl Loaded {
    /// The configuration with all warnings, or every issue when one of them is an error.
    ///
    /// # Errors
    /// All issues of file, flags and values, when at least one stops.
    pub fn spec(&self) -> Result<(Spec, Vec<Issue>), Vec<Issue>> {
        if self.file.broken {
            return Err(self.issues.clone());
        }
        let result = validate(&self.draft);
        let mut issues = self.issues.clone();
        match result {
            Ok((spec, warnings)) if !issues.iter().any(Issue::is_error) => {
                issues.extend(warnings);
                Ok((spec, issues))
            }
            Ok((_, more)) | Err(more) => {
                issues.extend(more);
                Err(issues)
            }
        }
    }
}

/// Reads the layers.
///
/// # Errors
/// The named file does not exist, or a file exists and cannot be read: a usage error, exit code 2.
pub fn load(options: LoadOptions) -> Result<Loaded, Problem> {
    let (file, mut issues) = read(&options)?;
    let mut draft = Draft::default();
    draft.reload(&file);
    for (name, value) in &options.sets {
        if registry::find(name).is_some() {
            draft.set(name, value, Layer::Flag);
        } else {
            issues.push(unknown_set(name));
        }
    }
    let flags = [("AWS_REGION", options.region), ("CLUSTER_NAME", options.cluster)];
    for (name, value) in flags {
        if let Some(value) = value {
            draft.set(name, &template::literal(&value), Layer::Flag);
        }
    }
    let named =
        |name: &str| file.assignments().map(|of| of.text).any(|text| template::references(text).any(|of| of == name));
    let set = |name: &str| options.sets.iter().any(|(_, text)| template::references(text).any(|of| of == name));
    for (name, value) in options.environment.iter().filter(|(_, value)| !value.is_empty()) {
        if registry::find(name).is_some() {
            draft.set(name, &template::literal(value), Layer::Environment);
        } else if named(name) || set(name) {
            draft.remember(name, value);
        }
    }
    Ok(Loaded { draft, file, issues })
}

fn read(options: &LoadOptions) -> Result<(EnvFile, Vec<Issue>), Problem> {
    let Some(path) = &options.env_file else { return Ok((EnvFile::empty(".env".as_ref()), Vec::new())) };
    match fs::read(path) {
        Ok(bytes) => Ok(EnvFile::from_bytes(path, &bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !options.named => {
            Ok((EnvFile::empty(path), Vec::new()))
        }
        Err(error) => {
            let hint = "Name another file with --env-file, or print one with: eks-wizard config example.";
            let message = format!("The env file {} is not read.", path.display());
            Err(Problem::new(ProblemKind::Usage, message).because(save::reason(&error)).hint(hint))
        }
    }
}

fn unknown_set(name: &str) -> Issue {
    let shown = phrase::quoted(name);
    Issue::error("CFG-005", format!("--set names {shown}, which {}", unknown(name))).about(name)
}

/// `is no variable of this version.` and the nearest name, to follow a name.
pub(super) fn unknown(name: &str) -> String {
    let near = phrase::nearest(name, registry().iter().map(|def| def.name));
    let hint = near.map_or(String::new(), |near| format!(" The nearest known name is {near}."));
    format!("is no variable of this version.{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Region;

    fn options(text: &str) -> (tempfile::TempDir, LoadOptions) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, text).unwrap();
        (folder, LoadOptions { env_file: Some(path), named: true, ..LoadOptions::default() })
    }

    #[test]
    fn file_environment_and_flags_override_in_that_order() {
        let (_folder, mut options) = options("CLUSTER_NAME=a\nAWS_REGION=us-east-1\nSYSTEM_NODEGROUP=file\n");
        options.environment.insert("AWS_REGION".into(), "us-east-2".into());
        options.environment.insert("CLUSTER_NAME".into(), "env".into());
        options.environment.insert("SYSTEM_NODEGROUP".into(), String::new());
        options.cluster = Some("flag".into());
        let loaded = load(options).unwrap();
        let (spec, _) = loaded.spec().unwrap();
        assert_eq!((spec.cluster.as_str(), spec.region), ("flag", Some(Region::new("us-east-2"))));
        assert_eq!(spec.components.system_nodegroup, "file", "an empty variable of the environment is no value");
    }

    #[test]
    fn only_a_named_file_must_exist() {
        let mut options = LoadOptions { env_file: Some("/nowhere/.env".into()), named: true, ..LoadOptions::default() };
        let problem = load(options.clone()).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Usage);
        assert!(problem.to_string().contains("/nowhere/.env") && problem.to_string().contains("does not exist"));
        options.named = false;
        assert!(load(options).unwrap().issues.is_empty());
    }

    #[test]
    fn a_folder_is_no_env_file() {
        let folder = tempfile::tempdir().unwrap();
        let options = LoadOptions { env_file: Some(folder.path().into()), named: false, ..LoadOptions::default() };
        assert!(load(options).unwrap_err().to_string().contains("folder"));
    }

    #[test]
    fn a_set_of_an_unknown_name_stops_and_names_the_nearest() {
        let (_folder, mut options) = options("CLUSTER_NAME=a\n");
        options.sets.push(("GPU_MAXSIZE".into(), "3".into()));
        let issues = load(options).unwrap().spec().unwrap_err();
        assert!(issues[0].message.contains("GPU_MAX_SIZE"), "{}", issues[0]);
    }

    #[test]
    fn references_see_the_environment_that_they_name() {
        let (_folder, mut options) = options("CLUSTER_NAME=${STAGE}-train\n");
        options.environment.insert("STAGE".into(), "orbit".into());
        options.environment.insert("HOME".into(), "/root".into());
        let loaded = load(options).unwrap();
        assert_eq!(loaded.draft.effective("CLUSTER_NAME"), "orbit-train");
        assert!(!format!("{:?}", loaded.draft).contains("/root"));
    }
}
