//! The object of a step, in lines that read like YAML: names and values, no brackets, nothing that is absent.

use serde_json::Value;

use crate::plan::model::PlannedStep;
use crate::tui::widgets::rows::Row;
use crate::tui::widgets::text::{Line, Role, cut_middle, width, wrap};

/// Columns that each level moves right; deeper levels stay where the eighth stands.
const INDENT: usize = 2;
const DEEPEST: usize = 8;
/// Longest list of plain values in one line.
const INLINE: usize = 4;

/// What kind of object a step makes, as operators name it.
pub fn kind(step: &PlannedStep) -> String {
    let kind = whole(step).get("kind").and_then(Value::as_str).unwrap_or("object").to_owned();
    kind.replace('-', " ")
}

/// The object, from its members on.
pub fn rows(step: &PlannedStep, wide: usize) -> Vec<Row> {
    let whole = whole(step);
    let mut rows = Vec::new();
    value(whole.get("spec").unwrap_or(&whole), 0, wide, &mut rows);
    if rows.is_empty() {
        rows.push(Row::text("no member is set"));
    }
    rows
}

fn whole(step: &PlannedStep) -> Value {
    serde_json::to_value(&step.desired.ensure).unwrap_or_default()
}

/// Whether nothing would be sent of it.
fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// A value that fits behind its name: its text, and how it looks.
fn plain(value: &Value) -> Option<(String, Role)> {
    match value {
        Value::String(text) if text.contains('\n') => None,
        Value::String(text) => Some((text.clone(), Role::Bold)),
        Value::Bool(_) | Value::Number(_) => Some((value.to_string(), Role::Bold)),
        Value::Object(members) if members.len() == 1 => {
            let reference = members.get("Ref")?.as_str()?;
            Some((format!("(known after {reference})"), Role::Muted))
        }
        Value::Array(items) if items.len() <= INLINE => {
            let texts: Option<Vec<String>> =
                items.iter().map(|one| plain(one).filter(|_| !one.is_object()).map(|(text, _)| text)).collect();
            texts.map(|texts| (texts.join(", "), Role::Bold))
        }
        _ => None,
    }
}

fn value(value: &Value, level: usize, wide: usize, rows: &mut Vec<Row>) {
    let at = level.min(DEEPEST) * INDENT;
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(_, member)| !is_absent(member)) {
                named(name, member, level, wide, rows);
            }
        }
        Value::Array(items) => {
            for item in items {
                element(item, level, wide, rows);
            }
        }
        Value::String(text) => {
            // User data and policies: lines of their own.
            for line in text.lines().flat_map(|line| wrap(line, wide.saturating_sub(at).max(8))) {
                rows.push(Row::new(Line::new().to(at).plain(line)));
            }
        }
        other => rows.push(Row::new(Line::new().to(at).plain(other.to_string()))),
    }
}

fn named(name: &str, member: &Value, level: usize, wide: usize, rows: &mut Vec<Row>) {
    let at = level.min(DEEPEST) * INDENT;
    let head = Line::new().to(at).put(Role::Muted, cut_middle(name, wide.saturating_sub(at + 2).max(9)));
    match plain(member) {
        Some((text, role)) if at + width(name) + width(&text) + 2 <= wide => {
            rows.push(Row::new(head.plain("  ").put(role, text)));
        }
        Some((text, role)) => {
            rows.push(Row::new(head));
            let inner = at + INDENT;
            for line in wrap(&text, wide.saturating_sub(inner).max(8)) {
                rows.push(Row::new(Line::new().to(inner).put(role, line)));
            }
        }
        None => {
            rows.push(Row::new(head));
            // A list stands under its name: its dashes move it right.
            value(member, if member.is_array() { level } else { level + 1 }, wide, rows);
        }
    }
}

/// An element of a list: a dash before its first line.
fn element(item: &Value, level: usize, wide: usize, rows: &mut Vec<Row>) {
    let at = level.min(DEEPEST) * INDENT;
    if let Some((text, role)) = plain(item) {
        let mut lines = wrap(&text, wide.saturating_sub(at + INDENT).max(8)).into_iter();
        rows.push(Row::new(Line::new().to(at).plain("- ").put(role, lines.next().unwrap_or_default())));
        rows.extend(lines.map(|rest| Row::new(Line::new().to(at + INDENT).put(role, rest))));
        return;
    }
    let mut inner = Vec::new();
    value(item, level + 1, wide, &mut inner);
    let mut inner = inner.into_iter();
    if let Some(first) = inner.next() {
        rows.push(dashed(first, at));
    }
    rows.extend(inner);
}

/// The row with a dash in the two columns before its text.
fn dashed(row: Row, at: usize) -> Row {
    let line = row.line.segments().iter().fold(Line::new().to(at).plain("- "), |line, (text, role)| {
        let text = if line.width() == at + INDENT { text.trim_start() } else { text.as_str() };
        if text.is_empty() { line } else { line.put(*role, text) }
    });
    Row { line, ..row }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(object: &Value, wide: usize) -> Vec<String> {
        let mut rows = Vec::new();
        value(object, 0, wide, &mut rows);
        rows.into_iter().map(|row| row.line.text()).collect()
    }

    #[test]
    fn members_read_like_yaml_and_absent_ones_are_left_out() {
        let object = json!({
            "name": "gpu-compute", "sizes": [0, 2, 10], "repair": false, "configuration": null, "tags": {},
            "node_role": {"Ref": "gpu.gpu-compute.node-role.arn"},
            "launch": {"ami_type": "AL2023"},
            "rules": [{"from": "self", "ports": "all"}, {"from": "cluster"}]
        });
        assert_eq!(
            shown(&object, 60),
            [
                "name  gpu-compute",
                "sizes  0, 2, 10",
                "repair  false",
                "node_role  (known after gpu.gpu-compute.node-role.arn)",
                "launch",
                "  ami_type  AL2023",
                "rules",
                "- from  self",
                "  ports  all",
                "- from  cluster",
            ]
        );
    }

    #[test]
    fn nothing_is_wider_than_the_pane() {
        let object = json!({"a_rather_long_member_name": {"deep": {"deeper": ["arn:aws:iam::111122223333:role/a-name", {"k": "v v v v"}]}},
            "user_data": "line one of some length\nline two"});
        for wide in [20, 28, 41] {
            for line in shown(&object, wide) {
                assert!(width(&line) <= wide, "{line:?} in {wide}");
            }
        }
    }
}
