//! Phone numbers: one line, many ways to write it.

use std::sync::Arc;

use super::CountryCode;

/// Why a text is no phone number that can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhoneNumberError {
    /// Something other than digits, one leading plus and the separators space, `-`, `.`, `(` and `)`.
    #[error("a phone number holds digits, one leading '+', and spaces, '-', '.', '(' or ')'")]
    Character,
    /// More than 15 digits with the calling code (ITU-T E.164, 6.2.1), or fewer than 8, as short codes have.
    #[error("a phone number has 8 to 15 digits with its calling code")]
    Length,
    /// The calling code belongs to no country or territory.
    #[error("this calling code belongs to no country or territory")]
    CountryCode,
    /// The number is a national one and no region was given to read it in.
    #[error("a phone number without calling code needs a region")]
    RegionMissing,
    /// The numbering plan of the country has no such number for a person.
    #[error("this is not a personal number of its country")]
    NationalNumber,
}

/// One phone line in the form of ITU-T E.164.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber {
    canonical: Arc<str>,
    country: CountryCode,
}

impl PhoneNumber {
    /// Reads an international number (`+86…`, `0086…`), or a national one of `default_region`.
    ///
    /// Full-width forms count as their ASCII ones. In regions whose national numbers have one length, 86 and 1,
    /// a number that is too long for the plan by exactly the calling code it begins with carries that code
    /// (`8613000000000`); this is no ambiguity, since such a number cannot be a national one. Elsewhere digits
    /// without a prefix are the national number as they stand. A trunk prefix (`0`) is refused, not guessed away.
    ///
    /// # Errors
    /// The [`PhoneNumberError`] that names the broken rule.
    pub fn parse(text: &str, default_region: Option<CountryCode>) -> Result<Self, PhoneNumberError> {
        if let Some(number) = Self::plain(text) {
            return number;
        }
        Self::any(text, default_region)
    }

    /// Reads a number as [`PhoneNumber::canonical`] writes it; `None` for any other spelling.
    fn plain(text: &str) -> Option<Result<Self, PhoneNumberError>> {
        let digits = text.strip_prefix('+').filter(|_| (9..=16).contains(&text.len()))?;
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let Ok((country, national)) = CountryCode::split(digits) else {
            return Some(Err(PhoneNumberError::CountryCode));
        };
        let fits = fits_plan(country, national);
        let number = || Self { canonical: text.into(), country };
        Some(fits.then(number).ok_or(PhoneNumberError::NationalNumber))
    }

    fn any(text: &str, default_region: Option<CountryCode>) -> Result<Self, PhoneNumberError> {
        let (plus, digits) = strip(text)?;
        let international = if plus { Some(digits.as_str()) } else { digits.strip_prefix("00") };
        if let Some(digits) = international {
            let (country, national) =
                CountryCode::split(digits).map_err(|_| PhoneNumberError::CountryCode)?;
            return Self::assemble(country, national);
        }
        let country = default_region.ok_or(PhoneNumberError::RegionMissing)?;
        let rest = digits.strip_prefix(&country.to_string());
        match rest.filter(|rest| has_one_length(country) && fits_plan(country, rest)) {
            Some(national) => Self::assemble(country, national),
            None => Self::assemble(country, &digits),
        }
    }

    fn assemble(country: CountryCode, national: &str) -> Result<Self, PhoneNumberError> {
        let canonical = format!("+{country}{national}");
        if !(9..=16).contains(&canonical.len()) {
            return Err(PhoneNumberError::Length);
        }
        if !fits_plan(country, national) {
            return Err(PhoneNumberError::NationalNumber);
        }
        Ok(Self { canonical: canonical.into(), country })
    }

    /// The number in E.164 (`+8613000000000`): what is compared, looked up, kept unique and sent to.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The calling code.
    #[must_use]
    pub fn country(&self) -> CountryCode {
        self.country
    }

    /// The digits after the calling code.
    #[must_use]
    pub fn national(&self) -> &str {
        CountryCode::split(self.canonical.trim_start_matches('+')).map_or("", |(_, national)| national)
    }

