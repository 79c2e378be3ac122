//! Styled lines of a known display width, and the cutting rules of the grammar.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What a piece of text means. The theme decides how that looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    #[default]
    Plain,
    /// Names that lead a pane, chosen values.
    Bold,
    /// Proven.
    Ok,
    /// Set, done.
    Done,
    /// In progress.
    Running,
    /// Warning, out of date.
    Warn,
    /// Failed, refused.
    Error,
    /// Cannot tell.
    Unknown,
    /// Heads, sources, ids, defaults.
    Muted,
    /// Key names, links, "needs you".
    Accent,
}

/// A mark of the grammar (screens.md 1.4). A word or a number always stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Read or tested by this program, and true.
    Proven,
    /// Complete on our side; nobody proved the effect.
    Done,
    /// Needs the operator.
    Needs,
    /// In progress.
    Running,
    /// Works, worse or trouble later.
    Warning,
    /// Cannot work.
    Failed,
    /// Cannot tell.
    Unknown,
    /// Not run, not reached.
    NotYet,
    /// Does not concern you, or cannot be chosen.
    No,
    /// Suppressed.
    Suppressed,
    /// Made from something that has changed since.
    Stale,
}

impl Mark {
    /// The character.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::Proven => "✓",
            Self::Done => "●",
            Self::Needs => "○",
            Self::Running => "…",
            Self::Warning => "!",
            Self::Failed => "✗",
            Self::Unknown => "?",
            Self::NotYet => "·",
            Self::No => "–",
            Self::Suppressed => "s",
            Self::Stale => "↻",
        }
    }

    /// Its role.
    pub fn role(self) -> Role {
        match self {
            Self::Proven => Role::Ok,
            Self::Done => Role::Done,
            Self::Needs => Role::Accent,
            Self::Running => Role::Running,
            Self::Warning | Self::Stale => Role::Warn,
            Self::Failed => Role::Error,
            Self::Unknown => Role::Unknown,
            Self::NotYet | Self::No | Self::Suppressed => Role::Muted,
        }
    }
}

/// A line of styled pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    segments: Vec<(String, Role)>,
}

impl Line {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of one piece.
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self::new().put(role, text)
    }

    /// Appends a piece.
    #[must_use]
    pub fn put(mut self, role: Role, text: impl Into<String>) -> Self {
        self.segments.push((clean(&text.into()), role));
        self
    }

    /// Appends ordinary text.
    #[must_use]
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.put(Role::Plain, text)
    }

    /// Appends a mark and a blank.
    #[must_use]
    pub fn mark(self, mark: Mark) -> Self {
        self.put(mark.role(), mark.glyph()).plain(" ")
    }

    /// Appends `text` cut and padded to `width` columns, and a blank after it.
    #[must_use]
    pub fn col(self, role: Role, text: &str, width: usize) -> Self {
        self.put(role, format!("{} ", pad(&cut_end(&clean(text), width), width)))
    }

    /// Appends `text` right-aligned in `width` columns (never cut: numbers are not), and a blank after it.
    #[must_use]
    pub fn num(self, role: Role, text: &str, width: usize) -> Self {
        let blank = width.saturating_sub(text.width());
        self.put(role, format!("{}{text} ", " ".repeat(blank)))
    }

    /// Pads with blanks up to column `column`.
    #[must_use]
    pub fn to(self, column: usize) -> Self {
        let have = self.width();
        if have < column { self.plain(" ".repeat(column - have)) } else { self }
    }

    /// Display width.
    pub fn width(&self) -> usize {
        self.segments.iter().map(|(text, _)| text.width()).sum()
    }

    /// The pieces.
    pub fn segments(&self) -> &[(String, Role)] {
        &self.segments
    }

    /// The text without styles.
    pub fn text(&self) -> String {
        self.segments.iter().map(|(text, _)| text.as_str()).collect()
    }

    /// The line cut to `width` columns; the last column then holds `…`.
    #[must_use]
    pub fn cut(self, width: usize) -> Self {
        if self.width() <= width {
            return self;
        }
        let mut left = width;
        let mut segments = Vec::with_capacity(self.segments.len());
        for (text, role) in self.segments {
            let wide = text.width();
            if wide < left {
                left -= wide;
                segments.push((text, role));
            } else {
                segments.push((cut_end(&format!("{text}……"), left), role));
                break;
            }
        }
        Self { segments }
    }
}

