//! Launch templates. A change is a new version that becomes the default one; old versions stay for going back.

use aws_sdk_ec2::types::{LaunchTemplateVersion, ResourceType};

use super::template_sdk::{into_sdk, owner_tags};
use crate::apply::context::Act;
use crate::components::desired::LaunchTemplate;
use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Clients;

/// `CreateLaunchTemplate`.
pub(super) async fn create(clients: &Clients, act: &Act<'_>, template: &LaunchTemplate) -> Result<(), Problem> {
    clients
        .aws
        .ec2
        .create_launch_template()
        .launch_template_name(&template.name)
        .client_token(act.token)
        .launch_template_data(into_sdk(&template.data, act.outputs)?)
        .tag_specifications(owner_tags(&clients.cluster, ResourceType::LaunchTemplate))
        .send()
        .await
        .map(|_| ())
        .map_err(|error| classify::aws("ec2:CreateLaunchTemplate", &error))
}

/// `CreateLaunchTemplateVersion`, then `ModifyLaunchTemplate`. The token makes a second try find the version of the first.
pub(super) async fn update(clients: &Clients, act: &Act<'_>, template: &LaunchTemplate) -> Result<(), Problem> {
    let ec2 = &clients.aws.ec2;
    let answer = ec2
        .create_launch_template_version()
        .launch_template_name(&template.name)
        .client_token(act.token)
        .launch_template_data(into_sdk(&template.data, act.outputs)?)
        .send()
        .await
        .map_err(|error| classify::aws("ec2:CreateLaunchTemplateVersion", &error))?;
    let Some(number) = answer.launch_template_version().and_then(LaunchTemplateVersion::version_number) else {
        // The next look finds the default version unchanged, and the step tries again with the same token.
        return Ok(());
    };
    ec2.modify_launch_template()
        .launch_template_name(&template.name)
        .default_version(number.to_string())
        .send()
        .await
        .map_err(|error| classify::aws("ec2:ModifyLaunchTemplate", &error))?;
    (act.log)(format!("Version {number} of {} is the default one.", template.name));
    Ok(())
}
