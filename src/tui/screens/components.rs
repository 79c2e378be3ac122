//! 2 Components: the table, and the settings of the focused one.

use crate::domain::facts::{Fact, Facts};
use crate::plan::model::{Desired, Ensure};
use crate::plan::model::{PlannedStep, Verb};
use crate::tui::form;
use crate::tui::model::Model;
use crate::tui::widgets::rows::{Row, Target};
use crate::tui::widgets::text::{Line, Mark, Role};

use super::catalogue::{Entry, Switch, TABLE, find};
use super::fields;
use super::states::banner;

/// Rows of the body.
pub fn rows(model: &Model, wide: usize) -> Vec<Row> {
    let mut rows = banner("the plan", &model.world.plan, model.clock, wide);
    rows.push(Row::new(Line::of(Role::Muted, format!("    {:<25}{:<12}{:<9}DO", "REQUIRED", "INSTALLED", "TARGET"))));
    for (at, entry) in TABLE.iter().enumerate() {
        match at {
            6 => rows.push(Row::head("    OPTIONAL")),
            11 => rows.push(Row::head("    WITH GPU NODES")),
            _ => {}
        }
        rows.push(component_row(model, entry, wide));
    }
    rows.push(Row::blank());
    rows.extend(settings(model, wide));
    rows.push(Row::blank());
    rows.extend(fields::rows(model, "SYSTEM_NODEGROUP", wide));
    rows
}

fn component_row(model: &Model, entry: &Entry, wide: usize) -> Row {
    let (shown, why) = switch_text(model, entry);
    let issue = model
        .config
        .issues
        .iter()
        .find(|issue| entry.settings.contains(&issue.variable) || entry.variable() == Some(issue.variable));
    let installed = model.facts().map_or_else(|| "?".to_owned(), |facts| installed(facts, entry));
    let step = main_step(model, entry.id);
    let target = step.map_or_else(|| "–".to_owned(), |step| version(&step.desired));
    let (mark, act) = match issue {
        Some(issue) if model.value(issue.variable).is_empty() => (Some(Mark::Needs), format!("○ {}", issue.check)),
        Some(issue) => (Some(Mark::Failed), format!("✗ {}", issue.check)),
        None => (None, act(model, entry, step)),
    };
    let role = mark.map_or(if why.is_some() { Role::Muted } else { Role::Plain }, Mark::role);
    let line = Line::new().put(if shown == "[x]" { Role::Bold } else { Role::Plain }, format!("{shown} "));
    let line = line
        .col(Role::Plain, entry.name, 24)
        .col(Role::Muted, &installed, 11)
        .col(Role::Plain, &target, 8)
        .put(role, act);
    let mut row = Row::new(line.cut(wide)).on(Target::Component(entry.id));
    row.blocked = why;
    row.mark = mark;
    row
}

fn switch_text(model: &Model, entry: &Entry) -> (&'static str, Option<String>) {
    match entry.switch {
        Switch::Fixed => (" x ", None),
        Switch::Owner(variable) => match model.value(variable).as_str() {
            "adopt" => ("[a]", None),
            "skip" => ("[s]", None),
            _ => (" x ", None),
        },
        Switch::Flag(variable) if model.is_on(variable) => ("[x]", None),
        Switch::Flag(_) => ("[ ]", None),
        Switch::WithGpu if model.is_on("INSTALL_GPU_NODEGROUP") => (" x ", None),
        Switch::WithGpu => (" – ", Some("3 GPU nodes is off: nothing on this cluster needs it.".to_owned())),
    }
}

/// The steps of a component in the plan.
pub fn steps<'model>(model: &'model Model, id: &str) -> Vec<&'model PlannedStep> {
    let steps = model.world.plan.value().map(|planned| planned.plan.steps.iter());
    steps
        .into_iter()
        .flatten()
        .filter(|step| step.desired.component == id || step.desired.component.ends_with(&format!(".{id}")))
        .collect()
}

/// The step that carries the version: the add-on, else the last one with objects.
fn main_step<'model>(model: &'model Model, id: &str) -> Option<&'model PlannedStep> {
    let steps = steps(model, id);
    let addon = steps.iter().find(|step| matches!(step.desired.ensure, Ensure::Addon(_))).copied();
    addon.or_else(|| steps.iter().rev().find(|step| matches!(step.desired.ensure, Ensure::Objects(_))).copied())
}

fn version(desired: &Desired) -> String {
    match &desired.ensure {
        Ensure::Addon(addon) => short_version(&addon.version),
        // `manifest 0.8.1, 2 replicas` holds the version; `default class, encrypted` has none.
        _ => {
            let mut words = desired.title.split([' ', ',']);
            let version =
                words.clone().find(|word| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit()));
            version.or_else(|| words.next()).unwrap_or("–").to_owned()
        }
    }
}

/// `v1.64.0-eksbuild.1` as `1.64.0`.
pub fn short_version(version: &str) -> String {
    let bare = version.strip_prefix('v').unwrap_or(version);
    bare.split_once("-eksbuild").map_or(bare, |(core, _)| core).to_owned()
}

