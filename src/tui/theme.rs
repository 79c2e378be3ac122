//! How roles look: the sixteen terminal colours, or attributes alone. And the ASCII set.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::widgets::text::Role;

/// Colours and glyphs. Themes change colours, never marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Theme {
    /// Attributes only (`NO_COLOR`).
    pub no_color: bool,
    /// ASCII glyphs only.
    pub ascii: bool,
}

impl Theme {
    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        let (color, modifier) = match role {
            Role::Plain => (None, Modifier::empty()),
            Role::Bold | Role::Done => (None, Modifier::BOLD),
            Role::Ok => (Some(Color::Green), Modifier::empty()),
            Role::Running => (Some(Color::LightBlue), Modifier::empty()),
            Role::Warn => (Some(Color::Yellow), Modifier::BOLD),
            Role::Error => (Some(Color::Red), Modifier::empty()),
            Role::Unknown => (Some(Color::Magenta), Modifier::empty()),
            Role::Muted => (None, Modifier::DIM),
            Role::Accent => (Some(Color::Cyan), Modifier::empty()),
        };
        let style = Style::new().add_modifier(modifier);
        match color {
            Some(color) if !self.no_color => style.fg(color),
            _ => style,
        }
    }

    /// Replaces every glyph outside ASCII, cell by cell, so no layout changes.
    pub fn to_ascii(self, area: Rect, buf: &mut Buffer) {
        if !self.ascii {
            return;
        }
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = buf.cell_mut((x, y))
                    && let Some(plain) = ascii(cell.symbol())
                {
                    cell.set_symbol(plain);
                }
            }
        }
    }
}

/// The ASCII form of a cell's glyph; `None` when it is ASCII already.
fn ascii(symbol: &str) -> Option<&'static str> {
    if symbol.is_ascii() {
        return None;
    }
    Some(match symbol {
        "✓" | "⌄" | "↓" => "v",
        "●" => "*",
        "○" => "o",
        "…" => "~",
        "✗" | "×" => "X",
        "·" | "░" => ".",
        "–" | "─" | "—" => "-",
        "↻" => "@",
        "▸" | "›" | "→" => ">",
        "▹" => ":",
        "‹" | "←" => "<",
        "•" => "*",
        "│" | "▏" => "|",
        "┬" | "┴" | "┼" | "┌" | "┐" | "└" | "┘" => "+",
        "↑" => "^",
        "▁" => "_",
        "▂" => ".",
        "▃" => ",",
        "▄" => "-",
        "▅" => "=",
        "▆" => "+",
        "▇" => "*",
        "█" => "#",
        _ => "?",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn green_belongs_to_what_is_proven() {
        let theme = Theme::default();
        let green = [Role::Plain, Role::Bold, Role::Done, Role::Running, Role::Warn, Role::Error, Role::Accent]
            .into_iter()
            .filter(|role| theme.style(*role).fg == Some(Color::Green))
            .count();
        assert_eq!(green, 0);
        assert_eq!(theme.style(Role::Ok).fg, Some(Color::Green));
    }

    #[test]
    fn without_colour_the_attributes_stay() {
        let theme = Theme { no_color: true, ascii: false };
        for role in [Role::Ok, Role::Warn, Role::Error, Role::Unknown] {
            assert_eq!(theme.style(role).fg, None);
        }
        assert!(theme.style(Role::Warn).add_modifier.contains(Modifier::BOLD));
    }

    #[test]
    fn the_ascii_set_replaces_cell_by_cell() {
        let area = Rect::new(0, 0, 6, 1);
        let mut buf = Buffer::with_lines(["▸ ✓ ‹›"]);
        Theme { no_color: false, ascii: true }.to_ascii(area, &mut buf);
        assert_eq!(buf, Buffer::with_lines(["> v <>"]));
    }
}
