//! The command line: commands and flags of product.md §1 that this version has.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::assignment::Assignment;

/// Takes an existing Amazon EKS cluster to GPU nodes with EFA running, and proves it.
#[derive(Debug, Parser)]
#[command(name = "eks-wizard", version, max_term_width = 100)]
pub struct Cli {
    /// Where the settings come from.
    #[command(flatten)]
    pub settings: Settings,
    /// Which account and cluster.
    #[command(flatten)]
    pub target: Target,
    /// How results are shown.
    #[command(flatten)]
    pub show: Show,
    /// The simulated account.
    #[command(flatten)]
    pub simulation: Simulation,
    /// The command; without one the wizard opens.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Where the settings come from.
#[derive(Debug, Args)]
pub struct Settings {
    /// Configuration file [default: .env; with --simulate the scenario's own]
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Sets a variable over file and environment; may be repeated
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = Assignment, hide_possible_values = true)]
    pub set: Vec<String>,
    /// Folder for runs, locks and simulated worlds [default: the XDG state folder]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub state_dir: Option<PathBuf>,
}

/// Which account and cluster.
#[derive(Debug, Args)]
pub struct Target {
    /// AWS profile
    #[arg(long, global = true)]
    pub profile: Option<String>,
    /// AWS Region
    #[arg(long, global = true)]
    pub region: Option<String>,
    /// EKS cluster name
    #[arg(long, global = true)]
    pub cluster: Option<String>,
    /// Uses this kubeconfig instead of a native token; its server must be the cluster's
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Context in the kubeconfig
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
}

/// How results are shown.
#[derive(Debug, Args)]
pub struct Show {
    /// Form of what goes to stdout
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Only ASCII marks
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Refuses everything that changes AWS or the cluster
    #[arg(long, global = true)]
    pub read_only: bool,
}

/// The simulated account.
#[derive(Debug, Args)]
pub struct Simulation {
    /// Runs against the built-in simulated account [default scenario: default]
    #[arg(long, global = true, value_name = "SCENARIO", num_args = 0..=1, require_equals = true,
          default_missing_value = "default")]
    pub simulate: Option<String>,
    /// Starts the simulated world anew
    #[arg(long, global = true, requires = "simulate")]
    pub simulate_reset: bool,
    /// Simulated seconds a second
    #[arg(long, global = true, value_name = "N", default_value_t = 240.0, value_parser = speed)]
    pub speed: f64,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.1..=1_000_000.0).contains(&value) => Ok(value),
        _ => Err("a number from 0.1 to 1000000".to_owned()),
    }
}

/// Form of what goes to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// One JSON record a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Validates or explains the configuration; contacts nothing
    Config {
        /// Which of these
        #[command(subcommand)]
        what: ConfigCommand,
    },
    /// Shows what is there: cluster, subnets, add-ons, node groups
    Discover,
    /// Runs every check that applies
    Preflight {
        /// Ends with 4 also on failed warnings
        #[arg(long, value_enum, default_value_t = FailOn::Error)]
        fail_on: FailOn,
    },
    /// Shows the steps with verb, reason and difference
    Plan {
        /// Ends with 3 when there is something to do
        #[arg(long)]
        detailed_exitcode: bool,
        /// Writes the plan as JSON to a file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Installs, then verifies; streams events; journaled
    Apply {
        /// Does not ask
        #[arg(long)]
        yes: bool,
        /// Leaves the verification out
        #[arg(long)]
        no_verify: bool,
    },
    /// Goes on with an interrupted run
    Resume {
        /// Run id [default: the newest unfinished one]
        run: Option<String>,
        /// Does not ask
        #[arg(long)]
        yes: bool,
        /// Leaves the verification out
        #[arg(long)]
        no_verify: bool,
    },
    /// Lists runs
    Runs,
    /// Proves GPUs, EFA, Pod Identity and storage
    Verify,
    /// One verdict with reasons
    Health,
    /// Prints exactly what would be sent
    Render {
        /// Which artefact
        #[arg(value_enum)]
        what: Artefact,
    },
    /// Prints the completion script of a shell
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// `config` commands.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Validates file, environment and flags
    Check {
        /// Writes the suggested value of each issue that has one
        #[arg(long)]
        fix: bool,
    },
    /// Shows each setting: value, where it comes from, what it means
    Show {
        /// Only these variables
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Also what neither counts nor is set
        #[arg(long)]
        all: bool,
    },
    /// Edits the env file: all of the changes or none; comments stay
    Set {
        /// What to set; single quotes keep ${NAME} from the shell
        #[arg(value_name = "NAME=VALUE", required = true, value_parser = Assignment, hide_possible_values = true)]
        assignments: Vec<String>,
    },
    /// Prints the commented example
    Example,
    /// Prints docs/configuration.md
    Docs,
    /// Prints the JSON Schema of the variables
    Schema,
}

/// What ends `preflight` with 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A failed check of severity error.
    Error,
    /// A failed check of severity warning, too.
    Warning,
}

/// What `render` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Artefact {
    /// The launch template data, in AWS's member names
    LaunchTemplate,
    /// Every Kubernetes object, as YAML
    Manifests,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn simulate_takes_its_value_only_after_an_equals_sign() {
        let cli = Cli::try_parse_from(["eks-wizard", "--simulate", "discover"]).unwrap();
        assert_eq!(cli.simulation.simulate.as_deref(), Some("default"));
        assert!(matches!(cli.command, Some(Command::Discover)));
        let cli = Cli::try_parse_from(["eks-wizard", "--simulate=three-azs"]).unwrap();
        assert_eq!(cli.simulation.simulate.as_deref(), Some("three-azs"));
    }
}
