//! E-mail addresses and phone numbers.

use ciam_domain::identifier::{CountryCode, EmailAddress, PhoneNumber};

use crate::runner::Fuzz;

#[test]
fn e_mail_addresses() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/email");
    Fuzz { corpus, more: Vec::new(), inputs: 20_000 }.run(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let Ok(address) = EmailAddress::parse(text) else { return };
        assert_eq!(address.original(), text);
        let (canonical, masked) = (address.canonical(), address.masked());
        assert_eq!(canonical, format!("{}@{}", address.local_part(), address.domain()));
        assert!(canonical.len() <= 254 && !canonical.chars().any(char::is_control));
        assert!(!canonical.bytes().any(|byte| byte.is_ascii_uppercase()) && address.domain().is_ascii());
        let again = EmailAddress::parse(canonical).expect("the canonical form is an address");
        assert_eq!((again.canonical(), &again), (canonical, &address));
        let shouted = EmailAddress::parse(&text.to_ascii_uppercase()).expect("letter case is no difference");
        assert_eq!(shouted, address);
        assert!(masked != text && masked != canonical);
        assert!(EmailAddress::parse(&masked).is_err(), "a mask is no address");
        assert_eq!(format!("{address:?}"), format!("EmailAddress({masked})"));
    });
}

fn wide(text: &str) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).filter(|_| c.is_ascii_digit()).unwrap_or(c);
    text.chars().map(wide).collect()
}

#[test]
fn phone_numbers() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/phone");
    let regions = [None].into_iter().chain([1, 39, 44, 86].map(|code| CountryCode::new(code).ok()));
    Fuzz { corpus, more: Vec::new(), inputs: 20_000 }.run(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        for region in regions.clone() {
            let Ok(number) = PhoneNumber::parse(text, region) else { continue };
            let (canonical, masked) = (number.canonical(), number.masked());
            assert_eq!(canonical, format!("+{}{}", number.country(), number.national()));
            assert!(
                (9..=16).contains(&canonical.len()) && canonical[1..].bytes().all(|b| b.is_ascii_digit())
            );
            assert!(masked.contains('*') && masked != text);
            for other in regions.clone() {
                assert_eq!(PhoneNumber::parse(canonical, other).as_ref(), Ok(&number));
                assert_eq!(PhoneNumber::parse(&number.spaced(), other).as_ref(), Ok(&number));
                assert!(PhoneNumber::parse(&masked, other).is_err(), "a mask is no number");
            }
            assert_eq!(PhoneNumber::parse(&wide(text), region).as_ref(), Ok(&number));
            assert!(!format!("{number:?}").contains(number.national()));
        }
    });
}
