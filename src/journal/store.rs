//! The folder of journals: `<state>/runs/<cluster>/<run>.jsonl`.

use std::io;
use std::path::{Path, PathBuf};

use super::reader;
use super::record::{Backend, Header, Record};
use super::recover::{Recovered, recover};
use super::writer::{Log, Writer};
use crate::domain::ids::{ClusterName, PlanId, RunId};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::time::Stamp;
use crate::events::event::{Body, Event, RunEnd};

/// Journals of one state folder.
#[derive(Debug, Clone)]
pub struct RunStore {
    runs: PathBuf,
}

/// A run as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Run.
    pub run: RunId,
    /// Cluster.
    pub cluster: ClusterName,
    /// When it was made.
    pub at: Stamp,
    /// Plan.
    pub plan: PlanId,
    /// Live or simulated.
    pub backend: Backend,
    /// How it ended; `None` for a run that was killed or still runs.
    pub end: Option<RunEnd>,
    /// Steps done, and all. All is 0 when it was killed before its first event.
    pub progress: (usize, usize),
    /// Whether `resume` has something to do.
    pub unfinished: bool,
    /// Journal file.
    pub path: PathBuf,
}

/// A run that is opened to go on.
#[derive(Debug)]
pub struct Reopened {
    /// What the journal says.
    pub recovered: Recovered,
    /// Appends behind its last whole record.
    pub writer: Writer,
    /// Remarks of the reader, one sentence each.
    pub notes: Vec<String>,
}

impl RunStore {
    /// The journals below a state folder; nothing is made until a run is.
    pub fn open(state: &Path) -> Self {
        Self { runs: state.join("runs") }
    }

    /// Where the journal of a run is.
    pub fn path(&self, cluster: &ClusterName, run: &RunId) -> PathBuf {
        self.runs.join(cluster.as_str()).join(format!("{run}.jsonl"))
    }

    /// Begins a journal: the header is on the disk when this returns.
    ///
    /// # Errors
    /// When the folder cannot be written or the run exists.
    pub fn create(&self, header: &Header) -> Result<Writer, Problem> {
        let path = self.path(&header.plan.place.cluster, &header.run);
        let begun = Writer::create(&path).and_then(|mut writer| {
            writer.append(&Record::Header(Box::new(header.clone())))?;
            Ok(writer)
        });
        begun.map_err(|error| unwritable(&path, &error))
    }

    /// Reads a run and opens it for appending. Hold the lock of its cluster first.
    ///
    /// # Errors
    /// When there is no such run, or its journal is damaged or newer.
    pub fn reopen(&self, cluster: &ClusterName, run: &RunId) -> Result<Reopened, Problem> {
        // The name comes from a command line and becomes a path.
        if !run.as_str().chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') {
            return Err(Problem::new(ProblemKind::Usage, format!("{run} is not the id of a run."))
                .hint("list the runs with eks-wizard runs"));
        }
        let path = self.path(cluster, run);
        let bytes = std::fs::read(&path).map_err(|error| {
            Problem::new(ProblemKind::Usage, format!("The run {run} of cluster {cluster} cannot be read."))
                .because(format!("{}: {error}", path.display()))
                .hint("list the runs with eks-wizard runs")
        })?;
        let reading = reader::read(&path.display().to_string(), &bytes)?;
        let recovered = recover(&reading.records)?;
        let writer = Writer::reopen(&path, reading.end).map_err(|error| unwritable(&path, &error))?;
        Ok(Reopened { recovered, writer, notes: reading.notes })
    }

    /// Every run, newest first, and one sentence for each journal that cannot be read.
    ///
    /// # Errors
    /// When the folder exists and cannot be read.
    pub fn runs(&self) -> Result<(Vec<RunSummary>, Vec<String>), Problem> {
        let (mut found, mut notes) = (Vec::new(), Vec::new());
        for path in self.files().map_err(|error| unreadable(&self.runs, &error))? {
            match summary(&path) {
                Ok(Some(run)) => found.push(run),
                Ok(None) => {}
                Err(problem) => notes.push(problem.message),
            }
        }
        found.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.run.cmp(&a.run)));
        Ok((found, notes))
    }

    /// The newest run of a cluster that `resume` can go on with. A newer finished run hides older unfinished ones:
    /// what they left undone was planned anew since.
    ///
    /// # Errors
    /// When the folder exists and cannot be read.
    pub fn newest_unfinished(&self, cluster: &ClusterName) -> Result<Option<RunSummary>, Problem> {
        let (runs, _) = self.runs()?;
        Ok(runs.into_iter().find(|run| run.cluster == *cluster).filter(|run| run.unfinished))
    }

    /// Closes a run because a newer plan takes its place.
    ///
    /// # Errors
    /// As [`RunStore::reopen`], and when the disk refuses.
    pub fn supersede(&self, cluster: &ClusterName, run: &RunId, at: Stamp) -> Result<(), Problem> {
        let mut opened = self.reopen(cluster, run)?;
        let event = Event {
            run: run.clone(),
            seq: opened.recovered.view.seq + 1,
            at,
            body: Body::RunFinished { end: RunEnd::Superseded },
        };
        opened.writer.append(&Record::Event(event)).map_err(|error| unwritable(opened.writer.path(), &error))
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let folders = match std::fs::read_dir(&self.runs) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
            folders => folders?,
        };
        for folder in folders {
            let folder = folder?.path();
            if folder.is_dir() {
                for file in std::fs::read_dir(folder)? {
                    let path = file?.path();
                    if path.extension().is_some_and(|ending| ending == "jsonl") {
                        files.push(path);
                    }
                }
            }
        }
        Ok(files)
    }
}

