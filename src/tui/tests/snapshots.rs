//! Each section as operators see it, wide and narrow, over the fixture world. `INSTA_UPDATE=always` writes them again.

use crate::tui::fixture;
use crate::tui::frame::render_to_string;
use crate::tui::model::{Model, Overlay, Question};
use crate::tui::section::Section;

const SIZES: [(u16, u16); 2] = [(120, 40), (80, 24)];

/// Compares the frame with the recorded one. Trailing blanks are left out: another test counts columns.
fn compare(name: &str, model: &mut Model) {
    for (columns, rows) in SIZES {
        model.size = (columns, rows);
        let screen = render_to_string(model, columns, rows);
        let screen: Vec<&str> = screen.lines().map(str::trim_end).collect();
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(format!("{name}-{columns}"), screen.join("\n")));
    }
}

#[test]
fn each_section_looks_as_recorded() {
    let mut model = fixture::full();
    for section in Section::ALL {
        model.nav.section = section;
        let name = section.name().to_lowercase().replace(' ', "-");
        compare(&name, &mut model);
    }
}

#[test]
fn start_run_failure_and_question_look_as_recorded() {
    compare("welcome", &mut fixture::at_start());
    let mut model = fixture::full();
    model.nav.section = Section::Apply;
    model.run.view = fixture::running();
    model.run.alive = true;
    compare("apply-running", &mut model);
    model.run.view = fixture::failed();
    model.run.alive = false;
    compare("apply-failed", &mut model);
    let mut model = fixture::full();
    model.nav.section = Section::Preflight;
    model.world.plan.end(Ok(fixture::blocked()), fixture::night());
    compare("preflight-blocked", &mut model);
    let mut model = fixture::full();
    model.nav.section = Section::Review;
    model.front.overlay = Some(Overlay::Ask(Question::Apply, 0));
    compare("apply-question", &mut model);
}
