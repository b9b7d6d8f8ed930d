//! Languages, as tags of BCP 47.

use std::sync::Arc;

use super::TermsTextError;

/// A language tag in the spelling of RFC 5646, 2.1.1: `zh-Hans-CN`. Two tags are equal whatever their letter case was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locale(Arc<str>);

impl Locale {
    /// Reads a tag: a language of 2 to 8 letters, then up to 7 subtags of 1 to 8 letters and digits. Whether anybody
    /// registered it is not asked.
    ///
    /// # Errors
    /// [`TermsTextError::Locale`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TermsTextError> {
        let subtags: Vec<&str> = text.split('-').collect();
        let language = subtags.first().is_some_and(|first| {
            (2..=8).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        });
        let shaped = subtags.iter().all(|subtag| {
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if !language || !shaped || subtags.len() > 8 {
            return Err(TermsTextError::Locale);
        }
        let mut single = false;
        let spelled = subtags.iter().enumerate().map(|(place, subtag)| {
            let spelled = spelled(subtag, place > 0 && !single);
            single |= subtag.len() == 1;
            spelled
        });
        Ok(Self(spelled.collect::<Vec<_>>().join("-").into()))
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without script, region and variants.
    #[must_use]
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

/// Regions in upper case, scripts with a capital, all else in lower case; after a subtag of one letter everything is
/// in lower case.
fn spelled(subtag: &str, may_rise: bool) -> String {
    let lower = subtag.to_ascii_lowercase();
    match lower.len() {
        2 if may_rise => lower.to_ascii_uppercase(),
        4 if may_rise => lower[..1].to_ascii_uppercase() + &lower[1..],
        _ => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_is_no_difference() {
        for (text, tag) in [
            ("ZH-cn", "zh-CN"),
            ("zh-hANS-cn", "zh-Hans-CN"),
            ("de", "de"),
            ("es-419", "es-419"),
            ("sl-ROZAJ", "sl-rozaj"),
            ("en-US-X-TWAIN-AB", "en-US-x-twain-ab"),
        ] {
            assert_eq!(Locale::parse(text).unwrap().as_str(), tag);
        }
        assert_eq!(Locale::parse("zh-Hans-CN").unwrap().language(), "zh");
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for text in ["", "z", "zh_CN", "zh-", "-zh", "zh--CN", "12", "zh-CN ", "zh-toolonger", "é-CN"] {
            assert_eq!(Locale::parse(text), Err(TermsTextError::Locale), "{text:?}");
        }
        assert_eq!(Locale::parse(&["a1"; 9].join("-").replacen("a1", "zh", 1)), Err(TermsTextError::Locale));
    }
}
