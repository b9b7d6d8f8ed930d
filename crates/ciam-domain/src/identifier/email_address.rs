//! E-mail addresses: one mailbox, many spellings.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use addr_spec::AddrSpec;

const MASK: &str = "******";

/// Why a text is no e-mail address that can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmailAddressError {
    /// More than 254 octets, or a local part of more than 64 (RFC 5321, 4.5.3.1; RFC 3696, erratum 1690).
    #[error("an e-mail address has at most 254 octets, at most 64 of them before the '@'")]
    TooLong,
    /// A control, white-space or invisible character anywhere in it.
    #[error("an e-mail address holds no spaces, control or invisible characters")]
    Character,
    /// Not one bare address: a display name, list, comment or quoted local part, or no address at all.
    #[error("this is not a single plain e-mail address")]
    Malformed,
    /// The part after the '@' is an IP address or no valid domain name (RFC 1123, 2.1; UTS #46).
    #[error("the domain of the e-mail address is not a domain name")]
    Domain,
    /// The text is a masked address as [`EmailAddress::masked`] writes it.
    #[error("a masked e-mail address is not an e-mail address")]
    Masked,
}

/// One mailbox, compared by its canonical form and written to in the spelling that was given.
///
/// Canonical: the ASCII letters of the local part in lower case and nothing else changed, not even by Unicode
/// normalisation (which would turn U+212A into `K`); the domain in its IDNA ASCII form, in lower case.
#[derive(Clone)]
pub struct EmailAddress {
    original: Arc<str>,
    canonical: Arc<str>,
    at: usize,
}

impl EmailAddress {
    /// Reads one bare address (`addr-spec` of RFC 5322, 3.4.1, with RFC 6532), without quoted local parts, which
    /// RFC 5321, 4.1.2 advises against. Nothing is trimmed.
    ///
    /// # Errors
    /// The [`EmailAddressError`] that names the broken rule.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        if text.len() > 254 {
            return Err(EmailAddressError::TooLong);
        }
        if let Some(at) = place_of_at_if_plain(text) {
            return Ok(Self { original: text.into(), canonical: text.to_ascii_lowercase().into(), at });
        }
        Self::parse_any(text)
    }

    fn parse_any(text: &str) -> Result<Self, EmailAddressError> {
        if text.chars().any(is_unseen) {
            return Err(EmailAddressError::Character);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailAddressError::Malformed)?;
        if local.len() > 64 {
            return Err(EmailAddressError::TooLong);
        }
        if domain.starts_with('[') {
            return Err(EmailAddressError::Domain);
        }
        if local.starts_with('"') || text.parse::<AddrSpec>().is_err() {
            return Err(EmailAddressError::Malformed);
        }
        if local.ends_with(MASK) {
            return Err(EmailAddressError::Masked);
        }
        let domain = ascii_domain(domain)?;
        let canonical = format!("{}@{domain}", local.to_ascii_lowercase());
        if canonical.len() > 254 {
            return Err(EmailAddressError::TooLong);
        }
        Ok(Self { original: text.into(), canonical: canonical.into(), at: local.len() })
    }

    /// The form that is compared, looked up and kept unique.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The spelling as given; messages go to it.
    #[must_use]
    pub fn original(&self) -> &str {
        &self.original
    }

    /// The canonical part before the '@'.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.canonical.get(..self.at).unwrap_or_default()
    }

    /// The canonical part after the '@': ASCII, lower case, no trailing dot.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.canonical.get(self.at.saturating_add(1)..).unwrap_or_default()
    }

    /// Whether the domain is a single label, as in `root@localhost`.
    #[must_use]
    pub fn is_dotless(&self) -> bool {
        !self.domain().contains('.')
    }

    /// The address for the eyes of its owner: the first characters, six stars, the domain
    /// (`tes******@gmail.com`).
    ///
    /// Of a local part of n characters the first n / 2 are shown, rounded down and at most 3.
    #[must_use]
    pub fn masked(&self) -> String {
        let shown = (self.local_part().chars().count() / 2).min(3);
        let mut text: String = self.local_part().chars().take(shown).collect();
        text.push_str(MASK);
        text.push('@');
        text.push_str(self.domain());
        text
    }
}

/// Where the '@' stands in an address of plain form, in which almost all are and all are read again and again: dots
/// apart, letters, digits, '-', '_' and '+' before it, and a domain of at least two labels, the last one letters alone
/// and none of them encoded. Every rule holds for such an address, and its canonical form is in lower case.
fn place_of_at_if_plain(text: &str) -> Option<usize> {
    let (local, domain) = text.split_once('@').filter(|(local, _)| local.len() <= 64)?;
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+".contains(&b))
    };
    let label = |label: &str| {
        let known = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let encoded = label.as_bytes().get(2..4) == Some(b"--");
        (1..=63).contains(&label.len())
            && known
            && !encoded
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let (_, last) = domain.rsplit_once('.')?;
    let named =
        domain.len() <= 253 && domain.split('.').all(label) && last.bytes().all(|b| b.is_ascii_alphabetic());
    (local.split('.').all(word) && named).then_some(local.len())
}

/// The domain as resolvers see it; names that a resolver could take for an IPv4 address are refused.
fn ascii_domain(domain: &str) -> Result<String, EmailAddressError> {
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| EmailAddressError::Domain)?;
    let last = ascii.rsplit('.').next().unwrap_or_default();
    let digits = last.bytes().all(|b| b.is_ascii_digit());
    let hex = last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    if digits || hex { Err(EmailAddressError::Domain) } else { Ok(ascii) }
}

