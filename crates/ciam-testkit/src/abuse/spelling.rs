//! Spellings of one address, and addresses that only look alike: the same verdict on every store.

use ciam::domain::identifier::{CountryCode, EmailAddress, PhoneNumber};
use ciam::domain::user::{Address, Channel, User};
use ciam::ports::store::UniqueField;
use ciam::ports::{Random, StoreError};
use ciam::{Config, Error, Failure, NewContact, NewUser};

use super::MakeWorld;
use super::moves::{ask, asked, code, phone, refused, relay_all, spelling};
use crate::fake::FakeRandom;
use crate::world::World;

/// Every spelling of a mailbox, and those of another one that a store might fold into it.
const MAILBOXES: [(&[&str], &[&str]); 2] = [
    (
        &["mike@example.org", "MIKE@Example.ORG", "Mike@EXAMPLE.org", "mike@ｅxample.org"],
        &[
            "m\u{131}ke@example.org",
            "m\u{130}ke@example.org",
            "mi\u{212a}e@example.org",
            "mike@ex\u{430}mple.org",
            "mike@example.org.example",
            "m\u{ed}ke@example.org",
            "ｍike@example.org",
        ],
    ),
    (
        &[
            "info@bücher.example",
            "INFO@BÜCHER.example",
            "info@xn--bcher-kva.example",
            "info@bu\u{308}cher.example",
        ],
        &[
            "info@bucher.example",
            "info@buecher.example",
            "b\u{fc}cher@bücher.example",
            "bu\u{308}cher@bücher.example",
        ],
    ),
];

/// Spellings of one mailbox are one account's; look-alikes are other mailboxes, on every store.
pub async fn a17_email_spelling(make: MakeWorld<'_>) {
    for (same, others) in MAILBOXES {
        let world = make(plenty());
        let owner = world.ciam.create_user(ciam::Authority::Host, with_email(same[0])).await.unwrap();
        for (n, text) in (1..).zip(same) {
            assert!(
                is_taken(
                    &world.ciam.create_user(ciam::Authority::Host, with_email(text)).await,
                    UniqueField::Email
                ),
                "{text}"
            );
            let refusal = change(&world, n, NewContact::Email(text)).await;
            assert_eq!(refusal, Err("contact.duplicate"), "{text}");
            let sent = world.mailbox.codes().pop().unwrap().to;
            assert_eq!(spelling(&sent), *text, "a message goes to the spelling that was given");
        }
        for (n, text) in (100..).zip(others) {
            assert_eq!(change(&world, n, NewContact::Email(text)).await, Ok(()), "{text}");
            assert!(
                is_taken(
                    &world.ciam.create_user(ciam::Authority::Host, with_email(text)).await,
                    UniqueField::Email
                ),
                "{text}"
            );
        }
        assert_eq!(world.user(&owner.id).await, owner, "nobody else's change reaches it");
    }
}

/// Codes and notices go to the spelling that the store holds, and reading an address again changes nothing.
pub async fn a17_messages_go_to_the_stored_spelling(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("Alice.Of.Wonder", 1).await;
    let who = world.sign_in(&alice).await;
    let flow = asked(&world, &who, phone("13900000001")).await;
    world
        .ciam
        .change_contact(&who, &flow, Channel::Sms, &world.code(&number("+8613900000001")))
        .await
        .unwrap();
    relay_all(&world).await;
    let told: Vec<_> = world.mailbox.notices().into_iter().map(|notice| notice.to).collect();
    let told: Vec<_> = told.iter().map(spelling).collect();
    assert_eq!(told, [spelling(&alice.phone), "Alice.Of.Wonder@example.org"]);
    for text in MAILBOXES.iter().flat_map(|(same, others)| same.iter().chain(*others)) {
        let address = EmailAddress::parse(text).unwrap();
        let again = EmailAddress::parse(address.canonical()).unwrap();
        assert_eq!((again.canonical(), again.original()), (address.canonical(), address.canonical()));
    }
}

/// Spellings of one phone line, each with the region that it is read in.
const SPELLINGS: [(&str, Option<&str>); 11] = [
    ("+86 130 0000 0000", Some("86")),
    ("8613000000000", Some("86")),
    ("13000000000", Some("86")),
    ("13000000000", Some("+86")),
    ("13000000000", None),
    ("008613000000000", Some("86")),
    ("0086 130-0000-0000", Some("1")),
    ("+86 (130) 0000.0000", Some("44")),
    ("１３０００００００００", Some("86")),
    ("＋８６　１３０００００００００", None),
    ("+8613000000000", None),
];

/// What is no phone number of a person.
const NO_NUMBERS: [&str; 20] = [
    "",
    "+",
    "++8613000000000",
    "1300000000O",
    "13000000000x12",
    "13000000000;ext=12",
    "+86 13000000000 ext. 12",
    "13000000000#",
    "10086",
    "110",
    "1300000000",
    "130000000000",
    "013000000000",
    "+861300000000012",
    "+8613000000000123",
    "12345678901234567890",
    "+999 13000000000",
    "+0 13000000000",
    "\u{661}\u{663}\u{660}\u{660}\u{660}\u{660}\u{660}\u{660}\u{660}\u{660}\u{660}",
    "①③⓪⓪⓪⓪⓪⓪⓪⓪⓪",
];

