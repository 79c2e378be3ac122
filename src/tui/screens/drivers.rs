//! 5 Drivers: mode, release, minimums, and what the plan pins.

use crate::config::field::Section as Part;
use crate::plan::model::Ensure;
use crate::tui::form;
use crate::tui::model::Model;
use crate::tui::widgets::rows::{Row, Target};
use crate::tui::widgets::text::{Line, Role};

use super::{fields, gpu};

/// Rows of the body.
pub fn rows(model: &Model, wide: usize) -> Vec<Row> {
    if !model.is_on(gpu::SWITCH) {
        return super::network::no_gpu(wide);
    }
    let mut rows = Vec::new();
    for def in form::of_part(Part::GpuDrivers).filter(|def| def.is_visible(&model.config.draft)) {
        match def.name {
            "GPU_DRIVER_MODE" => {
                rows.extend(fields::radio(model, def, mode, wide));
                rows.push(Row::blank());
                rows.push(Row::head("VERSIONS"));
            }
            _ => rows.extend(fields::def_rows(model, def, 0, wide)),
        }
    }
    rows.push(Row::blank());
    rows.push(Row::head("WHAT THE PLAN LAUNCHES"));
    rows.extend(pinned(model));
    rows.push(Row::blank());
    rows.push(Row::head("WHO INSTALLS WHAT"));
    for (who, what) in [
        ("the AMI", "driver, fabric manager, toolkit, EFA module"),
        ("the plan", "NVIDIA plugin, EFA plugin"),
        ("your image", "CUDA libraries, NCCL, aws-ofi-nccl, libfabric"),
    ] {
        rows.push(Row::new(Line::new().to(2).put(Role::Muted, format!("{who:<12}")).plain(what)));
    }
    rows.push(Row::blank());
    rows.extend(Row::toned(Role::Muted, "What a release carries is read on the node by 9 Verify.", wide));
    rows
}

fn mode(option: &str) -> (String, Option<String>) {
    match option {
        "ami" => ("the AMI release carries all".to_owned(), None),
        _ => (
            "experimental: user data installs".to_owned(),
            Some("This version takes the drivers from the AMI only; install comes later.".to_owned()),
        ),
    }
}

/// AMI type and release of the planned node group.
pub fn release(model: &Model) -> Option<(String, Option<String>)> {
    model.world.plan.value()?.plan.steps.iter().find_map(|step| match &step.desired.ensure {
        Ensure::Nodegroup(group) => Some((group.launch.ami_type.clone(), group.launch.release.clone())),
        _ => None,
    })
}

fn pinned(model: &Model) -> Vec<Row> {
    let line = Line::new().to(2);
    match release(model) {
        Some((kind, release)) => vec![
            Row::new(line.clone().put(Role::Muted, format!("{:<12}", "AMI type")).plain(kind)),
            Row::new(
                line.put(Role::Muted, format!("{:<12}", "release"))
                    .plain(release.unwrap_or_else(|| "the newest that EKS has when the group is made".to_owned())),
            ),
        ],
        None => vec![Row::new(line.put(Role::Muted, "· not planned yet"))],
    }
}

/// The right pane.
pub fn side(model: &Model, row: Option<&Row>, wide: usize) -> (Line, Vec<Row>) {
    match row.and_then(|row| row.target.as_ref()) {
        Some(Target::Field(variable)) => fields::side(model, variable, wide),
        Some(Target::Choice(variable, value)) => {
            let (_, mut rows) = fields::side(model, variable, wide);
            rows.extend(fields::greyed(row, wide));
            (Line::of(Role::Bold, format!("Mode: {value}")), rows)
        }
        _ => (Line::of(Role::Bold, "Drivers"), Vec::new()),
    }
}