/// Characters that leave no mark: they break lines in headers or make two addresses look alike.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for EmailAddress {}

impl PartialOrd for EmailAddress {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EmailAddress {
    fn cmp(&self, other: &Self) -> Ordering {
        self.canonical.cmp(&other.canonical)
    }
}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

impl std::fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EmailAddress({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn email(text: &str) -> EmailAddress {
        EmailAddress::parse(text).expect("an address")
    }

    #[test]
    fn letter_case_is_no_difference_and_the_spelling_is_kept() {
        assert_eq!(email("MIKE@Example.ORG"), email("mike@example.org"));
        assert_eq!(email("MIKE@Example.ORG").original(), "MIKE@Example.ORG");
        assert_eq!(email("MIKE@Example.ORG").canonical(), "mike@example.org");
    }

    #[test]
    fn look_alikes_outside_ascii_are_other_addresses() {
        for other in ["m\u{131}ke@example.org", "mi\u{212a}e@example.org", "mike@ex\u{430}mple.org"] {
            assert_ne!(email(other), email("mike@example.org"));
        }
    }

    #[test]
    fn an_international_domain_equals_its_punycode() {
        assert_eq!(email("用户@例子.中国"), email("用户@xn--fsqu00a.XN--fiqs8s"));
        assert_eq!(email("用户@例子.中国").domain(), "xn--fsqu00a.xn--fiqs8s");
    }

    #[test]
    fn only_one_bare_address_is_taken() {
        for text in
            ["", "@", "a", "a@", "@b.org", "Mike <a@b.org>", "<a@b.org>", "a@b.org,c@d.org", "a(x)@b.org"]
        {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
        for text in [
            "\"a b\"@b.org",
            "\"a\"@b.org",
            "a..b@c.org",
            ".a@b.org",
            "a@b@c.org",
            "a@b.org;c@d.org",
            "a@b.org.",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn nothing_unseen_gets_in() {
        for c in
            ['\r', '\n', '\0', '\t', ' ', '\u{1b}', '\u{85}', '\u{2028}', '\u{202e}', '\u{200b}', '\u{3000}']
        {
            for text in
                [format!("a{c}b@c.org"), format!("a@c.org{c}"), format!("{c}a@c.org"), format!("a@c{c}d.org")]
            {
                assert_eq!(EmailAddress::parse(&text), Err(EmailAddressError::Character), "{text:?}");
            }
        }
    }

    #[test]
    fn an_ip_address_or_a_broken_name_is_no_domain() {
        for text in [
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
            "a@127.0.0.1",
            "a@1",
            "a@b.0x7f",
            "a@b.org。",
            "a@-b.org",
            "a@b_c.org",
        ] {
            assert_eq!(EmailAddress::parse(text), Err(EmailAddressError::Domain), "{text:?}");
        }
    }

    #[test]
    fn sixty_four_octets_before_the_at_and_254_in_all_are_the_most() {
        assert!(EmailAddress::parse(&format!("{}@b.org", "a".repeat(64))).is_ok());
        assert_eq!(
            EmailAddress::parse(&format!("{}@b.org", "a".repeat(65))),
            Err(EmailAddressError::TooLong)
        );
        let label = "b".repeat(63);
        let domain = format!("{label}.{label}.{label}");
        assert!(EmailAddress::parse(&format!("{}@{domain}", "a".repeat(62))).is_ok());
        assert_eq!(
            EmailAddress::parse(&format!("{}@{domain}", "a".repeat(63))),
            Err(EmailAddressError::TooLong)
        );
    }

    #[test]
    fn a_mask_shows_at_most_half_and_is_never_taken_back() {
        assert_eq!(email("testing@gmail.com").masked(), "tes******@gmail.com");
        assert_eq!(email("mike@b.org").masked(), "mi******@b.org");
        assert_eq!(email("a@b.org").masked(), "******@b.org");
        assert_eq!(EmailAddress::parse("tes******@gmail.com"), Err(EmailAddressError::Masked));
        assert_eq!(format!("{:?}", email("testing@gmail.com")), "EmailAddress(tes******@gmail.com)");
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = EmailAddress::parse(&text);
        }

        #[test]
        fn a_plain_form_is_read_as_the_rules_read_it(text in "[a-zA-Z0-9._+x-]{1,8}@[a-zA-Z0-9xn.-]{1,9}[.]?[a-zA-Z0x-]{1,5}") {
            if place_of_at_if_plain(&text).is_some() {
                let (short, long) = (EmailAddress::parse(&text), EmailAddress::parse_any(&text));
                prop_assert_eq!(short.as_ref().map(|address| address.at), long.as_ref().map(|address| address.at));
                prop_assert_eq!(short, long);
            }
        }

        #[test]
        fn parsing_settles_at_once(text in "[a-zA-Z0-9.\u{131}\u{e9}\u{212a}*+]{1,12}@[a-zA-Z0-9.\u{df}\u{4e2d}-]{1,12}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert_eq!(address.original(), &text);
                let again = EmailAddress::parse(address.canonical()).expect("canonical parses");
                prop_assert_eq!(again.canonical(), address.canonical());
                prop_assert_eq!(&again, &address);
                prop_assert!(EmailAddress::parse(&address.masked()).is_err());
            }
        }
    }
}
