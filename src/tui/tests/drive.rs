//! Drives the wizard without a terminal: keys in, effects answered from the fixture, screens out.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::sample::Condition;
use crate::plan::model::Verb;
use crate::tui::effects::{Effect, Planned, Saved, Stage, Wake};
use crate::tui::fixture;
use crate::tui::frame::render_to_string;
use crate::tui::model::Model;
use crate::tui::msg::{Key, Msg};
use crate::tui::update::{start, update};

/// The wizard and a world that answers it.
pub struct Drive {
    pub model: Model,
    pub effects: Vec<Effect>,
    pub plan: Planned,
    queue: VecDeque<Effect>,
}

impl Drive {
    pub fn new(mut model: Model) -> Self {
        let first = start(&mut model);
        let mut drive =
            Self { model, effects: Vec::new(), plan: fixture::planned(Verb::Create), queue: VecDeque::new() };
        drive.push(first);
        drive
    }

    /// A wizard whose first reading has ended.
    pub fn ready() -> Self {
        let mut drive = Self::new(fixture::at_start());
        drive.settle();
        drive
    }

    fn push(&mut self, effects: Vec<Effect>) {
        self.effects.extend(effects.iter().cloned());
        self.queue.extend(effects);
    }

    pub fn key(&mut self, key: Key) -> &mut Self {
        let effects = update(&mut self.model, Msg::Key(key));
        self.push(effects);
        self
    }

    /// Keys, each settled before the next.
    pub fn keys(&mut self, text: &str) -> &mut Self {
        for word in text.split(' ') {
            let key = match word {
                "Enter" => Key::Enter,
                "Down" => Key::Down,
                "Up" => Key::Up,
                "Left" => Key::Left,
                "Right" => Key::Right,
                "Tab" => Key::Tab,
                "Esc" => Key::Esc,
                "Space" => Key::Char(' '),
                letter => Key::Char(letter.chars().next().unwrap()),
            };
            self.key(key);
            self.settle();
        }
        self
    }

    /// Answers effects until none is left; looks are bounded, they never end by themselves.
    pub fn settle(&mut self) {
        for _ in 0..50 {
            let Some(effect) = self.queue.pop_front() else { return };
            if let Some(msg) = self.answer(&effect) {
                let later = self.model.clock + Duration::from_secs(1);
                update(&mut self.model, Msg::Tick(later));
                let effects = update(&mut self.model, msg);
                self.push(effects);
            }
        }
    }

    fn answer(&mut self, effect: &Effect) -> Option<Msg> {
        let rev = self.model.config.rev;
        Some(match effect {
            Effect::Discover(stage) => {
                let mut facts = self.model.facts().cloned().unwrap_or_default();
                if *stage == Stage::Connect {
                    let read = fixture::account();
                    (facts.caller, facts.clusters) = (read.caller, read.clusters);
                } else {
                    facts = fixture::everything();
                }
                Msg::Discovered { rev, stage: *stage, result: Ok(Box::new(facts)) }
            }
            Effect::Plan => Msg::Planned { rev, result: Ok(self.plan.clone()) },
            Effect::Apply | Effect::Resume(_) => {
                update(&mut self.model, Msg::Run(fixture::running()));
                update(&mut self.model, Msg::Run(fixture::done()));
                self.plan = fixture::planned(Verb::Keep);
                Msg::Applied(Ok(()))
            }
            Effect::Verify => Msg::Verified(Ok(fixture::verification())),
            Effect::Sample => Msg::Sampled(Ok(fixture::sample(Condition::Healthy, self.model.clock))),
            Effect::Save => {
                Msg::Saved(Ok(Box::new(Saved { draft: self.model.config.draft.clone(), file: ".env".into() })))
            }
            Effect::Wake(_, Wake::Look) if self.model.health.verdict.is_some() => return None,
            Effect::Wake(_, Wake::Notice(_)) => return None,
            Effect::Wake(_, wake) => Msg::Woke(*wake),
            Effect::Reread { keep } => Msg::Reread {
                keep: *keep,
                result: Ok(Box::new(Saved { draft: self.model.config.draft.clone(), file: ".env".into() })),
            },
            Effect::Keep | Effect::Told | Effect::Control(_) | Effect::Copy(_) | Effect::Quit(_) => return None,
        })
    }

    pub fn screen(&self, columns: u16, rows: u16) -> String {
        render_to_string(&self.model, columns, rows)
    }

    pub fn line(&self, columns: u16, rows: u16, from_end: usize) -> String {
        self.screen(columns, rows).lines().rev().nth(from_end).unwrap_or_default().to_owned()
    }
}
