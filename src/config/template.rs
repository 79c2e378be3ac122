//! Values with references. In a template `${NAME}` or `$NAME` stands for the value of another variable and `$$` for a
//! dollar sign.

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text as it is.
    Text(&'a str),
    /// The value of a variable.
    Reference(&'a str),
}

/// The template that stands for exactly this text.
pub(super) fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

/// Splits a template. A `$` that starts no reference stands for itself.
pub(super) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            found.push(Piece::Text(before));
        }
        let after = &from[1..];
        if let Some(more) = after.strip_prefix('$') {
            found.push(Piece::Text("$"));
            rest = more;
        } else if let Some((name, more)) = braced(after).or_else(|| bare(after)) {
            found.push(Piece::Reference(name));
            rest = more;
        } else {
            found.push(Piece::Text("$"));
            rest = after;
        }
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    found
}

fn braced(after: &str) -> Option<(&str, &str)> {
    let (name, more) = after.strip_prefix('{')?.split_once('}')?;
    is_name(name).then_some((name, more))
}

fn bare(after: &str) -> Option<(&str, &str)> {
    let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len());
    let (name, more) = after.split_at(end);
    is_name(name).then_some((name, more))
}

/// Whether a text can name a variable.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The variables that a template refers to.
pub(super) fn references(template: &str) -> impl Iterator<Item = &str> {
    pieces(template).into_iter().filter_map(|piece| match piece {
        Piece::Reference(name) => Some(name),
        Piece::Text(_) => None,
    })
}

/// A template as the right side of an assignment in a file: bare when that is safe, else in double quotes.
pub(super) fn written(template: &str) -> String {
    let parts = pieces(template);
    let safe = |c: char| c.is_ascii_alphanumeric() || "_./:,@%+=-".contains(c);
    if parts
        .iter()
        .all(|part| matches!(part, Piece::Reference(_)) || matches!(part, Piece::Text(t) if t.chars().all(safe)))
    {
        return parts.iter().map(bare_part).collect();
    }
    let mut out = String::from('"');
    for part in &parts {
        match part {
            Piece::Reference(_) => out.push_str(&bare_part(part)),
            Piece::Text(text) => text.chars().for_each(|c| match c {
                '"' | '\\' | '$' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                other => out.push(other),
            }),
        }
    }
    out.push('"');
    out
}

fn bare_part(part: &Piece<'_>) -> String {
    match part {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Reference(name) => format!("${{{name}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_braced_and_bare() {
        let want =
            [Piece::Text("a-"), Piece::Reference("B_1"), Piece::Text("/"), Piece::Reference("C"), Piece::Text("!")];
        assert_eq!(pieces("a-${B_1}/$C!"), want);
    }

    #[test]
    fn a_dollar_that_starts_nothing_is_a_dollar() {
        for text in ["$", "a$", "$-", "${", "${}", "${a b}", "$$"] {
            assert_eq!(references(text).count(), 0, "{text}");
        }
    }

    #[test]
    fn only_safe_text_is_written_bare() {
        assert_eq!(written("${PRIVATE_SUBNET_A}"), "${PRIVATE_SUBNET_A}");
        assert_eq!(written("arn:aws:s3:::a,arn:aws:s3:::b"), "arn:aws:s3:::a,arn:aws:s3:::b");
        assert_eq!(written("a b"), "\"a b\"");
        assert_eq!(written(&literal("$5\n\"x\"")), "\"\\$5\\n\\\"x\\\"\"");
        assert_eq!(written("#x"), "\"#x\"");
        assert_eq!(written(""), "");
    }
}
