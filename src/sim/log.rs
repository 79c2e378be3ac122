//! The world's log: what outlives a process, JSON lines appended before a response is sent.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::time::Stamp;
use crate::sim::record::{Header, LoggedCall, Record};

/// Simulated time after which a clock record is due, so that a killed process loses at most this much of the clock.
const CLOCK_EVERY: Duration = Duration::from_secs(30);

/// Why a log cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file system refuses.
    #[error("The simulated world's log {path} cannot be {verb}: {source}.")]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `opened`, `read`, `written`.
        verb: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// A line before the last one is no record.
    #[error("Line {line} of {path} is not a record: {why}. --simulate-reset starts the world anew.")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Line number from 1.
        line: usize,
        /// Why.
        why: String,
    },
    /// Made by a program, or for a scenario, that this one is not.
    #[error("{path} holds {found}, not {wanted}. --simulate-reset starts the world anew.")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: String,
        /// What it should be.
        wanted: String,
    },
}

/// An open log, positioned at its end.
#[derive(Debug)]
pub struct WorldLog {
    path: PathBuf,
    file: File,
    clock: Stamp,
}

/// What a log held when it was opened.
#[derive(Debug)]
pub struct Opened {
    /// The log, ready to append.
    pub log: WorldLog,
    /// The records after its first line.
    pub records: Vec<Record>,
}

impl WorldLog {
    /// Opens the log, or begins it with `header`. A torn tail is cut off; `reset` empties the log first.
    ///
    /// # Errors
    /// When the file cannot be used, is damaged before its tail, or belongs to another format or scenario.
    pub fn open(path: &Path, header: Header, reset: bool) -> Result<Opened, LogError> {
        let io = |verb| move |source| LogError::Io { path: path.to_owned(), verb, source };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(reset).open(path).map_err(io("opened"))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io("read"))?;
        let (mut records, whole) = parse(path, &bytes)?;
        file.set_len(whole).and_then(|()| file.seek(io::SeekFrom::End(0))).map_err(io("written"))?;
        let mut log = Self { path: path.to_owned(), file, clock: header.origin };
        if records.is_empty() {
            log.append(&Record::World(header))?;
            return Ok(Opened { log, records });
        }
        let found = match records.remove(0) {
            Record::World(found) if found.fits(&header) => found,
            Record::World(found) => return Err(foreign(path, &describe(&found), &describe(&header))),
            _ => return Err(foreign(path, "a log without its first line", &describe(&header))),
        };
        log.clock = records.iter().map(Record::at).max().unwrap_or(found.origin);
        Ok(Opened { log, records })
    }

    /// Appends a request. When this returns, the record survives the end of the process.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn call(&mut self, call: LoggedCall) -> Result<(), LogError> {
        self.clock = call.at;
        self.append(&Record::Call(Box::new(call)))
    }

    /// Appends the clock if a record of it is due.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn tick(&mut self, now: Stamp) -> Result<(), LogError> {
        if now.since(self.clock) >= CLOCK_EVERY { self.close(now) } else { Ok(()) }
    }

    /// Appends the clock if it has moved since the last record.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn close(&mut self, now: Stamp) -> Result<(), LogError> {
        if now <= self.clock {
            return Ok(());
        }
        self.clock = now;
        self.append(&Record::Clock { at: now })
    }

    fn append(&mut self, record: &Record) -> Result<(), LogError> {
        let io = |source| LogError::Io { path: self.path.clone(), verb: "written", source };
        let mut line = serde_json::to_vec(record).map_err(|error| io(error.into()))?;
        line.push(b'\n');
        // One write(2) a line. It reaches the page cache, which outlives a killed process; a power cut is not promised.
        self.file.write_all(&line).map_err(io)
    }
}

impl Record {
    fn at(&self) -> Stamp {
        match self {
            Self::World(header) => header.origin,
            Self::Call(call) => call.at,
            Self::Clock { at } => *at,
        }
    }
}

/// The records and how many bytes of the file they fill. The tail after them is a write that was cut off.
fn parse(path: &Path, bytes: &[u8]) -> Result<(Vec<Record>, u64), LogError> {
    let mut records = Vec::new();
    let mut whole = 0;
    for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let last = whole + line.len() == bytes.len();
        match serde_json::from_slice(line) {
            Ok(record) if line.ends_with(b"\n") => records.push(record),
            Err(error) if !last => {
                return Err(LogError::Corrupt { path: path.to_owned(), line: at + 1, why: error.to_string() });
            }
            _ => break,
        }
        whole += line.len();
    }
    Ok((records, u64::try_from(whole).unwrap_or(u64::MAX)))
}

fn foreign(path: &Path, found: &str, wanted: &str) -> LogError {
    LogError::Foreign { path: path.to_owned(), found: found.to_owned(), wanted: wanted.to_owned() }
}

fn describe(header: &Header) -> String {
    let Header { format, scenario, origin, tool } = header;
    format!("scenario {scenario} from {origin} on in format {format} (by {tool})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::record::FORMAT;

    fn header(scenario: &str) -> Header {
        Header { format: FORMAT, scenario: scenario.to_owned(), origin: Stamp::EPOCH, tool: "test".to_owned() }
    }

    fn at(seconds: i64) -> Stamp {
        Stamp::from_millis(seconds * 1000)
    }

    #[test]
    fn a_torn_tail_is_cut_off_and_the_log_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("world.log");
        let mut first = WorldLog::open(&path, header("default"), false).unwrap().log;
        first.close(at(5)).unwrap();
        drop(first);
        let whole = std::fs::read(&path).unwrap();
        let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        for cut in last..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let opened = WorldLog::open(&path, header("default"), false).unwrap();
            assert_eq!(opened.records, vec![], "cut at {cut}");
            assert_eq!(std::fs::read(&path).unwrap().len(), last);
        }
        let mut opened = WorldLog::open(&path, header("default"), false).unwrap();
        opened.log.close(at(5)).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }

    #[test]
    fn damage_before_the_tail_is_reported_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("world.log");
        let mut opened = WorldLog::open(&path, header("default"), false).unwrap();
        opened.log.close(at(5)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap().replace("\"clock\"", "\"clack\"") + "{}\n";
        std::fs::write(&path, text).unwrap();
        assert!(matches!(WorldLog::open(&path, header("default"), false), Err(LogError::Corrupt { line: 2, .. })));
    }

    #[test]
    fn another_scenario_is_refused_until_reset() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("world.log");
        WorldLog::open(&path, header("default"), false).unwrap();
        assert!(matches!(WorldLog::open(&path, header("installed"), false), Err(LogError::Foreign { .. })));
        assert!(WorldLog::open(&path, header("installed"), true).is_ok());
    }

    #[test]
    fn the_clock_is_written_when_it_is_due() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("world.log");
        let mut log = WorldLog::open(&path, header("default"), false).unwrap().log;
        for seconds in 0..=65 {
            log.tick(at(seconds)).unwrap();
        }
        log.close(at(65)).unwrap();
        let records = WorldLog::open(&path, header("default"), false).unwrap().records;
        assert_eq!(records, [30, 60, 65].map(|seconds| Record::Clock { at: at(seconds) }));
    }
}
