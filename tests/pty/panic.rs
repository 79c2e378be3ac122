//! A panic gives the terminal back before it is told.
//!
//! The product has no switch that makes it panic, so this test binary runs itself in a terminal: its second self takes the
//! terminal as the wizard does and panics.

use eks_wizard::tui::terminal::Screen;
use portable_pty::CommandBuilder;

use crate::terminal::{Terminal, position};

/// Set for the second self only.
const SECOND: &str = "EKS_WIZARD_PTY_SECOND_SELF";
const SAYS: &str = "a panic while the terminal is taken";

#[test]
fn second_self_panics() {
    if std::env::var_os(SECOND).is_some() {
        let _screen = Screen::enter().unwrap();
        panic!("{SAYS}");
    }
}

#[test]
fn a_panic_gives_the_terminal_back_first() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["panic::second_self_panics", "--exact", "--nocapture", "--test-threads=1"]);
    command.env(SECOND, "1");
    let mut terminal = Terminal::start((80, 24), command);
    assert_ne!(terminal.ends(), 0);
    assert!(terminal.is_restored());
    let bytes = terminal.bytes();
    let find = |text: &str| position(&bytes, text.as_bytes());
    let (taken, left, told) = (find("\x1b[?1049h"), find("\x1b[?1049l"), find(SAYS));
    assert!(taken.is_some() && taken < left && left < told, "{taken:?} {left:?} {told:?}");
    assert!(find("\x1b[?25h") < told);
}