    /// The number with a space after the calling code (`+86 13000000000`), as some dialects write it.
    #[must_use]
    pub fn spaced(&self) -> String {
        format!("+{} {}", self.country, self.national())
    }

    /// The number for the eyes of its owner, without calling code.
    ///
    /// Eleven digits show the first 3 and the last 4 around four stars (`151****2326`), the common form in
    /// China. Of any other count n the first and the last n / 4, rounded down, are shown around one star for
    /// each hidden digit.
    #[must_use]
    pub fn masked(&self) -> String {
        let digits = self.national();
        let (first, last) = match digits.len() {
            11 => (3, 4),
            n => (n / 4, n / 4),
        };
        let hidden = digits.len().saturating_sub(first + last);
        let head = digits.get(..first).unwrap_or_default();
        let tail = digits.get(first + hidden..).unwrap_or_default();
        format!("{head}{}{tail}", "*".repeat(hidden))
    }
}

/// Whether the numbering plan gives every personal number the same length.
fn has_one_length(country: CountryCode) -> bool {
    matches!(country.number(), 1 | 86)
}

/// Whether the digits may be a personal number of the country, as far as is known without its tables.
fn fits_plan(country: CountryCode, national: &str) -> bool {
    match country.number() {
        // The mobile plan of mainland China; a landline could not be sent a code.
        86 => national.len() == 11 && national.starts_with('1'),
        // The North American plan: area codes begin with 2 to 9.
        1 => national.len() == 10 && !national.starts_with(['0', '1']),
        // Plans whose significant numbers may begin with 0.
        39 | 225 | 241 | 242 | 378 | 379 => true,
        _ => !national.starts_with('0'),
    }
}

/// Takes the separators out; tells whether a plus stood in front, and the digits in ASCII.
fn strip(text: &str) -> Result<(bool, String), PhoneNumberError> {
    let (mut plus, mut digits) = (false, String::with_capacity(text.len().min(18)));
    for c in text.chars() {
        match narrow(c) {
            '+' if !plus && digits.is_empty() => plus = true,
            digit if digit.is_ascii_digit() => digits.push(digit),
            ' ' | '-' | '.' | '(' | ')' => {}
            _ => return Err(PhoneNumberError::Character),
        }
        // Two more than E.164 has, for the prefix 00.
        if digits.len() > 17 {
            return Err(PhoneNumberError::Length);
        }
    }
    if digits.is_empty() { Err(PhoneNumberError::Length) } else { Ok((plus, digits)) }
}

