//! Who calls.

use crate::domain::facts::Caller;
use crate::domain::ids::{AccountId, Arn};
use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Aws;

use super::owned;

/// `sts:GetCallerIdentity`, which no policy can deny, and the account alias if that may be read.
///
/// The end of the credentials is not in the answer: the session that made the clients knows it.
///
/// # Errors
/// Missing or expired credentials, no network.
pub async fn read(aws: &Aws) -> Result<Caller, Problem> {
    let identity = aws.sts.get_caller_identity().send();
    let aliases = aws.iam.list_account_aliases().send();
    let (identity, aliases) = futures::join!(identity, aliases);
    let identity = identity.map_err(|error| classify::aws("sts:GetCallerIdentity", &error))?;
    // The alias is decoration: a denied call must not hide who calls.
    let alias = aliases.ok().and_then(|answer| answer.account_aliases().first().cloned());
    Ok(Caller {
        account: AccountId::new(owned(identity.account())),
        arn: Arn::new(owned(identity.arn())),
        alias,
        expires_at: None,
    })
}
