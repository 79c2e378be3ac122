//! Launch templates and their versions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2::query::{Query, compact, invalid_value, texts};
use crate::sim::services::ec2::state::{Template, TemplateVersion, fresh_id};
use crate::sim::services::ec2::{tags, template_data};
use crate::sim::world::World;

/// CreateLaunchTemplate. EC2 does not check the data: what is wrong shows at launch.
pub fn create(world: &mut World, call: &mut Call) -> Answer {
    let name = call.params.text("LaunchTemplateName").unwrap_or_default();
    let token = call.params.text("ClientToken");
    let description = call.params.text("VersionDescription");
    let own_tags = tags::specified(call, "launch-template")?;
    let data = template_data::read(&call.params.take("LaunchTemplateData").unwrap_or_default())?;
    if !(3..=128).contains(&name.len()) {
        return Err(invalid_value("The launch template name must be between 3 and 128 characters."));
    }
    if let Some(have) = world.ec2.templates.values().find(|t| t.name == name) {
        return match &token {
            Some(_) if have.token == token => Ok(json!({"launchTemplate": view(world, have)})),
            _ => Err(refuse("template-name-exists", &[])),
        };
    }
    let id = fresh_id(world.next_serial(), "lt");
    let version = TemplateVersion { description, created: world.now, data, token: token.clone() };
    let versions = BTreeMap::from([(1, version)]);
    let (created, tags) = (world.now, own_tags);
    let template = Template { id, name, created, tags, default_version: 1, latest_version: 1, versions, token };
    let answer = json!({"launchTemplate": view(world, &template)});
    world.ec2.templates.insert(template.id.clone(), template);
    Ok(answer)
}

fn view(world: &World, template: &Template) -> Value {
    compact(json!({
        "launchTemplateId": template.id,
        "launchTemplateName": template.name,
        "createTime": template.created.rfc3339_seconds(),
        "createdBy": author(world),
        "defaultVersionNumber": template.default_version,
        "latestVersionNumber": template.latest_version,
        "tagSet": tags::set(&template.tags),
    }))
}

fn author(world: &World) -> String {
    format!("arn:aws:sts::{}:assumed-role/PlatformOps/ops7", world.account)
}

fn version_view(world: &World, template: &Template, number: u64, version: &TemplateVersion) -> Value {
    compact(json!({
        "launchTemplateId": template.id,
        "launchTemplateName": template.name,
        "versionNumber": number,
        "versionDescription": version.description,
        "createTime": version.created.rfc3339_seconds(),
        "createdBy": author(world),
        "defaultVersion": number == template.default_version,
        "launchTemplateData": template_data::shown(&version.data, &tags::set(&template.tags)),
    }))
}

/// Takes `LaunchTemplateId` or `LaunchTemplateName` and answers the id of a template that exists.
fn taken(world: &World, call: &mut Call) -> Result<String, Fault> {
    let (id, name) = (call.params.text("LaunchTemplateId"), call.params.text("LaunchTemplateName"));
    find(world, id.as_deref(), name.as_deref()).map(|template| template.id.clone())
}

fn find<'a>(world: &'a World, id: Option<&str>, name: Option<&str>) -> Result<&'a Template, Fault> {
    match (id, name) {
        (Some(id), None) => world.ec2.templates.get(id).ok_or_else(|| refuse("template-id-not-found", &[("id", id)])),
        (None, Some(name)) => {
            let found = world.ec2.templates.values().find(|t| t.name == name);
            found.ok_or_else(|| refuse("template-name-not-found", &[("name", name)]))
        }
        _ => {
            let message = "Exactly one of launchTemplateId or launchTemplateName must be specified.";
            Err(refuse("ec2-parameter-combination", &[("message", message)]))
        }
    }
}

fn numbered(template: &Template, version: &str) -> Result<u64, Fault> {
    let number = match version {
        "$Default" | "" => Some(template.default_version),
        "$Latest" => Some(template.latest_version),
        number => number.parse().ok(),
    };
    let known = number.filter(|n| template.versions.contains_key(n));
    known.ok_or_else(|| refuse("template-version-not-found", &[("version", version)]))
}

/// The template and version another service was told to use: template id, name, version number and data.
pub fn resolve(
    world: &World,
    id: Option<&str>,
    name: Option<&str>,
    version: Option<&str>,
) -> Result<(String, String, u64, Value), Fault> {
    let template = find(world, id, name)?;
    let number = numbered(template, version.unwrap_or("$Default"))?;
    let data = template.versions.get(&number).map(|v| v.data.clone()).unwrap_or_default();
    Ok((template.id.clone(), template.name.clone(), number, data))
}

