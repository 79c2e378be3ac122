//! 9 Verify: ladders, a rung a row, a node a column.

use std::collections::BTreeSet;

use crate::domain::ladder::{Ladder, Reading, Rung, RungState, Verdict, Verification};
use crate::tui::model::{Loadable, Model};
use crate::tui::widgets::rows::{Row, Target};
use crate::tui::widgets::text::{Line, Mark, Role, cut_end, cut_front, cut_middle, width};

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
    // One width for all ladders, so that their columns stand below each other.
    let longest = longest_title(done);
    let mut shown = Vec::new();
    for ladder in &done.ladders {
        let columns = columns(ladder, done, wide, longest);
        rows.extend(ladder_rows(ladder, &columns, wide));
        rows.push(Row::blank());
        shown.extend(columns);
    }
    let first = shown.first().map_or_else(String::new, |one| format!(" {} is {}.", one.head, bare(one.node)));
    rows.extend(Row::toned(
        Role::Muted,
        &format!("EXPECT comes from EC2's facts and from the launch template, never from a constant.{first}"),
        wide,
    ));
    rows
}

/// Columns of the longest title in a ladder of nodes.
fn longest_title(done: &Verification) -> usize {
    let of_nodes = |ladder: &&Ladder| {
        let mut subjects = ladder.rungs.iter().flat_map(|rung| &rung.readings).map(|one| &one.subject);
        subjects.any(|subject| done.nodes.iter().any(|node| &node.name == subject))
    };
    let rungs = done.ladders.iter().filter(of_nodes).flat_map(|ladder| &ladder.rungs);
    rungs.map(|rung| width(&rung.title)).max().unwrap_or(0)
}

/// A node as a column.
struct Column<'a> {
    node: &'a str,
    head: String,
    wide: usize,
}

/// A node's name without its domain.
fn bare(node: &str) -> &str {
    node.split('.').next().unwrap_or(node)
}

/// The nodes of a ladder as columns; none when there are too many to stand side by side.
fn columns<'a>(ladder: &'a Ladder, done: &Verification, wide: usize, longest: usize) -> Vec<Column<'a>> {
    let subjects: BTreeSet<&str> =
        ladder.rungs.iter().flat_map(|rung| &rung.readings).map(|one| one.subject.as_str()).collect();
    let nodes: Vec<&str> =
        subjects.into_iter().filter(|subject| done.nodes.iter().any(|node| node.name == *subject)).collect();
    if nodes.len() > COLUMNS {
        return Vec::new();
    }
    let tail = |node: &str| bare(node).rsplit_once('-').map(|(_, tail)| format!("-{tail}"));
    let mut columns: Vec<Column<'a>> = nodes
        .iter()
        .map(|node| {
            // `-37` where that tells the nodes apart.
            let own =
                tail(node).filter(|own| nodes.iter().filter(|other| tail(other).as_ref() == Some(own)).count() == 1);
            let head = own.map_or_else(|| cut_front(bare(node), 8), |tail| cut_front(&tail, 8));
            let found =
                ladder.rungs.iter().filter_map(|rung| Some(cell(rung, reading_of(rung, node)?).chars().count()));
            let wide = found.chain([head.chars().count()]).max().unwrap_or(0);
            Column { node, head, wide }
        })
        .collect();
    // What the longest title leaves free goes between the columns, three blanks each at most.
    let taken: usize = columns.iter().map(|column| column.wide + 1).sum();
    let spare = wide.saturating_sub(FIXED + longest + taken) / columns.len().max(1);
    for column in &mut columns {
        column.wide += spare.min(3);
    }
    columns
}

fn reading_of<'a>(rung: &'a Rung, node: &str) -> Option<&'a Reading> {
    rung.readings.iter().find(|one| one.subject == node)
}

/// Whether a number is expected; a word is answered by yes, and spelt in the right pane.
fn counted(rung: &Rung) -> bool {
    rung.expect.starts_with(|c: char| c.is_ascii_digit())
}

/// What was found on one node, as it fits a column.
fn cell(rung: &Rung, reading: &Reading) -> String {
    if !counted(rung) && reading.state == RungState::Proven { "yes".to_owned() } else { cut_end(&reading.found, 8) }
}

/// Columns of EXPECT.
const EXPECT: usize = 6;
/// Columns of a rung besides title and nodes: indent, mark, EXPECT, check id, and the blanks between them.
const FIXED: usize = 5 + EXPECT + 1 + CHECK;

