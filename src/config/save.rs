//! Writing an env file: all of it or nothing, and never over a change that somebody else made.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::diff::{self, Difference};
use super::file::EnvFile;
use crate::domain::problem::{Problem, ProblemKind};

impl EnvFile {
    /// Writes the file in one step: a new file beside it, synced, renamed over it. Mode and symbolic links stay.
    ///
    /// # Errors
    /// Somebody else changed the file since it was read, it is not text, or the disk refuses.
    pub fn save(&mut self) -> Result<(), Problem> {
        if self.broken {
            return Err(unwritten(&self.path).because("The file is not UTF-8 text."));
        }
        if let Some(meanwhile) = self.meanwhile()? {
            let hint = "Read the file again, then make the changes again.";
            let problem = Problem { kind: ProblemKind::Conflict, ..unwritten(&self.path) };
            let why = format!("Somebody else changed the file since it was read:\n{meanwhile}");
            return Err(problem.because(why).hint(hint));
        }
        let text = self.to_string();
        replace(&self.path, text.as_bytes()).map_err(|error| unwritten(&self.path).because(reason(&error)))?;
        self.seen = Some(text.into_bytes());
        Ok(())
    }

    /// Whether the file on disk is no longer the one that was read.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn changed_on_disk(&self) -> Result<bool, Problem> {
        Ok(self.on_disk()? != self.seen)
    }

    /// What somebody else changed since the file was read or written here; nothing when it is the same.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn meanwhile(&self) -> Result<Option<Difference>, Problem> {
        let now = self.on_disk()?;
        if now == self.seen {
            return Ok(None);
        }
        let file = |bytes: &Option<Vec<u8>>| Self::from_bytes(&self.path, bytes.as_deref().unwrap_or_default()).0;
        Ok(Some(diff::between(&file(&self.seen), &file(&now))))
    }

    /// The file as it is on disk now; without edits.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn again(&self) -> Result<Self, Problem> {
        Ok(match self.on_disk()? {
            Some(bytes) => Self::from_bytes(&self.path, &bytes).0,
            None => Self::empty(&self.path),
        })
    }

    fn on_disk(&self) -> Result<Option<Vec<u8>>, Problem> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unwritten(&self.path).because(reason(&error))),
        }
    }
}

fn unwritten(path: &Path) -> Problem {
    Problem::new(ProblemKind::Usage, format!("{} is not written.", path.display()))
}

/// An I/O error in the operator's words.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "The file does not exist.".to_owned(),
        io::ErrorKind::PermissionDenied => "Permission is denied.".to_owned(),
        io::ErrorKind::IsADirectory => "It is a folder.".to_owned(),
        _ => format!("{error}."),
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = follow(path);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new().prefix(".env-").tempfile_in(folder)?;
    new.write_all(bytes)?;
    if let Ok(old) = fs::metadata(&target) {
        new.as_file().set_permissions(old.permissions())?;
    }
    new.as_file().sync_all()?;
    new.persist(&target).map_err(|error| error.error)?;
    // A rename lasts only once its folder is on disk; a file system that cannot sync folders has done it already.
    File::open(folder).and_then(|folder| folder.sync_all()).or(Ok(()))
}

/// The file behind a chain of symbolic links, even when it does not exist yet.
fn follow(path: &Path) -> PathBuf {
    let mut at = path.to_owned();
    for _ in 0..16 {
        let Ok(next) = fs::read_link(&at) else { break };
        at = at.parent().map_or_else(|| next.clone(), |folder| folder.join(&next));
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> EnvFile {
        EnvFile::from_bytes(path, &fs::read(path).unwrap()).0
    }

    #[test]
    fn saving_keeps_comments_and_detects_another_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, "# mine\nGPU_MAX_SIZE=2 # two\n").unwrap();
        let mut file = read(&path);
        file.set("GPU_MAX_SIZE", "4").unwrap();
        file.save().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\nGPU_MAX_SIZE=4 # two\n");
        file.set("GPU_MAX_SIZE", "5").unwrap();
        file.save().unwrap();
        assert_eq!(file.meanwhile().unwrap(), None);

        fs::write(&path, "# theirs\n").unwrap();
        let problem = file.save().unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Conflict);
        let shown = problem.to_string();
        assert!(shown.contains("-    2  GPU_MAX_SIZE=5 # two") && shown.contains("+    1  # theirs"), "{shown}");
        assert!(file.meanwhile().unwrap().is_some() && file.changed_on_disk().unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "# theirs\n");
    }

    #[test]
    fn a_new_file_is_made_but_not_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.env");
        let mut file = EnvFile::empty(&path);
        file.set("CLUSTER_NAME", "orbit-train").unwrap();
        file.save().unwrap();
        assert!(fs::read_to_string(&path).unwrap().ends_with("CLUSTER_NAME=orbit-train\n"));
        assert!(EnvFile::empty(&path).save().is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_symlink_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real.env");
        let link = folder.path().join(".env");
        fs::write(&real, "A=1\n").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real.env", &link).unwrap();
        let mut file = read(&link);
        file.set("A", "2").unwrap();
        file.save().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().file_type().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "A=2\n");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_file_that_is_not_text_is_never_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, b"A=1\nB=\xff\n").unwrap();
        let (mut file, issues) = EnvFile::from_bytes(&path, &fs::read(&path).unwrap());
        let place = issues[0].at.as_ref().unwrap();
        assert_eq!((place.line, place.column), (2, Some(3)));
        assert!(file.set("A", "2").is_err() && file.save().is_err());
        assert_eq!(fs::read(&path).unwrap(), b"A=1\nB=\xff\n");
    }
}
