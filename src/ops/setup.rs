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
