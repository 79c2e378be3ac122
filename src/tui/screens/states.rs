//! Rows for what is loading, failed, out of date or absent (screens.md 1.9).

use std::time::Duration;

use crate::domain::problem::Problem;
use crate::domain::time::{Elapsed, Stamp};
use crate::tui::model::Loadable;
use crate::tui::widgets::rows::Row;
use crate::tui::widgets::text::{Line, Mark, Role};

/// A span as the screens write it: whole seconds, `0s` below one.
pub fn span(now: Stamp, since: Stamp) -> String {
    let span = now.since(since);
    if span.as_secs() == 0 { "0s".to_owned() } else { Elapsed(span).to_string() }
}

/// A limit as the screens write it: `40m` rather than `40m00s`.
pub fn limit(span: Duration) -> String {
    let text = Elapsed(span).to_string();
    text.strip_suffix("m00s").map_or_else(|| text.clone(), |minutes| format!("{minutes}m"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_whole_seconds_and_limits_whole_minutes() {
        let since = Stamp::EPOCH;
        let after = |millis| span(since + Duration::from_millis(millis), since);
        assert_eq!(
            (after(0), after(192), after(310), after(999)),
            ("0s".into(), "0s".into(), "0s".into(), "0s".into())
        );
        assert_eq!((after(1_000), after(310_000)), ("1s".into(), "5m10s".into()));
        let of = |seconds| limit(Duration::from_secs(seconds));
        assert_eq!((of(2400), of(90), of(45), of(3600)), ("40m".into(), "1m30s".into(), "45s".into(), "1h00m".into()));
    }
}
