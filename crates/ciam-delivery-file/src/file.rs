//! The file that messages go to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use ciam_ports::{Clock, DeliveryError, NoticeMessage, NoticeSender, OtpMessage, OtpSender, Source};

use crate::line;

/// Writes messages to a file, one JSON object a line, in the order of the calls.
pub struct FileDelivery {
    path: PathBuf,
    one_at_a_time: Mutex<()>,
    clock: Arc<dyn Clock>,
    language: String,
}

impl FileDelivery {
    /// Makes sure that the file can be appended to; a new one is readable by its owner alone (on Unix).
    ///
    /// # Errors
    /// Whatever opening the file meets with.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> io::Result<Self> {
        opened(path)?;
        let path = path.to_owned();
        Ok(Self { path, one_at_a_time: Mutex::new(()), clock, language: "en".to_owned() })
    }

    /// Sets the language (BCP 47) of notices and of codes that name none; `en` by default. There are texts in English and
    /// Chinese.
    #[must_use]
    pub fn with_language(mut self, language: &str) -> Self {
        language.clone_into(&mut self.language);
        self
    }

    fn append(&self, line: Result<String, Source>) -> Result<(), DeliveryError> {
        let line = line.map_err(DeliveryError::Unavailable)?;
        let _turn = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        self.write(&line).map_err(|error| DeliveryError::Unavailable(Box::new(error)))
    }

    // Opened anew each time, since the file may have been renamed or removed.
    fn write(&self, line: &str) -> io::Result<()> {
        let mut file = opened(&self.path)?;
        if is_torn(&mut file)? {
            return file.write_all(format!("\n{line}").as_bytes());
        }
        file.write_all(line.as_bytes())
    }

    fn check(&self) -> Result<(), DeliveryError> {
        // Looked at first: a pipe without a reader would hold up whoever opens it.
        let special = fs::metadata(&self.path).is_ok_and(|found| !found.is_file());
        let checked = if special { Err(io::Error::other("not a regular file")) } else { opened(&self.path) };
        checked.map(drop).map_err(|error| DeliveryError::Unavailable(Box::new(error)))
    }
}

fn opened(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether the last line has no end, as after a loss of power or on a full disk.
fn is_torn(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[async_trait]
impl OtpSender for FileDelivery {
    async fn send(&self, message: OtpMessage) -> Result<(), DeliveryError> {
        self.append(line::of_code(&message, &self.language, self.clock.now()))
    }

    async fn ping(&self) -> Result<(), DeliveryError> {
        self.check()
    }
}

#[async_trait]
impl NoticeSender for FileDelivery {
    async fn send(&self, message: NoticeMessage) -> Result<(), DeliveryError> {
        self.append(line::of_notice(&message, &self.language, self.clock.now()))
    }

    async fn ping(&self) -> Result<(), DeliveryError> {
        self.check()
    }
}
