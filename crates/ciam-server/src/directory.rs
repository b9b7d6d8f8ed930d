//! The data directory and the keys in it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ciam::domain::secret::SecretText;
use ciam::ports::RandomError;

use crate::stop::Stop;

/// The file of the key that digests are made with, which every data directory has.
pub(crate) const DIGEST_KEY: &str = "digest-key";

/// A directory that belongs to its owner alone.
#[derive(Debug, Clone)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// Opens a directory and makes it where there is none.
    ///
    /// # Errors
    /// [`Stop::Refused`] when it cannot be made.
    pub(crate) fn open(path: &Path) -> Result<Self, Stop> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(|error| Stop::failed(path.display(), &error))?;
        if let Some(mode) = open_to_others(path)? {
            let path = path.display();
            tracing::warn!(%path, "the data directory is open to others (mode {mode:o}); chmod 700 closes it");
        }
        Ok(Self(path.to_owned()))
    }

    /// Opens a directory in which somebody worked before.
    ///
    /// # Errors
    /// [`Stop::Refused`] where nobody did, so that no command on a mistyped path makes one.
    pub(crate) fn existing(path: &Path) -> Result<Self, Stop> {
        if !path.join(DIGEST_KEY).is_file() {
            return Err(Stop::Refused(format!("there is no data directory at {}", path.display())));
        }
        Self::open(path)
    }

    /// The path of a file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The text of a file that is made once and never written again, however many processes begin at once.
    ///
    /// # Errors
    /// [`Stop::Refused`] when the file can neither be read nor made, [`Stop::Unusable`] when others may use it.
    pub(crate) fn keep_once(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<SecretText, RandomError>,
    ) -> Result<SecretText, Stop> {
        let path = self.file(name);
        if !path.exists() {
            let text = make().map_err(|error| Stop::failed(name, &error))?;
            self.place(&path, &text).map_err(|error| Stop::failed(path.display(), &error))?;
        }
        if let Some(mode) = open_to_others(&path)? {
            let path = path.display();
            return Err(Stop::Unusable(format!(
                "{path} is open to others (mode {mode:o}): make a new key if they may have read it, else chmod 600 {path}"
            )));
        }
        let text = fs::read_to_string(&path).map_err(|error| Stop::failed(path.display(), &error))?;
        Ok(SecretText::new(text))
    }

    // Written in full under another name first, so that no process ever reads half a key.
    fn place(&self, path: &Path, text: &SecretText) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
        file.write_all(text.expose().as_bytes())?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
            Ok(_) | Err(_) => fs::File::open(&self.0)?.sync_all(),
        }
    }
}

/// The mode of what others than its owner may read or write; on Unix alone.
fn open_to_others(path: &Path) -> Result<Option<u32>, Stop> {
    #[cfg(unix)]
    {
        let found = fs::metadata(path).map_err(|error| Stop::failed(path.display(), &error))?;
        let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o777;
        Ok((mode & 0o077 != 0).then_some(mode))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn everyone_who_begins_at_once_reads_the_same_key() {
        let home = tempfile::tempdir().unwrap();
        let directory = Directory::open(&home.path().join("data")).unwrap();
        let count = AtomicUsize::new(0);
        let seen: BTreeSet<String> = std::thread::scope(|scope| {
            let readers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let number = count.fetch_add(1, Ordering::SeqCst);
                        let make = || Ok(SecretText::new(format!("key {number}")));
                        directory.keep_once("key", make).unwrap().expose().to_owned()
                    })
                })
                .collect();
            readers.into_iter().map(|reader| reader.join().unwrap()).collect()
        });
        assert_eq!(seen.len(), 1);
        assert_eq!(fs::read_dir(home.path().join("data")).unwrap().count(), 1);
    }

    #[test]
    fn a_directory_that_must_exist_is_not_made() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("mistyped");
        assert!(matches!(Directory::existing(&path), Err(Stop::Refused(_))));
        assert!(!path.exists());
        let made = Directory::open(&path).unwrap();
        assert!(matches!(Directory::existing(&path), Err(Stop::Refused(_))), "somebody else's");
        made.keep_once(DIGEST_KEY, || Ok(SecretText::new("key".to_owned()))).unwrap();
        Directory::existing(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn directory_and_keys_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("data");
        let directory = Directory::open(&path).unwrap();
        directory.keep_once("key", || Ok(SecretText::new("secret".to_owned()))).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join("key"))), (0o700, 0o600));
    }
}
