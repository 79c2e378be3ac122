//! A profile that was asked for by name: it must exist, and it wins over keys in the environment.
//!
//! The SDK's own chain looks at `AWS_ACCESS_KEY_ID` first and only then at the profile, even at one given in code. An
//! operator who writes `--profile` and has old keys in the shell would act on another account without a word; the AWS
//! CLI lets `--profile` win, and so does this program.

use aws_config::BehaviorVersion;
use aws_config::profile::{self, ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::region::Region as SdkRegion;

use super::aws::AwsScope;
use crate::domain::problem::{Problem, ProblemKind};

/// Checks that the profile in charge exists: that of `--profile`, or `AWS_PROFILE` while no keys stand before it.
///
/// # Errors
/// The shared files name no such profile, or cannot be read.
pub(super) async fn check(scope: &AwsScope, fs: &Fs, env: &Env) -> Result<(), Problem> {
    let (name, said_by) = match &scope.profile {
        Some(name) => (name.clone(), "--profile"),
        None => match env.get("AWS_PROFILE") {
            Ok(name) if !name.is_empty() && env.get("AWS_ACCESS_KEY_ID").is_err() => (name, "AWS_PROFILE"),
            _ => return Ok(()),
        },
    };
    let files = profile::load(fs, env, &Default::default(), None).await.map_err(|error| {
        Problem::new(ProblemKind::Usage, "The AWS configuration files cannot be read.").because(error.to_string())
    })?;
    if files.get_profile(&name).is_some() {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::Usage, format!("There is no AWS profile {name}, which {said_by} names."))
        .because(known(&files))
        .hint("aws configure list-profiles"))
}

fn known(files: &ProfileSet) -> String {
    let mut names: Vec<&str> = files.profiles().collect();
    names.sort_unstable();
    if names.is_empty() {
        return "the AWS configuration files hold no profile".to_owned();
    }
    format!("the AWS configuration files hold {}", names.join(", "))
}

/// Credentials of exactly this profile, whatever the environment holds: keys, SSO, a process or an assumed role.
pub(super) async fn credentials(name: &str, region: Option<SdkRegion>) -> ProfileFileCredentialsProvider {
    let base = ProviderConfig::without_region().with_behavior_version(Some(BehaviorVersion::latest()));
    let config = match region {
        Some(region) => base.with_region(Some(region)),
        None => base.load_default_region().await,
    };
    ProfileFileCredentialsProvider::builder().configure(&config).profile_name(name).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> (Fs, Env) {
        let fs = Fs::from_slice(&[("config", "[profile prod]\nregion = us-east-2\n[default]\nregion = us-west-2\n")]);
        let env = Env::from_slice(&[("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "none")]);
        (fs, env)
    }

    fn scope(profile: Option<&str>) -> AwsScope {
        AwsScope { profile: profile.map(str::to_owned), region: None }
    }

    #[tokio::test]
    async fn an_unknown_profile_is_a_usage_error_that_names_the_known_ones() {
        let (fs, env) = files();
        let problem = check(&scope(Some("nope")), &fs, &env).await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Usage);
        assert_eq!(problem.message, "There is no AWS profile nope, which --profile names.");
        assert_eq!(problem.causes, ["the AWS configuration files hold default, prod"]);
        assert_eq!(check(&scope(Some("prod")), &fs, &env).await, Ok(()));
        assert_eq!(check(&scope(None), &fs, &env).await, Ok(()));
    }

    #[tokio::test]
    async fn a_profile_of_the_environment_counts_only_without_keys() {
        let (fs, _) = files();
        let named = [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "none"), ("AWS_PROFILE", "old")];
        let problem = check(&scope(None), &fs, &Env::from_slice(&named)).await.unwrap_err();
        assert!(problem.message.contains("which AWS_PROFILE names"), "{problem}");
        let mut keyed = named.to_vec();
        keyed.push(("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"));
        assert_eq!(check(&scope(None), &fs, &Env::from_slice(&keyed)).await, Ok(()));
    }
}
