//! What a new password must be.

use zeroize::Zeroizing;

use super::plain::fold;
use super::{Password, PasswordRefusal, blocklist};

/// Why a password policy cannot be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordPolicyError {
    /// The shortest length is out of range.
    #[error("the minimum length of passwords must be 8 to 64 characters, not {0}")]
    MinLength(u16),
    /// The longest length is out of range.
    #[error("the maximum length of passwords must be 64 to 128 characters, not {0}")]
    MaxLength(u16),
    /// The depth of the history is out of range.
    #[error("the password history must be 0 to 24 passwords deep, not {0}")]
    HistoryDepth(u8),
    /// A context word is too short or too long to be looked for.
    #[error("a context word must have 4 to 64 characters, not {0}")]
    ContextWord(usize),
}

/// What a host asks of a new password: length and not being guessable, never composition or rotation
/// (NIST SP 800-63B-4, 3.1.1.2; ASVS 5.0, 6.2.5 and 6.2.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordPolicy {
    min: u16,
    max: u16,
    history: u8,
    words: Vec<Box<str>>,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min: 8, max: Password::MAX_CODE_POINTS, history: 5, words: Vec::new() }
    }
}

impl PasswordPolicy {
    /// The fewest code points of a word or identifier that is looked for inside a password.
    pub const MIN_WORD: usize = 4;

    /// The default policy with at least 15 code points, for hosts whose accounts have no second factor
    /// (NIST SP 800-63B-4, 3.1.1.2).
    #[must_use]
    pub fn without_second_factor() -> Self {
        Self { min: 15, ..Self::default() }
    }

    /// Sets the fewest code points of a password: 8 to 64, by default 8 (ASVS 5.0, 6.2.1).
    ///
    /// # Errors
    /// [`PasswordPolicyError::MinLength`] outside that range.
    pub fn with_min_length(self, min: u16) -> Result<Self, PasswordPolicyError> {
        if (8..=64).contains(&min) {
            Ok(Self { min, ..self })
        } else {
            Err(PasswordPolicyError::MinLength(min))
        }
    }

    /// Sets the most code points of a password: 64 to 128, by default 128 (ASVS 5.0, 6.2.9).
    ///
    /// # Errors
    /// [`PasswordPolicyError::MaxLength`] outside that range.
    pub fn with_max_length(self, max: u16) -> Result<Self, PasswordPolicyError> {
        let fits = (64..=Password::MAX_CODE_POINTS).contains(&max);
        if fits { Ok(Self { max, ..self }) } else { Err(PasswordPolicyError::MaxLength(max)) }
    }

    /// Sets how many of the last passwords may not return: 0 to 24, by default 5, the present one included.
    ///
    /// Each costs one run of the hasher when a password is changed.
    ///
    /// # Errors
    /// [`PasswordPolicyError::HistoryDepth`] outside that range.
    pub fn with_history_depth(self, history: u8) -> Result<Self, PasswordPolicyError> {
        if history <= 24 {
            Ok(Self { history, ..self })
        } else {
            Err(PasswordPolicyError::HistoryDepth(history))
        }
    }

    /// Sets the words no password may hold in any letter case: names of the company, product, town
    /// (ASVS 5.0, 6.1.2 and 6.2.11).
    ///
    /// # Errors
    /// [`PasswordPolicyError::ContextWord`] for a word of fewer than 4 or more than 64 code points.
    pub fn with_context_words(self, words: &[&str]) -> Result<Self, PasswordPolicyError> {
        let words = words.iter().map(|word| context_word(word)).collect::<Result<_, _>>()?;
        Ok(Self { words, ..self })
    }

    /// The fewest code points of a password.
    #[must_use]
    pub fn min_length(&self) -> u16 {
        self.min
    }

    /// The most code points of a password.
    #[must_use]
    pub fn max_length(&self) -> u16 {
        self.max
    }

    /// How many of the last passwords may not return, the present one included.
    #[must_use]
    pub fn history_depth(&self) -> u8 {
        self.history
    }

