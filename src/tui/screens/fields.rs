//! Rows of a form and what the right pane says about a variable. The registry of `config` drives both.

use crate::config::Layer;
use crate::config::field::{FieldDef, Kind};
use crate::tui::form;
use crate::tui::model::{Edit, Model};
use crate::tui::widgets::rows::{Row, Target};
use crate::tui::widgets::text::{Line, Mark, Role, cut_middle, pad, width};

use super::{check_mark, finding_mark};

/// Column of a value in a form row.
pub const VALUE: usize = 17;

/// Rows of one variable.
pub fn rows(model: &Model, variable: &'static str, wide: usize) -> Vec<Row> {
    form::find(variable).map_or_else(Vec::new, |def| def_rows(model, def, 0, wide))
}

/// Rows of one variable, moved right by `indent`.
pub fn def_rows(model: &Model, def: &'static FieldDef, indent: usize, wide: usize) -> Vec<Row> {
    let draft = &model.config.draft;
    let label = Line::new().to(indent).plain(def.label).to(VALUE);
    let source = form::source(draft, def.name);
    if let Some(edit) = model.front.edit.as_ref().filter(|edit| edit.variable == def.name) {
        // What is wrong stands in the message line, so that no row moves while somebody types.
        let line = label.put(Role::Bold, edit_box(edit));
        let line = if edit.error.is_some() { line.plain(" ").mark(Mark::Failed) } else { line };
        return vec![Row::new(line).right(Role::Muted, source).on(Target::Field(def.name))];
    }
    let issue = model.config.issues.iter().find(|issue| issue.variable == def.name);
    let value = form::value(draft, def.name);
    let own = source == "you";
    let role = if own { Role::Done } else { Role::Plain };
    let room = wide.saturating_sub(VALUE + source.chars().count() + 2).max(8);
    let line = match def.kind {
        _ if value.is_empty() && issue.is_some() => label.mark(Mark::Needs).plain("needed"),
        _ if value.is_empty() => label.put(Role::Muted, "–"),
        Kind::Flag if form::is_on(draft, def.name) => label.put(Role::Bold, "[x]").plain(" on"),
        Kind::Flag if issue.is_none() => label.plain("[ ] off"),
        Kind::Choice(_) if issue.is_none() => label.put(role, format!("‹ {value} ›")),
        _ => label.put(role, cut_middle(&value, room)),
    };
    let line = match (undecided(model, def.name), issue, hidden(model, def.name)) {
        (Some(question), ..) => line.plain("  ").mark(Mark::Needs).plain(question),
        (None, Some(_), _) if !value.is_empty() => {
            line.plain(" ").mark(Mark::Failed).put(Role::Error, def.kind.expects())
        }
        (None, None, Some(says)) => line.put(Role::Muted, format!("   {says}")),
        _ => line,
    };
    let mut row = Row::new(line.cut(wide.saturating_sub(width(&source) + 1)))
        .right(Role::Muted, source)
        .on(Target::Field(def.name));
    row.mark = match issue {
        Some(_) if value.is_empty() => Some(Mark::Needs),
        Some(_) => Some(Mark::Failed),
        None => undecided(model, def.name).map(|_| Mark::Needs),
    };
    vec![row]
}

/// What the environment or a flag hides: `.env:2 has us-east-2`.
fn hidden(model: &Model, variable: &str) -> Option<String> {
    let [.., below, top] = model.config.draft.entries(variable) else { return None };
    matches!(top.layer, Layer::Environment | Layer::Flag).then(|| format!("{} has {}", below.source(), below.text))
}

/// The question that a variable still asks: its default proves nothing, so the wizard wants it said once.
pub fn undecided(model: &Model, variable: &str) -> Option<&'static str> {
    let question = match variable {
        "INSTALL_GPU_NODEGROUP" => "decide on or off",
        "GPU_DESIRED_SIZE" if model.is_on("INSTALL_GPU_NODEGROUP") => "how many nodes?",
        _ => return None,
    };
    (model.config.draft.provenance(variable) == Layer::Default).then_some(question)
}

