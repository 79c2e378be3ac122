//! Results for people, at most 100 columns where the data allows it.

use std::fmt::Write;

use crate::domain::facts::Record;
use crate::domain::finding::{Finding, Fix, Outcome, Severity};
use crate::domain::ladder::{RungState, Verdict, Verification};
use crate::domain::sample::{Condition, Sample};
use crate::plan::model::Change;
use crate::plan::model::{Plan, PlannedStep, Verb};

/// Counts of findings, blocking first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Tally {
    /// Failed with severity error.
    pub errors: usize,
    /// Failed with less.
    pub warnings: usize,
    /// Cannot be told.
    pub unknown: usize,
    /// True now.
    pub now: usize,
    /// True after apply.
    pub by_plan: usize,
    /// Do not apply.
    pub not_applicable: usize,
    /// Accepted by the operator.
    pub suppressed: usize,
}

/// Counts `findings`.
pub fn tally(findings: &[Finding]) -> Tally {
    let mut tally = Tally::default();
    for finding in findings {
        let slot = match (&finding.outcome, finding.severity) {
            (Outcome::Fail, Severity::Error) => &mut tally.errors,
            (Outcome::Fail, _) => &mut tally.warnings,
            (Outcome::CannotTell { .. }, _) => &mut tally.unknown,
            (Outcome::Pass { by: None }, _) => &mut tally.now,
            (Outcome::Pass { by: Some(_) }, _) => &mut tally.by_plan,
            (Outcome::NotApplicable { .. }, _) => &mut tally.not_applicable,
            (Outcome::Suppressed { .. }, _) => &mut tally.suppressed,
        };
        *slot += 1;
    }
    tally
}

fn word(finding: &Finding) -> &'static str {
    match (&finding.outcome, finding.severity) {
        (Outcome::Fail, Severity::Error) => "error",
        (Outcome::Fail, _) => "warning",
        (Outcome::CannotTell { .. }, _) => "cannot tell",
        (Outcome::Pass { by: None }, _) => "pass",
        (Outcome::Pass { by: Some(_) }, _) => "by plan",
        (Outcome::NotApplicable { .. }, _) => "not applicable",
        (Outcome::Suppressed { .. }, _) => "suppressed",
    }
}

/// Findings with evidence and remedies, and a last line with the counts.
pub fn findings(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let about = if finding.subject.is_empty() { String::new() } else { format!(": {}", finding.subject) };
        let _ = writeln!(text, "{:<16}{:<9}{}{about}", word(finding), finding.check, finding.title);
        let why = match &finding.outcome {
            Outcome::CannotTell { why } | Outcome::NotApplicable { why } => Some(why.clone()),
            Outcome::Suppressed { why, until } => Some(format!("{why} (until {until})")),
            Outcome::Pass { by: Some(step) } => Some(format!("true after step {step}")),
            Outcome::Pass { by: None } | Outcome::Fail => None,
        };
        for line in why.iter().chain(&finding.evidence) {
            let _ = writeln!(text, "{:25}{line}", "");
        }
        if finding.failed() {
            for fix in &finding.fixes {
                let _ = writeln!(text, "{:25}{}", "", self::fix(fix));
            }
        }
    }
    let t = tally(findings);
    let _ = writeln!(
        text,
        "\n{}, {}, {} cannot be told, {} pass now, {} pass by the plan, {} not applicable, {} suppressed.",
        counted(t.errors, "error"),
        counted(t.warnings, "warning"),
        t.unknown,
        t.now,
        t.by_plan,
        t.not_applicable,
        t.suppressed
    );
    text
}

/// `1 error`, `2 errors`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A fix with its kind.
pub fn fix(fix: &Fix) -> String {
    match fix {
        Fix::Set { variable, value, says } => format!("SET {variable}={value}   {says}"),
        Fix::Run { command, says } => format!("RUN {command}   {says}"),
        Fix::Ask { says } => format!("ASK {says}"),
    }
}

