//! 7 Review: the plan by verb, and the object or the difference of the focused step.

use crate::plan::model::{PlannedStep, Verb};
use crate::tui::model::{Loadable, Model};
use crate::tui::widgets::rows::{Row, Target};
use crate::tui::widgets::text::{Line, Mark, Role, cut_front, pad, plural};

use super::fields;
use super::object;
use super::states::{banner, failed, limit};

/// Verbs in the order of their groups.
const ORDER: [Verb; 6] = [Verb::Create, Verb::Update, Verb::Wait, Verb::Adopt, Verb::Delete, Verb::Keep];

/// Title with the plan's id.
pub fn name(model: &Model) -> String {
    model
        .world
        .plan
        .value()
        .map_or_else(|| "Review".to_owned(), |planned| format!("Review   plan {}", short(planned.plan.id.as_str())))
}

/// The first characters of a digest.
pub fn short(id: &str) -> String {
    id.chars().take(6).collect()
}

/// `create 22, change 1, …`.
pub fn counts(model: &Model) -> Option<String> {
    let plan = &model.world.plan.value()?.plan;
    let each =
        ORDER.iter().filter(|verb| **verb != Verb::Keep).map(|verb| format!("{} {}", verb.word(), plan.count(*verb)));
    Some(each.collect::<Vec<_>>().join(", "))
}

fn group(verb: Verb) -> String {
    format!("verb {}", verb.word())
}

fn is_open(model: &Model, verb: Verb) -> bool {
    // Keep is closed until it is opened; all others are open until they are closed.
    model.nav.toggled.contains(&group(verb)) == (verb == Verb::Keep)
}

/// Rows of the body.
pub fn rows(model: &Model, wide: usize) -> Vec<Row> {
    let mut rows = banner("and planning", &model.world.plan, model.clock, wide);
    let Some(planned) = model.world.plan.value() else {
        if !model.config.issues.is_empty() {
            rows.push(Row::new(
                Line::new().mark(Mark::Failed).plain("no plan: the configuration is not valid, 6 Preflight lists why"),
            ));
        } else if let (Loadable::Idle, Loadable::Failed { problem, at, .. }) = (&model.world.plan, &model.world.facts) {
            rows.extend(failed("discovery", problem, *at, wide));
        } else if let (Loadable::Idle, true) = (&model.world.plan, model.world.facts.is_loading()) {
            rows.extend(banner("AWS and the cluster", &model.world.facts, model.clock, wide));
        } else if rows.is_empty() {
            rows.push(Row::new(Line::new().mark(Mark::NotYet).plain("no plan yet: r makes one, it only reads")));
        }
        return rows;
    };
    rows.extend(Row::prose(&counts(model).unwrap_or_default(), wide));
    if planned.plan.is_settled() {
        rows.push(Row::new(Line::new().mark(Mark::Done).plain("nothing to do: everything stands as it should")));
    }
    for verb in ORDER {
        let steps: Vec<&PlannedStep> = planned.plan.steps.iter().filter(|step| step.verb == verb).collect();
        if steps.is_empty() {
            continue;
        }
        let open = is_open(model, verb);
        let head = Line::new()
            .plain(if open { "⌄ " } else { "› " })
            .put(Role::Bold, format!("{} {}", verb.word().to_uppercase(), steps.len()));
        rows.push(Row::new(head).on(Target::Group(group(verb))));
        if open {
            rows.extend(steps.into_iter().map(|step| step_row(step, wide)));
        }
    }
    if !planned.plan.notes.is_empty() {
        rows.push(Row::blank());
        rows.push(Row::head("LEFT ALONE, AND CHOICES TAKEN"));
        for note in &planned.plan.notes {
            rows.extend(Row::prose(&format!("{}: {}", note.subject, note.says), wide));
        }
    }
    rows.push(Row::blank());
    rows.push(Row::head("COST").right(Role::Muted, "price unknown"));
    rows
}

/// Columns of a step's id where its title begins; a longer id pushes its title to the right.
const ID: usize = 24;
/// Columns that a title keeps at least.
const TITLE: usize = 12;

