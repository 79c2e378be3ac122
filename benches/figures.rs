//! Figures worth watching, printed and never asserted: `cargo bench`.
//!
//! Wall time and peak memory of the main pipeline on the simulator, and the time of one frame of the wizard.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints, and stops when something is missing")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eks_wizard::apply::cancel::Control;
use eks_wizard::config::{self, LoadOptions, Scope};
use eks_wizard::domain::time::Stamp;
use eks_wizard::events::sink::Silent;
use eks_wizard::ops::apply::{Channels, apply};
use eks_wizard::ops::folders::Folders;
use eks_wizard::ops::plan;
use eks_wizard::ops::session::{Session, SessionOptions, Simulate};
use eks_wizard::tui::effects::Found;
use eks_wizard::tui::{Model, SessionInfo, render_to_string};

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    runtime.block_on(pipeline());
    frame();
    match peak_kib() {
        Some(kib) => println!("{:<40} {:>10} MiB", "peak resident memory", kib / 1024),
        None => println!("{:<40} {:>10}", "peak resident memory", "unknown"),
    }
}

async fn pipeline() {
    let folder = tempfile::tempdir().expect("folder");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs/valid/p5en.env");
    let loaded =
        config::load(LoadOptions { env_file: Some(file), named: true, ..LoadOptions::default() }).expect("file");
    let (spec, _) = loaded.spec().expect("a valid file");
    let started = Instant::now();
    let session = Session::open(options(folder.path()), |what| println!("gap: {what}")).expect("session");
    report("open the simulated world", started.elapsed());
    let started = Instant::now();
    let (ground, planned) = plan::look(&session, spec).await.expect("plan");
    report("discover, plan and check", started.elapsed());
    let started = Instant::now();
    let channels = Channels::to(Box::new(Silent), &Control::new());
    let view = apply(&session, &ground, &planned, channels).await.expect("apply");
    report("apply 14 steps at 5,000 seconds a second", started.elapsed());
    println!("{:<40} {:>10?}", "the run ended", view.end);
}

fn options(state: &Path) -> SessionOptions {
    let simulate = Simulate { scenario: "default".to_owned(), speed: 5000.0, reset: false, faults: String::new() };
    let folders = Folders::choose(Some(state), |_| None).expect("folders");
    SessionOptions { scope: Scope::default(), folders, simulate: Some(simulate), read_only: false }
}

fn frame() {
    let info = SessionInfo {
        version: "bench".to_owned(),
        simulated: true,
        scenario: Some("default".to_owned()),
        read_only: false,
        env_file: "sim .env".to_owned(),
        env_exists: true,
        state_dir: "state".to_owned(),
        welcome: false,
        unfinished: None,
        locked: None,
        found: Found::default(),
    };
    let model = Model::new(info, config::Draft::default(), Stamp::EPOCH);
    let rounds = 200;
    let started = Instant::now();
    for _ in 0..rounds {
        let drawn = Arc::new(render_to_string(&model, 120, 40));
        assert!(!drawn.is_empty());
    }
    report("one frame at 120x40", started.elapsed() / rounds);
}

fn report(what: &str, took: Duration) {
    println!("{what:<40} {:>10.3} ms", took.as_secs_f64() * 1000.0);
}

/// `VmHWM` of Linux; other systems do not tell.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