fn installed(facts: &Facts, entry: &Entry) -> String {
    if let Some(addon) = facts.eks.addons.known().and_then(|all| all.iter().find(|addon| addon.name == entry.seen_as)) {
        return short_version(&addon.version);
    }
    if let Some(classes) = facts.kube.storage_classes.known().filter(|_| entry.id == "gp3" || entry.id == "io2") {
        let here = classes.iter().find(|class| class.name == entry.seen_as);
        let other = classes.iter().find(|class| class.default && entry.id == "gp3");
        return match (here, other) {
            (Some(class), _) if class.default => "default".to_owned(),
            (Some(_), _) => "there".to_owned(),
            (None, Some(other)) => format!("{} default", other.name),
            (None, None) => "–".to_owned(),
        };
    }
    match &facts.kube.workloads {
        Fact::Known { value, .. } => {
            let found = value.iter().find(|workload| workload.name.contains(entry.seen_as));
            let tag = found.and_then(|workload| workload.image.as_ref()).and_then(|image| image.rsplit_once(':'));
            match (found, tag) {
                (Some(_), Some((_, tag))) => short_version(tag),
                (Some(_), None) => "there".to_owned(),
                (None, _) => "–".to_owned(),
            }
        }
        Fact::Unknown { .. } | Fact::NotAsked => "?".to_owned(),
    }
}

fn act(model: &Model, entry: &Entry, step: Option<&PlannedStep>) -> String {
    let off = match entry.switch {
        Switch::Flag(variable) => !model.is_on(variable),
        Switch::Owner(variable) => model.value(variable) == "skip",
        Switch::WithGpu => !model.is_on("INSTALL_GPU_NODEGROUP"),
        Switch::Fixed => false,
    };
    if off {
        return if matches!(entry.switch, Switch::Owner(_)) { "skip".to_owned() } else { "off".to_owned() };
    }
    let all = steps(model, entry.id);
    match all.iter().find(|step| step.verb != Verb::Keep) {
        Some(first) if step.is_none_or(|step| step.verb == Verb::Keep) => first.verb.word().to_owned(),
        Some(_) => step.map_or_else(
            || "–".to_owned(),
            |step| if step.verb == Verb::Create { "install".to_owned() } else { step.verb.word().to_owned() },
        ),
        None if all.is_empty() => "unplanned".to_owned(),
        None => "keep".to_owned(),
    }
}

/// The component whose settings are shown: the focused one, or the one that the focused setting belongs to.
fn focus(model: &Model) -> Option<&'static Entry> {
    match model.nav.cursors.get(1).and_then(Option::as_ref) {
        Some(Target::Component(id)) => find(id),
        Some(Target::Field(variable)) => TABLE.iter().find(|entry| entry.settings.contains(variable)),
        _ => TABLE.first(),
    }
}

fn settings(model: &Model, wide: usize) -> Vec<Row> {
    let Some(entry) = focus(model) else { return Vec::new() };
    let mut rows = vec![Row::head(format!("{}: SETTINGS", entry.name.to_uppercase()))];
    for variable in entry.settings {
        let Some(def) = form::find(variable) else { continue };
        if def.is_visible(&model.config.draft) {
            rows.extend(fields::def_rows(model, def, 2, wide));
        } else {
            rows.push(Row::new(Line::new().to(2).put(Role::Muted, format!("{:<15}counts when it is on", def.label))));
        }
    }
    if entry.settings.is_empty() {
        rows.push(Row::new(Line::new().to(2).put(Role::Muted, "none")));
    }
    rows
}

/// The right pane.
pub fn side(model: &Model, row: Option<&Row>, wide: usize) -> (Line, Vec<Row>) {
    let id = match row.and_then(|row| row.target.as_ref()) {
        Some(Target::Field(variable)) => return fields::side(model, variable, wide),
        Some(Target::Component(id)) => id,
        _ => return (Line::of(Role::Bold, "Components"), Vec::new()),
    };
    let Some(entry) = find(id) else { return (Line::of(Role::Bold, *id), Vec::new()) };
    let mut rows = Row::prose(entry.says, wide);
    rows.push(Row::blank());
    if let Some(variable) = entry.variable() {
        rows.extend(fields::pair("Sets", &format!("{variable}={}", model.value(variable)), wide));
        rows.extend(fields::pair("From", &form::source(&model.config.draft, variable), wide));
    } else {
        rows.extend(fields::pair(
            "Need",
            if entry.switch == Switch::Fixed { "required" } else { "with GPU nodes" },
            wide,
        ));
    }
    let steps = steps(model, entry.id);
    if !steps.is_empty() {
        rows.push(Row::blank());
        rows.push(Row::head("IN THE PLAN"));
        for step in steps {
            let line = Line::of(Role::Bold, format!("{} ", step.verb.mark())).plain(step.id().to_string());
            rows.push(Row::new(line.cut(wide)));
            rows.extend(Row::toned(Role::Muted, &step.reason, wide));
        }
    }
    for note in
        model.world.plan.value().iter().flat_map(|planned| &planned.plan.notes).filter(|note| note.subject == entry.id)
    {
        rows.extend(Row::prose(&note.says, wide));
    }
    if let Some(def) = entry.variable().and_then(form::find) {
        rows.extend(fields::checks(model, def.checks, wide));
    }
    for (variable, why) in form::not_yet(&model.config.draft) {
        if entry.variable() == Some(variable) {
            rows.push(Row::blank());
            rows.extend(Row::toned(Role::Warn, &why, wide));
        }
    }
    rows.extend(fields::greyed(row, wide));
    (Line::of(Role::Bold, entry.name), rows)
}
