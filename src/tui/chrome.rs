//! What stands on every screen: header, menu, rail, message line, keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::keymap::{self, Act};
use super::layout::Size;
use super::model::{Edit, Model, Overlay};
use super::next;
use super::screens::states::{left, span};
use super::screens::{body, focused, status};
use super::section::{Pane, Section};
use super::theme::Theme;
use super::widgets::pane;
use super::widgets::text::{Line, Mark, Role, cut_end, cut_middle, plural, width};
use crate::events::event::RunEnd;

/// The mode: one or two words that are always spelt out.
pub fn mode(model: &Model) -> String {
    let mut words = vec![if model.session.simulated { "SIMULATED" } else { "LIVE" }];
    if model.applying() {
        words.push("APPLYING");
    } else if model.session.read_only {
        words = if model.session.simulated { vec!["SIMULATED", "READ-ONLY"] } else { vec!["READ-ONLY"] };
    }
    let mode = words.join(" ");
    if model.session.locked.is_some() && !model.applying() { format!("{mode}, locked") } else { mode }
}

/// The parts of the header's left half, which give way when room is short.
struct Left {
    alias: Option<String>,
    account: String,
    region: String,
    cluster: String,
    version: String,
}

impl Left {
    fn of(model: &Model) -> Self {
        let caller = model.facts().and_then(|facts| facts.caller.known());
        let name = model.value("CLUSTER_NAME");
        let chosen =
            model.facts().and_then(|facts| facts.cluster.known()).filter(|one| one.summary.name.as_str() == name);
        let or_dash = |text: String| if text.is_empty() { "–".to_owned() } else { text };
        Self {
            alias: caller.and_then(|caller| caller.alias.clone()),
            account: caller.map(|caller| caller.account.to_string()).unwrap_or_default(),
            region: or_dash(model.value("AWS_REGION")),
            cluster: or_dash(name),
            version: chosen.map(|cluster| cluster.summary.version.clone()).unwrap_or_default(),
        }
    }

    fn text(&self, level: u8, room: usize) -> String {
        let digits = match level {
            0 => self.account.clone(),
            1 if self.account.len() > 4 => {
                format!("…{}", self.account.get(self.account.len() - 4..).unwrap_or_default())
            }
            _ => String::new(),
        };
        let alias = if level < 3 { self.alias.clone().unwrap_or_default() } else { String::new() };
        let who = format!("{alias} {digits}").trim().to_owned();
        let who = if who.is_empty() && level < 2 { "no account".to_owned() } else { who };
        let version = if level < 4 { self.version.as_str() } else { "" };
        let parts = [who.as_str(), &self.region, &self.cluster, version];
        let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        if level < 5 { text } else { cut_middle(&self.cluster, room) }
    }
}

/// The header: who and where at the left, what runs out and the mode at the right.
pub fn header(model: &Model, size: Size, area: Rect, theme: Theme, buf: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(2);
    let token = match model.facts().and_then(|facts| facts.caller.known()).and_then(|caller| caller.expires_at) {
        Some(end) => format!("token {}", left(model.clock, end)),
        None => "token –".to_owned(),
    };
    let block = if model.value("GPU_CAPACITY") == "capacity-block" { "block ?" } else { "no Capacity Block" };
    let mode = mode(model);
    let full = format!("{token} · {block} · {mode}");
    let short = format!("{token} · {mode}");
    let left = Left::of(model);
    let (text, right) = if size == Size::Small {
        (cut_middle(&left.cluster, room.saturating_sub(width(&short) + 1)), short)
    } else {
        let levels = std::iter::once((0, full)).chain((0..=5).map(|level| (level, short.clone())));
        let mut chosen = (String::new(), short.clone());
        for (level, right) in levels {
            let left_room = room.saturating_sub(width(&right) + 1);
            chosen = (left.text(level, left_room), right);
            if width(&chosen.0) <= left_room {
                break;
            }
        }
        chosen
    };
    let split = text.rfind(&left.cluster).filter(|_| left.cluster != "–");
    let line = match split {
        Some(at) => {
            let (before, rest) = text.split_at(at);
            let (name, after) = rest.split_at(left.cluster.len().min(rest.len()));
            Line::new().plain(before).put(Role::Bold, name).plain(after)
        }
        None => Line::new().plain(text),
    };
    let role = if model.applying() {
        Role::Running
    } else if model.session.simulated {
        Role::Unknown
    } else {
        Role::Bold
    };
    let right_line = match right.strip_suffix(mode.as_str()) {
        Some(head) => Line::new().plain(head).put(role, mode.clone()),
        None => Line::new().plain(right.clone()),
    };
    let x = area.right().saturating_sub(u16::try_from(width(&right) + 1).unwrap_or(u16::MAX)).max(area.x);
    pane::line(&line, area.x.saturating_add(1), area.y, Rect { width: x.saturating_sub(area.x), ..area }, theme, buf);
    pane::line(&right_line, x, area.y, area, theme, buf);
}

/// The glyph before the section that is shown.
fn menu_cursor(model: &Model) -> &'static str {
    if model.nav.pane == Pane::Menu && model.front.overlay.is_none() { "▸" } else { "▹" }
}

