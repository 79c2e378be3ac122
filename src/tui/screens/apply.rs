//! 8 Apply: the tree of stages and steps, what the focused step waits for, and its log or its failure.

use std::time::Duration;

use crate::events::event::RunEnd;
use crate::events::view::{StepState, StepView};
use crate::tui::model::Model;
use crate::tui::widgets::rows::{Row, Target};
use crate::tui::widgets::text::{Line, Mark, Role, cut_end, cut_front, pad, width};

use super::states::{limit, problem_rows, span};

/// Title with the run.
pub fn name(model: &Model) -> String {
    model.run.view.head.as_ref().map_or_else(|| "Apply".to_owned(), |head| format!("Apply   run {}", head.run))
}

/// The mark of a step.
pub fn step_mark(state: &StepState) -> Mark {
    match state {
        StepState::Pending => Mark::NotYet,
        StepState::Running => Mark::Running,
        StepState::Done { .. } => Mark::Done,
        StepState::Failed { .. } => Mark::Failed,
        StepState::WillNotRun { .. } => Mark::No,
    }
}

/// Steps by stage, both in the order of the run.
fn stages(model: &Model) -> Vec<(String, Vec<&StepView>)> {
    let mut stages: Vec<(String, Vec<&StepView>)> = Vec::new();
    for step in model.run.view.in_order() {
        match stages.iter_mut().find(|(stage, _)| *stage == step.head.stage) {
            Some((_, steps)) => steps.push(step),
            None => stages.push((step.head.stage.clone(), vec![step])),
        }
    }
    stages
}

fn stage_mark(steps: &[&StepView]) -> Mark {
    let any = |mark: Mark| steps.iter().any(|step| step_mark(&step.state) == mark);
    if any(Mark::Failed) {
        Mark::Failed
    } else if any(Mark::Running) {
        Mark::Running
    } else if steps.iter().all(|step| matches!(step.state, StepState::Done { .. })) {
        Mark::Done
    } else if any(Mark::No) {
        Mark::No
    } else {
        Mark::NotYet
    }
}

fn key(stage: &str) -> String {
    format!("stage {stage}")
}

/// A finished stage is closed until it is opened; any other is open until it is closed.
fn is_open(model: &Model, stage: &str, steps: &[&StepView]) -> bool {
    (stage_mark(steps) != Mark::Done) != model.nav.toggled.contains(&key(stage))
}

/// Rows of the body.
pub fn rows(model: &Model, wide: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    if model.run.view.head.is_none() {
        return before_the_run(model, wide);
    }
    for (stage, steps) in stages(model) {
        let done = steps.iter().filter(|step| matches!(step.state, StepState::Done { .. })).count();
        let mark = stage_mark(&steps);
        let line = Line::new().mark(mark).col(Role::Bold, &stage, wide.saturating_sub(26).clamp(12, 24));
        let line = line.num(Role::Plain, &format!("{done} of {}", steps.len()), 8).num(
            Role::Muted,
            &stage_span(model, &steps),
            8,
        );
        rows.push(Row::new(line).on(Target::Group(key(&stage))));
        if is_open(model, &stage, &steps) {
            rows.extend(steps.iter().map(|step| step_row(model, step, wide)));
        }
    }
    rows.extend(waiting(model, wide));
    rows.extend(problems(model, wide));
    rows.push(Row::blank());
    rows.extend(Row::toned(Role::Muted, "● done: AWS or Kubernetes says so; 9 Verify proves.", wide));
    rows
}

fn before_the_run(model: &Model, wide: usize) -> Vec<Row> {
    if model.applying() {
        return vec![Row::new(Line::new().mark(Mark::Running).plain("the run starts"))];
    }
    let mut rows = vec![Row::new(Line::new().mark(Mark::NotYet).plain("nothing applied in this session"))];
    rows.push(
        Row::text("Enter goes to 7 Review, where a applies the plan.")
            .on(Target::Goto(crate::tui::section::Section::Review)),
    );
    if let Some(problem) = &model.run.problem {
        rows.push(Row::blank());
        rows.push(Row::new(Line::new().mark(Mark::Failed).put(Role::Error, "the run did not start")));
        rows.extend(problem_rows(problem, wide));
    }
    rows
}

fn stage_span(model: &Model, steps: &[&StepView]) -> String {
    let Some(start) = steps.iter().filter_map(|step| step.started).min() else { return String::new() };
    let open = steps.iter().any(|step| matches!(step.state, StepState::Running));
    let end = if open { Some(model.clock) } else { steps.iter().filter_map(|step| step.ended).max() };
    end.map_or_else(String::new, |end| span(end, start))
}