/// `None` for a journal whose run was killed before its header was whole.
fn summary(path: &Path) -> Result<Option<RunSummary>, Problem> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let reading = reader::read(&path.display().to_string(), &bytes)?;
    if reading.records.is_empty() {
        return Ok(None);
    }
    let recovered = recover(&reading.records)?;
    Ok(Some(RunSummary {
        unfinished: recovered.unfinished(),
        end: recovered.view.end,
        progress: recovered.view.progress(),
        run: recovered.header.run,
        cluster: recovered.header.plan.place.cluster,
        at: recovered.header.at,
        plan: recovered.header.plan.id,
        backend: recovered.header.backend,
        path: path.to_owned(),
    }))
}

fn unwritable(path: &Path, error: &io::Error) -> Problem {
    Problem::new(ProblemKind::Internal, format!("The journal {} cannot be written.", path.display()))
        .because(error.to_string())
        .hint("nothing is changed without a journal; name a writable folder with --state-dir")
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::new(ProblemKind::Internal, format!("{} cannot be read.", path.display())).because(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use serde_json::json;

    use super::*;
    use crate::domain::facts::Place;
    use crate::journal::record::FORMAT;
    use crate::plan::model::Plan;

    fn header(run: &str, at: i64) -> Header {
        let place = Place { account: "111122223333".into(), region: "us-east-2".into(), cluster: "demo".into() };
        Header {
            format: FORMAT,
            run: run.into(),
            at: Stamp::from_millis(at),
            version: "0.1.0".into(),
            backend: Backend::Simulated,
            plan: Plan { id: "p1".into(), place, steps: Vec::new(), notes: Vec::new() },
            spec: json!({"cluster": "demo"}),
        }
    }

    fn finish(run: &str, seq: u64, end: RunEnd) -> Record {
        Record::Event(Event { run: run.into(), seq, at: Stamp::EPOCH, body: Body::RunFinished { end } })
    }

    #[test]
    fn runs_are_listed_newest_first_and_privately_kept() {
        let state = tempfile::tempdir().unwrap();
        let store = RunStore::open(state.path());
        assert_eq!(store.runs().unwrap().0, Vec::new(), "no folder, no runs");
        store.create(&header("old", 1)).unwrap().append(&finish("old", 1, RunEnd::Failed)).unwrap();
        let path = store.create(&header("new", 2)).unwrap().path().to_owned();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        let runs = store.runs().unwrap().0;
        let listed: Vec<_> = runs.iter().map(|run| (run.run.as_str(), run.end)).collect();
        assert_eq!(listed, [("new", None), ("old", Some(RunEnd::Failed))]);
        assert!(store.create(&header("new", 3)).is_err(), "a run is begun once");
    }

    #[test]
    fn a_superseded_run_is_not_offered_again() {
        let state = tempfile::tempdir().unwrap();
        let store = RunStore::open(state.path());
        drop(store.create(&header("r1", 1)).unwrap());
        let cluster = ClusterName::from("demo");
        assert_eq!(store.newest_unfinished(&cluster).unwrap().unwrap().run.as_str(), "r1");
        store.supersede(&cluster, &"r1".into(), Stamp::EPOCH).unwrap();
        assert_eq!(store.newest_unfinished(&cluster).unwrap(), None);
        assert_eq!(store.newest_unfinished(&"other".into()).unwrap(), None);
        assert_eq!(store.reopen(&cluster, &"../r1".into()).unwrap_err().kind, ProblemKind::Usage);
    }

    #[test]
    fn a_run_goes_on_behind_its_torn_tail() {
        let state = tempfile::tempdir().unwrap();
        let store = RunStore::open(state.path());
        let path = store.create(&header("r1", 1)).unwrap().path().to_owned();
        let whole = std::fs::read(&path).unwrap();
        let mut torn = whole.clone();
        torn.extend_from_slice(b"{\"record\":\"ev");
        std::fs::write(&path, torn).unwrap();
        let mut opened = store.reopen(&"demo".into(), &"r1".into()).unwrap();
        assert_eq!(opened.notes.len(), 1);
        opened.writer.append(&finish("r1", 1, RunEnd::Done)).unwrap();
        let again = store.reopen(&"demo".into(), &"r1".into()).unwrap();
        assert_eq!((again.notes.len(), again.recovered.view.end), (0, Some(RunEnd::Done)));
        assert_eq!(again.recovered.header, header("r1", 1), "the header comes back as it was written");
    }
}
