//! Logical lines of a `.env` file: an assignment may run over several physical lines inside quotes. The rules are those
//! of dotenvy's reader, which then parses each logical line; only counting lines and finding spans is ours. One rule is
//! better here: a comment begins after any number of blanks. dotenvy's reader knows one blank only, so that an
//! apostrophe in a comment after two blanks would open a quote.

/// Where the reader stands inside a line (dotenvy 0.15 `iter.rs`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Complete,
    Blank,
    Escape,
    Strong,
    StrongEscape,
    Weak,
    WeakEscape,
    Comment,
}

impl State {
    fn after(self, c: char) -> Self {
        match (self, c) {
            (Self::Comment, _) | (Self::Blank, '#') => Self::Comment,
            (Self::Complete | Self::Blank, c) if c.is_whitespace() && c != '\n' && c != '\r' => Self::Blank,
            (Self::Complete | Self::Blank, '\\') => Self::Escape,
            (Self::Complete | Self::Blank, '"') | (Self::WeakEscape, _) => Self::Weak,
            (Self::Complete | Self::Blank, '\'') | (Self::StrongEscape, _) => Self::Strong,
            (Self::Complete | Self::Blank | Self::Escape, _) | (Self::Weak, '"') | (Self::Strong, '\'') => {
                Self::Complete
            }
            (Self::Weak, '\\') => Self::WeakEscape,
            (Self::Weak, _) => Self::Weak,
            (Self::Strong, '\\') => Self::StrongEscape,
            (Self::Strong, _) => Self::Strong,
        }
    }

    fn is_open(self) -> bool {
        matches!(self, Self::Strong | Self::StrongEscape | Self::Weak | Self::WeakEscape)
    }
}

/// One logical line with its line ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Logical<'a> {
    /// The text, ending included.
    pub raw: &'a str,
    /// Number of its first physical line, from 1.
    pub number: u32,
    /// Column of a quote that is never closed.
    pub unclosed: Option<u32>,
}

/// Splits a text into logical lines; joined again they are the text. A quote that is never closed ends with its own
/// physical line, so that the lines after it are still read.
pub(super) fn split(text: &str) -> Vec<Logical<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut number = 1;
    while !rest.is_empty() {
        let (length, unclosed) = measure(rest);
        let (raw, more) = rest.split_at(length);
        found.push(Logical { raw, number, unclosed });
        number += u32::try_from(raw.matches('\n').count()).unwrap_or(u32::MAX);
        rest = more;
    }
    found
}

/// Bytes of the first logical line, and the column of a quote in it that is never closed.
fn measure(text: &str) -> (usize, Option<u32>) {
    let first = text.find('\n').map_or(text.len(), |at| at + 1);
    if text.trim_start().starts_with('#') && text[..first].trim_start().starts_with('#') {
        return (first, None);
    }
    let mut state = State::Complete;
    let mut opened = 0;
    for (column, (at, c)) in (1..).zip(text.char_indices()) {
        let next = state.after(c);
        if next.is_open() && !state.is_open() {
            opened = column;
        }
        state = next;
        if c == '\n' && !state.is_open() {
            return (at + 1, None);
        }
    }
    if state.is_open() { (first, Some(opened)) } else { (text.len(), None) }
}

/// Byte spans of an assignment: the value between `start` and `end`, without blanks and trailing comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ValueSpan {
    /// First byte of the value.
    pub start: usize,
    /// Byte after the value.
    pub end: usize,
}

/// Finds the value in a logical line that dotenvy accepted as an assignment.
pub(super) fn value_span(raw: &str) -> Option<ValueSpan> {
    let equal = raw.find('=')?;
    let end = comment_at(raw).unwrap_or(raw.len());
    let end = if raw.get(equal + 1..end)?.trim_start().starts_with('#') { raw[..end].find('#')? } else { end };
    let value = &raw[equal + 1..end];
    let start = equal + 1 + (value.len() - value.trim_start().len());
    let end = equal + 1 + value.trim_end().len();
    Some(ValueSpan { start: start.min(end), end })
}

/// Byte at which the comment behind an assignment begins.
pub(super) fn comment_at(raw: &str) -> Option<usize> {
    let mut state = State::Complete;
    raw.char_indices().find_map(|(at, c)| {
        state = state.after(c);
        (state == State::Comment).then_some(at)
    })
}

/// Replaces each `$` that dotenvy would expand by `mark`, so that expansion is ours: file first, then environment.
pub(super) fn mark_references(raw: &str, mark: char) -> String {
    let (mut strong, mut weak, mut escaped) = (false, false, false);
    let swap = |c: char| {
        if escaped {
            escaped = false;
        } else if strong {
            strong = c != '\'';
        } else if c == '$' {
            return mark;
        } else if c == '\\' {
            escaped = true;
        } else if weak {
            weak = c != '"';
        } else if c == '\'' {
            strong = true;
        } else if c == '"' {
            weak = true;
        }
        c
    };
    raw.chars().map(swap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Vec<(u32, &str)> {
        split(text).into_iter().map(|line| (line.number, line.raw)).collect()
    }

    #[test]
    fn quotes_join_lines_and_comments_do_not() {
        let text = "A=\"x\ny\"  # it's\n# don't\nB='1'\n\nC=2";
        let want = [(1, "A=\"x\ny\"  # it's\n"), (3, "# don't\n"), (4, "B='1'\n"), (5, "\n"), (6, "C=2")];
        assert_eq!(shape(text), want);
    }

    #[test]
    fn an_unclosed_quote_costs_one_line_only() {
        let lines = split("A=it's\nB=2\n");
        assert_eq!(lines[0].unclosed, Some(5));
        assert_eq!((lines[1].number, lines[1].raw, lines[1].unclosed), (2, "B=2\n", None));
    }

    #[test]
    fn spans_leave_blanks_and_comments_outside() {
        let value = |raw: &'static str| value_span(raw).map(|span| &raw[span.start..span.end]);
        assert_eq!(value("export A = 'x # y'  # why\r\n"), Some("'x # y'"));
        assert_eq!(value("A=\n"), Some(""));
        assert_eq!(value("A=  # nothing\n"), Some(""));
        assert_eq!(value("A=x#y\n"), Some("x#y"));
        assert_eq!(value("A=#x\n"), Some(""));
    }

    #[test]
    fn only_live_dollars_are_marked() {
        assert_eq!(mark_references("A='$x' \"$y\\$\" $z", '%'), "A='$x' \"%y\\$\" %z");
    }
}
