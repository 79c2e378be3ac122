//! Where everything goes. Pure, shared by drawing and scrolling.

use ratatui::layout::Rect;

use super::model::Model;
use super::section::Section;

/// The kind of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 120 × 30 and more: menu, body, right pane.
    Wide,
    /// 80 × 24 and more: rail, body, three lines of explanation.
    Narrow,
    /// 60 × 18 and more: rail, one pane.
    Small,
    /// Less: one sentence.
    TooSmall,
}

/// Least columns and rows of a layout that works.
pub const LEAST: (u16, u16) = (60, 18);

/// The kind of a window of `width` × `height`.
pub fn size(width: u16, height: u16) -> Size {
    match (width, height) {
        (120.., 30..) => Size::Wide,
        (80.., 24..) => Size::Narrow,
        (60.., 18..) => Size::Small,
        _ => Size::TooSmall,
    }
}

/// The parts of a window. Absent parts have no area.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Kind.
    pub size: Size,
    /// Header.
    pub header: Rect,
    /// Rail (narrow and small).
    pub rail: Rect,
    /// Rule under header or rail.
    pub top_rule: Rect,
    /// Menu (wide).
    pub menu: Rect,
    /// Body.
    pub body: Rect,
    /// Right pane (wide).
    pub side: Rect,
    /// Rule under the panes.
    pub rule: Rect,
    /// Explanation (narrow).
    pub explain: Rect,
    /// Message line.
    pub message: Rect,
    /// Keys.
    pub keys: Rect,
}

/// Columns of the menu.
pub const MENU: u16 = 20;

/// The layout of a window.
pub fn of(model: &Model, area: Rect) -> Layout {
    let size = size(area.width, area.height);
    let row = |y: u16, height: u16| Rect::new(area.x, area.y.saturating_add(y), area.width, height).intersection(area);
    let h = area.height;
    let none = Rect::new(area.x, area.y, 0, 0);
    let base = Layout {
        size,
        header: row(0, 1),
        rail: none,
        top_rule: none,
        menu: none,
        body: none,
        side: none,
        rule: none,
        explain: none,
        message: row(h.saturating_sub(2), 1),
        keys: row(h.saturating_sub(1), 1),
    };
    match size {
        Size::TooSmall => base,
        Size::Wide => wide(model, area, base),
        Size::Narrow => Layout {
            rail: row(1, 1),
            top_rule: row(2, 1),
            body: row(3, h.saturating_sub(9)),
            rule: row(h.saturating_sub(6), 1),
            explain: row(h.saturating_sub(5), 3),
            ..base
        },
        Size::Small => Layout {
            rail: row(1, 1),
            top_rule: row(2, 1),
            body: row(3, h.saturating_sub(6)),
            rule: row(h.saturating_sub(3), 1),
            ..base
        },
    }
}

fn wide(model: &Model, area: Rect, base: Layout) -> Layout {
    let panes = Rect::new(area.x, area.y + 2, area.width, area.height.saturating_sub(5));
    let rules = Layout {
        top_rule: Rect::new(area.x, area.y + 1, area.width, 1),
        rule: Rect::new(area.x, panes.bottom(), area.width, 1),
        ..base
    };
    if model.nav.welcome {
        return Layout { body: panes, ..rules };
    }
    let (body, side) = widths(model.nav.section, area.width);
    let menu = Rect { width: MENU, ..panes };
    let body = Rect { x: area.x + MENU + 1, width: body, ..panes };
    let side = Rect { x: body.right() + 1, width: side, ..panes };
    Layout { menu, body, side: side.intersection(area), ..rules }
}

/// Columns of body and right pane: six tenths of the surplus go to the body (up to 110), four to the right pane (up to 60).
fn widths(section: Section, total: u16) -> (u16, u16) {
    let (body, side) = section.widths();
    let surplus = total.saturating_sub(120);
    let to_body = surplus - surplus * 4 / 10;
    ((body + to_body).min(110), (side + surplus * 4 / 10).min(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_layouts_begin_where_the_grammar_says() {
        assert_eq!(size(120, 30), Size::Wide);
        assert_eq!(size(119, 60), Size::Narrow);
        assert_eq!(size(120, 29), Size::Narrow);
        assert_eq!(size(80, 24), Size::Narrow);
        assert_eq!(size(79, 40), Size::Small);
        assert_eq!(size(60, 18), Size::Small);
        assert_eq!(size(59, 18), Size::TooSmall);
        assert_eq!(size(200, 17), Size::TooSmall);
    }

    #[test]
    fn the_parts_fill_a_wide_window() {
        for section in Section::ALL {
            let (body, side) = widths(section, 120);
            assert_eq!(MENU + 1 + body + 1 + side, 120, "{section:?}");
        }
    }
}
