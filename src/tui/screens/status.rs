//! What each section says of itself: a mark, a summary of 16 columns for the menu, a headline for its title.

use crate::domain::sample::Condition;
use crate::events::event::RunEnd;
use crate::tui::form;
use crate::tui::model::{Loadable, Model};
use crate::tui::section::Section;
use crate::tui::widgets::text::{Mark, plural};

use super::{apply, drivers, gpu, health, network, preflight, verify};

/// The state of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Mark.
    pub mark: Mark,
    /// For the menu.
    pub summary: String,
    /// For the title.
    pub headline: String,
}

fn state(mark: Mark, summary: impl Into<String>, headline: impl Into<String>) -> State {
    State { mark, summary: summary.into(), headline: headline.into() }
}

/// A state whose two texts are the same.
fn same(mark: Mark, text: impl Into<String>) -> State {
    let text = text.into();
    state(mark, text.clone(), text)
}

/// The state of a section.
pub fn of(model: &Model, section: Section) -> State {
    if let Some(state) = by_issues(model, section) {
        return state;
    }
    match section {
        Section::Connect => connect(model),
        Section::Components => components(model),
        Section::Gpu => gpu_nodes(model),
        Section::Network => place(model),
        Section::Drivers => driver(model),
        Section::Preflight => checks(model),
        Section::Review => review(model),
        Section::Apply => run(model),
        Section::Verify => proof(model),
        Section::Health => watch(model),
    }
}

fn by_issues(model: &Model, section: Section) -> Option<State> {
    let mut here = model
        .config
        .issues
        .iter()
        .filter(|issue| !issue.variable.is_empty() && form::screen(issue.variable) == section);
    let first = here.next()?;
    let more = here.count();
    let label = form::find(first.variable).map_or(first.variable, |def| def.label);
    let missing = model.value(first.variable).is_empty();
    let (mark, word) = if missing { (Mark::Needs, "missing") } else { (Mark::Failed, "wrong") };
    let headline = if more == 0 { format!("{label} {word}") } else { format!("{label} {word}, {more} more") };
    Some(state(mark, format!("{label} {word}"), headline))
}

/// The worst mark that findings of these checks give, as far as they need a look.
fn warned(model: &Model, prefixes: &[&str], fine: Mark) -> Mark {
    if !matches!(model.world.plan, Loadable::Ready(..)) {
        return fine;
    }
    let hits = preflight::needs_a_look(model)
        .into_iter()
        .filter(|one| prefixes.iter().any(|prefix| one.check.as_str().starts_with(prefix)));
    let marks: Vec<Mark> = hits.map(super::finding_mark).collect();
    [Mark::Failed, Mark::Warning].into_iter().find(|mark| marks.contains(mark)).unwrap_or(fine)
}

fn connect(model: &Model) -> State {
    let name = model.value("CLUSTER_NAME");
    let cluster = model.facts().and_then(|facts| facts.cluster.known());
    match (&model.world.facts, cluster) {
        (Loadable::Loading { .. }, None) => {
            state(Mark::Running, if name.is_empty() { "reading".to_owned() } else { name }, "reading")
        }
        (Loadable::Failed { problem, .. }, _) => state(Mark::Failed, "not read", problem.message.clone()),
        (_, Some(cluster)) if cluster.summary.name.as_str() == name => {
            let denied = model
                .facts()
                .and_then(|facts| facts.kube.access.known())
                .is_some_and(|access| !access.denied.is_empty());
            let mark = if denied { Mark::Warning } else { Mark::Proven };
            state(mark, name, if denied { "answers, but denies some rights" } else { "answers" })
        }
        (_, _) if name.is_empty() => state(Mark::Needs, "no cluster", "choose a cluster"),
        (_, _) => state(Mark::Done, name, "chosen, not read yet"),
    }
}

