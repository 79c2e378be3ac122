//! Keys while an overlay has them.

use super::{acts, draft, keep, results, say};
use crate::tui::effects::{Control, Effect, Ended};
use crate::tui::model::{Model, Overlay, Question};
use crate::tui::msg::Key;
use crate::tui::screens::{self, modal, palette};
use crate::tui::section::Section;
use crate::tui::widgets::text::Mark;

/// Takes a key.
pub fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(overlay) = model.front.overlay.take() else { return Vec::new() };
    if matches!(key, Key::Esc | Key::Ctrl('c')) {
        return if matches!(overlay, Overlay::Changes(_)) { keep::offer(model) } else { Vec::new() };
    }
    match overlay {
        Overlay::Help(_) | Overlay::Messages(_) if matches!(key, Key::Char('?' | 'q' | 'M')) => Vec::new(),
        Overlay::Changes(_) if matches!(key, Key::Enter | Key::Char('?' | 'q')) => keep::offer(model),
        Overlay::Changes(at) => {
            model.front.overlay = Some(Overlay::Changes(scrolled(at, key)));
            Vec::new()
        }
        Overlay::Help(at) => {
            model.front.overlay = Some(Overlay::Help(scrolled(at, key)));
            Vec::new()
        }
        Overlay::Messages(at) => {
            model.front.overlay = Some(Overlay::Messages(scrolled(at, key)));
            Vec::new()
        }
        Overlay::Ask(question, at) => ask(model, question, at, key),
        Overlay::Find(mut input) => {
            if key == Key::Enter {
                model.front.found = Some(input.value().to_lowercase()).filter(|text| !text.is_empty());
                return find(model, true);
            }
            if let Some(request) = draft::request(key) {
                input.handle(request);
            }
            model.front.overlay = Some(Overlay::Find(input));
            Vec::new()
        }
        Overlay::Palette(mut input, at) => {
            let actions = palette::actions(model, input.value());
            let last = actions.len().saturating_sub(1);
            let at = at.min(last);
            let next = match key {
                Key::Enter => return actions.get(at).map_or_else(Vec::new, |action| acts::act(model, action.act)),
                Key::Up => at.saturating_sub(1),
                Key::Down => (at + 1).min(last),
                _ => {
                    if let Some(request) = draft::request(key) {
                        input.handle(request);
                    }
                    0
                }
            };
            model.front.overlay = Some(Overlay::Palette(input, next));
            Vec::new()
        }
    }
}

fn scrolled(at: usize, key: Key) -> usize {
    match key {
        Key::Up | Key::Char('k') => at.saturating_sub(1),
        Key::Down | Key::Char('j') => at.saturating_add(1).min(500),
        Key::PageUp | Key::Ctrl('u') => at.saturating_sub(10),
        Key::PageDown | Key::Ctrl('d') => at.saturating_add(10).min(500),
        Key::Home | Key::Char('g') => 0,
        _ => at,
    }
}

fn ask(model: &mut Model, question: Question, at: usize, key: Key) -> Vec<Effect> {
    let last = modal::count(question).saturating_sub(1);
    let next = match key {
        Key::Enter => return answer(model, question, at),
        Key::Up | Key::Char('k') => at.saturating_sub(1),
        Key::Down | Key::Char('j') => (at + 1).min(last),
        _ => at,
    };
    model.front.overlay = Some(Overlay::Ask(question, next));
    Vec::new()
}

