//! Painting: lines and lists of rows into a buffer, never outside their area.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::rows::Row;
use super::text::{Line, Role, width};
use crate::tui::theme::Theme;

/// How the cursor of a pane looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// Keys go here.
    Here,
    /// Remembered.
    Remembered,
}

/// Paints a line from `x`, at most up to the right edge of `area`.
pub fn line(line: &Line, x: u16, y: u16, area: Rect, theme: Theme, buf: &mut Buffer) {
    if y < area.top() || y >= area.bottom() {
        return;
    }
    let mut at = x;
    for (text, role) in line.segments() {
        let room = area.right().saturating_sub(at);
        if room == 0 {
            return;
        }
        let (next, _) = buf.set_stringn(at, y, text, usize::from(room), theme.style(*role));
        at = next;
    }
}

/// Paints text that ends at the right edge of `area`, one blank before the edge.
pub fn right(text: &str, role: Role, y: u16, area: Rect, theme: Theme, buf: &mut Buffer) {
    let wide = u16::try_from(width(text)).unwrap_or(u16::MAX);
    if wide == 0 || y < area.top() || y >= area.bottom() {
        return;
    }
    let x = area.right().saturating_sub(wide.saturating_add(1)).max(area.left());
    let room = area.right().saturating_sub(x);
    buf.set_stringn(x, y, text, usize::from(room), theme.style(role));
}

/// A rule over the width of `area`, with a name in it.
pub fn rule(area: Rect, name: Option<&str>, note: Option<&str>, theme: Theme, buf: &mut Buffer) {
    let style = theme.style(Role::Muted);
    for x in area.left()..area.right() {
        buf.set_string(x, area.y, "─", style);
    }
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        let room = usize::from(area.width.saturating_sub(4));
        buf.set_stringn(
            area.x.saturating_add(2).min(area.right().saturating_sub(1)),
            area.y,
            format!(" {name} "),
            room,
            theme.style(Role::Bold),
        );
    }
    if let Some(note) = note {
        let wide = u16::try_from(width(note) + 4).unwrap_or(u16::MAX);
        let x = area.right().saturating_sub(wide).max(area.left());
        buf.set_stringn(x, area.y, format!(" {note} "), usize::from(area.right().saturating_sub(x)), style);
    }
}

/// The note of a scrolled list, such as `↑ 3 ↓ 7` or `↓ 7 more`.
pub fn scroll_note(above: usize, below: usize) -> Option<String> {
    match (above, below) {
        (0, 0) => None,
        (0, below) => Some(format!("↓ {below} more")),
        (above, 0) => Some(format!("↑ {above} more")),
        (above, below) => Some(format!("↑ {above} ↓ {below}")),
    }
}

/// Removes blank rows from the end on until `rows` fit, and none more.
pub fn squeeze(mut rows: Vec<Row>, cursor: Option<usize>, height: usize) -> (Vec<Row>, Option<usize>) {
    let mut cursor = cursor;
    let mut at = rows.len();
    while rows.len() > height && at > 0 {
        at -= 1;
        if rows.get(at).is_some_and(Row::is_blank) {
            rows.remove(at);
            if let Some(cursor) = cursor.as_mut().filter(|cursor| **cursor > at) {
                *cursor -= 1;
            }
        }
    }
    (rows, cursor)
}

/// First row shown, so that the cursor is in sight.
pub fn first_shown(rows: usize, cursor: Option<usize>, height: usize) -> usize {
    let Some(cursor) = cursor.filter(|_| rows > height) else { return 0 };
    let last = rows.saturating_sub(height);
    // One row of context below the cursor and what lies above it, as far as it fits.
    (cursor + 2).saturating_sub(height).min(last).min(cursor)
}

/// Paints `rows` from `first` on; the cursor column is the first of `area`. `flush` rows begin one column further left
/// where no cursor can stand: the text of a right pane.
pub fn rows(
    flush: bool,
    rows: &[Row],
    first: usize,
    cursor: Option<(usize, Cursor)>,
    area: Rect,
    theme: Theme,
    buf: &mut Buffer,
) {
    for (offset, row) in rows.iter().skip(first).take(usize::from(area.height)).enumerate() {
        let y = area.y.saturating_add(u16::try_from(offset).unwrap_or(u16::MAX));
        let right_wide =
            row.right.as_ref().map_or(0, |(text, _)| u16::try_from(width(text)).unwrap_or(u16::MAX).saturating_add(2));
        let text = Rect { width: area.width.saturating_sub(right_wide.max(1)), ..area };
        let indent = if flush && row.target.is_none() { 1 } else { 2 };
        line(&row.line, area.x.saturating_add(indent), y, text, theme, buf);
        if let Some((text, role)) = &row.right {
            right(text, *role, y, area, theme, buf);
        }
        let Some((at, look)) = cursor else { continue };
        if at == first + offset {
            let glyph = if look == Cursor::Here { "▸" } else { "▹" };
            if look == Cursor::Here {
                let style = Style::new().add_modifier(Modifier::REVERSED);
                buf.set_style(Rect::new(area.x, y, area.width, 1).intersection(area), style);
            }
            buf.set_stringn(area.x, y, glyph, usize::from(area.width.min(1)), Style::new());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::section::Section;
    use crate::tui::widgets::rows::Target;

    fn stop(text: &str) -> Row {
        Row::text(text).on(Target::Goto(Section::Gpu))
    }

    #[test]
    fn blanks_go_first_and_data_stays() {
        let list = vec![stop("a"), Row::blank(), stop("b"), Row::blank(), stop("c")];
        let (kept, cursor) = squeeze(list, Some(4), 3);
        assert_eq!(kept.iter().map(|row| row.line.text()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(cursor, Some(2));
    }

    #[test]
    fn the_cursor_is_always_in_sight() {
        for rows in 0..30 {
            for cursor in 0..rows {
                for height in 1..12 {
                    let first = first_shown(rows, Some(cursor), height);
                    assert!(first <= cursor && cursor < first + height, "{cursor} of {rows} in {height}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_painted_outside_the_area() {
        let area = Rect::new(2, 1, 6, 2);
        let mut buf = Buffer::empty(Rect::new(0, 0, 10, 4));
        let list = [stop("a text that is too long").right(Role::Muted, "12"), stop("b"), stop("c")];
        rows(false, &list, 0, Some((0, Cursor::Here)), area, Theme::default(), &mut buf);
        for (x, y) in [(1, 1), (8, 1), (8, 2), (2, 3), (0, 0)] {
            assert_eq!(buf[(x, y)].symbol(), " ", "{x},{y}");
        }
        assert_eq!(buf[(2, 1)].symbol(), "▸");
    }

    #[test]
    fn scroll_notes_read_as_the_grammar_says() {
        assert_eq!(scroll_note(0, 0), None);
        assert_eq!(scroll_note(0, 7).as_deref(), Some("↓ 7 more"));
        assert_eq!(scroll_note(10, 0).as_deref(), Some("↑ 10 more"));
        assert_eq!(scroll_note(3, 7).as_deref(), Some("↑ 3 ↓ 7"));
    }
}
