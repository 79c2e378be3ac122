//! What each act of the key table does.

use tui_input::Input;

use super::{choose, draft, enter, look, overlay, say, want_plan};
use crate::domain::finding::Fix;
use crate::tui::effects::{Control, Effect, Stage};
use crate::tui::keymap::Act;
use crate::tui::model::{Model, Overlay};
use crate::tui::next;
use crate::tui::screens::{self, preflight, review};
use crate::tui::section::{Pane, Section};
use crate::tui::widgets::rows::{Row, Target, moved};
use crate::tui::widgets::text::Mark;

/// Rows of half a page.
const HALF_PAGE: isize = 10;
/// Further than any list is long.
const END: isize = 100_000;

/// Does an act.
pub fn act(model: &mut Model, act: Act) -> Vec<Effect> {
    match act {
        Act::Move(by) => step(model, isize::from(by)),
        Act::Page(by) => step(model, isize::from(by) * HALF_PAGE),
        Act::Top => step(model, -END),
        Act::Bottom => step(model, END),
        Act::Up => {
            up(model);
            Vec::new()
        }
        Act::NextPane => {
            turn(model, true);
            Vec::new()
        }
        Act::PreviousPane => {
            turn(model, false);
            Vec::new()
        }
        Act::Go(section) => enter(model, section, None),
        Act::Next if model.front.found.is_some() => overlay::find(model, true),
        Act::Previous => overlay::find(model, false),
        Act::Next => go_next(model),
        Act::Find => open(model, Overlay::Find(Input::default())),
        Act::Palette => open(model, Overlay::Palette(Input::default(), 0)),
        Act::Help => open(model, Overlay::Help(0)),
        Act::Messages => open(model, Overlay::Messages(0)),
        Act::Quit => super::leave(model),
        Act::Enter | Act::Space | Act::Left | Act::Right => choose::row(model, act),
        _ if model.nav.welcome => Vec::new(),
        Act::Copy => copy(model, false),
        Act::CopyCommand => copy(model, true),
        Act::Enlarge => {
            let enlarged = !model.nav.enlarged;
            model.nav.focus(if enlarged { Pane::Side } else { Pane::Body });
            model.nav.enlarged = enlarged;
            Vec::new()
        }
        Act::Again => again(model),
        Act::Save => vec![Effect::Save],
        Act::Undo => draft::undo(model),
        Act::Fixes if model.nav.section == Section::Preflight => fixes(model),
        Act::Fixes => on_field(model, draft::mend),
        Act::Reset => on_field(model, draft::reset),
        Act::Apply => overlay::ask_apply(model),
        Act::Explain | Act::Log => {
            model.nav.focus(Pane::Side);
            model.nav.side_scroll = 0;
            Vec::new()
        }
        Act::View => {
            model.nav.object = !model.nav.object;
            Vec::new()
        }
        Act::Pause => pause(model),
    }
}

fn open(model: &mut Model, overlay: Overlay) -> Vec<Effect> {
    model.front.overlay = Some(overlay);
    Vec::new()
}

/// Puts the cursor of the body on a target.
pub fn put_cursor(model: &mut Model, target: Target) {
    if let Target::Start(start) = target {
        model.nav.start = Some(start);
        return;
    }
    let section = model.nav.section.index();
    if let Some(slot) = model.nav.cursors.get_mut(section) {
        if slot.as_ref() != Some(&target) {
            model.nav.side = None;
            model.nav.side_scroll = 0;
        }
        *slot = Some(target);
    }
}

/// Moves the cursor of the pane that has it.
fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    match model.nav.pane {
        Pane::Menu if !model.nav.welcome => {
            let at = model.nav.section.index().saturating_add_signed(by).min(Section::ALL.len() - 1);
            let Some(section) = Section::ALL.get(at).copied() else { return Vec::new() };
            let effects = enter(model, section, None);
            model.nav.focus(Pane::Menu);
            effects
        }
        Pane::Side if !model.nav.welcome => {
            let (_, rows) = screens::side(model, 60);
            let at = screens::side_cursor(model, &rows);
            if at.is_some() {
                model.nav.side = moved(&rows, at, by);
            } else {
                scroll(model, rows.len(), by);
            }
            Vec::new()
        }
        _ => {
            let rows = screens::body(model, screens::BODY_TEXT);
            let at = screens::body_cursor(model, &rows);
            if let Some(target) = moved(&rows, at, by) {
                put_cursor(model, target);
            }
            Vec::new()
        }
    }
}

/// Scrolls the text of the right pane; a log that follows counts from its end.
fn scroll(model: &mut Model, rows: usize, by: isize) {
    let follows = model.nav.section == Section::Apply && model.run.view.end.is_none();
    let by = if follows { by.saturating_neg() } else { by };
    model.nav.side_scroll = model.nav.side_scroll.saturating_add_signed(by).min(rows);
}

/// Up one level: enlarged, right pane, body, menu; there it stops.
fn up(model: &mut Model) {
    if model.front.found.take().is_some() {
        return;
    }
    if model.nav.enlarged {
        model.nav.focus(Pane::Body);
    } else {
        match model.nav.pane {
            Pane::Side => model.nav.focus(Pane::Body),
            Pane::Body if !model.nav.welcome => model.nav.focus(Pane::Menu),
            Pane::Body | Pane::Menu => {
                say(model, Mark::No, "Esc never leaves; q does.");
            }
        }
    }
}

