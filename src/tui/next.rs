//! The Next line: the next sensible act in words, and where `n` goes. One function for both.

use crate::domain::sample::Condition;
use crate::events::event::RunEnd;

use super::model::{Loadable, Model};
use super::screens::{self, preflight, status};
use super::section::Section;
use super::widgets::rows::{Row, Target};
use super::widgets::text::Mark;

/// The next act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The sentence.
    pub says: String,
    /// Where `n` goes, and onto which row; `None` when the act is not a move.
    pub to: Option<(Section, Option<Target>)>,
}

fn go(section: Section, says: &str) -> Next {
    Next { says: format!("{} {}: {says}", section.digit(), section.name()), to: Some((section, None)) }
}

fn stay(says: impl Into<String>) -> Next {
    Next { says: says.into(), to: None }
}

/// The next sensible act.
pub fn of(model: &Model) -> Next {
    if model.nav.welcome {
        return stay("press Enter to start.");
    }
    if model.applying() {
        return if model.nav.section == Section::Apply {
            stay("the run goes on. Leaving is safe, it is journaled.")
        } else {
            go(Section::Apply, "the run goes on.")
        };
    }
    if let Some(next) = stop(model) {
        return next;
    }
    after_decisions(model)
}

/// The next row with `✗` or `○`: in this section after the cursor, then in the others.
fn stop(model: &Model) -> Option<Next> {
    let here = model.nav.section;
    // Decisions come before the checks that hang on them, also when the checks are on the screen.
    let mut order: Vec<Section> = if here.decides() { vec![here] } else { Vec::new() };
    order.extend(Section::ALL.into_iter().filter(|section| *section != here && section.decides()));
    order.push(Section::Preflight);
    for section in order {
        let rows = screens::body_of(model, section, screens::BODY_TEXT);
        let cursor = if section == here { screens::body_cursor(model, &rows) } else { None };
        for mark in [Mark::Failed, Mark::Needs] {
            let hits = || rows.iter().enumerate().filter(|(_, row)| row.mark == Some(mark) && row.target.is_some());
            let hit = hits().find(|(at, _)| cursor.is_none_or(|cursor| *at > cursor)).or_else(|| hits().next());
            if let Some(target) = hit.and_then(|(_, row)| row.target.clone()) {
                if section == here
                    && section == Section::Preflight
                    && hits().count() == 1
                    && hit.map(|(at, _)| at) == cursor
                {
                    return Some(stay(standing_on(model, section, &rows, cursor)));
                }
                let state = status::of(model, section);
                let says = format!("{} {}: {}.", section.digit(), section.name(), state.headline);
                return Some(Next { says, to: Some((section, Some(target))) });
            }
        }
    }
    let connect = status::of(model, Section::Connect);
    (connect.mark == Mark::Needs).then(|| go(Section::Connect, "choose a cluster."))
}

/// What to do about the only row that needs the operator, when the cursor stands on it already.
fn standing_on(model: &Model, section: Section, rows: &[Row], cursor: Option<usize>) -> String {
    let row = cursor.and_then(|at| rows.get(at));
    let fixes = preflight::focused_finding(model, row).map(|finding| finding.fixes.len());
    match fixes {
        Some(0) => "this row stops apply. Its evidence is at the right; r checks again.".to_owned(),
        Some(_) => "this row stops apply. f goes to its fixes.".to_owned(),
        None => format!("{}.", status::of(model, section).headline),
    }
}

/// 6 if not run or out of date, then 7, 8, 9, 0.
fn after_decisions(model: &Model) -> Next {
    let here = model.nav.section;
    let ended = model.run.view.end;
    if matches!(ended, Some(RunEnd::Failed | RunEnd::Paused)) {
        return if here == Section::Apply {
            stay("r asks, then resumes the run where it stands.")
        } else {
            go(Section::Apply, "the run can be resumed.")
        };
    }
    if model.run.problem.is_some() && model.run.view.head.is_none() && here != Section::Apply {
        return go(Section::Apply, "the run did not start.");
    }
    if ended == Some(RunEnd::Done) || model.world.verification.value().is_some() {
        return proven(model);
    }
    match &model.world.plan {
        Loadable::Idle | Loadable::Stale { .. } | Loadable::Failed { .. } if here != Section::Preflight => {
            go(Section::Preflight, "nothing is missing, run the checks.")
        }
        Loadable::Idle if matches!(model.world.facts, Loadable::Failed { .. }) => {
            stay("r reads AWS and the cluster again.")
        }
        Loadable::Idle | Loadable::Loading { .. } if here <= Section::Preflight => {
            go(Section::Review, "read the plan when the checks are done.")
        }
        Loadable::Loading { .. } if here == Section::Review => stay("the plan is being made."),
        Loadable::Loading { .. } => go(Section::Review, "the plan is being made."),
        Loadable::Failed { .. } | Loadable::Stale { .. } => stay("r runs the checks again."),
        Loadable::Ready(..) | Loadable::Idle if here == Section::Review => match model.world.plan.ready() {
            Some(planned) if planned.plan.is_settled() => go(Section::Verify, "nothing to do; prove what stands."),
            Some(_) if model.session.read_only => stay("read the plan. READ-ONLY: a is off."),
            Some(_) => stay("press a to apply. It asks once, with what could not be told."),
            None => stay("r makes a plan."),
        },
        Loadable::Idle => go(Section::Preflight, "run the checks."),
        Loadable::Ready(planned, _) => {
            if planned.plan.is_settled() && here >= Section::Apply {
                return proven(model);
            }
            go(Section::Review, "read the plan.")
        }
    }
}

/// After the run: verify, then watch.
fn proven(model: &Model) -> Next {
    let here = model.nav.section;
    match &model.world.verification {
        Loadable::Idle if here == Section::Verify => stay("r runs the short verification."),
        Loadable::Idle => go(Section::Verify, "prove what was installed."),
        Loadable::Loading { .. } if here == Section::Verify => stay("the short verification runs."),
        Loadable::Loading { .. } => go(Section::Verify, "the short verification runs."),
        Loadable::Failed { .. } if here == Section::Verify => stay("r runs the verification again."),
        _ if here < Section::Verify => go(Section::Verify, "read what was proven."),
        _ if here == Section::Verify => go(Section::Health, "watch what was installed."),
        _ => match model.health.verdict {
            Some((Condition::Healthy, _)) => stay("nothing is wrong."),
            Some((condition, _)) => stay(format!("{}: the reasons are listed, the worst first.", condition.word())),
            None => stay("three equal looks make a verdict."),
        },
    }
}
