//! The passwords that are guessed first.
//!
//! `blocklist.txt` holds the 10,500 most common leaked passwords of at least 8 code points, merged by best rank from
//! public frequency lists, and with them all others of 15 or more that those lists have; lower case, NFC, one to a
//! line, in the order of their bytes. Shorter ones are left out because no policy takes them. ASVS 5.0, 6.2.4 asks
//! for at least 3,000.

use std::sync::LazyLock;

/// Shortest first: a comparison looks at the letters only where the lengths are the same.
static LINES: LazyLock<Box<[&'static str]>> = LazyLock::new(|| {
    let mut lines: Box<[_]> = include_str!("blocklist.txt").lines().collect();
    lines.sort_unstable_by_key(|line| by_length(line));
    lines
});

/// Whether the folded text is on the list; about 14 comparisons, no allocation.
pub(super) fn holds(folded: &str) -> bool {
    LINES.binary_search_by_key(&by_length(folded), |line| by_length(line)).is_ok()
}

const fn by_length(text: &str) -> (usize, &str) {
    (text.len(), text)
}

#[cfg(test)]
mod tests {
    use super::super::plain::fold;
    use super::*;

    #[test]
    fn the_list_is_long_enough_and_in_order() {
        assert!(LINES.len() >= 10_000, "{}", LINES.len());
        assert!(include_str!("blocklist.txt").lines().is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn every_entry_could_be_looked_up() {
        for line in LINES.iter() {
            assert!((8..=128).contains(&line.chars().count()), "{line:?}");
            assert_eq!(fold(line).as_str(), *line);
        }
    }

    #[test]
    fn the_best_known_are_on_it() {
        for text in ["password1", "12345678", "qwertyuiop", "iloveyou", "1q2w3e4r"] {
            assert!(holds(text), "{text}");
        }
        assert!(!holds("correct horse battery staple"));
    }
}
