//! One operator at a time per cluster: an advisory lock on a file, released by the kernel when the process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::writer::private_folder;
use crate::domain::facts::Place;
use crate::domain::ids::RunId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::time::Stamp;

/// Who holds a lock, as the lock file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Host name.
    pub host: String,
    /// The run it works on; `None` before it has one.
    pub run: Option<RunId>,
    /// Since when.
    pub since: Stamp,
}

impl Holder {
    /// This process.
    pub fn this_process(run: Option<RunId>, since: Stamp) -> Self {
        Self { pid: std::process::id(), host: host_name(), run, since }
    }
}

/// Why a lock was not got.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("the lock {path} is held by process {} on {}", .holder.pid, .holder.host)]
    Held {
        /// Lock file.
        path: PathBuf,
        /// Who has it.
        holder: Box<Holder>,
    },
    /// The lock file cannot be used.
    #[error("the lock {path} cannot be used: {error}")]
    Io {
        /// Lock file.
        path: PathBuf,
        /// What the disk says.
        error: std::io::Error,
    },
}

impl From<LockError> for Problem {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held { path, holder } => {
                let run = holder.run.map(|run| format!(" with run {run}")).unwrap_or_default();
                Self::new(
                    ProblemKind::Locked,
                    format!(
                        "Process {} on {} works on this cluster{run} since {}.",
                        holder.pid,
                        holder.host,
                        holder.since.rfc3339_seconds()
                    ),
                )
                .because(format!("it holds the lock {}", path.display()))
                .hint(format!(
                    "wait until process {} on {} ends, or stop it there, then repeat",
                    holder.pid, holder.host
                ))
            }
            LockError::Io { path, error } => {
                Self::new(ProblemKind::Internal, format!("The lock file {} cannot be used.", path.display()))
                    .because(error.to_string())
                    .hint("name a writable folder with --state-dir")
            }
        }
    }
}

/// A lock that is held as long as this value lives.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock of a cluster, `<state>/locks/<account>-<region>-<cluster>.lock`, or says who has it.
    ///
    /// # Errors
    /// [`LockError::Held`] at once, without waiting; [`LockError::Io`] when the folder cannot be written.
    pub fn acquire(state: &Path, place: &Place, holder: &Holder) -> Result<Self, LockError> {
        let name = format!("{}-{}-{}.lock", place.account, place.region, place.cluster);
        let path = state.join("locks").join(name);
        let failed = |error| LockError::Io { path: path.clone(), error };
        private_folder(&state.join("locks")).map_err(failed)?;
        // Not truncated here: until the lock is ours the words inside belong to its holder.
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held { holder: Box::new(reads(&mut file)), path }),
            Err(TryLockError::Error(error)) => return Err(LockError::Io { path, error }),
        }
        let mut lock = Self { file, path: path.clone() };
        lock.name(holder).map_err(failed)?;
        Ok(lock)
    }

    /// Writes who holds it: called again once the run has an id.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn name(&mut self, holder: &Holder) -> std::io::Result<()> {
        let text = serde_json::to_vec(holder).map_err(std::io::Error::other)?;
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&text)
    }

    /// Lock file. It stays when the lock is released: removing it would let two processes lock two files of one name.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Who the file says holds it; a holder that was just about to write its name has none yet.
fn reads(file: &mut File) -> Holder {
    let mut text = String::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_string(&mut text));
    read.ok().and_then(|_| serde_json::from_str(&text).ok()).unwrap_or_else(|| Holder {
        pid: 0,
        host: "an unnamed host".to_owned(),
        run: None,
        since: Stamp::EPOCH,
    })
}

fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("HOSTNAME").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this host".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(cluster: &str) -> Place {
        Place { account: "111122223333".into(), region: "us-east-2".into(), cluster: cluster.into() }
    }

    #[test]
    fn the_second_taker_learns_pid_host_and_run() {
        let state = tempfile::tempdir().unwrap();
        let holder = Holder { pid: 4711, host: "ops-1".into(), run: Some("7f3a".into()), since: Stamp::EPOCH };
        let lock = Lock::acquire(state.path(), &place("demo"), &holder).unwrap();
        let other = Holder::this_process(None, Stamp::EPOCH);
        let problem: Problem = Lock::acquire(state.path(), &place("demo"), &other).unwrap_err().into();
        assert_eq!(problem.kind, ProblemKind::Locked);
        for word in ["4711", "ops-1", "7f3a"] {
            assert!(problem.message.contains(word), "{word} in {problem}");
        }
        assert!(Lock::acquire(state.path(), &place("other"), &other).is_ok(), "another cluster has its own lock");
        drop(lock);
        assert!(Lock::acquire(state.path(), &place("demo"), &other).is_ok(), "a released lock is free");
    }
}
