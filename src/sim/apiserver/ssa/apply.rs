//! One server-side apply, from configuration to the object to store.

use serde_json::{Value, json};

use super::fieldset::FieldSet;
use super::managers::{self, Entry};
use super::merge::Walk;
use crate::sim::apiserver::failure::Failure;
use crate::sim::apiserver::json as read;
use crate::sim::apiserver::kinds::Kind;
use crate::sim::apiserver::store::Writer;

/// Applies `config` over `live` (an object with only its identity when it is new). Defaults are filled later:
/// nobody owns them.
///
/// # Errors
///
/// 409 with a cause for every field that another manager owns and that would change, unless `force`.
pub(crate) fn apply(
    writer: Writer<'_>,
    kind: &Kind,
    live: &Value,
    config: &Value,
    force: bool,
) -> Result<Value, Failure> {
    let mut config = config.clone();
    read::drop_nulls(&mut config);
    // Each endpoint takes its own half of the object.
    if writer.subresource == "status" {
        let status = config.get("status").cloned();
        config = json!({"apiVersion": config["apiVersion"], "kind": config["kind"], "metadata": {}});
        if let Some(status) = status {
            config["status"] = status;
        }
    } else if kind.status {
        read::unset(&mut config, &["status"]);
    }
    for field in ["managedFields", "resourceVersion", "uid", "creationTimestamp", "generation"] {
        read::unset(&mut config, &["metadata", field]);
    }

    let bare = managers::bare(live);
    let mut merged = Walk::new(kind.kind).merge(&bare, &config);
    let changed = Walk::new(kind.kind).compare(&bare, &merged).changed;
    let mut all = managers::entries(live);
    let at = all.iter().position(|entry| entry.is_of(writer.manager, "Apply", writer.subresource));
    let mine = at.map(|at| all.remove(at));
    let conflicts = conflicts(&all, &changed);
    if !conflicts.is_empty() {
        if !force {
            return Err(refusal(&conflicts));
        }
        for entry in &mut all {
            entry.fields = entry.fields.without(&changed);
        }
    }

    let fields = FieldSet::of(kind.kind, &mut Vec::new(), &config).without_identity();
    if let Some(mine) = &mine {
        let keep = all.iter().fold(fields.clone(), |keep, entry| keep.union(&entry.fields));
        Walk::new(kind.kind).prune(&mut merged, &mine.fields, &keep);
    }
    // An apply that owns what it owned before keeps its time: applying twice changes nothing.
    let time = match &mine {
        Some(mine) if mine.fields == fields && same(&bare, &merged) => mine.time.clone(),
        _ => writer.now.rfc3339_seconds(),
    };
    all.push(Entry {
        manager: writer.manager.to_owned(),
        operation: "Apply".to_owned(),
        api_version: kind.api_version(),
        subresource: writer.subresource.to_owned(),
        time,
        fields,
    });
    managers::store(&mut merged, all);
    Ok(merged)
}

fn same(live: &Value, merged: &Value) -> bool {
    live == merged
}

fn conflicts(others: &[Entry], changed: &FieldSet) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = others
        .iter()
        .map(|entry| (entry.describe(), entry.fields.common(changed).paths()))
        .filter(|(_, paths)| !paths.is_empty())
        .collect();
    found.sort();
    found
}

fn refusal(conflicts: &[(String, Vec<String>)]) -> Failure {
    let count: usize = conflicts.iter().map(|(_, paths)| paths.len()).sum();
    let causes: Vec<Value> = conflicts
        .iter()
        .flat_map(|(owner, paths)| {
            paths.iter().map(move |path| {
                json!({"reason": "FieldManagerConflict", "message": format!("conflict with {owner}"), "field": path})
            })
        })
        .collect();
    let message = match conflicts {
        [(owner, paths)] if paths.len() == 1 => {
            format!("Apply failed with 1 conflict: conflict with {owner}: {}", paths[0])
        }
        _ => {
            let mut lines = Vec::new();
            for (owner, paths) in conflicts {
                lines.push(format!("conflicts with {owner}:"));
                lines.extend(paths.iter().map(|path| format!("- {path}")));
            }
            format!("Apply failed with {count} conflicts: {}", lines.join("\n"))
        }
    };
    Failure::status(409, "Conflict", message, json!({"causes": causes}))
}