/// The menu: two rows a section, and PLAN or RUN at its foot.
pub fn menu(model: &Model, area: Rect, theme: Theme, buf: &mut Buffer) {
    let summaries = area.height >= 31;
    let mut y = area.y;
    for section in Section::ALL {
        if let Some(group) = section.group() {
            if y > area.y && summaries {
                y += 1;
            }
            pane::line(&Line::of(Role::Muted, group), area.x + 2, y, area, theme, buf);
            y += 1;
        }
        let state = status::of(model, section);
        let here = section == model.nav.section;
        let name =
            Line::of(if here { Role::Bold } else { Role::Plain }, format!("{} {}", section.digit(), section.name()));
        if here {
            buf.set_stringn(area.x, y, menu_cursor(model), 1, theme.style(Role::Plain));
        }
        pane::line(&name, area.x + 2, y, area, theme, buf);
        let mark_x = area.right().saturating_sub(2);
        pane::line(&Line::of(state.mark.role(), state.mark.glyph()), mark_x, y, area, theme, buf);
        y += 1;
        if summaries {
            pane::line(&Line::of(Role::Muted, cut_end(&state.summary, 16)), area.x + 4, y, area, theme, buf);
            y += 1;
        }
    }
    if area.bottom().saturating_sub(y) >= 4 {
        foot(model, area, theme, buf);
    }
}

fn foot(model: &Model, area: Rect, theme: Theme, buf: &mut Buffer) {
    let lines = match (&model.run.view.head, model.world.plan.value()) {
        (Some(head), _) => {
            let end = model.run.view.at.filter(|_| model.run.view.end.is_some()).unwrap_or(model.clock);
            let word = if model.run.view.end.is_some() { "took" } else { "so far" };
            [
                Line::of(Role::Muted, "RUN   ").plain(head.run.to_string()),
                Line::new().plain(format!("{} {word}", span(end, head.at))),
            ]
        }
        (None, Some(planned)) => {
            let blockers = planned.blockers().count();
            let says = if blockers > 0 { plural(blockers, "blocker") } else { "nothing sent yet".to_owned() };
            [
                Line::of(Role::Muted, "PLAN  ").plain(plural(planned.plan.pending().count(), "step")),
                Line::new().plain(says),
            ]
        }
        (None, None) => [
            Line::of(Role::Muted, "PLAN  ").plain("none"),
            Line::new().plain(match model.config.issues.len() {
                0 => "not made yet".to_owned(),
                count => format!("{} to fix", plural(count, "thing")),
            }),
        ],
    };
    let top = area.bottom().saturating_sub(3);
    let lines = lines.into_iter().chain([Line::of(Role::Muted, "price unknown")]);
    for (offset, line) in (0..).zip(lines) {
        pane::line(&line.cut(usize::from(area.width.saturating_sub(3))), area.x + 2, top + offset, area, theme, buf);
    }
}

/// The rail: the current section by name, the others as number and mark.
pub fn rail(model: &Model, size: Size, area: Rect, theme: Theme, buf: &mut Buffer) {
    let mut line = Line::new().plain(" ");
    let here = model.nav.section;
    let tight = size == Size::Small;
    let cell = |line: Line, section: Section| {
        let state = status::of(model, section);
        let space = if tight { "" } else { " " };
        let line = if section == here {
            line.plain(menu_cursor(model)).put(Role::Bold, format!("{} {} ", section.digit(), section.name()))
        } else {
            line.plain(format!("{}{space}", section.digit()))
        };
        line.put(state.mark.role(), state.mark.glyph()).plain(if tight { " " } else { "  " })
    };
    if tight {
        line = cell(line, here).plain("  ");
        for section in Section::ALL.into_iter().filter(|section| *section != here) {
            line = cell(line, section);
        }
    } else {
        for section in Section::ALL {
            line = cell(line, section);
        }
    }
    let cost = "price unknown";
    let fits = line.width() + width(cost) + 1 < usize::from(area.width);
    pane::line(&line, area.x, area.y, area, theme, buf);
    if fits {
        pane::right(cost, Role::Muted, area.y, area, theme, buf);
    }
}

/// The standing fact at the right end of the message line.
fn standing(model: &Model) -> String {
    let file = if model.session.simulated { "sim .env" } else { ".env" };
    match (model.config.unsaved, model.config.saved_at) {
        (0, Some(at)) => format!("{file} saved {}", at.clock_minutes()),
        (0, None) => String::new(),
        (count, _) => format!("{file}: {count} unsaved {}", if count == 1 { "change" } else { "changes" }),
    }
}

