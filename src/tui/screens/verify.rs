//! 9 Verify: ladders, a rung a row, a node a column.

use std::collections::BTreeSet;

use crate::domain::ladder::{Ladder, Reading, Rung, RungState, Verdict, Verification};
use crate::tui::model::{Loadable, Model};
use crate::tui::widgets::rows::{Row, Target};
use crate::tui::widgets::text::{Line, Mark, Role, cut_end, cut_front, pad};

use super::fields;
use super::states::banner;

/// Columns of nodes shown side by side.
const COLUMNS: usize = 4;

/// Title with the time.
pub fn name(model: &Model) -> String {
    model
        .world
        .verification
        .value()
        .map_or_else(|| "Verify".to_owned(), |done| format!("Verify   {}", done.at.clock_seconds()))
}

/// The mark of one reading.
fn reading_mark(reading: &Reading) -> Mark {
    match reading.state {
        RungState::Proven => Mark::Proven,
        RungState::Broken { .. } => Mark::Failed,
        RungState::NotReached => Mark::NotYet,
        RungState::NotApplicable { .. } => Mark::No,
        RungState::CannotTell { .. } => Mark::Unknown,
    }
}

/// The mark of a rung: its worst reading.
pub fn rung_mark(rung: &Rung) -> Mark {
    let order = [Mark::Failed, Mark::Unknown, Mark::NotYet, Mark::Proven, Mark::No];
    let marks: Vec<Mark> = rung.readings.iter().map(reading_mark).collect();
    order.into_iter().find(|mark| marks.contains(mark)).unwrap_or(Mark::NotYet)
}

/// The mark of a verdict.
pub fn verdict_mark(verdict: Verdict) -> Mark {
    match verdict {
        Verdict::Proven => Mark::Proven,
        Verdict::Broken => Mark::Failed,
        Verdict::CannotTell => Mark::Unknown,
        Verdict::NotApplicable => Mark::No,
    }
}

/// Rungs proven, rungs that apply.
pub fn count(done: &Verification) -> (usize, usize) {
    let rungs = || done.ladders.iter().flat_map(|ladder| &ladder.rungs).filter(|rung| rung_mark(rung) != Mark::No);
    (rungs().filter(|rung| rung_mark(rung) == Mark::Proven).count(), rungs().count())
}

/// Rows of the body.
pub fn rows(model: &Model, wide: usize) -> Vec<Row> {
    let mut rows = banner("GPU nodes, EFA, roles and disks", &model.world.verification, model.clock, wide);
    let Some(done) = model.world.verification.value() else {
        if matches!(model.world.verification, Loadable::Idle) {
            rows.push(Row::new(
                Line::new().mark(Mark::NotYet).plain("nothing proven yet: r runs the short verification"),
            ));
            rows.extend(Row::prose(
                "It starts short-lived pods and removes them. After an apply that ends well it runs by itself.",
                wide,
            ));
        }
        return rows;
    };
    for ladder in &done.ladders {
        rows.extend(ladder_rows(ladder, wide));
        rows.push(Row::blank());
    }
    rows.extend(Row::toned(
        Role::Muted,
        "EXPECT comes from EC2's facts and from the launch template, never from a constant.",
        wide,
    ));
    rows
}

fn subjects(ladder: &Ladder) -> Vec<&str> {
    let all: BTreeSet<&str> =
        ladder.rungs.iter().flat_map(|rung| &rung.readings).map(|one| one.subject.as_str()).collect();
    all.into_iter().filter(|subject| !subject.is_empty()).collect()
}

/// A subject as a column head: `-37` where that tells the subjects apart.
fn column(subject: &str, all: &[&str]) -> String {
    let bare = |text: &str| text.split('.').next().unwrap_or(text).to_owned();
    let tail = |text: &str| bare(text).rsplit_once('-').map(|(_, tail)| format!("-{tail}"));
    let own = tail(subject);
    let alone = own.is_some() && all.iter().filter(|other| tail(other) == own).count() == 1;
    own.filter(|_| alone).map_or_else(|| cut_front(&bare(subject), 8), |tail| cut_front(&tail, 8))
}

