//! The process that is killed, seen from outside.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use crate::note::Note;

/// Names the folder to the process that is to be killed.
pub(crate) const FOLDER: &str = "CIAM_CRASH_FOLDER";
/// Names its round to it.
pub(crate) const ROUND: &str = "CIAM_CRASH_ROUND";

/// A process on random journeys. It is killed when this is dropped.
pub(crate) struct Victim {
    child: Child,
    notes: Receiver<Note>,
}

impl Victim {
    pub(crate) fn start(folder: &Path, round: u64) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["journeys_until_killed", "--exact", "--nocapture"])
            .env(FOLDER, folder)
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let (said, notes) = channel();
        let output = child.stdout.take().unwrap();
        std::thread::spawn(move || listen(output, &mut |note| said.send(note).is_ok()));
        Self { child, notes }
    }

    /// The next notes, as many as are asked for.
    pub(crate) fn notes(&mut self, count: usize) -> Vec<Note> {
        self.notes.iter().take(count).collect()
    }

    /// Kills it (`SIGKILL`), and gives what it said and nobody has heard yet.
    pub(crate) fn kill(mut self) -> Vec<Note> {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert!(!status.success() && status.code().is_none(), "it ended by itself: {status}");
        self.notes.iter().collect()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads whole lines; one that the kill cut off was never said.
fn listen(output: ChildStdout, hear: &mut dyn FnMut(Note) -> bool) {
    let mut output = BufReader::new(output);
    let mut line = String::new();
    while output.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
        if line.starts_with('{') && !hear(serde_json::from_str(&line).expect("a note")) {
            return;
        }
        line.clear();
    }
}
