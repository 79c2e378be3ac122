//! A pseudo-terminal with a program in it: the bytes that it wrote, and the cells that they make.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

/// Longest time that anything may take on a busy machine. Only a program that hangs meets it.
const LIMIT: Duration = Duration::from_secs(120);

/// A home folder of its own for one test; gone when it is dropped.
pub struct Home {
    folder: TempDir,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        vec![
            ("HOME", path("")),
            ("XDG_STATE_HOME", path("state")),
            ("TERM", "xterm-256color".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
        ]
    }

    /// The wizard in a terminal of this size.
    pub fn wizard(&self, size: (u16, u16), args: &[&str]) -> Terminal {
        self.wizard_with(size, args, &[])
    }

    /// The wizard with more environment.
    pub fn wizard_with(&self, size: (u16, u16), args: &[&str], environment: &[(&str, &str)]) -> Terminal {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_eks-wizard"));
        command.args(args);
        command.env_clear();
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        command.cwd(self.folder.path());
        Terminal::start(size, command)
    }

    /// A command without a terminal.
    pub fn headless(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eks-wizard"));
        command.args(args).env_clear().envs(self.environment()).current_dir(self.folder.path());
        command.stdin(Stdio::null()).output().unwrap()
    }
}

/// What the program has written so far.
struct Written {
    cells: vt100::Parser,
    bytes: Vec<u8>,
    /// The program closed the terminal.
    over: bool,
}

struct Shared {
    written: Mutex<Written>,
    changed: Condvar,
}

impl Shared {
    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A terminal with a running program.
pub struct Terminal {
    shared: Arc<Shared>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
}

fn pty_size((cols, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

impl Terminal {
    /// Starts a program in a terminal of so many columns and rows.
    pub fn start(size: (u16, u16), command: CommandBuilder) -> Self {
        let pair = native_pty_system().openpty(pty_size(size)).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        // The program holds the only other end: when it ends, reading ends.
        drop(pair.slave);
        let written =
            Written { cells: vt100::Parser::new(cells(size.1), cells(size.0), 0), bytes: Vec::new(), over: false };
        let shared = Arc::new(Shared { written: Mutex::new(written), changed: Condvar::new() });
        let mut output = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let reading = Arc::clone(&shared);
        thread::spawn(move || {
            let mut part = [0; 8192];
            loop {
                let count = output.read(&mut part).unwrap_or(0);
                let mut written = reading.written();
                let fresh = &part[..count];
                written.cells.process(fresh);
                written.bytes.extend_from_slice(fresh);
                written.over |= count == 0;
                reading.changed.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        Self { shared, master: pair.master, keys, child }
    }

    /// Waits until what was written fulfils `met`; panics with the screen when it never does.
    fn wait(&self, what: &str, met: impl Fn(&Written) -> bool) -> MutexGuard<'_, Written> {
        let until = Instant::now() + LIMIT;
        let mut written = self.shared.written();
        while !met(&written) {
            let left = until.saturating_duration_since(Instant::now());
            let ended = written.over;
            assert!(!left.is_zero() && !ended, "never {what} (ended: {ended}):\n{}", written.cells.screen().contents());
            written = self.shared.changed.wait_timeout(written, left).map_or_else(|e| e.into_inner().0, |(w, _)| w);
        }
        written
    }

    /// Waits until the screen holds a text.
    pub fn shows(&self, text: &str) -> &Self {
        drop(self.wait(&format!("shows {text:?}"), |written| written.cells.screen().contents().contains(text)));
        self
    }

    /// Waits until the screen, with line ends as blanks, holds a text.
    pub fn says(&self, text: &str) -> &Self {
        drop(self.wait(&format!("says {text:?}"), |written| {
            let shown = written.cells.screen().contents();
            shown.split_whitespace().collect::<Vec<_>>().join(" ").contains(text)
        }));
        self
    }

    /// Waits until the screen no longer holds a text.
    pub fn no_longer_shows(&self, text: &str) -> &Self {
        let met = |written: &Written| !written.cells.screen().contents().contains(text);
        drop(self.wait(&format!("without {text:?}"), met));
        self
    }

    /// The screen as it stands.
    pub fn screen(&self) -> String {
        self.shared.written().cells.screen().contents()
    }

    /// Every byte so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.shared.written().bytes.clone()
    }

    /// Types bytes.
    pub fn types(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        self
    }

    /// Presses Enter.
    pub fn enter(&mut self) -> &mut Self {
        self.types("\r")
    }

    /// Presses the cursor key down.
    pub fn down(&mut self) -> &mut Self {
        self.types("\x1b[B")
    }

    /// Makes the terminal so many columns and rows.
    pub fn resize(&self, size: (u16, u16)) {
        self.shared.written().cells.screen_mut().set_size(cells(size.1), cells(size.0));
        self.master.resize(pty_size(size)).unwrap();
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// Waits for the end of the program: its exit code.
    pub fn ends(&mut self) -> u32 {
        let until = Instant::now() + LIMIT;
        let mut written = self.shared.written();
        while !written.over {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it never ends:\n{}", written.cells.screen().contents());
            written = self.shared.changed.wait_timeout(written, left).map_or_else(|e| e.into_inner().0, |(w, _)| w);
        }
        drop(written);
        self.child.wait().unwrap().exit_code()
    }

    /// Waits until nothing is written for `span`; false when the program never rests that long.
    pub fn rests(&self, span: Duration) -> bool {
        let until = Instant::now() + LIMIT;
        let mut written = self.shared.written();
        while Instant::now() < until {
            let count = written.bytes.len();
            let (next, timeout) = self
                .shared
                .changed
                .wait_timeout_while(written, span, |written| written.bytes.len() == count)
                .unwrap_or_else(PoisonError::into_inner);
            if timeout.timed_out() {
                return true;
            }
            written = next;
        }
        false
    }

    /// Whether the terminal is as it was: main screen, cursor shown, no bracketed paste.
    pub fn is_restored(&self) -> bool {
        let written = self.shared.written();
        let screen = written.cells.screen();
        !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A failed test leaves no program behind; one that has ended cannot be killed, which is fine.
        let _ = self.child.kill();
    }
}

/// Where a byte sequence first stands.
pub fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|part| part == wanted)
}

/// Whether a path exists below the home.
pub fn exists(home: &Home, path: &str) -> bool {
    Path::new(home.folder.path()).join(path).exists()
}
