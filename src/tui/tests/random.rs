//! Any keys, any size: the wizard never panics, never applies without the question, and always draws one cursor.

use proptest::prelude::*;

use crate::tui::effects::Effect;
use crate::tui::fixture;
use crate::tui::frame::render_to_string;
use crate::tui::model::Model;
use crate::tui::msg::{Key, Msg};
use crate::tui::update::update;

fn any_key() -> impl Strategy<Value = Key> {
    prop_oneof![
        8 => proptest::sample::select(" 0123456789nN/:?yY+rsufaepLvqMhjklgG".chars().collect::<Vec<_>>()).prop_map(Key::Char),
        4 => proptest::sample::select(vec![Key::Enter, Key::Esc, Key::Tab, Key::BackTab, Key::Up, Key::Down, Key::Left, Key::Right]),
        1 => proptest::sample::select(vec![Key::PageUp, Key::PageDown, Key::Home, Key::End, Key::Backspace, Key::Delete, Key::Ctrl('c'), Key::Ctrl('u')]),
        1 => any::<char>().prop_map(Key::Char),
    ]
}

fn any_model() -> impl Strategy<Value = usize> {
    0..5_usize
}

fn model_of(which: usize) -> Model {
    let mut model = fixture::full();
    match which {
        0 => return fixture::at_start(),
        1 => {
            model.run.view = fixture::running();
            model.run.alive = true;
        }
        2 => model.run.view = fixture::failed(),
        3 => model.world.plan.end(Ok(fixture::blocked()), fixture::night()),
        _ => {}
    }
    model
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_keys_in_any_window(which in any_model(), keys in proptest::collection::vec(any_key(), 0..40), columns in 1_u16..200, rows in 1_u16..60) {
        let mut model = model_of(which);
        model.size = (columns, rows);
        let mut asked = false;
        for key in keys {
            let before = model.front.overlay.is_some();
            let effects = update(&mut model, Msg::Key(key));
            asked |= before;
            if effects.iter().any(|effect| matches!(effect, Effect::Apply | Effect::Resume(_))) {
                prop_assert!(before && asked, "applied without a question");
            }
        }
        let screen = render_to_string(&model, columns, rows);
        prop_assert_eq!(screen.lines().count(), usize::from(rows));
        if columns >= 60 && rows >= 18 {
            prop_assert_eq!(screen.matches('▸').count(), 1, "{}", screen);
        }
    }

    #[test]
    fn any_text_typed_into_a_field_is_kept_or_undone(text in "\\PC{0,40}") {
        let mut model = fixture::full();
        model.nav.section = crate::tui::section::Section::Gpu;
        model.nav.cursors[2] = Some(crate::tui::widgets::rows::Target::Field("GPU_NODE_GROUP_NAME"));
        update(&mut model, Msg::Key(Key::Enter));
        prop_assert!(model.front.edit.is_some());
        update(&mut model, Msg::Key(Key::Ctrl('u')));
        update(&mut model, Msg::Paste(text));
        render_to_string(&model, 80, 24);
        update(&mut model, Msg::Key(Key::Esc));
        prop_assert_eq!(model.value("GPU_NODE_GROUP_NAME"), "gpu-compute");
    }
}
