//! Boxes over the section: only what took the keyboard has a border.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::layout::{Layout, Size};
use super::model::{Model, Overlay};
use super::screens::{help, kept, modal, palette};
use super::theme::Theme;
use super::widgets::pane;
use super::widgets::text::{Line, Mark, Role, pad, width};

/// A box: title, lines, the line with the cursor, and the first line shown.
struct Content {
    title: String,
    lines: Vec<Line>,
    cursor: Option<usize>,
    scroll: usize,
}

/// Draws the overlay of the model, everything behind it dim.
pub fn overlay(model: &Model, layout: &Layout, area: Rect, theme: Theme, buf: &mut Buffer) {
    let Some(overlay) = &model.front.overlay else { return };
    let content = match overlay {
        Overlay::Help(scroll) => Content {
            title: format!("Help: {}", model.nav.section.name()),
            lines: help::lines(model),
            cursor: None,
            scroll: *scroll,
        },
        Overlay::Messages(scroll) => messages(model, *scroll),
        Overlay::Changes(scroll) => Content {
            title: "What changed in meaning".to_owned(),
            lines: kept::changes(model),
            cursor: None,
            scroll: *scroll,
        },
        Overlay::Find(input) => Content {
            title: "Find".to_owned(),
            lines: vec![Line::new().plain(format!("  / {}▏", input.value()))],
            cursor: Some(0),
            scroll: 0,
        },
        Overlay::Palette(input, at) => palette_box(model, input.value(), *at),
        Overlay::Ask(question, at) => ask(model, *question, *at),
    };
    let free = Rect { y: area.y + 1, height: area.height.saturating_sub(3), ..area };
    for y in free.top()..free.bottom() {
        for x in free.left()..free.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.set_style(Style::reset().add_modifier(Modifier::DIM));
            }
        }
    }
    let most = if layout.size == Size::Wide { 98 } else { 72 };
    draw(&content, most, free, theme, buf);
}

fn messages(model: &Model, scroll: usize) -> Content {
    let lines: Vec<Line> = model
        .front
        .messages
        .iter()
        .rev()
        .map(|(at, notice)| {
            Line::of(Role::Muted, format!("  {} ", at.clock_seconds())).mark(notice.mark).plain(notice.text.clone())
        })
        .collect();
    let lines = if lines.is_empty() { vec![Line::new().plain("  Nothing was said yet.")] } else { lines };
    Content { title: "Messages".to_owned(), lines, cursor: None, scroll }
}

fn palette_box(model: &Model, filter: &str, at: usize) -> Content {
    let actions = palette::actions(model, filter);
    let mut lines = vec![Line::new().plain(format!("  : {filter}▏")), Line::new()];
    for action in &actions {
        lines.push(Line::new().plain("  ").put(Role::Accent, pad(&action.keys, 10)).plain(action.name.clone()));
    }
    if actions.is_empty() {
        lines.push(Line::of(Role::Muted, "  no action has this name"));
    }
    let cursor = if actions.is_empty() { 0 } else { 2 + at.min(actions.len() - 1) };
    Content { title: "Every action by name".to_owned(), lines, cursor: Some(cursor), scroll: 0 }
}

fn ask(model: &Model, question: super::model::Question, at: usize) -> Content {
    let ask = modal::ask(model, question);
    let mut lines = ask.lines;
    lines.push(Line::new());
    let top = lines.len();
    let at = at.min(ask.rows.len().saturating_sub(1));
    for (row, (word, says)) in ask.rows.iter().enumerate() {
        let radio = if row == at {
            Line::of(Role::Bold, format!("  (•) {}", pad(word, 18)))
        } else {
            Line::new().plain(format!("  ( ) {}", pad(word, 18)))
        };
        lines.push(radio.put(Role::Muted, format!(" {says}")));
    }
    Content { title: ask.title.to_owned(), lines, cursor: Some(top + at), scroll: 0 }
}

/// A single-line box, centred in `free`.
fn draw(content: &Content, most: u16, free: Rect, theme: Theme, buf: &mut Buffer) {
    let widest = content.lines.iter().map(Line::width).max().unwrap_or(0).max(width(&content.title) + 4);
    let wide = u16::try_from(widest + 6).unwrap_or(most).clamp(24, most).min(free.width);
    let tall = u16::try_from(content.lines.len() + 2).unwrap_or(u16::MAX).min(free.height);
    if wide < 4 || tall < 3 {
        return;
    }
    let area = Rect::new(free.x + (free.width - wide) / 2, free.y + (free.height - tall) / 2, wide, tall);
    let style = theme.style(Role::Plain);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.reset();
            }
        }
    }
    let line: String = "─".repeat(usize::from(wide - 2));
    buf.set_string(area.x, area.y, format!("┌{line}┐"), style);
    buf.set_string(area.x, area.bottom() - 1, format!("└{line}┘"), style);
    for y in area.top() + 1..area.bottom() - 1 {
        buf.set_string(area.x, y, "│", style);
        buf.set_string(area.right() - 1, y, "│", style);
    }
    buf.set_stringn(
        area.x + 2,
        area.y,
        format!(" {} ", content.title),
        usize::from(wide.saturating_sub(4)),
        theme.style(Role::Bold),
    );
    let inner = Rect::new(area.x + 1, area.y + 1, wide - 2, tall - 2);
    let height = usize::from(inner.height);
    let last = content.lines.len().saturating_sub(height);
    let first = match content.cursor {
        Some(at) => pane::first_shown(content.lines.len(), Some(at), height),
        None => content.scroll.min(last),
    };
    for (offset, line) in content.lines.iter().skip(first).take(height).enumerate() {
        let y = inner.y + u16::try_from(offset).unwrap_or(0);
        let shown = line.clone().cut(usize::from(inner.width.saturating_sub(2)));
        pane::line(&shown, inner.x + 1, y, inner, theme, buf);
        if content.cursor == Some(first + offset) {
            buf.set_style(Rect::new(inner.x, y, inner.width, 1), Style::new().add_modifier(Modifier::REVERSED));
            buf.set_string(inner.x + 1, y, "▸", style);
        }
    }
    if content.cursor.is_none() {
        buf.set_string(inner.x + 1, inner.y, "▸", theme.style(Mark::Done.role()));
    }
    if let Some(note) = pane::scroll_note(first, content.lines.len().saturating_sub(first + height)) {
        buf.set_stringn(
            area.x + 2,
            area.bottom() - 1,
            format!(" {note} "),
            usize::from(wide.saturating_sub(4)),
            theme.style(Role::Muted),
        );
    }
}
