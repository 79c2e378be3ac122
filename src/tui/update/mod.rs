//! From a state and a message to the next state and what must be done outside. Pure: no clock, no I/O, no spawn.

mod acts;
mod choose;
mod draft;
mod keep;
mod keys;
mod overlay;
mod results;

use std::time::Duration;

use super::effects::{Control, Effect, Ended, Stage, Wake};
use super::model::{Model, Notice};
use super::msg::Msg;
use super::section::{Pane, Section};
use super::widgets::rows::Target;
use super::widgets::text::Mark;

/// Notices kept.
const MESSAGES: usize = 200;

/// What is done at start: the account is read, which changes nothing.
pub fn start(model: &mut Model) -> Vec<Effect> {
    let mut effects = discover(model, Stage::Connect);
    effects.extend(keep::greet(model));
    effects
}

/// Takes one message.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Tick(now) => {
            model.clock = now;
            Vec::new()
        }
        Msg::Resize(width, height) => {
            model.size = (width, height);
            Vec::new()
        }
        Msg::Key(key) => keys::key(model, key),
        Msg::Paste(text) => keys::paste(model, &text),
        Msg::Signal => signal(model),
        Msg::Woke(wake) => results::woke(model, wake),
        Msg::Discovered { rev, stage, result } => results::discovered(model, rev, stage, result),
        Msg::Planned { rev, result } => results::planned(model, rev, result),
        Msg::Run(view) => results::run(model, view),
        Msg::Applied(result) => results::applied(model, result),
        Msg::Verified(result) => results::verified(model, result),
        Msg::Sampled(result) => results::sampled(model, result),
        Msg::Saved(result) => results::saved(model, result),
        Msg::Reread { keep, result } => keep::reread(model, keep, result),
    }
}

/// Says something in place of the Next line: `✓` for 4 s, `–` and `!` for 8 s, `✗` until a key is pressed.
/// The spans are the operator's, not those of a simulated clock.
fn say(model: &mut Model, mark: Mark, text: impl Into<String>) -> Vec<Effect> {
    let span = match mark {
        Mark::Proven | Mark::Done => Some(Duration::from_secs(4)),
        Mark::Failed => None,
        _ => Some(Duration::from_secs(8)),
    };
    model.front.serial += 1;
    let serial = model.front.serial;
    let notice = Notice { mark, text: text.into(), serial };
    if model.front.messages.len() == MESSAGES {
        model.front.messages.pop_front();
    }
    model.front.messages.push_back((model.clock, notice.clone()));
    model.front.notice = Some(notice);
    span.map(|span| Effect::Wake(span, Wake::Notice(serial))).into_iter().collect()
}

/// Starts reading facts, unless they are being read.
fn discover(model: &mut Model, stage: Stage) -> Vec<Effect> {
    if model.world.facts.is_loading() {
        model.world.want_all |= stage == Stage::Everything;
        return Vec::new();
    }
    model.world.facts.begin(model.clock);
    vec![Effect::Discover(stage)]
}

/// Whether the facts hold what a plan needs: the cluster that is chosen.
fn knows_cluster(model: &Model) -> bool {
    let name = model.value("CLUSTER_NAME");
    let known = model.world.facts.ready().and_then(|facts| facts.cluster.known());
    known.is_some_and(|cluster| cluster.summary.name.as_str() == name)
}

/// Makes plan and findings when they are missing or out of date, after the facts if these are missing.
fn want_plan(model: &mut Model, again: bool) -> Vec<Effect> {
    let fresh = matches!(model.world.plan, super::model::Loadable::Ready(..)) && !again;
    if fresh || model.world.plan.is_loading() || !model.config.issues.is_empty() || model.applying() {
        return Vec::new();
    }
    if !knows_cluster(model) || again {
        model.world.want_plan = true;
        return discover(model, Stage::Everything);
    }
    model.world.want_plan = false;
    model.world.plan.begin(model.clock);
    vec![Effect::Plan]
}

/// Takes a look at health, unless one is being taken.
fn look(model: &mut Model) -> Vec<Effect> {
    if model.health.last.is_loading() || !knows_cluster(model) {
        return if knows_cluster(model) { Vec::new() } else { discover(model, Stage::Everything) };
    }
    model.health.last.begin(model.clock);
    vec![Effect::Sample]
}

/// Goes to a section and does what entering it means.
fn enter(model: &mut Model, section: Section, target: Option<Target>) -> Vec<Effect> {
    model.nav.welcome = false;
    model.nav.section = section;
    model.nav.focus(Pane::Body);
    model.nav.side = None;
    model.nav.side_scroll = 0;
    model.nav.enlarged = false;
    if let (Some(target), Some(slot)) = (target, model.nav.cursors.get_mut(section.index())) {
        *slot = Some(target);
    }
    match section {
        Section::Preflight | Section::Review => want_plan(model, false),
        Section::Health if !model.health.frozen => look(model),
        Section::Network | Section::Gpu | Section::Drivers | Section::Components
            if !knows_cluster(model) && !model.value("CLUSTER_NAME").is_empty() && model.config.issues.is_empty() =>
        {
            discover(model, Stage::Everything)
        }
        _ => Vec::new(),
    }
}

/// Leaves, if nothing is lost by it; asks otherwise.
fn leave(model: &mut Model) -> Vec<Effect> {
    use super::model::{Overlay, Question};
    if model.applying() {
        model.front.overlay = Some(Overlay::Ask(Question::Leave, 0));
        return Vec::new();
    }
    if model.config.unsaved > 0 {
        model.front.overlay = Some(Overlay::Ask(Question::Unsaved, 0));
        return Vec::new();
    }
    vec![Effect::Quit(Ended::Left)]
}

/// A signal pauses a run first and leaves when it has paused; the second one leaves at once.
fn signal(model: &mut Model) -> Vec<Effect> {
    if model.applying() && !model.run.leave_after {
        model.run.leave_after = true;
        let mut effects = vec![Effect::Control(Control::Pause)];
        effects.extend(say(model, Mark::Warning, "a signal came: the run pauses, then the wizard ends."));
        return effects;
    }
    let mut effects = vec![Effect::Control(Control::Abandon)];
    effects.extend(keep::now(model));
    effects.push(Effect::Quit(Ended::Signalled));
    effects
}
