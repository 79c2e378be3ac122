//! `render launch-template` shows what is sent: the same members with the same values, ids in the place of references.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::honesty::install;
use crate::stage::{Exchange, Stage, on_paused_clock, spec, state_folder};

/// Lists on the wire are called by the name of their elements (the `locationName`s of the EC2 model).
const LISTS: [(&str, &str); 5] = [
    ("BlockDeviceMappings", "BlockDeviceMapping"),
    ("Groups", "SecurityGroupId"),
    ("NetworkInterfaces", "NetworkInterface"),
    ("TagSpecifications", "TagSpecification"),
    ("Tags", "Tag"),
];

/// Members as the EC2 query protocol writes them: `NetworkInterface.1.DeviceIndex`.
fn flatten(path: &str, value: &Value, group: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) if members.contains_key("Ref") => {
            assert!(members["Ref"].as_str().unwrap().contains("security-group"), "{members:?}");
            found.insert(path.to_owned(), group.to_owned());
        }
        Value::Object(members) => {
            for (name, inner) in members {
                let wire = LISTS.iter().find(|(list, _)| list == name).map_or(name.as_str(), |(_, wire)| wire);
                flatten(&format!("{path}.{wire}"), inner, group, found);
            }
        }
        Value::Array(items) => {
            for (number, item) in (1..).zip(items) {
                flatten(&format!("{path}.{number}"), item, group, found);
            }
        }
        Value::String(text) => {
            found.insert(path.to_owned(), text.clone());
        }
        other => {
            found.insert(path.to_owned(), other.to_string());
        }
    }
}

#[test]
fn what_is_rendered_is_what_is_sent() {
    let state = state_folder();
    let rendered = on_paused_clock(async {
        let stage = Stage::open(state.path());
        let (_, planned) = stage.look(spec(&[])).await;
        eks_wizard::ops::render::launch_template(&planned).unwrap()
    });
    let rendered: Value = serde_json::from_str(&rendered).unwrap();
    let named = |name: &'static str| {
        move |one: &&Exchange| one.request.operation().as_deref() == Some(name) && one.status == 200
    };
    let made =
        String::from_utf8_lossy(&install().iter().find(named("CreateSecurityGroup")).unwrap().answer).into_owned();
    let group = made.split("<groupId>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let mut want = BTreeMap::new();
    flatten("LaunchTemplateData", &rendered["LaunchTemplateData"], &group, &mut want);
    assert!(want.len() > 16 * 4, "{want:?}");
    let request = install().iter().find(named("CreateLaunchTemplate")).unwrap().request.text();
    let sent: BTreeMap<String, String> = url::form_urlencoded::parse(request.as_bytes()).into_owned().collect();
    assert_eq!(sent["LaunchTemplateName"], rendered["LaunchTemplateName"]);
    let data = sent.into_iter().filter(|(name, _)| name.starts_with("LaunchTemplateData."));
    assert_eq!(data.collect::<BTreeMap<_, _>>(), want);
}