/// A plan: notes, steps grouped by verb, counts.
pub fn plan(plan: &Plan) -> String {
    let mut text = format!(
        "Plan {} for cluster {} in {}, account {}\n",
        plan.id, plan.place.cluster, plan.place.region, plan.place.account
    );
    for verb in [Verb::Create, Verb::Update, Verb::Wait, Verb::Adopt, Verb::Delete, Verb::Keep] {
        let steps: Vec<&PlannedStep> = plan.steps.iter().filter(|step| step.verb == verb).collect();
        if steps.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{} {}", verb.word().to_uppercase(), steps.len());
        for step in steps {
            let _ = writeln!(text, "  {} {:<38} {}", verb.mark(), step.id().as_str(), step.desired.title);
            if verb != Verb::Create {
                let _ = writeln!(text, "    {:<38} {}", "", step.reason);
            }
            for change in &step.changes {
                let _ = writeln!(text, "    {:<38} {}", "", self::change(change));
            }
        }
    }
    if !plan.notes.is_empty() {
        text.push_str("\nNOTES\n");
        for note in &plan.notes {
            let _ = writeln!(text, "  {:<40} {}", note.subject, note.says);
        }
    }
    text.push('\n');
    if plan.is_settled() {
        let _ = writeln!(text, "Nothing to do: {} steps stand as they should.", plan.steps.len());
    } else {
        let _ = writeln!(
            text,
            "create {}, change {}, wait {}, adopt {}, delete {}, keep {}.",
            plan.count(Verb::Create),
            plan.count(Verb::Update),
            plan.count(Verb::Wait),
            plan.count(Verb::Adopt),
            plan.count(Verb::Delete),
            plan.count(Verb::Keep)
        );
    }
    text
}

/// One difference.
pub fn change(change: &Change) -> String {
    let absent = || "absent".to_owned();
    let (have, want) = (change.have.clone().unwrap_or_else(absent), change.want.clone().unwrap_or_else(absent));
    format!("{}: {have} -> {want}", change.path)
}

/// What discovery found, grouped by kind.
pub fn records(records: &[Record]) -> String {
    let mut text = String::new();
    let mut last = "";
    for record in records {
        if record.kind != last {
            let _ = writeln!(text, "{}{}", if last.is_empty() { "" } else { "\n" }, record.kind.to_uppercase());
            last = &record.kind;
        }
        let detail = match &record.detail {
            serde_json::Value::Object(members) => {
                let told = members.iter().filter(|(_, value)| value.as_str() != Some(record.name.as_str()));
                told.filter_map(|(key, value)| shown(key, value)).collect::<Vec<_>>().join(" ")
            }
            other => plain(other),
        };
        let _ = writeln!(text, "  {:<34} {detail}", record.name);
    }
    text
}

/// Longest text of one member in a line; the JSON records have it whole.
const MEMBER: usize = 72;
/// Most members of an object, and most items of a list, that are told one by one.
const FEW: usize = 4;

/// One member of a record for a line: what is small is told, what is large is counted, what is empty is left out.
fn shown(key: &str, value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    let simple = |value: &Value| !value.is_object() && !value.is_array();
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::Array(items) if items.is_empty() => None,
        Value::Object(members) if members.is_empty() => None,
        Value::Array(items) if items.len() <= FEW && items.iter().all(simple) => {
            Some(format!("{key}={}", items.iter().map(plain).collect::<Vec<_>>().join(",")))
        }
        Value::Object(members) if members.len() <= FEW && members.values().all(simple) => {
            Some(members.iter().filter_map(|(key, value)| shown(key, value)).collect::<Vec<_>>().join(" "))
        }
        Value::Array(items) => Some(format!("{key}:{}", items.len())),
        Value::Object(members) => Some(format!("{key}:{}", members.len())),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(format!("{key}={}", plain(value))),
    }
}

