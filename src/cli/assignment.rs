//! `NAME=VALUE` on the command line. It takes any text, because the configuration judges it with file and line in view;
//! what it knows is which assignments a shell may offer.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};

use crate::config::registry;

/// Parser of an assignment.
#[derive(Debug, Clone, Copy)]
pub struct Assignment;

impl TypedValueParser for Assignment {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(registry().iter().flat_map(|def| {
            let options = def.kind.options();
            let bare = PossibleValue::new(format!("{}=", def.name)).help(def.help);
            let whole = options.iter().map(|word| PossibleValue::new(format!("{}={word}", def.name)).help(def.help));
            std::iter::once(bare).chain(whole)
        })))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::Cli;

    #[test]
    fn any_text_is_taken() {
        let cli = Cli::try_parse_from(["eks-wizard", "--set", "X=y z", "config", "check"]).unwrap();
        assert_eq!(cli.settings.set, ["X=y z"]);
    }

    #[test]
    fn words_are_offered_as_whole_assignments() {
        let offered: Vec<String> =
            Assignment.possible_values().unwrap().map(|value| value.get_name().to_owned()).collect();
        for want in ["CLUSTER_NAME=", "INSTALL_EFS_CSI=", "INSTALL_EFS_CSI=true", "EBS_CSI=adopt"] {
            assert!(offered.iter().any(|one| one == want), "{want}");
        }
    }
}
