//! The table of architecture.md section 4 as data, and what it finds.

use std::fmt;

use super::names::{Name, names};
use super::source::Source;

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub rule: &'static str,
    pub file: String,
    pub line: usize,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "src/{}:{}: {}: {}", self.file, self.line, self.rule, self.what)
    }
}

/// Everything of rank 4 and below, which `apply`, `verify` and `health` use.
const BELOW_ENGINE: &[&str] =
    &["domain", "config", "events", "transport", "components", "discover", "plan", "preflight", "journal"];

/// Module and what it may use besides itself. The longest name that fits a module counts. A module that is not here may
/// use nothing.
const EDGES: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &["domain"]),
    ("events", &["domain"]),
    ("transport", &["domain"]),
    ("components", &["domain", "config"]),
    ("discover", &["domain", "config", "transport"]),
    ("discover::observe", &["domain", "config", "transport", "components"]),
    ("sim", &["domain::ids", "domain::time", "transport::wire", "transport::tool", "transport::time"]),
    ("plan", &["domain", "config", "components", "discover"]),
    ("preflight", &["domain", "config", "components", "discover", "plan"]),
    ("journal", &["domain", "events", "plan"]),
    ("apply", BELOW_ENGINE),
    ("apply::schedule", &["domain", "events", "plan"]),
    ("verify", BELOW_ENGINE),
    ("health", BELOW_ENGINE),
    ("health::rules", &["domain", "config", "components", "discover", "plan"]),
    (
        "ops",
        &[
            "domain",
            "config",
            "events",
            "transport",
            "components",
            "discover",
            "plan",
            "preflight",
            "journal",
            "apply",
            "verify",
            "health",
            "sim",
        ],
    ),
    ("report", &["domain", "config", "events", "plan", "ops"]),
    ("tui", &["domain", "config", "events", "plan", "ops"]),
    ("cli", EVERYTHING_BUT_SIM),
    ("main", EVERYTHING_BUT_SIM),
];

/// `ops` is the only user of the simulator.
const EVERYTHING_BUT_SIM: &[&str] = &[
    "domain",
    "config",
    "events",
    "transport",
    "components",
    "discover",
    "plan",
    "preflight",
    "journal",
    "apply",
    "verify",
    "health",
    "ops",
    "report",
    "tui",
    "cli",
];

/// Where the SDKs may be named.
const SDK_PLACES: &[&str] =
    &["transport", "discover::probes", "discover::observe", "apply::steps", "verify", "health::watch"];

/// Modules without I/O and without async.
const PURE: &[&str] = &["domain", "events", "components", "plan", "preflight", "apply::schedule", "health::rules"];

/// What a pure module may not name.
const IMPURE: &[&str] = &[
    "tokio",
    "futures",
    "tower",
    "http",
    "std::fs",
    "std::net::TcpStream",
    "std::net::TcpListener",
    "std::net::UdpSocket",
    "std::net::ToSocketAddrs",
    "std::process",
    "std::thread",
    "std::env",
];

/// The crates that `domain` may name: the standard library, serde, and what reads and writes plain text and dates.
const DOMAIN_CRATES: &[&str] = &["std", "core", "alloc", "serde", "serde_json", "csv", "jiff", "thiserror"];

/// Ends of paths that read a clock.
const CLOCKS: &[&str] = &["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now", "TimeSource::now"];
/// Paths that wait on a clock.
const SLEEPS: &[&str] = &[
    "std::thread::sleep",
    "std::thread::park_timeout",
    "tokio::time::sleep",
    "tokio::time::sleep_until",
    "tokio::time::timeout",
    "tokio::time::timeout_at",
    "tokio::time::interval",
    "tokio::time::interval_at",
];
/// Where the clock is.
const CLOCK_PLACES: &[&str] = &["transport::time"];

/// What prints.
const PRINTERS: &[&str] =
    &["println!", "eprintln!", "print!", "eprint!", "dbg!", "std::io::stdout", "std::io::stderr", "std::io::Stdout"];
/// Where printing is the job.
const PRINT_PLACES: &[&str] = &["cli", "report", "tui::terminal"];

