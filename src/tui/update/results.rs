//! What came back from outside.

use std::sync::Arc;

use super::{discover, enter, look, say, want_plan};
use crate::domain::facts::Facts;
use crate::domain::ladder::Verification;
use crate::domain::problem::Problem;
use crate::domain::sample::Sample;
use crate::events::event::RunEnd;
use crate::events::view::RunView;
use crate::tui::effects::{Effect, Ended, Planned, Saved, Stage, Wake};
use crate::tui::model::Model;
use crate::tui::screens::health::{self, FIRST_LOOKS, LATER_LOOKS, LOOKS};
use crate::tui::section::Section;
use crate::tui::widgets::text::Mark;

/// Looks kept for the trend.
const TREND: usize = 60;

/// A span is over.
pub fn woke(model: &mut Model, wake: Wake) -> Vec<Effect> {
    match wake {
        Wake::Notice(serial) => {
            if model.front.notice.as_ref().is_some_and(|notice| notice.serial == serial) {
                model.front.notice = None;
            }
            Vec::new()
        }
        Wake::Draft => super::keep::woke(model),
        Wake::Look => {
            model.health.armed = false;
            if model.nav.section == Section::Health && !model.nav.welcome && !model.health.frozen {
                look(model)
            } else {
                Vec::new()
            }
        }
    }
}

/// Facts arrived.
pub fn discovered(model: &mut Model, rev: u64, stage: Stage, result: Result<Box<Facts>, Problem>) -> Vec<Effect> {
    let failed = result.as_ref().err().map(|problem| problem.message.clone());
    model.world.facts.end(result.map(|facts| *facts), model.clock);
    let want_all = std::mem::take(&mut model.world.want_all);
    if let Some(message) = failed {
        model.world.want_plan = false;
        return say(model, Mark::Failed, message);
    }
    if model.world.want_plan {
        // An edit of Region or cluster in between, or facts of Connect alone, do not carry a plan.
        if stage == Stage::Connect || rev != model.config.rev && !super::knows_cluster(model) {
            return discover(model, Stage::Everything);
        }
        if !super::knows_cluster(model) {
            model.world.want_plan = false;
            let name = model.value("CLUSTER_NAME");
            return say(
                model,
                Mark::Failed,
                format!("nothing can be planned: {name} could not be read. 1 Connect says why."),
            );
        }
        model.world.plan.outdate("The facts were read again.");
        return want_plan(model, false);
    }
    if want_all && stage == Stage::Connect {
        return discover(model, Stage::Everything);
    }
    if model.nav.section == Section::Health && !model.nav.welcome && super::knows_cluster(model) {
        return look(model);
    }
    Vec::new()
}

/// A plan arrived. One that was made from an older draft is shown as out of date.
pub fn planned(model: &mut Model, rev: u64, result: Result<Planned, Problem>) -> Vec<Effect> {
    let failed = result.as_ref().err().map(|problem| problem.message.clone());
    model.world.plan.end(result, model.clock);
    if let Some(message) = failed {
        return say(model, Mark::Failed, message);
    }
    if rev != model.config.rev {
        model.world.plan.outdate("The configuration changed while it was made.");
        if matches!(model.nav.section, Section::Preflight | Section::Review) {
            return want_plan(model, false);
        }
    }
    Vec::new()
}

/// The run moved on.
pub fn run(model: &mut Model, view: Arc<RunView>) -> Vec<Effect> {
    model.run.view = view;
    Vec::new()
}

/// The future of apply or resume ended.
pub fn applied(model: &mut Model, result: Result<(), Problem>) -> Vec<Effect> {
    model.run.alive = false;
    model.session.unfinished = None;
    model.world.plan.outdate("A run changed what stands.");
    if model.run.leave_after {
        return vec![Effect::Quit(match model.run.view.end {
            Some(RunEnd::Done) => Ended::Left,
            _ => Ended::LeftRunning,
        })];
    }
    match result {
        Ok(()) => {
            model.run.problem = None;
            model.world.facts.outdate("A run changed what stands.");
            model.world.verification.begin(model.clock);
            // What stands now is read and planned again, so that no section shows what stood before the run.
            model.world.want_plan = true;
            let mut effects = vec![Effect::Verify];
            effects.extend(discover(model, Stage::Everything));
            effects.extend(say(model, Mark::Done, "the run is done. The short verification runs now."));
            effects
        }
        Err(problem) => {
            let message = problem.message.clone();
            model.run.problem = Some(problem);
            say(model, Mark::Failed, message)
        }
    }
}

/// Verification ended.
pub fn verified(model: &mut Model, result: Result<Verification, Problem>) -> Vec<Effect> {
    let failed = result.as_ref().err().map(|problem| problem.message.clone());
    model.world.verification.end(result, model.clock);
    match failed {
        Some(message) => say(model, Mark::Failed, message),
        None => Vec::new(),
    }
}

/// A look ended. A verdict changes after three equal looks.
pub fn sampled(model: &mut Model, result: Result<Sample, Problem>) -> Vec<Effect> {
    if let Ok(sample) = &result {
        let looks = match model.health.streak {
            Some((condition, looks)) if condition == sample.condition => looks.saturating_add(1),
            _ => 1,
        };
        model.health.streak = Some((sample.condition, looks));
        let changed = model.health.verdict.is_none_or(|(condition, _)| condition != sample.condition);
        if looks >= LOOKS && changed {
            model.health.verdict = Some((sample.condition, sample.at));
        }
        if let Some(first) = sample.addresses.first() {
            if model.health.trend.len() == TREND {
                model.health.trend.pop_front();
            }
            model.health.trend.push_back(first.free);
        }
    }
    model.health.last.end(result, model.clock);
    if model.nav.section != Section::Health || model.health.frozen || model.health.armed {
        return Vec::new();
    }
    model.health.armed = true;
    let after = if health::settled(model) { LATER_LOOKS } else { FIRST_LOOKS };
    vec![Effect::Wake(after, Wake::Look)]
}

/// The env file was written.
pub fn saved(model: &mut Model, result: Result<Box<Saved>, Problem>) -> Vec<Effect> {
    match result {
        Ok(saved) => {
            model.config.draft = saved.draft;
            model.config.issues = crate::tui::form::issues(&model.config.draft);
            model.config.unsaved = 0;
            model.config.undo.clear();
            model.config.saved_at = Some(model.clock);
            model.session.env_exists = true;
            if model.run.leave_after {
                return super::keep::now(model).into_iter().chain([Effect::Quit(Ended::Left)]).collect();
            }
            let mut effects: Vec<Effect> = super::keep::now(model).into_iter().collect();
            effects.extend(say(model, Mark::Proven, format!("{} is written.", saved.file)));
            effects
        }
        Err(problem) => super::keep::refused(model, &problem),
    }
}

/// Resumes or applies.
pub fn begin_run(model: &mut Model, effect: Effect) -> Vec<Effect> {
    model.run.alive = true;
    model.run.problem = None;
    model.world.verification.outdate("A run began after it.");
    let mut effects = vec![effect];
    if let Some(slot) = model.nav.cursors.get_mut(Section::Apply.index()) {
        *slot = None;
    }
    effects.extend(enter(model, Section::Apply, None));
    effects
}
