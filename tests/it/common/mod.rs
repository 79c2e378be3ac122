//! Runs the real binary in a world of its own: an empty environment, a home in a temporary folder, a simulated account.

use std::io::{BufRead, BufReader, Read};
use std::mem::take;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Longest time a command may take on a busy machine. Nothing waits for it: it only ends a command that hangs.
const LIMIT: Duration = Duration::from_secs(180);
/// Simulated seconds a second. A step's deadline of one simulated minute must leave a debug build on a busy machine
/// enough real time for its calls, and a token of 15 minutes must outlive its request.
const SPEED: &str = "120";

/// A home folder with everything a command may read or write; gone when it is dropped.
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// An empty home.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The home folder, which is also the working directory.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The program's state folder.
    pub fn state(&self) -> PathBuf {
        self.path().join("state/eks-wizard")
    }

    /// Writes a file in the home.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A run with these arguments and nothing else.
    pub fn command<'a>(&'a self, args: &[&str]) -> Run<'a> {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Run { home: self, args, environment: Vec::new() }
    }

    /// Runs with these arguments.
    pub fn run(&self, args: &[&str]) -> Ended {
        self.command(args).end()
    }

    /// Runs a command on a simulated scenario, as fast as is sensible. Installs of this binary take turns: simulated
    /// time does not stop while another process has the processor.
    pub fn simulate(&self, scenario: &str, args: &[&str]) -> Ended {
        static INSTALLS: Mutex<()> = Mutex::new(());
        let changes = args.iter().any(|arg| ["apply", "resume"].contains(arg));
        let _turn = changes.then(|| INSTALLS.lock().unwrap_or_else(PoisonError::into_inner));
        let scenario = format!("--simulate={scenario}");
        let all: Vec<&str> = [scenario.as_str(), "--speed", SPEED].into_iter().chain(args.iter().copied()).collect();
        self.run(&all)
    }
}

/// A command about to run.
pub struct Run<'a> {
    home: &'a Home,
    args: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Run<'_> {
    /// Sets an environment variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs to the end.
    pub fn end(self) -> Ended {
        self.start().end()
    }

    /// Starts it and lets it run.
    pub fn start(self) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_eks-wizard"))
            .args(&self.args)
            .current_dir(self.home.path())
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_STATE_HOME", self.home.path().join("state"))
            .env("LANG", "C.UTF-8")
            // The SDK would ask the metadata service of a cloud machine that runs the tests.
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        read(child.stdout.take().unwrap(), Stream::Out, sender.clone());
        read(child.stderr.take().unwrap(), Stream::Err, sender);
        let ended = Ended { args: self.args.join(" "), code: None, stdout: String::new(), stderr: String::new() };
        Running { child, lines, ended }
    }
}

#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

/// Sends each line of a pipe, from a thread of its own.
fn read(pipe: impl Read + Send + 'static, stream: Stream, lines: Sender<(Stream, String)>) {
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while pipe.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
            let _ = lines.send((stream, String::from_utf8_lossy(&bytes).into_owned()));
            bytes.clear();
        }
    });
}

/// A command that runs. It is killed when it is dropped before its end.
pub struct Running {
    child: Child,
    lines: Receiver<(Stream, String)>,
    ended: Ended,
}

impl Running {
    /// Takes the next line of either stream; `None` at the end of both.
    fn take(&mut self) -> Option<String> {
        match self.lines.recv_timeout(LIMIT) {
            Ok((stream, line)) => {
                match stream {
                    Stream::Out => self.ended.stdout.push_str(&line),
                    Stream::Err => self.ended.stderr.push_str(&line),
                }
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing was said for {LIMIT:?}\n{}", self.ended),
        }
    }

    /// Waits until a line on stdout or stderr holds `text`.
    pub fn until(mut self, text: &str) -> Self {
        while let Some(line) = self.take() {
            if line.contains(text) {
                return self;
            }
        }
        panic!("it ended and never said: {text}\n{}", self.ended)
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(self, name: &str) -> Self {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
        self
    }

    /// Waits for the end.
    pub fn end(mut self) -> Ended {
        while self.take().is_some() {}
        let code = self.child.wait().unwrap().code();
        let Ended { args, stdout, stderr, .. } = &mut self.ended;
        let (args, stdout, stderr) = (take(args), take(stdout), take(stderr));
        Ended { args, code, stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    args: String,
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Everything on stdout.
    pub stdout: String,
    /// Everything on stderr.
    pub stderr: String,
}

impl Ended {
    /// Fails with both outputs unless the exit code is this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Fails unless stdout or stderr holds `text`.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stdout.contains(text) || self.stderr.contains(text), "not said: {text}\n{self}");
        self
    }

    /// Fails if stdout or stderr holds `text`.
    #[track_caller]
    pub fn never_says(self, text: &str) -> Self {
        assert!(!self.stdout.contains(text) && !self.stderr.contains(text), "said: {text}\n{self}");
        self
    }

    /// The JSON records on stdout; anything else there fails.
    #[track_caller]
    pub fn records(&self) -> Vec<Value> {
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}\n{self}"));
        self.stdout.lines().map(parse).collect()
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { args, code, stdout, stderr } = self;
        write!(f, "eks-wizard {args}\nended with {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

/// A file of the repository, such as `tests/configs/valid/p5en.env`.
pub fn repository(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).to_string_lossy().into_owned()
}

/// Every file below `folder` with its content, in order: to show that nothing was written.
pub fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found.sort();
    found
}