fn step_row(step: &PlannedStep, wide: usize) -> Row {
    let id = cut_front(step.id().as_str(), wide.saturating_sub(5 + TITLE));
    let line = Line::new()
        .to(2)
        .put(Role::Bold, format!("{} ", step.verb.mark()))
        .plain(format!("{} ", pad(&id, ID)))
        .put(Role::Muted, brief(step));
    Row::new(line.cut(wide)).on(Target::Step(step.id().clone()))
}

/// The title without what the id says already, and without the build of a version.
fn brief(step: &PlannedStep) -> String {
    let title = &step.desired.title;
    let last = step.id().as_str().rsplit('.').next().unwrap_or_default().replace('-', "");
    let rest = match title.split_once(", ") {
        Some((head, rest)) if head.replace(' ', "") == last => rest,
        _ => title,
    };
    rest.split(' ')
        .map(|word| match word.split_once("-eksbuild") {
            Some((version, _)) => version.trim_start_matches('v'),
            None => word,
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// The first step that does something.
pub fn first(model: &Model) -> Option<Target> {
    let plan = &model.world.plan.value()?.plan;
    let steps = ORDER.iter().flat_map(|verb| plan.steps.iter().filter(move |step| step.verb == *verb));
    steps.map(|step| Target::Step(step.id().clone())).next()
}

/// The focused step.
pub fn focused_step<'model>(model: &'model Model, row: Option<&Row>) -> Option<&'model PlannedStep> {
    let Some(Target::Step(id)) = row.and_then(|row| row.target.as_ref()) else { return None };
    model.world.plan.value()?.plan.step(id)
}

/// The right pane.
pub fn side(model: &Model, row: Option<&Row>, wide: usize) -> (Line, Vec<Row>) {
    let Some(step) = focused_step(model, row) else {
        let says = "Enter opens and closes a group. The right pane shows the object of the focused step.";
        return (Line::of(Role::Bold, "The plan"), Row::prose(says, wide));
    };
    let id = cut_front(step.id().as_str(), wide.saturating_sub(10));
    let title =
        Line::of(Role::Bold, id).plain("  ").put(Role::Bold, format!("{} {}", step.verb.mark(), step.verb.word()));
    let mut rows = Row::prose(&step.desired.title, wide);
    rows.push(Row::blank());
    rows.push(Row::head("BECAUSE"));
    rows.extend(Row::prose(&step.reason, wide));
    if !step.changes.is_empty() {
        rows.push(Row::blank());
        rows.push(Row::head(plural(step.changes.len(), "change").to_uppercase()));
        for change in &step.changes {
            rows.extend(Row::prose(&change.path, wide));
            rows.extend(change.have.iter().map(|have| Row::new(Line::of(Role::Muted, format!("- {have}")).cut(wide))));
            rows.extend(change.want.iter().map(|want| Row::new(Line::of(Role::Bold, format!("+ {want}")).cut(wide))));
        }
    }
    rows.push(Row::blank());
    if step.changes.is_empty() || model.nav.object {
        rows.push(Row::head(format!("OBJECT   {}", object::kind(step))));
        rows.extend(object::rows(step, wide));
        rows.push(Row::blank());
    } else {
        rows.push(Row::new(Line::of(Role::Muted, "v shows the whole object.")));
    }
    let after: Vec<&str> = step.after.iter().map(crate::domain::ids::StepId::as_str).collect();
    rows.extend(fields::pair(
        "NEEDS",
        if after.is_empty() { "nothing".to_owned() } else { after.join(", ") }.as_str(),
        wide,
    ));
    let deadline = limit(step.desired.deadline());
    rows.extend(fields::pair("TAKES", &format!("at most {deadline}"), wide));
    (title, rows)
}

/// The object of a step as pretty JSON.
pub fn object_json(step: &PlannedStep) -> String {
    serde_json::to_string_pretty(&step.desired.ensure).unwrap_or_else(|_| "{}".to_owned())
}