/// Columns of a step's id where its time begins; a longer id pushes it to the right.
const ID: usize = 26;
/// Columns of a step's time.
const TIME: usize = 7;

fn step_row(model: &Model, step: &StepView, wide: usize) -> Row {
    let mark = step_mark(&step.state);
    let (time, note) = match &step.state {
        StepState::Pending => (String::new(), after(model, step)),
        StepState::Running => (
            step.started.map_or_else(String::new, |start| span(model.clock, start)),
            format!("at most {}", limit(Duration::from_secs(step.head.deadline_s))),
        ),
        StepState::Done { done } => (
            step.started.zip(step.ended).map_or_else(String::new, |(start, end)| span(end, start)),
            done.word().to_owned(),
        ),
        StepState::Failed { .. } => (String::new(), "Enter explains".to_owned()),
        StepState::WillNotRun { because } => (String::new(), format!("will not run: {because}")),
    };
    let time_wide = if time.is_empty() { 0 } else { TIME + 1 };
    // Indent, mark and the blanks between take 6 columns; the note gives way to the id down to 12.
    let room = wide.saturating_sub(6 + time_wide + width(&note).min(12)).max(12);
    let id = pad(&cut_front(step.head.id.as_str(), room), ID.min(room));
    let line = Line::new().to(2).mark(mark).plain(format!("{id} "));
    let line = if time.is_empty() { line } else { line.num(Role::Plain, &time, TIME) };
    let line = line.put(Role::Muted, format!(" {note}"));
    let mut row = Row::new(line.cut(wide)).on(Target::Step(step.head.id.clone()));
    if mark == Mark::Failed {
        row = row.marked(Mark::Failed);
    }
    row
}

/// The first step it waits for that is not done.
fn after(model: &Model, step: &StepView) -> String {
    let open =
        step.head.after.iter().find(|id| {
            model.run.view.steps.get(*id).is_some_and(|other| !matches!(other.state, StepState::Done { .. }))
        });
    open.map_or_else(String::new, |id| format!("after {id}"))
}

/// The focused step, else the one that the cursor would stand on first.
pub fn focused_step<'model>(model: &'model Model, row: Option<&Row>) -> Option<&'model StepView> {
    match row.and_then(|row| row.target.as_ref()) {
        Some(Target::Step(id)) => model.run.view.steps.get(id),
        _ => None,
    }
}

fn waiting(model: &Model, wide: usize) -> Vec<Row> {
    let wanted = match model.nav.cursors.get(crate::tui::section::Section::Apply.index()).and_then(Option::as_ref) {
        Some(Target::Step(id)) => model.run.view.steps.get(id),
        _ => None,
    };
    let waits = |step: &&StepView| matches!(step.state, StepState::Running) && !step.waiting.is_empty();
    let Some(step) = wanted.filter(waits).or_else(|| model.run.view.in_order().find(waits)) else { return Vec::new() };
    let head = cut_front(step.head.id.as_str(), wide.saturating_sub(16));
    let mut rows = vec![Row::blank(), Row::head(format!("{head} WAITS FOR"))];
    for line in &step.waiting {
        rows.push(Row::new(Line::new().to(2).plain(cut_end(line, wide.saturating_sub(2)))));
    }
    if let Some(deadline) = step.deadline {
        let left = span(deadline, model.clock);
        rows.push(Row::new(
            Line::new().to(2).put(Role::Muted, format!("gives up in {left}, at {}", deadline.clock_seconds())),
        ));
    }
    rows
}

fn problems(model: &Model, wide: usize) -> Vec<Row> {
    let all: Vec<_> = model.run.view.problems().collect();
    if all.is_empty() && model.run.problem.is_none() {
        return Vec::new();
    }
    let mut rows = vec![Row::blank(), Row::head("PROBLEMS").right(Role::Muted, all.len().to_string())];
    for (id, problem) in &all {
        let line = Line::new().to(2).mark(Mark::Failed).put(Role::Error, id.to_string());
        rows.push(Row::new(line.cut(wide)));
        for text in crate::tui::widgets::text::wrap(&problem.message, wide.saturating_sub(4)) {
            rows.push(Row::new(Line::new().to(4).plain(text)));
        }
    }
    if all.is_empty() {
        rows.extend(model.run.problem.iter().flat_map(|problem| problem_rows(problem, wide)));
    }
    rows
}