/// Spellings of one phone line are one account's, on every store; what is no number is refused.
pub async fn a18_phone_spelling(make: MakeWorld<'_>) {
    let world = make(plenty());
    let owner =
        world.ciam.create_user(ciam::Authority::Host, with_phone("13000000000", Some("86"))).await.unwrap();
    for (n, (number, region)) in (1..).zip(SPELLINGS) {
        let parsed = with_phone(number, region.or(Some("86")));
        assert_eq!(parsed.phone.as_ref().unwrap().canonical(), "+8613000000000", "{number}");
        assert!(
            is_taken(&world.ciam.create_user(ciam::Authority::Host, parsed).await, UniqueField::Phone),
            "{number}"
        );
        let refusal = change(&world, n, NewContact::Phone { number, region }).await;
        assert_eq!(refusal, Err("contact.duplicate"), "{number} in {region:?}");
        assert_eq!(spelling(&world.mailbox.codes().pop().unwrap().to), "+8613000000000");
    }
    assert_eq!(world.user(&owner.id).await, owner, "nobody else's change reaches it");
    let alice = world.person("alice", 1000).await;
    let who = world.sign_in(&alice).await;
    let flow = world.proven(&who, ciam::domain::flow::Operation::UpdatePhone).await;
    for text in NO_NUMBERS {
        refused(&world, &alice, "contact.malformed", ask(&world, &who, &flow, phone(text))).await;
    }
    for region in ["", "0", "999", "86 ", "８６", "-86", "8686"] {
        let contact = NewContact::Phone { number: "13000000000", region: Some(region) };
        refused(&world, &alice, "contact.malformed", ask(&world, &who, &flow, contact)).await;
    }
}

/// Any text is answered, and what is taken reads the same a second time.
pub async fn a18_no_input_stops_the_host(make: MakeWorld<'_>) {
    const LETTERS: &[&str] =
        &["+", "0", "86", "1", "3", "９", "@", ".", "a", "\u{202e}", "\0", "\r\n", "é", "-", " "];
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let flow = world.proven(&who, ciam::domain::flow::Operation::UpdateEmail).await;
    let chance = FakeRandom::seeded(18);
    for _ in 0..300 {
        let mut bytes = [0; 24];
        chance.fill(&mut bytes).unwrap();
        let text: String = bytes[1..=usize::from(bytes[0] % 23)]
            .iter()
            .map(|byte| LETTERS[usize::from(*byte) % LETTERS.len()])
            .collect();
        if let Ok(number) = PhoneNumber::parse(&text, Some(CountryCode::CHINA)) {
            assert_eq!(PhoneNumber::parse(number.canonical(), None).unwrap(), number);
        }
        if EmailAddress::parse(&text).is_err() {
            let answer = ask(&world, &who, &flow, NewContact::Email(&text)).await;
            assert_eq!(answer.unwrap_err().reason(), "contact.malformed", "{text:?}");
        }
        let answer = ask(&world, &who, &flow, phone(&text)).await.unwrap_err();
        assert!(["contact.malformed", "contact.wrong_channel"].contains(&answer.reason()), "{text:?}");
    }
    assert_eq!(world.mailbox.codes(), []);
}

/// A person asks for a code to an address and presents it.
async fn change(world: &World, n: u16, contact: NewContact<'_>) -> Result<(), &'static str> {
    let person = world.person(&format!("person.{n}"), n).await;
    let who = world.sign_in(&person).await;
    let flow = asked(world, &who, contact).await;
    let sent = world.mailbox.codes().pop().unwrap();
    let channel = sent.to.channel();
    let changed = world.ciam.change_contact(&who, &flow, channel, &code(&sent.digits)).await;
    let kept = world.user(&person.id).await.verified_address(channel).unwrap();
    assert_eq!(kept == sent.to, changed.is_ok());
    assert_eq!(kept == *person.address(channel), changed.is_err());
    changed.map_err(|error| error.reason())
}

fn is_taken(made: &Result<User, Error>, which: UniqueField) -> bool {
    matches!(made, Err(Error::Failed(Failure::Store(StoreError::Conflict { field }))) if *field == which)
}

fn with_email(text: &str) -> NewUser {
    NewUser { email: Some(EmailAddress::parse(text).unwrap()), ..NewUser::default() }
}

fn with_phone(text: &str, region: Option<&str>) -> NewUser {
    let region = region.map(|region| CountryCode::parse(region).unwrap());
    NewUser { phone: Some(PhoneNumber::parse(text, region).unwrap()), ..NewUser::default() }
}

fn number(text: &str) -> Address {
    Address::Phone(PhoneNumber::parse(text, None).unwrap())
}

/// Limits that the corpus does not reach.
fn plenty() -> Config {
    let mut config = Config::default();
    (config.send.per_target_hour, config.send.per_target_day) = (1_000, 1_000);
    config
}
