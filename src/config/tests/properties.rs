//! What holds for any text and any sequence of edits.

use std::path::Path;

use proptest::prelude::*;

use crate::config::{Draft, EnvFile, Layer, registry, validate};

/// Text that is often nearly an env file.
fn almost_env() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(registry().iter().map(|def| def.name.to_owned()).collect::<Vec<_>>()),
        8 => prop::sample::select(vec!["=", "\n", "\r\n", "\"", "'", "#", " ", "\\", "$", "${", "}", "export ", "A", "${A}", "\u{feff}"])
            .prop_map(str::to_owned),
        2 => "[ -~]{0,12}",
        1 => "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn parse(text: &str) -> EnvFile {
    EnvFile::parse(Path::new("x.env"), text).0
}

fn meaning(file: &EnvFile) -> Vec<(String, String)> {
    file.assignments().map(|of| (of.name.to_owned(), of.text.to_owned())).collect()
}

fn draft(file: &EnvFile) -> Draft {
    let mut draft = Draft::default();
    for of in file.assignments() {
        draft.set_at(of.name, of.text, Layer::File { path: "x.env".into() }, Some(of.line));
    }
    draft
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (file, _) = EnvFile::from_bytes(Path::new("x.env"), &bytes);
        let _ = validate(&draft(&file));
    }

    #[test]
    fn any_text_is_validated_without_panic_and_kept_byte_for_byte(text in almost_env()) {
        let (file, _) = EnvFile::parse(Path::new("x.env"), &text);
        prop_assert_eq!(file.to_string(), text.clone());
        let _ = validate(&draft(&file));
        prop_assert_eq!(meaning(&parse(&file.to_string())), meaning(&file));
    }

    #[test]
    fn names_and_values_are_those_of_dotenvy(text in almost_env()) {
        // References and marks are ours; a value with neither must be exactly what dotenvy reads.
        let text = text.replace(['$', '\u{feff}'], "") + "\n";
        // Comments after several blanks are read better here than there.
        prop_assume!(!text.split('#').any(|before| before.chars().rev().take_while(|c| c.is_whitespace()).count() > 1));
        let theirs: Result<Vec<(String, String)>, _> = dotenvy::from_read_iter(text.as_bytes()).collect();
        if let Ok(theirs) = theirs {
            let (ours, issues) = EnvFile::parse(Path::new("x.env"), &text);
            prop_assert!(issues.iter().all(|issue| issue.check.as_str() != "CFG-007"), "{:?}", issues);
            for (mine, other) in meaning(&ours).into_iter().zip(&theirs) {
                prop_assert!(mine == *other || mine.1 == "<withheld>", "{:?} {:?}", mine, other);
            }
            prop_assert_eq!(ours.assignments().count(), theirs.len());
        }
    }

    #[test]
    fn any_edits_leave_a_loadable_file_and_other_lines_alone(
        text in almost_env(),
        edits in prop::collection::vec((prop::sample::select(registry().iter().map(|def| def.name).collect::<Vec<_>>()), "\\PC{0,12}|[ -~\n\"'\\\\#$]{0,12}"), 1..8),
    ) {
        let mut file = parse(&text);
        let before: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let faults = EnvFile::parse(Path::new("x.env"), &text).1.iter().filter(|issue| issue.is_error()).count();
        for (name, value) in &edits {
            let template = value.replace('$', "$$");
            if file.set(name, &template).is_ok() {
                let again = parse(&file.to_string());
                prop_assert_eq!(again.get(name), Some(template.as_str()), "{:?}", file.to_string());
                prop_assert_eq!(meaning(&again), meaning(&file));
            }
        }
        let after = file.to_string();
        let faults_after = EnvFile::parse(Path::new("x.env"), &after).1.iter().filter(|issue| issue.is_error()).count();
        prop_assert_eq!(faults_after, faults);
        for line in before.iter().filter(|line| line.trim_start().starts_with('#') && line.ends_with('\n') && !text.contains(['"', '\''])) {
            prop_assert!(after.contains(line.as_str()), "{:?} is gone", line);
        }
    }
}
