//! One process a world: an advisory lock on a file that names its holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Process id; 0 when the file does not tell.
    pub pid: u32,
    /// Host name; `unknown` when the file does not tell.
    pub host: String,
}

/// Why the lock is not ours.
#[derive(Debug)]
pub enum LockError {
    /// Someone else has it.
    Held(Holder),
    /// The file cannot be opened, locked or written.
    Io(io::Error),
}

/// The lock, held until it is dropped. The operating system frees it when the process dies in any way.
#[derive(Debug)]
pub struct DirLock {
    _file: File,
}

impl DirLock {
    /// Takes the lock `path` at once or says who has it.
    ///
    /// # Errors
    /// The holder, or what the file system refuses.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(LockError::Io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held(holder(&mut file))),
            Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
        }
        write_holder(&mut file).map_err(LockError::Io)?;
        Ok(Self { _file: file })
    }
}

fn write_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{} {}", std::process::id(), host_name())
}

fn holder(file: &mut File) -> Holder {
    let mut text = String::new();
    // A holder that has not written its name yet, or an unreadable file, leaves the text empty.
    let _ = file.read_to_string(&mut text);
    let (pid, host) = text.trim().split_once(' ').unwrap_or_default();
    let host = if host.is_empty() { "unknown".to_owned() } else { host.to_owned() };
    Holder { pid: pid.parse().unwrap_or(0), host }
}

/// This machine's name, as Linux tells it; elsewhere the environment's `HOSTNAME`.
fn host_name() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = kernel.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "unknown".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_taker_learns_who_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = DirLock::take(&path).unwrap();
        match DirLock::take(&path) {
            Err(LockError::Held(holder)) => assert_eq!(holder, Holder { pid: std::process::id(), host: host_name() }),
            other => panic!("{other:?}"),
        }
        drop(held);
        assert!(DirLock::take(&path).is_ok());
    }
}
