//! The emulator servers: started on free loopback ports by the first test, shared, killed with the last one.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use super::install;

/// Longest time a server may take until it answers, on a busy machine.
const START: Duration = Duration::from_secs(90);
/// Another process may take the free port before the server does.
const TRIES: usize = 3;

/// Both servers.
pub struct Emulators {
    moto: Server,
    ministack: Server,
}

impl Emulators {
    /// The shared servers; `None` when they cannot be installed here, which `CI=true` does not accept.
    pub fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<Emulators>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Some(running);
        }
        let programs = match install::programs() {
            Ok(programs) => programs,
            Err(why) => {
                let strict = std::env::var("CI").is_ok_and(|value| value == "true");
                assert!(!strict, "The emulators cannot be installed: {why}");
                // Not by a print macro: the test harness swallows those of a test that passes.
                let _ = writeln!(std::io::stderr(), "SKIPPED: the AWS emulators cannot be installed here: {why}");
                return None;
            }
        };
        let running = Arc::new(Self { moto: moto(&programs), ministack: ministack(&programs) });
        *shared = Arc::downgrade(&running);
        Some(running)
    }

    /// Where moto listens.
    pub fn moto(&self) -> &str {
        &self.moto.url
    }

    /// Where ministack listens.
    pub fn ministack(&self) -> &str {
        &self.ministack.url
    }
}

fn moto(programs: &Path) -> Server {
    Server::start("moto", "/moto-api/", |port| {
        let mut command = Command::new(programs.join("moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
        command
    })
}

fn ministack(programs: &Path) -> Server {
    Server::start("ministack", "/_ministack/health", |port| {
        let mut command = Command::new(programs.join("ministack"));
        command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.to_string());
        command
    })
}

/// One server process; killed when dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(name: &str, path: &str, command: impl Fn(u16) -> Command) -> Self {
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.log", std::process::id()));
        for _ in 0..TRIES {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let output = File::create(&log).unwrap();
            let child = command(port)
                .current_dir(env!("CARGO_TARGET_TMPDIR"))
                .stdin(Stdio::null())
                .stdout(output.try_clone().unwrap())
                .stderr(output)
                .spawn()
                .unwrap();
            let mut server = Self { child, url: format!("http://127.0.0.1:{port}") };
            if server.answers(port, path, &log) {
                return server;
            }
        }
        panic!("{name} does not start; its output:\n{}", said(&log))
    }

    /// Waits for the first proper answer; false when the process ended instead.
    fn answers(&mut self, port: u16, path: &str, log: &Path) -> bool {
        let started = Instant::now();
        while !is_up(port, path) {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(started.elapsed() < START, "{} does not answer; its output:\n{}", self.url, said(log));
            // Between two looks, not instead of one.
            thread::sleep(Duration::from_millis(50));
        }
        true
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn said(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}

fn is_up(port: u16, path: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    let mut answer = [0; 12];
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer.starts_with(b"HTTP/1.1 200")
}
