//! One frame: the model as a buffer. Pure.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::layout::{self, LEAST, Layout, Size};
use super::model::Model;
use super::screens;
use super::section::Pane;
use super::theme::Theme;
use super::widgets::pane::{self, Cursor};
use super::widgets::rows::Row;
use super::widgets::text::{Line, Role, cut_end, width, wrap};
use super::{boxes, chrome};

/// Draws the model into `area` of `buf`.
pub fn view(model: &Model, theme: Theme, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    let layout = layout::of(model, area);
    if layout.size == Size::TooSmall {
        too_small(model, area, theme, buf);
    } else {
        panes(model, &layout, theme, buf);
        chrome::message(model, layout.message, theme, buf);
        chrome::keys(model, layout.keys, theme, buf);
        if model.front.overlay.is_some() {
            boxes::overlay(model, &layout, area, theme, buf);
        }
    }
    theme.to_ascii(area, buf);
}

/// The frame as lines of text, for tests.
pub fn render_to_string(model: &Model, columns: u16, rows: u16) -> String {
    let area = Rect::new(0, 0, columns, rows);
    let mut buf = Buffer::empty(area);
    view(model, Theme::default(), area, &mut buf);
    let mut out = String::new();
    for y in 0..rows {
        let mut skip = 0;
        for x in 0..columns {
            let symbol = buf.cell((x, y)).map_or(" ", ratatui::buffer::Cell::symbol);
            if skip == 0 {
                out.push_str(symbol);
                skip = width(symbol).max(1);
            }
            skip -= 1;
        }
        out.push('\n');
    }
    out
}

fn panes(model: &Model, layout: &Layout, theme: Theme, buf: &mut Buffer) {
    chrome::header(model, layout.size, layout.header, theme, buf);
    pane::rule(layout.top_rule, None, None, theme, buf);
    if layout.size == Size::Wide {
        wide(model, layout, theme, buf);
    } else {
        chrome::rail(model, layout.size, layout.rail, theme, buf);
        narrow(model, layout, theme, buf);
    }
}

/// Text columns of a pane: cursor column and blank at the left, blank at the right.
fn text_columns(area: Rect) -> usize {
    usize::from(area.width.saturating_sub(3)).max(1)
}

fn wide(model: &Model, layout: &Layout, theme: Theme, buf: &mut Buffer) {
    pane::rule(layout.rule, None, None, theme, buf);
    let rows = screens::body(model, text_columns(layout.body));
    if model.nav.welcome {
        let area = Rect { y: layout.body.y + 1, height: layout.body.height.saturating_sub(1), ..layout.body };
        list(model, rows, area, layout.rule, theme, buf);
        return;
    }
    chrome::menu(model, layout.menu, theme, buf);
    for x in [layout.menu.right(), layout.body.right()] {
        upright(x, layout, theme, buf);
    }
    if model.nav.enlarged {
        let whole = layout.body.union(layout.side);
        for y in whole.top()..whole.bottom() {
            buf.set_string(layout.body.right(), y, " ", theme.style(Role::Plain));
        }
        side(model, whole, layout.rule, theme, buf);
        return;
    }
    let titled = title(model, layout.body, theme, buf);
    list(model, rows, titled, Rect { x: layout.body.x, width: layout.body.width, ..layout.rule }, theme, buf);
    let side_rule = Rect { x: layout.side.x, width: layout.side.width, ..layout.rule };
    side(model, layout.side, side_rule, theme, buf);
}

fn upright(x: u16, layout: &Layout, theme: Theme, buf: &mut Buffer) {
    let style = theme.style(Role::Muted);
    if x >= layout.rule.right() {
        return;
    }
    for y in layout.body.top()..layout.body.bottom() {
        buf.set_string(x, y, "│", style);
    }
    buf.set_string(x, layout.top_rule.y, "┬", style);
    buf.set_string(x, layout.rule.y, "┴", style);
}

/// Paints the title of the body; answers what is left of the area.
fn title(model: &Model, area: Rect, theme: Theme, buf: &mut Buffer) -> Rect {
    let (name, state) = screens::title(model);
    let room = usize::from(area.width).saturating_sub(width(&name) + 5);
    pane::line(&Line::of(Role::Bold, name), area.x + 2, area.y, area, theme, buf);
    if let Some((mark, text)) = state {
        let text = format!("{} {}", mark.glyph(), cut_end(&text, room.saturating_sub(2)));
        pane::right(&text, mark.role(), area.y, area, theme, buf);
    }
    Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area }
}

/// The list of the body with its cursor; the scroll note goes on `rule`.
fn list(model: &Model, rows: Vec<Row>, area: Rect, rule: Rect, theme: Theme, buf: &mut Buffer) {
    let cursor = screens::body_cursor(model, &rows);
    let height = usize::from(area.height);
    let (rows, cursor) = pane::squeeze(rows, cursor, height);
    let first = pane::first_shown(rows.len(), cursor, height);
    let focused = model.front.overlay.is_none() && (model.nav.pane == Pane::Body || model.nav.welcome);
    let look = if focused { Cursor::Here } else { Cursor::Remembered };
    pane::rows(false, &rows, first, cursor.map(|at| (at, look)), area, theme, buf);
    if cursor.is_none() && focused && area.y > 0 {
        // Nothing to stand on: the cursor stands before the first line of the pane.
        let y = if area.y >= 2 && layout::size(buf.area.width, buf.area.height) == Size::Wide {
            area.y - 2
        } else {
            area.y
        };
        buf.set_stringn(area.x, y, "▸", 1, theme.style(Role::Plain));
    }
    note(first, rows.len(), height, rule, theme, buf);
}