/// CreateLaunchTemplateVersion: only the new data, unless a source version is named.
pub fn create_version(world: &mut World, call: &mut Call) -> Answer {
    let id = taken(world, call)?;
    let token = call.params.text("ClientToken");
    let description = call.params.text("VersionDescription");
    let source = call.params.text("SourceVersion");
    let fresh = template_data::read(&call.params.take("LaunchTemplateData").unwrap_or_default())?;
    let template = world.ec2.templates.get(&id).ok_or_else(|| refuse("template-id-not-found", &[("id", &id)]))?;
    let same = |(_, v): &(&u64, &TemplateVersion)| token.is_some() && v.token == token;
    if let Some((number, version)) = template.versions.iter().find(same) {
        return Ok(json!({"launchTemplateVersion": version_view(world, template, *number, version)}));
    }
    let mut data = match &source {
        Some(source) => numbered(template, source).map(|n| template.versions[&n].data.clone())?,
        None => json!({}),
    };
    if let (Some(members), Some(new)) = (data.as_object_mut(), fresh.as_object()) {
        members.extend(new.clone());
    }
    let version = TemplateVersion { description, created: world.now, data, token };
    let number = template.latest_version + 1;
    if let Some(template) = world.ec2.templates.get_mut(&id) {
        template.latest_version = number;
        template.versions.insert(number, version.clone());
    }
    let template = find(world, Some(&id), None)?;
    Ok(json!({"launchTemplateVersion": version_view(world, template, number, &version)}))
}

/// ModifyLaunchTemplate: sets the default version.
pub fn modify(world: &mut World, call: &mut Call) -> Answer {
    let id = taken(world, call)?;
    let _token = call.params.text("ClientToken");
    let wanted = call.params.text("SetDefaultVersion").unwrap_or_default();
    let number = numbered(find(world, Some(&id), None)?, &wanted)?;
    if let Some(template) = world.ec2.templates.get_mut(&id) {
        template.default_version = number;
    }
    Ok(json!({"launchTemplate": view(world, find(world, Some(&id), None)?)}))
}

/// DescribeLaunchTemplates.
pub fn describe(world: &World, call: &mut Call) -> Answer {
    let query = Query::take(call, &["launch-template-name", "create-time"], 3)?;
    let ids = texts(call.params.take("LaunchTemplateId").as_ref());
    let names = texts(call.params.take("LaunchTemplateName").as_ref());
    for id in &ids {
        find(world, Some(id), None)?;
    }
    for name in &names {
        find(world, None, Some(name))?;
    }
    let rows = world.ec2.templates.values().filter(|t| {
        (ids.is_empty() || ids.contains(&t.id))
            && (names.is_empty() || names.contains(&t.name))
            && query.keeps(&t.tags, |key| match key {
                "create-time" => vec![t.created.rfc3339_seconds()],
                _ => vec![t.name.clone()],
            })
    });
    query.answer("launchTemplates", rows.map(|t| view(world, t)).collect())
}

/// DescribeLaunchTemplateVersions: newest first, as EC2 answers.
pub fn describe_versions(world: &World, call: &mut Call) -> Answer {
    let id = taken(world, call)?;
    let query = Query::take(call, &["is-default-version"], 5)?;
    let wanted = texts(call.params.take("LaunchTemplateVersion").as_ref());
    let template = find(world, Some(&id), None)?;
    let wanted: Vec<u64> = wanted.iter().map(|v| numbered(template, v)).collect::<Result<_, _>>()?;
    let (least, most) = (bound(call, "MinVersion", 1), bound(call, "MaxVersion", u64::MAX));
    let rows = template.versions.iter().rev().filter(|(number, _)| {
        (wanted.is_empty() || wanted.contains(*number))
            && (least..=most).contains(*number)
            && query.keeps(&template.tags, |_| vec![(**number == template.default_version).to_string()])
    });
    query.answer("launchTemplateVersionSet", rows.map(|(n, v)| version_view(world, template, *n, v)).collect())
}

fn bound(call: &mut Call, name: &str, absent: u64) -> u64 {
    call.params.int(name).and_then(|n| u64::try_from(n).ok()).unwrap_or(absent)
}

/// DeleteLaunchTemplate.
pub fn delete(world: &mut World, call: &mut Call) -> Answer {
    let id = taken(world, call)?;
    let answer = json!({"launchTemplate": view(world, find(world, Some(&id), None)?)});
    world.ec2.templates.remove(&id);
    Ok(answer)
}
