//! From nothing prepared to healthy with nine keys.

use crate::terminal::Home;

/// Each key waits for what the one before it brought, as a newcomer does.
fn nine_keys(size: (u16, u16)) {
    let home = Home::new();
    let mut wizard = home.wizard(size, &["--simulate"]);
    wizard.shows("▸ in the simulator");
    wizard.enter().shows("▸ (•) orbit-train");
    wizard.enter().shows("ACTIVE").shows("· 1.35");
    wizard.types("n").shows("NEEDS A LOOK").shows("7 Review: read the plan.");
    wizard.types("n").shows("create 12, change 1").shows("press a to apply.");
    wizard.types("a").shows("▸ (•) not now");
    wizard.down().shows("▸ (•) apply");
    wizard.enter().shows("APPLYING").shows("9 Verify: read what was proven.");
    wizard.types("n").shows("GPU LADDER").shows("0 Health: watch what was installed.");
    wizard.types("n").shows("✓ healthy").shows("✓ 16 of 16").shows("✓ 32 of 32").shows("nothing is wrong.");
    wizard.types("q");
    assert_eq!(wizard.ends(), 0);
    assert!(wizard.is_restored());
}

#[test]
fn nine_keys_lead_to_healthy_in_a_wide_window() {
    nine_keys((120, 40));
}

#[test]
fn the_same_nine_keys_lead_there_in_a_narrow_window() {
    nine_keys((80, 24));
}

#[test]
fn after_an_install_every_section_shows_what_stands_now() {
    let home = Home::new();
    let mut wizard = home.wizard((120, 40), &["--simulate"]);
    wizard.shows("▸ in the simulator");
    wizard.enter().shows("▸ (•) orbit-train");
    wizard.enter().shows("· 1.35");
    wizard.types("7").shows("press a to apply.");
    wizard.types("a").shows("▸ (•) not now");
    wizard.down().enter().shows("9 Verify: read what was proven.").shows("none to install");
    wizard.types("2").shows("1.3.10   keep");
    assert!(!wizard.screen().contains("   install"), "{}", wizard.screen());
    wizard.types("7").shows("nothing to do: everything stands as it should");
    assert!(!wizard.screen().contains("out of date"), "{}", wizard.screen());
}
