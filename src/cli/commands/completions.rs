//! `completions`: the completion script of a shell.
//!
//! `--set` and `config set` complete variables and, where a variable takes few words, whole assignments. Bash treats
//! `=` as the end of a word, and the generated script adds a blank after each match; the few lines that this module
//! appends for bash undo both. zsh and fish need nothing.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Ended;
use crate::cli::args::Cli;
use crate::cli::exit::Exit;
use crate::report::out;

/// Joins `NAME`, `=` and `value`, which bash splits, before the generated function sees them.
const BASH: &str = include_str!("../../../assets/completions.bash");

/// Prints the script.
///
/// # Errors
/// None.
pub fn run(shell: Shell) -> Ended {
    out::data(&script(shell));
    Ok(Exit::Done)
}

fn script(shell: Shell) -> String {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "eks-wizard", &mut bytes);
    let script = String::from_utf8_lossy(&bytes).into_owned();
    if shell == Shell::Bash {
        // clap_complete 4.6.11 names the branches of a program with a hyphen unlike the value it switches on, so that
        // nothing behind a subcommand would be completed.
        let script = script.replace("eks__subcmd__wizard", "eks__wizard");
        let own = BASH.replace("GENERATED", function(&script));
        return script + &own;
    }
    script
}

/// Name of the function that a script for bash registers.
fn function(script: &str) -> &str {
    let (_, after) = script.rsplit_once("complete -F ").unwrap_or_default();
    after.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::registry;

    #[test]
    fn every_variable_is_completed_in_every_shell() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = script(shell);
            for def in registry() {
                assert!(script.contains(&format!("{}=", def.name)), "{shell}: {}", def.name);
            }
            assert!(script.contains("GPU_CAPACITY=spot"), "{shell}");
        }
    }

    #[test]
    fn the_addition_for_bash_calls_the_generated_function() {
        let script = script(Shell::Bash);
        let generated = function(script.split("_eks_wizard_assignments").next().unwrap());
        assert!(generated.starts_with("_eks") && script.contains(&format!("{generated}() {{")), "{generated}");
        assert!(!script.contains("GENERATED") && script.contains(&format!("        {generated} \"$1\" ")));
    }

    #[test]
    fn power_shell_and_elvish_have_a_script() {
        for shell in [Shell::PowerShell, Shell::Elvish] {
            assert!(script(shell).contains("--simulate"), "{shell}");
        }
    }
}