/// Every broken import, clock and print rule of a file. `crates` are the names of the package's dependencies.
pub fn check(source: &Source, crates: &[String]) -> Vec<Violation> {
    let mut found: Vec<Violation> = Vec::new();
    for name in names(source) {
        let broken = [edge(source, &name), sdk(source, &name, crates), pure(source, &name), screen(source, &name)]
            .into_iter()
            .chain([domain_crates(source, &name, crates), clock(source, &name), print(source, &name)]);
        for (rule, what) in broken.flatten() {
            let violation = Violation { rule, file: source.path.clone(), line: name.line, what };
            if !found.contains(&violation) {
                found.push(violation);
            }
        }
    }
    found
}

type Broken = Option<(&'static str, String)>;

fn edge(source: &Source, name: &Name) -> Broken {
    let (root, target) = name.path.split_first()?;
    let (own, other) = (source.module.first()?, target.first()?);
    // A name of a lower-case first segment is a module; `crate::Item` is a re-export of the root, which has none.
    if root != "crate" || own == other || other.ends_with('!') {
        return None;
    }
    let module = source.module.join("::");
    let rule = EDGES.iter().filter(|(of, _)| within(&module, of)).max_by_key(|(of, _)| of.len());
    let target = target.join("::");
    let may = rule.is_some_and(|(_, may)| may.iter().any(|allowed| within(&target, allowed)));
    (!may).then(|| ("import", format!("{module} may not use {target}")))
}

fn sdk(source: &Source, name: &Name, crates: &[String]) -> Broken {
    let first = name.path.first()?;
    // A lone word in code is a variable.
    let is_crate = crates.contains(first) && (name.import || name.path.len() > 1);
    let is_sdk = is_crate && (first.starts_with("aws_") || first == "kube");
    (is_sdk && !is_in(source, SDK_PLACES)).then(|| ("sdk", format!("{first} is not for {}", source.module.join("::"))))
}

fn pure(source: &Source, name: &Name) -> Broken {
    let path = name.path.join("::");
    let impure = IMPURE.iter().find(|what| within(&path, what))?;
    is_in(source, PURE).then(|| ("pure", format!("{} is pure and may not use {impure}", source.module.join("::"))))
}

fn screen(source: &Source, name: &Name) -> Broken {
    let path = name.path.join("::");
    (is_in(source, &["tui"]) && within(&path, "std::fs")).then(|| ("pure", "tui may not touch files".to_owned()))
}

fn domain_crates(source: &Source, name: &Name, crates: &[String]) -> Broken {
    let first = name.path.first()?;
    let foreign = crates.contains(first) && !DOMAIN_CRATES.contains(&first.as_str());
    (foreign && is_in(source, &["domain"])).then(|| ("import", format!("domain may not use the crate {first}")))
}

fn clock(source: &Source, name: &Name) -> Broken {
    let path = name.path.join("::");
    let reads = CLOCKS.iter().any(|clock| path.ends_with(clock)) || SLEEPS.contains(&path.as_str());
    (reads && !is_in(source, CLOCK_PLACES)).then(|| ("clock", format!("{path} is for transport::time alone")))
}

fn print(source: &Source, name: &Name) -> Broken {
    let path = name.path.join("::");
    let prints = PRINTERS.contains(&path.trim_start_matches("std::").trim_start_matches("core::"))
        || PRINTERS.contains(&path.as_str());
    (prints && !is_in(source, PRINT_PLACES)).then(|| ("print", format!("{path} is for cli and report")))
}

fn is_in(source: &Source, places: &[&str]) -> bool {
    let module = source.module.join("::");
    places.iter().any(|place| within(&module, place))
}

/// Whether `path` is `prefix` or below it.
fn within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Modules of the table that no file is: a renamed module must not lose its rule.
pub fn without_module(sources: &[Source]) -> Vec<&'static str> {
    let named = EDGES.iter().map(|(module, _)| *module).chain(PURE.iter().copied());
    let mut lost: Vec<&str> =
        named.filter(|rule| !sources.iter().any(|source| within(&source.module.join("::"), rule))).collect();
    lost.sort_unstable();
    lost.dedup();
    lost
}

/// Top modules that the table does not know.
pub fn without_rule(sources: &[Source]) -> Vec<String> {
    let mut tops: Vec<String> = sources.iter().filter_map(|source| source.module.first().cloned()).collect();
    tops.sort();
    tops.dedup();
    tops.retain(|top| !EDGES.iter().any(|(module, _)| module == top));
    tops
}
