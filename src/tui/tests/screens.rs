//! Every screen in every layout, in several states: the grammar holds.

use crate::domain::problem::{Problem, ProblemKind};
use crate::tui::fixture;
use crate::tui::frame::render_to_string;
use crate::tui::model::{Model, Overlay, Question};
use crate::tui::section::{Pane, Section};
use crate::tui::theme::Theme;
use crate::tui::widgets::text::width;

const SIZES: [(u16, u16); 6] = [(120, 40), (200, 60), (120, 30), (80, 24), (100, 50), (60, 18)];

/// Models in which a screen may find itself.
fn states() -> Vec<(&'static str, Model)> {
    let mut loading = fixture::at_start();
    loading.world.facts.begin(fixture::night());
    loading.world.plan.begin(fixture::night());
    loading.world.verification.begin(fixture::night());
    loading.health.last.begin(fixture::night());
    let mut failed = fixture::full();
    let problem =
        || Problem::new(ProblemKind::Denied, "PlatformOps may not call eks:DescribeCluster.").hint("Allow it, then r.");
    failed.world.facts.end(Err(problem()), fixture::night());
    failed.world.plan.end(Err(problem()), fixture::night());
    failed.world.verification.end(Err(problem()), fixture::night());
    failed.health.last.end(Err(problem()), fixture::night());
    failed.run.view = fixture::failed();
    let mut running = fixture::full();
    running.run.view = fixture::running();
    running.run.alive = true;
    let mut blocked = fixture::full();
    blocked.world.plan.end(Ok(fixture::blocked()), fixture::night());
    let mut invalid = fixture::full();
    crate::tui::form::set(&mut invalid.config.draft, "GPU_MAX_SIZE", "many");
    invalid.config.issues = crate::tui::form::issues(&invalid.config.draft);
    invalid.config.unsaved = 1;
    let mut empty = fixture::at_start();
    empty.config.draft = crate::config::Draft::default();
    empty.config.issues = crate::tui::form::issues(&empty.config.draft);
    let all = [
        ("start", fixture::at_start()),
        ("empty", empty),
        ("loading", loading),
        ("full", fixture::full()),
        ("failed", failed),
        ("running", running),
        ("blocked", blocked),
        ("invalid", invalid),
    ];
    all.into_iter().collect()
}

fn each(mut check: impl FnMut(&str, Section, &Model, (u16, u16), &str)) {
    for (name, mut model) in states() {
        model.nav.welcome = false;
        for section in Section::ALL {
            model.nav.section = section;
            for size in SIZES {
                model.size = size;
                let screen = render_to_string(&model, size.0, size.1);
                check(name, section, &model, size, &screen);
            }
        }
    }
}

#[test]
fn every_screen_has_header_next_line_and_help_and_fits() {
    each(|state, section, _, (columns, rows), screen| {
        let at = format!("{state} {section:?} {columns}x{rows}\n{screen}");
        let lines: Vec<&str> = screen.lines().collect();
        assert_eq!(lines.len(), usize::from(rows), "{at}");
        assert!(lines.iter().all(|line| width(line) == usize::from(columns)), "{at}");
        assert!(lines[0].contains("SIMULATED") && lines[0].contains("token"), "{at}");
        assert!(lines[usize::from(rows) - 2].starts_with(" Next "), "{at}");
        assert!(lines[usize::from(rows) - 1].contains("? help"), "{at}");
        assert!(screen.contains(section.name()), "{at}");
    });
}

#[test]
fn exactly_one_cursor_says_where_keys_go() {
    each(|state, section, _, size, screen| {
        assert_eq!(screen.matches('▸').count(), 1, "{state} {section:?} {size:?}\n{screen}");
    });
}

#[test]
fn the_cursor_moves_from_pane_to_pane() {
    for section in Section::ALL {
        for pane in [Pane::Menu, Pane::Body, Pane::Side] {
            let mut model = fixture::full();
            (model.nav.section, model.nav.pane) = (section, pane);
            for (columns, rows) in SIZES {
                let screen = render_to_string(&model, columns, rows);
                assert_eq!(screen.matches('▸').count(), 1, "{section:?} {pane:?} {columns}x{rows}\n{screen}");
            }
        }
    }
}