/// A value as a word, cut at its end.
fn plain(value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(MEMBER) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// The ladders, rung by rung, and the word for each node.
pub fn verification(verification: &Verification) -> String {
    let mut text = String::new();
    for ladder in &verification.ladders {
        let _ = writeln!(text, "{}", ladder.title.to_uppercase());
        for rung in &ladder.rungs {
            let _ = writeln!(text, "  {:<46} expected {}", rung.title, rung.expect);
            for reading in &rung.readings {
                let (state, why) = match &reading.state {
                    RungState::Proven => ("proven", None),
                    RungState::Broken { why } => ("broken", Some(why)),
                    RungState::NotReached => ("not reached", None),
                    RungState::NotApplicable { why } => ("not applicable", Some(why)),
                    RungState::CannotTell { why } => ("cannot tell", Some(why)),
                };
                let _ = writeln!(text, "    {:<14} {:<44} {}", state, reading.subject, reading.found);
                if let Some(why) = why {
                    let _ = writeln!(text, "    {:<14} {why}", "");
                }
            }
        }
        text.push('\n');
    }
    for node in &verification.nodes {
        let _ = writeln!(
            text,
            "{}: {} of {} GPUs, {} of {} EFA interfaces: {}",
            node.name,
            node.gpu,
            node.gpu_expected,
            node.efa,
            node.efa_expected,
            node.verdict.word()
        );
    }
    let _ = writeln!(text, "{}", verdict(verification.verdict));
    text
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Proven => "Verification: every rung that applies is proven.",
        Verdict::Broken => "Verification: a rung is broken; it is the first one marked so.",
        Verdict::CannotTell => "Verification: nothing is broken, but something could not be told.",
        Verdict::NotApplicable => "Verification: no rung applies.",
    }
}

/// One look at health.
pub fn sample(sample: &Sample) -> String {
    let mut text = format!("{} at {}\n", sample.condition.word(), sample.at.clock_seconds());
    for reason in &sample.reasons {
        let _ = writeln!(text, "  {:<10} {}: {}", reason.condition.word(), reason.subject, reason.says);
        if let Some(next) = &reason.next {
            let _ = writeln!(text, "  {:<10} next: {next}", "");
        }
    }
    let _ = writeln!(text, "\nGPU NODES {} of {}", sample.gpu_nodes.len(), sample.gpu_nodes_expected);
    // A group that is missing expects none either, and that is no wish: the reasons above name it.
    let works = matches!(sample.condition, Condition::Healthy | Condition::Degraded);
    if works && sample.gpu_nodes_expected == 0 && sample.gpu_nodes.is_empty() {
        text.push_str("  no GPU node is wanted: GPU and EFA rungs do not apply\n");
    }
    for node in &sample.gpu_nodes {
        let _ = writeln!(
            text,
            "  {:<44} {} GPUs {} of {}, EFA {} of {}{}{}",
            node.name,
            if node.ready { "Ready" } else { "NotReady" },
            node.gpus.0,
            node.gpus.1,
            node.efa.0,
            node.efa.1,
            if node.conditions.is_empty() { "" } else { ", " },
            node.conditions.join(", ")
        );
    }
    text.push_str("\nCOMPONENTS\n");
    for component in &sample.components {
        let version = component.version.as_deref().unwrap_or("-");
        let _ = writeln!(
            text,
            "  {:<10} {:<28} {:<22} {} of {}   {}",
            if component.is_left_alone() { "skipped" } else { component.condition.word() },
            component.name,
            version,
            component.ready.0,
            component.ready.1,
            component.says
        );
    }
    if !sample.addresses.is_empty() {
        text.push_str("\nADDRESSES\n");
    }
    for addresses in &sample.addresses {
        let fit = addresses.nodes_fit.map_or_else(|| "not known how many".to_owned(), |nodes| nodes.to_string());
        let _ = writeln!(text, "  {} {} free, {fit} more nodes fit", addresses.subnet, addresses.free);
    }
    text
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
