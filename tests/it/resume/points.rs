//! The undisturbed run, and what a kill at each of its moments leaves on the disk.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use crate::stage::{
    Moment, Snapshot, Stage, assert_done, journal_below, on_paused_clock, spec, state_folder, world_of,
};

/// A run from start to end, and its world.
pub struct Reference {
    pub world: Snapshot,
    /// Method, address and body of every call, in the order of their numbers.
    pub requests: Vec<String>,
    /// Numbers of the calls that changed the world during the run.
    pub mutations: Vec<u64>,
    world_log: Vec<u8>,
    journal: Vec<u8>,
    /// Below the folder of the world.
    journal_name: std::path::PathBuf,
    moments: Vec<Moment>,
}

/// A kill: how much of each file is there, and what half of the line that was written next adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    pub at: Moment,
    pub half: Moment,
}

/// The undisturbed run; made once a process.
pub fn reference() -> &'static Reference {
    static MADE: OnceLock<Reference> = OnceLock::new();
    MADE.get_or_init(|| {
        let state = state_folder();
        let folder = world_of(state.path());
        let (world, moments, sent) = on_paused_clock(async {
            let stage = Stage::open(state.path());
            assert_done(&stage.apply(spec(&[])).await.unwrap());
            let moments = stage.tape.moments();
            (stage.rest().await, moments, stage.tape.sent())
        });
        let journal = journal_below(&folder).unwrap();
        Reference {
            world,
            mutations: sent
                .iter()
                .zip(1..)
                .filter(|(request, _)| request.is_change())
                .map(|(_, number)| number)
                .collect(),
            requests: sent.iter().map(ToString::to_string).collect(),
            world_log: fs::read(folder.join("world.log")).unwrap(),
            journal: fs::read(&journal).unwrap(),
            journal_name: journal.strip_prefix(&folder).unwrap().to_owned(),
            moments,
        }
    })
}

impl Reference {
    /// Every kill after the first line of the journal and before its last one: behind each line of either file.
    pub fn points(&self) -> Vec<Point> {
        let header = ends_of_lines(&self.journal, 0, self.journal.len())[0];
        let states: Vec<Moment> = self.states().into_iter().skip_while(|at| at.journal < header).collect();
        let pairs = states.iter().zip(&states[1..]);
        pairs
            .map(|(at, next)| {
                let half = Moment { world: (next.world - at.world) / 2, journal: (next.journal - at.journal) / 2 };
                Point { at: *at, half }
            })
            .collect()
    }

    /// Every state the disk was in, a line apart.
    fn states(&self) -> Vec<Moment> {
        let mut states = Vec::new();
        let mut last = Moment::default();
        for moment in &self.moments {
            assert!(
                moment.world == last.world || moment.journal == last.journal,
                "both files grew between two looks: {last:?} {moment:?}"
            );
            let world = ends_of_lines(&self.world_log, last.world, moment.world);
            let journal = ends_of_lines(&self.journal, last.journal, moment.journal);
            states.extend(world.into_iter().map(|world| Moment { world, ..last }));
            states.extend(journal.into_iter().map(|journal| Moment { journal, ..last }));
            last = *moment;
        }
        states
    }

    /// Whether the kill lands behind the first intent and before the last event.
    pub fn is_inside(&self, point: &Point) -> bool {
        let written = &self.journal[..point.at.journal];
        written.windows(18).any(|window| window == br#""record":"intent","#)
    }

    /// The state folder that the kill leaves; `torn` when it struck in the middle of the next line.
    pub fn left_by(&self, point: &Point, torn: bool) -> tempfile::TempDir {
        let state = state_folder();
        let folder = world_of(state.path());
        let journal = folder.join(&self.journal_name);
        fs::create_dir_all(journal.parent().unwrap()).unwrap();
        let Point { at, half } = point;
        let half = if torn { *half } else { Moment::default() };
        fs::write(folder.join("world.log"), &self.world_log[..at.world + half.world]).unwrap();
        fs::write(&journal, &self.journal[..at.journal + half.journal]).unwrap();
        leave_lock(&folder);
        state
    }

    /// Number of whole lines of the world's log and of the journal.
    pub fn lines(&self, point: &Point) -> (usize, usize) {
        (count_lines(&self.world_log[..point.at.world]), count_lines(&self.journal[..point.at.journal]))
    }

    /// The kill in words: the last lines of both files.
    pub fn tell(&self, point: &Point) -> String {
        let last = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            text.lines().last().unwrap_or_default().chars().take(300).collect::<String>()
        };
        let (journal, world) = (last(&self.journal[..point.at.journal]), last(&self.world_log[..point.at.world]));
        format!("{point:?}\n  journal {journal}\n  world   {world}")
    }
}

/// A process that was killed leaves its lock file with its number in it.
fn leave_lock(folder: &Path) {
    fs::write(folder.join("lock"), "4194304 elsewhere").unwrap();
}

pub fn count_lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

fn ends_of_lines(bytes: &[u8], from: usize, to: usize) -> Vec<usize> {
    (from..to).filter(|at| bytes[*at] == b'\n').map(|at| at + 1).collect()
}
