//! Reads the files of the workspace.

use std::fs;
use std::path::{Path, PathBuf};

/// One file, by its path from the root of the workspace.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// The name without directory and ending.
    pub(crate) fn stem(&self) -> &str {
        Path::new(&self.path).file_stem().and_then(|stem| stem.to_str()).unwrap()
    }

    /// What is compiled into a product: nothing below the first `#[cfg(test)]`.
    pub(crate) fn product(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap()
    }

    /// Whether the whole file serves tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.starts_with("crates/ciam-testkit/")
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The text of a file of the workspace.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files below a directory whose names end in `.ending`.
pub(crate) fn files(directory: &str, ending: &str) -> Vec<File> {
    let root = root();
    let mut found = Vec::new();
    collect(&root.join(directory), ending, &mut found);
    let mut files: Vec<_> = found
        .iter()
        .map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"))
        .map(|path| File { text: read(&path), path })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Every Rust file of every crate.
pub(crate) fn sources() -> Vec<File> {
    let files = files("crates", "rs");
    assert!(files.len() > 50, "the tree was not found");
    files
}

fn collect(directory: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}

/// The rows of every Markdown table of a page, as trimmed cells without their back-quotes.
pub(crate) fn table_rows(text: &str) -> Vec<Vec<String>> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix('|')?.strip_suffix('|'))
        .map(|row| row.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect())
        .collect()
}
