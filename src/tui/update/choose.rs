//! Enter, Space, ← and → on the focused row.

use super::{acts, discover, draft, enter, overlay, say};
use crate::domain::finding::Fix;
use crate::tui::effects::{Effect, Ended, Stage};
use crate::tui::form;
use crate::tui::keymap::Act;
use crate::tui::model::{Model, Overlay, Question};
use crate::tui::screens::catalogue::{self, Switch};
use crate::tui::screens::{self, network, preflight};
use crate::tui::section::{Pane, Section};
use crate::tui::widgets::rows::{Start, Target};
use crate::tui::widgets::text::Mark;

/// Does what the act means on the focused row.
pub fn row(model: &mut Model, act: Act) -> Vec<Effect> {
    if model.nav.pane == Pane::Menu && !model.nav.welcome {
        if matches!(act, Act::Enter | Act::Right | Act::Space) {
            model.nav.focus(Pane::Body);
        }
        return Vec::new();
    }
    if screens::in_side(model) {
        return side(model, act);
    }
    let rows = screens::body(model, screens::BODY_TEXT);
    let Some(row) = screens::focused(model, &rows) else { return Vec::new() };
    let (Some(target), blocked) = (row.target.clone(), row.blocked.clone()) else { return Vec::new() };
    let opens_anyway = matches!(target, Target::Component(_)) && act == Act::Enter;
    if let (Some(why), false, Act::Enter | Act::Space) = (blocked, opens_anyway, act) {
        return say(model, Mark::No, why);
    }
    match target {
        Target::Start(start) => begin(model, start, act),
        Target::Field(variable) => field(model, variable, act),
        Target::Choice(variable, value) => choice(model, variable, &value, act),
        Target::Cluster(name) => cluster(model, &name, act),
        Target::Component(id) => component(model, id, act),
        Target::Subnet(id) if matches!(act, Act::Enter | Act::Space) => draft::set(model, "GPU_SUBNET", &id),
        Target::WhatIf(at) => what_if(model, at, act),
        Target::Pods => pods(model, act),
        Target::Group(key) => group(model, key, act),
        Target::Finding(..) => finding(model, act),
        Target::Goto(section) if act == Act::Enter => enter(model, section, None),
        Target::Step(_)
        | Target::Rung(..)
        | Target::Reason(_)
        | Target::Node(_)
        | Target::Coverage(_)
        | Target::Part(_)
        | Target::Tile(_)
        | Target::Addresses(_)
            if act == Act::Enter =>
        {
            model.nav.focus(Pane::Side);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn begin(model: &mut Model, start: Start, act: Act) -> Vec<Effect> {
    if act != Act::Enter {
        return Vec::new();
    }
    match start {
        Start::Simulated if !model.session.simulated => return vec![Effect::Quit(Ended::Simulator)],
        Start::ReadOnly => model.session.read_only = true,
        Start::Live | Start::Simulated => {}
        Start::Resume => {
            let effects = enter(model, Section::Apply, None);
            model.front.overlay = Some(Overlay::Ask(Question::Resume, 0));
            return effects;
        }
    }
    enter(model, Section::Connect, None)
}

fn field(model: &mut Model, variable: &'static str, act: Act) -> Vec<Effect> {
    let Some(def) = form::find(variable) else { return Vec::new() };
    let holder = form::screen(variable);
    if act == Act::Enter && model.nav.section == Section::Preflight && holder != Section::Preflight {
        return enter(model, holder, Some(Target::Field(def.name)));
    }
    let is_flag = matches!(def.kind, crate::config::field::Kind::Flag);
    match act {
        Act::Enter | Act::Space if is_flag => flip(model, def.name),
        Act::Enter if draft::is_typed(def.name) => draft::open(model, def.name),
        Act::Enter | Act::Space | Act::Left | Act::Right => {
            let forward = act != Act::Left;
            let draft = &model.config.draft;
            match form::nudge(draft, def, forward)
                .filter(|_| act != Act::Space)
                .or_else(|| form::cycle(draft, def, forward))
            {
                Some(value) => draft::set(model, def.name, &value),
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn flip(model: &mut Model, variable: &str) -> Vec<Effect> {
    let next = if model.is_on(variable) { "false" } else { "true" };
    draft::set(model, variable, next)
}

fn choice(model: &mut Model, variable: &'static str, value: &str, act: Act) -> Vec<Effect> {
    match act {
        Act::Enter | Act::Space => draft::set(model, variable, value),
        _ => {
            let next = form::find(variable).and_then(|def| form::cycle(&model.config.draft, def, act == Act::Right));
            next.map_or_else(Vec::new, |next| draft::set(model, variable, &next))
        }
    }
}

fn cluster(model: &mut Model, name: &str, act: Act) -> Vec<Effect> {
    if !matches!(act, Act::Enter | Act::Space) {
        return Vec::new();
    }
    let mut effects = draft::set(model, "CLUSTER_NAME", name);
    effects.extend(discover(model, Stage::Everything));
    effects
}

fn component(model: &mut Model, id: &'static str, act: Act) -> Vec<Effect> {
    let Some(entry) = catalogue::find(id) else { return Vec::new() };
    match (act, entry.switch) {
        (Act::Enter, Switch::WithGpu) if !model.is_on("INSTALL_GPU_NODEGROUP") => enter(model, Section::Gpu, None),
        (Act::Enter, _) => {
            let visible = entry
                .settings
                .iter()
                .copied()
                .filter(|variable| form::find(variable).is_some_and(|def| def.is_visible(&model.config.draft)));
            match visible.map(Target::Field).next() {
                Some(target) => acts::put_cursor(model, target),
                None => return say(model, Mark::No, format!("{} has no settings that count now.", entry.name)),
            }
            Vec::new()
        }
        (Act::Space, Switch::Flag(variable)) => flip(model, variable),
        (_, Switch::Owner(variable)) => field(model, variable, if act == Act::Space { Act::Right } else { act }),
        (Act::Space, Switch::Fixed) => say(model, Mark::No, format!("required: {}", entry.says)),
        (Act::Space, Switch::WithGpu) => say(model, Mark::No, "it comes and goes with 3 GPU nodes."),
        _ => Vec::new(),
    }
}

fn what_if(model: &mut Model, at: usize, act: Act) -> Vec<Effect> {
    match act {
        Act::Space => {
            model.what_if.tried = if model.what_if.tried == Some(at) { None } else { Some(at) };
            Vec::new()
        }
        Act::Enter => match network::what_if_layout(model, at) {
            Some(layout) => draft::set(model, "GPU_ENI_LAYOUT", layout.as_str()),
            None => say(model, Mark::No, "a setting of the VPC CNI: this program does not change it. Space tries it."),
        },
        _ => Vec::new(),
    }
}

fn pods(model: &mut Model, act: Act) -> Vec<Effect> {
    let pods = model.what_if.pods;
    model.what_if.pods = match act {
        Act::Left => pods.saturating_sub(10).max(10),
        Act::Right => (pods + 10).min(500),
        _ => pods,
    };
    Vec::new()
}

fn group(model: &mut Model, key: String, act: Act) -> Vec<Effect> {
    // What is toggled is a departure from the default; which of the two states that is, the screen knows.
    let open = |model: &Model, key: &str| {
        let rows = screens::body(model, screens::BODY_TEXT);
        let at = rows.iter().position(|row| row.target == Some(Target::Group(key.to_owned())));
        let next = at.and_then(|at| rows.get(at + 1)).and_then(|row| row.target.as_ref());
        matches!(next, Some(Target::Step(_) | Target::Finding(..)))
    };
    let is_open = open(model, &key);
    let flips = match act {
        Act::Left => is_open,
        Act::Right => !is_open,
        _ => true,
    };
    if flips && !model.nav.toggled.remove(&key) {
        model.nav.toggled.insert(key);
    }
    Vec::new()
}

/// Enter goes to the field that causes a finding, → to its fixes.
fn finding(model: &mut Model, act: Act) -> Vec<Effect> {
    let rows = screens::body(model, screens::BODY_TEXT);
    let Some(finding) = preflight::focused_finding(model, screens::focused(model, &rows)) else { return Vec::new() };
    if act == Act::Right && !finding.fixes.is_empty() {
        model.nav.focus(Pane::Side);
        model.nav.side = Some(Target::Fix(0));
        return Vec::new();
    }
    if act != Act::Enter {
        return Vec::new();
    }
    match preflight::cause(finding) {
        Some(variable) => {
            let target = target_of(model, variable);
            enter(model, form::screen(variable), Some(target))
        }
        None => say(model, Mark::No, "no field causes it; the right pane says what does."),
    }
}

/// The row that holds a variable: some have no form row of their own.
fn target_of(model: &Model, variable: &'static str) -> Target {
    let component = catalogue::TABLE.iter().find(|entry| matches!(entry.switch, Switch::Flag(own) if own == variable));
    match (variable, component) {
        ("GPU_SUBNET", _) => match network::candidates(model).into_iter().next() {
            Some(one) => Target::Subnet(one.id),
            None => Target::Field("GPU_SUBNET_A"),
        },
        (_, Some(entry)) => Target::Component(entry.id),
        _ => Target::Field(variable),
    }
}

/// The right pane: fixes are taken, text is only read.
fn side(model: &mut Model, act: Act) -> Vec<Effect> {
    if act == Act::Left {
        model.nav.focus(Pane::Body);
        return Vec::new();
    }
    let (_, rows) = screens::side(model, 60);
    let target = screens::side_cursor(model, &rows).and_then(|at| rows.get(at)).and_then(|row| row.target.clone());
    match (act, target) {
        (Act::Enter, Some(Target::Fix(at))) => fix(model, at),
        (Act::Enter, None) if model.nav.section == Section::Apply => overlay::ask_resume(model),
        _ => Vec::new(),
    }
}

/// Takes a fix of the focused finding.
pub fn fix(model: &mut Model, at: usize) -> Vec<Effect> {
    let rows = screens::body(model, screens::BODY_TEXT);
    let finding = preflight::focused_finding(model, screens::focused(model, &rows));
    let Some(fix) = finding.and_then(|finding| finding.fixes.get(at)).cloned() else { return Vec::new() };
    match fix {
        Fix::Set { variable, value, .. } => {
            model.nav.focus(Pane::Body);
            model.nav.side = None;
            let mut effects = draft::set(model, &variable, &value);
            effects.extend(say(model, Mark::Done, format!("{variable}={value} is set; u takes it back.")));
            effects
        }
        Fix::Run { command, .. } => {
            let mut effects = vec![Effect::Copy(command)];
            effects.extend(say(model, Mark::Done, "the command is copied. Run it, then r checks again."));
            effects
        }
        Fix::Ask { says } => match finding_variable(model) {
            Some(variable) => {
                let target = target_of(model, variable);
                enter(model, form::screen(variable), Some(target))
            }
            None => say(model, Mark::No, says),
        },
    }
}

fn finding_variable(model: &Model) -> Option<&'static str> {
    let rows = screens::body(model, screens::BODY_TEXT);
    preflight::focused_finding(model, screens::focused(model, &rows)).and_then(preflight::cause)
}
