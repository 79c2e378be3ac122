//! From command line to session and draft: which file counts, which environment is heard.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::folders::Folders;
use super::installed;
use super::session::{Session, SessionOptions, Simulate, seeded_env};
use crate::config::{self, Draft, LoadOptions, Loaded, Scope};
use crate::domain::ids::{ClusterName, Region};
use crate::domain::problem::{Problem, ProblemKind};

/// What the operator asked for, before anything was read.
#[derive(Debug, Clone)]
pub struct Request {
    /// `--env-file`.
    pub env_file: Option<PathBuf>,
    /// `--set NAME=VALUE`, as typed.
    pub sets: Vec<String>,
    /// Profile, region, cluster, kubeconfig, context.
    pub scope: Scope,
    /// Where state lies.
    pub folders: Folders,
    /// Simulated, and how.
    pub simulate: Option<Simulate>,
    /// Refuse everything that changes AWS or the cluster.
    pub read_only: bool,
    /// The process environment.
    pub environment: BTreeMap<String, String>,
}

impl Request {
    /// Reads the configuration: layers of product.md §3. Contacts nothing.
    ///
    /// # Errors
    /// A named file that cannot be read, a `--set` that is not `NAME=VALUE`, an unknown scenario.
    pub fn load(&self) -> Result<Loaded, Problem> {
        let mut sets = Vec::with_capacity(self.sets.len());
        for text in &self.sets {
            let (name, value) = text.split_once('=').ok_or_else(|| {
                Problem::new(ProblemKind::Usage, format!("--set {text} is not NAME=VALUE."))
                    .hint("write --set GPU_DESIRED_SIZE=2")
            })?;
            sets.push((name.trim().to_owned(), value.to_owned()));
        }
        let (env_file, named) = self.env_file()?;
        // A simulated run hears nothing of the real account: neither AWS_* nor KUBECONFIG nor endpoints.
        let environment = if self.simulate.is_some() { BTreeMap::new() } else { self.environment.clone() };
        config::load(LoadOptions {
            env_file: Some(env_file),
            named,
            environment,
            sets,
            region: self.scope.region.as_ref().map(ToString::to_string),
            cluster: self.scope.cluster.as_ref().map(ToString::to_string),
        })
    }

    /// The file that counts, as operators know it.
    pub fn shown_env_file(&self) -> String {
        match (&self.env_file, &self.simulate) {
            (Some(file), _) => file.display().to_string(),
            (None, Some(_)) => "sim .env".to_owned(),
            (None, None) => ".env".to_owned(),
        }
    }

    /// The file that counts, and whether the operator named it.
    fn env_file(&self) -> Result<(PathBuf, bool), Problem> {
        if let Some(file) = &self.env_file {
            return Ok((file.clone(), true));
        }
        match &self.simulate {
            Some(simulate) => Ok((seeded_env(&self.folders, &simulate.scenario, simulate.reset)?, true)),
            None => Ok((PathBuf::from(".env"), false)),
        }
    }

    /// Folder of runs and locks.
    pub fn state(&self) -> PathBuf {
        match &self.simulate {
            Some(simulate) => self.folders.simulated(&simulate.scenario),
            None => self.folders.root().to_path_buf(),
        }
    }

    /// Opens the session.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn open(&self, on_gap: fn(&str)) -> Result<Session, Problem> {
        let mut options = SessionOptions {
            scope: self.scope.clone(),
            folders: self.folders.clone(),
            simulate: self.simulate.clone(),
            read_only: self.read_only,
        };
        if installed::prepare(&options, on_gap).await?
            && let Some(simulate) = &mut options.simulate
        {
            simulate.reset = false;
        }
        Session::open(options, on_gap)
    }
}