fn answer(model: &mut Model, question: Question, at: usize) -> Vec<Effect> {
    match (question, at) {
        (_, 0) => Vec::new(),
        (Question::Apply, _) => match model.world.plan.ready() {
            Some(_) => results::begin_run(model, Effect::Apply),
            None => say(model, Mark::No, "the plan went out of date: r makes a new one."),
        },
        (Question::Resume, _) => {
            let run = model.run.view.head.as_ref().map(|head| head.run.clone());
            match run.or_else(|| model.session.unfinished.as_ref().map(|run| run.run.clone())) {
                Some(run) => results::begin_run(model, Effect::Resume(run)),
                None => say(model, Mark::No, "no run can be resumed."),
            }
        }
        (Question::Leave, 1) => {
            model.run.leave_after = true;
            let mut effects = vec![Effect::Control(Control::Pause)];
            effects.extend(say(model, Mark::Running, "the run pauses, then the wizard ends."));
            effects
        }
        (Question::Leave, _) => vec![Effect::Control(Control::Abandon), Effect::Quit(Ended::LeftRunning)],
        (Question::Unsaved, 1) => {
            model.run.leave_after = true;
            vec![Effect::Save]
        }
        (Question::Unsaved, _) => vec![Effect::Keep, Effect::Quit(Ended::Left)],
        (Question::Draft, at) => keep::answer_draft(model, at),
        (Question::Meanwhile, at) => keep::answer_meanwhile(at),
    }
}

/// Moves the cursor to the next (or previous) row that holds the text looked for.
pub fn find(model: &mut Model, forward: bool) -> Vec<Effect> {
    let Some(text) = model.front.found.clone() else { return Vec::new() };
    let rows = screens::body(model, screens::BODY_TEXT);
    let at = screens::body_cursor(model, &rows).unwrap_or(0);
    let hits: Vec<usize> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.target.is_some() && row.line.text().to_lowercase().contains(&text))
        .map(|(at, _)| at)
        .collect();
    let hit = if forward {
        hits.iter().find(|hit| **hit > at).or_else(|| hits.first())
    } else {
        hits.iter().rev().find(|hit| **hit < at).or_else(|| hits.last())
    };
    if let Some(target) = hit.and_then(|hit| rows.get(*hit)).and_then(|row| row.target.clone()) {
        acts::put_cursor(model, target);
        return Vec::new();
    }
    model.front.found = None;
    say(model, Mark::No, format!("no row of {} holds {text}.", model.nav.section.name()))
}

/// Opens the question before an apply, or says why it cannot be asked.
pub fn ask_apply(model: &mut Model) -> Vec<Effect> {
    if model.session.read_only {
        return say(model, Mark::No, "a is off: READ-ONLY.");
    }
    if model.applying() {
        return say(model, Mark::No, "a is off: a run goes on.");
    }
    if let Some(who) = model.session.locked.clone() {
        return say(model, Mark::No, format!("a is off: locked by {who} (ENG-003). r looks again."));
    }
    if model.nav.section == Section::Apply {
        return ask_resume(model);
    }
    let says = match &model.world.plan {
        crate::tui::model::Loadable::Ready(planned, _) => {
            let blockers: Vec<String> = planned.blockers().map(|one| one.check.to_string()).collect();
            if !blockers.is_empty() {
                format!(
                    "a is off: {}, {}. n goes there.",
                    crate::tui::widgets::text::plural(blockers.len(), "blocker"),
                    blockers.join(", ")
                )
            } else if planned.plan.is_settled() {
                "nothing to do: everything stands as it should.".to_owned()
            } else {
                model.front.overlay = Some(Overlay::Ask(Question::Apply, 0));
                return Vec::new();
            }
        }
        crate::tui::model::Loadable::Loading { .. } => "a is off: the plan is being made.".to_owned(),
        crate::tui::model::Loadable::Stale { .. } => "a is off: the plan is out of date. r makes a new one.".to_owned(),
        _ => "a is off: there is no plan. r makes one.".to_owned(),
    };
    say(model, Mark::No, says)
}

/// Opens the question before a resume.
pub fn ask_resume(model: &mut Model) -> Vec<Effect> {
    use crate::events::event::RunEnd;
    if model.session.read_only {
        return say(model, Mark::No, "r is off: READ-ONLY.");
    }
    let open = matches!(model.run.view.end, Some(RunEnd::Failed | RunEnd::Paused | RunEnd::Cancelled))
        || (model.run.view.head.is_some() && model.run.view.end.is_none());
    if model.applying() || !(open || model.session.unfinished.is_some()) {
        return say(
            model,
            Mark::No,
            if model.applying() { "a run goes on." } else { "no run can be resumed. 7 Review applies a plan." },
        );
    }
    model.front.overlay = Some(Overlay::Ask(Question::Resume, 0));
    Vec::new()
}