fn components(model: &Model) -> State {
    use crate::plan::model::Verb;
    let Some(planned) = model.world.plan.value() else { return state(Mark::Done, "set", "set, not planned yet") };
    let mut ids: Vec<&str> = planned
        .plan
        .steps
        .iter()
        .filter(|step| step.verb == Verb::Create && !step.desired.component.starts_with("gpu."))
        .map(|step| step.desired.component.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let mark = warned(model, &["CLU-004", "KAR", "STO"], Mark::Done);
    if ids.is_empty() { same(mark, "none to install") } else { same(mark, format!("{} to install", ids.len())) }
}

fn gpu_nodes(model: &Model) -> State {
    let asked = [gpu::SWITCH, "GPU_DESIRED_SIZE"].into_iter().find_map(|name| super::fields::undecided(model, name));
    if let Some(question) = asked {
        return same(Mark::Needs, question);
    }
    if !model.is_on(gpu::SWITCH) {
        return state(Mark::No, "off", "off: no GPU nodes are made");
    }
    let kind = model.value("GPU_INSTANCE_TYPE");
    let family = kind.split('.').next().unwrap_or(&kind);
    let text =
        format!("{} {family} {}", model.value("GPU_DESIRED_SIZE"), model.value("GPU_CAPACITY").replace('-', " "));
    let mark = warned(model, &["QUO", "CAP", "GPU-", "LT"], Mark::Done);
    state(mark, text, "set")
}

fn place(model: &Model) -> State {
    if !model.is_on(gpu::SWITCH) {
        return state(Mark::No, "no GPU nodes", "no GPU nodes");
    }
    let mark = warned(model, &["NET", "SG"], Mark::Done);
    let chosen = network::chosen(model);
    let all = network::candidates(model);
    let one = chosen.as_ref().and_then(|id| all.iter().find(|one| &one.id == id)).and_then(|one| one.subnet);
    match (one, chosen) {
        (Some(subnet), _) => same(mark, format!("{}, {}", subnet.name, subnet.az_id)),
        (None, Some(id)) => same(mark, crate::tui::widgets::text::cut_middle(&id, 16)),
        (None, None) if mark == Mark::Failed => state(mark, "choose a subnet", "the plan names no subnet"),
        (None, None) => state(
            Mark::Done,
            plural(all.len(), "candidate"),
            format!("{}, not planned yet", plural(all.len(), "candidate")),
        ),
    }
}

fn driver(model: &Model) -> State {
    if !model.is_on(gpu::SWITCH) {
        return state(Mark::No, "no GPU nodes", "no GPU nodes");
    }
    let mark = warned(model, &["AMI"], Mark::Done);
    let release =
        drivers::release(model).and_then(|(_, release)| release).unwrap_or_else(|| model.value("GPU_AMI_RELEASE"));
    same(mark, format!("AMI {release}"))
}

fn checks(model: &Model) -> State {
    if !model.config.issues.is_empty() {
        return same(Mark::Failed, plural(model.config.issues.len(), "error"));
    }
    if model.world.plan.is_loading() || (model.world.want_plan && model.world.facts.is_loading()) {
        return same(Mark::Running, "running");
    }
    match &model.world.plan {
        Loadable::Idle => same(Mark::NotYet, "not run yet"),
        Loadable::Stale { .. } => same(Mark::Stale, "out of date"),
        Loadable::Failed { .. } => same(Mark::Failed, "not run: failed"),
        Loadable::Loading { .. } => same(Mark::Running, "running"),
        Loadable::Ready(planned, _) => {
            let look = preflight::needs_a_look(model);
            let count = |mark: Mark| look.iter().filter(|one| super::finding_mark(one) == mark).count();
            let (blockers, warnings, unknown) =
                (planned.blockers().count(), count(Mark::Warning), count(Mark::Unknown));
            let headline = format!(
                "{}, {}, {unknown} cannot tell",
                if blockers == 0 { "no blocker".to_owned() } else { plural(blockers, "blocker") },
                plural(warnings, "warning")
            );
            match (blockers, warnings, unknown) {
                (0, 0, 0) => state(Mark::Proven, "nothing wrong", headline),
                (0, 0, _) => state(Mark::Unknown, format!("{unknown} cannot tell"), headline),
                (0, _, _) => state(Mark::Warning, format!("{}, {unknown} ?", plural(warnings, "warning")), headline),
                _ => state(Mark::Failed, plural(blockers, "blocker"), headline),
            }
        }
    }
}

fn review(model: &Model) -> State {
    match &model.world.plan {
        Loadable::Ready(planned, _) => {
            let steps = planned.plan.pending().count();
            if let Some(blocker) = planned.blockers().next() {
                return state(
                    Mark::Failed,
                    format!("blocked, {}", blocker.check),
                    format!("blocked by {}", blocker.check),
                );
            }
            if steps == 0 {
                same(Mark::Done, "nothing to do")
            } else {
                state(Mark::Done, format!("{} to do", plural(steps, "step")), "nothing sent yet")
            }
        }
        Loadable::Stale { .. } => same(Mark::Stale, "out of date"),
        Loadable::Loading { .. } => same(Mark::Running, "planning"),
        Loadable::Failed { .. } => same(Mark::Failed, "no plan"),
        Loadable::Idle => same(Mark::NotYet, "no plan yet"),
    }
}

fn run(model: &Model) -> State {
    if let Some((mark, text)) = apply::progress(model) {
        let (done, all) = model.run.view.progress();
        let summary = match model.run.view.end {
            Some(RunEnd::Failed) => format!("failed, {done} of {all}"),
            Some(RunEnd::Paused) => format!("paused, {done} of {all}"),
            _ => format!("{done} of {all} done"),
        };
        return state(mark, summary, text);
    }
    match (&model.run.problem, &model.session.unfinished) {
        (Some(problem), _) => state(Mark::Failed, "not started", problem.message.clone()),
        (None, _) if model.applying() => same(Mark::Running, "starting"),
        (None, Some(run)) => same(Mark::Needs, format!("{} unfinished", run.run)),
        (None, None) => same(Mark::NotYet, "nothing applied"),
    }
}

fn proof(model: &Model) -> State {
    match (&model.world.verification, model.world.verification.value()) {
        (Loadable::Idle, _) => same(Mark::NotYet, "nothing proven"),
        (Loadable::Loading { .. }, _) => same(Mark::Running, "proving"),
        (Loadable::Failed { .. }, _) => same(Mark::Failed, "did not end"),
        (Loadable::Stale { .. }, _) => same(Mark::Stale, "proof is old"),
        (Loadable::Ready(..), Some(done)) => {
            let (proven, all) = verify::count(done);
            let text = if all == 0 { done.verdict.word().to_owned() } else { format!("short {proven} of {all}") };
            same(verify::verdict_mark(done.verdict), text)
        }
        (Loadable::Ready(..), None) => same(Mark::NotYet, "nothing proven"),
    }
}

fn watch(model: &Model) -> State {
    let headline = health::verdict(model);
    match (model.health.verdict, headline) {
        (Some((condition, since)), Some((mark, text))) => {
            let mark = if condition == Condition::Healthy && matches!(model.health.last, Loadable::Failed { .. }) {
                Mark::Unknown
            } else {
                mark
            };
            state(mark, format!("{} {}", condition.word(), super::states::span(model.clock, since)), text)
        }
        (None, Some((mark, text))) => state(mark, "looking", text),
        _ if model.health.last.is_loading() => same(Mark::Running, "looking"),
        _ if matches!(model.health.last, Loadable::Failed { .. }) => same(Mark::Unknown, "cannot look"),
        _ => same(Mark::NotYet, "not watched"),
    }
}