#[test]
fn a_box_takes_the_cursor_and_leaves_header_and_keys_alone() {
    for size in SIZES {
        for overlay in [
            Overlay::Help(0),
            Overlay::Ask(Question::Apply, 0),
            Overlay::Ask(Question::Leave, 0),
            Overlay::Palette("".into(), 0),
            Overlay::Messages(0),
            Overlay::Find("a".into()),
        ] {
            let mut model = fixture::full();
            model.nav.section = Section::Review;
            let name = format!("{overlay:?}");
            model.front.overlay = Some(overlay);
            let screen = render_to_string(&model, size.0, size.1);
            assert_eq!(screen.matches('▸').count(), 1, "{name} {size:?}\n{screen}");
            assert!(screen.lines().next().is_some_and(|line| line.contains("SIMULATED")), "{name}");
            assert!(screen.contains('┌') && screen.contains('┘'), "{name}");
        }
    }
}

#[test]
fn unknown_prices_and_facts_say_so() {
    let mut model = fixture::at_start();
    model.nav.welcome = false;
    model.nav.section = Section::Gpu;
    let screen = render_to_string(&model, 120, 40);
    assert!(screen.contains("price unknown"), "{screen}");
    assert!(!screen.contains('$'), "{screen}");
    model.nav.section = Section::Network;
    assert!(render_to_string(&model, 120, 40).contains("not read yet"));
}

#[test]
fn the_sections_show_what_was_read() {
    let mut model = fixture::full();
    let cases = [
        (Section::Connect, vec!["(•) orbit-train", "orbit-ml, 111122223333", "47m left", "–  orbit-auto"]),
        (Section::Components, vec!["Pod Identity agent", "1.3.10", "install", "Karpenter", "off"]),
        (Section::Gpu, vec!["8 × H200 141 GiB", "192 vCPU", "16 EFA", ".env:7", "(•) on-demand"]),
        (
            Section::Network,
            vec!["(•) C", "10.40.18.0/23", "498", "primary-efa", "E+", "as set", "100", "dedicated-primary"],
        ),
        (Section::Drivers, vec!["1.35.6-20260714", "AL2023_x86_64_NVIDIA", "(•) ami"]),
        (Section::Preflight, vec!["CAP-001", "NET-003", "total", "EVIDENCE"]),
        (Section::Review, vec!["plan 7f3a9c", "CREATE 4", "KEEP 1", "gpu.gpu-compute.nodegroup", "BECAUSE"]),
        (Section::Apply, vec!["run 8c21", "5 of 5 done", "Device plugins"]),
        (Section::Verify, vec!["GPU LADDER", "EFA-004", "short 11 of 11", "EXPECT"]),
        (Section::Health, vec!["✓ 16 of 16", "✓ 32 of 32", "580.159.03", "EBS CSI driver", "298 free"]),
    ];
    for (section, wanted) in cases {
        model.nav.section = section;
        let screen = render_to_string(&model, 120, 40);
        for text in wanted {
            assert!(screen.contains(text), "{text} in {section:?}\n{screen}");
        }
    }
}

#[test]
fn a_failure_keeps_what_was_known_and_gives_it_an_age() {
    let mut model = fixture::full();
    model.nav.section = Section::Connect;
    model.world.facts.end(Err(Problem::new(ProblemKind::Throttled, "EKS answers too slowly.")), fixture::night());
    let screen = render_to_string(&model, 120, 40);
    assert!(
        screen.contains("orbit-train")
            && screen.contains("EKS answers too slowly.")
            && screen.contains("Below is what was read at"),
        "{screen}"
    );
}

#[test]
fn a_window_that_is_too_small_says_what_it_needs() {
    let model = fixture::full();
    assert!(render_to_string(&model, 56, 14).contains("60 columns and 18 rows"));
    assert!(render_to_string(&model, 20, 6).contains("60 × 18 needed."));
    assert!(render_to_string(&model, 8, 3).contains("small"));
}

#[test]
fn the_ascii_frame_has_the_same_shape() {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    let mut model = fixture::full();
    let area = Rect::new(0, 0, 120, 40);
    for section in Section::ALL {
        model.nav.section = section;
        let draw = |ascii| {
            let mut buf = Buffer::empty(area);
            crate::tui::frame::view(&model, Theme { no_color: false, ascii }, area, &mut buf);
            buf
        };
        let (plain, ascii) = (draw(false), draw(true));
        for (one, other) in plain.content().iter().zip(ascii.content()) {
            assert!(other.symbol().is_ascii(), "{section:?} {:?}", other.symbol());
            if one.symbol().is_ascii() {
                assert_eq!(one, other, "{section:?}");
            }
        }
        assert!(
            ascii.content().iter().all(|cell| cell.symbol() != "?")
                || plain.content().iter().any(|cell| cell.symbol() == "?"),
            "{section:?}"
        );
    }
}