    /// The context words, in lower case.
    pub fn context_words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(AsRef::as_ref)
    }

    /// Judges a new password by itself; history and breaches are judged where they are known.
    ///
    /// `own` are the names of its owner to be looked for in any letter case and with any separators: user name,
    /// e-mail address and its local part, national digits of the phone number. Those of fewer than 4 letters and
    /// digits are passed over.
    ///
    /// # Errors
    /// The first [`PasswordRefusal`] of: length, list of common passwords, context words, own names.
    pub fn check(&self, password: &Password, own: &[&str]) -> Result<(), PasswordRefusal> {
        let length = password.code_points();
        if length < usize::from(self.min) {
            return Err(PasswordRefusal::TooShort { min: self.min });
        }
        if length > usize::from(self.max) {
            return Err(PasswordRefusal::TooLong { max: self.max });
        }
        let folded = fold(password.expose());
        if blocklist::holds(&folded) {
            return Err(PasswordRefusal::Listed);
        }
        if self.context_words().any(|word| folded.contains(word)) {
            return Err(PasswordRefusal::ContextWord);
        }
        let mut bare = Zeroizing::new(Vec::with_capacity(folded.len()));
        put_letters_and_digits(&folded, &mut bare);
        let mut name = Vec::new();
        for own in own {
            name.clear();
            if own.is_ascii() {
                put_letters_and_digits(own, &mut name);
            } else {
                put_letters_and_digits(&fold(own), &mut name);
            }
            if is_told_by(&name, &bare) {
                return Err(PasswordRefusal::OwnIdentifier);
            }
        }
        Ok(())
    }
}

/// Whether the letters and digits of a name stand in those of a password.
fn is_told_by(name: &[u8], bare: &[u8]) -> bool {
    let long_enough = name.iter().filter(|byte| !is_continuation(**byte)).count() >= PasswordPolicy::MIN_WORD;
    // UTF-8 synchronises itself: the bytes of one text stand in another's only as whole characters.
    long_enough && bare.windows(name.len()).any(|part| part[0] == name[0] && part == name)
}

const fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Separators hide no name: `138 0000 0002` is the phone number all the same. Lower case, where the text is ASCII.
/// Appends what is left of a text; no more bytes than it has.
fn put_letters_and_digits(text: &str, bare: &mut Vec<u8>) {
    if text.is_ascii() {
        bare.reserve(text.len());
        bare.extend(text.bytes().filter(u8::is_ascii_alphanumeric));
        bare.make_ascii_lowercase();
    } else {
        let letters = text.chars().filter(|letter| letter.is_alphanumeric());
        letters.for_each(|letter| bare.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()));
    }
}

