//! Calling codes of countries.

/// A calling code of a country or territory (ITU-T E.164, annex to Operational Bulletin 1114): 1 to 3 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode(u16);

/// The number is no calling code of a country or territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this calling code belongs to no country or territory")]
pub struct CountryCodeError;

// Global services (800, 808, 870, 878, 881 to 883, 888, 979) are left out: they are shared-cost, premium,
// satellite and machine numbers, dear to send to and no one's to sign in with.
const ASSIGNED: &[(u16, u16)] = &[
    (1, 1),
    (7, 7),
    (20, 20),
    (27, 27),
    (30, 34),
    (36, 36),
    (39, 41),
    (43, 49),
    (51, 58),
    (60, 66),
    (81, 82),
    (84, 84),
    (86, 86),
    (90, 95),
    (98, 98),
    (211, 213),
    (216, 216),
    (218, 218),
    (220, 258),
    (260, 269),
    (290, 291),
    (297, 299),
    (350, 359),
    (370, 379),
    (380, 383),
    (385, 387),
    (389, 389),
    (420, 421),
    (423, 423),
    (500, 509),
    (590, 599),
    (670, 670),
    (672, 679),
    (680, 683),
    (685, 692),
    (850, 850),
    (852, 853),
    (855, 856),
    (880, 880),
    (886, 886),
    (960, 968),
    (970, 977),
    (992, 996),
    (998, 998),
];

impl CountryCode {
    /// Mainland China.
    pub const CHINA: Self = Self(86);

    /// The calling code with this number.
    ///
    /// # Errors
    /// [`CountryCodeError`] where no country or territory has it; global services count as none.
    pub fn new(number: u16) -> Result<Self, CountryCodeError> {
        let assigned = ASSIGNED.iter().any(|&(first, last)| (first..=last).contains(&number));
        if assigned { Ok(Self(number)) } else { Err(CountryCodeError) }
    }

    /// Reads `86` or `+86`.
    ///
    /// # Errors
    /// [`CountryCodeError`] for anything else, leading zeros included.
    pub fn parse(text: &str) -> Result<Self, CountryCodeError> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !plain || digits.starts_with('0') {
            return Err(CountryCodeError);
        }
        Self::new(digits.parse().map_err(|_| CountryCodeError)?)
    }

    /// The code as a number, 1 to 998.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Splits the digits of an international number after its calling code; no code is the beginning of another.
    pub(super) fn split(digits: &str) -> Result<(Self, &str), CountryCodeError> {
        let mut splits = (1..=3).filter_map(|length| digits.split_at_checked(length));
        splits.find_map(|(code, rest)| Some((Self::parse(code).ok()?, rest))).ok_or(CountryCodeError)
    }
}

impl std::fmt::Display for CountryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_of_countries_are_known_and_those_of_services_are_not() {
        for number in [1, 7, 44, 86, 212, 852, 853, 886, 998] {
            assert_eq!(CountryCode::new(number).map(CountryCode::number), Ok(number));
        }
        for number in [0, 2, 8, 80, 83, 210, 259, 384, 800, 881, 979, 999, 1000] {
            assert_eq!(CountryCode::new(number), Err(CountryCodeError), "{number}");
        }
    }

    #[test]
    fn a_code_is_read_with_and_without_plus() {
        assert_eq!(CountryCode::parse("+86"), Ok(CountryCode::CHINA));
        assert_eq!(CountryCode::parse("86"), Ok(CountryCode::CHINA));
        for text in ["", "+", "++86", "086", "0086", "+ 86", "８６", "CN"] {
            assert_eq!(CountryCode::parse(text), Err(CountryCodeError), "{text}");
        }
    }

    #[test]
    fn no_code_is_the_beginning_of_another() {
        let codes =
            || (1..=999).filter_map(|number| CountryCode::new(number).ok()).map(|code| code.to_string());
        for code in codes() {
            assert_eq!(codes().filter(|other| other.starts_with(&code)).count(), 1, "{code}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = CountryCode::parse(&text);
            let _ = CountryCode::split(&text);
        }
    }
}
