//! The process of the issuer.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// An issuer, until it is dropped. It ends by itself where this process does.
pub(crate) struct Node {
    process: Child,
    /// Kept open: the issuer would end where nobody reads what it says.
    _output: BufReader<ChildStdout>,
    issuer: String,
}

impl Node {
    /// Starts the installed package.
    pub(crate) fn start() -> Self {
        let folder = std::env::var_os("CIAM_OIDC_PROVIDER").map(PathBuf::from);
        let folder = folder.expect("CIAM_OIDC_PROVIDER is what tests/oidc_provider/install prints");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc_provider/issuer.mjs");
        let mut process = Command::new("node")
            .arg(script)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Node.js");
        let mut issuer = String::new();
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        output.read_line(&mut issuer).expect("a line");
        let issuer = issuer.trim().to_owned();
        assert!(issuer.starts_with("http://127.0.0.1:"), "the issuer does not start: {issuer:?}");
        Self { process, _output: output, issuer }
    }

    /// Its name, which is its address.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _ended = self.process.wait();
    }
}