fn ladder_rows(ladder: &Ladder, columns: &[Column<'_>], wide: usize) -> Vec<Row> {
    let taken: usize = columns.iter().map(|column| column.wide + 1).sum();
    let spread = taken.max(if columns.is_empty() { SUMMARY + 1 } else { 0 });
    let room = wide.saturating_sub(FIXED + spread).max(12);
    let mut head = Line::new().col(Role::Muted, &ladder.title.to_uppercase(), room + 4);
    let by_node = ladder.rungs.iter().any(|rung| !names_subjects(rung, columns));
    if by_node {
        head = head.num(Role::Muted, "EXPECT", EXPECT);
    }
    for column in columns {
        head = head.num(Role::Muted, &column.head, column.wide);
    }
    if columns.is_empty() && by_node {
        head = head.num(Role::Muted, "FOUND", SUMMARY);
    }
    let mut head = Row::new(head.cut(wide));
    head.heading = true;
    let mut rows = vec![head];
    for rung in &ladder.rungs {
        let named = names_subjects(rung, columns);
        let mark = rung_mark(rung);
        let role = if mark == Mark::NotYet { Role::Muted } else { Role::Plain };
        let line = Line::new().to(2).mark(mark);
        let line = if named {
            line.put(role, rung.title.clone())
        } else {
            let expect = if counted(rung) { rung.expect.as_str() } else { "yes" };
            let line = line.col(role, &rung.title, room).num(role, expect, EXPECT);
            found(rung, columns, spread.saturating_sub(1), line)
        };
        let mut row =
            Row::new(line.cut(wide.saturating_sub(CHECK))).on(Target::Rung(ladder.id.clone(), rung.id.clone()));
        if let Some(check) = &rung.check {
            row = row.right(Role::Muted, check.to_string());
        }
        if mark == Mark::Failed {
            row = row.marked(Mark::Failed);
        }
        rows.push(row);
        if named {
            rows.extend(rung.readings.iter().map(|one| subject_row(one, wide)));
        }
    }
    rows
}

/// Columns of a check id and the blank before it.
const CHECK: usize = 8;
/// Columns of a summary, where nodes are no columns.
const SUMMARY: usize = 14;

/// Whether the readings of a rung are about few things that are no nodes: each gets a row of its own.
fn names_subjects(rung: &Rung, columns: &[Column<'_>]) -> bool {
    columns.is_empty() && !counted(rung) && (1..=COLUMNS).contains(&rung.readings.len())
}

/// What was found: a cell a node, else one summary over the width of all of them.
fn found(rung: &Rung, columns: &[Column<'_>], spread: usize, line: Line) -> Line {
    if !columns.iter().any(|column| reading_of(rung, column.node).is_some()) {
        let role = if rung.broken() { Role::Error } else { Role::Plain };
        return line.num(role, &summary(rung, spread), spread);
    }
    columns.iter().fold(line, |line, column| match reading_of(rung, column.node) {
        Some(reading) => line.num(cell_role(reading), &cell(rung, reading), column.wide),
        None => line.num(Role::Muted, "–", column.wide),
    })
}

/// A reading about something that is no node.
fn subject_row(reading: &Reading, wide: usize) -> Row {
    let subject = if reading.subject.is_empty() { "cluster" } else { &reading.subject };
    let line = Line::new().to(6).mark(reading_mark(reading)).put(Role::Plain, cut_front(subject, 36)).plain("  ");
    let room = wide.saturating_sub(line.width()).max(8);
    Row::new(line.put(cell_role(reading), cut_middle(&reading.found, room)).cut(wide))
}

fn cell_role(reading: &Reading) -> Role {
    match reading.state {
        RungState::Broken { .. } => Role::Error,
        RungState::Proven => Role::Plain,
        _ => Role::Muted,
    }
}

/// What a rung found, when its subjects are no columns: `63 of 64`, and the first broken one.
fn summary(rung: &Rung, wide: usize) -> String {
    match rung.readings.as_slice() {
        [] => "–".to_owned(),
        [one] => cut_end(&one.found, wide),
        many => {
            let proven = many.iter().filter(|one| one.state == RungState::Proven).count();
            let count = format!("{proven} of {}", many.len());
            let broken = many.iter().find(|one| matches!(one.state, RungState::Broken { .. }));
            match broken.and_then(|one| bare(&one.subject).rsplit_once('-')) {
                Some((_, tail)) if count.len() + tail.len() + 3 <= wide => format!("{count}, -{tail}"),
                _ => count,
            }
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
    let mut rows = Row::prose(&format!("{}.", sentence(&rung.title)), wide);
    rows.extend(fields::pair("EXPECT", &rung.expect, wide));
    for reading in &rung.readings {
        rows.push(Row::blank());
        let subject = if reading.subject.is_empty() { "cluster" } else { &reading.subject };
        rows.push(Row::new(
            Line::new()
                .mark(reading_mark(reading))
                .put(Role::Bold, cut_front(bare(subject), wide.saturating_sub(4)))
                .cut(wide),
        ));
        rows.extend(fields::pair("found", &reading.found, wide));
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

/// The title as a sentence begins.
fn sentence(title: &str) -> String {
    let mut letters = title.chars();
    // `nvidia-smi` and `vpc.amazonaws.com` keep their spelling.
    let named = title.split(' ').next().is_some_and(|word| word.contains(['-', '.', '/']));
    match letters.next() {
        Some(first) if !named => first.to_uppercase().chain(letters).collect(),
        _ => title.to_owned(),
    }
}