fn ladder_rows(ladder: &Ladder, wide: usize) -> Vec<Row> {
    let subjects = subjects(ladder);
    let side_by_side = !subjects.is_empty()
        && subjects.len() <= COLUMNS
        && ladder.rungs.iter().all(|rung| rung.readings.len() <= COLUMNS);
    let columns: Vec<&str> = if side_by_side { subjects } else { Vec::new() };
    let cells = columns.len().max(1);
    let title_room = wide.saturating_sub(22 + 9 * cells).max(12);
    let mut head = Line::of(Role::Muted, pad(&cut_end(&ladder.title.to_uppercase(), title_room + 4), title_room + 4));
    head = head.num(Role::Muted, "EXPECT", 7);
    for subject in &columns {
        head = head.num(Role::Muted, &column(subject, &columns), 8);
    }
    if columns.is_empty() {
        head = head.num(Role::Muted, "FOUND", 8);
    }
    let mut rows = vec![Row::new(head.cut(wide))];
    for rung in &ladder.rungs {
        let mark = rung_mark(rung);
        let role = if mark == Mark::NotYet { Role::Muted } else { Role::Plain };
        let line = Line::new().to(2).mark(mark).col(role, &rung.title, title_room.saturating_sub(1));
        let mut line = line.num(role, &cut_end(&rung.expect, 7), 7);
        for subject in &columns {
            let reading = rung.readings.iter().find(|one| one.subject == *subject || one.subject.is_empty());
            let (text, tone) =
                reading.map_or(("–".to_owned(), Role::Muted), |one| (cut_end(&one.found, 8), cell_role(one)));
            line = line.num(tone, &text, 8);
        }
        if columns.is_empty() {
            line = line.num(role, &summary(rung), 8);
        }
        let mut row = Row::new(line.cut(wide.saturating_sub(8))).on(Target::Rung(ladder.id.clone(), rung.id.clone()));
        if let Some(check) = &rung.check {
            row = row.right(Role::Muted, check.to_string());
        }
        if mark == Mark::Failed {
            row = row.marked(Mark::Failed);
        }
        rows.push(row);
    }
    rows
}

fn cell_role(reading: &Reading) -> Role {
    match reading.state {
        RungState::Broken { .. } => Role::Error,
        RungState::Proven => Role::Plain,
        _ => Role::Muted,
    }
}

/// What a rung found, when its subjects do not fit as columns.
fn summary(rung: &Rung) -> String {
    match rung.readings.as_slice() {
        [] => "–".to_owned(),
        [one] => cut_end(&one.found, 8),
        many => {
            let proven = many.iter().filter(|one| one.state == RungState::Proven).count();
            format!("{proven} of {}", many.len())
        }
    }
}

/// The broken rung, else the first.
pub fn first(model: &Model) -> Option<Target> {
    let done = model.world.verification.value()?;
    let all = || done.ladders.iter().flat_map(|ladder| ladder.rungs.iter().map(move |rung| (ladder, rung)));
    let (ladder, rung) = all().find(|(_, rung)| rung.broken()).or_else(|| all().next())?;
    Some(Target::Rung(ladder.id.clone(), rung.id.clone()))
}

/// The right pane.
pub fn side(model: &Model, row: Option<&Row>, wide: usize) -> (Line, Vec<Row>) {
    let focused = match row.and_then(|row| row.target.as_ref()) {
        Some(Target::Rung(ladder, rung)) => model.world.verification.value().and_then(|done| {
            done.ladders.iter().find(|one| &one.id == ladder)?.rungs.iter().find(|one| &one.id == rung)
        }),
        _ => None,
    };
    let Some(rung) = focused else {
        let says = "A rung proves a little more than the one below it. The first broken rung ends its ladder.";
        return (Line::of(Role::Bold, "Ladders"), Row::prose(says, wide));
    };
    let mark = rung_mark(rung);
    let word = match mark {
        Mark::Proven => "proven",
        Mark::Failed => "broken",
        Mark::Unknown => "cannot tell",
        Mark::No => "not applicable",
        _ => "cannot be true yet",
    };
    let id = rung.check.as_ref().map_or_else(|| rung.id.clone(), ToString::to_string);
    let title = Line::of(Role::Bold, format!("{id}   ")).mark(mark).put(mark.role(), word);
    let mut rows = Row::prose(&format!("{}.", rung.title), wide);
    rows.extend(fields::pair("EXPECT", &rung.expect, wide));
    for reading in &rung.readings {
        rows.push(Row::blank());
        let subject = if reading.subject.is_empty() { "cluster" } else { &reading.subject };
        rows.push(Row::new(
            Line::new()
                .mark(reading_mark(reading))
                .put(Role::Bold, subject.to_owned())
                .plain(format!("  {}", reading.found))
                .cut(wide),
        ));
        match &reading.state {
            RungState::Broken { why } | RungState::NotApplicable { why } | RungState::CannotTell { why } => {
                rows.extend(Row::prose(why, wide));
            }
            RungState::Proven | RungState::NotReached => {}
        }
        rows.extend(reading.evidence.iter().flat_map(|line| Row::toned(Role::Muted, line, wide)));
    }
    (title, rows)
}
