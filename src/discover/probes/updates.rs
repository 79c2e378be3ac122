//! Updates of the cluster that are in progress.

use aws_sdk_eks::types;

use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Clients;

use super::each;

/// `eks:ListUpdates` and `eks:DescribeUpdate` of each, those in progress, as `type id`.
///
/// Updates of add-ons and node groups are not in this list; their status tells them.
///
/// # Errors
/// A call fails.
pub async fn read(clients: &Clients) -> Result<Vec<String>, Problem> {
    let pages = clients.aws.eks.list_updates().name(clients.cluster.as_str()).into_paginator().items();
    let ids = pages.send().try_collect().await.map_err(|error| classify::aws("eks:ListUpdates", &error))?;
    let found = each(ids, async |id: String| {
        let call = clients.aws.eks.describe_update().name(clients.cluster.as_str()).update_id(&id);
        let answer = call.send().await.map_err(|error| classify::aws("eks:DescribeUpdate", &error))?;
        Ok(answer.update.as_ref().and_then(|update| in_progress(update, &id)))
    })
    .await?;
    Ok(found.into_iter().flatten().collect())
}

fn in_progress(update: &types::Update, id: &str) -> Option<String> {
    let runs = update.status() == Some(&types::UpdateStatus::InProgress);
    runs.then(|| format!("{} {id}", update.r#type().map_or("Update", types::UpdateType::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_updates_in_progress_count() {
        let update = |status| types::Update::builder().r#type(types::UpdateType::VersionUpdate).status(status).build();
        assert_eq!(in_progress(&update(types::UpdateStatus::InProgress), "u1").as_deref(), Some("VersionUpdate u1"));
        assert_eq!(in_progress(&update(types::UpdateStatus::Successful), "u1"), None);
    }
}
