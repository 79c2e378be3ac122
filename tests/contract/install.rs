//! The emulators' virtual environment, made once in the target folder.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is installed, with exact versions: answers differ between releases.
const PACKAGES: [&str; 2] = ["moto[server]==5.2.5", "ministack==1.5.33"];

/// The folder of the environment's programs, or why there is none.
pub fn programs() -> Result<PathBuf, String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let venv = target.join("contract-venv");
    // Test binaries of several processes start at once; one installs, the others wait here.
    let lock = File::create(target.join("contract-venv.lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let (programs, mark) = (venv.join("bin"), venv.join("installed"));
    // Its scripts hold absolute paths, so an environment that was moved is made anew.
    let wanted = format!("{}\n{}", venv.display(), PACKAGES.join("\n"));
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(programs);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "20"];
    run(Command::new(programs.join("python")).args(pip).args(PACKAGES))?;
    // Written last: an installation that was killed has no mark and is made anew.
    std::fs::write(&mark, wanted).map_err(|error| error.to_string())?;
    Ok(programs)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
}