/// Radio rows of a choice: each value a row of its own. `note` says what a value means and why it is refused.
pub fn radio(
    model: &Model,
    def: &'static FieldDef,
    note: impl Fn(&str) -> (String, Option<String>),
    wide: usize,
) -> Vec<Row> {
    let chosen = form::value(&model.config.draft, def.name);
    let source = form::source(&model.config.draft, def.name);
    let mut made = Vec::new();
    for (at, option) in def.kind.options().iter().enumerate() {
        let label = if at == 0 { def.label } else { "" };
        let (says, refused) = note(option);
        let is_chosen = *option == chosen;
        let line = Line::new().plain(label).to(VALUE);
        let line = match (is_chosen, &refused) {
            (true, _) => line.put(Role::Bold, format!("(•) {}", pad(option, 15))),
            (false, Some(_)) => line.put(Role::Muted, format!(" –  {}", pad(option, 15))),
            (false, None) => line.plain(format!("( ) {}", pad(option, 15))),
        };
        let line = line.put(Role::Muted, format!(" {says}"));
        let room = wide.saturating_sub(if is_chosen { width(&source) + 1 } else { 0 });
        let mut row = Row::new(line.cut(room)).on(Target::Choice(def.name, (*option).to_owned()));
        if is_chosen {
            row = row.right(Role::Muted, source.clone());
        }
        row.blocked = refused;
        made.push(row);
    }
    made
}

fn edit_box(edit: &Edit) -> String {
    let text: String = edit.input.value().chars().collect();
    let at = edit.input.cursor();
    let before: String = text.chars().take(at).collect();
    let after: String = text.chars().skip(at).collect();
    let shown = format!("{before}▏{after}");
    let shown = if width(&shown) > 34 { format!("…{}", tail(&before, 30)) + "▏" } else { shown };
    format!("[{}]", pad(&shown, 12))
}

fn tail(text: &str, count: usize) -> String {
    let skip = text.chars().count().saturating_sub(count);
    text.chars().skip(skip).collect()
}

/// What the right pane says about a variable.
pub fn side(model: &Model, variable: &str, wide: usize) -> (Line, Vec<Row>) {
    let Some(def) = form::find(variable) else { return (Line::of(Role::Bold, variable.to_owned()), Vec::new()) };
    let draft = &model.config.draft;
    let mut rows = Row::prose(&format!("{}.", def.help), wide);
    rows.push(Row::blank());
    rows.extend(Row::prose(def.details, wide));
    rows.push(Row::blank());
    let value = form::value(draft, def.name);
    let sets = if value.is_empty() { format!("{}, still unset", def.name) } else { format!("{}={value}", def.name) };
    rows.extend(pair("Sets", &sets, wide));
    rows.extend(pair("From", &form::source(draft, def.name), wide));
    rows.extend(pair("Takes", &def.kind.expects(), wide));
    if let Some(when) = def.counts_when() {
        rows.extend(pair("Counts", &format!("when {when}"), wide));
    }
    rows.extend(checks(model, def.checks, wide));
    for issue in model.config.issues.iter().filter(|issue| issue.variable == def.name) {
        rows.push(Row::blank());
        rows.push(Row::head(format!("WHY {} {}", if value.is_empty() { "○" } else { "✗" }, issue.check)));
        rows.extend(Row::prose(&issue.message, wide));
        if let Some(better) = &issue.suggestion {
            rows.extend(Row::prose(&format!("f takes {better}; Tab while editing."), wide));
        }
    }
    (Line::of(Role::Bold, def.label), rows)
}

/// A word and its text, the text hanging at column 7.
pub fn pair(word: &str, text: &str, wide: usize) -> Vec<Row> {
    let lines = crate::tui::widgets::text::wrap(text, wide.saturating_sub(7).max(8));
    let first = std::iter::once(word).chain(std::iter::repeat(""));
    lines.into_iter().zip(first).map(|(text, word)| Row::new(Line::of(Role::Muted, pad(word, 7)).plain(text))).collect()
}

/// The block CHECKS of the right pane.
pub fn checks(model: &Model, ids: &[&str], wide: usize) -> Vec<Row> {
    if ids.is_empty() {
        return Vec::new();
    }
    let mut rows = vec![Row::blank(), Row::head("CHECKS")];
    for id in ids {
        let line = Line::new().mark(check_mark(model, id)).put(Role::Plain, pad(id, 9));
        let line = match model.finding(id) {
            Some(finding) => line.plain(finding.title.clone()),
            None => line.put(Role::Muted, "not run yet"),
        };
        rows.push(Row::new(line.cut(wide)));
    }
    for finding in ids.iter().filter_map(|id| model.finding(id)) {
        if matches!(finding_mark(finding), Mark::Failed | Mark::Warning | Mark::Unknown) {
            rows.push(Row::blank());
            rows.push(Row::head(format!("WHY {} {}", finding_mark(finding).glyph(), finding.check)));
            for line in &finding.evidence {
                rows.extend(Row::prose(line, wide));
            }
        }
    }
    rows
}

/// The block WHY GREYED of the right pane.
pub fn greyed(row: Option<&Row>, wide: usize) -> Vec<Row> {
    match row.and_then(|row| row.blocked.as_ref()) {
        Some(why) => {
            let mut rows = vec![Row::blank(), Row::head("WHY GREYED")];
            rows.extend(Row::prose(why, wide));
            rows
        }
        None => Vec::new(),
    }
}
