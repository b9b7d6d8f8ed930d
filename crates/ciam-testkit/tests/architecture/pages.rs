//! What a page points at exists.

use std::path::Path;

use crate::tree::{self, File};

/// The targets of inline links that stay inside the tree, without their anchors.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://"))
        .filter_map(|target| target.split('#').next())
        .filter(|target| !target.is_empty())
}

/// The Rust files named in back-quotes.
fn named_sources(text: &str) -> impl Iterator<Item = &str> {
    let rust = |name: &&str| Path::new(name).extension().is_some_and(|ending| ending == "rs");
    text.split('`').skip(1).step_by(2).filter(rust).filter(|name| !name.contains('<'))
}

fn ends_with(file: &File, name: &str) -> bool {
    file.path.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

#[test]
fn every_link_leads_to_a_file() {
    for page in tree::files("docs", "md") {
        let directory = tree::root().join(&page.path);
        for link in links(&page.text) {
            assert!(directory.parent().unwrap().join(link).exists(), "{} links to {link}", page.path);
        }
    }
}

#[test]
fn every_source_file_named_in_a_page_exists() {
    let sources = tree::sources();
    for page in tree::files("docs", "md") {
        for name in named_sources(&page.text) {
            assert!(sources.iter().any(|file| ends_with(file, name)), "{} names {name}", page.path);
        }
    }
}

#[test]
fn links_and_names_are_found_in_a_page() {
    let page = "see [a](b/c.md#d), [e](https://f.example/g), `h.rs` and `docs/<slug>.rs`";
    assert_eq!(links(page).collect::<Vec<_>>(), ["b/c.md"]);
    assert_eq!(named_sources(page).collect::<Vec<_>>(), ["h.rs"]);
}
