//! A data directory of its own, and commands that work in it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The password that people begin with.
pub(crate) const PASSWORD: &str = "a lantern over the harbour";

/// A directory with a data directory in it, and nothing of the environment.
pub(crate) struct Home {
    directory: TempDir,
    environment: Vec<(&'static str, &'static str)>,
}

/// A person as `user add` made them.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) phone: &'static str,
    pub(crate) email: &'static str,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { directory: TempDir::new().unwrap(), environment: Vec::new() }
    }

    pub(crate) fn with_environment(self, environment: &[(&'static str, &'static str)]) -> Self {
        Self { environment: environment.to_vec(), ..self }
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(name), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("ciam-data").join(name)
    }

    /// The command, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ciam-server"));
        command.args(arguments).current_dir(self.directory.path()).env_clear();
        command.envs(self.environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command to its end with a text on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// A person with phone, e-mail address and [`PASSWORD`].
    pub(crate) fn person(&self) -> Person {
        let (phone, email) = ("+8613800000001", "alice@example.com");
        let arguments =
            ["user", "add", "--username", "alice", "--phone", "+86 13800000001", "--email", email];
        let arguments = [&arguments[..], &["--password-stdin"]].concat();
        let output = self.run_with_input(&arguments, &format!("{PASSWORD}\n"));
        assert_eq!(output.status.code(), Some(0), "{}", error_of(&output));
        let made: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(made["username"], "alice");
        Person { id: made["userId"].as_str().unwrap().to_owned(), phone, email }
    }

    /// A token of a new session.
    pub(crate) fn token(&self, person: &Person) -> String {
        let output = self.run(&["token", "issue", "--user", &person.id]);
        assert_eq!(output.status.code(), Some(0), "{}", error_of(&output));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// The newest code that went to an address.
    pub(crate) fn code_to(&self, address: &str) -> String {
        let messages = messages(&self.path("messages.jsonl"));
        let mut to_address = messages.iter().rev().filter(|message| message["to"] == address);
        to_address.find_map(|message| message["code"].as_str()).unwrap().to_owned()
    }
}

pub(crate) fn messages(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a command said on standard error.
pub(crate) fn error_of(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
