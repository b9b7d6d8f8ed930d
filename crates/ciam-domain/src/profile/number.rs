//! Numbers in decimal digits, as exact as they were written.

/// How many digits a number may be written with, before and after its point together.
pub const MOST_DIGITS: usize = 30;

/// A decimal number of up to 30 digits, in its one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Number(String);

impl Number {
    /// Reads a decimal number such as `-12.50`: no exponent, no grouping, at most [`MOST_DIGITS`] digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(a, b)| (a, Some(b)));
        let only = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let count = whole.len() + fraction.map_or(0, str::len);
        if !only(whole) || !fraction.is_none_or(only) || count > MOST_DIGITS {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let fraction = fraction.unwrap_or_default().trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        let sign = if whole == "0" && fraction.is_empty() { "" } else { sign };
        Some(Self(format!("{sign}{whole}{point}{fraction}")))
    }

    /// The one spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_spelling() {
        for (text, spelled) in [("007", "7"), ("-0.00", "0"), ("12.50", "12.5"), ("-3.", ""), ("0.10", "0.1")]
        {
            let read = Number::parse(text).map(|number| number.as_str().to_owned());
            assert_eq!(read.unwrap_or_default(), spelled, "{text}");
        }
    }

    #[test]
    fn digits_are_counted_and_nothing_else() {
        let fits = |text: &str| Number::parse(text).is_some();
        let (half, thirty) = ("1".repeat(15), "1".repeat(30));
        assert!(fits(&thirty) && fits(&format!("-{half}.{half}")));
        assert!(!fits(&format!("{thirty}1")) && !fits(&format!("-{half}.{half}1")));
    }

    #[test]
    fn what_is_no_decimal_number_is_refused() {
        for text in ["", "-", "1e3", "0x1", "1,000", "+1", ".5", "--1", "1.2.3", "NaN", " 1", &"1".repeat(31)]
        {
            assert_eq!(Number::parse(text), None, "{text:?}");
        }
    }
}
