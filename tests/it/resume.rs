//! kill −9 everywhere: wherever a run is killed, `resume` ends in the world of a run that nobody disturbed.
//!
//! What a killed process leaves is what it had written: a prefix of the world's log and a prefix of the journal, the
//! last line of which may be torn. So one run is taped with the lengths of both files, and every state the disk was
//! ever in becomes a world of its own that is opened and resumed.

mod crash;
mod points;

use points::{Point, reference};

use crate::stage::{Stage, assert_done, differences, on_paused_clock};

/// Kills at `point` and resumes; the differences from the undisturbed world.
fn killed_and_resumed(point: &Point) -> Vec<String> {
    let reference = reference();
    let state = reference.left_by(point);
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
        let lines = killed_and_resumed(point);
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