/// The ASCII form of a full-width character; any other character as it is.
fn narrow(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

impl std::fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PhoneNumber(+{} {})", self.country, self.masked())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CN: Option<CountryCode> = Some(CountryCode::CHINA);

    fn region(number: u16) -> Option<CountryCode> {
        CountryCode::new(number).ok()
    }

    #[test]
    fn every_spelling_is_one_number() {
        let spellings =
            ["+86 130 0000 0000", "8613000000000", "13000000000", "008613000000000", "(+86) 130-0000.0000"];
        let wide = ["＋８６１３０００００００００", "１３０００００００００", "+86\u{3000}130（0000）0000"];
        for text in spellings.into_iter().chain(wide) {
            let number = PhoneNumber::parse(text, CN).expect(text);
            assert_eq!(number.canonical(), "+8613000000000", "{text}");
        }
    }

    #[test]
    fn an_international_number_needs_no_region_and_a_national_one_does() {
        assert!(PhoneNumber::parse("+8613000000000", None).is_ok());
        assert!(PhoneNumber::parse("0044 7911 123456", None).is_ok());
        assert_eq!(PhoneNumber::parse("13000000000", None), Err(PhoneNumberError::RegionMissing));
    }

    #[test]
    fn the_parts_are_told_apart() {
        let number = PhoneNumber::parse("+86 151 0000 2326", None).expect("a number");
        assert_eq!((number.country(), number.national()), (CountryCode::CHINA, "15100002326"));
        assert_eq!(number.spaced(), "+86 15100002326");
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in
            ["+86 130 0000 000x", "13000000000 ext. 5", "13000000000;5", "13000000000#5", "+86+13000000000"]
        {
            assert_eq!(PhoneNumber::parse(text, CN), Err(PhoneNumberError::Character), "{text}");
        }
        for text in ["", "+", " ", "10086x", "86+13000000000", "１３０Ａ", "1300000\n0000", "٠١٢٣٤٥٦٧٨"]
        {
            assert!(PhoneNumber::parse(text, CN).is_err(), "{text:?}");
        }
        for text in ["110", "10086", "+86110", "+861300000000000", "+4412345678901234", "0000000000000000000"]
        {
            assert!(PhoneNumber::parse(text, CN).is_err(), "{text}");
        }
    }

    #[test]
    fn sixteen_digits_are_too_many() {
        assert!(PhoneNumber::parse("+491234567890123", None).is_ok());
        assert_eq!(PhoneNumber::parse("+4912345678901234", None), Err(PhoneNumberError::Length));
        assert_eq!(PhoneNumber::parse("00491234567890123", None).map(|n| n.national().len()), Ok(13));
    }

    #[test]
    fn calling_codes_nobody_has_are_refused() {
        for text in ["+999 1234 5678", "+210 1234 5678", "+0086 13000000000", "+979 123 456 789"] {
            assert_eq!(PhoneNumber::parse(text, CN), Err(PhoneNumberError::CountryCode), "{text}");
        }
    }

    #[test]
    fn mainland_numbers_are_mobile_ones() {
        for text in ["+86 10 8888 8888", "+86 23000000000", "+86 1300000000", "013000000000"] {
            assert_eq!(PhoneNumber::parse(text, CN), Err(PhoneNumberError::NationalNumber), "{text}");
        }
    }

    #[test]
    fn a_leading_code_without_plus_is_seen_only_where_it_is_certain() {
        let us = PhoneNumber::parse("1 202 555 0123", region(1)).expect("a number");
        assert_eq!(us, PhoneNumber::parse("202 555 0123", region(1)).expect("a number"));
        let uk = PhoneNumber::parse("4479111234", region(44)).expect("a number");
        assert_eq!(uk.canonical(), "+444479111234");
        assert_eq!(PhoneNumber::parse("07911 123456", region(44)), Err(PhoneNumberError::NationalNumber));
        assert!(PhoneNumber::parse("06 1234 5678", region(39)).is_ok());
    }

    #[test]
    fn a_mask_hides_the_middle_and_is_never_taken_back() {
        let masked = |text| PhoneNumber::parse(text, CN).expect("a number").masked();
        assert_eq!(masked("15100002326"), "151****2326");
        assert_eq!(masked("+1 202 555 0123"), "20******23");
        assert_eq!(masked("+852 5123 4567"), "51****67");
        assert_eq!(PhoneNumber::parse("151****2326", CN), Err(PhoneNumberError::Character));
        let number = PhoneNumber::parse("15100002326", CN).expect("a number");
        assert_eq!(format!("{number:?}"), "PhoneNumber(+86 151****2326)");
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = PhoneNumber::parse(&text, None);
            let _ = PhoneNumber::parse(&text, CN);
        }

        #[test]
        fn a_plain_number_is_what_it_is_among_others(text in "\\+[0-9]{8,15}") {
            prop_assert_eq!(PhoneNumber::plain(&text), Some(PhoneNumber::any(&text, None)));
        }

        #[test]
        fn parsing_settles_at_once(text in "[+＋]?[0-9０-９ ().-]{7,20}", code in prop::sample::select(vec![1u16, 39, 44, 86])) {
            if let Ok(number) = PhoneNumber::parse(&text, region(code)) {
                prop_assert_eq!(PhoneNumber::parse(number.canonical(), None), Ok(number.clone()));
                prop_assert_eq!(PhoneNumber::parse(&number.spaced(), region(44)), Ok(number.clone()));
                prop_assert!((9..=16).contains(&number.canonical().len()));
                prop_assert!(PhoneNumber::parse(&number.masked(), CN).is_err());
            }
        }
    }
}
