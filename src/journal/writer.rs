//! Appends records. A record that must be durable is on the disk before `append` returns.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::record::Record;

/// Takes records in order. The sequencer of a run is its only caller.
pub trait Log: Send {
    /// Appends one record, and waits for the disk if [`Record::is_durable`].
    ///
    /// # Errors
    /// Whatever the disk says; the record then counts as not written and the run stops.
    fn append(&mut self, record: &Record) -> io::Result<()>;
}

/// The journal file of one run, open for appending.
#[derive(Debug)]
pub struct Writer {
    file: File,
    path: PathBuf,
}

impl Writer {
    /// Makes the file (mode 0600) and its folders (mode 0700).
    ///
    /// # Errors
    /// When a file of this name exists or the folder cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(path)?;
        if let Some(folder) = path.parent() {
            // Without this a power cut can lose the name of a file whose content is safe.
            File::open(folder)?.sync_all()?;
        }
        Ok(Self { file, path: path.to_owned() })
    }

    /// Opens an existing file behind its last whole record, `end` bytes from its start; a torn tail is cut off.
    ///
    /// # Errors
    /// When the file cannot be opened for writing.
    pub fn reopen(path: &Path, end: u64) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(end)?;
        let mut file = file;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Log for Writer {
    fn append(&mut self, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record).map_err(io::Error::other)?;
        line.push(b'\n');
        // One write a line: a kill leaves at most one torn line, and that at the end.
        self.file.write_all(&line)?;
        if record.is_durable() { self.file.sync_data() } else { Ok(()) }
    }
}

/// Makes a folder and its parents with mode 0700; those that exist are left alone.
pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
