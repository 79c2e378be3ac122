//! 3 GPU nodes: the node group's settings, and what they mean.

use crate::config::field::Section as Part;
use crate::domain::facts::Fact;
use crate::domain::instance::{InstanceType, Source};
use crate::tui::form;
use crate::tui::model::Model;
use crate::tui::widgets::rows::{Row, Target};
use crate::tui::widgets::text::{Line, Role, plural, thousands};

use super::fields;
use super::states::banner;

/// The switch of the section.
pub const SWITCH: &str = "INSTALL_GPU_NODEGROUP";

/// The facts of the chosen instance type, if they are known.
pub fn instance(model: &Model) -> Option<&InstanceType> {
    let types = model.facts()?.capacity.instance_types.known()?;
    types.get(&model.value("GPU_INSTANCE_TYPE"))
}

/// Rows of the body.
pub fn rows(model: &Model, wide: usize) -> Vec<Row> {
    let mut rows = fields::rows(model, SWITCH, wide);
    if !model.is_on(SWITCH) {
        rows.push(Row::blank());
        rows.extend(Row::prose(
            "No GPU nodes are made. Space on the row above switches them on; their settings then appear here.",
            wide,
        ));
        return rows;
    }
    rows.extend(banner("the account", &model.world.facts, model.clock, wide));
    for def in form::of_part(Part::GpuNodes).filter(|def| def.name != SWITCH && def.is_visible(&model.config.draft)) {
        match def.name {
            "GPU_CAPACITY" => rows.extend(fields::radio(model, def, |option| purchase(model, option), wide)),
            "GPU_MIN_SIZE" => {
                rows.push(Row::blank());
                rows.push(Row::head("SIZE"));
                rows.extend(fields::def_rows(model, def, 0, wide));
            }
            "GPU_ROOT_VOLUME_SIZE" => {
                rows.push(Row::blank());
                rows.push(Row::head("DISKS, GiB"));
                rows.extend(fields::def_rows(model, def, 0, wide));
            }
            _ => rows.extend(fields::def_rows(model, def, 0, wide)),
        }
        if def.name == "GPU_INSTANCE_TYPE" {
            rows.extend(facts_of_type(model, wide));
        }
    }
    rows.push(Row::blank());
    rows.push(Row::head("LABELS AND TAINT"));
    rows.extend(labels(model, wide));
    rows.push(Row::blank());
    rows.push(Row::head("COST"));
    let desired = model.value("GPU_DESIRED_SIZE");
    let line = Line::new().to(2).plain(format!("{desired} × {}", model.value("GPU_INSTANCE_TYPE")));
    rows.push(Row::new(line).right(Role::Muted, "price unknown"));
    rows
}

fn facts_of_type(model: &Model, wide: usize) -> Vec<Row> {
    let lines = match instance(model) {
        Some(kind) => describe(kind),
        None => match model.facts().map(|facts| &facts.capacity.instance_types) {
            Some(Fact::Unknown { why }) => vec![format!("? cannot tell: {why}")],
            Some(Fact::Known { .. }) => vec!["? EC2 did not answer for this type".to_owned()],
            Some(Fact::NotAsked) | None => vec!["· its facts are not read yet".to_owned()],
        },
    };
    lines.into_iter().map(|text| Row::new(Line::new().to(fields::VALUE).put(Role::Muted, text).cut(wide))).collect()
}

fn describe(kind: &InstanceType) -> Vec<String> {
    let gpus = kind.gpus.as_ref().map_or_else(
        || "no NVIDIA GPU".to_owned(),
        |gpus| format!("{} × {} {} GiB", gpus.count, gpus.name, gpus.memory_mib / 1024),
    );
    let store = match kind.instance_store_gb {
        0 => "no instance store".to_owned(),
        gb => format!("{} GB NVMe", thousands(gb)),
    };
    let table = if kind.source == Source::Table { " · table" } else { "" };
    vec![
        format!("{gpus} · {} vCPU · {} GiB RAM", kind.vcpus, thousands(kind.memory_mib / 1024)),
        format!("{} · {} EFA · {store}{table}", plural(kind.cards.len(), "network card"), kind.max_efa),
    ]
}

fn purchase(model: &Model, option: &str) -> (String, Option<String>) {
    match option {
        "on-demand" => (quota(model).unwrap_or_else(|| "free capacity cannot be told".to_owned()), None),
        "spot" => ("two minutes' notice".to_owned(), None),
        "reservation" | "capacity-block" => ("needs its id".to_owned(), None),
        _ => (String::new(), None),
    }
}

/// `384 vCPU of 768`, when quota and type are known.
fn quota(model: &Model) -> Option<String> {
    let quotas = model.facts()?.capacity.quotas.known()?;
    let desired: u64 = model.value("GPU_DESIRED_SIZE").parse().ok()?;
    let need = desired * u64::from(instance(model)?.vcpus);
    // One code answers for the whole P family on demand; with several read, which one counts is QUO-001's business.
    let (Some(value), 1) = (quotas.values().next(), quotas.len()) else { return None };
    Some(format!("{} vCPU, quota {value:.0}", thousands(need)))
}

fn labels(model: &Model, wide: usize) -> Vec<Row> {
    use crate::plan::model::Ensure;
    let steps = model.world.plan.value().map(|planned| planned.plan.steps.iter());
    let group = steps.into_iter().flatten().find_map(|step| match &step.desired.ensure {
        Ensure::Nodegroup(group) => Some(group),
        _ => None,
    });
    match group {
        Some(group) => {
            let labels = group.labels.iter().map(|(key, value)| format!("{key}={value}"));
            let taints = group.taints.iter().map(|(key, value, effect)| format!("taint {key}={value} {effect}"));
            labels.chain(taints).map(|text| Row::new(Line::new().to(2).put(Role::Muted, text).cut(wide))).collect()
        }
        None => vec![Row::new(Line::new().to(2).put(Role::Muted, "· not planned yet"))],
    }
}

/// The right pane.
pub fn side(model: &Model, row: Option<&Row>, wide: usize) -> (Line, Vec<Row>) {
    match row.and_then(|row| row.target.as_ref()) {
        Some(Target::Field(variable)) => fields::side(model, variable, wide),
        Some(Target::Choice(variable, value)) => {
            let (_, mut rows) = fields::side(model, variable, wide);
            rows.extend(fields::greyed(row, wide));
            (Line::of(Role::Bold, format!("Purchase: {value}")), rows)
        }
        _ => (Line::of(Role::Bold, "GPU nodes"), Vec::new()),
    }
}
