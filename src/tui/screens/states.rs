//! Rows for what is loading, failed, out of date or absent (screens.md 1.9).

use crate::domain::problem::Problem;
use crate::domain::time::{Elapsed, Stamp};
use crate::tui::model::Loadable;
use crate::tui::widgets::rows::Row;
use crate::tui::widgets::text::{Line, Mark, Role};

/// A span as the screens write it.
pub fn span(now: Stamp, since: Stamp) -> String {
    Elapsed(now.since(since)).to_string().replace(" ms", "ms").replace("0ms", "0s")
}

/// What is left of a token or a block: never finer than a minute above ten minutes.
pub fn left(now: Stamp, end: Stamp) -> String {
    let minutes = end.since(now).as_secs() / 60;
    if (10..60).contains(&minutes) { format!("{minutes}m") } else { span(end, now) }
}

/// The banner over something that is loading, failed or stale; nothing when it is fresh or was never asked for.
pub fn banner<T>(what: &str, item: &Loadable<T>, now: Stamp, wide: usize) -> Vec<Row> {
    match item {
        Loadable::Idle | Loadable::Ready(..) => Vec::new(),
        Loadable::Loading { since, before } => {
            let line = Line::new().mark(Mark::Running).plain(format!("reading {what}, {}", span(now, *since)));
            let mut rows = vec![Row::new(line)];
            if let Some((_, at)) = before {
                rows.push(age(now, *at));
            }
            rows.push(Row::blank());
            rows
        }
        Loadable::Stale { at, because, .. } => {
            let line =
                Line::new().mark(Mark::Stale).put(Role::Warn, format!("out of date since {}", at.clock_seconds()));
            let mut rows = vec![Row::new(line)];
            rows.extend(Row::prose(&format!("{because} r reads it again."), wide));
            rows.push(Row::blank());
            rows
        }
        Loadable::Failed { problem, at, before } => {
            let mut rows = failed(what, problem, *at, wide);
            if let Some((_, at)) = before {
                rows.push(age(now, *at));
            }
            rows.push(Row::blank());
            rows
        }
    }
}

fn age(now: Stamp, read: Stamp) -> Row {
    Row::new(Line::of(Role::Muted, format!("Below is what was read at {}.", read.clock_seconds())))
        .right(Role::Warn, format!("↻ {} old", span(now, read)))
}

/// A problem as rows: what happened, why, what to do.
pub fn failed(what: &str, problem: &Problem, at: Stamp, wide: usize) -> Vec<Row> {
    let line = Line::new().mark(Mark::Failed).put(Role::Error, format!("{what}: failed"));
    let mut rows = vec![Row::new(line).right(Role::Muted, at.clock_seconds())];
    rows.extend(problem_rows(problem, wide));
    rows.push(Row::text("r tries again."));
    rows
}

/// The parts of a problem.
pub fn problem_rows(problem: &Problem, wide: usize) -> Vec<Row> {
    let mut rows = Row::prose(&problem.message, wide);
    for cause in &problem.causes {
        rows.extend(Row::toned(Role::Muted, &format!("because {cause}"), wide));
    }
    for hint in &problem.hints {
        rows.extend(Row::prose(&format!("→ {hint}"), wide));
    }
    if let Some(code) = &problem.code {
        rows.extend(Row::toned(Role::Muted, &format!("code {code}"), wide));
    }
    if let Some(id) = &problem.request_id {
        rows.extend(Row::toned(Role::Muted, &format!("request id {id}"), wide));
    }
    rows
}
