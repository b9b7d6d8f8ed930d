//! A snapshot as [`Flow::snapshot`](super::Flow::snapshot) writes it, read piece by piece: the general reader asks of
//! each name which it is. What is written otherwise is left to that one.

use std::str::FromStr;

use super::{FlowV1, ProofV1, StateV1, VERSION};

/// What is left to read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn skip(&mut self, piece: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(piece)?;
        Some(())
    }

    /// A text up to its closing quote, after `piece`.
    fn text(&mut self, piece: &str) -> Option<&'a str> {
        self.skip(piece)?;
        let (text, rest) = self.0.split_once('"')?;
        self.0 = rest;
        let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\');
        plain.then_some(text)
    }

    /// A number of digits alone, after `piece`.
    fn number<N: FromStr>(&mut self, piece: &str) -> Option<N> {
        self.skip(piece)?;
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit())?;
        let (digits, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        let plain = digits == "0" || !digits.starts_with('0');
        digits.parse().ok().filter(|_| plain)
    }

    fn state(&mut self) -> Option<StateV1<'a>> {
        let mut state = StateV1 { at: self.text(r#","state":{"at":""#)?, ..StateV1::default() };
        if let Some(first) = self.text(r#","allowed":[""#) {
            let mut allowed = vec![first];
            while let Some(other) = self.text(",\"") {
                allowed.push(other);
            }
            self.skip("]")?;
            state.allowed = Some(allowed);
        }
        if let Some(method) = self.text(r#","proof":{"method":""#) {
            state.proof = Some(ProofV1 { method, at: self.number(r#","at":"#)? });
            self.skip("}")?;
        }
        state.channel = self.text(r#","channel":""#);
        self.skip("}}")?;
        Some(state)
    }
}

pub(super) fn read(bytes: &[u8]) -> Option<FlowV1<'_>> {
    let mut rest = Rest(std::str::from_utf8(bytes).ok()?);
    let flow = FlowV1 {
        v: rest.number(r#"{"v":"#)?,
        key: rest.text(r#","key":""#)?,
        tenant: rest.text(r#","tenant":""#)?,
        user: rest.text(r#","user":""#)?,
        session: rest.text(r#","session":""#)?,
        stamp: rest.text(r#","stamp":""#)?,
        operation: rest.text(r#","operation":""#)?,
        opened_at: rest.number(r#","opened_at":"#)?,
        expires_at: rest.number(r#","expires_at":"#)?,
        revision: rest.number(r#","revision":"#)?,
        sends: rest.number(r#","sends":"#)?,
        password_tries: rest.number(r#","password_tries":"#)?,
        state: rest.state()?,
    };
    (flow.v == VERSION && rest.0.is_empty()).then_some(flow)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEAD: &str = concat!(
        r#"{"v":1,"key":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","tenant":"default","#,
        r#""user":"u","session":"s","stamp":"0123456789abcdef0123456789abcdef","operation":"UPDATE_PASSWORD","#,
        r#""opened_at":7,"expires_at":8,"revision":0,"sends":2,"password_tries":1,"state":"#,
    );

    const STATES: [&str; 6] = [
        r#"{"at":"awaiting_factor","allowed":["SMS"]}"#,
        r#"{"at":"awaiting_factor","allowed":["SMS","PWD"]}"#,
        r#"{"at":"ready"}"#,
        r#"{"at":"ready","proof":{"method":"SMS","at":7}}"#,
        r#"{"at":"awaiting_address","channel":"SMS"}"#,
        r#"{"at":"awaiting_address","proof":{"method":"SMS","at":7},"channel":"EMAIL"}"#,
    ];

    fn general(text: &[u8]) -> Option<FlowV1<'_>> {
        serde_json::from_slice::<FlowV1<'_>>(text).ok().filter(|flow| flow.v == VERSION)
    }

    #[test]
    fn every_state_is_read_as_the_general_reader_reads_it() {
        for state in STATES {
            let text = format!("{HEAD}{state}}}");
            assert!(read(text.as_bytes()).is_some(), "{text}");
            assert_eq!(read(text.as_bytes()), general(text.as_bytes()));
        }
    }

    proptest! {
        #[test]
        fn what_the_general_reader_refuses_is_not_read(state in 0..6_usize, place in 0..400_usize, byte: u8, insert: bool) {
            let mut text = format!("{HEAD}{}}}", STATES[state]).into_bytes();
            let place = place % text.len();
            if insert { text.insert(place, byte) } else { text[place] = byte }
            if let Some(flow) = read(&text) {
                prop_assert_eq!(Some(flow), general(&text));
            }
            text.truncate(place);
            prop_assert_eq!(read(&text), None);
        }
    }
}