/// The cluster and region that a draft names, as far as they are set.
pub fn named(draft: &Draft) -> (Option<ClusterName>, Option<Region>) {
    let text = |name: &str| Some(draft.effective(name)).filter(|value| !value.is_empty());
    (text("CLUSTER_NAME").map(ClusterName::from), text("AWS_REGION").map(Region::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Layer;

    fn request(state: &std::path::Path, simulated: bool, sets: &[&str]) -> Request {
        let simulate = simulated.then(|| Simulate {
            scenario: "default".to_owned(),
            speed: 240.0,
            reset: false,
            faults: String::new(),
        });
        Request {
            env_file: None,
            sets: sets.iter().map(|set| (*set).to_owned()).collect(),
            scope: Scope::default(),
            folders: Folders::choose(Some(state), |_| None).unwrap(),
            simulate,
            read_only: false,
            environment: BTreeMap::from([
                ("CLUSTER_NAME".to_owned(), "from-environment".to_owned()),
                ("AWS_REGION".to_owned(), "eu-north-1".to_owned()),
            ]),
        }
    }

    #[test]
    fn a_set_without_a_value_is_a_usage_error_that_shows_the_form() {
        let state = tempfile::tempdir().unwrap();
        let problem = request(state.path(), true, &["GPU_DESIRED_SIZE"]).load().unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Usage);
        assert_eq!(problem.message, "--set GPU_DESIRED_SIZE is not NAME=VALUE.");
        assert_eq!(problem.hints, ["write --set GPU_DESIRED_SIZE=2"]);
    }

    #[test]
    fn the_value_of_a_set_may_hold_equal_signs_and_the_last_one_counts() {
        let state = tempfile::tempdir().unwrap();
        let sets = ["SYSTEM_NODEGROUP=a", " SYSTEM_NODEGROUP =b=c"];
        let draft = request(state.path(), true, &sets).load().unwrap().draft;
        assert_eq!(draft.effective("SYSTEM_NODEGROUP"), "b=c");
        assert_eq!(draft.provenance("SYSTEM_NODEGROUP"), Layer::Flag);
    }

    #[test]
    fn a_simulated_run_reads_its_own_file_and_no_environment() {
        let state = tempfile::tempdir().unwrap();
        let loaded = request(state.path(), true, &[]).load().unwrap();
        assert_eq!(loaded.draft.file().unwrap(), state.path().join("sim/default/.env"));
        assert_eq!(loaded.draft.effective("CLUSTER_NAME"), "orbit-train");
        assert_eq!(named(&loaded.draft).1, Some(Region::from("us-east-2")));
    }

    #[test]
    fn the_seeded_file_is_kept_until_a_reset() {
        let state = tempfile::tempdir().unwrap();
        let mut request = request(state.path(), true, &[]);
        request.load().unwrap();
        let file = state.path().join("sim/default/.env");
        std::fs::write(&file, "CLUSTER_NAME=mine\n").unwrap();
        assert_eq!(request.load().unwrap().draft.effective("CLUSTER_NAME"), "mine");
        request.simulate = request.simulate.map(|simulate| Simulate { reset: true, ..simulate });
        assert_eq!(request.load().unwrap().draft.effective("CLUSTER_NAME"), "orbit-train");
    }

    #[test]
    fn an_unknown_scenario_is_a_usage_error_and_makes_no_folder() {
        let state = tempfile::tempdir().unwrap();
        let mut request = request(state.path(), true, &[]);
        request.simulate = request.simulate.map(|simulate| Simulate { scenario: "nowhere".to_owned(), ..simulate });
        let problem = request.load().unwrap_err();
        assert_eq!((problem.kind, problem.message.as_str()), (ProblemKind::Usage, "There is no scenario nowhere."));
        assert!(!state.path().join("sim").exists());
    }

    #[test]
    fn a_live_run_keeps_its_state_at_the_root_and_a_simulated_one_below_it() {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(request(state.path(), false, &[]).state(), state.path());
        assert_eq!(request(state.path(), true, &[]).state(), state.path().join("sim/default"));
    }
}
