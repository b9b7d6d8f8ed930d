//! The style rules that a compiler does not check: sizes, names, lints.

use crate::tree;

const NAMELESS: [&str; 10] =
    ["manager", "helper", "helpers", "util", "utils", "impl", "base", "common", "data", "info"];

/// The words of `CamelCase` or `snake_case`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter == '-' || letter.is_uppercase() {
            words.push(String::new());
        }
        if letter != '_' && letter != '-' {
            words.last_mut().unwrap().extend(letter.to_lowercase());
        }
    }
    words
}

fn says_nothing(name: &str) -> bool {
    words(name).iter().any(|word| NAMELESS.contains(&word.as_str()))
}

/// The types that a file declares.
fn types(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
        let mut parts = line.trim_start_matches("pub ").split([' ', '<', '(', '{', ';', ':', '=']);
        let keyword = parts.next()?;
        let name = parts.next()?;
        ["struct", "enum", "trait", "type", "union"].contains(&keyword).then_some(name)
    })
}

#[test]
fn every_file_is_named_for_what_is_in_it() {
    let bad: Vec<_> =
        tree::sources().into_iter().filter(|file| says_nothing(file.stem())).map(|file| file.path).collect();
    assert_eq!(bad, Vec::<String>::new());
}

#[test]
fn every_type_is_named_for_what_it_is() {
    for file in tree::sources() {
        let bad: Vec<_> = types(&file.text).filter(|name| says_nothing(name)).collect();
        assert_eq!(bad, Vec::<&str>::new(), "in {}", file.path);
    }
}

#[test]
fn empty_names_are_told_from_good_ones() {
    let declared =
        "pub struct UserManager;\npub(crate) enum Flow<T> {}\n    trait DataSource: Send {}\nlet x = 1;";
    let bad: Vec<_> = types(declared).filter(|name| says_nothing(name)).collect();
    assert_eq!(types(declared).count(), 3);
    assert_eq!(bad, ["UserManager", "DataSource"]);
    assert!(says_nothing("sql_helper") && !says_nothing("Database") && !says_nothing("Information"));
}

#[test]
fn files_are_short() {
    let mut lines: Vec<_> =
        tree::sources().into_iter().map(|file| (file.text.lines().count(), file.path)).collect();
    lines.sort();
    let (longest, at) = lines.last().unwrap();
    assert!(*longest <= 400, "{at} has {longest} lines");
    let at_most = |limit: usize| lines.iter().filter(|(count, _)| *count <= limit).count();
    assert!(at_most(150) * 2 >= lines.len(), "fewer than half of the files have 150 lines or less");
    assert!(at_most(300) * 10 >= lines.len() * 9, "fewer than nine in ten files have 300 lines or less");
}

#[test]
fn every_crate_follows_the_lints_of_the_workspace() {
    let manifests: Vec<_> =
        tree::files("crates", "toml").into_iter().filter(|file| file.path.ends_with("/Cargo.toml")).collect();
    assert!(manifests.len() > 5);
    for manifest in manifests {
        assert!(manifest.text.contains("\n[lints]\nworkspace = true\n"), "{}", manifest.path);
    }
}

#[test]
fn no_lint_is_switched_off_without_a_reason() {
    let allow = [concat!("#[", "allow("), concat!("#![", "allow(")];
    for file in tree::sources() {
        assert!(!allow.iter().any(|text| file.text.contains(text)), "{}", file.path);
        for expect in file.text.split(concat!("#[", "expect(")).skip(1) {
            let attribute = expect.split(")]").next().unwrap();
            assert!(attribute.contains("reason ="), "{}: {attribute}", file.path);
        }
    }
}
