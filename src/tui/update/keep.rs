//! What is typed and not saved survives: it is kept beside the state and offered again, and it is never written over
//! what somebody else changed meanwhile without being asked.

use std::time::Duration;

use super::{draft, say};
use crate::domain::problem::{Problem, ProblemKind};
use crate::tui::effects::{Effect, Saved, Wake};
use crate::tui::form;
use crate::tui::model::{Model, Overlay, Question};
use crate::tui::widgets::text::{Mark, plural};

/// Least wall-clock time between two writes of the kept draft.
const EVERY: Duration = Duration::from_secs(2);

/// What is said at start: first what changed in meaning, then what was not saved the last time.
pub fn greet(model: &mut Model) -> Vec<Effect> {
    if model.session.found.changes.is_empty() {
        return offer(model);
    }
    model.front.overlay = Some(Overlay::Changes(0));
    vec![Effect::Told]
}

/// Offers what was not saved the last time.
pub fn offer(model: &mut Model) -> Vec<Effect> {
    if model.session.found.draft.is_some() {
        model.front.overlay = Some(Overlay::Ask(Question::Draft, 0));
    }
    Vec::new()
}

/// After an edit: it is kept soon, together with the edits that follow within the span.
pub fn edited(model: &mut Model) -> Vec<Effect> {
    if std::mem::replace(&mut model.config.keeping, true) {
        return Vec::new();
    }
    vec![Effect::Wake(EVERY, Wake::Draft)]
}

/// The span is over.
pub fn woke(model: &mut Model) -> Vec<Effect> {
    model.config.keeping = false;
    vec![Effect::Keep]
}

/// At the end of a session or after a save: edits that were offered and not answered stay where they are.
pub fn now(model: &Model) -> Option<Effect> {
    (model.config.unsaved > 0 || model.session.found.draft.is_none()).then_some(Effect::Keep)
}

/// The answer to the kept draft: not now leaves it where it is, until the next edit replaces it.
pub fn answer_draft(model: &mut Model, at: usize) -> Vec<Effect> {
    let Some(kept) = model.session.found.draft.take() else { return Vec::new() };
    if at == 1 {
        let count = kept.values.len();
        let mut effects = draft::take(model, &kept.values);
        effects.extend(say(model, Mark::Done, format!("{} taken; s saves, u takes all back.", plural(count, "edit"))));
        return effects;
    }
    let mut effects = vec![Effect::Keep];
    effects.extend(say(model, Mark::Done, "the kept edits are dropped."));
    effects
}

/// The file was changed by somebody else: the difference is shown and asked about.
pub fn refused(model: &mut Model, problem: &Problem) -> Vec<Effect> {
    model.run.leave_after = false;
    if problem.kind != ProblemKind::Conflict {
        return say(model, Mark::Failed, problem.message.clone());
    }
    model.front.meanwhile = problem.causes.iter().flat_map(|cause| cause.lines()).map(str::to_owned).collect();
    model.front.overlay = Some(Overlay::Ask(Question::Meanwhile, 0));
    say(model, Mark::Failed, format!("{} is not written: somebody else changed it.", model.session.env_file))
}

/// The answer to that: the edits over the file as it is now, or the file without the edits.
pub fn answer_meanwhile(at: usize) -> Vec<Effect> {
    vec![Effect::Reread { keep: at == 1 }]
}

/// The file was read again.
pub fn reread(model: &mut Model, keep: bool, result: Result<Box<Saved>, Problem>) -> Vec<Effect> {
    let saved = match result {
        Ok(saved) => saved,
        Err(problem) => return say(model, Mark::Failed, problem.message),
    };
    model.config.draft = saved.draft;
    model.config.undo.clear();
    model.front.meanwhile.clear();
    if !keep {
        model.config.unsaved = 0;
    }
    let mut effects = draft::changed(model, "The env file was read again.", "CLUSTER_NAME");
    if keep {
        effects.push(Effect::Save);
    } else {
        effects.extend(say(model, Mark::Done, format!("{} is taken; your edits are dropped.", saved.file)));
    }
    effects
}

/// The value that would mend what is wrong with a variable.
pub fn suggestion(model: &Model, variable: &str) -> Option<String> {
    let issue = model.config.issues.iter().find(|issue| issue.variable == variable)?;
    issue.suggestion.clone().or_else(|| form::check(variable, &model.value(variable))?.1)
}
