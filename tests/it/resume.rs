//! kill −9 everywhere: wherever a run is killed, `resume` ends in the world of a run that nobody disturbed.
//!
//! What a killed process leaves is what it had written: a prefix of the world's log and a prefix of the journal, the
//! last line of which may be torn. So one run is taped with the lengths of both files, and every state the disk was
//! ever in becomes a world of its own that is opened and resumed.

mod crash;
mod points;

use std::path::Path;

use eks_wizard::journal::store::RunStore;
use eks_wizard::sim::log::WorldLog;
use eks_wizard::sim::record::Record;
use points::{Point, reference};

use crate::stage::{Stage, assert_done, differences, journal_below, on_paused_clock, world_of};

/// Kills at `point` and resumes; the differences from the undisturbed world.
fn killed_and_resumed(point: &Point, torn: bool) -> Vec<String> {
    let reference = reference();
    let state = reference.left_by(point, torn);
    let world = on_paused_clock(async {
        let stage = Stage::open(state.path());
        assert_done(&stage.resume().await.unwrap_or_else(|problem| panic!("{point:?}: {problem}")));
        stage.rest().await
    });
    differences(&reference.world, &world)
}

/// Every `of`-th point from `share` on. The shares are tests of their own so that they run side by side.
fn every_kill_heals(share: usize, of: usize) {
    let begun = std::time::Instant::now();
    let points = reference().points();
    let mut wrong = Vec::new();
    for point in points.iter().skip(share).step_by(of) {
        let lines = killed_and_resumed(point, false);
        if !lines.is_empty() {
            wrong.push(format!("{}:\n  {}", reference().tell(point), lines.join("\n  ")));
        }
    }
    eprintln!("share {share}: {} points in {:?}", points.len() / of, begun.elapsed());
    assert!(wrong.is_empty(), "{} kills leave another world.\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn kills_land_between_the_first_intent_and_the_last_event() {
    let reference = reference();
    let points = reference.points();
    let inside = points.iter().filter(|point| reference.is_inside(point)).count();
    assert!(inside > 100, "only {inside} of {} kills land inside the run", points.len());
    assert!(points.iter().any(|point| point.half.journal > 0), "no line of the journal is torn");
    assert!(points.iter().any(|point| point.half.world > 0), "no line of the world's log is torn");
}

/// What the next process finds once it has opened both files.
fn opened(state: &Path) -> (Vec<u8>, Vec<u8>) {
    let folder = world_of(state);
    let (log, journal) = (folder.join("world.log"), journal_below(&folder).unwrap());
    let first = std::fs::read_to_string(&log).unwrap().lines().next().unwrap().to_owned();
    let Ok(Record::World(header)) = serde_json::from_str(&first) else { panic!("{first}") };
    drop(WorldLog::open(&log, header, false).unwrap());
    let run = journal.file_stem().unwrap().to_str().unwrap().into();
    let reopened = RunStore::open(&folder).reopen(&"orbit-train".into(), &run).unwrap();
    drop(reopened);
    (std::fs::read(log).unwrap(), std::fs::read(journal).unwrap())
}

/// So a kill in the middle of a line needs no run of its own: it is resumed from the very same bytes.
#[test]
fn half_a_line_is_as_if_it_had_not_been_written() {
    let reference = reference();
    for point in reference.points() {
        let (whole, torn) = (reference.left_by(&point, false), reference.left_by(&point, true));
        assert_eq!(opened(whole.path()), opened(torn.path()), "{point:?}");
    }
}

/// Every tenth of them has one all the same.
#[test]
fn killed_in_the_middle_of_a_line() {
    for point in reference().points().iter().step_by(10) {
        assert_eq!(killed_and_resumed(point, true), Vec::<String>::new(), "{point:?}");
    }
}

#[test]
fn killed_in_the_first_share_of_the_run() {
    every_kill_heals(0, 4);
}

#[test]
fn killed_in_the_second_share_of_the_run() {
    every_kill_heals(1, 4);
}

#[test]
fn killed_in_the_third_share_of_the_run() {
    every_kill_heals(2, 4);
}

#[test]
fn killed_in_the_last_share_of_the_run() {
    every_kill_heals(3, 4);
}
