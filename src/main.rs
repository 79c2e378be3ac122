//! The `eks-wizard` binary: parse, build the runtime, run, exit.

use std::process::ExitCode;

use clap::Parser;
use eks_wizard::cli::{self, args::Cli, exit::Exit};
use eks_wizard::report::out;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap's own exit code for a usage error is 2 as well; help and version go to stdout with 0.
            let _ = error.print();
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return ExitCode::from(exit.code());
        }
    };
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            out::talk(&format!("The runtime cannot be started: {error}."));
            return ExitCode::from(Exit::Internal.code());
        }
    };
    let exit = runtime.block_on(cli::run(cli, environment));
    // Watches and blocking reads of stdin must not hold the exit.
    runtime.shutdown_background();
    ExitCode::from(exit.code())
}
