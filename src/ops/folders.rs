//! Where this program keeps its state: runs, locks, simulated worlds. Everything private to the user.

use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::problem::{Problem, ProblemKind};

/// The state folder and what lies in it.
#[derive(Debug, Clone)]
pub struct Folders {
    root: PathBuf,
}

impl Folders {
    /// The folder given by `--state-dir`, else `$XDG_STATE_HOME/eks-wizard`, else `~/.local/state/eks-wizard`.
    ///
    /// `environment` answers for a variable; it is a parameter so that tests need no process environment.
    pub fn choose(flag: Option<&Path>, environment: impl Fn(&str) -> Option<String>) -> Result<Self, Problem> {
        if let Some(root) = flag {
            return Ok(Self { root: root.to_path_buf() });
        }
        // The XDG specification demands that relative paths are ignored.
        let absolute = |name: &str| environment(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
        let base = base.ok_or_else(|| {
            Problem::new(ProblemKind::Usage, "There is no folder for state: neither XDG_STATE_HOME nor HOME is set.")
                .hint("give --state-dir FOLDER")
        })?;
        Ok(Self { root: base.join("eks-wizard") })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Folder of a simulated world: its log, its `.env`, its runs.
    pub fn simulated(&self, scenario: &str) -> PathBuf {
        self.root.join("sim").join(scenario)
    }

    /// Makes `folder` and its parents, readable by the user only.
    pub fn make(folder: &Path) -> Result<(), Problem> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder.create(folder).map_err(|error| {
            Problem::new(ProblemKind::Usage, format!("The state folder {} cannot be made.", folder.display()))
                .because(error.to_string())
                .hint("give --state-dir FOLDER with a folder you may write to")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_then_xdg_then_home() {
        let env = |name: &str| match name {
            "XDG_STATE_HOME" => Some("/x".to_owned()),
            "HOME" => Some("/home/op".to_owned()),
            _ => None,
        };
        assert_eq!(Folders::choose(Some(Path::new("/f")), env).unwrap().root(), Path::new("/f"));
        assert_eq!(Folders::choose(None, env).unwrap().root(), Path::new("/x/eks-wizard"));
        let home = |name: &str| (name == "HOME").then(|| "/home/op".to_owned());
        assert_eq!(Folders::choose(None, home).unwrap().root(), Path::new("/home/op/.local/state/eks-wizard"));
        assert!(Folders::choose(None, |_| None).is_err());
    }

    #[test]
    fn a_relative_xdg_folder_is_ignored() {
        let env = |name: &str| match name {
            "XDG_STATE_HOME" => Some("state".to_owned()),
            "HOME" => Some("/home/op".to_owned()),
            _ => None,
        };
        assert_eq!(Folders::choose(None, env).unwrap().root(), Path::new("/home/op/.local/state/eks-wizard"));
    }
}
