//! Changes as lines of a diff.

use crate::components::observed::Change;

/// Two lines for a changed field, one for a field that comes or goes: `- path: have`, `+ path: want`.
pub fn lines(changes: &[Change]) -> Vec<String> {
    changes
        .iter()
        .flat_map(|change| {
            let line = |mark: char, value: &Option<String>| {
                value.as_ref().map(|value| format!("{mark} {}: {}", change.path, one_line(value)))
            };
            [line('-', &change.have), line('+', &change.want)].into_iter().flatten()
        })
        .collect()
}

/// A value that holds line breaks stays on one line.
fn one_line(value: &str) -> String {
    value.replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(have: Option<&str>, want: Option<&str>) -> Change {
        Change { path: "spec.a".to_owned(), have: have.map(str::to_owned), want: want.map(str::to_owned) }
    }

    #[test]
    fn a_changed_field_has_two_lines_and_others_one() {
        assert_eq!(lines(&[change(Some("1"), Some("2"))]), ["- spec.a: 1", "+ spec.a: 2"]);
        assert_eq!(lines(&[change(None, Some("2"))]), ["+ spec.a: 2"]);
        assert_eq!(lines(&[change(Some("1"), None)]), ["- spec.a: 1"]);
    }

    #[test]
    fn a_line_break_does_not_break_the_diff() {
        assert_eq!(lines(&[change(None, Some("a\nb"))]), ["+ spec.a: a\\nb"]);
    }
}