/// The failed step, else the first running one, else the first.
pub fn first(model: &Model) -> Option<Target> {
    let view = &model.run.view;
    let failed = view.in_order().find(|step| matches!(step.state, StepState::Failed { .. }));
    let running = || view.in_order().filter(|step| matches!(step.state, StepState::Running)).last();
    let step = failed.or_else(running)?;
    Some(Target::Step(step.head.id.clone()))
}

/// `18 of 24 done, 2 running`, or how it ended.
pub fn progress(model: &Model) -> Option<(Mark, String)> {
    let view = &model.run.view;
    view.head.as_ref()?;
    let (done, all) = view.progress();
    let running = view.in_order().filter(|step| matches!(step.state, StepState::Running)).count();
    let failed = view.problems().count();
    Some(match view.end {
        Some(RunEnd::Done) => (Mark::Done, format!("{done} of {all} done")),
        Some(RunEnd::Failed) => (Mark::Failed, format!("{failed} failed, {done} of {all} done")),
        Some(RunEnd::Paused) => (Mark::Needs, format!("paused, {done} of {all} done")),
        Some(RunEnd::Cancelled) => (Mark::No, format!("cancelled, {done} of {all} done")),
        Some(RunEnd::Superseded) => (Mark::Stale, "superseded by a newer plan".to_owned()),
        None if failed > 0 => (Mark::Failed, format!("{failed} failed, {done} of {all} done, {running} running")),
        None if view.pausing => (Mark::Running, format!("pausing: {running} running, {done} of {all} done")),
        None if model.applying() => (Mark::Running, format!("{done} of {all} done, {running} running")),
        None => (Mark::Needs, format!("interrupted, {done} of {all} done")),
    })
}

/// The right pane.
pub fn side(model: &Model, row: Option<&Row>, wide: usize) -> (Line, Vec<Row>) {
    let Some(step) = focused_step(model, row) else {
        let says = "Enter opens and closes a stage. The right pane follows the log of the focused step.";
        return (Line::of(Role::Bold, "The run"), Row::prose(says, wide));
    };
    let id = cut_front(step.head.id.as_str(), wide.saturating_sub(10));
    if let StepState::Failed { problem } = &step.state {
        let mut rows = problem_rows(problem, wide);
        rows.push(Row::blank());
        rows.push(Row::head("WHAT NOW"));
        rows.extend(Row::prose("r asks, then resumes the run: this step is observed and tried again. Other branches were finished; nothing is rolled back by itself.", wide));
        rows.push(Row::blank());
        rows.push(Row::head("LOG"));
        rows.extend(log(step, wide));
        return (Line::of(Role::Bold, "EXPLAIN  ").put(Role::Error, id), rows);
    }
    let mut rows = Vec::new();
    if let StepState::WillNotRun { because } = &step.state {
        rows.extend(Row::prose(&format!("It will not run: {because}."), wide));
    }
    rows.extend(log(step, wide));
    if rows.is_empty() {
        rows.extend(Row::prose(&without_log(model, step), wide));
    }
    (Line::of(Role::Bold, "LOG  ").plain(id), rows)
}

/// What is said of a step that has logged nothing.
fn without_log(model: &Model, step: &StepView) -> String {
    let title = &step.head.title;
    match (&step.state, step.started, step.ended) {
        (StepState::Done { done }, Some(start), Some(end)) => {
            format!("{title}: {} at {}, after {}.", done.word(), end.clock_seconds(), span(end, start))
        }
        (StepState::Done { done }, ..) => format!("{title}: {}.", done.word()),
        (StepState::Running, Some(start), _) => format!("{title}: begun at {}.", start.clock_seconds()),
        _ => match after(model, step) {
            text if text.is_empty() => format!("{title}: not started."),
            text => format!("{title}: not started, it goes {text}."),
        },
    }
}

fn log(step: &StepView, wide: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for (at, line) in &step.log {
        let stamp = format!("{} ", at.clock_seconds());
        let room = wide.saturating_sub(stamp.len()).max(8);
        let mut parts = crate::tui::widgets::text::wrap(line, room).into_iter();
        if let Some(head) = parts.next() {
            rows.push(Row::new(Line::of(Role::Muted, stamp.clone()).plain(head)));
        }
        rows.extend(parts.map(|rest| Row::new(Line::new().to(stamp.len()).plain(rest))));
    }
    rows
}
