//! What every command starts from: the request, how to show results, and the common first steps.

use std::collections::BTreeMap;

use super::args::{Cli, Output};
use super::exit::Exit;
use crate::config::{Loaded, Scope, Spec};
use crate::domain::ids::{ClusterName, Region};
use crate::domain::problem::{Problem, ProblemKind};
use crate::ops::folders::Folders;
use crate::ops::session::{Session, Simulate};
use crate::ops::setup::Request;
use crate::report::config::issue;
use crate::report::{json, out, text};

/// Environment variable that orders faults of the simulator, such as `after:17`: for tests of resume.
const FAULTS: &str = "EKS_WIZARD_SIMULATE_FAULTS";

/// What every command starts from.
#[derive(Debug)]
pub struct Context {
    /// What the operator asked for.
    pub request: Request,
    /// Form of what goes to stdout.
    pub output: Output,
    /// Only ASCII marks.
    pub ascii: bool,
    /// Attributes only, no colour.
    pub no_color: bool,
}

impl Context {
    /// From command line and process environment.
    ///
    /// # Errors
    /// No folder for state.
    pub fn new(cli: &Cli, environment: BTreeMap<String, String>) -> Result<Self, Problem> {
        let folders = Folders::choose(cli.settings.state_dir.as_deref(), |name| environment.get(name).cloned())?;
        let simulate = cli.simulation.simulate.clone().map(|scenario| Simulate {
            scenario,
            speed: cli.simulation.speed,
            reset: cli.simulation.simulate_reset,
            faults: environment.get(FAULTS).cloned().unwrap_or_default(),
        });
        let scope = Scope {
            profile: cli.target.profile.clone(),
            region: cli.target.region.as_deref().map(Region::from),
            cluster: cli.target.cluster.as_deref().map(ClusterName::from),
            context: cli.target.context.clone(),
            kubeconfig: cli.target.kubeconfig.clone(),
        };
        let request = Request {
            env_file: cli.settings.env_file.clone(),
            sets: cli.settings.set.clone(),
            scope,
            folders,
            simulate,
            read_only: cli.show.read_only,
            environment,
        };
        let ascii = cli.show.ascii || ascii_only(&request.environment);
        let no_color = request.environment.get("NO_COLOR").is_some_and(|value| !value.is_empty());
        Ok(Self { request, output: cli.show.output, ascii, no_color })
    }

    /// Whether stdout carries JSON records.
    pub fn json(&self) -> bool {
        self.output == Output::Json
    }

    /// The configuration and what is meant by it; issues are reported here, once.
    ///
    /// # Errors
    /// A file that cannot be read, or issues of severity error.
    pub fn spec(&self) -> Result<(Loaded, Spec), Problem> {
        let loaded = self.request.load()?;
        match loaded.spec() {
            Ok((spec, warnings)) => {
                for warning in &warnings {
                    out::talk(&issue(warning));
                }
                Ok((loaded, spec))
            }
            Err(issues) => {
                for one in &issues {
                    if self.json() {
                        out::record(&json::named("issue", one));
                    }
                    out::talk(&issue(one));
                }
                let errors = issues.iter().filter(|one| one.is_error()).count();
                let errors = text::counted(errors, "error");
                Err(Problem::new(ProblemKind::Usage, format!("The configuration has {errors}; nothing was done."))
                    .hint("eks-wizard config check"))
            }
        }
    }

    /// Opens the session and says once that it is simulated.
    ///
    /// # Errors
    /// The simulated world is held by another process or cannot be opened.
    pub async fn open(&self) -> Result<Session, Problem> {
        let session = self.request.open(super::end_on_gap).await?;
        if let Some(scenario) = session.scenario() {
            out::talk(&format!("SIMULATED: scenario {scenario}, no AWS account and no cluster is used."));
        }
        Ok(session)
    }

    /// Reports a notice as talk.
    pub fn say(text: &str) {
        out::talk(text);
    }
}

/// Whether the terminal cannot show more than ASCII: the Linux console, or a locale that is not UTF-8.
fn ascii_only(environment: &BTreeMap<String, String>) -> bool {
    let set = |name: &str| environment.get(name).filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    let utf8 = locale.is_none_or(|name| {
        let name = name.to_ascii_lowercase();
        name.contains("utf-8") || name.contains("utf8")
    });
    environment.get("TERM").is_some_and(|term| term == "linux") || !utf8
}

/// Reports a problem in the form asked for and gives its exit code.
pub fn report(as_json: bool, problem: &Problem) -> Exit {
    if as_json {
        out::record(&json::problem(problem));
    }
    out::talk(&problem.to_string());
    Exit::of(problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Draft, Layer, validate};

    #[test]
    fn an_issue_is_one_line_with_its_weight_id_and_suggestion() {
        let mut draft = Draft::default();
        draft.set("CLUSTER_NAME", "demo", Layer::Flag);
        draft.set("INSTALL_KARPENTER", "ture", Layer::Flag);
        let issues = validate(&draft).unwrap_err();
        let line = issue(&issues[0]);
        assert!(line.starts_with("error    CFG-001  INSTALL_KARPENTER on the command line is "), "{line}");
        assert!(line.ends_with(" Use INSTALL_KARPENTER=true."), "{line}");
        assert_eq!(line.lines().count(), 1);
    }

    #[test]
    fn a_problem_ends_with_the_code_of_its_kind() {
        for (kind, exit) in [
            (ProblemKind::Usage, Exit::Usage),
            (ProblemKind::Blocked, Exit::Blocked),
            (ProblemKind::Locked, Exit::Paused),
            (ProblemKind::Timeout, Exit::Failed),
            (ProblemKind::Cancelled, Exit::Cancelled),
            (ProblemKind::Internal, Exit::Internal),
        ] {
            assert_eq!(Exit::of(&Problem::new(kind, "x")), exit, "{kind:?}");
        }
    }
}