fn note(first: usize, rows: usize, height: usize, rule: Rect, theme: Theme, buf: &mut Buffer) {
    let below = rows.saturating_sub(first + height);
    if let Some(text) = pane::scroll_note(first, below) {
        let wide = u16::try_from(width(&text) + 4).unwrap_or(u16::MAX);
        let x = rule.right().saturating_sub(wide).max(rule.x);
        buf.set_stringn(
            x,
            rule.y,
            format!(" {text} "),
            usize::from(rule.right().saturating_sub(x)),
            theme.style(Role::Muted),
        );
    }
}

/// The right pane: title, then rows; a cursor where it has rows to stand on.
fn side(model: &Model, area: Rect, rule: Rect, theme: Theme, buf: &mut Buffer) {
    let (title, rows) = screens::side(model, text_columns(area));
    let focused = screens::in_side(model) && model.front.overlay.is_none();
    let cursor = screens::side_cursor(model, &rows);
    let inner = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    // The title stands one row below the body's, as the frames draw it.
    let x = area.x + 1;
    pane::line(&title, x + u16::from(focused && cursor.is_none()), inner.y, area, theme, buf);
    if focused && cursor.is_none() {
        buf.set_stringn(area.x, inner.y, "▸", 1, theme.style(Role::Plain));
    }
    let rest = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..area };
    let height = usize::from(rest.height);
    let first = match cursor {
        Some(_) if focused => pane::first_shown(rows.len(), cursor, height),
        _ => side_first(model, rows.len(), height),
    };
    let look = if focused { Cursor::Here } else { Cursor::Remembered };
    pane::rows(
        true,
        &rows,
        first,
        cursor.map(|at| (at, look)).filter(|_| focused || model.nav.side.is_some()),
        rest,
        theme,
        buf,
    );
    note(first, rows.len(), height, rule, theme, buf);
}

/// First row of a text pane. A log follows: its scroll counts from the end.
pub fn side_first(model: &Model, rows: usize, height: usize) -> usize {
    let last = rows.saturating_sub(height);
    let follows = model.nav.section == super::section::Section::Apply && model.run.view.end.is_none();
    if follows { last.saturating_sub(model.nav.side_scroll) } else { model.nav.side_scroll.min(last) }
}

fn narrow(model: &Model, layout: &Layout, theme: Theme, buf: &mut Buffer) {
    let rows = screens::body(model, text_columns(layout.body));
    let name = name_of_focus(model, &rows);
    pane::rule(layout.rule, Some(&cut_end(&name, usize::from(layout.rule.width.saturating_sub(24)))), None, theme, buf);
    if (screens::in_side(model) || model.nav.enlarged) && !model.nav.welcome {
        side(model, layout.body, layout.rule, theme, buf);
    } else {
        list(model, rows, layout.body, layout.rule, theme, buf);
    }
    if layout.explain.height == 0 || model.nav.welcome {
        return;
    }
    let (_, rows) = screens::side(model, text_columns(layout.explain));
    let follows = model.nav.section == super::section::Section::Apply && model.run.view.end.is_none();
    let lines: Vec<&Row> = rows.iter().filter(|row| !row.is_blank() && !row.heading).collect();
    let skip = if follows { lines.len().saturating_sub(3) } else { 0 };
    for (y, row) in (layout.explain.top()..layout.explain.bottom()).zip(lines.into_iter().skip(skip)) {
        pane::line(&row.line, layout.explain.x + 1, y, layout.explain, theme, buf);
    }
}

fn name_of_focus(model: &Model, rows: &[Row]) -> String {
    if model.nav.welcome {
        return String::new();
    }
    let (title, _) = screens::side(model, 60);
    let text = title.text();
    if screens::focused(model, rows).is_none() { model.nav.section.name().to_owned() } else { text }
}

/// The one sentence of a window that is too small. The program and a run go on.
fn too_small(model: &Model, area: Rect, theme: Theme, buf: &mut Buffer) {
    let (w, h) = (area.width, area.height);
    let mut text = match w {
        0..16 => "small".to_owned(),
        16..28 => format!("{} × {} needed.", LEAST.0, LEAST.1),
        _ => format!("eks-wizard needs {} columns and {} rows; here are {w} and {h}.", LEAST.0, LEAST.1),
    };
    if w >= 28 && model.applying() {
        let (done, all) = model.run.view.progress();
        text = format!("{text} The run goes on: {done} of {all}. q asks how to leave.");
    } else if w >= 28 {
        text.push_str(" Make the terminal larger, or leave with q. Your edits are kept.");
    }
    let margin = u16::from(w >= 40) * 2;
    let lines = wrap(&text, usize::from(w.saturating_sub(2 * margin)).max(1));
    let top = area.y + (h / 3).min(h.saturating_sub(u16::try_from(lines.len()).unwrap_or(h)));
    for (y, line) in (top..area.bottom()).zip(lines) {
        pane::line(&Line::new().plain(line), area.x + margin, y, area, theme, buf);
    }
}
