//! Steps in words: what they wait for, and what they are about.

use crate::components::desired::{Desired, Ensure};
use crate::components::observed::{Observation, Presence, Settled};
use crate::domain::resource::ResourceRef;

/// What a step that only waits waits for.
pub(super) fn waiting_words(observation: &Observation) -> String {
    match (&observation.settled, &observation.presence) {
        (Settled::Waiting { what }, _) => what.clone(),
        (_, Presence::Differs { changes }) => {
            changes.first().map_or_else(|| "it differs".to_owned(), |change| format!("{} differs", change.path))
        }
        _ => "nothing shows yet".to_owned(),
    }
}

/// A step's thing by kind and name.
pub(super) fn reference(desired: &Desired) -> ResourceRef {
    let (kind, name) = match &desired.ensure {
        Ensure::Addon(addon) => ("addon", addon.name.clone()),
        Ensure::Role(role) => ("role", role.name.clone()),
        Ensure::Objects(objects) => {
            let word = |path: &str| objects.objects.first().and_then(|object| object.pointer(path)?.as_str());
            let kind = word("/kind").unwrap_or("objects").to_owned();
            let name = word("/metadata/name").unwrap_or(&desired.component).to_owned();
            return ResourceRef { kind, name };
        }
        Ensure::NotDefaultClass(class) => ("StorageClass", class.name.clone()),
        Ensure::SecurityGroup(group) => ("security-group", group.name.clone()),
        Ensure::PlacementGroup(group) => ("placement-group", group.name.clone()),
        Ensure::LaunchTemplate(template) => ("launch-template", template.name.clone()),
        Ensure::Nodegroup(group) => ("nodegroup", group.name.clone()),
        Ensure::Nodes(nodes) => ("nodes", nodes.nodegroup.clone()),
    };
    ResourceRef { kind: kind.to_owned(), name }
}
