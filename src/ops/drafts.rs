//! What an operator typed and did not save: kept beside the state, offered when the same env file is opened again.
//!
//! A kept draft holds the texts of variables and nothing else; a value that looked like a secret was withheld before it
//! came here and is left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::folders::Folders;
use crate::config::{self, Draft, MeaningChange, WITHHELD};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::time::Stamp;

/// A kept draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The env file it belongs to.
    pub env_file: PathBuf,
    /// When it was kept.
    pub at: Stamp,
    /// Variables and their templates.
    pub values: BTreeMap<String, String>,
}

/// The files about one env file in the state folder. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Drafts {
    folder: PathBuf,
    env_file: PathBuf,
}

impl Drafts {
    /// Those of `env_file` under the state folder `state`. Nothing is read or made yet.
    pub fn new(state: &Path, env_file: &Path) -> Self {
        // A file that cannot be made absolute is known by the name that was given.
        let env_file = std::path::absolute(env_file).unwrap_or_else(|_| env_file.to_owned());
        Self { folder: state.join("drafts"), env_file }
    }

    /// Keeps what is unsaved in `draft`; when nothing is, removes what was kept.
    ///
    /// # Errors
    /// The state folder cannot be written.
    pub fn keep(&self, draft: &Draft, at: Stamp) -> Result<(), Problem> {
        let values: BTreeMap<String, String> = draft
            .unsaved()
            .filter(|(_, text)| *text != WITHHELD)
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
        if values.is_empty() {
            return self.forget();
        }
        let kept = Kept { env_file: self.env_file.clone(), at, values };
        let text = serde_json::to_string_pretty(&kept).map_err(|error| self.unwritten(&error.to_string()))?;
        self.write("json", &text)
    }

    /// What was kept: only what this version can set. A file that cannot be read is none.
    pub fn kept(&self) -> Option<Kept> {
        let text = fs::read_to_string(self.path("json")).ok()?;
        let mut kept: Kept = serde_json::from_str(&text).ok()?;
        kept.values.retain(|name, _| config::find(name).is_some());
        (kept.env_file == self.env_file && !kept.values.is_empty()).then_some(kept)
    }

    /// Removes what was kept.
    ///
    /// # Errors
    /// The file is there and cannot be removed.
    pub fn forget(&self) -> Result<(), Problem> {
        match fs::remove_file(self.path("json")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(self.unwritten(&error.to_string())),
            _ => Ok(()),
        }
    }

    /// The changes in meaning that were not told yet: all of them, or none.
    pub fn untold(&self, changes: Vec<MeaningChange>) -> Vec<MeaningChange> {
        let told = fs::read_to_string(self.path("told")).unwrap_or_default();
        if told == digest(&changes) { Vec::new() } else { changes }
    }

    /// Remembers that these changes were told. Another edit of the file does not tell them again; a value that makes
    /// another list does.
    ///
    /// # Errors
    /// The state folder cannot be written.
    pub fn told(&self, changes: &[MeaningChange]) -> Result<(), Problem> {
        self.write("told", &digest(changes))
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", hex(self.env_file.as_os_str().as_encoded_bytes())))
    }

    fn write(&self, ending: &str, text: &str) -> Result<(), Problem> {
        Folders::make(&self.folder)?;
        let refused = |error: &std::io::Error| self.unwritten(&error.to_string());
        let mut new = tempfile::NamedTempFile::new_in(&self.folder).map_err(|error| refused(&error))?;
        new.write_all(text.as_bytes()).map_err(|error| refused(&error))?;
        new.persist(self.path(ending)).map_err(|error| refused(&error.error))?;
        Ok(())
    }

    fn unwritten(&self, why: &str) -> Problem {
        let message = format!("The draft of {} is not kept in {}.", self.env_file.display(), self.folder.display());
        Problem::new(ProblemKind::Usage, message).because(why)
    }
}

fn digest(changes: &[MeaningChange]) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let told: Vec<String> = changes.iter().map(ToString::to_string).collect();
    hex(told.join("\n").as_bytes())
}

/// The first 16 bytes of SHA-256, in hex.
fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EnvFile, Layer, import};

    fn night() -> Stamp {
        "2026-07-01T03:12:00Z".parse().unwrap()
    }

    fn edited() -> Draft {
        let mut draft = Draft::default();
        draft.set("GPU_MAX_SIZE", "2", Layer::File { path: ".env".into() });
        draft.set("GPU_MAX_SIZE", "4", Layer::Wizard);
        draft.set("GPU_SUBNET", "${PRIVATE_SUBNET_A}", Layer::Wizard);
        draft.set("CLUSTER_NAME", "AKIAIOSFODNN7EXAMPLE", Layer::Wizard);
        draft
    }

    #[test]
    fn what_is_unsaved_comes_back_without_secrets() {
        let state = tempfile::tempdir().unwrap();
        let drafts = Drafts::new(state.path(), Path::new("/work/.env"));
        assert_eq!(drafts.kept(), None);
        drafts.keep(&edited(), night()).unwrap();
        let kept = drafts.kept().unwrap();
        let values: Vec<(&str, &str)> = kept.values.iter().map(|(name, text)| (&**name, &**text)).collect();
        assert_eq!(values, [("GPU_MAX_SIZE", "4"), ("GPU_SUBNET", "${PRIVATE_SUBNET_A}")]);
        assert_eq!(Drafts::new(state.path(), Path::new("/work/other.env")).kept(), None);
    }

    #[test]
    fn nothing_unsaved_is_nothing_kept() {
        let state = tempfile::tempdir().unwrap();
        let drafts = Drafts::new(state.path(), Path::new("/work/.env"));
        drafts.keep(&edited(), night()).unwrap();
        drafts.keep(&Draft::default(), night()).unwrap();
        assert_eq!(drafts.kept(), None);
        drafts.forget().unwrap();
    }

    #[test]
    fn a_file_that_is_no_draft_is_none() {
        let state = tempfile::tempdir().unwrap();
        let drafts = Drafts::new(state.path(), Path::new("/work/.env"));
        drafts.keep(&edited(), night()).unwrap();
        fs::write(drafts.path("json"), "{").unwrap();
        assert_eq!(drafts.kept(), None);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let state = tempfile::tempdir().unwrap();
        let drafts = Drafts::new(state.path(), Path::new("/work/.env"));
        drafts.keep(&edited(), night()).unwrap();
        assert_eq!(fs::metadata(drafts.path("json")).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn changes_in_meaning_are_told_once() {
        let state = tempfile::tempdir().unwrap();
        let drafts = Drafts::new(state.path(), Path::new("/work/.env"));
        let mut draft = Draft::default();
        let text = include_str!("../../tests/configs/valid/original.env");
        draft.reload(&EnvFile::parse(Path::new(".env"), text).0);
        let changes = drafts.untold(import::changes(&draft));
        assert!(!changes.is_empty());
        drafts.told(&changes).unwrap();
        draft.set("GPU_NODE_GROUP_NAME", "other", Layer::Wizard);
        assert_eq!(drafts.untold(import::changes(&draft)), []);
        draft.reload(&EnvFile::parse(Path::new(".env"), &text.replace("=16", "=32")).0);
        assert!(!drafts.untold(import::changes(&draft)).is_empty());
        assert_eq!(drafts.untold(Vec::new()), []);
    }
}