fn turn(model: &mut Model, forward: bool) {
    let has_side = !model.nav.welcome;
    let pane = match (model.nav.pane, forward) {
        _ if !has_side => Pane::Body,
        (Pane::Menu, true) | (Pane::Side, false) => Pane::Body,
        (Pane::Body, true) | (Pane::Menu, false) => Pane::Side,
        (Pane::Side, true) | (Pane::Body, false) => Pane::Menu,
    };
    model.nav.focus(pane);
    model.nav.side_scroll = 0;
}

fn go_next(model: &mut Model) -> Vec<Effect> {
    let next = next::of(model);
    match next.to {
        Some((section, target)) => enter(model, section, target),
        None => say(model, Mark::No, next.says),
    }
}

/// Reads, runs or tries again; asks first where that changes anything.
fn again(model: &mut Model) -> Vec<Effect> {
    match model.nav.section {
        Section::Preflight | Section::Review => want_plan(model, true),
        Section::Apply => overlay::ask_resume(model),
        Section::Verify if model.session.read_only => {
            say(model, Mark::No, "r is off: READ-ONLY, and verification starts pods.")
        }
        Section::Verify if model.world.verification.is_loading() || model.applying() => Vec::new(),
        Section::Verify if !super::knows_cluster(model) => super::discover(model, Stage::Everything),
        Section::Verify => {
            model.world.verification.begin(model.clock);
            vec![Effect::Verify]
        }
        Section::Health => look(model),
        _ => {
            let stage = if model.value("CLUSTER_NAME").is_empty() { Stage::Connect } else { Stage::Everything };
            super::discover(model, stage)
        }
    }
}

/// Does something to the variable of the focused row.
fn on_field(model: &mut Model, act: fn(&mut Model, &'static str) -> Vec<Effect>) -> Vec<Effect> {
    let rows = screens::body(model, screens::BODY_TEXT);
    match screens::focused(model, &rows).and_then(|row| row.target.as_ref()) {
        Some(Target::Field(variable) | Target::Choice(variable, _)) => {
            let variable = *variable;
            act(model, variable)
        }
        _ => say(model, Mark::No, "the focused row is no setting."),
    }
}

/// Goes to the fixes of the focused finding; the only one, if it sets a variable, is taken at once.
fn fixes(model: &mut Model) -> Vec<Effect> {
    let rows = screens::body(model, screens::BODY_TEXT);
    let finding = preflight::focused_finding(model, screens::focused(model, &rows));
    match finding.map(|finding| finding.fixes.as_slice()) {
        None | Some([]) => return say(model, Mark::No, "the focused row has no fixes."),
        Some([Fix::Set { .. }]) => return choose::fix(model, 0),
        Some(_) => {}
    }
    model.nav.focus(Pane::Side);
    model.nav.side = Some(Target::Fix(0));
    Vec::new()
}

fn pause(model: &mut Model) -> Vec<Effect> {
    if model.nav.section == Section::Health {
        model.health.frozen = !model.health.frozen;
        return if model.health.frozen { say(model, Mark::No, "the watch rests; p goes on.") } else { look(model) };
    }
    if !model.applying() {
        return say(model, Mark::No, "p is off: no run goes on.");
    }
    let mut effects = vec![Effect::Control(Control::Pause)];
    effects.extend(say(model, Mark::Running, "the run pauses: running steps finish, no step starts."));
    effects
}

/// The text that `y` and `Y` copy.
fn copied(model: &Model, row: Option<&Row>, command: bool) -> Option<String> {
    if command {
        return Some(match model.nav.section {
            Section::Connect => "eks-wizard discover".to_owned(),
            Section::Components | Section::Gpu | Section::Network | Section::Drivers => {
                match row.and_then(|row| row.target.as_ref()) {
                    Some(Target::Field(variable) | Target::Choice(variable, _)) => {
                        format!("eks-wizard config set {variable}={}", model.value(variable))
                    }
                    _ => "eks-wizard config show".to_owned(),
                }
            }
            Section::Preflight => "eks-wizard preflight".to_owned(),
            Section::Review => {
                review::focused_step(model, row).map_or_else(|| "eks-wizard plan".to_owned(), review::object_json)
            }
            Section::Apply => "eks-wizard runs".to_owned(),
            Section::Verify => "eks-wizard verify".to_owned(),
            Section::Health => "eks-wizard health".to_owned(),
        });
    }
    if model.nav.pane == Pane::Side {
        let (title, rows) = screens::side(model, 160);
        let lines = rows.iter().map(|row| row.line.text());
        return Some(std::iter::once(title.text()).chain(lines).collect::<Vec<_>>().join("\n"));
    }
    Some(match row?.target.as_ref()? {
        Target::Cluster(name) | Target::Subnet(name) | Target::Node(name) | Target::Addresses(name) => name.clone(),
        Target::Field(variable) | Target::Choice(variable, _) => model.value(variable),
        Target::Step(id) => id.to_string(),
        Target::Finding(key) if key.subject.is_empty() => key.check.clone(),
        Target::Finding(key) => format!("{} {}", key.check, key.subject),
        _ => row?.line.text().trim().to_owned(),
    })
}

fn copy(model: &mut Model, command: bool) -> Vec<Effect> {
    let rows = screens::body(model, screens::BODY_TEXT);
    match copied(model, screens::focused(model, &rows), command).filter(|text| !text.is_empty()) {
        Some(text) => {
            let count = text.chars().count();
            let mut effects = vec![Effect::Copy(text)];
            effects.extend(say(model, Mark::Done, format!("{count} characters are sent to the terminal's clipboard.")));
            effects
        }
        None => say(model, Mark::No, "nothing to copy here."),
    }
}
