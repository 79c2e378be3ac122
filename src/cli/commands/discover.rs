//! `discover`: what is there.

use super::Ended;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::discover;
use crate::domain::problem::{Problem, ProblemKind};
use crate::ops::{ground, setup};
use crate::report::{out, text};

/// Reads and prints one record a resource. It needs a cluster, but no valid configuration.
///
/// # Errors
/// No cluster is named, or it cannot be reached.
pub async fn run(context: &Context) -> Ended {
    let loaded = context.request.load()?;
    let session = context.open().await?;
    let (cluster, region) = setup::named(&loaded.draft);
    let records = match cluster {
        Some(cluster) => {
            let needs = ground::needs_of_draft(&loaded.draft);
            discover::records(&ground::read(&session, &cluster, region.as_ref(), &needs).await?.facts)
        }
        None => {
            let facts = ground::connect(&session, region.as_ref()).await?;
            if facts.caller.known().is_none() {
                return Err(Problem::new(ProblemKind::Blocked, "AWS does not accept this caller.")
                    .because(facts.caller.why_unknown())
                    .hint("log in again (aws sso login, or new keys), or give --profile"));
            }
            Context::say("No cluster is named: set CLUSTER_NAME or give --cluster to see what is in one.");
            discover::records(&facts)
        }
    };
    if context.json() {
        records.iter().for_each(out::record);
    } else {
        out::data(&text::records(&records));
    }
    Ok(Exit::Done)
}
