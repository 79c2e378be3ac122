//! The window itself: its size, its colours, and what it costs to look at it.

use std::time::Duration;

use crate::terminal::Home;

#[test]
fn the_wizard_follows_the_size_of_its_window() {
    let home = Home::new();
    let mut wizard = home.wizard((120, 40), &["--simulate"]);
    wizard.shows("▸ in the simulator");
    wizard.enter().shows("WHAT ANSWERS").shows("9 Verify");
    wizard.resize((80, 24));
    wizard.shows("▹1 Connect").no_longer_shows("9 Verify");
    wizard.resize((40, 10));
    wizard.says("eks-wizard needs 60 columns and 18 rows; here are 40 and 10.");
    wizard.resize((120, 40));
    wizard.shows("9 Verify").shows("WHO YOU ARE");
    wizard.types("3").shows("Instance type");
    wizard.types("q");
    assert_eq!(wizard.ends(), 0);
}

/// The parameters of every SGR sequence (`ESC [ … m`).
fn attributes(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.split("\x1b[")
        .filter_map(|part| {
            let (parameters, _) = part.split_once('m')?;
            parameters.chars().all(|one| one.is_ascii_digit() || one == ';').then(|| parameters.to_owned())
        })
        .collect()
}

/// Whether an SGR sequence sets a colour other than the terminal's own.
fn colours(parameters: &str) -> bool {
    parameters
        .split(';')
        .filter_map(|one| one.parse::<u8>().ok())
        .any(|one| matches!(one, 30..=38 | 40..=48 | 58 | 90..=97 | 100..=107))
}

#[test]
fn no_color_leaves_attributes_and_takes_every_colour() {
    let home = Home::new();
    let walk = |environment: &[(&str, &str)]| {
        let mut wizard = home.wizard_with((120, 40), &["--simulate"], environment);
        wizard.shows("▸ in the simulator");
        wizard.enter().shows("▸ (•) orbit-train");
        wizard.enter().shows("✓ answers");
        wizard.types("q");
        assert_eq!(wizard.ends(), 0);
        attributes(&wizard.bytes())
    };
    let plain = walk(&[("NO_COLOR", "1")]);
    assert!(!plain.is_empty(), "bold, dim and reverse stay");
    assert_eq!(plain.iter().filter(|one| colours(one)).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(walk(&[]).iter().any(|one| colours(one)), "without NO_COLOR there are colours");
}

#[test]
fn a_settled_screen_writes_nothing() {
    let home = Home::new();
    let mut wizard = home.wizard((120, 40), &["--simulate"]);
    wizard.shows("▸ in the simulator");
    wizard.enter().shows("▸ (•) orbit-train");
    wizard.enter().shows("✓ answers");
    assert!(wizard.rests(Duration::from_secs(2)), "{}", wizard.screen());
}
