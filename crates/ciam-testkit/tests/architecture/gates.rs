//! What must not stand anywhere in a product.

use crate::tree;

/// The text of every call of a formatting macro, up to its closing bracket.
fn formatted(text: &str) -> impl Iterator<Item = &str> {
    ["format!(", "write!(", "writeln!(", "format_args!("].into_iter().flat_map(move |open| {
        text.match_indices(open).map(move |(at, _)| {
            let rest = &text[at + open.len()..];
            let mut depth = 1_usize;
            let end = rest.find(|letter| {
                match letter {
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
                depth == 0
            });
            &rest[..end.unwrap_or(rest.len())]
        })
    })
}

fn builds_sql(text: &str) -> bool {
    const VERBS: [&str; 10] = [
        "SELECT ",
        "INSERT ",
        "UPDATE ",
        "DELETE FROM",
        "CREATE TABLE",
        "DROP ",
        "ALTER ",
        "PRAGMA ",
        " WHERE ",
        " VALUES",
    ];
    formatted(text).any(|call| VERBS.iter().any(|verb| call.contains(verb)))
}

/// Whether the digits stand alone, not inside a longer number.
fn holds_number(text: &str, digits: &str) -> bool {
    text.match_indices(digits).any(|(at, _)| {
        let part_of_number = |letter: char| letter.is_ascii_digit() || letter == '_';
        !text[..at].ends_with(part_of_number) && !text[at + digits.len()..].starts_with(part_of_number)
    })
}

#[test]
fn sql_is_never_put_together_from_text() {
    for file in tree::sources().iter().filter(|file| !file.is_test()) {
        assert!(!builds_sql(&file.text), "{} formats SQL; bind parameters instead", file.path);
    }
}

#[test]
fn formatted_sql_is_seen_over_several_lines() {
    assert!(builds_sql("let q = format!(\n  \"SELECT id FROM {}\",\n  f(t),\n);"));
    assert!(builds_sql("write!(f(), \"x WHERE id = {id}\")?"));
    assert!(!builds_sql("format!(\"a {}\", f(b)); const Q: &str = \"SELECT 1\";"));
}

#[test]
fn sample_credentials_of_vendor_documents_open_nothing() {
    for file in tree::sources().iter().filter(|file| !file.is_test()) {
        for sample in ["966966", "000000"] {
            assert!(!holds_number(file.product(), sample), "{} holds {sample}", file.path);
        }
    }
}

#[test]
fn sample_credentials_are_told_from_longer_numbers() {
    assert!(holds_number("code == \"000000\"", "000000"));
    assert!(!holds_number("13000000000 or 1_000000", "000000"));
}