fn context_word(word: &str) -> Result<Box<str>, PasswordPolicyError> {
    let folded = fold(word);
    let length = folded.chars().count();
    let fits = (PasswordPolicy::MIN_WORD..=64).contains(&length);
    if fits { Ok(folded.as_str().into()) } else { Err(PasswordPolicyError::ContextWord(length)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judge(policy: &PasswordPolicy, raw: &str, own: &[&str]) -> Result<(), PasswordRefusal> {
        policy.check(&Password::parse(raw)?, own)
    }

    #[test]
    fn seven_are_too_few_and_129_too_many() {
        let policy = PasswordPolicy::default();
        for c in ["~", "é", "e\u{301}", "中", "😀", " "] {
            assert_eq!(judge(&policy, &c.repeat(7), &[]), Err(PasswordRefusal::TooShort { min: 8 }));
            assert_eq!(judge(&policy, &c.repeat(8), &[]), Ok(()), "{c}");
            assert_eq!(judge(&policy, &c.repeat(64), &[]), Ok(()));
            assert_eq!(judge(&policy, &c.repeat(128), &[]), Ok(()));
            assert_eq!(judge(&policy, &c.repeat(129), &[]), Err(PasswordRefusal::TooLong { max: 128 }));
        }
    }

    #[test]
    fn without_a_second_factor_fifteen_are_asked() {
        let policy = PasswordPolicy::without_second_factor();
        assert_eq!(judge(&policy, &"~".repeat(14), &[]), Err(PasswordRefusal::TooShort { min: 15 }));
        assert_eq!(judge(&policy, &"~".repeat(15), &[]), Ok(()));
    }

    #[test]
    fn common_passwords_are_refused_in_any_letter_case() {
        for raw in ["password1", "Password1", "PASSWORD1", "12345678", "QwertyUiop"] {
            assert_eq!(judge(&PasswordPolicy::default(), raw, &[]), Err(PasswordRefusal::Listed), "{raw}");
        }
        assert_eq!(judge(&PasswordPolicy::default(), "a long lower case phrase", &[]), Ok(()));
        assert_eq!(judge(&PasswordPolicy::default(), "password1 and more", &[]), Ok(()));
    }

    #[test]
    fn words_of_the_host_and_names_of_the_owner_are_refused() {
        let policy = PasswordPolicy::default().with_context_words(&["Acmé"]).expect("in range");
        assert_eq!(judge(&policy, "go ACME\u{301} go go", &[]), Err(PasswordRefusal::ContextWord));
        assert_eq!(judge(&policy, "xxZhangSanxx", &["zhangsan"]), Err(PasswordRefusal::OwnIdentifier));
        assert_eq!(
            judge(&policy, "my 13000000000!", &["li", "13000000000"]),
            Err(PasswordRefusal::OwnIdentifier)
        );
        assert_eq!(judge(&policy, "delightful li", &["li", ""]), Ok(()));
    }

    #[test]
    fn the_first_broken_rule_is_the_one_told() {
        let policy = PasswordPolicy::default().with_context_words(&["acme", "password"]).expect("in range");
        assert_eq!(judge(&policy, "acme", &["acme"]), Err(PasswordRefusal::TooShort { min: 8 }));
        assert_eq!(judge(&policy, "password1", &["password1"]), Err(PasswordRefusal::Listed));
        assert_eq!(judge(&policy, "acme and mike", &["mike"]), Err(PasswordRefusal::ContextWord));
    }

    #[test]
    fn settings_out_of_range_are_refused_and_say_the_range() {
        let policy = PasswordPolicy::default;
        assert!(policy().with_min_length(8).and_then(|p| p.with_max_length(64)).is_ok());
        for min in [7, 65] {
            assert_eq!(policy().with_min_length(min), Err(PasswordPolicyError::MinLength(min)));
        }
        for max in [63, 129] {
            assert_eq!(policy().with_max_length(max), Err(PasswordPolicyError::MaxLength(max)));
        }
        assert_eq!(policy().with_history_depth(24).map(|p| p.history_depth()), Ok(24));
        assert_eq!(policy().with_history_depth(25), Err(PasswordPolicyError::HistoryDepth(25)));
        assert_eq!(policy().with_context_words(&["abc"]), Err(PasswordPolicyError::ContextWord(3)));
        assert!(PasswordPolicyError::MinLength(7).to_string().contains("8 to 64"));
    }

    proptest! {
        #[test]
        fn any_characters_make_a_password(raw in "\\PC{8,60}|[ \u{4e00}-\u{4fff}😀-🙏\t\0]{8,60}") {
            let policy = PasswordPolicy::default();
            let password = Password::parse(&raw).expect("short enough");
            let expected = match password.code_points() {
                0..8 => Err(PasswordRefusal::TooShort { min: 8 }),
                _ if blocklist::holds(&fold(&raw)) => Err(PasswordRefusal::Listed),
                _ => Ok(()),
            };
            prop_assert_eq!(policy.check(&password, &[]), expected);
        }
    }

    #[test]
    fn separators_hide_no_name_of_the_owner() {
        let own = ["kim@example.org", "kim", "13800000002"];
        for text in ["Kim@Example.org", "138 0000 0002", "+86 138-0000-0002", "my kim.example.org!"] {
            let password = Password::parse(text).unwrap();
            assert_eq!(
                PasswordPolicy::default().check(&password, &own),
                Err(PasswordRefusal::OwnIdentifier),
                "{text}"
            );
        }
        let password = Password::parse("kimono in the closet").unwrap();
        assert_eq!(
            PasswordPolicy::default().check(&password, &own),
            Ok(()),
            "three letters are too few to look for"
        );
    }

    #[test]
    fn names_are_measured_in_letters_in_any_script() {
        let judged = |name| judge(&PasswordPolicy::default(), "我是欧阳小明今天很开心", &[name]);
        assert_eq!(judged("欧阳小"), Ok(()));
        assert_eq!(judged("欧阳小明"), Err(PasswordRefusal::OwnIdentifier));
    }
}
