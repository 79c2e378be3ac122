//! Pieces of sentences.

/// `10,000`: thousands apart, as in every message.
pub(super) fn number(value: u32) -> String {
    let digits = value.to_string();
    let mut spaced = String::with_capacity(digits.len() + 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            spaced.push(',');
        }
        spaced.push(digit);
    }
    spaced
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn one_of(words: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// Text for a sentence: quoted, control characters made visible, cut after 60 characters.
pub(super) fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    let more = if text.chars().nth(60).is_some() { "…" } else { "" };
    format!("\"{}{more}\"", shown.replace("\\\"", "\"").replace("\\'", "'"))
}

/// The known name nearest to `name`, if it is near enough to be what was meant.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |candidate: &str| strsim::jaro_winkler(&name.to_lowercase(), &candidate.to_lowercase());
    known
        .into_iter()
        .map(|candidate| (near(candidate), candidate))
        .filter(|(score, _)| *score >= 0.85)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spaced() {
        assert_eq!([7, 999, 1000, 256_000, 1_234_567].map(number).join(" "), "7 999 1,000 256,000 1,234,567");
    }

    #[test]
    fn lists_end_in_or() {
        assert_eq!(one_of(&["a"]), "a");
        assert_eq!(one_of(&["a", "b", "c"]), "a, b or c");
    }

    #[test]
    fn quoting_shows_control_characters_and_cuts() {
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
        assert_eq!(quoted(&"x".repeat(70)).chars().count(), 63);
    }

    #[test]
    fn nearest_finds_a_slip_and_nothing_far() {
        let known = ["GPU_MAX_SIZE", "CLUSTER_NAME"];
        assert_eq!(nearest("GPU_MAXSIZE", known), Some("GPU_MAX_SIZE"));
        assert_eq!(nearest("cluster_name", known), Some("CLUSTER_NAME"));
        assert_eq!(nearest("JAVA_HOME", known), None);
    }
}