/// Control characters become blanks: nothing that was read elsewhere may move the cursor of the terminal.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Display width of `text`.
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` with blanks up to `wide` columns.
pub fn pad(text: &str, wide: usize) -> String {
    format!("{text}{}", " ".repeat(wide.saturating_sub(text.width())))
}

/// The longest start of `text` of at most `wide` columns.
fn start_of(text: &str, wide: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= wide
        })
        .collect()
}

/// The longest end of `text` of at most `wide` columns.
fn end_of(text: &str, wide: usize) -> String {
    let reversed: String = text.chars().rev().collect();
    start_of(&reversed, wide).chars().rev().collect()
}

/// Text loses its end: `nvidia-device-plu…`.
pub fn cut_end(text: &str, wide: usize) -> String {
    match wide {
        _ if text.width() <= wide => text.to_owned(),
        0 => String::new(),
        _ => format!("{}…", start_of(text, wide - 1)),
    }
}

/// Ids lose their middle: `subnet-0c7d…29a53`.
pub fn cut_middle(text: &str, wide: usize) -> String {
    if text.width() <= wide || wide < 9 {
        return cut_end(text, wide);
    }
    let tail = (wide - 1) / 3;
    let tail = tail.max(4);
    format!("{}…{}", start_of(text, wide - 1 - tail), end_of(text, tail))
}

/// Step ids, paths and images lose their front: `…-compute.nodegroup`.
pub fn cut_front(text: &str, wide: usize) -> String {
    match wide {
        _ if text.width() <= wide => text.to_owned(),
        0 => String::new(),
        _ => format!("…{}", end_of(text, wide - 1)),
    }
}

/// Breaks `text` into lines of at most `wide` columns at blanks; a longer word is broken.
pub fn wrap(text: &str, wide: usize) -> Vec<String> {
    let wide = wide.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = clean(word);
        if !line.is_empty() && line.width() + 1 + word.width() > wide {
            lines.push(std::mem::take(&mut line));
        }
        while word.width() > wide {
            let mut head = start_of(&word, wide);
            if head.is_empty() {
                // A wide character in a column of one: it has to go somewhere.
                head = word.chars().take(1).collect();
            }
            word = word.get(head.len()..).unwrap_or_default().to_owned();
            lines.push(head);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A count with thousands commas: `1,008`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 step`, `2 steps`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", thousands(count as u64)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_text_loses_the_part_that_matters_least() {
        assert_eq!(cut_end("nvidia-device-plugin", 18), "nvidia-device-plu…");
        assert_eq!(cut_middle("subnet-0c7d41e80f6b29a53", 17), "subnet-0c7d…29a53");
        assert_eq!(cut_front("registry/cluster-autoscaler:v1.35.2", 20), "…-autoscaler:v1.35.2");
        assert_eq!(cut_end("短い名前です", 5), "短い…");
        assert_eq!(cut_end("any", 0), "");
    }

    #[test]
    fn wrapping_never_exceeds_the_width() {
        for wide in 1..20 {
            for line in wrap("Every later screen reads arn:aws:iam::111122223333:role/long 名前 end", wide) {
                assert!(width(&line) <= wide.max(2), "{line:?} in {wide}");
            }
        }
    }

    #[test]
    fn a_cut_line_says_so() {
        let line = Line::of(Role::Bold, "one").plain(" two three");
        assert_eq!(line.clone().cut(8).text(), "one two…");
        assert_eq!(line.clone().cut(40).text(), "one two three");
        assert_eq!(line.cut(3).text(), "on…");
    }

    #[test]
    fn numbers_carry_commas() {
        assert_eq!(thousands(1_008), "1,008");
        assert_eq!(thousands(92), "92");
        assert_eq!(plural(1, "step"), "1 step");
        assert_eq!(plural(24, "step"), "24 steps");
    }

    #[test]
    fn control_characters_never_reach_the_screen() {
        assert_eq!(Line::of(Role::Plain, "a\x1b[2Jb\n").text(), "a [2Jb ");
    }
}
