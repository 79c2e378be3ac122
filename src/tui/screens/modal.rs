//! Questions. The first row changes nothing and is chosen; no letter answers.

use crate::domain::finding::{Finding, Outcome};
use crate::plan::model::Verb;
use crate::tui::model::{Model, Question};
use crate::tui::widgets::text::{Line, Role, pad, plural};

use super::kept;
use super::preflight::needs_a_look;
use super::review::short;

/// A question: title, lines, and the rows to choose from.
#[derive(Debug, Clone)]
pub struct Ask {
    /// In the border.
    pub title: &'static str,
    /// The text.
    pub lines: Vec<Line>,
    /// The rows: word, and what it does.
    pub rows: Vec<(&'static str, String)>,
}

/// How many rows a question has.
pub fn count(question: Question) -> usize {
    match question {
        Question::Leave | Question::Unsaved | Question::Draft | Question::Meanwhile => 3,
        Question::Apply | Question::Resume => 2,
    }
}

/// The question as it reads.
pub fn ask(model: &Model, question: Question) -> Ask {
    match question {
        Question::Apply => apply(model),
        Question::Resume => resume(model),
        Question::Leave => leave(model),
        Question::Unsaved => unsaved(model),
        Question::Draft => kept::draft(model),
        Question::Meanwhile => kept::meanwhile(model),
    }
}

fn pair(word: &str, text: impl Into<String>) -> Line {
    Line::of(Role::Muted, format!("  {}", pad(word, 11))).plain(text)
}

fn account(model: &Model) -> Line {
    let caller = model.facts().and_then(|facts| facts.caller.known());
    let who = caller.map_or_else(
        || "?".to_owned(),
        |caller| match &caller.alias {
            Some(alias) => format!("{alias} {}", caller.account),
            None => caller.account.to_string(),
        },
    );
    let region = model.value("AWS_REGION");
    let mode = if model.session.simulated { "SIMULATED" } else { "LIVE" };
    pair(
        "ACCOUNT",
        format!("{who}, {}   {mode}", if region.is_empty() { "Region of the profile".to_owned() } else { region }),
    )
}

/// Check ids in a line, each once.
fn ids(found: &[&Finding]) -> String {
    let mut ids: Vec<&str> = found.iter().map(|one| one.check.as_str()).collect();
    ids.dedup();
    ids.join(", ")
}

fn apply(model: &Model) -> Ask {
    let mut lines = Vec::new();
    if let Some(planned) = model.world.plan.value() {
        let plan = &planned.plan;
        lines.push(Line::of(Role::Bold, format!("Apply plan {} to {}?", short(plan.id.as_str()), plan.place.cluster)));
        lines.push(Line::new());
        let counts = [Verb::Create, Verb::Update, Verb::Adopt, Verb::Delete]
            .map(|verb| format!("{} {}", verb.word(), plan.count(verb)));
        lines.push(pair("DOES", counts.join(", ")));
        lines.push(pair("THEN", "runs the short verification by itself"));
        if let Some(longest) = plan.pending().map(|step| step.desired.deadline()).max() {
            lines.push(pair("TAKES", format!("the longest step may take {}", super::states::limit(longest))));
        }
        if model.is_on("INSTALL_GPU_NODEGROUP") {
            lines.push(pair(
                "STARTS",
                format!(
                    "{} × {}, if they do not run already",
                    model.value("GPU_DESIRED_SIZE"),
                    model.value("GPU_INSTANCE_TYPE")
                ),
            ));
        }
        lines.push(pair("COSTS", "price unknown"));
        let look = needs_a_look(model);
        let unknown: Vec<&Finding> =
            look.iter().copied().filter(|one| matches!(one.outcome, Outcome::CannotTell { .. })).collect();
        let warns: Vec<&Finding> = look.iter().copied().filter(|one| one.failed()).collect();
        if !unknown.is_empty() {
            lines
                .push(pair("UNKNOWN", format!("{} cannot be told: {}", plural(unknown.len(), "check"), ids(&unknown))));
        }
        if !warns.is_empty() {
            lines.push(pair("WARNS", format!("{}: {}", warns.len(), ids(&warns))));
        }
    }
    lines.push(account(model));
    lines.push(Line::new());
    lines.push(Line::new().plain("It is journaled: leave, lose the connection or stop it, then resume."));
    lines.push(Line::new().plain("Nothing that was here before is deleted."));
    Ask { title: "Apply", lines, rows: vec![("not now", String::new()), ("apply", String::new())] }
}

fn resume(model: &Model) -> Ask {
    let run = model
        .run
        .view
        .head
        .as_ref()
        .map(|head| head.run.clone())
        .or_else(|| model.session.unfinished.as_ref().map(|run| run.run.clone()));
    let name = run.map_or_else(|| "–".to_owned(), |run| run.to_string());
    let lines = vec![
        Line::of(Role::Bold, format!("Resume run {name}?")),
        Line::new(),
        Line::new().plain("It goes on with the plan that was recorded. Each step is observed again"),
        Line::new().plain("first; what stands is not made twice."),
        Line::new(),
        account(model),
    ];
    Ask { title: "Resume", lines, rows: vec![("not now", String::new()), ("resume", String::new())] }
}

fn leave(model: &Model) -> Ask {
    let (done, all) = model.run.view.progress();
    let name = model.run.view.head.as_ref().map_or_else(|| "–".to_owned(), |head| head.run.to_string());
    let lines = vec![
        Line::new().plain(format!("Run {name} is at {done} of {all} steps.")),
        Line::new(),
        Line::new().plain(format!("Both ways out leave a journal: eks-wizard resume {name} goes on.")),
    ];
    let rows = vec![
        ("stay", "close this box".to_owned()),
        ("pause, then leave", "waits for the running steps; starts no other".to_owned()),
        ("leave now", "AWS goes on with what was sent; nothing else starts".to_owned()),
    ];
    Ask { title: "Leave while applying", lines, rows }
}

fn unsaved(model: &Model) -> Ask {
    let lines =
        vec![Line::new().plain(format!("{} not in {}.", plural(model.config.unsaved, "edit"), model.session.env_file))];
    let rows = vec![
        ("stay", "close this box".to_owned()),
        ("save, then leave", format!("writes {}", model.session.env_file)),
        ("leave", "the edits are kept and offered at the next start".to_owned()),
    ];
    Ask { title: "Leave", lines, rows }
}
