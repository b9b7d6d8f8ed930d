//! Patterns of texts: regular expressions that are matched in linear time.

use std::sync::{Arc, OnceLock};

use regex::{Regex, RegexBuilder};

/// How long a pattern may be, in characters.
pub const PATTERN_LIMIT: usize = 256;

/// How large a compiled pattern may be, in bytes.
const COMPILED_LIMIT: usize = 1 << 18;

/// How deep groups may be nested.
const NESTING_LIMIT: u32 = 16;

/// Why a text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a pattern is a regular expression of at most 256 characters, without look-around or back-references, and not too large"
)]
pub struct PatternError;

/// A regular expression that a whole text must match. Matching takes time linear in the text (`regex` crate), so no
/// pattern and no text can be made to take long.
#[derive(Clone)]
pub struct Pattern {
    source: Arc<str>,
    compiled: Arc<OnceLock<Option<Regex>>>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`PatternError`] where it is none, or is too long or too large.
    pub fn parse(source: &str) -> Result<Self, PatternError> {
        let pattern = Self::stored(source);
        let fits = source.chars().count() <= PATTERN_LIMIT;
        // By itself too, so that none closes the group that it is put into.
        let sound = fits && !source.is_empty() && compile(source).is_some() && pattern.compiled().is_some();
        if sound { Ok(pattern) } else { Err(PatternError) }
    }

    /// Takes back a pattern that was read before; it is compiled once it is needed, and matches nothing where it is
    /// none.
    #[must_use]
    pub fn stored(source: &str) -> Self {
        Self { source: source.into(), compiled: Arc::default() }
    }

    /// The text of the pattern.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether the whole text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.compiled().is_some_and(|regex| regex.is_match(text))
    }

    fn compiled(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| compile(&format!(r"\A(?:{})\z", self.source))).as_ref()
    }
}

fn compile(source: &str) -> Option<Regex> {
    let mut builder = RegexBuilder::new(source);
    builder.size_limit(COMPILED_LIMIT).dfa_size_limit(COMPILED_LIMIT).nest_limit(NESTING_LIMIT);
    builder.build().ok()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Pattern {}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Pattern").field(&self.source).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_text_must_match() {
        let pattern = Pattern::parse("[A-Z]{2}[0-9]{3}|x").unwrap();
        assert!(pattern.matches("AB123") && pattern.matches("x"));
        for text in ["AB1234", "aAB123", "AB123\n", "xx", ""] {
            assert!(!pattern.matches(text), "{text:?}");
        }
    }

    #[test]
    fn what_could_grow_or_escape_is_no_pattern() {
        let long = "a".repeat(PATTERN_LIMIT + 1);
        let deep = format!("{}a{}", "(".repeat(40), ")".repeat(40));
        for source in ["", "(", "a)|(b", "(?=a)", r"(a)\1", r"(\w{1,100}){1,100}", &long, &deep] {
            assert_eq!(Pattern::parse(source), Err(PatternError), "{source}");
        }
        assert!(!Pattern::stored("(").matches("("), "what is stored and no pattern matches nothing");
    }

    #[test]
    fn a_pattern_made_to_take_long_does_not() {
        let pattern = Pattern::parse("(a*)*b").unwrap();
        assert!(!pattern.matches(&"a".repeat(512)));
    }
}