/// The message line: a notice, or Next and a sentence; one standing fact at the right.
pub fn message(model: &Model, area: Rect, theme: Theme, buf: &mut Buffer) {
    let fact = standing(model);
    let room = usize::from(area.width).saturating_sub(2 + if fact.is_empty() { 0 } else { width(&fact) + 2 });
    let line = match (&model.front.notice, &model.front.overlay, &model.front.edit) {
        (Some(notice), ..) => Line::new()
            .mark(notice.mark)
            .put(if notice.mark == Mark::Failed { Role::Error } else { Role::Plain }, notice.text.clone()),
        (None, Some(overlay), _) => Line::of(Role::Bold, "Next   ").plain(overlay_says(overlay)),
        (None, None, Some(Edit { error: Some((why, better)), .. })) => {
            let tab = better.as_ref().map_or(String::new(), |value| format!("Tab takes {value}. "));
            Line::new().mark(Mark::Failed).plain(tab).put(Role::Error, why.clone())
        }
        (None, None, Some(edit)) => {
            let takes =
                super::form::find(edit.variable).map_or_else(String::new, |def| format!("type {}", def.kind.expects()));
            Line::of(Role::Bold, "Next   ").plain(format!("{takes}."))
        }
        (None, None, None) => {
            let next = next::of(model);
            let goes = if next.to.is_some() { "   n goes there" } else { "" };
            Line::of(Role::Bold, "Next   ").plain(next.says).put(Role::Muted, goes)
        }
    };
    pane::line(&line.cut(room), area.x + 1, area.y, area, theme, buf);
    pane::right(&fact, Role::Muted, area.y, area, theme, buf);
}

fn overlay_says(overlay: &Overlay) -> &'static str {
    match overlay {
        Overlay::Help(_) | Overlay::Messages(_) => "Esc returns to the section.",
        Overlay::Changes(_) => "Esc goes on; this list comes once.",
        Overlay::Palette(..) => "Enter does the chosen act; nothing is sent before you confirm.",
        Overlay::Find(_) => "type a word of a row, then Enter; n and N go on.",
        Overlay::Ask(..) => "move to a row and press Enter, or Esc to go back.",
    }
}

/// The keys that count now, cut from the right, but `?` stays.
pub fn keys(model: &Model, area: Rect, theme: Theme, buf: &mut Buffer) {
    let gap = if area.width >= 120 { "   " } else { "  " };
    let fixed: Option<&[(&str, &str)]> = match (&model.front.overlay, &model.front.edit) {
        (Some(Overlay::Palette(..)), _) => Some(&[
            ("type", "to filter"),
            ("↑↓", "move"),
            ("Enter", "do it"),
            ("Esc", "close"),
            ("?", "is a letter here"),
        ]),
        (Some(Overlay::Find(_)), _) => {
            Some(&[("type", "a word"), ("Enter", "find"), ("Esc", "close"), ("?", "is a letter here")])
        }
        (Some(Overlay::Ask(..)), _) => {
            Some(&[("↑↓", "move"), ("Enter", "do it"), ("Esc", "go back"), ("?", "no help in a question")])
        }
        (Some(Overlay::Help(_) | Overlay::Messages(_) | Overlay::Changes(_)), _) => {
            Some(&[("↑↓", "scroll"), ("Esc", "close"), ("?", "close")])
        }
        (None, Some(_)) => Some(&[
            ("Enter", "keep"),
            ("Tab", "take the suggestion"),
            ("Esc", "undo"),
            ("Ctrl-u", "clear"),
            ("?", "is a letter here"),
        ]),
        (None, None) if model.nav.welcome => Some(&[("↑↓", "move"), ("Enter", "start"), ("?", "help"), ("q", "leave")]),
        (None, None) => None,
    };
    let all: Vec<(&str, &str)> = fixed.map_or_else(|| of_section(model), <[(&str, &str)]>::to_vec);
    let room = usize::from(area.width).saturating_sub(2);
    let cost = |(keys, says): &(&str, &str)| width(keys) + 1 + width(says) + gap.len();
    let help = all.iter().find(|(keys, _)| *keys == "?").map_or(0, cost);
    let (mut line, mut used, mut helped) = (Line::new(), 0, false);
    for entry in &all {
        let is_help = entry.0 == "?";
        let reserve = if helped || is_help { 0 } else { help };
        if used + cost(entry) + reserve > room + gap.len() {
            continue;
        }
        helped |= is_help;
        used += cost(entry);
        line = line.put(Role::Accent, entry.0).plain(format!(" {}{gap}", entry.1));
    }
    pane::line(&line, area.x + 1, area.y, area, theme, buf);
}

fn of_section(model: &Model) -> Vec<(&'static str, &'static str)> {
    let rows = body(model, super::screens::BODY_TEXT);
    let nothing = focused(model, &rows).is_none();
    keymap::of(model.nav.section)
        .filter(|binding| !binding.short.is_empty())
        .filter(|binding| !(nothing && matches!(binding.act, Act::Enter | Act::Space)))
        .filter(|binding| !(model.session.read_only && binding.act == Act::Apply))
        .filter(|binding| model.nav.section != Section::Apply || matters_in_apply(model, binding.act))
        .map(|binding| (binding.keys, binding.short))
        .collect()
}

/// Whether an act has something to act on in Apply.
fn matters_in_apply(model: &Model, act: Act) -> bool {
    match act {
        Act::Pause => model.applying(),
        Act::Explain => model.run.view.problems().next().is_some(),
        Act::Log => model.run.view.head.is_some(),
        Act::Apply | Act::Again => !model.applying() && model.run.view.end != Some(RunEnd::Done),
        _ => true,
    }
}
